"""Pictures behind an alert: which may be seen, how they look unrevealed, and the record of who looked."""

import io
from datetime import datetime, timedelta
from typing import Final

from PIL import Image, ImageFilter

from alerting import captures, events
from alerting.evidence import package
from humiao.alert import Alert
from humiao.blobs import Blobs
from humiao.errors import NotFound
from humiao.event import Event
from humiao.store import Store

KIND: Final = "revealed"
"""Kind of the event that says who saw which picture."""
LOOK_LASTS: Final = timedelta(minutes=10)
"""Seeing a picture again within it is the same look."""
TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif", "BMP": "image/bmp"}
_GRAINS: Final = 12
"""Pixels across that a blurred picture is reduced to: shapes and words are gone from the bytes, not only from the screen."""
_WIDTH: Final = 320
_SHARE: Final = 0.7
"""Height by width of the upper part that stands for a long page."""


def of_alert(store: Store, alert: Alert) -> frozenset[str]:
    """SHA-256 of the pictures that may be seen; none for an alert whose pictures nobody may see."""
    ordered = [result for _, result in captures.captured(events.histories(store, alert.id))]
    return frozenset(package.pictures(alert, store.evidence(alert.id), ordered).values())


def content(store: Store, blobs: Blobs, alert: Alert, sha256: str) -> tuple[bytes, str]:
    """A picture of the alert and its media type.

    Raises:
        NotFound: the alert has no such picture, none may be seen, or it is gone or altered.
    """
    if sha256 not in of_alert(store, alert):
        raise NotFound(f"picture {sha256[:64]}: the alert has none with this hash that may be seen")
    whole = blobs.get(sha256)
    with Image.open(io.BytesIO(whole), formats=list(TYPES)) as picture:
        return whole, TYPES[picture.format or "PNG"]


def blurred(whole: bytes) -> bytes:
    """A small PNG of which nothing can be recognised but light and colour."""
    with Image.open(io.BytesIO(whole), formats=list(TYPES)) as picture:
        width, height = picture.size
        upper = picture.convert("RGB").crop((0, 0, width, max(1, min(height, round(width * _SHARE)))))
        rows = max(1, round(_GRAINS * upper.height / upper.width))
        grains = upper.resize((_GRAINS, rows), Image.Resampling.BOX)
        tall = max(1, round(_WIDTH * upper.height / upper.width))
        smooth = grains.resize((_WIDTH, tall), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(12))
    buffer = io.BytesIO()
    smooth.save(buffer, "PNG")
    return buffer.getvalue()


def record_look(store: Store, alert: Alert, sha256: str, actor: str, now: datetime) -> None:
    """Note in the alert's chain that `actor` saw the picture, unless it says so of the last minutes already."""

    def unless_told(chain: list[Event]) -> events.Entry | None:
        told = any(
            event.kind == KIND and event.actor == actor and event.data.get("picture") == sha256 and now - event.at < LOOK_LASTS
            for event in chain
        )
        return None if told else (KIND, {"picture": sha256})

    events.append_if(store, alert.id, actor, now, unless_told)
