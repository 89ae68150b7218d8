"""The shipped checkpoint behind its public faces: verdicts, the command, the stage."""

import json
import math
import random
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifier.encoding import STRIDE, WINDOW, starts_of
from classifier.judge import Judge
from classifier.rows import own
from classifier.stage import classify_stage
from classifier.weights import SHIPPED, load
from humiao.errors import BadInput, SettingsError
from humiao.labels import Harm
from humiao.log import DEAD_SUFFIX, POSTS, SCORED, Record, open_log
from humiao.post import Post
from humiao.verdict import Scored

CRY = "书都送给同桌了，猫也托给奶奶了，谢谢大家这三年，就到这里吧"
OFFER = "代办银行卡电话卡，学生卡高价收，日结，加薇"
NASTY = [
    "\u200b\u200b\u200b",
    "\u202e" * 50,
    "😀" * 500,
    "a\u0301" * 300,
    "ﷺ" * 100,
    "\u3000.",
    "\ufffd",
    "𠮷野家",
    "0" * 5000,
    "哈" * 100_000,
]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load(SHIPPED))


def post(text: str, number: int = 0, **more) -> Post:
    return Post.from_json(
        json.dumps({"platform": "t", "native_id": str(number), "text": text, "ts": "2026-03-01T00:00:00Z", **more}).encode()
    )


def test_same_verdict_whatever_the_batch(judge):
    posts = [post(row.text, number) for number, row in enumerate(random.Random(3).sample(own(), 60))]
    together = judge.verdicts(posts)
    alone = [judge.verdicts([one])[0] for one in posts]
    shuffled = posts[:]
    random.Random(4).shuffle(shuffled)
    mixed = {verdict.id: verdict for verdict in judge.verdicts(shuffled)}
    for left, right in zip(together, alone, strict=True):
        for harm in Harm:
            assert math.isclose(left.harm[harm], right.harm[harm], abs_tol=1e-3)
            assert math.isclose(left.harm[harm], mixed[left.id].harm[harm], abs_tol=1e-3)


def test_the_same_wording_again_gets_the_same_verdict_under_its_own_id(judge):
    first, again = judge.verdicts([post(OFFER, 1), post(OFFER, 2)])
    (later,) = judge.verdicts([post(OFFER, 3)])
    (titled,) = judge.verdicts([post(OFFER, 4, title="收猫粮")])
    assert [one.id for one in (first, again, later)] == [post(OFFER, number).id for number in (1, 2, 3)]
    assert first.model_dump(exclude={"id"}) == again.model_dump(exclude={"id"}) == later.model_dump(exclude={"id"})
    assert titled.normalised != first.normalised
    (bare,) = judge.verdicts([post(OFFER, 1)], explain=False)
    assert first.spans
    assert not bare.spans


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.sampled_from([*NASTY[:7], CRY, OFFER, "去死", "加薇❤️", "\r\n", "\u2067", "🏴\U000e0067\U000e007f"]),
        min_size=1,
        max_size=12,
    )
)
def test_nasty_and_plain_text_mixed_is_explained_within_its_bounds(judge, parts):
    text = "".join(parts)
    if not text.strip():
        return
    (verdict,) = judge.verdicts([post(text)])
    assert all(math.isfinite(value) for value in verdict.harm.values())
    assert all(0 <= span.start < span.end <= len(text) and 0 < span.weight <= 1 for span in verdict.spans)


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_gets_a_finite_verdict(judge, text):
    (verdict,) = judge.verdicts([post(text)])
    assert all(0 <= value <= 1 for value in verdict.harm.values())
    assert math.isclose(sum(verdict.stance.values()), 1, abs_tol=1e-3)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=120).filter(str.strip),
    around=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60),
)
def test_any_text_gets_a_verdict_with_valid_spans(judge, text, around):
    (verdict,) = judge.verdicts([post(text, title=around, parent=around)])
    assert all(0 <= value <= 1 for head in (verdict.harm, verdict.stance, verdict.sentiment) for value in head.values())
    assert all(math.isfinite(value) for value in verdict.harm.values())
    for span in verdict.spans:
        assert 0 <= span.start < span.end <= len(text)


def test_flagged_post_is_explained_by_spans_of_the_flagged_harm(judge):
    flagged = [verdict for verdict in judge.verdicts([post(row.text, n) for n, row in enumerate(own()[:80])]) if verdict.flags]
    explained = [verdict for verdict in flagged if verdict.spans]
    assert len(flagged) > 20
    assert len(explained) >= 0.9 * len(flagged)
    for verdict in explained:
        assert {span.harm for span in verdict.spans} <= set(verdict.flags)
        assert all(0 < span.weight <= 1 for span in verdict.spans)
        assert all(verdict.harm[harm] >= verdict.thresholds[harm] for harm in verdict.flags)


