"""The copy for those who may not know the child."""

import hashlib
import json

import pytest

from alerting.evidence import layout, package
from alerting.evidence.verify import verify
from humiao.labels import Harm
from tests.alerting.evidence.case import CHILD, LATER, members_of, png
from tests.alerting.stream import alerts_of, scored


@pytest.fixture
def redacted(store, data, alert, settings) -> bytes:
    return package.export(store, data, alert.id, "analyst1", LATER, settings, redacted=True)


def rows(content: bytes, name: str) -> list[dict]:
    return [json.loads(line) for line in members_of(content)[name].splitlines()]


def test_nothing_in_it_identifies_the_child_and_no_media_is_in_it(redacted, store, alert):
    result = verify(redacted)
    assert (result.problems, result.redacted) == ([], True)
    everything = b"\n".join(members_of(redacted).values()).decode()
    authors = {one.post.author for one in store.evidence(alert.id)}
    for detail in ("李晓雯", "三年级2班", "13800001234", "440301201501011234", CHILD, *authors):
        assert detail not in everything
    assert members_of(redacted)[layout.ARCHIVE] == b""
    assert not [name for name in members_of(redacted) if name.startswith(layout.PICTURES)]
    assert "免费领取游戏皮肤" in everything, "what the case is about stays readable"


@pytest.mark.parametrize("text", ["联系李晓雯同学", "今天小明同学哭了", "那个欧阳晓雯小朋友"])
def test_who_stands_before_the_word_pupil_is_masked(text):
    from alerting.evidence.redaction import redacted_evidence
    from tests.builders import make_evidence, make_post

    (row,) = redacted_evidence([make_evidence(make_post(text=text), "a" * 32)])
    assert not {"李晓雯", "小明", "晓雯"} & {row.text[n : n + size] for n in range(len(text)) for size in (2, 3)}


def test_an_author_has_one_running_name_throughout_also_in_texts(store, handler, data):
    handler.handle([scored(n, f"@坂田妈妈 {CHILD} 第{n}", {Harm.FRAUD: 0.9}, author="坂田妈妈") for n in range(2)])
    (alert,) = alerts_of(store)
    found = rows(package.export(store, data, alert.id, "a", LATER, redacted=True), layout.EVIDENCE)
    assert {row["author"] for row in found} == {"作者1"}
    assert all(row["text"].startswith("@作者1 ") for row in found)


def test_a_name_at_the_beginning_of_the_case_is_masked_in_summary_and_title_too(store, handler, data):
    handler.handle([scored(1, "联系路小北同学，免费领取游戏皮肤", {Harm.FRAUD: 0.9}, author="坂田妈妈")])
    (alert,) = alerts_of(store)
    assert "路小北" in alert.summary, "else this proves nothing"
    content = package.export(store, data, alert.id, "a", LATER, redacted=True)
    assert "路小北" not in b"\n".join(members_of(content).values()).decode()


def test_it_carries_the_hashes_of_the_originals(redacted, store, data, alert, settings):
    whole = members_of(package.export(store, data, alert.id, "analyst1", LATER, settings))
    originals = rows(redacted, layout.ORIGINALS)
    posts = {one["id"]: one["sha256"] for one in originals if one["kind"] == "post"}
    lines = {json.loads(line)["id"]: hashlib.sha256(line).hexdigest() for line in whole[layout.EVIDENCE].splitlines()}
    assert posts == lines
    pages = {one["sha256"] for one in originals if one["kind"] == "page"}
    assert pages == {json.loads(line)["sha256"] for line in whole[layout.NETWORK].splitlines()}
    pictures = {one["sha256"] for one in originals if one["kind"] == "picture"}
    assert pictures == {name.removeprefix(layout.PICTURES) for name in whole if name.startswith(layout.PICTURES)}
    assert all(len(one["sm3"]) == 64 for one in originals)
    kept = {json.loads(line)["hash"] for line in whole[layout.EVENTS].splitlines()}
    assert {one["hash"] for one in rows(redacted, layout.EVENTS)} <= kept


def test_pictures_that_nobody_may_hold_are_not_opened(store, handler, data):
    from humiao.blobs import Blobs

    attached = Blobs(data / "blobs").put(png(9))
    handler.handle([scored(1, "涉及性侵的帖子内容，请有关部门核查处理", {Harm.SEXUAL: 0.9}, attachments=(attached,))])
    Blobs(data / "blobs").path(attached).unlink()
    (alert,) = alerts_of(store)
    content = package.export(store, data, alert.id, "a", LATER, redacted=True)
    assert verify(content).problems == []
    assert [(one["sha256"], one["sm3"]) for one in rows(content, layout.ORIGINALS) if one["kind"] == "picture"] == [(attached, "")]


def test_a_post_whose_original_hash_was_exchanged_is_named(redacted, data):
    from tests.alerting.evidence.test_tampering import resealed

    found = rows(redacted, layout.EVIDENCE)
    found[0]["original_sha256"] = "0" * 64
    text = layout.lines([json.dumps(row, ensure_ascii=False) for row in found])
    problems = verify(resealed(redacted, data, **{layout.EVIDENCE: text})).problems
    assert [problem.part for problem in problems] == [f"{layout.EVIDENCE}: {found[0]['id']}"]
    fewer = layout.lines([json.dumps(row, ensure_ascii=False) for row in rows(redacted, layout.EVIDENCE)[1:]])
    assert "has nothing on" in str(verify(resealed(redacted, data, **{layout.EVIDENCE: fewer})).problems[0])
