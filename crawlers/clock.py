"""The clock of everything that waits, rests or is due; tests and simulations give another one."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)
