import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.console.highlight import by_query, by_spans
from humiao.labels import Harm
from humiao.store.query import phrases
from humiao.verdict import Span

TEXTS = st.text(
    st.one_of(st.characters(blacklist_categories=("Cs",)), st.sampled_from("👨‍👩‍👧🏍️🇨🇳<>&\"'\n 加微信ｗｘ㎏ﬀ\u0301\u200d")),
    max_size=60,
)
SPANS = st.lists(
    st.builds(Span, start=st.integers(0, 70), end=st.integers(0, 70), harm=st.sampled_from(Harm), weight=st.floats(0, 1)),
    max_size=8,
)


@given(TEXTS, SPANS)
@settings(max_examples=400, deadline=None)
def test_the_pieces_are_the_text_and_mark_exactly_what_the_spans_cover(text, spans):
    pieces = by_spans(text, spans)
    assert "".join(piece.text for piece in pieces) == text
    offset = 0
    for piece in pieces:
        for position in range(offset, offset + len(piece.text)):
            assert set(piece.harms) == {span.harm for span in spans if span.start <= position < span.end}
        offset += len(piece.text)


@given(TEXTS, st.lists(st.text(max_size=4), max_size=3))
@settings(max_examples=400, deadline=None)
def test_search_marks_never_change_the_text(text, words):
    query = " ".join(words)
    assert "".join(piece.text for piece in by_query(text, phrases(query))) == text


@given(TEXTS.filter(str.strip), st.data())
@settings(max_examples=200, deadline=None)
def test_an_excerpt_is_a_stretch_of_the_text(text, data):
    word = data.draw(st.sampled_from(text.split()))
    pieces = [piece.text for piece in by_query(text, phrases(f'"{word}"' if '"' not in word else word), around=5)]
    body = pieces[1:] if pieces and pieces[0] == "…" and not text.startswith("…") else pieces
    body = body[:-1] if body and body[-1] == "…" and not text.endswith("…") else body
    assert "".join(body) in text


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("加WX123456详聊", "wx123", ["WX123"]),
        ("體育場旁邊", "体育场", ["體育場"]),
        ("ＷＸ１２３", "wx123", ["ＷＸ１２３"]),
        ("放学 别走", "学别", ["学 别"]),
        ("哈哈哈哈", "哈哈", ["哈哈哈哈"]),
        ("重5㎏的东西", "5kg", ["5㎏"]),
        ("一二三四", '"二三" 四', ["二三", "四"]),
        ("没有", "别的", []),
    ],
)
def test_matches_are_those_of_the_search(text, query, marked):
    joined, run = [], ""
    for piece in [*by_query(text, phrases(query)), None]:
        if piece is not None and piece.found:
            run += piece.text
        elif run:
            joined.append(run)
            run = ""
    assert (joined == marked) or ["".join(marked)] == joined


def test_emoji_before_a_span_do_not_shift_it():
    text = "👨‍👩‍👧👍🏽加微信abc"
    start = text.index("加")
    marked = [piece.text for piece in by_spans(text, [Span(start=start, end=start + 3, harm=Harm.FRAUD, weight=1)]) if piece.harms]
    assert marked == ["加微信"]


def test_the_strongest_harm_of_overlapping_spans_comes_first():
    spans = [Span(start=0, end=4, harm=Harm.FRAUD, weight=0.2), Span(start=2, end=6, harm=Harm.DRUGS, weight=0.9)]
    assert [(piece.text, piece.harms) for piece in by_spans("abcdefg", spans)] == [
        ("ab", (Harm.FRAUD,)),
        ("cd", (Harm.DRUGS, Harm.FRAUD)),
        ("ef", (Harm.DRUGS,)),
        ("g", ()),
    ]
