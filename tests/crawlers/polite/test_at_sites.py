"""The real crawl process at sites that set limits; each writes down what it was asked and when."""

import gzip
import json
from itertools import pairwise

import pytest

from crawlers.states import State
from tests.crawlers.conftest import published
from tests.crawlers.polite.watched import Watched, board, crawl, states, thread, write_source
from tests.crawlers.processes import Process, until


@pytest.fixture
def site():
    with Watched() as running:
        running.pages = {"/": board("/t1"), "/t1": thread("a")}
        yield running


def gaps(site: Watched) -> list[float]:
    return [later.at - earlier.at for earlier, later in pairwise(site.asked)]


def test_three_sources_of_one_host_together_keep_the_slowest_pace_robots_txt_included(site, settings):
    for number, delay in enumerate((0.25, 0.4, 0.1)):
        site.pages |= {f"/{number}/": board(*[f"/{number}/{n}" for n in range(3)])}
        site.pages |= {f"/{number}/{n}": thread(f"{number}-{n}") for n in range(3)}
        write_source(settings, f"s{number}", start=[f"{site.url}/{number}/"], rate={"delay": delay})
    crawl(settings)
    assert len(published(settings)) == 9
    assert site.paths.count("/robots.txt") == 1  # one process asks once, whichever source comes first
    assert len(site.asked) == 13
    assert min(gaps(site)) >= 0.4 - 0.02  # what the way to the server may differ
    assert max(gaps(site)) <= 0.4 * 1.3 + 0.25
    order = [path.split("/")[1] for path in site.paths if path.count("/") == 2 and path[-1] != "/"]
    assert set(order[:5]) == {"0", "1", "2"}  # none is served before the others


def test_other_hosts_are_read_at_full_speed_beside_a_slow_one(settings):
    with Watched() as slow, Watched("127.0.0.2") as fast:
        slow.pages = {"/": board("/t1"), "/t1": thread("a")}
        fast.pages = {"/": board(*[f"/t{n}" for n in range(30)])} | {f"/t{n}": thread(f"f{n}") for n in range(30)}
        write_source(settings, "slow", start=[f"{slow.url}/"], rate={"delay": 1.5})
        write_source(settings, "fast", start=[f"{fast.url}/"])
        crawl(settings)
        assert fast.asked[-1].at < slow.asked[-1].at
        assert len(published(settings)) == 31


def test_a_files_rules_are_kept_for_later_visits(site, settings):
    write_source(settings, start=[site.url + "/"], interval=1)
    with Process("crawl", data=settings.data) as process:
        until(lambda: site.paths.count("/") >= 3)
        process.stop()
    assert site.paths.count("/robots.txt") == 1


def test_the_site_is_told_who_reads_it_and_nothing_else(site, settings):
    site.pages["/"] = (200, {"Set-Cookie": "sid=1; Path=/"}, board("/t1", "/t2").encode())
    site.pages["/t2"] = (302, {"Location": "/t3", "Set-Cookie": "sid=2"}, b"")
    site.pages["/t3"] = thread("c")
    write_source(settings, start=[site.url + "/"])
    crawl(settings)
    assert len(published(settings)) == 2
    for one in site.asked:
        assert one.method == "GET"
        assert one.headers["user-agent"].startswith("humiao/")
        assert one.headers["user-agent"].endswith(" (+https://desk.example.cn/)")
        assert not {"cookie", "referer", "authorization", "origin", "content-length"} & set(one.headers)


def test_a_link_that_would_act_is_never_followed(site, settings):
    links = [
        "/member.php?mod=logging&action=logout&formhash=1", "/forum.php?mod=post&action=newthread&fid=2", "/t1?logout=1",
        "/ucp.php?mode=login", "/wp-login.php", "/topic/9/delete", "/forum.php?mod=misc&action=rate&pid=3", "/x?do=delete&id=1",
    ]  # fmt: skip
    site.pages["/"] = board("/t1", *(link.replace("&", "&amp;") for link in links))
    site.pages |= dict.fromkeys(links, thread("z"))
    write_source(settings, start=[site.url + "/"])
    crawl(settings)
    assert site.paths == ["/robots.txt", "/", "/t1"]
    assert [post.native_id for post in published(settings)] == ["a"]


