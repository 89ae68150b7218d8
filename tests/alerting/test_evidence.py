"""Evidence: kept from the crawler's files, exported as one signed file, checked by anybody."""

import contextlib
import hashlib
import io
import json
import random
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from alerting.evidence import package
from alerting.evidence.capture import Captures
from alerting.evidence.signing import Signer, fingerprint
from alerting.evidence.verify import verify
from alerting.handler import Handler
from humiao.errors import BadInput, NotFound
from humiao.evidence import Evidence
from humiao.labels import Harm
from humiao.post import Capture
from humiao.store import Store
from tests.alerting.stream import BRIDGED, SKINS, alerts_of, check_whole, handler_on, scored, twisted
from tests.builders import NOON, at


def captured(data: Path, url: str, body: bytes, file: str = "bbs/one.warc.gz") -> Capture:
    """Append a page to a WARC file, the way a crawler does."""
    from hashlib import sha256

    from warcio.statusandheaders import StatusAndHeaders

    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
    record = writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=head)
    writer.write_record(record)
    path = data / "warc" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as out:
        offset = out.tell()
        out.write(buffer.getvalue())
    return Capture(
        file=file,
        record_id=record.rec_headers.get_header("WARC-Record-ID").strip("<>"),
        offset=offset,
        length=len(buffer.getvalue()),
        sha256=sha256(buffer.getvalue()).hexdigest(),
        payload_sha256=sha256(body).hexdigest(),
        url=url,
        captured_at=at(minutes=1),
    )


@pytest.fixture
def exported(store: Store, handler: Handler, data: Path) -> bytes:
    pages = [captured(data, f"https://bbs.example.org/t/{n}?p=2", f"<p>{SKINS} {n}</p>".encode()) for n in range(2)]
    handler.handle([scored(n, twisted(SKINS, n), {Harm.FRAUD: 0.9}, capture=pages[n % 2]) for n in range(4)])
    handler.handle([scored(9, twisted(SKINS, 9), {Harm.FRAUD: 0.9})])  # came by a clue file
    (alert,) = alerts_of(store)
    return package.export(store, data, alert.id, "analyst1", at(days=1))


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def parts(content: bytes) -> str:
    return " ".join(str(problem) for problem in verify(content).problems)


def test_the_captured_page_is_kept_when_the_crawlers_file_is_gone(store: Store, handler: Handler, data: Path) -> None:
    capture = captured(data, "https://bbs.example.org/t/1", b"<p>seen</p>")
    handler.handle([scored(1, SKINS, {Harm.FRAUD: 0.9}, capture=capture)])
    (data / "warc" / capture.file).unlink()
    (alert,) = alerts_of(store)
    (one,) = store.evidence(alert.id)
    assert one.blob == capture.sha256
    kept = (data / "blobs" / one.blob[:2] / one.blob).read_bytes()
    assert next(iter(ArchiveIterator(io.BytesIO(kept)))).content_stream().read() == b"<p>seen</p>"


@pytest.mark.parametrize(
    ("harmed", "reason"),
    [
        ({"file": "bbs/none.warc.gz"}, "file_missing"),
        ({"sha256": "0" * 64}, "hash_differs"),
        ({"offset": 1}, "hash_differs"),
        ({"file": "../../etc/passwd"}, "outside_warc_folder"),
        ({"file": "/etc/passwd"}, "outside_warc_folder"),
    ],
)
def test_a_page_that_cannot_be_kept_is_told_once(
    store: Store, handler: Handler, data: Path, harmed: dict[str, Any], reason: str
) -> None:
    capture = captured(data, "https://bbs.example.org/t/1", b"<p>seen</p>").model_copy(update=harmed)
    row = scored(1, SKINS, {Harm.FRAUD: 0.9}, capture=capture)
    handler.handle([row])
    handler.handle([row, scored(2, SKINS, {Harm.FRAUD: 0.9})])
    (alert,) = alerts_of(store)
    assert [one.blob for one in store.evidence(alert.id)] == ["", ""]
    assert [e.data["reason"] for e in store.events(alert.id) if e.kind == "evidence_missing"] == [reason]
    check_whole(store)


def as_crawled(data: Path, url: str, body: bytes) -> Capture:
    """A page as the crawl stage keeps it: response, request and circumstances in one piece."""
    from crawlers.warc import Fetched, WarcFiles

    headers = (("Content-Type", "text/html; charset=utf-8"),)
    files = WarcFiles(data / "warc", "bbs")
    capture = files.keep(Fetched(url, "GET", (("User-Agent", "humiao"),), 200, headers, body), at(minutes=1))
    files.close()
    return capture