def test_windows_cover_a_long_text_and_harm_at_its_end_is_found(judge):
    for length in (1, WINDOW, WINDOW + 1, 1000, 5_000):
        starts = starts_of(length, WINDOW, STRIDE)
        assert starts[0] == 0
        assert starts[-1] + WINDOW >= length
        assert all(after - before <= WINDOW for before, after in zip(starts, starts[1:], strict=False))
    filler = "今天天气不错，食堂的番茄炒蛋很好吃，下午打了一场篮球。" * 40
    plain, hidden = judge.verdicts([post(filler), post(filler + "代办银行卡电话卡，学生卡高价收，日结，" * 3)])
    assert max(hidden.harm.values()) > max(plain.harm.values())


def test_the_same_words_mean_something_else_in_another_place(judge):
    reply = "去死吧"
    boss, selfie = judge.verdicts(
        [
            post(reply, 1, title="最终BOSS三阶段怎么打", parent="这个BOSS还剩一丝血,一个技能把我秒了"),
            post(reply, 2, title="随手拍", parent="今天第一次发自拍,有点紧张,大家轻点喷"),
        ]
    )
    assert selfie.harm[Harm.BULLYING] > 2 * boss.harm[Harm.BULLYING]
    assert Harm.BULLYING in selfie.flags
    assert Harm.BULLYING not in boss.flags


def test_lines_know_the_lines_that_they_answer():
    raw = [
        {"platform": "t", "native_id": "1", "text": "今天第一次发自拍,有点紧张,大家轻点喷"},
        {"platform": "t", "native_id": "2", "text": "去死吧", "reply_to": "1"},
        {"platform": "t", "native_id": "3", "text": "去死吧", "parent": "今天第一次发自拍,有点紧张,大家轻点喷"},
        {"platform": "other", "native_id": "4", "text": "去死吧", "reply_to": "1"},
    ]
    command = [sys.executable, "-m", "humiao", "classify", "--jsonl"]
    lines = "\n".join(json.dumps(one | {"ts": "2026-03-01T00:00:00Z"}) for one in raw)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    _, answered, told, alone = (json.loads(line)["harm"]["bullying"] for line in done.stdout.splitlines())
    assert answered == told != alone


def test_lines_in_verdicts_out_in_order_bad_lines_named():
    lines = ["a", CRY, "这把又被对面打野杀穿了，笑死"]
    raw = [
        json.dumps({"platform": "t", "native_id": str(n), "text": text, "ts": "2026-03-01T00:00:00Z"})
        for n, text in enumerate(lines)
    ]
    raw.insert(1, '{"broken"')
    command = [sys.executable, "-m", "humiao", "classify", "--jsonl", "--explain"]
    done = subprocess.run(command, input="\n".join(raw), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "stdin:2: Invalid JSON" in done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in found] == [post("x", number).id for number in range(3)]
    assert all(set(one["harm"]) == set(Harm) for one in found)
    again = subprocess.run(command, input="\n".join(raw), capture_output=True, text=True, check=False)
    assert again.stdout == done.stdout


def test_stage_scores_posts_and_buries_what_is_none(judge, settings):
    with open_log(settings) as log:
        posts = [post(f"第{number}帖", number) for number in range(20)]
        log.publish(POSTS, [Record(one.id, one.to_json()) for one in posts] + [Record("x", b"{poison"), Record("y", b"\xff")])
        stage = classify_stage(log, lambda: (judge, None), batch=7)
        seen = []
        stage._idle = lambda: stage.stop() if log.lag(POSTS, "classify") == 0 else seen.append(1)
        stage.run()
        scored = [Scored.from_json(message.value) for message in log.read(SCORED)]
        dead = list(log.read(POSTS + DEAD_SUFFIX))
    assert {one.post.id for one in scored} == {one.id for one in posts}
    assert {message.key for message in dead} == {"x", "y"}
    assert all("Invalid JSON" in message.headers["dead.reason"] for message in dead)


def test_broken_checkpoint_is_one_line(tmp_path):
    with pytest.raises(SettingsError, match="can't be loaded"):
        load(tmp_path)


def test_evaluation_line_that_is_wrong_is_named(tmp_path):
    from classifier.rows import read_examples

    file = tmp_path / "lines.jsonl"
    file.write_text(
        '{"text":"a","harm":[],"stance":"other","sentiment":"neutral"}\n{"text":"b","harm":["murder"],"stance":"other","sentiment":"neutral"}\n'
    )
    with pytest.raises(BadInput, match=r"lines\.jsonl:2: harm\.0"):
        read_examples(file)
