import hashlib
import json
import random
import struct
import subprocess
import sys
import time
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from crawlers.images import MAX_BYTES, MAX_PIXELS, image_facts
from tests.servers.forums.cache import CannotBeHad, virtualenv


def scene(seed: int = 1, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Shapes in colours: a picture with structure, the same every time."""
    rng = random.Random(seed)
    image = Image.new("RGB", size, (200, 220, 240))
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = rng.randrange(size[0]), rng.randrange(size[1])
        width, height = rng.randrange(10, size[0] // 2), rng.randrange(10, size[1] // 2)
        draw.ellipse((x, y, x + width, y + height), fill=tuple(rng.randrange(256) for _ in range(3)))
    return image


def written(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def differing_bits(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_facts_are_numbers_only(format):
    content = written(scene(), format)
    facts = image_facts(content)
    assert (facts.sha256, facts.bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (facts.format, facts.width, facts.height, facts.refused) == (format.lower(), 320, 240, "")
    assert len(facts.phash) == 16


def test_same_picture_in_another_size_and_format_has_nearly_the_same_hash():
    original = image_facts(written(scene(), "PNG")).phash
    smaller = image_facts(written(scene().resize((160, 120)), "JPEG", quality=40)).phash
    assert differing_bits(original, smaller) <= 4
    assert all(differing_bits(original, image_facts(written(scene(seed), "PNG")).phash) > 10 for seed in range(2, 12))


def test_hash_is_that_of_imagehash(tmp_path):
    files = []
    for seed in range(10):
        file = tmp_path / f"{seed}.{'png' if seed % 2 else 'jpg'}"
        file.write_bytes(written(scene(seed, (200 + 31 * seed, 150 + 17 * seed)), "PNG" if seed % 2 else "JPEG"))
        files.append(file)
    program = "import sys, json, imagehash; from PIL import Image; print(json.dumps([str(imagehash.phash(Image.open(f))) for f in sys.argv[1:]]))"
    try:
        python = virtualenv("imagehash", "ImageHash==4.3.2", f"pillow=={Image.__version__}") / "python"
    except CannotBeHad as missing:
        pytest.skip(str(missing))
    theirs = json.loads(subprocess.run([python, "-c", program, *files], capture_output=True, text=True, check=True).stdout)
    assert [image_facts(file.read_bytes()).phash for file in files] == theirs


def test_first_frame_stands_for_an_animation():
    frames = [scene(seed) for seed in range(1, 6)]
    animated = written(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0)
    assert image_facts(animated).phash == image_facts(written(frames[0], "GIF")).phash


def test_picture_without_structure_has_no_hash():
    assert image_facts(written(Image.new("RGB", (50, 50), "white"), "PNG")).phash == ""
    assert image_facts(written(Image.new("RGB", (50, 50), "black"), "PNG")).phash == ""


def test_type_comes_from_the_content():
    assert image_facts(written(scene(), "PNG")).format == "png"  # whatever its address or its server says


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'><rect width='9' height='9'/></svg>",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><body>404</body></html>",
        b"%PDF-1.7\n%%EOF",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WEBP",
    ],
)
def test_what_is_no_picture_is_refused(content):
    facts = image_facts(content)
    assert facts.refused
    assert (facts.sha256, facts.bytes, facts.phash) == (hashlib.sha256(content).hexdigest(), len(content), "")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_truncated_picture_is_refused(format):
    content = written(scene(), format)
    assert image_facts(content[: len(content) // 2]).refused


def png_of(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def scan_bomb() -> bytes:
    """A progressive JPEG of 12 megapixels whose last scan is repeated ten thousand times in some hundred kilobytes."""
    plain = written(Image.new("RGB", (4000, 3000), "white"), "JPEG", progressive=True)
    last = plain.rindex(b"\xff\xda")
    return plain[:last] + plain[last:-2] * 2 + plain[last:-2][:60] * 10_000 + b"\xff\xd9"


def webp_of(width: int, height: int) -> bytes:
    small = bytearray(written(scene(), "WEBP", lossless=True))
    at = small.index(b"VP8L") + 9
    small[at : at + 4] = struct.pack("<I", (width - 1) | (height - 1) << 14)
    return bytes(small)


BOMBS = {
    "png of 10 gigapixels": lambda: png_of(100_000, 100_000, zlib.compress(bytes(10_000_000))),
    "png of a single long row": lambda: png_of(2_000_000, 1, zlib.compress(bytes(6_000_001))),
    "png just over the limit": lambda: png_of(5000, MAX_PIXELS // 5000 + 1, zlib.compress(bytes(1000))),
    "gif of 4 gigapixels": lambda: b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x80\0\0" + b"\0" * 6 + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02L\x01\0;",
    "gif whose frame is larger than its canvas": lambda: b"GIF89a" + struct.pack("<HH", 9, 9) + b"\x80\0\0" + b"\0" * 6 + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02L\x01\0;",
    "webp of 268 megapixels": lambda: webp_of(16383, 16383),
    "bmp of 4 gigapixels": lambda: b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 65000, 65000, 1, 24, 0, 0, 0, 0, 0, 0),
    "jpeg of a thousand scans": scan_bomb,
    "file over the limit": lambda: written(scene(), "PNG") + bytes(MAX_BYTES),
    "png with a text bomb": lambda: written(scene(), "PNG")[:33] + text_chunk() + written(scene(), "PNG")[33:],
}  # fmt: skip


def text_chunk() -> bytes:
    content = b"Comment\0\0" + zlib.compress(bytes(200_000_000))
    return struct.pack(">I", len(content)) + b"zTXt" + content + struct.pack(">I", zlib.crc32(b"zTXt" + content))


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_costs_neither_memory_nor_time(name):
    program = (
        "import sys, resource, time; from crawlers.images import image_facts; from io import BytesIO; from PIL import Image\n"
        "warm = BytesIO(); Image.new('RGB', (9, 9), 'red').save(warm, 'PNG'); image_facts(warm.getvalue())\n"
        "content = sys.stdin.buffer.read(); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; began = time.monotonic()\n"
        "facts = image_facts(content)\n"
        "print(time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, facts.refused)"
    )
    done = subprocess.run([sys.executable, "-c", program], input=BOMBS[name](), capture_output=True, check=True)
    seconds, kilobytes, refused = done.stdout.decode().split(" ", 2)
    assert refused.strip()
    assert float(seconds) < 2
    assert int(kilobytes) < 50_000


def test_largest_picture_that_is_decoded_stays_within_bounds():
    began = time.monotonic()
    facts = image_facts(written(Image.new("RGB", (5000, MAX_PIXELS // 5000), "white"), "WEBP", quality=1, method=0))
    assert facts.refused == ""
    assert time.monotonic() - began < 20


@given(st.binary(max_size=300), st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP"]), st.integers(0, 3000))
def test_damaged_pictures_never_raise(noise, format, at):
    content = written(scene(1, (40, 30)), format)
    facts = image_facts(content[:at] + noise + content[at + len(noise) :])
    assert facts.bytes > 0
