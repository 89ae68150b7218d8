"""Ordered captures: the order for an alert, its result in the alert's history, and both in the evidence package."""

import io
import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from alerting import captures
from alerting.evidence import package
from alerting.evidence.verify import verify
from alerting.handler import Handler
from alerting.rounds import Rounds
from humiao.blobs import Blobs
from humiao.capture_order import ORDERS, RESULTS, CaptureOrder, CaptureResult, NoPicture, Outcome, Screenshot
from humiao.errors import BadInput
from humiao.event import broken_links
from humiao.labels import Harm
from humiao.log import open_log
from humiao.settings import Settings
from humiao.store import Store
from tests.alerting.stream import BRIDGED, SKINS, alerts_of, handler_on, scored
from tests.alerting.test_evidence import captured, members_of, parts
from tests.builders import NOON, at

LATER = NOON + timedelta(days=10)


def png(colour: int = 3) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), (colour, 90, 200)).save(buffer, "PNG")
    return buffer.getvalue()


def outcome(data: Path, order: CaptureOrder, colour: int = 3) -> CaptureResult:
    """What the crawl stage would write for `order`."""
    capture = captured(data, order.url, f"<p>{order.url}</p>".encode(), "orders.warc.gz")
    with (data / "warc" / capture.file).open("rb") as file:
        file.seek(capture.offset)
        assert Blobs(data / "blobs").put(file.read(capture.length)) == capture.sha256
    content = png(colour)
    shot = Screenshot(
        sha256=Blobs(data / "blobs").put(content), bytes=len(content), width=40, height=30, cut=False, scripts=True,
        started_at=at(days=9), ended_at=at(days=9), browser="Chromium 1", viewport="1280x900",
    )  # fmt: skip
    return CaptureResult(
        order=order, outcome=Outcome.CAPTURED, started_at=at(days=9), ended_at=at(days=9), crawler="c", software="s",
        final_url=order.url, status=200, records=(capture,), screenshot=shot if order.screenshot else None,
        no_picture=None if order.screenshot else NoPicture.NOT_WANTED,
    )  # fmt: skip


def carry_out(store: Store, data: Path) -> list[CaptureOrder]:
    """Do what the crawl stage does with every order."""
    orders = {key: CaptureOrder.model_validate_json(note.value) for key, note in store.notes(ORDERS).items()}
    store.put_notes(RESULTS, {key: outcome(data, order).model_dump_json() for key, order in orders.items()})
    store.drop_notes(ORDERS, orders)
    return list(orders.values())


@pytest.fixture
def alert(store: Store, handler: Handler):
    handler.handle([scored(n, SKINS, {Harm.FRAUD: 0.9}, url=f"https://bbs.example.org/t/{n % 2}") for n in range(4)])
    (one,) = alerts_of(store)
    return one


def order(store: Store, alert, actor: str = "patrol1", now=NOON) -> list[str]:
    posts = [stored.post for stored in store.posts(alert.posts).values()]
    return captures.order_captures(store, alert, posts, actor, now)


def test_each_address_is_ordered_once_and_not_again_while_waited_for(store, alert):
    assert sorted(order(store, alert)) == ["https://bbs.example.org/t/0", "https://bbs.example.org/t/1"]
    assert order(store, alert, now=at(minutes=1)) == []
    (first, _) = captures.waiting(store, alert.id)
    assert (first.asked_by, first.asked_at, first.why, first.screenshot) == ("patrol1", NOON, "alert", True)


def test_posts_without_an_address_cannot_be_captured(store, handler):
    handler.handle([scored(1, SKINS, {Harm.FRAUD: 0.9}, url="")])
    (alert,) = alerts_of(store)
    with pytest.raises(BadInput, match="web address"):
        order(store, alert)


def test_a_result_becomes_one_event_with_hashes_times_and_operator(store, alert, data):
    order(store, alert)
    carry_out(store, data)
    again = {key: note.value for key, note in store.notes(RESULTS).items()}
    assert captures.deliver(store, LATER) == 2
    assert store.notes(RESULTS) == {}
    store.put_notes(RESULTS, again)  # as after a kill between the event and the drop
    captures.deliver(store, LATER)
    chain = store.events(alert.id)
    assert broken_links(chain) == []
    told = captures.captured(chain)
    assert len(told) == 2
    event, result = told[0]
    assert event.actor == "system:alert"
    assert (result.order.asked_by, result.screenshot.sha256) == ("patrol1", sha256(png()).hexdigest())
    assert result.records[0].sha256 in json.dumps(event.data)


def test_the_alert_stage_delivers_by_itself(store, alert, data):
    settings = Settings(data=data)
    order(store, alert)
    carry_out(store, data)
    with open_log(settings) as log:
        Rounds(log, store, settings, lambda: LATER)()
    assert len(captures.captured(store.events(alert.id))) == 2


def test_a_findings_result_waits_for_the_alert_of_its_post(store, handler, data):
    row = scored(5, SKINS, {Harm.FRAUD: 0.9})
    waiting = CaptureOrder(url="https://a.example/", asked_by="p", asked_at=NOON, why="finding", post=row.post.id)
    store.put_note(RESULTS, "k", outcome(data, waiting).model_dump_json(), None)
    assert captures.deliver(store, at(days=9)) == 0
    handler.handle([row])
    assert captures.deliver(store, at(days=9)) == 1
    (alert,) = alerts_of(store)
    assert len(captures.captured(store.events(alert.id))) == 1


