"""What a source is said to be doing, and what is left alone because of it: the real process against a site of our own."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from crawlers.condition import Visited, after, rest_after
from crawlers.states import ADVICE, State, Wall
from tests.crawlers.conftest import published
from tests.crawlers.processes import Process
from tests.crawlers.site import Site

NOW = datetime(2026, 1, 3, 4, 0, tzinfo=UTC)
SELECTORS = {
    "list": {"row": "li", "link": "a::attr(href)", "activity": "i::text", "next": "a.next::attr(href)"},
    "thread": {"title": "h1", "post": "article", "id": "::attr(id)", "author": "b", "time": "time", "body": "p"},
    "wall": "form#login",
}


@pytest.fixture
def site():
    with Site() as running:
        running.html("/robots.txt", "User-agent: *\nDisallow: /secret\n")
        yield running


def write_source(settings, **changes) -> None:
    folder = settings.data / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "name": "one", "family": "html", "platform": "one", "owner": "某公司", "permission": "书面同意", "rate": {"delay": 0.01},
        "selectors": SELECTORS,
    } | changes  # fmt: skip
    (folder / "one.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def crawl(settings) -> list[dict]:
    with Process("crawl", "--once", data=settings.data) as process:
        process.wait()
    return [json.loads(line) for line in process.err if line.startswith("{")]


def state(lines: list[dict]) -> tuple[str, str]:
    (said,) = [line for line in lines if line["event"] == "source state"]
    return said["state"], said["evidence"]


def thread(*posts: str) -> str:
    return "<h1>题</h1>" + "".join(posts)


def post(id: str, text: str = "一句话", *, author: str = "<b>街坊</b>") -> str:
    return f'<article id="{id}">{author}<time>2026-1-3 12:00</time><p>{text}</p></article>'


def board(*threads: str, activity: str = "1") -> str:
    return "<ul>" + "".join(f'<li><a href="/{one}">题</a><i>{activity}</i></li>' for one in threads) + "</ul>"


def test_a_source_that_brings_posts_is_running(site, settings):
    site.html("/", board("t1"))
    site.html("/t1", thread(post("a")))
    write_source(settings, start=[site.url + "/"])
    assert state(crawl(settings))[0] == State.RUNNING
    assert [one.native_id for one in published(settings)] == ["a"]


def test_a_login_form_with_status_200_is_a_state_and_never_content(site, settings):
    site.html("/", board("t1"))
    site.html("/t1", '<form id="login">请先登录</form>' + thread(post("a")))
    write_source(settings, start=[site.url + "/"])
    assert state(crawl(settings)) == (State.LOGIN_WALL, "请先登录")
    assert not (settings.data / "log.db").exists() or not published(settings)


@pytest.mark.parametrize(("status", "expected"), [(401, State.LOGIN_WALL), (403, State.BLOCKED), (451, State.BLOCKED)])
def test_a_refusal_ends_the_visit_at_once(site, settings, status, expected):
    site.html("/", board(*[f"t{n}" for n in range(9)]))
    site.html("/t0", "no", status=status)
    write_source(settings, start=[site.url + "/"])
    assert state(crawl(settings))[0] == expected
    assert len([path for path in site.asked if path.startswith("/t")]) <= 3  # what was under way, and nothing more


def test_robots_forbidding_the_start_is_a_state_of_its_own(site, settings):
    site.html("/secret", board("t1"))
    write_source(settings, start=[site.url + "/secret"])
    assert state(crawl(settings))[0] == State.ROBOTS_FORBIDDEN
    assert site.asked == ["/robots.txt"]


def test_a_written_agreement_stands_above_robots(site, settings):
    site.html("/secret", board("t1"))
    site.html("/t1", thread(post("a")))
    write_source(settings, start=[site.url + "/secret"], robots_agreement="2026-01-01 书面同意采集全部版块")
    assert state(crawl(settings))[0] == State.RUNNING
    assert "/robots.txt" not in site.asked


def test_a_site_that_is_not_there_is_unreachable(settings):
    write_source(settings, start=["http://127.0.0.1:9/"])
    assert state(crawl(settings))[0] == State.UNREACHABLE


def test_nothing_is_asked_outside_of_the_agreed_hours(site, settings):
    here = datetime.now(UTC).astimezone(settings_zone())
    closed = f"{here + timedelta(hours=2):%H:%M}-{here + timedelta(hours=3):%H:%M}"
    write_source(settings, start=[site.url + "/"], windows=[closed])
    assert state(crawl(settings))[0] == State.WINDOW_CLOSED
    assert site.asked == []


def settings_zone():
    from zoneinfo import ZoneInfo

    return ZoneInfo("Asia/Shanghai")


def test_pages_that_lost_a_field_are_noticed_within_two_fetches_and_not_published(site, settings):
    site.html("/", board(*[f"t{n}" for n in range(8)]))
    for number in range(8):
        site.html(f"/t{number}", thread(*[post(f"{number}-{n}") for n in range(5)]))
    write_source(settings, start=[site.url + "/"])
    crawl(settings)
    assert len(published(settings)) == 40
    asked = len(site.asked)
    site.html("/", board(*[f"t{n}" for n in range(8)], activity="2"))
    for number in range(8):
        posts = [post(f"{number}-{n}", author="<b></b>") for n in range(9)]
        site.html(f"/t{number}", thread(*posts))
    found, evidence = state(crawl(settings))
    assert (found, evidence) == (State.LAYOUT_CHANGED, "author: found in 0 of 9, usually in 100%")
    assert len(published(settings)) == 40
    assert len([path for path in site.asked[asked:] if path.startswith("/t")]) <= 4  # the second ends it; two may be under way
    write_source(settings, start=[site.url + "/"], permission="书面同意，2026-11 复核")  # whoever changes the file has looked
    assert state(crawl(settings))[0] == State.RUNNING


def test_a_thread_whose_posts_were_all_deleted_is_no_change_of_the_layout(site, settings):
    site.html("/", board(*[f"t{n}" for n in range(8)]))
    for number in range(8):
        site.html(f"/t{number}", thread(*[post(f"{number}-{n}") for n in range(5)]))
    write_source(settings, start=[site.url + "/"])
    crawl(settings)
    site.html("/", board(*[f"t{n}" for n in range(8)], activity="2"))
    for emptied in ("t2", "t3"):
        site.html(f"/{emptied}", thread())
    for number in (0, 1, 4, 5, 6, 7):
        site.html(f"/t{number}", thread(*[post(f"{number}-{n}") for n in range(6)]))
    lines = crawl(settings)
    assert sum(line["event"] == "post gone" for line in lines) == 10
    assert [line["complete"] for line in lines if line["event"] == "pass"] == [True]
    asked = len(site.asked)
    crawl(settings)
    assert not {"/t2", "/t3"} & set(site.asked[asked:])  # seen, and left alone until their list shows something


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "localhost.localdomain"])
def test_a_name_that_leads_into_the_own_network_is_never_connected_to(site, settings, host):
    site.html("/", board("t1"))
    write_source(settings, start=[f"http://{host}:{site.port}/"])
    lines = crawl(settings)
    assert site.asked == []
    assert state(lines)[0] == State.UNREACHABLE


def test_a_redirect_into_the_own_network_is_not_followed(site, settings):
    site.html("/", "", status=302, Location=f"http://localhost:{site.port}/inside")
    site.html("/inside", board("t1"))
    write_source(settings, start=[site.url + "/"])
    crawl(settings)
    assert "/inside" not in site.asked


def test_states_are_told_with_what_to_do(site, settings):
    write_source(settings, start=[site.url + "/secret"])
    with Process("sources", "states", data=settings.data) as process:
        assert process.wait() == 0
    assert "还没有访问过" in process.out[0]
    crawl(settings)
    with Process("sources", "states", data=settings.data) as process:
        assert process.wait() == 0, process.err
    assert process.out[0].startswith("one: robots 不允许 (robots_forbidden) 20")
    assert "robots.txt 不允许采集起始页 (Forbidden by robots.txt)" in process.out[1]
    assert ADVICE[State.ROBOTS_FORBIDDEN][0] in process.out[2]


def test_check_names_every_mistake_of_every_file_with_its_line(settings):
    write_source(settings, start=["nothing"], rate={"delay": 0})
    with Process("sources", "check", data=settings.data) as process:
        assert process.wait() == 2
    assert ["one.yaml" in line and any(field in line for field in (": start.0: ", ": rate.delay: ")) for line in process.err] == [
        True,
        True,
    ]


def visited(**other) -> Visited:
    return Visited(**({"at": NOW, "complete": True, "pages": 1, "fresh": 0} | other))


def test_each_state_has_its_advice_in_two_languages():
    assert set(ADVICE) == set(State)
    assert all(chinese and english for chinese, english in ADVICE.values())


def test_a_state_keeps_its_beginning_and_a_source_falls_quiet_after_a_day():
    running = after(None, visited(fresh=3))
    later = after(running, visited(at=NOW + timedelta(hours=23)))
    quiet = after(later, visited(at=NOW + timedelta(hours=25)))
    assert [one.state for one in (running, later, quiet)] == [State.RUNNING, State.RUNNING, State.QUIET]
    assert later.since == NOW
    assert quiet.since == NOW + timedelta(hours=25)
    assert after(quiet, visited(at=NOW + timedelta(hours=26), fresh=1)).state == State.RUNNING


def test_a_site_that_refuses_is_asked_less_and_less_often():
    condition, rests = None, []
    for _ in range(14):
        condition = after(condition, visited(wall=Wall(State.BLOCKED, "no"), complete=False))
        rests.append(rest_after(condition, 60))
    assert rests[:3] == [120, 240, 480]
    assert rests[-1] == 86_400
    assert rest_after(after(condition, visited(fresh=1)), 60) == 60
