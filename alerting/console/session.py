"""Sign-ins as signed cookies, and the token that every form carries against forged requests."""

import hashlib
import hmac
import secrets
import threading
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from itsdangerous import BadData, URLSafeSerializer

from alerting.console import accounts
from humiao.account import Account
from humiao.store import Store

COOKIE: Final = "humiao_session"
VISIT_COOKIE: Final = "humiao_visit"
"""A random value for visitors who haven't signed in yet, so that the sign-in form has a token too."""

CLOCK_SLIP: Final = 60
"""Seconds that a cookie may seem to come from the future (clocks of two machines)."""


class Session(NamedTuple):
    """A valid sign-in."""

    id: str
    account: Account


class Sessions:
    """Makes and reads session cookies: account name, time of issue, the account's epoch and a random id, signed."""

    def __init__(self, key: bytes, lasts: timedelta) -> None:
        self._signer = URLSafeSerializer(
            key, salt="humiao session", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        )
        self._form_key = hmac.digest(key, b"humiao form token", "sha256")
        self.lasts = lasts
        self._ended: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def start(self, account: Account, now: datetime) -> str:
        """The cookie of a new session."""
        content = [account.name, int(now.timestamp()), accounts.epoch(account), secrets.token_urlsafe(16)]
        return str(self._signer.dumps(content))

    def read(self, cookie: str | None, store: Store, now: datetime) -> Session | None:
        """The session of a cookie, or None: forged, expired, ended, account gone, disabled or with a new password."""
        if not cookie:
            return None
        try:
            name, issued, epoch, id = self._signer.loads(cookie)
        except (BadData, ValueError, TypeError):
            return None
        age = now.timestamp() - issued
        with self._lock:
            ended = id in self._ended
        if ended or not -CLOCK_SLIP <= age < self.lasts.total_seconds():
            return None
        account = store.account(name)
        if account is None or account.disabled or not hmac.compare_digest(epoch, accounts.epoch(account)):
            return None
        return Session(id, account)

    def end(self, session: Session, now: datetime) -> None:
        """Sign out: the cookie is worthless from now on (in this process; elsewhere once it expires)."""
        with self._lock:
            self._ended = {id: at for id, at in self._ended.items() if now - at < self.lasts}
            self._ended[session.id] = now

    def form_token(self, visit: str) -> str:
        """The token of the forms given to this session id (or visit)."""
        return hmac.digest(self._form_key, visit.encode(), "sha256").hex()

    def form_token_fits(self, token: str, visit: str) -> bool:
        """Whether `token` was made for `visit`; constant time."""
        return bool(visit) and hmac.compare_digest(token.encode(), self.form_token(visit).encode())