def test_a_redirect_to_a_login_is_a_login_wall(site, settings):
    site.pages["/"] = (302, {"Location": "/member.php?mod=logging&action=login"}, b"")
    write_source(settings, start=[site.url + "/"])
    found, evidence = states(crawl(settings))["one"]
    assert found == State.LOGIN_WALL
    assert "mod=logging" in evidence
    assert site.paths == ["/robots.txt", "/"]


def test_a_short_retry_after_is_waited_for(site, settings):
    answers = iter([(429, {"Retry-After": "2"}, b"slow down")])
    page = board("/t1").encode()
    site.pages["/"] = lambda: next(answers, (200, {}, page))
    write_source(settings, start=[site.url + "/"])
    crawl(settings)
    first, second = [one.at for one in site.asked if one.path == "/"]
    assert 2.0 <= second - first <= 4.0
    assert [post.native_id for post in published(settings)] == ["a"]


def test_a_long_retry_after_ends_the_visit_with_its_time_and_the_site_is_left_alone(site, settings):
    site.pages["/"] = board(*[f"/t{n}" for n in range(9)])
    site.pages["/t0"] = (503, {"Retry-After": "7200"}, b"busy")
    write_source(settings, start=[site.url + "/"], interval=1)
    with Process("crawl", data=settings.data) as process:
        until(lambda: sum('"pass"' in line for line in process.err) >= 2)
        process.stop()
    assert site.paths == ["/robots.txt", "/", "/t0"]  # nothing in the second visit either
    lines = [json.loads(line) for line in process.err if line.startswith("{")]
    found, evidence = states(lines)["one"]
    assert found == State.THROTTLED
    assert evidence.startswith("HTTP 503, Retry-After: 7200; 127.0.0.1 is not asked before 20")


def test_a_long_retry_after_is_kept_by_the_next_process_too(site, settings):
    site.pages["/t1"] = (429, {"Retry-After": "7200"}, b"slow down")
    write_source(settings, start=[site.url + "/"], interval=1)
    assert states(crawl(settings))["one"][0] == State.THROTTLED
    asked = len(site.asked)
    (ended,) = [line for line in crawl(settings) if line["event"] == "visit ended"]
    assert len(site.asked) == asked
    assert ended["state"] == State.THROTTLED
    assert ended["evidence"].startswith("HTTP 429, Retry-After: 7200; 127.0.0.1 is not asked before 20")


def test_a_host_that_fails_again_and_again_is_left_alone_and_others_go_on(site, settings):
    site.pages["/"] = board(*[f"/t{n}" for n in range(40)])
    site.pages |= {f"/t{n}": (504, {}, b"") for n in range(40)}
    with Watched("127.0.0.2") as other:
        other.pages = {"/": board("/t1"), "/t1": thread("b")}
        write_source(settings, "ill", start=[site.url + "/"])
        write_source(settings, "well", start=[other.url + "/"])
        lines = crawl(settings)
    found, evidence = states(lines)["ill"]
    assert (found, evidence.partition(";")[0]) == (State.UNREACHABLE, "HTTP 504")
    failing = [one.at for one in site.asked if one.path.startswith("/t")]
    assert len(failing) == 5
    assert [round(later - earlier) for earlier, later in pairwise(failing)] == pytest.approx([1, 2, 4, 9], abs=2)
    assert states(lines)["well"][0] == State.RUNNING


@pytest.mark.parametrize("status", [500, 503, 429])
def test_rules_that_can_not_be_had_mean_waiting(site, settings, status):
    site.pages["/robots.txt"] = (status, {}, b"User-agent: *\nAllow: /")
    write_source(settings, start=[site.url + "/"])
    found, evidence = states(crawl(settings))["one"]
    assert set(site.paths) == {"/robots.txt"}
    assert found == State.UNREACHABLE
    assert str(status) in evidence


