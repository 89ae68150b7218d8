"""What the crawler does at sites that set limits or put up walls; the sites are real servers on loopback."""

import itertools
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tests.crawlers.conftest import published
from tests.crawlers.processes import Process

TEMPLATE = Path(__file__).parents[2] / "crawlers/demo/source.yaml"
POST = '<article class="post" id="{id}"><i class=author>甲</i><time class=published title="{time}"></time><div class=body>{text}</div></article>'
THREAD = "<h1 class=thread-title>题</h1>" + POST.format(id="a1", time="2026-11-23 20:15", text="第一条")
LIST = '<table class=threads><tr class=thread><td><a class=thread-link href="{link}">题</a></td></tr></table>'


class Site:
    """Pages by path; a value is (status, headers, body) or just a body."""

    def __init__(self) -> None:
        self.pages: dict[str, object] = {}
        self.visits: list[tuple[str, float]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.visits.append((self.path, time.monotonic()))
                page = site.pages.get(self.path, (404, {}, "nichts"))
                status, headers, body = (
                    page if isinstance(page, tuple) else (200, {"Content-Type": "text/html; charset=utf-8"}, page)
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.visits]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site():
    one = Site()
    one.pages = {"/": LIST.format(link="/t/1"), "/t/1": THREAD}
    yield one
    one.close()


def crawl(site: Site, settings, **changes) -> tuple[int, list[dict]]:
    """One pass; exit code and log lines."""
    template = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    template |= {"start": [f"{site.url}/"]} | changes
    folder = settings.data / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "odd.yaml").write_text(yaml.safe_dump(template), encoding="utf-8")
    with Process("crawl", "--once", data=settings.data) as process:
        code = process.wait()
    return code, [json.loads(line) for line in process.err if line.startswith("{")]


def test_plain_site_is_read(site, settings):
    code, _ = crawl(site, settings)
    assert code == 0
    assert [post.text for post in published(settings)] == ["第一条"]
    assert site.paths == ["/robots.txt", "/", "/t/1"]


def test_crawl_delay_of_the_site_is_kept(site, settings):
    site.pages["/robots.txt"] = "User-agent: *\nCrawl-delay: 1.2\n"
    code, _ = crawl(site, settings)
    assert code == 0
    times = [at for path, at in site.visits if path != "/robots.txt"]
    assert all(later - earlier >= 1.1 for earlier, later in itertools.pairwise(times))


def test_agreed_rate_is_never_exceeded(site, settings):
    site.pages["/"] = "".join(LIST.format(link=f"/t/{number}") for number in range(1, 6))
    site.pages |= {f"/t/{number}": THREAD.replace("a1", f"a{number}") for number in range(1, 6)}
    crawl(site, settings, rate={"delay": 0.3})
    times = [at for _, at in site.visits]
    assert len(times) == 7
    assert all(later - earlier >= 0.25 for earlier, later in itertools.pairwise(times[1:]))


@pytest.mark.parametrize("answer", [(503, {}, "busy"), (500, {}, "User-agent: *\nAllow: /")])
def test_without_readable_rules_nothing_is_read(site, settings, answer):
    site.pages["/robots.txt"] = answer
    code, lines = crawl(site, settings)
    assert code == 1
    assert set(site.paths) == {"/robots.txt"}
    assert any("robots.txt could not be read" in line.get("reason", "") for line in lines)


def test_rules_for_this_crawler_by_name_are_obeyed(site, settings):
    site.pages["/robots.txt"] = "User-agent: humiao\nDisallow: /t/\n\nUser-agent: *\nDisallow:\n"
    crawl(site, settings)
    assert "/t/1" not in site.paths


def test_redirect_to_another_host_is_not_followed(site, settings):
    other = site.url.replace("127.0.0.1", "localhost")
    site.pages["/t/1"] = (302, {"Location": f"{other}/t/2"}, "")
    site.pages["/t/2"] = THREAD
    code, lines = crawl(site, settings)
    assert code == 1
    assert "/t/2" not in site.paths
    assert any(line["event"] == "page leads to another host" for line in lines)
    code, _ = crawl(site, settings, hosts=["localhost"])
    assert code == 0
    assert "/t/2" in site.paths


def test_redirect_to_a_forbidden_page_is_not_followed(site, settings):
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /login\n"
    site.pages["/t/1"] = (302, {"Location": "/login"}, "")
    site.pages["/login"] = THREAD
    crawl(site, settings)
    assert "/login" not in site.paths
    assert not (settings.data / "log.db").exists() or not published(settings)


def test_login_page_is_never_content(site, settings):
    site.pages["/t/1"] = "<form id=login></form>" + THREAD
    selectors = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))["selectors"]
    code, lines = crawl(site, settings, selectors=selectors | {"wall": "form#login"})
    assert code == 1
    assert any(line["event"] == "wall instead of a page" for line in lines)
    assert not (settings.data / "log.db").exists() or not published(settings)


def test_page_larger_than_allowed_is_not_read(site, settings, monkeypatch):
    monkeypatch.setenv("HUMIAO_CRAWL__MAX_PAGE_BYTES", "5000")
    site.pages["/t/1"] = THREAD + "x" * 6000
    code, lines = crawl(site, settings)
    assert code == 1
    assert any(line["event"] == "page not fetched" for line in lines)


def test_bad_posts_are_counted_and_the_good_ones_go_through(site, settings):
    site.pages["/t/1"] = (
        THREAD
        + POST.format(id="a2", time="neulich", text="ohne Zeit")
        + POST.format(id="a3", time="2026-11-23 20:16", text="<img src=x>")
        + POST.format(id="a4", time="2026-11-23 20:17", text="gut")
    )
    code, lines = crawl(site, settings)
    assert code == 0
    assert {post.native_id for post in published(settings)} == {"a1", "a4"}
    assert [line["native_id"] for line in lines if line["event"] == "post refused"] == ["a2", "a3"]


def test_changed_layout_is_trouble_and_no_deletion(site, settings):
    crawl(site, settings)
    site.pages["/t/1"] = THREAD.replace('id="a1"', "")
    _, lines = crawl(site, settings)
    assert not [line for line in lines if line["event"] == "post gone"]
    site.pages["/t/1"] = THREAD.replace("published", "wann")
    code, lines = crawl(site, settings)
    assert code == 1
    assert any("did its layout change" in line["event"] for line in lines)
    site.pages["/t/1"] = "<h1>neu</h1>"
    code, lines = crawl(site, settings)
    assert code == 1
    assert not [line for line in lines if line["event"] == "post gone"]


def test_thread_that_left_the_lists_is_still_read(site, settings):
    site.pages["/"] = LIST.format(link="/t/1") + LIST.format(link="/t/2")
    recent = time.strftime("%Y-%m-%d %H:%M")
    site.pages["/t/2"] = THREAD.replace("a1", "b1").replace("2026-11-23 20:15", recent)
    crawl(site, settings)
    site.pages["/"] = LIST.format(link="/t/1")
    del site.pages["/t/2"]
    code, lines = crawl(site, settings)
    assert code == 0
    assert [(line["event"], line["thread_gone"]) for line in lines if line["event"] == "post gone"] == [("post gone", True)]
