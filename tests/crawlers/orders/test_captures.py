"""Ordered pages of a site that means no harm."""

import gzip
import io
from hashlib import sha256

import pytest
from PIL import Image
from warcio.archiveiterator import ArchiveIterator

from humiao.blobs import Blobs
from humiao.capture_order import ORDERS, NoPicture, Outcome

pytestmark = pytest.mark.browser


def png(width: int = 64, height: int = 48) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def picture(installation, result) -> Image.Image:
    assert result.screenshot, (result.no_picture, result.detail)
    content = Blobs(installation.data / "blobs").get(result.screenshot.sha256)
    assert len(content) == result.screenshot.bytes
    return Image.open(io.BytesIO(content)).convert("RGB")


def test_the_page_and_its_picture_are_kept_for_ever(chromium, site, capture, installation, store):
    site.pages["/p1/a.png"] = (200, {"Content-Type": "image/png"}, png())
    site.html("/p1/style.css", "body{background:rgb(10,200,30);margin:0}", Content_Type="text/css")
    site.html("/p1/", "<link rel=stylesheet href=style.css><h1>求助</h1><img src=a.png>")
    result = capture(f"{site.url}/p1/")
    assert (result.outcome, result.status, result.final_url) == (Outcome.CAPTURED, 200, f"{site.url}/p1/")
    shown = picture(installation, result)
    assert shown.size == (1280, 900) == (result.screenshot.width, result.screenshot.height)
    assert shown.getpixel((1200, 800)) == (10, 200, 30), "the style sheet was loaded"
    (image,) = result.images
    assert (image.width, image.height, len(image.phash)) == (64, 48, 16)
    assert (result.screenshot.viewport, result.screenshot.scripts, result.screenshot.cut) == ("1280x900", True, False)
    assert result.screenshot.browser.startswith("Chromium ")
    assert result.started_at <= result.screenshot.started_at <= result.screenshot.ended_at <= result.ended_at
    (record,) = result.records
    kept = Blobs(installation.data / "blobs").get(record.sha256)
    page = next(iter(ArchiveIterator(io.BytesIO(kept))))
    assert page.rec_headers.get_header("WARC-Target-URI") == f"{site.url}/p1/"
    assert "求助" in page.content_stream().read().decode()
    assert store.notes(ORDERS) == {}


def test_the_visitor_is_from_here_and_says_who_it_is(chromium, site, capture, installation):
    site.html(
        "/p2",
        """<body style="margin:0"><script>
        const fits = navigator.language === "zh-CN" && navigator.userAgent.startsWith("humiao/")
            && Intl.DateTimeFormat().resolvedOptions().timeZone === "Asia/Shanghai";
        document.body.style.background = fits ? "rgb(0,255,0)" : "rgb(255,0,0)";
        </script>""",
    )
    result = capture(f"{site.url}/p2")
    assert picture(installation, result).getpixel((600, 400)) == (0, 255, 0)
    (file,) = (installation.data / "warc").glob("orders-*")
    with file.open("rb") as stream:
        heads = [record.http_headers for record in ArchiveIterator(stream) if record.rec_type == "request"]
    assert {head.get_header("User-Agent") for head in heads} == {"humiao/0.1.0 (+desk@example.org)"}


def test_a_long_page_is_shown_whole_with_what_loads_late(chromium, site, capture, installation):
    site.pages["/p3/late.png"] = (200, {"Content-Type": "image/png"}, png())
    site.html("/p3/", '<body style="margin:0"><div style="height:6000px"></div><img loading=lazy src=late.png>')
    result = capture(f"{site.url}/p3/")
    assert 6000 < picture(installation, result).size[1] < 6200
    assert len(result.images) == 1


def test_redirects_within_the_site_are_told_and_each_kept(chromium, site, capture, installation):
    site.pages["/p4/old"] = (301, {"Location": "/p4/new?x=1"}, b"")
    site.html("/p4/new?x=1", '<p>there <a href="#">x</a>')
    result = capture(f"{site.url}/p4/old")
    assert result.final_url == f"{site.url}/p4/new?x=1"
    assert [record.url for record in result.records] == [f"{site.url}/p4/old", f"{site.url}/p4/new?x=1"]
    assert all(Blobs(installation.data / "blobs").get(record.sha256) for record in result.records)
    assert result.screenshot


