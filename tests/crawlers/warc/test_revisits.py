from dataclasses import replace

import pytest

from crawlers.warc import WarcFiles, Window
from humiao.errors import NotFound
from tests.crawlers.warc.pages import BODY, DAY, HOUR, NOW, PAGE, records

PROFILES = "http://netpreserve.org/warc/1.1/revisit/"


@pytest.mark.parametrize(
    ("status", "body", "profile"), [(304, b"", "server-not-modified"), (200, BODY, "identical-payload-digest")]
)
def test_unchanged_page_is_a_revisit_that_names_the_page_kept(tmp_path, status, body, profile):
    files = WarcFiles(tmp_path, "demo")
    original = files.keep(PAGE, NOW)
    files.revisit(replace(PAGE, status=status, body=body, headers=(("ETag", '"1"'),)), original, NOW + HOUR / 2)
    files.close()
    (file,) = tmp_path.glob("*.revisits.warc.gz")
    info, revisit, request = records(file)
    assert [one[0] for one in (info, revisit, request)] == ["warcinfo", "revisit", "request"]
    assert revisit[1]["WARC-Profile"] == PROFILES + profile
    assert revisit[1]["WARC-Refers-To"] == f"<{original.record_id}>"
    assert revisit[1]["WARC-Refers-To-Target-URI"] == PAGE.url
    assert revisit[1]["WARC-Refers-To-Date"] == "2026-11-23T12:15:42.123456Z"
    assert revisit[1]["WARC-Date"] == "2026-11-23T12:45:42.123456Z"
    assert revisit[1]["WARC-Payload-Digest"] == f"sha256:{original.payload_sha256}"
    assert request[1]["WARC-Concurrent-To"] == revisit[1]["WARC-Record-ID"]
    assert BODY not in file.read_bytes()


def test_page_whose_original_is_gone_is_not_noted_as_unchanged(tmp_path):
    files = WarcFiles(tmp_path, "demo")
    original = files.keep(PAGE, NOW)
    files.close()
    (tmp_path / original.file).unlink()
    with pytest.raises(NotFound):
        files.revisit(replace(PAGE, status=304, body=b""), original, NOW)
    files.close()
    (file,) = tmp_path.iterdir()
    assert [kind for kind, _, _ in records(file)] == ["warcinfo"]


def test_page_is_kept_in_full_again_after_half_its_time(tmp_path):
    original = WarcFiles(tmp_path, "demo").keep(PAGE, NOW)
    window = Window(keep=7 * DAY)
    assert window.may_refer(original, NOW + 3.5 * DAY)
    assert not window.may_refer(original, NOW + 3.5 * DAY + HOUR / 60)
