"""JSON lines: one post a line."""

from collections.abc import Iterator
from typing import IO

from humiao.post import MAX_LINE


def json_lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines with their number, without their end; of an overlong one only the start, which is enough to refuse it."""
    number = 0
    while line := stream.readline(MAX_LINE + 2):
        number += 1
        while not line.endswith(b"\n") and (rest := stream.readline(MAX_LINE)):
            if rest.endswith(b"\n"):
                break
        yield number, line.rstrip(b"\r\n")
