"""Findings of patrol staff, captures on demand, and the pictures behind an alert."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image

from alerting import captures
from alerting.console import pictures
from humiao.account import Role
from humiao.blobs import Blobs
from humiao.capture_order import ORDERS, RESULTS, CaptureOrder
from humiao.labels import Harm
from humiao.log import POSTS, open_log
from humiao.post import Post
from humiao.settings import Settings
from tests.alerting.console.conftest import NOW, form_token
from tests.alerting.test_captures import carry_out, outcome, png
from tests.builders import make_alert, make_evidence, make_post, make_stored

FIELDS = {"url": "https://bbs.example.org/t/1?x=<b>", "note": "有人约同学晚上在学校后门打架", "place": "坂田街道"}


def register(client, files=None, **over):
    token = form_token(client.get("/findings/new").text)
    return client.post("/findings", data={"csrf": token} | FIELDS | over, files=files)


def published(data) -> list[Post]:
    with open_log(Settings(data=data)) as log:
        return [Post.from_json(message.value) for message in log.read(POSTS)]


def test_a_finding_becomes_a_post_and_an_order(browser, staffed, data):
    answer = register(browser(Role.PATROL), {"picture": ("x.png", png(), "image/png")}, seen_at="2026-03-02T13:30")
    assert answer.status_code == 303
    (post,) = published(data)
    assert answer.headers["location"] == f"/findings/{post.id}"
    assert (post.platform, post.url, post.text, post.place) == ("bbs.example.org", FIELDS["url"], FIELDS["note"], "坂田街道")
    assert (post.source, post.fetched_at, post.ts) == ("patrol:patrol", NOW, NOW - timedelta(minutes=30))
    (attached,) = post.attachments
    assert Blobs(data / "blobs").get(attached) == png(), "the very bytes are evidence"
    order = CaptureOrder.model_validate_json(staffed.note(ORDERS, post.id).value)
    assert (order.url, order.asked_by, order.why, order.post, order.screenshot) == (post.url, "patrol", "finding", post.id, True)


def test_registering_twice_is_one_finding(browser, staffed, data, clock):
    client = browser(Role.PATROL)
    first = register(client)
    clock.forward(seconds=5)
    assert register(client).headers["location"] == first.headers["location"]
    assert len({post.id for post in published(data)}) == 1
    assert len(staffed.notes(ORDERS)) == 1


@pytest.mark.parametrize(
    ("over", "files", "field"),
    [
        ({"url": ""}, None, "网址"),
        ({"url": "javascript:alert(1)"}, None, "网址"),
        ({"url": "http://"}, None, "网址"),
        ({"url": "http://[::1"}, None, "网址"),
        ({"url": "https://user:pw@x.example/"}, None, "网址"),
        ({"note": "  "}, None, "看到的内容"),
        ({"note": "x" * 5001}, None, "看到的内容"),
        ({"note": "a\x00b"}, None, "看到的内容"),
        ({"seen_at": "yesterday"}, None, "看到的时间"),
        ({"seen_at": "2099-01-01T00:00"}, None, "看到的时间"),
        ({}, {"picture": ("x.png", b"<script>", "image/png")}, "截图"),
        ({}, {"picture": ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")}, "截图"),
        ({}, {"picture": ("x.png", png()[:60], "image/png")}, "截图"),
        ({"sexual": "1"}, {"picture": ("x.png", png(), "image/png")}, "截图"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_registered(browser, staffed, data, over, files, field):
    answer = register(browser(Role.PATROL), files, **over)
    assert answer.status_code == 422
    assert f"<b>{field}</b>" in answer.text
    assert published(data) == []
    assert staffed.notes(ORDERS) == {}
    assert not list((data / "blobs").rglob("*")) or not files
    if "note" not in over:
        assert FIELDS["note"] in answer.text, "what was written stays in the form"


def test_an_upload_too_large_is_refused_before_it_is_read(browser):
    answer = register(browser(Role.PATROL), {"picture": ("x.png", b"x" * 21_500_000, "image/png")})
    assert answer.status_code == 413


def test_of_sexual_content_no_screenshot_is_ordered(browser, staffed, data):
    register(browser(Role.PATROL), sexual="1")
    (note,) = staffed.notes(ORDERS).values()
    assert CaptureOrder.model_validate_json(note.value).screenshot is False


def test_a_form_without_token_registers_nothing(browser, staffed, data):
    assert browser(Role.PATROL).post("/findings", data=FIELDS).status_code == 403
    assert published(data) == []


def test_the_page_tells_what_happened_step_by_step(browser, staffed, data):
    client = browser(Role.PATROL)
    where = register(client).headers["location"]
    page = client.get(where)
    assert page.headers["refresh"] == "3"
    assert "正在打开网页" in page.text
    assert "<b>" not in re.sub(r"<b>[^<]*</b>", "", page.text), "the address is text"
    carry_out(staffed, data)
    page = client.get(where)
    assert "网页已存档" in page.text
    assert page.headers["refresh"] == "3"
    (post,) = published(data)
    alert = make_alert(leader=post.id, posts=[post.id])
    staffed.put_alert(alert, None)
    staffed.put_posts([make_stored(post, alert=alert.id)])
    for _ in range(2):  # before and after the result went to the alert
        page = client.get(where)
        assert f'href="/alerts/{alert.id}"' in page.text
        assert "网页已存档" in page.text
        assert "refresh" not in page.headers
        captures.deliver(staffed, NOW)
    assert staffed.notes(RESULTS) == {}
    assert client.get("/findings/" + "0" * 32).status_code == 404
    assert "/findings/new" in client.get("/alerts").text


def test_a_finding_that_nothing_was_found_in_says_so(browser, staffed, data):
    client = browser(Role.PATROL)
    where = register(client).headers["location"]
    (post,) = published(data)
    carry_out(staffed, data)
    staffed.put_posts([make_stored(post)])
    assert "未判为有害" in client.get(where).text


@pytest.fixture
def alert(staffed):
    post = make_post(url="https://bbs.example.org/t/9")
    one = make_alert(leader=post.id, posts=[post.id])
    staffed.put_alert(one, None)
    staffed.put_posts([make_stored(post, alert=one.id)])
    staffed.put_evidence([make_evidence(post, one.id)])
    return one


def press(client, alert):
    token = form_token(client.get(f"/alerts/{alert.id}").text)
    return client.post(f"/alerts/{alert.id}/captures", data={"csrf": token})


@pytest.fixture
def shot(browser, staffed, data, alert) -> str:
    """SHA-256 of the screenshot of a capture that the alert has."""
    press(browser(Role.PATROL), alert)
    carry_out(staffed, data)
    captures.deliver(staffed, NOW)
    ((_, result),) = captures.captured(staffed.events(alert.id))
    return result.screenshot.sha256


def test_a_capture_is_ordered_with_one_press(browser, staffed, data, alert):
    client = browser(Role.PATROL)
    assert press(client, alert).headers["location"] == f"/alerts/{alert.id}#captures"
    press(client, alert)
    (note,) = staffed.notes(ORDERS).values()
    order = CaptureOrder.model_validate_json(note.value)
    assert (order.alert, order.url, order.asked_by, order.why) == (alert.id, "https://bbs.example.org/t/9", "patrol", "alert")
    assert "正在取证" in client.get(f"/alerts/{alert.id}").text
    assert "立即取证" not in browser(Role.ANALYST).get(f"/alerts/{alert.id}").text


def test_an_alert_without_addresses_says_so(browser, staffed):
    post = make_post(url="")
    one = make_alert(leader=post.id, posts=[post.id])
    staffed.put_alert(one, None)
    staffed.put_posts([make_stored(post, alert=one.id)])
    answer = press(browser(Role.PATROL), one)
    assert answer.status_code == 422
    assert "没有可以打开的网址" in answer.text


def test_a_picture_is_blurred_until_somebody_asks_and_that_is_recorded(browser, staffed, alert, shot, clock):
    client = browser(Role.ANALYST)
    page = client.get(f"/alerts/{alert.id}").text
    assert f'src="/alerts/{alert.id}/pictures/{shot}/blurred"' in page
    assert f'src="/alerts/{alert.id}/pictures/{shot}"' not in page
    veiled = client.get(f"/alerts/{alert.id}/pictures/{shot}/blurred")
    assert veiled.headers["content-type"] == "image/png"
    assert veiled.content != png()
    assert not [event for event in staffed.events(alert.id) if event.kind == pictures.KIND]

    assert f'src="/alerts/{alert.id}/pictures/{shot}"' in client.get(f"/alerts/{alert.id}?reveal={shot}").text
    whole = client.get(f"/alerts/{alert.id}/pictures/{shot}")
    assert whole.content == png()
    assert whole.headers["x-content-type-options"] == "nosniff"
    client.get(f"/alerts/{alert.id}/pictures/{shot}")
    looks = [event for event in staffed.events(alert.id) if event.kind == pictures.KIND]
    assert [(event.actor, event.data) for event in looks] == [("analyst", {"picture": shot})]
    clock.forward(minutes=11)
    client.get(f"/alerts/{alert.id}/pictures/{shot}")
    browser(Role.PATROL).get(f"/alerts/{alert.id}/pictures/{shot}")
    assert len([event for event in staffed.events(alert.id) if event.kind == pictures.KIND]) == 3


def test_nothing_can_be_read_in_a_blurred_picture():
    buffer = io.BytesIO()
    stripes = Image.new("L", (1280, 9000))
    stripes.putdata([255 * (x // 20 % 2) for _ in range(9000) for x in range(1280)])
    stripes.save(buffer, "PNG")
    veiled = Image.open(io.BytesIO(pictures.blurred(buffer.getvalue()))).convert("L")
    low, high = veiled.getextrema()
    assert high - low < 40
    assert veiled.size == (320, 224)


@pytest.mark.parametrize("sha256", ["0" * 64, "x", "%2e%2e%2fkeys%2fsession.key"])
def test_only_the_alerts_own_pictures_are_given_out(browser, alert, shot, sha256):
    client = browser(Role.SUPERVISOR)
    assert client.get(f"/alerts/{alert.id}/pictures/{sha256}").status_code == 404
    assert client.get(f"/alerts/{'0' * 32}/pictures/{shot}").status_code == 404


def test_a_kept_page_record_is_no_picture(browser, staffed, alert, shot):
    ((_, result),) = captures.captured(staffed.events(alert.id))
    assert browser(Role.SUPERVISOR).get(f"/alerts/{alert.id}/pictures/{result.records[0].sha256}").status_code == 404


def test_of_sexual_harm_no_picture_is_ordered_shown_or_blurred(browser, staffed, data):
    attached = Blobs(data / "blobs").put(png(9))
    post = make_post(url="https://bbs.example.org/t/9", attachments=(attached,))
    one = make_alert(leader=post.id, posts=[post.id], harm=[Harm.BULLYING, Harm.SEXUAL])
    staffed.put_alert(one, None)
    staffed.put_posts([make_stored(post, alert=one.id)])
    staffed.put_evidence([make_evidence(post, one.id)])
    client = browser(Role.SUPERVISOR)
    press(client, one)
    (note,) = staffed.notes(ORDERS).values()
    order = CaptureOrder.model_validate_json(note.value)
    assert order.screenshot is False
    early = outcome(data, order.model_copy(update={"screenshot": True}))  # made before the harm was known
    staffed.put_note(RESULTS, "early", early.model_dump_json(), None)
    captures.deliver(staffed, NOW)
    for sha256 in (early.screenshot.sha256, attached):
        page = client.get(f"/alerts/{one.id}?reveal={sha256}").text
        assert sha256 in page
        assert "/pictures/" not in page
        assert client.get(f"/alerts/{one.id}/pictures/{sha256}").status_code == 404
        assert client.get(f"/alerts/{one.id}/pictures/{sha256}/blurred").status_code == 404
    assert "不制作、不显示、不导出任何图片" in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_outcome_has_its_sentence(browser, staffed, data, alert, language):
    from humiao.capture_order import NoPicture, Outcome

    order = CaptureOrder(url="https://a.example/", asked_by="p", asked_at=NOW, why="alert", alert=alert.id)
    good = outcome(data, order)
    every = [good.model_copy(update={"outcome": one, "screenshot": None, "no_picture": NoPicture.NO_PAGE}) for one in Outcome]
    every += [good.model_copy(update={"screenshot": None, "no_picture": one}) for one in NoPicture]
    staffed.put_notes(RESULTS, {str(n): one.model_dump_json() for n, one in enumerate(every)})
    captures.deliver(staffed, NOW)
    assert browser(Role.ANALYST).get(f"/alerts/{alert.id}?lang={language}").status_code == 200
