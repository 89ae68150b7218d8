"""The characters of a page where it states a wrong encoding or none."""

from typing import Final

from scrapy.http import TextResponse

TRIED: Final = ("utf-8", "gb18030", "big5", "shift_jis")
GARBLED: Final = 0.002
"""Part of the characters that may be unreadable on a page whose encoding is right: somebody pasted something."""


def readable(page: TextResponse) -> tuple[TextResponse, str]:
    """The page as it should be read, and the encoding to state in the source file; empty if the page states a right one."""
    stated = _is_utf8(page.body) or page.encoding not in {"cp1252", "iso8859-1", "latin-1", "ascii"}
    if not page.body or (stated and _wrong(page.text) <= GARBLED):
        return page, ""
    for encoding in TRIED:
        if _wrong(page.body.decode(encoding, "replace")) <= GARBLED:
            return page.replace(encoding=encoding), encoding
    return page, ""


def _wrong(text: str) -> float:
    return text.count("\ufffd") / max(1, len(text))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
