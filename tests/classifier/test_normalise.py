"""Normalisation: what is folded or unmasked, what stays, and that every character knows where it came from."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.normalise import normalise
from classifier.normalise.aligned import REASONS
from classifier.normalise.tables import rows

ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")


def written(text):
    """The text of a cell: invisible characters are written as escapes."""
    return ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


def cases():
    found = []
    table = (Path(__file__).parent / "normalise_cases.tsv").read_text(encoding="utf-8")
    for line in table.split("\n"):
        if line and not line.startswith("# "):
            text, expected, reasons = line.split("\t")
            found.append(pytest.param(written(text), written(expected), reasons, id=text))
    return found


@pytest.mark.parametrize(("text", "expected", "reasons"), cases())
def test_normal_form_and_reasons(text, expected, reasons):
    found = normalise(text)
    assert found.text == expected
    assert " ".join(change.reason for change in found.changes) == reasons.replace("-", "")


def test_spaces_are_folded_without_a_note():
    found = normalise("  你 \t\n 好  ")
    assert found.text == "你 好"
    assert found.changes == ()


def test_change_is_recorded_with_range_and_reason():
    (change,) = normalise("加\u200b\u200b油").changes
    assert (change.start, change.end, change.after, change.reason) == (1, 3, "", "不可见字符")
    (change,) = normalise("打遊戲").changes
    assert (change.start, change.end, change.before, change.after, change.reason) == (1, 3, "遊戲", "游戏", "繁体")


def test_several_steps_on_the_same_characters_are_one_change():
    (change,) = normalise("聊聊＋V:ＡＢＣ1 1").changes[:1]
    assert change.reason == "全角或变体"
    (change,) = normalise("去 煞\u200b.筆 吧").changes
    assert (change.before, change.after) == ("煞\u200b.筆", "傻逼")
    assert change.reason == "繁体、不可见字符、谐音、分隔符"


def test_emoji_form_belongs_to_the_change():
    (change,) = normalise("想要的加薇❤️细聊").changes
    assert (change.before, change.after) == ("加薇❤️", "加微信")


def test_long_run_is_shown_cut():
    (change,) = normalise("哈" * 100).changes
    assert (change.start, change.end) == (0, 100)
    assert (change.before, change.after) == ("哈" * 40, "哈哈哈")


def test_span_leads_back_to_the_original():
    original = "哈哈哈哈哈 加\u200bＶ信"
    found = normalise(original)
    place = found.text.index("加微信")
    assert original[slice(*found.span(place, place + 3))] == "加\u200bＶ信"


def test_joined_character_comes_from_its_first_part_and_the_change_shows_both():
    found = normalise("我女马的")
    assert found.text == "我妈的"
    assert found.origins == (0, 1, 3)
    assert [(change.before, change.after) for change in found.changes] == [("女马的", "妈的")]


@pytest.mark.parametrize("form", ["卫星", "威信"])
def test_everyday_word_needs_a_marker_or_an_account_beside_it(form):
    assert normalise(f"{form}很好").text == f"{form}很好"
    assert normalise(f"要的加{form}").text == "要的加微信"
    assert normalise(f"{form}：abc_1234").text == "微信:abc_1234"


def test_a_word_that_was_taken_supports_its_neighbour():
    assert normalise("si聊 卫星").text == "私聊 微信"


def test_names_and_addresses_stay():
    text = "@加薇芯 https://example.org/女马/🔪?q=傻13 wx@example.org"
    assert normalise("@加薇芯 https://example.org/傻13?q=nmsl wx@example.org").changes == ()
    assert normalise(text).text.startswith("@加薇芯 https://example.org/")


def test_crowded_text_keeps_its_words_but_not_its_odd_characters():
    text = "自.杀，ＡＢＣ" * 30_000
    assert normalise(text).text == "自.杀,abc" * 30_000


def test_many_changes_are_told_together():
    found = normalise("走遊" * 10_000)
    assert len(found.changes) <= 4096
    assert found.changes[0].start == 1
    assert found.changes[-1].end == 20_000


@pytest.mark.parametrize(
    ("table", "least"),
    [("lexicon.tsv", 300), ("splits.tsv", 150), ("emoji.tsv", 150), ("aliases.tsv", 300), ("lookalikes.tsv", 100)],
)
def test_tables_are_whole(table, least):
    found = rows(table)
    assert len(found) >= least
    assert len({len(row) for row in found}) == 1
    assert len({row[0] if table != "lexicon.tsv" else row[1] for row in found}) == len(found)


def test_aliases_name_known_needs_and_reasons():
    for form, _, _, need, reason in rows("aliases.tsv"):
        assert need in "免境邻号账数", form
        assert set(reason.split("、")) <= set(REASONS), form


PIECES = sorted(
    {row[0] for name in ("aliases.tsv", "emoji.tsv", "splits.tsv", "protected.tsv", "lookalikes.tsv") for row in rows(name)}
    | {row[1] for row in rows("lexicon.tsv")}
    | {marker for row in rows("contexts.tsv") for marker in row[2].split()}
    | set(" .-*~/|,。+:@#_❤\u200b\ufe0f")
    | {"abc_123", "12345", "@a ", "http://a.b/"}
)
POSTS = st.one_of(
    st.text(max_size=300),
    st.text(st.characters(codec=None, categories=None), max_size=100),
    st.lists(st.sampled_from(PIECES), max_size=16).map("".join),
)


@given(POSTS)
def test_idempotent(text):
    once = normalise(text).text
    assert normalise(once).text == once


@given(POSTS)
def test_origins_and_changes_lie_in_the_original(text):
    found = normalise(text)
    assert len(found.origins) == len(found.text)
    assert all(0 <= origin < len(text) for origin in found.origins)
    assert list(found.origins) == sorted(found.origins)
    ranges = [(change.start, change.end) for change in found.changes]
    assert ranges == sorted(ranges)
    for change in found.changes:
        assert 0 <= change.start < change.end <= len(text)
        whole = text[change.start : change.end]
        assert change.before == whole or (len(change.before) == 40 and whole.startswith(change.before))
        assert set(change.reason.split("、")) <= set(REASONS)


@given(POSTS)
def test_blank_only_of_what_cannot_be_seen(text):
    if not normalise(text).text:
        assert not any(
            char.isprintable() and not char.isspace() and char.isalnum() for char in text if char not in "\u115f\u1160\u3164\uffa0"
        )
