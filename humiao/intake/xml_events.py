"""Parts of a workbook as a stream of events; what no spreadsheet program writes is refused before it costs anything."""

from collections.abc import Iterator
from typing import IO, Final, Literal
from xml.parsers import expat

from humiao.errors import BadInput

MAX_TOKEN: Final = 4 << 20
"""Bytes of one tag, with its attributes."""
MAX_DEPTH: Final = 64
_CHUNK: Final = 1 << 16


Event = tuple[Literal["begin", "end", "text"], str, dict[str, str]]
"""Kind; the element's local name, or the text; the attributes, by their name as written."""

_NONE: Final[dict[str, str]] = {}


class _Collector:
    """Takes what the parser finds in one chunk."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._depth = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadInput("is no workbook: its elements are nested too deeply")
        if ":" in name:
            name = name.rpartition(":")[2]
        self.events.append(("begin", name, attributes))

    def end(self, name: str) -> None:
        self._depth -= 1
        self.events.append(("end", name.rpartition(":")[2] if ":" in name else name, _NONE))

    def text(self, text: str) -> None:
        self.events.append(("text", text, _NONE))

    def doctype(self, *_: object) -> None:
        raise BadInput("is no workbook of a spreadsheet program: it declares a document type; save it anew in Excel or WPS")


def xml_events(stream: IO[bytes]) -> Iterator[Event]:
    """What stands in the document, in order; memory stays bounded whatever its length.

    Raises:
        BadInput: no XML, a document type, an element nested or a tag written beyond all reason.
    """
    parser = expat.ParserCreate()
    collector = _Collector()
    parser.StartElementHandler, parser.EndElementHandler = collector.begin, collector.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = collector.text, collector.doctype
    parser.buffer_text = True
    fed = 0
    while True:
        chunk = stream.read(_CHUNK)
        fed += len(chunk)
        try:
            parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            raise BadInput(f"is a damaged workbook: {error}") from error
        yield from collector.events
        if not collector.events and fed - parser.CurrentByteIndex > MAX_TOKEN:
            raise BadInput(f"is no workbook: it has a tag of more than {MAX_TOKEN >> 20} MiB")
        collector.events.clear()
        if not chunk:
            return
