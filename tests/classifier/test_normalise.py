"""Normalisation: what is folded, what stays, and that every character knows where it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.normalise import normalise

FOLDED = [
    ("ＡＢＣ１２３", "abc123"),
    ("遊戲帳號", "游戏帐号"),
    ("加\u200b微\u200d信", "加微信"),
    ("加\u202e微信", "加微信"),
    ("哈哈哈哈哈哈", "哈哈哈"),
    ("a\u0301b", "ab"),
    ("  你 \t\n 好  ", "你 好"),
    ("①②③", "123"),
    ("ｖｘ：ａｂｃ", "vx:abc"),
    ("ﷺ", None),
    ("！！！！！！", "!!!"),
]
UNCHANGED = [
    "你好",
    "薇薇今天生日",
    "卫星发射成功",
    "https://example.org/a?b=1",
    "x = 1; y = 2",
    "😀👍",
    "哈哈哈",
    "3.14",
    "a-b_c",
    "「引号」",
]


@pytest.mark.parametrize(("text", "expected"), FOLDED)
def test_folded(text, expected):
    if expected is not None:
        assert normalise(text).text == expected


@pytest.mark.parametrize("text", UNCHANGED)
def test_unchanged_and_without_a_note(text):
    found = normalise(text)
    assert found.text == text
    assert found.changes == ()


def test_change_is_recorded_with_range_and_reason():
    (change,) = normalise("加\u200b\u200b微").changes
    assert (change.start, change.end, change.after, change.reason) == (1, 3, "", "不可见字符")
    (change,) = normalise("打遊戲").changes
    assert (change.start, change.end, change.before, change.after, change.reason) == (1, 3, "遊戲", "游戏", "繁体")


def test_span_leads_back_to_the_original():
    original = "哈哈哈哈哈 加\u200bＶ信"
    found = normalise(original)
    place = found.text.index("加v")
    assert original[slice(*found.span(place, place + 2))] == "加\u200bＶ"


@given(st.text(max_size=300))
def test_total_idempotent_and_offsets_valid(text):
    once = normalise(text)
    assert normalise(once.text).text == once.text
    assert len(once.origins) == len(once.text)
    assert all(0 <= origin < len(text) for origin in once.origins)
    assert list(once.origins) == sorted(once.origins)
    assert all(0 <= change.start < change.end <= len(text) for change in once.changes)
