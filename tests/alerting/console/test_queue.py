import re
from datetime import timedelta

import pytest

from alerting.console.pages.queue import PAGE
from humiao.account import Role
from humiao.alert import Grade, Status, alert_id
from humiao.labels import Harm
from humiao.store import AlertFilter
from tests.alerting.console.conftest import NOW
from tests.builders import make_alert

ROWS = re.compile(r'href="/alerts/([0-9a-f]{32})" data-item')


def fill(store, count=PAGE * 2 + 5):
    alerts = [
        make_alert(
            id=alert_id(str(n)), grade=list(Grade)[n % 4], harm=[Harm.FRAUD if n % 3 else Harm.DRUGS], deadline=NOW + timedelta(minutes=n * 7 - 60),
            status=Status.OPEN if n % 5 else Status.DISMISSED,
        )
        for n in range(count)
    ]  # fmt: skip
    for alert in alerts:
        store.put_alert(alert, None)
    return alerts


def walk(client, url):
    """Ids of all the pages from `url` on."""
    seen = []
    while url:
        page = client.get(url)
        assert page.status_code == 200
        seen += ROWS.findall(page.text)
        onward = re.search(r'rel="next" href="([^"]+)"', page.text)
        url = onward.group(1).replace("&amp;", "&") if onward else ""
    return seen


def test_pages_show_every_open_alert_once_most_urgent_first(browser, staffed):
    alerts = [alert for alert in fill(staffed) if alert.status is Status.OPEN]
    expected = sorted(alerts, key=lambda alert: (alert.grade.rank, alert.deadline, alert.id))
    assert walk(browser(Role.PATROL), "/alerts") == [alert.id for alert in expected]


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("status=all", lambda a: True),
        ("status=dismissed", lambda a: a.status is Status.DISMISSED),
        ("grade=red&grade=blue", lambda a: a.status is Status.OPEN and a.grade in {Grade.RED, Grade.BLUE}),
        ("harm=drugs", lambda a: a.status is Status.OPEN and Harm.DRUGS in a.harm),
        ("harm=drugs&grade=red&status=all", lambda a: Harm.DRUGS in a.harm and a.grade is Grade.RED),
        ("kind=spike", lambda a: False),
        ("harm=nonsense&grade=nonsense&status=nonsense&kind=nonsense", lambda a: a.status is Status.OPEN),
    ],
)
def test_filters_in_the_address_choose_the_alerts(browser, staffed, query, fits):
    alerts = fill(staffed)
    assert set(walk(browser(Role.PATROL), f"/alerts?{query}")) == {alert.id for alert in alerts if fits(alert)}


def test_counts_are_those_of_the_store(browser, staffed):
    fill(staffed)
    page = browser(Role.PATROL).get("/alerts").text
    waiting = staffed.count_alerts(AlertFilter(statuses=frozenset({Status.OPEN})))
    assert f'<span class="count">{sum(waiting.values())}</span>' in page
    for number in waiting.values():
        assert f'<span class="count">{number}</span>' in page


def test_deadlines_count_down_in_shanghai_time(browser, staffed):
    staffed.put_alert(make_alert(id=alert_id("a"), deadline=NOW + timedelta(hours=3, minutes=20)), None)
    staffed.put_alert(make_alert(id=alert_id("b"), deadline=NOW - timedelta(days=2, hours=5)), None)
    page = browser(Role.PATROL).get("/alerts").text
    assert "剩 3 小时 20 分" in page
    assert "17:20 前处置" in page
    assert "已超时 2 天 5 小时" in page
    assert "02-28 09:00 前处置" in page


def test_a_summary_is_masked_once_more_before_it_is_listed(browser, staffed):
    staffed.put_alert(make_alert(summary="电话13812345678", excerpt="电话13812345678"), None)
    page = browser(Role.SUPERVISOR).get("/alerts").text
    assert "13812345678" not in page
    assert "138" in page


def test_a_cursor_of_another_list_is_a_clear_error(browser):
    assert browser(Role.PATROL).get("/alerts?after=nonsense").status_code == 422


def test_an_empty_queue_says_so(browser):
    assert "这里没有预警" in browser(Role.PATROL).get("/alerts").text


def test_the_queue_of_one_place_by_page_and_by_interface(browser, staffed):
    for name, place in (("a", "坂田小学、岗头社区"), ("b", "岗头社区"), ("c", "坂田小学分校"), ("d", "")):
        staffed.put_alert(make_alert(id=alert_id(name), place=place), None)
    patrol = browser(Role.PATROL)
    assert set(walk(patrol, "/alerts?place=岗头社区")) == {alert_id("a"), alert_id("b")}
    assert walk(patrol, "/alerts?place=坂田小学") == [alert_id("a")]
    page = patrol.get("/alerts").text
    assert 'href="/alerts?status=open&amp;place=%E5%B2%97%E5%A4%B4%E7%A4%BE%E5%8C%BA">岗头社区</a>' in page
    answer = patrol.get("/api/v1/alerts", params={"place": "坂田小学"}).json()
    assert [alert["id"] for alert in answer["alerts"]] == [alert_id("a")]
    hostile = patrol.get("/alerts", params={"place": '"><script>alert(1)</script>'})
    assert hostile.status_code == 200
    assert "<script>alert(1)" not in hostile.text
