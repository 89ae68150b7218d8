import re

from humiao.account import Role
from humiao.blobs import Blobs
from humiao.labels import Harm
from humiao.post import Capture
from humiao.verdict import Change, Span
from tests.alerting.console.conftest import NOW
from tests.alerting.console.samples import seed
from tests.builders import NOON, make_alert, make_evidence, make_post, make_stored, make_verdict


def test_every_sample_alert_can_be_read_in_both_languages(browser, staffed, data):
    client = browser(Role.SUPERVISOR)
    for alert in seed(staffed, data, NOW):
        for language in ("zh", "en"):
            assert client.get(f"/alerts/{alert.id}?lang={language}").status_code == 200


def test_the_page_says_why_with_stored_numbers(browser, staffed):
    post = make_post(text="加V♥x买上头电子烟")
    verdict = make_verdict(
        post,
        flags={Harm.DRUGS: 0.91, Harm.FRAUD: 0.6},
        normalised="加微信买上头电子烟",
        changes=[Change(start=1, end=4, before="V♥x", after="微信", reason="变体")],
        spans=[Span(start=5, end=10, harm=Harm.DRUGS, weight=0.8)],
        thresholds={Harm.DRUGS: 0.45, Harm.FRAUD: 0.55},
    )
    alert = make_alert(leader=post.id, posts=[post.id], harm=[Harm.DRUGS], policy="drugs@7", reasons=["策略 drugs@7 定级为橙"])
    staffed.put_alert(alert, None)
    staffed.put_posts([make_stored(post, alert=alert.id).model_copy(update={"verdict": verdict})])
    page = browser(Role.ANALYST).get(f"/alerts/{alert.id}").text
    for fact in ("drugs@7", "策略 drugs@7 定级为橙", "0.91", "阈值 0.45", "0.60", "阈值 0.55", "加微信买上头电子烟", "变体"):
        assert fact in page
    assert re.search(r'<mark class="w3"[^>]*>上头电子烟</mark>', page)


def test_evidence_says_whether_the_kept_page_is_still_what_it_was(browser, staffed, data):
    blobs = Blobs(data / "blobs")
    alert, states = make_alert(posts=[]), {}
    for name in ("whole", "missing", "altered", "none"):
        content = f"WARC {name}".encode()
        sha256 = blobs.put(content)
        capture = (
            Capture(
                file="a.warc.gz",
                record_id="urn:x",
                offset=0,
                length=1,
                sha256=sha256,
                payload_sha256=sha256,
                url=f"https://bbs.example.org/{name}",
                captured_at=NOON,
            )
            if name != "none"
            else None
        )
        post = make_post(native_id=name, url=f"https://bbs.example.org/{name}", capture=capture)
        states[name] = make_evidence(post, alert.id, capture=capture, blob=sha256 if capture else "")
        if name == "missing":
            blobs.path(sha256).unlink()
        if name == "altered":
            blobs.path(sha256).write_bytes(b"other")
    tampered = states["whole"].model_copy(
        update={"id": "f" * 32, "post": make_post(native_id="tampered", text="改过"), "post_sha256": "0" * 64}
    )
    everything = [*states.values(), tampered]
    staffed.put_alert(alert.model_copy(update={"posts": [one.post.id for one in everything], "post_count": 5}), None)
    staffed.put_evidence(everything)
    rows = re.findall(r"<tr>\s*<td class=\"when\">.*?</tr>", browser(Role.ANALYST).get(f"/alerts/{alert.id}").text, re.DOTALL)
    assert len(rows) == 5
    for row in rows:
        found = re.search(r"bbs\.example\.org/(\w+)", row).group(1)
        assert f'class="state {found}"' in row
        assert states[found].blob in row
    assert sum("已被改动" in row for row in rows) == 2  # the altered blob, and the record that no longer has its hash


def test_posts_come_in_time_order_page_by_page(browser, staffed):
    from datetime import timedelta

    posts = [make_post(native_id=str(n), text=f"第{n:02}帖", ts=NOON + timedelta(minutes=n)) for n in range(45)]
    alert = make_alert(leader=posts[0].id, posts=[post.id for post in reversed(posts)], post_count=45)
    staffed.put_alert(alert, None)
    staffed.put_posts([make_stored(post, alert=alert.id) for post in posts])
    client, seen = browser(Role.PATROL), []
    for number in (1, 2, 3):
        seen += re.findall(
            r'class="text" lang="zh-CN" dir="auto">(第\d\d帖)', client.get(f"/alerts/{alert.id}?posts={number}").text
        )
    assert seen == [f"第{n:02}帖" for n in range(45)]
    assert client.get(f"/alerts/{alert.id}?posts=99").status_code == 200
    assert client.get(f"/alerts/{alert.id}?posts=-1").status_code == 200


def test_a_post_that_left_the_store_is_shown_from_its_evidence(browser, staffed):
    post = make_post(text="只剩证据里有这句话")
    alert = make_alert(leader=post.id, posts=[post.id])
    staffed.put_alert(alert, None)
    staffed.put_evidence([make_evidence(post, alert.id)])
    assert "只剩证据里有这句话" in browser(Role.PATROL).get(f"/alerts/{alert.id}").text
