"""A channel at a local receiver, with a clock that tests set, turned by hand: no thread, no waiting."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerting import events
from alerting.notify import outbox, reading
from alerting.notify.links import Links
from alerting.notify.planning import Planner
from alerting.notify.sending import Sender
from alerting.notify.transport import Transport
from alerting.notify.wording import Words
from alerting.policies import Policies
from humiao.alert import Alert, Grade
from humiao.store import Store
from tests.alerting.clock import Clock
from tests.alerting.notify.receivers import Receiver, receiver
from tests.builders import NOON, make_alert

POLICIES = Policies.load()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as there:
        yield there


class Desk:
    """An installation that tells people: alerts come in, turns are taken by hand."""

    def __init__(self, store: Store, data: Path, clock: Clock, urls: dict[str, str]) -> None:
        self.store, self.data, self.clock, self.urls = store, data, clock, urls
        self.links = Links(b"k" * 32, "https://console.example", timedelta(days=7))

    def route(self, text: str = "") -> "Desk":
        """Follow this routes file; without one, all goes to all channels."""
        for name, url in self.urls.items():
            (self.data / f"{name}.url").write_text(url, encoding="utf-8")
        names = ", ".join(self.urls)
        channels = "\n".join(f"  {name}: {{url: 'file:{name}.url', per_minute: 600, timeout_seconds: 0.5}}" for name in self.urls)
        self.file = self.data / "routes.yaml"
        self.file.write_text(text or f"channels:\n{channels}\nroutes:\n- {{name: all, to: [{names}]}}\n", encoding="utf-8")
        self.routes = reading.load(self.file)
        self.senders = {name: self.sender(name) for name in self.routes.channels}
        return self

    def sender(self, name: str, holder: str = "one", seed: int = 7) -> Sender:
        channel = self.routes.channels[name]
        transport = Transport(self.file, name, channel, self.clock)
        words = Words(channel.language, self.links)
        return Sender(self.store, name, channel, transport, words, holder, self.clock, random.Random(seed))

    def put(self, number: int, **over: object) -> Alert:
        alert = make_alert(leader=f"{number:032x}", deadline=self.clock() + timedelta(hours=2), **over)
        self.store.put_alert(alert, None)
        return alert

    def raised(self, number: int = 1, grade: Grade = Grade.RED, **over: object) -> Alert:
        alert = self.put(number, grade=grade, **over)
        self.tell(alert, "raised", grade=grade.value)
        return alert

    def tell(self, alert: Alert, kind: str, **data: object) -> None:
        events.append(self.store, alert.id, kind, events.SYSTEM, data, self.clock())

    def plan(self) -> int:
        return Planner(self.store, self.routes, POLICIES, self.clock).turn()

    def send(self, name: str = "hook", turns: int = 100) -> int:
        """Take turns until there is nothing to send now; each message takes its second."""
        count = 0
        while count < turns and self.senders[name].turn():
            self.clock.forward(seconds=1)
            count += 1
        return count

    def waiting(self, name: str = "hook") -> outbox.Box:
        box = outbox.read(self.store, name)
        return outbox.settled(self.store, name, outbox.Box(box.items + outbox.later(self.store, name), box.parcels))


@pytest.fixture
def desk(store: Store, data: Path, clock: Clock, hook: Receiver) -> Desk:
    return Desk(store, data, clock, {"hook": hook.url}).route()


@pytest.fixture
def forward(clock: Clock) -> Callable[..., None]:
    return clock.forward
