"""What a record may weigh: the same on every adapter, so that a message which passed one log passes any other."""

from collections.abc import Sequence
from typing import Final

from humiao.errors import BadInput
from humiao.log.port import MAX_MESSAGE, Record

MAX_LABELS: Final = 64 * 1024
"""Most bytes of a record's key and headers together."""


def refuse_unfit(topic: str, records: Sequence[Record]) -> None:
    """Check a whole batch before any of it is written.

    Raises:
        BadInput: a value exceeds MAX_MESSAGE, key and headers exceed MAX_LABELS, or they hold lone surrogates (no UTF-8).
    """
    for number, record in enumerate(records):
        where = f"{topic}: record {number} of {len(records)} (key {record.key[:80]!r})"
        if len(record.value) > MAX_MESSAGE:
            raise BadInput(f"{where} has {len(record.value)} bytes; at most {MAX_MESSAGE} fit into the log, shorten it")
        try:
            labels = sum(len(text.encode()) for text in (record.key, *record.headers, *record.headers.values()))
        except UnicodeEncodeError as error:
            raise BadInput(f"{where} can't be written as UTF-8 ({error.reason}); clean key and headers") from error
        if labels > MAX_LABELS:
            raise BadInput(f"{where} has {labels} bytes of key and headers; at most {MAX_LABELS} fit, shorten them")
