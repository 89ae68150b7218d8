"""Pseudonyms of authors whose posts raised no alert: the same author stays recognisable, the name does not stay."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Final

from alerting.keyfile import secret
from humiao.errors import SettingsError
from humiao.post import Post

KEY_BYTES: Final = 32


class Pseudonyms:
    """Keyed pseudonyms of one installation."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def open(cls, data: Path) -> "Pseudonyms":
        """With the key in ``DATA/keys/author.key``, created (32 random bytes, readable by the owner only) if there is none.

        Raises:
            SettingsError: the key can't be read or is no key.
        """
        file = data / "keys" / "author.key"
        try:
            key = secret(file, secrets.token_bytes(KEY_BYTES))
        except OSError as error:
            raise SettingsError(
                f"{file}: can't be used ({error.strerror}); make the folder readable and writable for us"
            ) from error
        if len(key) != KEY_BYTES:
            raise SettingsError(f"{file}: has {len(key)} bytes, not {KEY_BYTES}; restore the key from your backup")
        return cls(key)

    def of(self, author: str) -> str:
        """HMAC-SHA256 of the author, first 32 hex digits; an empty author stays empty."""
        return hmac.new(self._key, author.encode(), hashlib.sha256).hexdigest()[:32] if author else ""

    def undone(self, post: Post, names: Collection[str]) -> Post:
        """`post` with the author's name, if its pseudonym is that of one of `names`."""
        name = next((name for name in names if name and self.of(name) == post.author), post.author)
        return post if name == post.author else post.model_copy(update={"author": name})
