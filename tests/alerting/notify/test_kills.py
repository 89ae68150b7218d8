"""Real alert processes, killed in the middle: no message lost, none repeated without bound."""

import os
import signal
import subprocess
import sys
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from alerting import events
from humiao.alert import Grade
from humiao.settings import Settings
from humiao.store import open_store
from tests.alerting.notify import receivers
from tests.alerting.notify.receivers import eventually
from tests.builders import make_alert

ROUTES = """
channels:
  hook: {{url: "file:hook.url", per_minute: 600, timeout_seconds: {seconds}}}
routes:
- {{name: all, to: [hook]}}
"""
SECRET = "s3cr3t-token"


@contextmanager
def alert_process(data, store="", prefix=""):
    """`humiao alert` as a process of its own; its log lines go to DATA/lines."""
    environment = {**os.environ, "HUMIAO_ALERT__METRICS_PORT": "0", "HUMIAO_NOTIFY__ROUTES": str(data / "routes.yaml")}
    environment |= {"HUMIAO_NOTIFY__CONSOLE": "https://console.example", "HUMIAO_LOG_LEVEL": "debug"}
    environment |= {"HUMIAO_STORE": store, "HUMIAO_PREFIX": prefix}
    command = [sys.executable, "-m", "humiao", "alert", "--data", str(data)]
    with (
        (data / "lines").open("ab") as lines,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=lines, cwd=data) as process,
    ):
        try:
            process.stdout.readline()  # it runs now
            yield process
        finally:
            process.kill()


def prepare(data, hook, seconds=1.0):
    (data / "routes.yaml").write_text(ROUTES.format(seconds=seconds), encoding="utf-8")
    (data / "hook.url").write_text(f"{hook.url}?+Authorization={SECRET}", encoding="utf-8")


def raise_alert(store, number, grade=Grade.RED):
    now = datetime.now(UTC)  # the processes tell of deadlines too: these are far
    alert = make_alert(leader=f"{number:032x}", grade=grade, created_at=now, deadline=now + timedelta(days=30))
    store.put_alert(alert, None)
    events.append(store, alert.id, "raised", events.SYSTEM, {"grade": grade.value}, now)


def messages(hook) -> set[str]:
    return set(hook.ids)


@pytest.fixture(params=["sqlite", pytest.param("elasticsearch", marks=[pytest.mark.servers, pytest.mark.slow])])
def there(request, data):
    """URL and prefix of the store."""
    if request.param == "sqlite":
        return "", ""
    return request.getfixturevalue("elasticsearch"), f"t{uuid.uuid4().hex[:8]}-"


def test_a_kill_between_handing_over_and_noting_it_repeats_the_message_once(data, hook, there):
    prepare(data, hook, seconds=2)
    hook.behave(receivers.hang, receivers.take)
    with open_store(Settings(data=data, store=there[0], prefix=there[1])) as store:
        raise_alert(store, 1)
        with alert_process(data, *there) as process:
            eventually(lambda: len(hook.got) == 1)  # it has the message, and will never answer
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert len(hook.got) == 1
        with alert_process(data, *there):
            eventually(lambda: len(hook.got) == 2)
            eventually(lambda: not store.notes("notify/to/hook"))
            raise_alert(store, 2)
            eventually(lambda: len(messages(hook)) == 2)
    assert hook.got[0] == hook.got[1]
    assert len(hook.got) == 3
    assert SECRET not in (data / "lines").read_text()


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_many_kills_lose_no_alert(data, hook, there):
    """Six kills while alerts come in and the receiver fails now and then; every alert is told of, alone or in a digest."""
    prepare(data, hook)
    failing = [receivers.take, receivers.status(500), receivers.cut, receivers.take] * 3
    hook.behave(*failing, receivers.take)
    with open_store(Settings(data=data, store=there[0], prefix=there[1])) as store:
        for kill in range(6):
            for number in range(5):
                raise_alert(store, 10 * kill + number)
            seen = len(hook.got)
            with alert_process(data, *there) as process:
                if kill % 2:
                    eventually(lambda seen=seen: len(hook.got) > seen, 300)
                process.send_signal(signal.SIGKILL)
                process.wait()
        with alert_process(data, *there):
            eventually(lambda: not store.notes("notify/hints") and not store.notes("notify/to/hook"), 400)
    told = {}
    for one in hook.got:
        told[one["id"]] = int(one["title"].split("条")[0].split("】")[1]) if "摘要" in one["title"] else 1
    assert sum(told.values()) == 30
    assert len(hook.got) <= 30 + len(failing) + 6
