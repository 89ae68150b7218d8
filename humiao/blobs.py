"""Content-addressed files: a blob's name is its SHA-256, so a blob can't be changed without its name telling."""

import hashlib
import os
import threading
from pathlib import Path

from humiao.errors import NotFound


class Blobs:
    """Files under one folder, ``ab/abcdef…``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the blob lies or would lie."""
        return self.folder / sha256[:2] / sha256

    def put(self, content: bytes) -> str:
        """Keep `content` durably; returns its SHA-256 (hex). Putting it again changes nothing."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        if target.exists():
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{sha256}.{os.getpid()}.{threading.get_ident()}")
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The content, checked against its name.

        Raises:
            NotFound: there is no such blob, or its content no longer has this hash.
        """
        try:
            content = self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"blob {sha256} is not in {self.folder}") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise NotFound(f"blob {sha256} in {self.folder} was altered: its content has another hash")
        return content
