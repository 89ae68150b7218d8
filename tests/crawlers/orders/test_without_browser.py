"""A machine without Chromium."""

from humiao.blobs import Blobs
from humiao.capture_order import NoPicture, Outcome
from tests.crawlers.orders.conftest import place, result
from tests.crawlers.processes import Process


def test_the_page_is_kept_all_the_same_and_the_reason_told(site, installation, store):
    site.html("/n1", "<p>text</p>")
    with Process("crawl", data=installation.data, HUMIAO_CRAWL__BROWSER="/nowhere/chromium") as process:
        process.first_line()
        found = result(store, place(store, f"{site.url}/n1"))
    assert (found.outcome, found.screenshot, found.no_picture) == (Outcome.CAPTURED, None, NoPicture.NO_BROWSER)
    assert "Chromium could not be started" in found.detail
    assert Blobs(installation.data / "blobs").get(found.records[-1].sha256)
