"""What a message says, in both languages, within its limit."""

import pytest

from alerting.notify.items import item, place_kinds
from alerting.notify.links import Links
from alerting.notify.wording import LONGEST, Words
from humiao.alert import Grade
from humiao.labels import Harm, Stance
from tests.builders import NOON, make_alert, make_event

LINKS = Links(b"k" * 32, "https://console.example")
KINDS = ("raised", "regraded", "deadline_near", "deadline_passed", "reopened", "duty_called")


def items(count: int, kind: str = "raised"):
    for number in range(count):
        alert = make_alert(
            leader=f"{number:032x}",
            grade=list(Grade)[number % 4],
            harm=[list(Harm)[number % 15], list(Harm)[(number + 1 + number // 15) % 15]],
            stance=list(Stance)[number % 5],
            place="坂田小学、岗头社区",
        )
        yield item(alert, make_event(alert.id, kind=kind), "duty", NOON, digested=False)


@pytest.mark.parametrize("kind", KINDS)
def test_english_has_a_word_for_everything(kind):
    words = Words("en", LINKS)
    for one in items(60, kind):
        text = "".join(words.single(one, one.id, NOON))
        assert not [char for char in text if "一" <= char <= "鿿"], text
    text = "".join(words.digest(list(items(60, kind)), "id", NOON))
    assert not [char for char in text if "一" <= char <= "鿿"], text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("count", [1, 2, 50, 3000])
def test_a_digest_fits_into_a_message_and_counts_everything(language, count):
    title, text = Words(language, LINKS).digest(list(items(count)), "id", NOON)
    assert len(f"{title}\n{text}".encode()) <= LONGEST
    lines = [line for line in text.splitlines() if "×" in line]
    counted = sum(int(line.rpartition("×")[2]) for line in lines)
    rest = [int("".join(filter(str.isdigit, line))) for line in text.splitlines() if line.startswith(("另有", "and "))]
    assert counted + sum(rest) == count
    assert text.count("signed=") == min(count, 3)


def test_the_most_urgent_stands_first_in_a_digest():
    _, text = Words("zh", LINKS).digest(list(items(40)), "id", NOON)
    grades = [line[1] for line in text.splitlines() if "×" in line]
    assert grades == sorted(grades, key="红橙黄蓝".index)


@pytest.mark.parametrize(
    ("place", "kinds"),
    [
        ("坂田小学、岗头社区", ["学校", "街道社区"]),
        ("坂田小学、五和小学", ["学校"]),
        ("阳光幼儿园", ["幼儿园"]),
        ("某处", []),
        ("", []),
    ],
)
def test_of_a_place_only_its_kind_is_said(place, kinds):
    assert place_kinds(place) == kinds
