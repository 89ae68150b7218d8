"""The characters of a feed, whatever its header or its first line claims."""

import codecs
import re
from itertools import chain
from typing import Final

_STATED: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"^[^<]{0,9}<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decode_feed(body: bytes, content_type: str) -> str:
    """The text of `body`: by its byte order mark, else UTF-8 if it is that, else as stated, else as Chinese sites write.

    Text in another encoding is practically never valid UTF-8, so that test is worth more than any claim. GBK and GB 2312 are
    read as GB 18030, which holds both. What fits nowhere becomes U+FFFD.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    stated = chain(_STATED.findall(content_type), (name.decode("ascii", "replace") for name in _DECLARED.findall(body[:400])))
    for encoding in ("utf-8", *(_known(name) for name in stated), "gb18030"):
        if encoding and (text := _exactly(body, encoding)) is not None:
            return text
    return body.decode("utf-8", "replace")


def _known(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return ""
    if found in {"gbk", "gb2312"}:
        return "gb18030"
    return "" if found in {"utf-8", "ascii", "latin-1", "iso8859-1"} else found  # Latin 1 fits everything and is often a default


def _exactly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, ValueError):
        return None
