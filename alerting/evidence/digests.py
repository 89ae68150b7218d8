"""The two hashes of every part: SHA-256 (FIPS 180-4) for everybody, SM3 (GB/T 32905-2016) by Chinese standards."""

import hashlib

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from humiao.errors import SettingsError


def sha256(content: bytes) -> str:
    """SHA-256, 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def sm3(content: bytes) -> str:
    """SM3, 64 hex digits.

    Raises:
        SettingsError: the cryptography package stands on an OpenSSL without SM3.
    """
    try:
        digest = hashes.Hash(hashes.SM3())
    except UnsupportedAlgorithm as error:
        raise SettingsError("SM3: the OpenSSL below Python's cryptography has none; install cryptography from PyPI") from error
    digest.update(content)
    return digest.finalize().hex()
