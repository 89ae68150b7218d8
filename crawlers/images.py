"""What is kept of a picture: its SHA-256, its size and a perceptual hash. Never the picture: it may show a child's abuse.

Pictures come from sites that nobody vouches for, so everything here is limited: bytes, pixels, formats and scans. The caller
fetches (politely, from the source's hosts only, no more than `MAX_BYTES`) and forgets the bytes.
"""

import hashlib
import math
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError

MAX_BYTES: Final = 16 * 1024 * 1024
"""A larger file is not decoded."""
MAX_PIXELS: Final = 16_000_000
"""A larger picture is not decoded: at most some 250 MB are in use while one is."""
MAX_SIDE: Final = 20_000
"""Pixels in one direction."""
MAX_SCANS: Final = 100
"""Passes of a progressive JPEG; software writes about ten, and each costs as much as the whole picture."""
FORMATS: Final = ("BMP", "GIF", "JPEG", "PNG", "WEBP")
"""Tried by content; what a server or a file name claims counts for nothing. No SVG: it is a program rather than a picture."""
_SIDE: Final = 32
_KEPT: Final = 8
_FLAT: Final = 1e-6
_Grey = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True)
class ImageFacts:
    """What one file of a picture was."""

    sha256: str
    """Of its bytes, as hex; always there."""
    bytes: int
    format: str = ""
    """``jpeg``, ``png``, ``gif``, ``webp`` or ``bmp`` by its content; empty if it was not decoded."""
    width: int = 0
    """Pixels; 0 if unknown."""
    height: int = 0
    phash: str = ""
    """Perceptual hash of 64 bits as 16 hex digits, equal to that of ImageHash's ``phash``; of an animation, of its first frame.

    Empty for a picture without any structure. Two pictures that look alike differ in few bits (10 is the usual limit).
    """
    refused: str = ""
    """Why it was not decoded; empty if it was."""


class _Refused(Exception):
    """It is not decoded; the arguments are reason, width and height."""


def image_facts(content: bytes) -> ImageFacts:
    """The facts of a picture. Any bytes may be given: what can't or must not be decoded is refused in the result, never raised."""
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        name, width, height, grey = _decoded(content)
    except _Refused as refused:
        reason, width, height = refused.args
        return ImageFacts(sha256, len(content), width=width, height=height, refused=reason)
    return ImageFacts(sha256, len(content), name, width, height, _phash(grey))


def _decoded(content: bytes) -> tuple[str, int, int, _Grey]:
    """Format, width, height, and the picture as 32 by 32 shades of grey."""
    if len(content) > MAX_BYTES:
        raise _Refused(f"has more than {MAX_BYTES:,} bytes", 0, 0)
    if content.startswith(b"\xff\xd8") and content.count(b"\xff\xda") > MAX_SCANS:
        raise _Refused(f"has more than {MAX_SCANS} scans", 0, 0)
    width = height = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow only warns at its own limit; ours is checked before anything is decoded
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                width, height = image.size
                return (image.format or "").lower(), width, height, _shrunk(image)
    except UnidentifiedImageError as error:
        raise _Refused("is no picture in a known format", 0, 0) from error
    except _Refused:
        raise
    except Exception as error:  # what decoders raise for broken files has no end
        raise _Refused(f"can't be decoded ({type(error).__name__})", width, height) from error


def _shrunk(image: Image.Image) -> _Grey:
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise _Refused("is larger than a picture of a post", width, height)
    grey = image.convert("L")  # decodes it
    if grey.size != (width, height):
        raise _Refused("has another size than it says", width, height)
    return np.asarray(grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS), dtype=np.float64)


def _phash(grey: _Grey) -> str:
    """One bit for each of the 64 lowest frequencies: whether it is over their median.

    Written here, since ImageHash would bring scipy and PyWavelets along for these lines.
    """
    frequency, place = np.arange(_KEPT)[:, None], np.arange(_SIDE)[None, :]
    cosines = np.cos(math.pi * frequency * (2 * place + 1) / (2 * _SIDE))  # DCT-II, its lowest frequencies
    lowest = (cosines @ grey @ cosines.T).ravel()
    if np.abs(lowest[1:]).max() < _FLAT * max(1.0, abs(lowest[0])):
        return ""
    bits = lowest > np.median(lowest)
    return np.packbits(bits).tobytes().hex()
