"""Signed links from messages to alerts of the console.

The link opens nothing by itself: whoever follows it signs in as always. The signature only keeps strangers from making links
that look like ours, and lets a link end, so that an old chat history is no directory of alerts.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from alerting.keyfile import secret
from humiao.errors import NotFound, SettingsError

KEY_BYTES: Final = 32
_SIGNATURE: Final = 32
"""Hex digits of the HMAC that a link carries."""


class Links:
    """Makes and checks links of one installation."""

    def __init__(self, key: bytes, console: str = "", lasts: timedelta = timedelta(days=7)) -> None:
        """`console` is the address that people open; empty = messages carry no link."""
        self._key, self._console, self._lasts = key, console.rstrip("/"), lasts

    @classmethod
    def open(cls, data: Path, console: str = "", lasts: timedelta = timedelta(days=7)) -> "Links":
        """With the key in ``DATA/keys/link.key``, made at first use (32 random bytes, readable by the owner only).

        Raises:
            SettingsError: the key can't be read, or is no key.
        """
        file = data / "keys" / "link.key"
        key = secret(file, secrets.token_bytes(KEY_BYTES))
        if len(key) != KEY_BYTES:
            raise SettingsError(f"{file}: has {len(key)} bytes, not {KEY_BYTES}; delete it and a new one is made (old links end)")
        return cls(key, console, lasts)

    def queue(self) -> str:
        """Address of the queue; empty = no console is named."""
        return f"{self._console}/alerts" if self._console else ""

    def make(self, alert: str, now: datetime) -> str:
        """The link to `alert`, valid from `now`; empty = no console is named."""
        if not self._console:
            return ""
        until = int((now + self._lasts).timestamp())
        return f"{self._console}/alerts/{alert}?until={until}&signed={self._sign(alert, until)}"

    def check(self, alert: str, until: int, signed: str, now: datetime) -> None:
        """Let a link pass.

        Raises:
            NotFound: it is none of ours, or its time is over.
        """
        if not hmac.compare_digest(signed.encode(), self._sign(alert, until).encode()):
            raise NotFound("link: was not made by this system or is cut off; open the alert from the queue")
        if now.timestamp() > until:
            raise NotFound("link: its time is over; open the alert from the queue")

    def _sign(self, alert: str, until: int) -> str:
        return hmac.digest(self._key, f"alert link\x1f{alert}\x1f{until}".encode(), "sha256").hex()[:_SIGNATURE]