@pytest.mark.parametrize("status", [401, 404])
def test_rules_that_do_not_exist_allow_everything(site, settings, status):
    site.pages["/robots.txt"] = (status, {}, b"User-agent: *\nDisallow: /")
    write_source(settings, start=[site.url + "/"])
    crawl(settings)
    assert [post.native_id for post in published(settings)] == ["a"]


def test_rules_are_followed_through_five_redirects_and_not_six(site, settings):
    site.pages["/robots.txt"] = (301, {"Location": "/r1"}, b"")
    site.pages |= {f"/r{n}": (302, {"Location": f"/r{n + 1}"}, b"") for n in range(1, 5)}
    site.pages["/r5"] = "User-agent: *\nDisallow: /t1"
    write_source(settings, start=[site.url + "/"])
    crawl(settings)
    assert site.paths == ["/robots.txt", "/r1", "/r2", "/r3", "/r4", "/r5", "/"]
    site.pages["/r5"] = (302, {"Location": "/r6"}, b"")
    site.pages["/r6"] = ""
    assert states(crawl(settings))["one"][0] == State.UNREACHABLE


def test_endless_rules_are_read_as_far_as_they_count(site, settings):
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /t1\n" + b"# noise\n" * 3_000_000)
    write_source(settings, start=[site.url + "/"])
    crawl(settings)
    assert site.paths == ["/robots.txt", "/"]


def test_packed_rules_are_unpacked_within_limits(site, settings):
    rules = b"User-agent: *\nDisallow: /t1\n"
    site.pages["/robots.txt"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(rules))
    write_source(settings, start=[site.url + "/"])
    crawl(settings)
    assert site.paths == ["/robots.txt", "/"]
    site.pages["/robots.txt"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(rules + b"\n" * 50_000_000))
    assert states(crawl(settings))["one"][0] == State.UNREACHABLE


def test_a_port_that_the_file_does_not_name_is_never_asked(site, settings):
    with Watched() as other:
        other.pages["/t1"] = thread("b")
        site.pages["/t1"] = (302, {"Location": f"{other.url}/t1"}, b"")
        write_source(settings, start=[site.url + "/"])
        lines = crawl(settings)
        assert other.connections == 0
        assert any(line.get("reason") == f"port {other.port} is none of this source" for line in lines)
        write_source(settings, start=[site.url + "/"], hosts=[f"127.0.0.1:{other.port}"])
        crawl(settings)
        assert "/t1" in other.paths


def test_lists_without_end_leave_the_threads_their_share(site, settings):
    selectors = {"board": "a.board::attr(href)", "row": "li", "link": "a::attr(href)"}
    numbers = iter(range(10**9))

    def calendar() -> tuple[int, dict[str, str], bytes]:
        return 200, {}, "".join(f'<a class=board href="/day?{next(numbers)}">日</a>' for _ in range(3)).encode()

    site.pages["/"] = '<a class=board href="/day?x">日</a>' + board("/t1")
    trap = type(
        "Trap", (dict,), {"get": lambda self, path, default: calendar if path.startswith("/day") else dict.get(self, path, default)}
    )
    site.pages = trap(site.pages)
    thread_selectors = {"title": "h1", "post": "article", "id": "::attr(id)", "author": "b", "time": "time", "body": "p"}
    write_source(settings, start=[site.url + "/"], visit_requests=300, selectors={"list": selectors, "thread": thread_selectors})
    lines = crawl(settings)
    assert len(site.asked) <= 300 + 1
    assert sum(path.startswith("/day") for path in site.paths) <= 60
    assert [post.native_id for post in published(settings)] == ["a"]
    assert any(line["event"] == "the visit has read as many list pages as it may" for line in lines)


def test_a_visit_ends_when_its_requests_are_spent(site, settings):
    site.pages["/"] = board(*[f"/t{n}" for n in range(50)])
    site.pages |= {f"/t{n}": thread(f"a{n}") for n in range(50)}
    write_source(settings, start=[site.url + "/"], visit_requests=20)
    lines = crawl(settings)
    assert 19 <= len(site.asked) <= 21  # with robots.txt; what waits when they are spent is not asked
    assert [line["complete"] for line in lines if line["event"] == "pass"] == [False]
    crawl(settings)
    assert len(published(settings)) > 22  # the rest follows in later visits
