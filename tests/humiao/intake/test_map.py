"""``--map``: what a person may write, and one clear line for what does not fit."""

import pytest

from humiao.errors import BadInput
from humiao.intake.fields import Field
from humiao.intake.guess import guess
from humiao.intake.how import SHANGHAI
from humiao.intake.line import Row
from humiao.intake.mapping import line_for, parse_map, resolve
from tests.humiao.intake.files import HEADER, NOW, ROW

SHEET = Row(1, ("内容", "日期", "时间", "平台", "备注", "备注", "a,b=c"))


def columns(text: str) -> dict[str, tuple[int, ...]]:
    return {field.value: at for field, at in resolve(parse_map(text), SHEET, None).columns.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("内容=text,时间=ts", {"text": (0,), "ts": (2,)}),
        ("内容=text，时间＝ts", {"text": (0,), "ts": (2,)}),
        (" 内容 = text , 日期+时间 = ts ", {"text": (0,), "ts": (1, 2)}),
        ("日期＋时间=ts", {"ts": (1, 2)}),
        ("#1=text,#2+#3=ts", {"text": (0,), "ts": (1, 2)}),
        ('"a,b=c"=title', {"title": (6,)}),
        ("“a,b=c”=title", {"title": (6,)}),
        ("内容=正文,时间=发布时间", {"text": (0,), "ts": (2,)}),
        ("ＮＲ=title".replace("ＮＲ", "内 容"), {"title": (0,)}),
    ],
)
def test_columns_by_name_and_number(text, expected):
    assert columns(text) == expected


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("平台=@抖音", Field.PLATFORM, "抖音"),
        ("platform=@抖音", Field.PLATFORM, "抖音"),
        ("@抖音=platform", Field.PLATFORM, "抖音"),
        ("@2026-03-01T20:00:00+08:00=ts", Field.TS, "2026-03-01T20:00:00+08:00"),
        ("发布时间=@2026年3月1日 20:00", Field.TS, "2026年3月1日 20:00"),
        ('平台=@"群，某某"', Field.PLATFORM, "群，某某"),
        ("链接=@https://a.cn/?a=1", Field.URL, "https://a.cn/?a=1"),
    ],
)
def test_constants(text, field, value):
    assert parse_map(text).pairs[0].constant == value
    assert resolve(parse_map(text), SHEET, None).constants == {field: value}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is empty"),
        ("内容", "has no ="),
        ("内容=", "lacks a side"),
        ("内容=nothing", "is no field"),
        ("内容=text,标题=text", "given twice"),
        ("text=内容", "wrong way round; write 内容=text"),
        ("平台=@", "nothing after @"),
        ('"内容=text', "not closed"),
        ("没有=text", "no column is called '没有'"),
        ("备注=title", "#5"),
        ("#9=title", "the sheet has 7"),
        ("#0=title", "no column #0"),
    ],
)
def test_a_wrong_map_is_one_line_that_says_what(text, part):
    with pytest.raises(BadInput, match=r"^--map: ") as caught:
        resolve(parse_map(text), SHEET, None)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_auto_fills_in_what_is_not_said():
    guessed = guess(Row(1, HEADER), [Row(2, ROW)], SHANGHAI, NOW)
    mapping = resolve(parse_map("auto,平台=@快手,链接=title"), guessed.header, guessed)
    assert mapping.constants == {Field.PLATFORM: "快手"}
    assert mapping.columns == {Field.TITLE: (4,), Field.TS: (2,), Field.TEXT: (3,), Field.AUTHOR: (5,)}


@pytest.mark.parametrize(
    "header", [HEADER, ("平台", "a,b", "时间", "内容", "", '引"号'), ("平台", "内容", "内容", "时间", "链接", "作者")]
)
def test_the_line_that_is_shown_says_what_was_guessed(header):
    guessed = guess(Row(1, header), [Row(2, ROW)], SHANGHAI, NOW)
    mapping = resolve(parse_map(line_for(guessed)), guessed.header, guessed)
    assert mapping.columns == {field: (at,) for at, field in enumerate(guessed.fields) if field}
