"""API tokens: signed, expiring, bound to an account and worth no more than its role."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from itsdangerous import BadData, URLSafeSerializer

from alerting.console import accounts
from humiao.account import Account, Role
from humiao.errors import BadInput
from humiao.store import Store

LONGEST_DAYS: Final = 400


def scope_of(role: Role) -> str:
    """``ingest`` for partners (push posts, nothing else), ``api`` for the others (what their role may do, under /api/ only)."""
    return "ingest" if role is Role.PARTNER else "api"


class Tokens:
    """Makes and reads bearer tokens."""

    def __init__(self, key: bytes) -> None:
        self._signer = URLSafeSerializer(
            key, salt="humiao token", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        )

    def issue(self, account: Account, days: int, now: datetime) -> str:
        """A token that ends after `days` days, when the account is disabled, or when its password changes.

        Raises:
            BadInput: days is not between 1 and LONGEST_DAYS, or the account is disabled.
        """
        if not 1 <= days <= LONGEST_DAYS:
            raise BadInput(f"--days {days}: use 1 to {LONGEST_DAYS}")
        if account.disabled:
            raise BadInput(f"account {account.name} is disabled; enable it first")
        ends = int((now + timedelta(days=days)).timestamp())
        return str(self._signer.dumps([account.name, scope_of(account.role), ends, accounts.epoch(account)]))

    def read(self, token: str, store: Store, now: datetime) -> Account | None:
        """The account of a token, or None: forged, expired, account gone, disabled, changed role or new password."""
        try:
            name, scope, ends, epoch = self._signer.loads(token)
        except (BadData, ValueError, TypeError):
            return None
        account = store.account(name)
        if account is None or account.disabled or now.timestamp() >= ends:
            return None
        if scope != scope_of(account.role) or epoch != accounts.epoch(account):
            return None
        return account
