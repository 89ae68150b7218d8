"""The installation's signature under evidence: Ed25519 (RFC 8032)."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from alerting.keyfile import secret
from humiao.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with the key of one installation."""

    key: Ed25519PrivateKey

    @classmethod
    def open(cls, data: Path) -> "Signer":
        """With the key in ``DATA/keys/evidence.pem``, created if there is none.

        Raises:
            SettingsError: the file can't be used or holds no Ed25519 key.
        """
        file = data / "keys" / "evidence.pem"
        fresh = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            key = load_pem_private_key(secret(file, fresh), password=None)
        except ValueError as error:
            raise SettingsError(f"{file}: is no private key in PEM; restore it from your backup") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise SettingsError(f"{file}: is no Ed25519 key; restore it from your backup")
        return cls(key)

    @property
    def public_key(self) -> str:
        """The public key, base64 of its 32 bytes."""
        return base64.b64encode(self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

    def sign(self, content: bytes) -> str:
        """Signature, base64 of its 64 bytes."""
        return base64.b64encode(self.key.sign(content)).decode()


def signed_by(public_key: str, signature: str, content: bytes) -> bool:
    """Whether `signature` is that of `public_key` under `content`; both base64 exactly as `Signer` writes it."""
    try:
        raw_key, raw_signature = base64.b64decode(public_key, validate=True), base64.b64decode(signature, validate=True)
        if base64.b64encode(raw_key).decode() != public_key or base64.b64encode(raw_signature).decode() != signature:
            return False
        Ed25519PublicKey.from_public_bytes(raw_key).verify(raw_signature, content)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def fingerprint(public_key: str) -> str:
    """Short name of a public key, to compare by eye or phone: first 32 hex digits of SHA-256 over its base64."""
    return hashlib.sha256(public_key.encode()).hexdigest()[:32]
