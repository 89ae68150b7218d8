"""The printable record says what the package holds, in Chinese, and how to check it."""

import hashlib

import pypdfium2
import pytest

from alerting.evidence.digests import sm3
from alerting.evidence.record import record
from alerting.evidence.verify import verify
from humiao.errors import BadInput
from tests.alerting.evidence.case import CERTIFICATE, CHILD, repacked


def read(pdf: bytes) -> str:
    """Its text without any white space: hashes break over lines."""
    document = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


def test_it_lists_hashes_stamp_custody_and_how_to_check(exported, authority):
    said = read(record(exported, "case.wacz"))
    result = verify(exported)
    for part in (
        "电子数据提取（固定）笔录", result.alert, "坂田街道未成年人保护工作站", "analyst1", "patrol1", hashlib.sha256(exported).hexdigest(),
        sm3(exported), "可信时间戳", "CN=LocalTSA", *result.stamps[0].roots, "保管与查阅记录", "导出证据", "网页取证",
        f"humiaoevidenceverifycase.wacz--signer{result.signer}", "203.0.113.7", CERTIFICATE, "[U+1F525]", "见证人（签名）", "第1页",
    ):  # fmt: skip
        assert "".join(part.split()) in said, part


def test_the_same_package_gives_the_same_record(exported):
    assert record(exported, "case.wacz") == record(exported, "case.wacz")


def test_the_record_of_a_redacted_package_tells_nothing_more_than_it(stamped):
    said = read(record(stamped[1], "masked.wacz"))
    assert "（脱敏件）" in said
    for detail in ("李晓雯", "三年级2班", "13800001234", CHILD, "203.0.113.7"):
        assert detail not in said


def test_markup_in_a_post_is_text(store, handler, data):
    from alerting.evidence import package
    from humiao.labels import Harm
    from tests.alerting.evidence.case import LATER
    from tests.alerting.stream import alerts_of, scored

    text = "<b>免费</b> &amp; <para> <img src='file:///etc/passwd'/> 领取游戏皮肤\x07\u202e"
    handler.handle([scored(1, text, {Harm.FRAUD: 0.9}, author="<i>", board="]]>")])
    (alert,) = alerts_of(store)
    said = read(record(package.export(store, data, alert.id, "a", LATER), "x.wacz"))
    assert "<b>免费</b>&amp;<para><imgsrc='file:///etc/passwd'/>领取游戏皮肤[U+0007][U+202E]" in said


def test_no_record_is_made_of_a_package_that_is_not_whole(exported):
    with pytest.raises(BadInput, match="not whole"):
        record(repacked(exported, **{"humiao/alert.json": b"{}"}), "case.wacz")
