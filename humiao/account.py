"""Accounts: who may sign in, and as what."""

from enum import StrEnum

from pydantic import Field

from humiao.post import Frozen, Time


class Role(StrEnum):
    """What an account may do (interfaces.md)."""

    PATROL = "patrol"
    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    OPS = "ops"
    PARTNER = "partner"


class Account(Frozen):
    """A person or partner who may sign in."""

    name: str = Field(pattern=r"^[\w.@-]{1,64}$")
    role: Role
    password_hash: str
    """argon2id, PHC string."""
    created_at: Time
    disabled: bool = False
