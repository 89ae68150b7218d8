"""Short forms by rule, and every word found in one pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.places.automaton import Automaton
from alerting.places.folding import fold
from alerting.places.gazetteer import Gazetteer, Naming
from alerting.places.place import Kind, Place
from alerting.places.short_forms import derived
from tests.alerting.places.sentences import district

LETTERS = st.text(alphabet="一中小学", max_size=12)


@pytest.mark.parametrize(
    ("kind", "name", "short"),
    [
        (Kind.SCHOOL, "坂田小学", "坂小"),
        (Kind.SCHOOL, "深圳市龙岗区坂田小学", "坂小"),
        (Kind.SCHOOL, "深圳市龙岗区坂田小学", "坂田小学"),
        (Kind.SCHOOL, "第一中学", "一中"),
        (Kind.SCHOOL, "坂田第一中学", "坂田一中"),
        (Kind.SCHOOL, "华南师范大学附属龙岗雅宝小学", "华附"),
        (Kind.SCHOOL, "华南师范大学附属龙岗雅宝小学", "雅宝小学"),
        (Kind.SCHOOL, "龙城高级中学", "龙高"),
        (Kind.ESTATE, "万科四季花城", "四季花城"),
        (Kind.SHOP, "桃桃乌龙奶茶（五和店）", "桃桃乌龙"),
        (Kind.STATION, "五和站", "五和地铁站"),
    ],
)
def test_short_forms_follow_from_the_official_name(kind: Kind, name: str, short: str) -> None:
    assert short in derived(Place(id="x", kind=kind, name=name))


def test_no_short_form_is_a_word_of_everyday() -> None:
    assert derived(Place(id="x", kind=Kind.VENUE, name="星际网吧")) == {"星际网咖"}
    assert "高级中学" not in derived(Place(id="x", kind=Kind.SCHOOL, name="深圳市高级中学"))
    assert derived(Place(id="x", kind=Kind.AREA, name="五和社区")) == set()


def test_a_short_form_of_two_places_is_told_as_shared_and_as_derived() -> None:
    places = [Place(id=id, kind=Kind.SCHOOL, name=name) for id, name in (("a", "五和小学"), ("b", "五园小学"))]
    gazetteer = Gazetteer(places)
    assert gazetteer.shared() == {"五小": ["a", "b"]}
    assert gazetteer.names["五小"] == {"a": Naming.DERIVED, "b": Naming.DERIVED}


@given(st.sets(LETTERS), LETTERS)
def test_every_occurrence_of_every_word_is_found(words: set[str], text: str) -> None:
    spans = {(start, end) for start in range(len(text)) for end in range(start + 1, len(text) + 1) if text[start:end] in words}
    assert sorted(Automaton(words).occurrences(text)) == sorted(spans)


@given(st.text())
def test_folding_keeps_every_character_at_its_position(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_width_case_and_traditional_characters_are_one() -> None:
    assert fold("坂田小學ＫＴＶ") == "坂田小学ktv"


def test_parents_that_lie_in_each_other_end() -> None:
    ring = [Place(id=id, kind=Kind.AREA, name=f"{id}社区", parent=other) for id, other in (("a", "b"), ("b", "a"))]
    assert Gazetteer(ring).areas("a") == ("b", "a")
    assert district().areas("bantian-primary") == ("bantian-community", "bantian", "longgang")
