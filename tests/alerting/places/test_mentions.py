"""What a post mentions: never a guess."""

from alerting.places.gazetteer import Gazetteer
from alerting.places.mentions import Whereabouts, find
from alerting.places.place import Kind, Place
from alerting.places.surroundings import Surroundings
from tests.alerting.places.sentences import district


def named(text: str, **around: str) -> Whereabouts:
    return find(text, Surroundings(**around), district())


def test_an_ambiguous_name_gives_candidates_with_reasons_and_no_place() -> None:
    found = named("一中门口有人收保护费")
    [mention] = found.mentions
    assert (mention.text, mention.place, found.place) == ("一中", None, None)
    assert {one.id for one in mention.candidates} == {"x-longgang-1", "x-bantian-1"}
    assert all(one.reasons for one in mention.candidates)


def test_board_hint_title_parent_and_the_area_before_it_settle_it() -> None:
    for text, around in (
        ("一中门口有人收保护费", {"board": "坂田吧"}),
        ("一中门口有人收保护费", {"hint": "坂田街道"}),
        ("一中门口有人收保护费", {"title": "坂田一中被堵"}),
        ("一中门口有人收保护费", {"parent": "坂田第一中学怎么了"}),
        ("坂田的一中门口有人收保护费", {}),
        ("一中的人在坂田二中门口收保护费", {}),
    ):
        assert [one.place for one in named(text, **around).mentions if one.text == "一中"] == ["x-bantian-1"], (text, around)


def test_a_neighbour_is_near_by_coordinates_where_both_have_them() -> None:
    def school(id: str, name: str, lat: float) -> Place:
        return Place(id=id, kind=Kind.SCHOOL, name=name, lat=lat, lon=114.0)

    park = Place(id="park", kind=Kind.PARK, name="荔枝公园", lat=22.001, lon=114.0)
    gazetteer = Gazetteer([school("near", "甲乙第一中学", 22.0), school("far", "丙丁第一中学", 22.5), park])
    found = find("一中旁边的荔枝公园", Surroundings(), gazetteer)
    assert found.mentions[0].place == "near"


def test_two_places_of_the_same_area_stay_apart() -> None:
    assert named("五小放学被抢", hint="坂田街道").mentions[0].place is None


def test_our_school_is_the_one_of_board_or_hint_alone() -> None:
    assert named("我们学校有人打人", board="坂田小学吧").place == "bantian-primary"
    assert named("我们学校有人打人", hint="五和小学").place == "wuhe-primary"
    assert named("我们学校有人打人", hint="坂田街道").mentions == ()
    assert named("他们学校有人打人", board="坂田小学吧").mentions == ()


def test_a_short_form_on_another_citys_board_is_not_ours() -> None:
    assert named("坂小门口", board="东莞家长").mentions[0].place is None
    assert named("东莞坂小门口").mentions == ()


def test_a_school_counts_before_the_area_and_the_title_double() -> None:
    assert named("坂田的坂小").place == "bantian-primary"
    assert named("五和小学的人来了", title="坂小门口打架").place == "bantian-primary"
    assert named("在岗头看到的", hint="坂田街道").place == "gangtou"
    assert named("在坂田看到的", hint="岗头社区").place == "gangtou"


def test_a_post_that_names_nothing_is_where_its_source_is() -> None:
    assert named("今天好累", hint="坂田小学").place == "bantian-primary"
    assert named("今天好累").place is None


def test_spans_are_those_of_the_text_as_written() -> None:
    text = "在【坂田小學】門口，ＫＴＶ浪潮派ＫＴＶ"
    assert [text[one.start : one.end] for one in named(text).mentions] == ["坂田小學", "浪潮派ＫＴＶ"]
