"""Partners push posts: scopes, keys against sending twice, and what they are told while the classifier is behind."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from alerting.console import repeats
from alerting.console.app import create_app
from alerting.console.drain import LONGEST, UNKNOWN
from humiao.account import Role
from humiao.log import POSTS, open_log
from humiao.post import Post
from humiao.settings import ConsoleSettings, Settings

GOOD = {"platform": "clues", "native_id": "1", "text": "有人在校门口卖电子烟", "ts": "2026-03-02T13:00:00+08:00"}
OTHER = GOOD | {"native_id": "2"}
KEY = {"Idempotency-Key": "0b5f7a52-6f0e-4b1a-9c43-0d8a6a5a7b11"}


@pytest.fixture
def bearer(app, people, clock):
    def of(role):
        return {"Authorization": f"Bearer {app.state.context.tokens.issue(people[role], 30, clock())}"}

    return of


@pytest.fixture
def push(visitor, bearer):
    def send(items, headers=None, client=visitor):
        return client.post("/api/v1/posts", json=items, headers=bearer(Role.PARTNER) | (headers or {}))

    return send


def size(data) -> int:
    with open_log(Settings(data=data)) as log:
        return log.size(POSTS)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PARTNER])
def test_a_token_of_another_scope_pushes_nothing(visitor, bearer, role, data):
    answer = visitor.post("/api/v1/posts", json=[GOOD], headers=bearer(role))
    assert answer.status_code == 403
    assert size(data) == 0


def test_without_a_token_nothing_is_read(visitor):
    assert visitor.post("/api/v1/posts", content=b"{").status_code in {401, 403}


def test_a_pair_in_one_batch_has_one_id_and_both_are_accepted(push, data):
    receipt = push([GOOD, GOOD]).json()
    assert [one["status"] for one in receipt["results"]] == ["accepted", "accepted"]
    assert len({one["id"] for one in receipt["results"]}) == 1
    assert size(data) == 1


def test_partners_name_no_pictures_that_we_hold(push):
    (result,) = push([GOOD | {"attachments": ["0" * 64]}]).json()["results"]
    assert result["status"] == "rejected"
    assert result["reason"].startswith("attachments: no such field")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/csv"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "application/json; charset=gbk"}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "application/json; charset=UTF-8"}, 202),
        ({"Content-Type": "application/vnd.humiao+json"}, 202),
        ({}, 202),
        ({"Idempotency-Key": ""}, 400),
        ({"Idempotency-Key": "x" * 256}, 400),
        ({"Idempotency-Key": "tab\tin it"}, 400),
        ({"Idempotency-Key": "x" * 255}, 202),
    ],
)
def test_headers_that_do_not_fit_are_named(visitor, bearer, headers, status):
    answer = visitor.post("/api/v1/posts", content=json.dumps([GOOD]), headers=bearer(Role.PARTNER) | headers)
    assert answer.status_code == status
    if status != 202:
        assert answer.json()["detail"]
        assert "\n" not in answer.json()["detail"]


def test_the_same_batch_with_its_key_is_taken_once(push, data):
    first = push([GOOD, {"text": "x"}], KEY)
    again = push([GOOD, {"text": "x"}], KEY)
    assert (first.status_code, again.status_code, size(data)) == (202, 202, 1)
    assert first.json() == again.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"


def test_another_batch_with_the_same_key_is_refused(push, data):
    push([GOOD], KEY)
    answer = push([OTHER], KEY)
    assert answer.status_code == 422
    assert "another body" in answer.json()["detail"]
    assert size(data) == 1
    assert push([OTHER], {"Idempotency-Key": "another"}).status_code == 202


def test_keys_of_two_partners_are_their_own(app, push, visitor, staffed, people, clock):
    second = people[Role.PARTNER].model_copy(update={"name": "hotline"})
    staffed.put_account(second)
    push([GOOD], KEY)
    token = app.state.context.tokens.issue(second, 1, clock())
    answer = visitor.post("/api/v1/posts", json=[OTHER], headers={"Authorization": f"Bearer {token}"} | KEY)
    assert answer.status_code == 202


def test_a_key_is_kept_for_a_day(push, clock, data, staffed):
    push([GOOD], KEY)
    clock.forward(hours=23, minutes=59)
    assert push([OTHER], KEY).status_code == 422
    clock.forward(minutes=2)
    assert push([OTHER], KEY).status_code == 202
    assert size(data) == 2
    for n in range(3):
        clock.forward(hours=30)
        push([GOOD], {"Idempotency-Key": f"later {n}"})
        assert len(staffed.notes("received/partner")) == 1


def test_a_partner_has_so_many_keys_a_day(push, clock, monkeypatch):
    monkeypatch.setattr(repeats, "MOST_KEYS", 5)
    assert [push([GOOD], {"Idempotency-Key": str(n)}).status_code for n in range(7)] == [202] * 5 + [429] * 2
    assert push([GOOD], {"Idempotency-Key": "0"}).status_code == 202  # a known one
    assert push([GOOD]).status_code == 202  # none
    clock.forward(hours=25)
    assert push([GOOD], {"Idempotency-Key": "new day"}).status_code == 202


def test_a_batch_that_broke_off_goes_in_when_it_is_sent_again(data, staffed, clock, people):
    folder = data / "a folder"
    folder.mkdir()
    headers = {}
    for settings, status in (
        (Settings(data=data, log=f"sqlite:///{folder}"), 503),
        (Settings(data=data), 202),
        (Settings(data=data), 202),
    ):
        app = create_app(settings, staffed, clock=clock)
        with TestClient(app, base_url="http://console.test", raise_server_exceptions=False) as client:
            headers = {"Authorization": f"Bearer {app.state.context.tokens.issue(people[Role.PARTNER], 1, clock())}"} | KEY
            answer = client.post("/api/v1/posts", json=[GOOD], headers=headers)
            assert answer.status_code == status
            assert (status == 503) == ("retry-after" in answer.headers)
    assert answer.headers["idempotency-replayed"] == "true"
    assert size(data) == 1


@contextmanager
def console(data):
    process = subprocess.Popen(
        [sys.executable, "-m", "humiao", "console", "--port", "0", "--data", str(data)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        process.stdout.close()


def test_two_consoles_on_one_store_take_a_batch_once_between_them(data, staffed, app, people, clock):
    token = app.state.context.tokens.issue(people[Role.PARTNER], 30, datetime.now(UTC))
    bodies = [json.dumps([GOOD]).encode(), json.dumps([OTHER]).encode()]

    def send(address, body):
        request = urllib.request.Request(
            f"{address.rstrip('/')}/api/v1/posts",
            body,
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **KEY},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, b""

    with console(data) as one, console(data) as two:
        first = send(one, bodies[0])
        assert first[0] == 202
        assert send(two, bodies[0]) == first
        assert send(two, bodies[1])[0] == 422
        assert size(data) == 1
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda n: send((one, two)[n % 2], bodies[0]), range(24)))
        assert set(answers) == {first}
    with open_log(Settings(data=data)) as log:
        assert len({message.key for message in log.read(POSTS)}) == 1


@pytest.fixture
def lagging(data, staffed, clock, people):
    """A console that lets 100 posts wait, and the log."""
    settings = Settings(data=data, console=ConsoleSettings(ingest_lag=100))
    app = create_app(settings, staffed, clock=clock)
    with TestClient(app, base_url="http://console.test", raise_server_exceptions=False) as client, open_log(settings) as log:
        headers = {"Authorization": f"Bearer {app.state.context.tokens.issue(people[Role.PARTNER], 1, clock())}"}
        yield lambda items, more={}: client.post("/api/v1/posts", json=items, headers=headers | more), log


def classify(log, most):
    """What the classify stage does to its group."""
    done = 0
    with log.subscribe(POSTS, "classify") as consumer:
        while done < most and (messages := consumer.poll(most - done, 2)):
            consumer.commit(messages)
            done += len(messages)
    return done


def batch(start, count):
    return [GOOD | {"native_id": str(n)} for n in range(start, start + count)]


def test_a_partner_waits_as_long_as_the_classifier_needs(lagging, clock):
    push, log = lagging
    assert push(batch(0, 100)).status_code == 202
    assert push(batch(100, 100)).status_code == 202  # within the same second: 100 wait
    refused = push(batch(200, 1))
    assert refused.status_code == 429  # counted without asking the log again
    assert "classifier" in refused.json()["detail"]
    clock.forward(seconds=2)
    assert int(push(batch(200, 1)).headers["retry-after"]) == UNKNOWN  # nothing was drained yet
    clock.forward(seconds=8)
    assert classify(log, 50) == 50
    refused = push(batch(200, 1))
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == 10  # 50 in 10 s; 150 wait, 100 may
    assert log.size(POSTS) == 200
    clock.forward(seconds=10)
    classify(log, 50)
    assert push(batch(200, 1)).status_code == 202
    assert log.size(POSTS) == 201


def test_nobody_is_sent_away_for_longer_than_five_minutes(lagging, clock):
    push, log = lagging
    push(batch(0, 500))
    clock.forward(seconds=100)
    classify(log, 1)
    assert int(push(batch(500, 1)).headers["retry-after"]) == LONGEST


def test_a_batch_that_was_taken_is_answered_while_the_classifier_is_behind(lagging):
    push, _ = lagging
    first = push(batch(0, 500), KEY)
    assert first.status_code == 202
    assert push(batch(500, 1)).status_code == 429
    again = push(batch(0, 500), KEY)
    assert (again.status_code, again.json()) == (202, first.json())


def test_a_clock_that_is_put_back_measures_anew(lagging, clock):
    push, log = lagging
    push(batch(0, 500))
    clock.forward(hours=-1)
    assert push(batch(500, 1)).status_code == 429
    classify(log, 450)
    clock.forward(seconds=5)
    assert push(batch(500, 1)).status_code == 202


def test_the_description_has_every_answer_with_an_example(visitor):
    route = visitor.get("/api/openapi.json").json()["paths"]["/api/v1/posts"]["post"]
    assert set(route["responses"]) == {"202", "400", "401", "403", "413", "415", "422", "429", "503"}
    for status, answer in route["responses"].items():
        assert answer["description"]
        assert answer["content"]["application/json"]["example"], status
    for status in ("429", "503"):
        assert "Retry-After" in route["responses"][status]["headers"]
    (key,) = [one for one in route["parameters"] if one["in"] == "header"]
    assert (key["name"].lower(), key["required"]) == ("idempotency-key", False)
    body = route["requestBody"]["content"]["application/json"]
    example = Post.from_json(json.dumps(body["example"]["posts"][0]).encode())
    assert route["responses"]["202"]["content"]["application/json"]["example"]["results"][0]["id"] == example.id
    assert set(body["schema"]["properties"]["posts"]["items"]["properties"]) >= set(body["example"]["posts"][0])
