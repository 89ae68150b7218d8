"""The secret that signs sessions, form tokens and API tokens: one file, made at first use."""

import secrets
from pathlib import Path

from alerting.keyfile import secret
from humiao.errors import SettingsError

LENGTH = 32
"""Bytes."""


def signing_key(folder: Path) -> bytes:
    """The key in `folder`/session.key (mode 0600); made if there is none. Deleting the file ends all sessions and tokens.

    Raises:
        SettingsError: the file can't be read or written, or is too short to be a key.
    """
    file = folder / "session.key"
    key = secret(file, secrets.token_bytes(LENGTH))
    if len(key) < LENGTH:
        raise SettingsError(
            f"{file}: has {len(key)} bytes, a key has {LENGTH}; delete it and a new one is made (all sign in again)"
        )
    return key