def test_a_result_that_no_alert_wants_is_dropped_after_a_week(store, data):
    waiting = CaptureOrder(url="https://a.example/", asked_by="p", asked_at=NOON, why="finding", post="b" * 32)
    store.put_note(RESULTS, "k", outcome(data, waiting).model_dump_json(), None)
    captures.deliver(store, at(days=15))
    assert "k" in store.notes(RESULTS)
    captures.deliver(store, at(days=17))
    assert store.notes(RESULTS) == {}


def test_nonsense_among_the_results_harms_no_other(store, alert, data):
    order(store, alert)
    carry_out(store, data)
    store.put_note(RESULTS, "0", "{}", None)
    assert captures.deliver(store, LATER) == 2
    assert store.notes(RESULTS) == {}


@pytest.fixture
def exported(store, alert, data) -> bytes:
    order(store, alert)
    carry_out(store, data)
    captures.deliver(store, LATER)
    return package.export(store, data, alert.id, "analyst1", LATER)


def test_the_package_holds_the_picture_and_the_page(exported, store, alert):
    assert verify(exported).problems == []
    members = members_of(exported)
    assert members[f"{package.PICTURES}{sha256(png()).hexdigest()}"] == png()
    rows = [json.loads(line.split(" ", 2)[2]) for line in members[package.INDEX].decode().splitlines()]
    assert {row["url"] for row in rows} == {"https://bbs.example.org/t/0", "https://bbs.example.org/t/1"}
    listed = {one["path"] for one in json.loads(members[package.MANIFEST])["resources"]}
    assert f"{package.PICTURES}{sha256(png()).hexdigest()}" in listed


def test_a_change_of_picture_or_page_shows(exported, data):
    from alerting.evidence.container import pack
    from alerting.evidence.signing import Signer

    members = members_of(exported)
    name = f"{package.PICTURES}{sha256(png()).hexdigest()}"
    plain = {key: value for key, value in members.items() if key not in {package.MANIFEST, package.DIGEST}}
    assert name in parts(pack(members | {name: png(7)}))

    def resealed(changed: dict[str, bytes]) -> bytes:
        return pack(package.sealed(changed, "t", Signer.open(data), NOON))

    assert verify(resealed(plain)).problems == []
    assert "another hash than its name says" in parts(resealed(plain | {name: png(7)}))
    assert f"{name}: is missing" in parts(resealed({key: value for key, value in plain.items() if key != name}))
    assert "does not belong" in parts(resealed(plain | {f"{package.PICTURES}{'0' * 64}": b"x"}))
    assert "the captured page" in parts(resealed(plain | {package.ARCHIVE: b""}))


def test_a_lost_picture_stops_the_export(store, alert, data):
    from humiao.errors import NotFound

    order(store, alert)
    carry_out(store, data)
    captures.deliver(store, LATER)
    Blobs(data / "blobs").path(sha256(png()).hexdigest()).unlink()
    with pytest.raises(NotFound):
        package.export(store, data, alert.id, "a", LATER)


def test_attached_pictures_are_in_the_package(store, handler, data):
    attached = Blobs(data / "blobs").put(png(9))
    handler.handle([scored(1, SKINS, {Harm.FRAUD: 0.9}, attachments=(attached,))])
    (alert,) = alerts_of(store)
    content = package.export(store, data, alert.id, "a", LATER)
    assert verify(content).problems == []
    assert members_of(content)[package.PICTURES + attached] == png(9)


def test_of_sexual_harm_no_picture_is_made_or_exported_only_hashes(store, handler, data):
    attached = Blobs(data / "blobs").put(png(9))
    handler.handle(
        [
            scored(
                1, "涉及性侵的帖子内容，请有关部门核查处理", {Harm.SEXUAL: 0.9}, attachments=(attached,), url="https://a.example/1"
            )
        ]
    )
    (alert,) = alerts_of(store)
    assert captures.is_sealed(alert)
    order(store, alert)
    (asked,) = carry_out(store, data)
    assert asked.screenshot is False
    captures.deliver(store, LATER)
    # a picture that was made before the harm was known
    early = asked.model_copy(update={"screenshot": True})
    store.put_note(RESULTS, "early", outcome(data, early, colour=11).model_dump_json(), None)
    captures.deliver(store, LATER)
    content = package.export(store, data, alert.id, "a", LATER)
    assert verify(content).problems == []
    members = members_of(content)
    assert not [name for name in members if name.startswith(package.PICTURES)]
    assert sha256(png(11)).hexdigest() in members[package.EVENTS].decode()
    assert attached in members[package.EVIDENCE].decode()


def test_captures_of_a_merged_alert_go_with_it(store, data):
    handler = handler_on(store, data)
    one, bridge, other = (scored(n, text, {Harm.FRAUD: 0.9}, url=f"https://a.example/{n}") for n, text in enumerate(BRIDGED))
    handler.handle([one, other])
    for alert in alerts_of(store):
        order(store, alert)
    carry_out(store, data)
    captures.deliver(store, LATER)
    handler.handle([bridge])
    (alert,) = alerts_of(store)
    content = package.export(store, data, alert.id, "a", LATER)
    assert verify(content).problems == []
    assert len(members_of(content)[package.INDEX].splitlines()) == 2