def test_request_and_circumstances_are_promoted_with_the_page(store: Store, handler: Handler, data: Path) -> None:
    capture = as_crawled(data, "https://bbs.example.org/t/1", b"<p>seen</p>")
    handler.handle([scored(1, SKINS, {Harm.FRAUD: 0.9}, capture=capture)])
    (alert,) = alerts_of(store)
    content = package.export(store, data, alert.id, "analyst1", at(days=1))
    assert verify(content).problems == []
    members = members_of(content)
    records = list(ArchiveIterator(io.BytesIO(members[package.ARCHIVE])))
    assert [record.rec_type for record in records] == ["response", "request", "metadata"]
    (row,) = [json.loads(line.split(" ", 2)[2]) for line in members[package.INDEX].decode().splitlines()]
    response = members[package.ARCHIVE][row["offset"] : row["offset"] + row["length"]]
    assert [record.rec_type for record in ArchiveIterator(io.BytesIO(response))] == ["response"]
    assert row["recordDigest"] == f"sha256:{hashlib.sha256(response).hexdigest()}"


def test_promoting_again_changes_nothing_even_when_the_crawlers_file_is_gone(store: Store, data: Path) -> None:
    capture = as_crawled(data, "https://bbs.example.org/t/1", b"<p>seen</p>")
    row, captures, alert = scored(1, SKINS, {Harm.FRAUD: 0.9}, capture=capture), Captures(data), "0" * 32
    first = captures.promote(row.post, row.verdict, alert, NOON)
    (data / "warc" / capture.file).unlink()
    assert captures.promote(row.post, row.verdict, alert, NOON) == first
    assert first[0].blob == capture.sha256
    assert len([file for file in (data / "blobs").rglob("*") if file.is_file()]) == 1


def test_an_export_is_whole_and_says_by_whom(exported: bytes, data: Path) -> None:
    result = verify(exported)
    assert result.problems == []
    assert result.posts == 5
    assert result.signer == fingerprint(Signer.open(data).public_key)


def test_an_export_is_an_event_and_in_the_package(exported: bytes, store: Store) -> None:
    (alert,) = alerts_of(store)
    last = store.events(alert.id)[-1]
    assert (last.kind, last.actor) == ("exported", "analyst1")
    assert last.hash in members_of(exported)[package.EVENTS].decode()


def test_the_archive_can_be_replayed(exported: bytes) -> None:
    members = members_of(exported)
    archive = members[package.ARCHIVE]
    rows = [json.loads(line.split(" ", 2)[2]) for line in members[package.INDEX].decode().splitlines()]
    assert len(rows) == 2, "a page that shows several posts stands there once"
    for row in rows:
        record = next(iter(ArchiveIterator(io.BytesIO(archive[row["offset"] : row["offset"] + row["length"]]))))
        assert record.rec_headers.get_header("WARC-Target-URI") == row["url"]
        assert (row["status"], row["mime"]) == ("200", "text/html")
    assert members[package.INDEX].startswith(b"org,example,bbs)/t/0?p=2 20260302040100 {")
    pages = [json.loads(line) for line in members[package.PAGES].splitlines()]
    assert pages[0]["format"] == "json-pages-1.0"
    assert {page["url"] for page in pages[1:]} == {row["url"] for row in rows}


def test_the_same_store_gives_the_same_bytes(store: Store, handler: Handler, data: Path) -> None:
    handler.handle([scored(n, SKINS, {Harm.FRAUD: 0.9}, capture=captured(data, "https://x.example/", b"<p>")) for n in range(2)])
    (alert,) = alerts_of(store)
    first, second = (members_of(package.export(store, data, alert.id, "a", at(days=1))) for _ in range(2))
    for name in (package.ARCHIVE, package.INDEX, package.PAGES, package.ALERT, package.EVIDENCE):
        assert first[name] == second[name]


def test_every_changed_byte_is_found(exported: bytes) -> None:
    dice = random.Random(4)
    with zipfile.ZipFile(io.BytesIO(exported)) as file:
        spans = {info.filename: (exported.index(file.read(info), info.header_offset), info.file_size) for info in file.infolist()}
    for name, (start, size) in spans.items():
        offsets = {start, start + size - 1, *(start + dice.randrange(size) for _ in range(25))}
        for offset in offsets:
            flipped = bytearray(exported)
            flipped[offset] ^= 1 << dice.randrange(8)
            problems = verify(bytes(flipped)).problems
            assert any(problem.part.startswith(name) for problem in problems), (name, offset - start)


