"""The HTTP API: partners push posts, others read alerts and decide."""

import json
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from alerting.console.accounts import new_account
from alerting.console.api.posts import LARGEST, MOST
from alerting.console.app import create_app
from humiao.account import Role
from humiao.alert import Grade, Status, alert_id
from humiao.log import POSTS, open_log
from humiao.post import Post
from humiao.settings import Settings
from tests.alerting.console.conftest import NOW
from tests.builders import make_alert

GOOD = {"platform": "clues", "native_id": "1", "text": "有人在校门口卖电子烟", "ts": "2026-03-02T13:00:00+08:00"}


@pytest.fixture
def bearer(app, visitor, people, clock):
    def of(role, days=30):
        return {"Authorization": f"Bearer {app.state.context.tokens.issue(people[role], days, clock())}"}

    return of


def in_log(data):
    with open_log(Settings(data=data)) as log:
        return [Post.from_json(message.value) for message in log.read(POSTS)]


def test_good_posts_reach_the_log_and_bad_ones_are_named(visitor, bearer, data):
    items = [
        GOOD,
        GOOD | {"native_id": "2", "ts": "2026-03-02T13:00:00"},
        {"platform": "clues", "ts": GOOD["ts"]},
        GOOD | {"native_id": "3", "text": "  "},
        GOOD | {"native_id": "4", "text": "a\x00b"},
        GOOD | {"native_id": "5", "text": "\ud800"},
        GOOD | {"native_id": "6", "text": "x" * 300_000},
        GOOD | {"native_id": 7},
        GOOD | {"id": "0" * 32},
        GOOD | {"source": "me", "native_id": "8"},
        "text",
        None,
        [],
        GOOD | {"native_id": "9", "title": None},
    ]
    answer = visitor.post(
        "/api/v1/posts", content=json.dumps({"posts": items}), headers=bearer(Role.PARTNER) | {"content-type": "application/json"}
    )
    assert answer.status_code == 202
    receipt = answer.json()
    assert [one["index"] for one in receipt["results"]] == list(range(len(items)))
    assert [one["index"] for one in receipt["results"] if one["status"] == "accepted"] == [0, 13]
    assert (receipt["accepted"], receipt["rejected"]) == (2, 12)
    assert all(one["reason"] and one["id"] is None for one in receipt["results"] if one["status"] == "rejected")
    assert "ts" in receipt["results"][1]["reason"]
    assert "offset" in receipt["results"][1]["reason"]
    posts = in_log(data)
    assert {post.id for post in posts} == {receipt["results"][0]["id"], receipt["results"][13]["id"]}
    assert {(post.source, post.fetched_at) for post in posts} == {("partner:partner", NOW)}


def test_sending_again_gives_the_same_ids(visitor, bearer, data):
    answers = [visitor.post("/api/v1/posts", json=[GOOD, GOOD], headers=bearer(Role.PARTNER)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len({post.id for post in in_log(data)}) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"42", 400),
        (b'{"post": []}', 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"[]", 202),
        (json.dumps([GOOD] * (MOST + 1)).encode(), 413),
        (b'[{"a":' * 400 + b"1" + b"}]" * 400, 202),
    ],
)
def test_a_body_that_is_no_batch_is_refused_as_a_whole(visitor, bearer, body, status):
    assert visitor.post("/api/v1/posts", content=body, headers=bearer(Role.PARTNER)).status_code == status


def test_a_body_over_the_limit_is_not_read(visitor, bearer):
    assert visitor.post("/api/v1/posts", content=b" " * (LARGEST + 1), headers=bearer(Role.PARTNER)).status_code == 413
    big = [GOOD | {"native_id": str(n), "text": "长" * 5000} for n in range(200)]
    assert visitor.post("/api/v1/posts", json=big, headers=bearer(Role.PARTNER)).status_code == 202  # 3 MB are fine


