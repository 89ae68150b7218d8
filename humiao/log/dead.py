"""Dead letters: messages that a stage gave up, listed with their reason and replayed when the cause is mended.

A letter is known by where its message first stood, so the same message buried twice (a stage killed before its commit) is one
letter. A replay writes the message to its topic again and then a mark beside the dead letters; a marked letter is neither
listed nor replayed again. A kill between the two repeats the message, which deterministic ids make harmless.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from humiao.errors import NotFound
from humiao.log.port import DEAD_SUFFIX, Log, Message, Record

REPLAYED_SUFFIX: Final = ".replayed"
"""After the name of a dead-letter topic: the topic of marks. A mark's key is the letter's id."""
EXCERPT: Final = 120
"""Characters of a message shown in a list."""
CHUNK: Final = 100
"""Most messages replayed before they are marked."""
CHUNK_BYTES: Final = 16 * 1024 * 1024
"""Most bytes of them, give or take one message."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What a list shows of a message that was given up."""

    id: str
    """``TOPIC/PARTITION/OFFSET`` of the message when it was given up."""
    topic: str
    key: str
    stage: str
    reason: str
    buried_at: datetime
    """UTC."""
    bytes: int
    excerpt: str
    """Beginning of the message on one line; it may name people, so it is for a terminal and never for a log line."""


def dead_letters(log: Log, topic: str) -> list[DeadLetter]:
    """Letters of `topic` that wait for a replay, oldest first.

    Raises:
        LogUnavailable: the log does not answer.
    """
    return sorted((letter for letter, _ in _waiting(log, topic)), key=lambda letter: (letter.buried_at, letter.id))


def replay(log: Log, topic: str, ids: Collection[str] | None = None) -> int:
    """Write the messages of letters `ids` (None = of all that wait) to their topics again; returns how many.

    Raises:
        NotFound: an id is not among the letters that wait; nothing was replayed.
        LogUnavailable: the log does not answer; what is still listed was not marked, replay it again.
    """
    if ids is not None:
        missing = set(ids) - {letter.id for letter, _ in _waiting(log, topic)}
        if missing:
            raise NotFound(f"{topic}: no dead letter {min(missing)!r} waits; `humiao dead list` shows those that do")
    replayed = 0
    chunk: list[tuple[DeadLetter, Message]] = []
    for letter, message in _waiting(log, topic):
        if ids is None or letter.id in ids:
            chunk.append((letter, message))
        if len(chunk) == CHUNK or sum(letter.bytes for letter, _ in chunk) >= CHUNK_BYTES:
            replayed += _write(log, topic, chunk)
            chunk = []
    return replayed + _write(log, topic, chunk)


def _write(log: Log, topic: str, chunk: list[tuple[DeadLetter, Message]]) -> int:
    for letter_topic in sorted({letter.topic for letter, _ in chunk}):
        records = [
            Record(
                message.key, message.value, {name: text for name, text in message.headers.items() if not name.startswith("dead.")}
            )
            for letter, message in chunk
            if letter.topic == letter_topic
        ]
        log.publish(letter_topic, records)
    if chunk:
        log.publish(topic + DEAD_SUFFIX + REPLAYED_SUFFIX, [Record(letter.id, b"") for letter, _ in chunk])
    return len(chunk)


def _waiting(log: Log, topic: str) -> Iterator[tuple[DeadLetter, Message]]:
    seen = {mark.key for mark in log.read(topic + DEAD_SUFFIX + REPLAYED_SUFFIX)}
    for message in log.read(topic + DEAD_SUFFIX):
        letter = _letter(topic, message)
        if letter.id not in seen:
            seen.add(letter.id)
            yield letter, message


def _letter(topic: str, message: Message) -> DeadLetter:
    headers = message.headers
    origin = headers.get("dead.topic", topic)
    partition = headers.get("dead.partition", f"dead-{message.partition}")
    text = message.value[: EXCERPT * 4].decode(errors="replace")
    return DeadLetter(
        id=f"{origin}/{partition}/{headers.get('dead.offset', message.offset)}",
        topic=origin,
        key=message.key,
        stage=headers.get("dead.stage", ""),
        reason=headers.get("dead.reason", ""),
        buried_at=message.written_at,
        bytes=len(message.value),
        excerpt="".join(char if char.isprintable() else " " for char in text)[:EXCERPT],
    )
