"""Kept pages open in pywb, a replayer that we have not written, byte for byte."""

import gzip
import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.crawlers.capture.answering import BODIES, Answering
from tests.crawlers.capture.fetching import fetched
from tests.servers.forums.cache import CannotBeHad, run, virtualenv
from tests.servers.forums.running import Process
from tests.servers.servers import free_port

PATHS = ["/", "/style.css", "/image.png", "/moved", "/missing", "/etag", "/same"]


@pytest.fixture(scope="module")
def programs() -> Path:
    try:
        return virtualenv("pywb", "pywb==2.10.0")
    except CannotBeHad as missing:
        pytest.skip(str(missing))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def asked(url: str) -> tuple[int, dict[str, str], bytes]:
    opener = urllib.request.build_opener(NoRedirect)
    try:
        with opener.open(urllib.request.Request(url, headers={"Accept-Encoding": "gzip, br"}), timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


@pytest.mark.slow
def test_kept_pages_are_replayed_byte_for_byte(programs, tmp_path):
    with Answering() as site:
        urls = [site.url + path for path in PATHS]
        first, again = fetched(tmp_path, *urls), fetched(tmp_path, *urls)  # the second time as revisits, where nothing changed
    folder = tmp_path / "replay"
    folder.mkdir()
    run(str(programs / "wb-manager"), "init", "kept", cwd=folder)
    run(str(programs / "wb-manager"), "add", "kept", *(str(file) for file in sorted((tmp_path / "warc").iterdir())), cwd=folder)
    rows = [line.split(" ", 2) for line in (folder / "collections/kept/indexes/index.cdxj").read_text().splitlines()]
    captures = [(stamp, json.loads(rest)) for _, stamp, rest in rows]
    revisits = [capture for _, capture in captures if capture["mime"] == "warc/revisit"]
    assert len(revisits) == 7  # "/" three times, since "/moved" leads there; style, image, etag, same
    port = free_port()
    replay = f"http://127.0.0.1:{port}/kept"
    with Process(folder, [str(programs / "wayback"), "-b", "127.0.0.1", "-p", str(port), "-d", str(folder)], replay + "/"):
        for stamp, capture in captures:
            path = capture["url"].removeprefix(site.url)
            status, headers, body = asked(f"{replay}/{stamp}id_/{capture['url']}")
            if path == "/etag" and capture in revisits:  # what the site said the second time: nothing but that it had not changed
                assert (status, body) == (304, b"")
                continue
            assert status == {"/moved": 302, "/missing": 404, "/robots.txt": 404}.get(path, 200), capture
            assert body == BODIES.get(path, b"?"), capture
            assert headers.get("Content-Encoding") == {"/": "gzip", "/style.css": "br"}.get(path), capture
        status, _, page = asked(f"{replay}/{captures[0][0]}mp_/{site.url}/")
        page = gzip.decompress(page) if page.startswith(b"\x1f\x8b") else page
        assert status == 200
        for resource in ("cs_/" + site.url + "/style.css", "im_/" + site.url + "/image.png"):  # the page asks the replayer for them
            (link,) = re.findall(rf'"([^"]*{re.escape(resource)})"', page.decode())
            assert asked(urljoin(f"{replay}/", link))[0] == 200
    assert [answer["body"] for answer in first] == [answer["body"] for answer in again]
