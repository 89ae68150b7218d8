import gzip
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawlers.warc import Fetched, WarcFiles, read_capture
from humiao.errors import NotFound

NOW = datetime(2026, 11, 23, 12, 15, 42, 123456, tzinfo=UTC)
BODY = gzip.compress("<p>网页</p>".encode(), mtime=0)
PAGE = Fetched(
    url="http://forum.example/thread/1?page=2",
    method="GET",
    request_headers=(("User-Agent", "humiao/0"),),
    status=200,
    headers=(("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")),
    body=BODY,
    ip="192.0.2.1",
)


def records(file):
    with file.open("rb") as stream:
        return [(record.rec_type, dict(record.rec_headers.headers), record.raw_stream.read()) for record in ArchiveIterator(stream)]


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


def test_file_holds_info_then_response_and_its_request(tmp_path):
    files = WarcFiles(tmp_path, "demo")
    capture = files.keep(PAGE, NOW)
    info, response, request = records(tmp_path / capture.file)
    assert (info[0], response[0], request[0]) == ("warcinfo", "response", "request")
    assert response[1]["WARC-Record-ID"] == f"<{capture.record_id}>"
    assert response[1]["WARC-Target-URI"] == PAGE.url
    assert response[1]["WARC-IP-Address"] == "192.0.2.1"
    assert response[1]["WARC-Date"] == "2026-11-23T12:15:42.123456Z"
    assert request[1]["WARC-Concurrent-To"] == response[1]["WARC-Record-ID"]
    assert (
        gzip.decompress((tmp_path / capture.file).read_bytes()).count(b"GET /thread/1?page=2 HTTP/1.1\r\nHost: forum.example\r\n")
        == 1
    )


def test_new_file_by_size_and_by_age(tmp_path):
    small = WarcFiles(tmp_path, "small", max_file=1)
    assert small.keep(PAGE, NOW).file != small.keep(PAGE, NOW).file  # also within one second
    old = WarcFiles(tmp_path, "old")
    first, second, third = (old.keep(PAGE, NOW + timedelta(seconds=seconds)).file for seconds in (0, 3599, 3600))
    assert first == second != third


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
