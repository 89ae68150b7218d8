"""The page of sources: what needs attention first, filters without scripts, pausing by those who operate."""

import re
from datetime import timedelta

import pytest

from humiao.account import Role
from humiao.source_status import (
    ADVICE,
    CRAWLER_NOTES,
    PAUSE_NOTES,
    SOURCE_NOTES,
    STATE_NAMES,
    Change,
    CrawlerNote,
    Pause,
    SourceStatus,
    State,
)
from tests.alerting.console.conftest import NOW, form_token

NAME = re.compile(r'href="/sources/([\w-]+)"><b>')


def status(name: str, state: State | None = State.RUNNING, **other) -> SourceStatus:
    now = Change(state=state, since=NOW - timedelta(hours=5), evidence="3 new posts, 12 pages", evidence_zh="新帖 3 条，读了 12 页") if state else None  # fmt: skip
    given = {
        "name": name, "platform": f"{name} 论坛", "family": "discuz", "owner": "某街道办", "permission": "2026 年书面同意", "place": "坂田街道",
        "start": "https://bbs.example/", "delay": 10, "now": now, "last_new": NOW - timedelta(minutes=20), "visited_at": NOW,
        "next_at": NOW + timedelta(minutes=1), "posts_day": 1234, "pages_day": 56, "crawler": "one:1", "at": NOW,
    }  # fmt: skip
    return SourceStatus.model_validate(given | other)


def crawler(name: str = "one:1", **other) -> CrawlerNote:
    given = {"name": name, "mark": "m", "beat": 1, "scope": "s", "lease": 15, "since": NOW, "at": NOW, "sources": 2}
    return CrawlerNote.model_validate(given | other)


def put(store, *statuses: SourceStatus) -> None:
    store.put_notes(SOURCE_NOTES, {one.name: one.model_dump_json() for one in statuses})
    store.put_notes(CRAWLER_NOTES, {"id1": crawler().model_dump_json()})


def names(page: str) -> list[str]:
    return NAME.findall(page)


def test_what_needs_attention_stands_first(browser, staffed):
    put(staffed, *[status(f"s-{state.replace('_', '-')}", state) for state in State], status("new", None))
    page = browser(Role.PATROL).get("/sources").text
    shown = names(page)
    assert shown[:5] == ["s-layout-changed", "s-blocked", "s-login-wall", "s-captcha", "s-robots-forbidden"]
    assert shown[-2:] == ["s-running", "new"]
    for state in State:
        assert STATE_NAMES[state] in page
        assert state == State.RUNNING or ADVICE[state][0] in page


def test_a_row_tells_everything_about_a_source(browser, staffed):
    put(staffed, status("one"))
    page = browser(Role.ANALYST).get("/sources").text
    for said in ("正常采集", "09:00 起", "新帖 3 条，读了 12 页", "13:40", "24 小时 1,234 帖 · 56 页", "每 10 秒一次", "one:1", "某街道办",
                 "2026 年书面同意", "坂田街道", "1 个采集进程"):  # fmt: skip
        assert said in page, said
    english = browser(Role.ANALYST).get("/sources?lang=en").text
    for said in ("Running", "3 new posts, 12 pages", "One request per 10 s", "24 h: 1,234 posts, 56 pages"):
        assert said in english, said


def test_three_hundred_sources_are_filtered_without_scripts(browser, staffed):
    put(staffed, *[status(f"s{n:03d}", State.BLOCKED if n % 50 == 7 else State.RUNNING) for n in range(300)])
    client = browser(Role.OPS)
    assert len(names(client.get("/sources").text)) == 300
    assert names(client.get("/sources?state=blocked").text) == ["s007", "s057", "s107", "s157", "s207", "s257"]
    assert names(client.get("/sources?state=blocked&name=S10").text) == ["s107"]
    assert len(names(client.get("/sources?name=坂田").text)) == 300
    assert "没有符合条件的来源" in client.get("/sources?name=nowhere").text
    assert len(names(client.get("/sources?state=nonsense").text)) == 300
    assert 'href="/sources?state=running&amp;name=s1"' in client.get("/sources?name=s1").text