def test_every_changed_byte_around_the_members_is_found(exported: bytes) -> None:
    dice = random.Random(5)
    with zipfile.ZipFile(io.BytesIO(exported)) as file:
        directory = file.start_dir
        headers = [info.header_offset for info in file.infolist()]
    offsets = {*range(directory, len(exported), 3), *(start + n for start in headers for n in range(30))}
    for offset in sorted(offsets):
        flipped = bytearray(exported)
        flipped[offset] ^= 1 << dice.randrange(8)
        with contextlib.suppress(BadInput):  # unreadable is found as well
            assert verify(bytes(flipped)).problems, offset


def test_members_added_lost_or_renamed_are_named(exported: bytes) -> None:
    from alerting.evidence.container import pack

    members = members_of(exported)
    assert "humiao/more.txt: does not belong" in parts(pack(members | {"humiao/more.txt": b"x"}))
    for name in members:
        lost = {other: content for other, content in members.items() if other != name}
        assert f"{name}: is missing" in parts(pack(lost))
        renamed = {(other + "x" if other == name else other): content for other, content in members.items()}
        assert f"{name}x: does not belong" in parts(pack(renamed))


def test_bytes_before_or_behind_are_found(exported: bytes) -> None:
    assert "zip structure" in parts(b"hidden" + exported)
    assert "zip structure" in parts(exported[:-2] + b"\x05\x00hello")  # as a comment


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all", b"x" * 5000])
def test_what_is_no_package_is_unreadable(content: bytes) -> None:
    with pytest.raises(BadInput):
        verify(content)


def test_a_truncated_package_is_unreadable(exported: bytes) -> None:
    for share in (0.1, 0.5, 0.99):
        with pytest.raises(BadInput):
            verify(exported[: int(len(exported) * share)])


def test_another_zip_is_no_package() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.txt", "a")
    with pytest.raises(BadInput, match="no evidence package"):
        verify(buffer.getvalue())


def resealed(exported: bytes, data: Path, **changed: bytes) -> bytes:
    """A package that somebody with our key made anew after changing members."""
    from alerting.evidence.container import pack

    members = members_of(exported)
    body = {name: changed.get(name, members[name]) for name in package.RESOURCES}
    return pack(package.sealed(body, "t", Signer.open(data), NOON))


def test_a_forger_with_the_key_must_also_keep_every_hash(exported: bytes, data: Path) -> None:
    members = members_of(exported)
    assert verify(resealed(exported, data)).problems == []
    rows = [Evidence.model_validate_json(line) for line in members[package.EVIDENCE].splitlines()]
    forged = [rows[0].model_copy(update={"post": rows[0].post.model_copy(update={"text": "改过的文字"})}), *rows[1:]]
    text = "".join(f"{row.model_dump_json()}\n" for row in forged).encode()
    assert "the post has another hash" in parts(resealed(exported, data, **{package.EVIDENCE: text}))
    fewer = "".join(f"{row.model_dump_json()}\n" for row in rows[1:]).encode()
    assert "has nothing on post" in parts(resealed(exported, data, **{package.EVIDENCE: fewer}))
    chain = members[package.EVENTS].splitlines(keepends=True)
    assert "chain of events is broken" in parts(resealed(exported, data, **{package.EVENTS: b"".join(chain[1:])}))
    assert "its record is not in" in parts(resealed(exported, data, **{package.ARCHIVE: b""}))


def test_another_key_shows(exported: bytes, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert verify(resealed(exported, other)).signer != verify(exported).signer


def test_the_package_of_a_merged_alert_tells_both_histories(store: Store, data: Path) -> None:
    handler = handler_on(store, data)
    one, bridge, other = (scored(n, text, {Harm.FRAUD: 0.9}) for n, text in enumerate(BRIDGED))
    handler.handle([one, other])
    first, second = alerts_of(store)
    handler.handle([bridge])
    (alert,) = alerts_of(store)
    lost = ({first.id, second.id} - {alert.id}).pop()
    content = package.export(store, data, lost, "a", at(days=1))
    assert verify(content).problems == []
    assert {json.loads(line)["alert"] for line in members_of(content)[package.EVENTS].splitlines()} == {alert.id, lost}


def test_a_lost_blob_stops_the_export(store: Store, handler: Handler, data: Path) -> None:
    capture = captured(data, "https://x.example/", b"<p>")
    handler.handle([scored(1, SKINS, {Harm.FRAUD: 0.9}, capture=capture)])
    (data / "blobs" / capture.sha256[:2] / capture.sha256).write_bytes(b"other")
    (alert,) = alerts_of(store)
    before = store.events(alert.id)
    with pytest.raises(NotFound, match="altered"):
        package.export(store, data, alert.id, "a", NOON + timedelta(days=1))
    assert store.events(alert.id) == before
