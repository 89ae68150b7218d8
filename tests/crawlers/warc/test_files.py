import gzip
import hashlib
import os
import re
import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from crawlers.warc import WarcFiles, Window, read_capture
from crawlers.warc.names import FileName, new_name, sealed
from humiao.errors import NotFound
from tests.crawlers.warc.pages import BODY, HOUR, NOW, PAGE, page, records


def test_capture_points_to_the_stored_bytes(tmp_path):
    files = WarcFiles(tmp_path, "demo")
    files.keep(PAGE, NOW)
    capture = files.keep(PAGE, NOW)
    stored = (tmp_path / capture.file).read_bytes()[capture.offset : capture.offset + capture.length]
    assert hashlib.sha256(stored).hexdigest() == capture.sha256
    assert hashlib.sha256(BODY).hexdigest() == capture.payload_sha256
    assert capture.file.startswith("demo-20261123121542-")
    again = read_capture(tmp_path, capture)
    assert (again.status, again.body, dict(again.headers)["Content-Encoding"]) == (200, BODY, "gzip")
    assert gzip.decompress(stored).startswith(b"WARC/1.1\r\n")
    assert b"Transfer-Encoding" not in gzip.decompress(stored)


def test_file_holds_info_then_response_request_and_circumstances(tmp_path):
    files = WarcFiles(tmp_path, "demo")
    fetched = replace(PAGE, redirects=("http://forum.example/a", "http://forum.example/b"), certificate_sha256="ab" * 32)
    capture = files.keep(fetched, NOW)
    info, response, request, metadata = records(tmp_path / capture.file)
    assert [one[0] for one in (info, response, request, metadata)] == ["warcinfo", "response", "request", "metadata"]
    assert response[1]["WARC-Record-ID"] == f"<{capture.record_id}>"
    assert response[1]["WARC-Target-URI"] == PAGE.url
    assert response[1]["WARC-IP-Address"] == "192.0.2.1"
    assert response[1]["WARC-Date"] == "2026-11-23T12:15:42.123456Z"
    assert response[1]["WARC-Payload-Digest"] == f"sha256:{capture.payload_sha256}"
    assert request[1]["WARC-Concurrent-To"] == metadata[1]["WARC-Concurrent-To"] == response[1]["WARC-Record-ID"]
    whole = gzip.decompress((tmp_path / capture.file).read_bytes())
    assert whole.count(b"GET /thread/1?page=2 HTTP/1.1\r\nHost: forum.example\r\n") == 1
    told = [tuple(line.split(": ", 1)) for line in metadata[2].decode().splitlines()]
    assert dict(told)["software"].startswith("humiao/")
    assert ("fetchTimeMs", "250") in told
    assert ("askedAt", "2026-11-23T12:15:41.873456Z") in told
    assert ("answeredAt", "2026-11-23T12:15:42.123456Z") in told
    assert ("via", "http://forum.example/b") in told
    assert [value for name, value in told if name == "redirectedFrom"] == ["http://forum.example/a", "http://forum.example/b"]
    assert ("tlsCertificateSha256", "ab" * 32) in told
    assert b"loginState: none" in info[2]


def test_span_of_a_capture_holds_response_request_and_circumstances_and_nothing_else(tmp_path):
    files = WarcFiles(tmp_path, "demo")
    files.keep(PAGE, NOW)
    capture = files.keep(page(2), NOW)
    files.keep(page(3), NOW)
    span = tmp_path / "span.warc.gz"
    span.write_bytes((tmp_path / capture.file).read_bytes()[capture.offset : capture.offset + capture.length])
    assert [(kind, fields["WARC-Target-URI"]) for kind, fields, _ in records(span)] == [
        (kind, page(2).url) for kind in ("response", "request", "metadata")
    ]


def test_new_file_by_size_and_by_hour(tmp_path):
    small = WarcFiles(tmp_path, "small", max_file=1)
    assert small.keep(PAGE, NOW).file != small.keep(PAGE, NOW).file  # also within one second
    old = WarcFiles(tmp_path, "old")
    first, second, third = (old.keep(PAGE, NOW + minutes * HOUR / 60).file for minutes in (0, 59, 61))
    assert first == second != third


