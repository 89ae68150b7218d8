"""Each kind of channel against a local receiver: what it is sent, and what counts as taken."""

import json

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from alerting.notify.routes import Channel
from alerting.notify.transport import Transport
from humiao.alert import Grade
from tests.alerting.notify import receivers
from tests.builders import NOON

ROBOTS = {
    "wecombot": (NotifyWeComBot, "wecombot://key-1", "/?key=key-1", "errcode", lambda got: got["text"]["content"]),
    "dingtalk": (NotifyDingTalk, "dingtalk://abc123/", "/?access_token=abc123", "errcode", lambda got: got["text"]["content"]),
    "feishu": (NotifyFeishu, "feishu://token-1", "/token-1/", "code", lambda got: got["content"]["text"]),
}
FORMS = {"wecombot": "/?key={key}", "dingtalk": "/?access_token={token}", "feishu": "/{token}/"}


def transport(tmp_path, url):
    (tmp_path / "there.url").write_text(f"{url}\n")
    return Transport(tmp_path / "routes.yaml", "there", Channel(url="file:there.url", timeout_seconds=0.5), lambda: NOON)


@pytest.fixture(params=ROBOTS)
def robot(request, hook, tmp_path, monkeypatch):
    """A group robot whose service is a local receiver."""
    plugin, url, path, field, text = ROBOTS[request.param]
    monkeypatch.setattr(plugin, "notify_url", f"http://127.0.0.1:{hook.port}{FORMS[request.param]}")
    return transport(tmp_path, url), path, field, text


def test_a_group_robot_gets_title_and_text(robot, hook):
    deliver, path, _, text = robot
    assert deliver("id1", "【红】标题", "一行\n两行 id1", Grade.RED).problem == ""
    assert text(hook.got[0]).replace("\r\n", "\n") == "【红】标题\n一行\n两行 id1"
    assert hook.paths == [path]


@pytest.mark.parametrize(
    "body",
    [b'{"errcode": 45009, "code": 11232}', b'{"errcode": "no", "code": "no"}', b"[]", b"<html>gateway</html>", b""],
    ids=["refused", "words", "list", "page", "nothing"],
)
def test_a_robot_that_refuses_with_status_200_has_not_taken_it(robot, hook, body):
    hook.behave(receivers.status(200, body))
    assert robot[0]("id1", "t", "x", Grade.RED).problem.startswith(("refused with code", "not taken"))


def test_a_robot_over_its_limit_says_how_long_to_wait(robot, hook):
    hook.behave(receivers.status(429, b"{}", Retry_After="7"))
    outcome = robot[0]("id1", "t", "x", Grade.RED)
    assert (outcome.problem, outcome.wait.total_seconds()) == ("status 429", 7)


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("0", 0),
        ("Mon, 02 Mar 2026 04:01:00 GMT", 60),
        ("Mon, 02 Mar 2026 03:00:00 GMT", 0),
        ("9" * 40, 86400),
        ("soon", None),
        ("-5", None),
        ("１０", None),
    ],
)
def test_what_a_receiver_may_wish(hook, tmp_path, wish, seconds):
    def answer(handler, _receiver):
        handler.send_response(503)
        handler.wfile.write(b"") or handler._headers_buffer.append(f"Retry-After: {wish}\r\n".encode())
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    hook.behave(answer)
    wait = transport(tmp_path, hook.url)("id1", "t", "x", Grade.RED).wait
    assert (wait.total_seconds() if wait is not None else None) == seconds


def test_an_answer_is_read_no_further_than_its_limit(hook, tmp_path):
    hook.behave(receivers.status(200, b" " * 3_000_000))
    assert transport(tmp_path, hook.url)("id1", "t", "x", Grade.RED).problem == ""


def test_a_redirect_is_not_followed(hook, tmp_path):
    with receivers.receiver() as elsewhere:
        hook.behave(receivers.status(307, Location=f"http://127.0.0.1:{elsewhere.port}/"))
        assert transport(tmp_path, hook.url)("id1", "t", "x", Grade.RED).problem == "status 307"
        assert elsewhere.got == []


def test_a_webhook_gets_the_id_in_header_and_body(hook, tmp_path):
    deliver = transport(tmp_path, hook.url.replace("/hook", "/hook?+Authorization=Bearer%20x"))
    for id in ("id1", "id2"):
        deliver(id, "标题", "文字", Grade.RED)
    assert hook.ids == ["id1", "id2"]
    assert [one["id"] for one in hook.got] == ["id1", "id2"]
    assert hook.headers[0]["authorization"] == "Bearer x"
    assert hook.got[0]["type"] == "failure"
    assert json.dumps(hook.got[0], ensure_ascii=False).count("标题") == 1


def test_a_mail_carries_the_id_as_a_header(tmp_path):
    with receivers.mailbox() as (port, mails):
        url = f"mailto://127.0.0.1:{port}/?from=humiao@example.org&to=desk@example.org&mode=insecure"
        assert transport(tmp_path, url)("id1", "【红】标题", "文字", Grade.RED).problem == ""
    (mail,) = mails
    assert mail["X-Humiao-Message"] == "id1"
    assert "文字" in mail.get_payload(decode=True).decode()


def test_a_mail_that_is_refused_is_not_taken(tmp_path):
    with receivers.mailbox(code=451) as (port, _mails):
        url = f"mailto://127.0.0.1:{port}/?from=humiao@example.org&to=desk@example.org&mode=insecure"
        assert transport(tmp_path, url)("id1", "t", "x", Grade.RED).problem == "no answer"
