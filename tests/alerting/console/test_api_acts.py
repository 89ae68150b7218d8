"""What people do to alerts over HTTP: who may, what conflicts, what the history says."""

import pytest

from humiao.account import Role
from humiao.alert import Grade, Status
from tests.builders import make_alert


@pytest.fixture
def bearer(app, people, clock):
    def of(role):
        return {"Authorization": f"Bearer {app.state.context.tokens.issue(people[role], 30, clock())}"}

    return of


def test_an_alert_is_claimed_taken_over_reopened_and_its_history_read(visitor, bearer, staffed):
    alert = make_alert(grade=Grade.YELLOW)
    staffed.put_alert(alert, None)
    url = f"/api/v1/alerts/{alert.id}/events"
    patrol, supervisor = bearer(Role.PATROL), bearer(Role.SUPERVISOR)

    def act(who, **body):
        return visitor.post(url, json=body, headers=who)

    def history():
        answer = visitor.get(url, headers=bearer(Role.ANALYST))
        assert answer.status_code == 200
        return answer.json()

    assert act(patrol, kind="claimed", minutes=60).json()["data"] == {"until": "2026-03-02T07:00:00Z"}
    assert history()["claim"]["actor"] == "patrol"
    refused = act(supervisor, kind="decided", decision="confirm")
    assert (refused.status_code, "patrol works on it until" in refused.json()["detail"]) == (409, True)
    assert act(supervisor, kind="claimed", take_over=True).status_code == 422
    assert act(supervisor, kind="claimed", take_over=True, reason="急").json()["data"]["from"] == "patrol"
    assert act(patrol, kind="released").status_code == 409
    assert act(supervisor, kind="released").status_code == 201
    assert act(patrol, kind="second_view", reason="拿不准").status_code == 201
    assert history()["second_view"]["actor"] == "patrol"
    assert act(patrol, kind="decided", decision="dismiss", reason="误报").status_code == 409
    assert act(supervisor, kind="decided", decision="transfer", department="公安").json()["data"]["department"] == "公安"
    assert act(patrol, kind="reviewed", decision="confirm").json()["data"]["agrees"] is True
    assert act(patrol, kind="labelled", harm=["fraud"], stance="offender").status_code == 201
    assert act(patrol, kind="reopened", reason="新线索").status_code == 201
    assert act(patrol, kind="noted", text="已致电").status_code == 201
    told = history()
    assert (told["broken"], told["claim"], told["since_closed"]["new"], told["since_closed"]["reposts"]) == ([], None, [], 0)
    assert told["since_closed"]["closed"]["actor"] == "supervisor"
    kinds = ["claimed", "claimed", "released", "second_view", "decided", "reviewed", "labelled", "reopened", "noted"]
    assert [event["kind"] for event in told["events"]] == kinds
    for body in (
        {"kind": "claimed", "minutes": 0},
        {"kind": "claimed", "minutes": 721},
        {"kind": "released", "x": 1},
        {"kind": 3},
        [],
        5,
    ):
        assert visitor.post(url, json=body, headers=patrol).status_code == 422
    for role, status in ((Role.ANALYST, 403), (Role.OPS, 403), (Role.PARTNER, 403)):
        assert act(bearer(role), kind="claimed").status_code == status
    for role in (Role.OPS, Role.PARTNER):
        assert visitor.get(url, headers=bearer(role)).status_code == 403


def test_a_window_is_opened_from_an_alert_and_ended(visitor, bearer, staffed):
    alert = make_alert(grade=Grade.YELLOW)
    staffed.put_alert(alert, None)
    url = f"/api/v1/alerts/{alert.id}/events"
    headers = bearer(Role.SUPERVISOR)
    body = {"kind": "window_opened", "what": "incident", "until": "2026-03-05T14:00:00+08:00", "reason": "刷屏"}
    for bad in ({"until": "2026-03-05T14:00:00"}, {"until": "2020-01-01T00:00:00Z"}, {"what": "weather"}, {"reason": " "}):
        assert visitor.post(url, json=body | bad, headers=headers).status_code == 422
    opened = visitor.post(url, json=body, headers=headers)
    assert opened.status_code == 201
    window = opened.json()["alert"]
    assert staffed.alert(alert.id).value.status is Status.DISMISSED
    told = visitor.get(url, headers=headers).json()
    assert told["hidden"]["data"]["window"] == window
    assert [(one["id"], one["kind"], one["by"]) for one in told["windows"]] == [(window, "incident", "supervisor")]
    end = {"kind": "window_ended", "window": window, "reason": "看一眼"}
    assert visitor.post(url, json=end | {"window": "0" * 32}, headers=headers).status_code == 404
    assert visitor.post(url, json=end, headers=headers).json()["kind"] == "ended"
    assert visitor.post(url, json=end, headers=headers).status_code == 409
    assert staffed.alert(alert.id).value.status is Status.OPEN
    assert visitor.get(url, headers=headers).json()["windows"] == []
