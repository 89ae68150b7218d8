"""Pictures that somebody sends: looked at within limits before they are kept, and kept byte for byte."""

import io
import warnings
from typing import Final

from PIL import Image, UnidentifiedImageError

from humiao.errors import BadInput

MAX_BYTES: Final = 20 << 20
MAX_PIXELS: Final = 40_000_000
"""A phone's screenshot of 1,440 × 25,000 passes; 160 MB of memory while it is looked at."""
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
ENDINGS: Final = frozenset({".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".bmp"})


def check_picture(content: bytes) -> None:
    """Returns when `content` is a whole picture.

    Raises:
        BadInput: it is larger than what we look at, of another format, or damaged; nothing of the content is told.
    """
    if len(content) > MAX_BYTES:
        raise BadInput(f"has {len(content) >> 20} MiB; the limit is {MAX_BYTES >> 20} MiB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                width, height = picture.size
                if width * height <= MAX_PIXELS:
                    picture.load()
    except Image.DecompressionBombError as error:
        raise BadInput(f"has more than {MAX_PIXELS:,} pixels") from error
    except UnidentifiedImageError as error:
        raise BadInput(f"is no picture of a known format ({', '.join(FORMATS)})") from error
    except Exception as error:  # decoders raise many kinds for damaged data
        raise BadInput(f"is a damaged picture ({type(error).__name__})") from error
    if width * height > MAX_PIXELS:
        raise BadInput(f"has {width:,} × {height:,} pixels; the limit is {MAX_PIXELS:,} in all")
