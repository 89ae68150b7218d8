"""Chinese search: how text and query are cut, and that every store finds the same posts for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from humiao.errors import BadInput
from humiao.store import PostFilter
from humiao.store.query import FIELD_GAP, MAX_QUERY, fold, index_text, phrases, tokens
from humiao.store.sqlite import SqliteStore
from tests.contract.search_corpus import AGREED, EXPECTED, corpus

ANY = PostFilter()
POSTS = corpus()
KEYS = {stored.post.id: key for key, stored in POSTS}


def hits(store, query):
    return [KEYS[hit.post.post.id] for hit in store.search(query, ANY, limit=500).items]


@pytest.fixture(scope="module")
def sqlite_store(tmp_path_factory):
    with SqliteStore(tmp_path_factory.mktemp("search") / "store.db") as store:
        store.put_posts([stored for _, stored in POSTS])
        yield store


def test_the_corpus_is_what_it_should_be():
    assert len(POSTS) >= 150
    assert len(KEYS) == len(POSTS)
    assert len({stored.post.text for _, stored in POSTS}) == len(POSTS)
    assert len(EXPECTED) + len(AGREED) >= 45
    assert sum(bool(keys) for keys in EXPECTED.values()) >= 30


@pytest.mark.parametrize("query", EXPECTED)
def test_a_query_finds_exactly_the_posts_that_hold_it(sqlite_store, query):
    assert set(hits(sqlite_store, query)) == set(EXPECTED[query].split())


@pytest.mark.servers
def test_both_stores_find_the_same_posts_in_the_same_order(sqlite_store, another_elasticsearch):
    with another_elasticsearch() as elasticsearch:
        elasticsearch.put_posts([stored for _, stored in POSTS])
        differing = {
            query: (ours, theirs)
            for query in (*EXPECTED, *AGREED)
            if (ours := hits(sqlite_store, query)) != (theirs := hits(elasticsearch, query))
        }
        assert differing == {}
        for query, keys in EXPECTED.items():
            assert set(hits(elasticsearch, query)) == set(keys.split())


@given(st.text(st.characters(exclude_characters='"“”＂'), max_size=30))
def test_any_text_is_found_by_itself_quoted(text):
    found = phrases(f'"{text}"')
    body = f" {index_text(text)} "
    assert all(f" {' '.join(phrase)} " in body for phrase in found)


@given(st.text(max_size=60))
def test_a_query_becomes_nothing_but_hexadecimal_numbers(query):
    for phrase in phrases(query):
        assert phrase
        for token in phrase:
            assert int(token, 16) < 0x110000


def test_no_character_is_spelled_like_the_gap_between_fields():
    with pytest.raises(ValueError, match="invalid literal"):
        int(FIELD_GAP, 16)
    assert index_text("a", "", "b") == f"61 {FIELD_GAP}  {FIELD_GAP} 62"


def test_folding_makes_width_case_and_script_the_same():
    assert fold("ＫＴＶ Café STRASSE 學習體驗 ﾗｰﾒﾝ") == fold("ktv cafe\u0301 straße 学习体验 ラーメン")
    assert tokens(" 你\u3000好\t\n") == tokens("你好") == ["4f60", "597d"]


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("", []),
        (' "" “” ', []),
        ("你 好", ["你", "好"]),
        ('"你 好" 吗', ["你好", "吗"]),
        ("“你 好”吗", ["你好", "吗"]),
        ('"你', ['"你']),
        ('他说"好"', ['他说"好"']),
    ],
)
def test_terms_stand_between_spaces_or_in_quotes(query, terms):
    assert phrases(query) == [tokens(term) for term in terms]


def test_a_query_that_is_too_long_says_how_long_it_may_be():
    assert phrases("长" * MAX_QUERY)
    with pytest.raises(BadInput, match=r"query: has 1,001 characters, the limit is 1,000"):
        phrases("长" * MAX_QUERY + " 短")
