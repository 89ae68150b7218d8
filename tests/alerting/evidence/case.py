"""A case with everything that evidence can have: crawled pages, an ordered capture with its picture, attachments, views."""

import io
import random
import zipfile
from datetime import timedelta
from pathlib import Path

from PIL import Image

from alerting import captures, events
from alerting.evidence.container import pack
from crawlers.warc import Fetched, WarcFiles
from humiao.alert import Alert
from humiao.blobs import Blobs
from humiao.capture_order import ORDERS, RESULTS, CaptureOrder, CaptureResult, Outcome, Screenshot
from humiao.labels import Harm
from humiao.post import Capture
from humiao.store import Store
from tests.alerting.stream import SKINS, alerts_of, handler_on, scored, twisted
from tests.builders import NOON, at

LATER = NOON + timedelta(days=10)
CERTIFICATE = "c5" * 32
CHILD = "我同学叫李晓雯，三年级2班，电话13800001234，身份证440301201501011234"


def png(colour: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), (colour % 256, 90, 200)).save(buffer, "PNG")
    return buffer.getvalue()


def crawled(data: Path, url: str, body: bytes) -> Capture:
    """A page as the crawl stage keeps it, with all that a fetch can testify to."""
    headers = (("Date", "Mon, 02 Mar 2026 04:00:57 GMT"), ("Content-Type", "text/html; charset=utf-8"))
    files = WarcFiles(data / "warc", "bbs")
    fetched = Fetched(
        url, "GET", (("User-Agent", "humiao"),), 200, headers, body, ip="203.0.113.7", asked_at=at(seconds=59),
        redirects=("https://bbs.example.org/old",), certificate_sha256=CERTIFICATE,
    )  # fmt: skip
    capture = files.keep(fetched, at(minutes=1))
    files.close()
    return capture


def carried_out(data: Path, order: CaptureOrder, colour: int) -> CaptureResult:
    """What the crawl stage writes for an order."""
    capture = crawled(data, order.url, f"<p>{order.url} now</p>".encode())
    with (data / "warc" / capture.file).open("rb") as file:
        file.seek(capture.offset)
        Blobs(data / "blobs").put(file.read(capture.length))
    shot = Screenshot(
        sha256=Blobs(data / "blobs").put(png(colour)), bytes=len(png(colour)), width=40, height=30, cut=False, scripts=True,
        started_at=at(days=9), ended_at=at(days=9), browser="Chromium 1", viewport="1280x900",
    )  # fmt: skip
    return CaptureResult(
        order=order, outcome=Outcome.CAPTURED, started_at=at(days=9), ended_at=at(days=9), crawler="c", software="s",
        final_url=order.url, status=200, records=(capture,), screenshot=shot,
    )  # fmt: skip


def make_case(store: Store, data: Path, seed: int = 0) -> Alert:
    """An alert whose size and content follow from `seed`."""
    dice = random.Random(seed)
    pages = [
        crawled(data, f"https://bbs.example.org/t/{n}?p={seed}", f"<p>{SKINS} {dice.random()}</p>".encode())
        for n in range(dice.randint(1, 3))
    ]
    attached = Blobs(data / "blobs").put(png(seed))
    rows = [
        scored(
            n, f"{twisted(SKINS, n)}🔥{CHILD}", {Harm.FRAUD: 0.9}, capture=dice.choice(pages), url=f"https://bbs.example.org/t/{n % 2}",
            attachments=(attached,) if n == 0 else (), author=f"坂田网友{n}",
        )
        for n in range(dice.randint(1, 5))
    ]  # fmt: skip
    handler_on(store, data).handle(
        [*rows, scored(9, twisted(SKINS, 9), {Harm.FRAUD: 0.9}, author="线人")]
    )  # the last came by a clue file
    (alert,) = alerts_of(store)
    captures.order_captures(store, alert, [rows[0].post], "patrol1", NOON)
    orders = {key: CaptureOrder.model_validate_json(note.value) for key, note in store.notes(ORDERS).items()}
    store.put_notes(RESULTS, {key: carried_out(data, order, seed + 1).model_dump_json() for key, order in orders.items()})
    store.drop_notes(ORDERS, orders)
    captures.deliver(store, LATER)
    for n in range(dice.randint(0, 3)):
        events.append(store, alert.id, "viewed", f"patrol{n}", {}, at(days=9, minutes=n))
    return alert


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def repacked(content: bytes, **changed: bytes) -> bytes:
    """The package with other members, as somebody without our key can make it: a sound zip file, old manifest and signature."""
    return pack(members_of(content) | changed)