def test_it_shows_when_nobody_crawls(browser, staffed):
    put(staffed, status("kept"), status("left", crawler="gone:9"))
    page = browser(Role.OPS).get("/sources").text
    assert page.count("无进程采集") == 1
    staffed.put_notes(CRAWLER_NOTES, {"id1": crawler(at=NOW - timedelta(minutes=5)).model_dump_json()})
    page = browser(Role.OPS).get("/sources").text
    assert "没有采集进程在运行" in page
    assert page.count("无进程采集") == 2


def test_an_empty_installation_says_what_to_do(browser):
    assert "humiao crawl" in browser(Role.OPS).get("/sources").text


def test_a_source_shows_its_history(browser, staffed):
    past = tuple(
        Change(state=state, since=NOW - timedelta(days=n + 1), evidence=f"evidence {n}", evidence_zh=f"依据 {n}")
        for n, state in enumerate([State.UNREACHABLE, State.RUNNING, State.QUIET])
    )
    put(staffed, status("one", history=past))
    page = browser(Role.PATROL).get("/sources/one").text
    assert [page.index(f"依据 {n}") for n in range(3)] == sorted(page.index(f"依据 {n}") for n in range(3))
    assert 'href="https://bbs.example/"' in page
    assert "暂停采集" not in page  # patrol may look, not pause
    assert browser(Role.PATROL).get("/sources/other").status_code == 404


@pytest.mark.parametrize("role", [Role.OPS, Role.SUPERVISOR])
def test_those_who_operate_pause_and_resume(browser, staffed, role):
    put(staffed, status("one"))
    client = browser(role)
    page = client.get("/sources/one").text
    answer = client.post("/sources/one/pause", data={"csrf": form_token(page), "reason": "  站方要求\n暂停 "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sources/one")
    kept = Pause.model_validate_json(staffed.note(PAUSE_NOTES, "one").value)
    assert (kept.who, kept.why, kept.at) == (role.value, "站方要求 暂停", NOW)
    page = client.get("/sources/one").text
    assert "正在暂停" in page  # the crawl process has not obeyed yet
    assert "站方要求 暂停" in page
    put(staffed, status("one", State.PAUSED))
    assert "正在暂停" not in client.get("/sources/one").text
    answer = client.post("/sources/one/resume", data={"csrf": form_token(page)})
    assert answer.status_code == 303
    assert staffed.note(PAUSE_NOTES, "one") is None
    assert "正在恢复" in client.get("/sources/one").text


def test_a_pause_needs_a_reason_and_the_first_one_stays(browser, staffed):
    put(staffed, status("one"))
    client = browser(Role.OPS)
    token = form_token(client.get("/sources/one").text)
    for reason in ("", "   ", "长" * 301):
        answer = client.post("/sources/one/pause", data={"csrf": token, "reason": reason})
        assert answer.status_code == 422
        assert "请写明原因" in answer.text
    assert staffed.notes(PAUSE_NOTES) == {}
    client.post("/sources/one/pause", data={"csrf": token, "reason": "先来的"})
    client.post("/sources/one/pause", data={"csrf": token, "reason": "后来的"})
    assert "先来的" in staffed.note(PAUSE_NOTES, "one").value


def test_what_a_site_says_stays_text(browser, staffed):
    hostile = "<script>alert(1)</script>\u202e"
    put(staffed, status("one", now=Change(state=State.BLOCKED, since=NOW, evidence=hostile, evidence_zh=hostile), start="javascript:alert(1)"))  # fmt: skip
    for page in (browser(Role.OPS).get("/sources").text, browser(Role.OPS).get("/sources/one").text):
        assert "<script>alert" not in page
        assert 'href="javascript' not in page
        assert "<bdi>&lt;script&gt;" in page
