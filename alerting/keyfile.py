"""Secret keys in files: created once, whole or not at all, readable by the owner only."""

import contextlib
import os
import secrets
from pathlib import Path

from humiao.errors import SettingsError


def secret(file: Path, fresh: bytes) -> bytes:
    """The content of `file`; if there is none, it is created with `fresh`, mode 0600.

    Of several processes that create it at the same time one wins, and all get its content: the file appears whole or not at all.

    Raises:
        SettingsError: it can't be read or created.
    """
    try:
        return _read_or_create(file, fresh)
    except OSError as error:
        raise SettingsError(f"{file}: can't be used ({error.strerror}); make the folder readable and writable for us") from error


def _read_or_create(file: Path, fresh: bytes) -> bytes:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(fresh)
                out.flush()
                os.fsync(out.fileno())
            with contextlib.suppress(FileExistsError):  # another process was first: its key counts
                os.link(draft, file)
        finally:
            draft.unlink()
    return file.read_bytes()
