"""Which column is what: by its name and by what stands below it."""

import pytest

from humiao.intake.fields import Field
from humiao.intake.guess import guess, header_among
from humiao.intake.header_words import meaning
from humiao.intake.how import SHANGHAI
from humiao.intake.line import Row
from tests.humiao.intake.files import NOW


def fields(header: list[str], *rows: list[str]) -> list[str | None]:
    found = guess(Row(1, tuple(header)), [Row(number, tuple(cells)) for number, cells in enumerate(rows, 2)], SHANGHAI, NOW).fields
    return [field.value if field else None for field in found]


TIME, URL, TEXT = "2026-03-01 20:15", "https://tieba.baidu.com/p/1", "校门口有人在卖电子烟，放学时最多"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("序号 平台 板块 标题 内容 发布时间 网址 账号", ["1", "贴吧", "本地吧", "求助", TEXT, TIME, URL, "小鱼"],
         [None, "platform", "board", "title", "text", "ts", "url", "author"]),
        ("编号 来源 线索内容 链接 发现时间 备注", ["A-1", "抖音", TEXT, URL, TIME, "已转公安，请尽快处理，谢谢配合"],
         [None, "platform", "text", "url", "ts", None]),
        ("发布时间 发现时间 平台 内容", [TIME, TIME, "抖音", TEXT], ["ts", None, "platform", "text"]),
        ("来源 标题 正文", [URL, "求助", TEXT], ["url", "title", "text"]),
        ("上报人 发布人 上报时间 时间 平台 具体内容", ["张三", "小鱼", TIME, TIME, "快手", TEXT],
         [None, "author", None, "ts", "platform", "text"]),
        ("id platform author text ts url", ["8831", "forum", "cat", "somebody sells vapes at the gate", TIME, URL],
         ["native_id", "platform", "author", "text", "ts", "url"]),
        ("id 平台 内容 时间", ["1", "抖音", TEXT, TIME], [None, "platform", "text", "ts"]),
        ("网络平台名称 视频发布日期 作者主页链接 视频文案 涉事学校 截图", ["抖音", TIME, URL, TEXT, "实验小学", "1.png"],
         ["platform", "ts", None, "text", "place", "picture"]),
        ("平台（必填） 内容（原文） 发布时间*", ["抖音", TEXT, TIME], ["platform", "text", "ts"]),
        ("吧名 楼主 主题 回复内容 回复时间 回复ID", ["本地吧", "a", "求助", TEXT, TIME, "99123"],
         ["board", "author", "title", "text", "ts", "reply_to"]),
        ("平台 列一 列二 列三", ["抖音", URL, TIME, TEXT], ["platform", "url", "ts", "text"]),
    ],
)  # fmt: skip
def test_columns_of_real_sheets(header, row, expected):
    assert fields(header.split(), row) == expected


def test_a_column_that_only_counts_is_no_id():
    rows = [[str(n), "抖音", TEXT, TIME] for n in range(1, 20)]
    assert fields(["id", "平台", "内容", "时间"], *rows) == [None, "platform", "text", "ts"]


def test_a_name_that_its_cells_contradict_is_not_believed():
    rows = [["不详", TIME, "抖音", TEXT]] * 5
    assert fields(["发布时间", "记录", "平台", "内容"], *rows) == [None, "ts", "platform", "text"]


def test_names_without_any_rows_are_taken_at_their_word():
    assert fields(["平台", "发布时间", "内容", "链接"]) == ["platform", "ts", "text", "url"]


@pytest.mark.parametrize(
    ("rows", "at"),
    [
        ([["某街道线索汇总表"], ["填表单位：某站", "2026年3月"], ["序号", "平台", "内容"], ["1", "抖音", TEXT]], 2),
        ([["平台", "内容", "时间"], ["平台说明", "内容说明", ""]], 0),
        ([["内容"], [TEXT]], 0),
        ([["填写说明"], ["请按列填写"]], None),
        ([["抖音", TIME, TEXT], ["快手", TIME, TEXT]], None),
        ([], None),
    ],
)
def test_the_row_that_names_the_columns(rows, at):
    assert header_among([Row(number, tuple(cells)) for number, cells in enumerate(rows, 1)]) == at


def test_words_for_one_field_are_not_words_for_another():
    assert meaning("发布平台")[0] is Field.PLATFORM
    assert meaning("内容链接")[0] is Field.URL
    assert meaning("备注")[0] is None
    assert meaning("备注")[1] > 0
    assert meaning("") == meaning("长" * 300) == (None, 0.0)
