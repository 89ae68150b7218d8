"""A process that keeps pages, killed at any moment."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from crawlers.warc import Archive, Window, read_capture
from crawlers.warc.names import sealed
from crawlers.warc.repair import whole_records
from humiao.post import Capture
from tests.crawlers.warc.pages import NOW, on_disk, records

WRITER = """
import os, random, sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from crawlers.warc import Archive, Fetched, Window
archive = Archive(Path(sys.argv[1]), Window(), 1 << 40)
archive.sweep(datetime.now(UTC))
rng = random.Random(int(sys.argv[2]))
page = Fetched("http://forum.example/1", "GET", (), 200, (("Content-Type", "text/html"),), b"")
originals = {}
for number in range(1000):
    source = rng.choice(["a", "b"])
    now = datetime.now(UTC)
    if source in originals and rng.random() < 0.3:
        archive.files(source).revisit(replace(page, status=304), originals[source], now)
        continue
    body = rng.randbytes(rng.choice([200, 3_000_000]))
    originals[source] = capture = archive.files(source).write(replace(page, url=f"http://forum.example/{number}", body=body), now)
    archive.commit([source])
    print(capture.model_dump_json(), flush=True)
"""


def size(folder: Path) -> int:
    return max((file.stat().st_size for file in folder.iterdir() if not sealed(file.stat().st_mode)), default=0)


def written_until_killed(folder: Path, seed: int) -> list[Capture]:
    """What a process said to be durable before it was killed: at the first sign of the next large page on disk."""
    rng = random.Random(seed)
    with subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(seed)], stdout=subprocess.PIPE, text=True) as process:
        wanted, lines = rng.randrange(1, 4), []
        while sum(line.startswith("{") for line in lines) < wanted:
            lines.append(process.stdout.readline())
        settled = size(folder)
        while size(folder) <= settled + 100_000 and process.poll() is None:
            pass
        process.kill()
        lines += process.stdout.read().splitlines(keepends=True)
    return [Capture.model_validate_json(line) for line in lines if line.startswith("{") and line.endswith("\n")]


def torn(folder: Path) -> int:
    """Files whose last record is not whole."""
    count = 0
    for file in (file for file in folder.iterdir() if not sealed(file.stat().st_mode)):
        with file.open("rb") as stream:
            count += whole_records(stream) < file.stat().st_size
    return count


@pytest.mark.slow
def test_twenty_kills_lose_no_page_that_was_durable(tmp_path):
    durable: list[Capture] = []
    cut = 0
    for seed in range(20):
        durable += written_until_killed(tmp_path, seed)
        cut += torn(tmp_path)
    archive = Archive(tmp_path, Window(), 1 << 40)
    archive.sweep(NOW)
    assert cut >= 3  # kills that met a page half written; each process repaired what the one before had left
    assert torn(tmp_path) == 0
    assert len(durable) >= 20
    assert all(read_capture(tmp_path, capture) for capture in durable)
    ids = {fields["WARC-Record-ID"].strip("<>") for file in tmp_path.iterdir() for _, fields, _ in records(file)}  # all readable
    assert {capture.record_id for capture in durable} <= ids
    assert archive.use.total() == on_disk(tmp_path)
    for source in ("a", "b"):
        assert archive.use.of(source) == sum(file.stat().st_size for file in tmp_path.glob(f"{source}-*"))