def test_a_page_that_is_gone_is_kept_as_such(chromium, site, capture):
    site.html("/p5", "<h1>主题已被删除</h1>" + "<p>推荐阅读</p>" * 200, status=404)
    result = capture(f"{site.url}/p5")
    assert (result.outcome, result.status, len(result.records)) == (Outcome.CAPTURED, 404, 1)
    assert result.screenshot


def test_what_robots_txt_forbids_is_not_asked(chromium, site, capture):
    site.html("/private/x", "secret")
    result = capture(f"{site.url}/private/x")
    assert (result.outcome, result.records, result.no_picture) == (Outcome.ROBOTS_FORBIDDEN, (), NoPicture.NO_PAGE)
    site.html("/p6", "<p>page</p><img src=/private/a.png>")
    assert capture(f"{site.url}/p6").screenshot
    assert not [path for path in site.asked if path.startswith("/private/")]


def test_a_wall_is_known_and_kept_but_not_pictured(chromium, site, capture):
    site.html("/p7", "<form><p>您需要登录后才能查看</p><input type=password name=p></form>")
    result = capture(f"{site.url}/p7")
    assert (result.outcome, result.screenshot, len(result.records)) == (Outcome.LOGIN_WALL, None, 1)
    assert "登录" in result.detail


def test_no_picture_is_made_where_none_may_be(chromium, site, capture):
    site.pages["/p8/a.png"] = (200, {"Content-Type": "image/png"}, png())
    site.html("/p8/", "<p>page</p><img src=a.png>")
    result = capture(f"{site.url}/p8/", screenshot=False)
    assert (result.outcome, result.screenshot, result.no_picture) == (Outcome.CAPTURED, None, NoPicture.NOT_WANTED)
    assert result.images == ()
    assert "/p8/a.png" not in site.asked, "not even fetched"
    assert len(result.records) == 1


@pytest.mark.parametrize("encoding", ["gzip", "plain"])
def test_a_page_is_kept_as_it_was_sent(chromium, site, capture, installation, encoding):
    body = "<p>网页</p>".encode()
    sent = gzip.compress(body, mtime=0) if encoding == "gzip" else body
    site.pages[f"/p9/{encoding}"] = (200, {"Content-Encoding": "gzip"} if encoding == "gzip" else {}, sent)
    result = capture(f"{site.url}/p9/{encoding}")
    kept = Blobs(installation.data / "blobs").get(result.records[-1].sha256)
    assert next(iter(ArchiveIterator(io.BytesIO(kept)))).raw_stream.read() == sent
    assert result.screenshot


@pytest.mark.parametrize("kind", ["image/png", "text/html", "application/octet-stream"])
def test_of_a_picture_only_what_recognises_it_is_kept(chromium, site, capture, installation, kind):
    content = png(77, 55)
    site.pages["/p10/a"] = (200, {"Content-Type": kind}, content)
    result = capture(f"{site.url}/p10/a")
    assert (result.outcome, result.records, result.screenshot) == (Outcome.CAPTURED, (), None)
    (image,) = result.images
    assert (image.sha256, image.width, image.height) == (sha256(content).hexdigest(), 77, 55)
    for file in installation.data.rglob("*"):
        assert not file.is_file() or content not in file.read_bytes()


def test_where_the_harm_is_sexual_nothing_but_text_is_kept(chromium, site, capture):
    site.pages["/p11/film"] = (200, {"Content-Type": "application/octet-stream"}, b"\x00\x00\x00\x20ftypisom" + b"\xff" * 500)
    assert capture(f"{site.url}/p11/film", screenshot=False).records == ()
    site.html("/p11/page", "<p>text</p>")
    assert len(capture(f"{site.url}/p11/page", screenshot=False).records) == 1
