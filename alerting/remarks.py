"""What people write about alerts: bounded, stripped, and never empty where a reason is owed."""

from typing import Final

from humiao.errors import BadInput

LONGEST: Final = 2000
"""Characters of a reason or note."""


def bounded(field: str, text: str) -> str:
    """`text` without space around it.

    Raises:
        BadInput: it is too long.
    """
    if len(text) > LONGEST:
        raise BadInput(f"{field}: has {len(text):,} characters; the limit is {LONGEST:,}")
    return text.strip()


def given(field: str, text: str, owed: str) -> str:
    """`text` without space around it; `owed` says what to write.

    Raises:
        BadInput: it is empty or too long.
    """
    if not text.strip():
        raise BadInput(f"{field}: is empty; {owed}")
    return bounded(field, text)
