"""A post line: what is let in, what is refused, and the ids that follow from it."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from humiao.errors import BadInput
from humiao.post import MAX_TEXT, Post

LINE = {"platform": "bt", "native_id": "7", "text": "你好", "ts": "2026-03-01T20:15:00+08:00"}


def line(**over):
    return json.dumps(LINE | over).encode()


def without(key):
    return json.dumps({k: v for k, v in LINE.items() if k != key}).encode()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"platform": "bt"', "Invalid JSON"),
        (b"[]", "object"),
        (b"", "empty"),
        (b"   \t", "empty"),
        (without("text"), "text: Field required"),
        (without("ts"), "ts: Field required"),
        (without("platform"), "platform: Field required"),
        (line(ts="2026-03-01T20:15:00"), "with an offset"),
        (line(ts="2026-02-30T20:15:00Z"), "not a time that exists"),
        (line(ts=1772367300), "not int"),
        (line(ts="0001-01-01T00:00:00+08:00"), "outside the years"),
        (line(text="a" * (MAX_TEXT + 1)), "text"),
        (line(text="a\x00b"), "NUL"),
        (b'{"platform":"bt","text":"a\\ud800","ts":"2026-03-01T20:15:00Z"}', "surrogate|hex escape|Invalid JSON"),
        (b'{"platform":"bt","text":"\xff","ts":"2026-03-01T20:15:00Z"}', "Invalid JSON|utf-8"),
        (line(text=5), "text: Input should be a valid string"),
        (line(text=" \n "), "blank"),
        (line(text=""), "text"),
        (line(colour="red"), "colour: Extra inputs are not permitted"),
        (line(platform=""), "platform"),
    ],
)
def test_bad_line_is_refused_with_field_and_reason_in_one_line(raw, reason):
    with pytest.raises(BadInput, match=reason) as caught:
        Post.from_json(raw)
    assert "\n" not in str(caught.value)


def test_id_is_the_hash_of_platform_and_native_id():
    expected = hashlib.sha256(b"bt\x1f7").hexdigest()[:32]
    assert Post.from_json(line()).id == expected
    assert Post.from_json(line(text="another text", ts="2025-01-01T00:00:00Z")).id == expected


def test_without_native_id_the_same_instant_in_another_zone_gives_the_same_id():
    raw = {k: v for k, v in LINE.items() if k != "native_id"} | {"author": "a"}
    here = Post.from_json(json.dumps(raw).encode())
    there = Post.from_json(json.dumps(raw | {"ts": "2026-03-01T12:15:00Z"}).encode())
    assert here.id == there.id
    assert here.id != Post.from_json(json.dumps(raw | {"text": "你好!"}).encode()).id


def test_edit_keeps_the_id_and_changes_the_revision():
    before, after = Post.from_json(line()), Post.from_json(line(text="你好，已编辑"))
    assert before.id == after.id
    assert before.revision != after.revision


def test_time_is_utc_inside():
    assert Post.from_json(line()).ts == datetime(2026, 3, 1, 12, 15, tzinfo=UTC)
    assert Post.from_json(line()).ts.tzinfo is UTC


def test_null_stands_for_an_absent_optional_field():
    assert Post.from_json(line(author=None, url=None)).author == ""


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=200).filter(str.strip))
def test_any_storable_text_survives_the_message(text):
    post = Post.from_json(line(text=text))
    assert Post.from_json(post.to_json()) == post
    assert post.text == text


@given(st.binary(max_size=200))
def test_any_bytes_give_a_post_or_one_clear_line(raw):
    try:
        Post.from_json(raw)
    except BadInput as error:
        assert "\n" not in str(error)  # noqa: PT017 (either outcome is right)
