"""Accounts of the console: passwords (argon2id), who signs in, the demo's sample accounts."""

import hashlib
import re
import threading
from datetime import datetime
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from alerting.console.access import may_sign_in
from humiao.account import Account, Role
from humiao.errors import BadInput
from humiao.store import Store

SHORTEST: Final = 10
"""Fewest characters of a password."""
LONGEST: Final = 1000
NAME: Final = re.compile(r"[\w.@-]{1,64}")

DEMO: Final = (("officer", Role.PATROL), ("analyst", Role.ANALYST), ("supervisor", Role.SUPERVISOR), ("ops", Role.OPS))
"""Sample accounts of the demo."""

_hasher = PasswordHasher()
# One verification takes 64 MiB; a crowd at the door must not take them all at once.
_at_once = threading.BoundedSemaphore(2)
_nobody = ""


def hash_password(password: str) -> str:
    """The PHC string to keep.

    Raises:
        BadInput: the password is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"the password has {len(password)} characters; use {SHORTEST} to {LONGEST}")
    with _at_once:
        return _hasher.hash(password)


def new_account(name: str, role: Role, password: str, now: datetime) -> Account:
    """An account ready to be stored.

    Raises:
        BadInput: name or password does not do.
    """
    if not NAME.fullmatch(name):
        raise BadInput(f"account name {name[:80]!r}: use 1 to 64 letters, digits and . @ - _")
    return Account(name=name, role=role, password_hash=hash_password(password), created_at=now)


def check(store: Store, name: str, password: str) -> Account | None:
    """The account if name and password are right and it may use pages; takes as long for a name that doesn't exist."""
    account = store.account(name) if NAME.fullmatch(name) else None
    right = _verify(account.password_hash if account else _stand_in(), password[:LONGEST])
    if account is None or not right or account.disabled or not may_sign_in(account.role):
        return None
    return account


def epoch(account: Account) -> str:
    """Changes with the password: sessions and tokens made before the change carry another one and end."""
    return hashlib.sha256(f"epoch\x1f{account.password_hash}".encode()).hexdigest()[:16]


def ensure_demo_accounts(store: Store, now: datetime) -> list[tuple[str, Role, str]]:
    """The demo's accounts as (name, role, password), made where missing. Their passwords are known to all.

    Raises:
        BadInput: the store holds accounts of another origin, so it is no demo's store.
    """
    samples = [(name, role, f"{name}-demo-2026") for name, role in DEMO]
    known = {account.name for account in store.accounts()}
    if strangers := known - {name for name, _, _ in samples}:
        raise BadInput(
            f"store: has accounts of its own ({min(strangers)}, …); the demo's sample accounts stay out, use another --data"
        )
    for name, role, password in samples:
        account = store.account(name)
        if account is None or not _verify(account.password_hash, password):
            store.put_account(new_account(name, role, password, now))
    return samples


def _verify(password_hash: str, password: str) -> bool:
    with _at_once:
        try:
            return _hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def _stand_in() -> str:
    """A hash that no password opens in practice, with the same cost as real ones."""
    global _nobody  # noqa: PLW0603 (made once, at the first need: it costs as much as a sign-in)
    if not _nobody:
        _nobody = _hasher.hash(hashlib.sha256(b"nobody").hexdigest())
    return _nobody