def test_finished_files_can_no_longer_be_written(tmp_path):
    files = WarcFiles(tmp_path, "demo", window=Window(file_age=HOUR))
    file = tmp_path / files.keep(PAGE, NOW).file
    assert not sealed(file.stat().st_mode)
    files.finish_old(NOW + 2 * HOUR)
    assert sealed(file.stat().st_mode)
    other = tmp_path / files.keep(PAGE, NOW + 2 * HOUR).file
    files.close()
    assert sealed(other.stat().st_mode)


def test_record_cut_off_by_a_kill_harms_no_other(tmp_path):
    files = WarcFiles(tmp_path, "demo")
    whole, cut = files.keep(PAGE, NOW), files.keep(PAGE, NOW)
    file = tmp_path / cut.file
    file.write_bytes(file.read_bytes()[: cut.offset + cut.length // 2])
    assert WarcFiles(tmp_path, "demo").keep(PAGE, NOW).file != cut.file
    assert read_capture(tmp_path, whole).body == BODY
    with pytest.raises(NotFound, match="altered or cut off"):
        read_capture(tmp_path, cut)
    file.unlink()
    with pytest.raises(NotFound, match="can't be read"):
        read_capture(tmp_path, whole)


def test_full_disk_leaves_no_half_record_behind(tmp_path):
    files = WarcFiles(tmp_path, "demo")
    first = files.keep(PAGE, NOW)
    large = page(2, body=bytes(range(256)) * 4000 + hashlib.sha256(b"x").digest() * 100)
    before, limits = (tmp_path / first.file).stat().st_size, resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (before + 1000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            files.keep(large, NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert (tmp_path / first.file).stat().st_size == before
    last = files.keep(page(3), NOW)
    assert read_capture(tmp_path, last).body == BODY
    assert [fields.get("WARC-Target-URI") for kind, fields, _ in records(tmp_path / last.file) if kind == "response"] == [
        PAGE.url,
        page(3).url,
    ]


def test_disk_too_full_for_a_new_file_leaves_none_behind(tmp_path):
    files, limits = WarcFiles(tmp_path, "demo"), resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored, handles = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            files.keep(PAGE, NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert not list(tmp_path.iterdir())
    assert len(list(Path("/proc/self/fd").iterdir())) == handles
    assert read_capture(tmp_path, files.keep(PAGE, NOW)).body == BODY


def test_pages_that_the_disk_lost_when_their_file_was_finished_are_not_called_durable(tmp_path, monkeypatch):
    files = WarcFiles(tmp_path, "demo")
    files.write(PAGE, NOW)

    def refuse(handle: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as failing:
        failing.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="Input/output"):
            files.write(page(2), NOW + 2 * HOUR)
    with pytest.raises(OSError, match="Input/output"):
        files.commit()
    files.keep(page(3), NOW + 2 * HOUR)


def test_site_can_write_no_line_of_its_own_into_a_record(tmp_path):
    sly = replace(
        PAGE,
        headers=(("X-A", "1\r\nWARC-Type: warcinfo\r\n\r\n"), ("X\nB", "2")),
        redirects=("http://a.example/\r\nsoftware: theirs",),
    )
    files = WarcFiles(tmp_path, "demo")
    capture = files.keep(sly, NOW)
    assert [kind for kind, _, _ in records(tmp_path / capture.file)] == ["warcinfo", "response", "request", "metadata"]
    assert dict(read_capture(tmp_path, capture).headers)["X-A"] == "1  WARC-Type: warcinfo"
    assert not re.search(rb"^software: theirs", records(tmp_path / capture.file)[3][2], re.MULTILINE)


@pytest.mark.parametrize("source", ["demo", "a-b-2", "2026-11"])
@pytest.mark.parametrize("revisits", [False, True])
@pytest.mark.parametrize("number", [1, 2])
def test_name_of_a_file_says_whose_it_is_and_when_it_was_begun(source, revisits, number):
    name = FileName(source, NOW.replace(microsecond=0), revisits)
    assert FileName.of(new_name(name, 4711, number)) == name


@pytest.mark.parametrize(
    "name", ["", "x.warc.gz", "demo-20269923121542-1.warc.gz", "demo-20261123121542-1.warc.gz.part", "notes.txt"]
)
def test_other_files_are_not_ours(name):
    assert FileName.of(name) is None
