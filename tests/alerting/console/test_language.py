import re
from pathlib import Path

import pytest

import alerting.console
from alerting.console import failures, render
from alerting.console.language import english, translator
from alerting.grades import GRADES
from humiao.account import Role
from humiao.alert import GRADE_NAMES, STATUS_NAMES
from humiao.labels import HARM_NAMES, SENTIMENT_NAMES, STANCE_NAMES
from humiao.source_status import STATE_NAMES

FOLDER = Path(alerting.console.__file__).parent
HAN = re.compile(r"[\u4e00-\u9fff]")
LITERAL = re.compile(r"\"([^\"\n]*[\u4e00-\u9fff][^\"\n]*)\"|'([^'\n]*[\u4e00-\u9fff][^'\n]*)'")


def wordings():
    """Every Chinese literal of the templates and every name that goes through the translation."""
    for file in FOLDER.glob("templates/*.html"):
        for expression in re.findall(r"\{[{%](.*?)[%}]\}", file.read_text(encoding="utf-8"), re.DOTALL):
            for double, single in LITERAL.findall(expression):
                yield double or single
    for names in (HARM_NAMES, STANCE_NAMES, SENTIMENT_NAMES, STATUS_NAMES, STATE_NAMES, render.ROLE_NAMES, failures.TITLES):
        yield from names.values()
    yield from (name for _, name in render.NAVIGATION)
    yield from (f"{name}级" for name in GRADE_NAMES.values())
    yield from (rule.meaning for rule in GRADES.values())


def test_everything_said_in_chinese_is_said_in_english():
    missing = sorted({wording for wording in wordings() if wording not in english() and wording not in {"级", "中文"}})
    assert missing == []


def test_templates_hold_no_wording_outside_the_catalogue():
    for file in FOLDER.glob("templates/*.html"):
        bare = re.sub(r"\{[{%#].*?[%}#]\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not HAN.search(bare), file.name


def test_blanks_are_the_same_in_both_languages():
    for chinese, other in english().items():
        assert set(re.findall(r"\{\w+\}", chinese)) == set(re.findall(r"\{\w+\}", other)), chinese
        assert not HAN.search(other), other


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-US,en;q=0.9", "en"),
        ("fr,de", "zh-CN"),
        ("en;q=0.3,zh;q=0.7", "zh-CN"),
        ("en;q=nonsense,zh", "zh-CN"),
        ("x" * 9000, "zh-CN"),
    ],
)
def test_the_browser_s_preference_counts(visitor, header, language):
    assert f'<html lang="{language}">' in visitor.get("/sign-in", headers={"accept-language": header}).text


def test_a_choice_is_kept(browser):
    client = browser(Role.PATROL)
    assert '<html lang="en">' in client.get("/alerts?lang=en&status=all").text
    page = client.get("/alerts").text
    assert '<html lang="en">' in page
    assert "Queue" in page
    assert '<html lang="zh-CN">' in client.get("/alerts?lang=zh").text


def test_an_unknown_wording_stays_as_it_is():
    assert translator("en")("没有译文 {n}", n=1) == "没有译文 1"