def test_a_log_that_is_away_is_a_503_to_be_tried_again(data, staffed, clock, people):
    settings = Settings(data=data, log=f"sqlite:///{data / 'a folder'}")
    (data / "a folder").mkdir()
    app = create_app(settings, staffed, clock=clock)
    with TestClient(app, base_url="http://console.test", raise_server_exceptions=False) as client:
        token = app.state.context.tokens.issue(people[Role.PARTNER], 1, clock())
        answer = client.post("/api/v1/posts", json=[GOOD], headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["store"] == "ok"
        assert ready.json()["log"] != "ok"
        assert client.get("/healthz").status_code == 200


def test_tokens_end_with_time_password_account_and_key(visitor, bearer, staffed, people, clock, data):
    def works(headers):
        return visitor.post("/api/v1/posts", json=[], headers=headers).status_code == 202

    headers = bearer(Role.PARTNER, days=2)
    assert works(headers)
    clock.forward(days=2)
    assert not works(headers)
    headers = bearer(Role.PARTNER)
    staffed.put_account(people[Role.PARTNER].model_copy(update={"disabled": True}))
    assert not works(headers)
    staffed.put_account(new_account("partner", Role.PARTNER, "a new long password", NOW))
    assert not works(headers)
    staffed.put_account(people[Role.PARTNER].model_copy(update={"role": Role.SUPERVISOR}))  # promoted: the old scope does not grow
    assert not works(headers)
    assert visitor.get("/api/v1/alerts", headers=headers).status_code == 401
    for forged in ("", "x", "Bearer", headers["Authorization"][7:] + "x"):
        assert not works({"Authorization": f"Bearer {forged}"})


def test_a_token_is_worth_its_role_and_only_under_the_api(visitor, bearer, staffed):
    alert = make_alert()
    staffed.put_alert(alert, None)
    assert visitor.get("/api/v1/alerts", headers=bearer(Role.PARTNER)).status_code == 403
    assert visitor.get("/api/v1/alerts", headers=bearer(Role.ANALYST)).status_code == 200
    assert visitor.get("/alerts", headers=bearer(Role.ANALYST)).status_code == 303
    url = f"/api/v1/alerts/{alert.id}/events"
    assert visitor.post(url, json={"decision": "confirm"}, headers=bearer(Role.ANALYST)).status_code == 403
    assert visitor.post(url, json={"decision": "confirm"}, headers=bearer(Role.PATROL)).status_code == 201


def test_a_token_never_opens_a_session_and_a_session_no_token(app, visitor, people, clock):
    context = app.state.context
    session, token = context.sessions.start(people[Role.PATROL], clock()), context.tokens.issue(people[Role.PATROL], 1, clock())
    assert visitor.get("/api/v1/alerts", headers={"Authorization": f"Bearer {session}"}).status_code == 401
    visitor.cookies.set("humiao_session", token, domain="console.test")
    assert visitor.get("/alerts").status_code == 303


def test_alerts_are_given_as_documented_page_by_page(visitor, bearer, staffed):
    alerts = [make_alert(id=alert_id(str(n)), grade=list(Grade)[n % 4], deadline=NOW + timedelta(hours=n)) for n in range(23)]
    for alert in alerts:
        staffed.put_alert(alert, None)
    seen, after = [], None
    while True:
        page = visitor.get(
            "/api/v1/alerts", params={"limit": 7} | ({"after": after} if after else {}), headers=bearer(Role.ANALYST)
        ).json()
        seen += page["alerts"]
        after = page["next"]
        if after is None:
            break
    expected = sorted(alerts, key=lambda alert: (alert.grade.rank, alert.deadline, alert.id))
    assert seen == [alert.public() for alert in expected]
    assert set(seen[0]) == set(
        "id grade kind harm stance place platforms first_seen last_seen posts post_count status deadline policy score summary".split()
    )
    red = visitor.get("/api/v1/alerts?grade=red&status=open", headers=bearer(Role.ANALYST)).json()["alerts"]
    assert [one["id"] for one in red] == [one.id for one in expected if one.grade is Grade.RED]


def test_a_decision_by_the_api_is_the_event_that_now_stands(visitor, bearer, staffed):
    alert = make_alert()
    staffed.put_alert(alert, None)
    url = f"/api/v1/alerts/{alert.id}/events"
    for bad in (
        {},
        {"decision": "explode"},
        {"decision": "dismiss"},
        {"decision": "confirm", "actor": "x"},
        {"decision": "confirm", "kind": "raised"},
        {"decision": "dismiss", "reason": "x" * 3000},
    ):
        assert visitor.post(url, json=bad, headers=bearer(Role.SUPERVISOR)).status_code == 422
    event = visitor.post(url, json={"decision": "dismiss", "reason": "误报"}, headers=bearer(Role.SUPERVISOR)).json()
    assert event == staffed.events(alert.id)[-1].model_dump(mode="json")
    assert event["actor"] == "supervisor"
    assert event["data"]["reason"] == "误报"
    assert staffed.alert(alert.id).value.status is Status.DISMISSED
    again = visitor.post(url, json={"decision": "confirm"}, headers=bearer(Role.PATROL))
    assert again.status_code == 409
    assert "supervisor" in again.json()["detail"]


def test_metrics_count_what_waits_in_the_store(visitor, staffed):
    for n in range(3):
        staffed.put_alert(make_alert(id=alert_id(str(n)), grade=Grade.RED), None)
    text = visitor.get("/metrics").text
    assert 'humiao_alerts_open{grade="red"} 3.0' in text
    assert 'humiao_alerts_open{grade="blue"} 0.0' in text


def test_ready_when_log_and_store_answer(visitor):
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"log": "ok", "store": "ok"})


def test_a_store_that_is_away_is_named_and_pages_say_so(browser, visitor, staffed):
    client = browser(Role.PATROL)
    staffed.close()
    ready = visitor.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["log"] == "ok"
    assert ready.json()["store"] != "ok"
    assert "humiao_alerts_open{" not in visitor.get("/metrics").text
    page = client.get("/alerts")
    assert page.status_code == 503
    assert "服务暂不可用" in page.text
    assert page.headers["retry-after"]


def test_the_description_names_the_public_routes(visitor):
    document = visitor.get("/api/openapi.json").json()
    paths = {
        "/api/v1/posts",
        "/api/v1/alerts",
        "/api/v1/alerts/{alert_id}",
        "/api/v1/alerts/{alert_id}/events",
        "/api/v1/search",
        "/healthz",
        "/readyz",
        "/metrics",
    }
    assert set(document["paths"]) == paths
    assert document["openapi"].startswith("3.")


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/v1/alerts/"])
def test_failures_of_the_api_are_json(visitor, path):
    assert "detail" in visitor.get(path).json()
