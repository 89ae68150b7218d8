"""A printable Chinese page: A4, Song type (the reader's own, as every PDF reader brings for Chinese), numbered pages."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

SONG: Final = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(SONG))
WIDTH: Final = A4[0] - 40 * mm
"""Of the text, in points."""
_MARGIN: Final = 20 * mm
_ROOM: Final = 90
"""Points that must be left on a page for a section to begin there."""
_LARGEST_BMP: Final = 0xFFFF

_BODY: Final = ParagraphStyle("body", fontName=SONG, fontSize=10, leading=15.5, wordWrap="CJK")
_TITLE: Final = ParagraphStyle("title", parent=_BODY, fontSize=18, leading=26, alignment=TA_CENTER, spaceAfter=3)
_HEAD: Final = ParagraphStyle("head", parent=_BODY, fontSize=12, leading=18, spaceBefore=9, spaceAfter=3)
_SMALL: Final = ParagraphStyle("small", parent=_BODY, fontSize=8.5, leading=12)
_MONO: Final = ParagraphStyle("mono", parent=_BODY, fontName="Courier", fontSize=6.9, leading=9.5)
_STYLES: Final = {"body": _BODY, "title": _TITLE, "head": _HEAD, "small": _SMALL, "mono": _MONO}

Cell = str | Flowable | Sequence[Flowable]


def text(content: str, style: str = "body") -> Paragraph:
    """A paragraph of plain text. Characters that the type lacks (emoji) are written out as ``[U+1F525]``, not dropped."""
    told = "".join(char if ord(char) <= _LARGEST_BMP else f"[U+{ord(char):X}]" for char in content)
    printable = "".join(char if char.isprintable() or char.isspace() else f"[U+{ord(char):04X}]" for char in told)
    return Paragraph(escape(printable).replace("\n", "<br/>"), _STYLES[style])


def title(content: str) -> Paragraph:
    """The title of the paper."""
    return text(content, "title")


def head(content: str) -> list[Flowable]:
    """The heading of a section; never the last line of a page."""
    return [CondPageBreak(_ROOM), text(content, "head")]


def hashes(sha256: str, sm3: str) -> list[Flowable]:
    """Both hashes of something, one above the other."""
    rows: list[Flowable] = [text(f"SHA-256 {sha256}", "mono")]
    return [*rows, text(f"SM3     {sm3}", "mono")] if sm3 else rows


def gap(points: float = 6) -> Spacer:
    """Room between two things."""
    return Spacer(1, points)


def grid(rows: Sequence[Sequence[Cell]], shares: Sequence[float], *, headed: bool = False, height: float | None = None) -> Table:
    """A table with lines.

    Args:
        rows: its cells.
        shares: each column's part of the width.
        headed: the first row stands on every page.
        height: of each row in points; none = as high as needed.
    """
    filled = [[text(cell, "small") if isinstance(cell, str) else cell for cell in row] for row in rows]
    style: list[Any] = [
        ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
    if headed:
        style.append(("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke))
    heights = [height] * len(filled) if height else None
    return Table(filled, [WIDTH * share for share in shares], heights, repeatRows=int(headed), style=TableStyle(style))


def fields(rows: Sequence[tuple[str, Cell]]) -> Table:
    """A table of names and values."""
    table = grid(rows, (0.2, 0.8))
    table.setStyle(TableStyle([("BACKGROUND", (0, 0), (0, -1), colors.whitesmoke)]))
    return table


def printed(story: Sequence[Flowable], name: str, foot: str) -> bytes:
    """The PDF; `foot` stands on every page beside its number. The same story gives the same bytes."""
    buffer = BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=18 * mm, bottomMargin=20 * mm, title=name,
        author="humiao", invariant=1,
    )  # fmt: skip
    document.build(list(story), canvasmaker=_numbered(foot))
    return buffer.getvalue()


def _numbered(foot: str) -> type[Canvas]:
    class Numbered(Canvas):
        """Draws "page x of y" when y is known."""

        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 (reportlab's name)
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            for page in self._pages:
                self.__dict__.update(page)
                self.setFont(SONG, 8)
                self.drawString(_MARGIN, 11 * mm, foot)
                self.drawRightString(A4[0] - _MARGIN, 11 * mm, f"第 {self.getPageNumber()} 页  共 {len(self._pages)} 页")
                super().showPage()
            super().save()

    return Numbered
