from concurrent.futures import ThreadPoolExecutor

from humiao.account import Role
from humiao.alert import Status, alert_id
from humiao.event import broken_links
from tests.alerting.console.conftest import form_token
from tests.builders import make_alert, make_event


def decide(client, alert, decision, reason=""):
    token = form_token(client.get("/alerts").text)
    return client.post(f"/alerts/{alert.id}/decision", data={"csrf": token, "decision": decision, "reason": reason})


def test_a_confirmed_alert_leaves_the_queue_and_tells_who_and_why(browser, staffed, clock):
    alert = make_alert()
    staffed.put_alert(alert, None)
    client = browser(Role.PATROL)
    assert decide(client, alert, "confirm", "已转派出所").headers["location"] == f"/alerts/{alert.id}"
    held = staffed.alert(alert.id).value
    assert (held.status, held.decided_by, held.decided_at) == (Status.CONFIRMED, "patrol", clock.now)
    page = client.get(f"/alerts/{alert.id}").text
    assert "已转派出所" in page
    assert "data-decide" not in page
    assert alert.id not in client.get("/alerts").text
    assert alert.id in client.get("/alerts?status=confirmed").text


def test_a_dismissal_needs_a_reason(browser, staffed):
    alert = make_alert()
    staffed.put_alert(alert, None)
    client = browser(Role.PATROL)
    refused = decide(client, alert, "dismiss", "   ")
    assert refused.status_code == 422
    assert "排除须写明理由" in refused.text
    assert decide(client, alert, "dismiss", "误报").status_code == 303
    assert staffed.alert(alert.id).value.status is Status.DISMISSED


def test_an_unknown_decision_or_a_whole_book_as_reason_is_refused(browser, staffed):
    alert = make_alert()
    staffed.put_alert(alert, None)
    client = browser(Role.PATROL)
    assert decide(client, alert, "explode", "x").status_code == 422
    assert decide(client, alert, "dismiss", "长" * 3000).status_code == 422
    assert staffed.alert(alert.id).value.status is Status.OPEN


def test_of_two_people_at_the_same_time_one_decides_and_the_other_sees_it(browser, staffed):
    alert = make_alert()
    staffed.put_alert(alert, None)
    clients = [browser(Role.PATROL), browser(Role.SUPERVISOR)] * 3
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(
            pool.map(lambda pair: decide(pair[1], alert, "confirm" if pair[0] % 2 else "dismiss", "理由"), enumerate(clients))
        )
    assert sorted(answer.status_code for answer in answers) == [303] + [409] * 5
    assert all("刚被他人处理" in answer.text for answer in answers if answer.status_code == 409)
    events = staffed.events(alert.id)
    assert [event.kind for event in events].count("decided") == 1
    assert broken_links(events) == []


def test_the_link_of_a_merged_alert_leads_to_the_survivor(browser, staffed):
    survivor = make_alert(id=alert_id("a"))
    middle = make_alert(id=alert_id("b"), status=Status.MERGED, merged_into=survivor.id)
    first = make_alert(id=alert_id("c"), status=Status.MERGED, merged_into=middle.id)
    for alert in (survivor, middle, first):
        staffed.put_alert(alert, None)
    client = browser(Role.PATROL)
    assert client.get(f"/alerts/{first.id}").headers["location"] == f"/alerts/{survivor.id}"
    assert decide(client, first, "confirm").headers["location"] == f"/alerts/{survivor.id}"
    assert staffed.alert(survivor.id).value.status is Status.CONFIRMED
    assert browser(Role.PATROL).get(f"/api/v1/alerts/{first.id}").json()["merged_into"] == middle.id


def test_who_opened_an_alert_is_recorded_once_a_shift(browser, staffed, clock):
    alert = make_alert()
    staffed.put_alert(alert, None)
    patrol, analyst = browser(Role.PATROL), browser(Role.ANALYST)
    for client in (patrol, patrol, analyst, patrol):
        assert client.get(f"/alerts/{alert.id}").status_code == 200
    assert [event.actor for event in staffed.events(alert.id)] == ["patrol", "analyst"]
    clock.forward(hours=9)
    browser(Role.PATROL).get(f"/alerts/{alert.id}")
    assert [event.actor for event in staffed.events(alert.id)] == ["patrol", "analyst", "patrol"]


def test_a_broken_chain_is_said_aloud(browser, staffed, data):
    import sqlite3

    alert = make_alert()
    staffed.put_alert(alert, None)
    first = make_event(alert.id)
    staffed.append_event(first)
    staffed.append_event(make_event(alert.id, 2, first.hash, kind="joined"))
    client = browser(Role.PATROL)
    assert "记录链完整，共 3 条" in client.get(f"/alerts/{alert.id}").text
    with sqlite3.connect(data / "store.db") as db:  # somebody with the file changes the past
        tables = [
            (name, column)
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' AND name LIKE '%event%'")
            for (_, column, *_) in db.execute(f"PRAGMA table_info({name})")
        ]
        for table, column in tables:
            db.execute(f"UPDATE {table} SET {column} = replace({column}, 'yellow', 'purple') WHERE typeof({column}) = 'text'")
    assert "记录链在第 1, 2 条处断裂" in client.get(f"/alerts/{alert.id}").text


def test_the_next_link_leads_through_the_queue(browser, staffed):
    from datetime import timedelta

    from tests.builders import NOON

    alerts = [make_alert(id=alert_id(str(n)), deadline=NOON + timedelta(hours=n)) for n in range(3)]
    for alert in alerts:
        staffed.put_alert(alert, None)
    client = browser(Role.PATROL)
    for here, there in ((0, 1), (1, 2), (2, 0)):
        assert f'href="/alerts/{alerts[there].id}" data-next' in client.get(f"/alerts/{alerts[here].id}").text


def test_an_unknown_alert_is_not_found(browser):
    for id in ("0" * 32, "x", "..%2f..%2fetc", "９" * 80):
        assert browser(Role.PATROL).get(f"/alerts/{id}").status_code == 404
    assert browser(Role.PATROL).get(f"/api/v1/alerts/{'0' * 32}").status_code == 404
