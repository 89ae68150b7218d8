"""The secret that signs sessions, form tokens and API tokens: one file, made at first use."""

import os
import secrets
from pathlib import Path

from humiao.errors import SettingsError

LENGTH = 32
"""Bytes."""


def signing_key(folder: Path) -> bytes:
    """The key in `folder`/session.key (mode 0600); made if there is none. Deleting the file ends all sessions and tokens.

    Raises:
        SettingsError: the file can't be read or written, or is too short to be a key.
    """
    file = folder / "session.key"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(file)
        key = file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file}: can't be read or made ({error.strerror}); check the folder's owner and rights") from error
    if len(key) < LENGTH:
        raise SettingsError(
            f"{file}: has {len(key)} bytes, a key has {LENGTH}; delete it and a new one is made (all must sign in again)"
        )
    return key


def _make(file: Path) -> None:
    """Write a new key whole or not at all, and never over one that another process made meanwhile."""
    if file.exists():
        return
    partial = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as target:
            target.write(secrets.token_bytes(LENGTH))
            target.flush()
            os.fsync(target.fileno())
        try:
            os.link(partial, file)
        except FileExistsError:
            return
    finally:
        partial.unlink()
