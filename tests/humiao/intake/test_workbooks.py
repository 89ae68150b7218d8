"""Workbooks as Excel, WPS and programs write them: titles, several sheets, dates, hidden and empty rows."""

import io
import re
import zipfile
from datetime import datetime, time

import openpyxl
import pytest

from humiao.errors import BadInput
from humiao.intake.table_lines import MapNeeded
from tests.humiao.intake.files import HEADER, ROW, posts, problems, read, rewritten, with_shared_texts, workbook

PLAIN = ("平台", "发布时间", "内容")
EVENING = "2026-03-01T12:15:00+00:00"


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsm", "a.csv", "a"])
def test_a_workbook_is_known_by_its_content(tmp_path, name):
    file = tmp_path / "made.xlsx"
    workbook(file, HEADER, ROW)
    lines = read(file.rename(tmp_path / name))
    assert posts(lines)[0].text == ROW[3]
    assert lines[0].where == f"{tmp_path / name}:2"


def test_texts_in_a_table_of_their_own_as_excel_writes_them(tmp_path):
    rows = [(*ROW[:3], f"第{n}条 <&> _x0041_", *ROW[4:]) for n in range(50)]
    plain = posts(read(workbook(tmp_path / "a.xlsx", HEADER, *rows)))
    shared = posts(read(with_shared_texts(workbook(tmp_path / "b.xlsx", HEADER, *rows))))
    assert [post.id for post in plain] == [post.id for post in shared]
    assert plain[3].text.startswith("第3条 <&>")


@pytest.mark.parametrize(
    "cell",
    [
        datetime.fromisoformat("2026-03-01 20:15"),
        "2026-03-01 20:15",
        "2026/3/1 20:15",
        "2026年3月1日 晚上8点15分",
        46082.84375,
        "2026-03-01T12:15:00Z",
    ],
)
def test_a_time_in_any_form_is_the_same_instant(tmp_path, cell):
    (post,) = posts(read(workbook(tmp_path / "a.xlsx", PLAIN, ("贴吧", cell, "第一条"))))
    assert post.ts.isoformat() == EVENING


def test_date_and_time_in_two_columns_are_joined(tmp_path):
    file = workbook(
        tmp_path / "a.xlsx",
        ("平台", "日期", "钟点", "内容"),
        ("贴吧", datetime.fromisoformat("2026-03-01"), time(20, 15), "第一条"),
    )
    (post,) = posts(read(file, "平台=platform,日期+钟点=ts,内容=text"))
    assert post.ts.isoformat() == EVENING


@pytest.mark.parametrize("format_id", ["27", "31", "57", "14"])
def test_chinese_built_in_date_formats_are_dates(tmp_path, format_id):
    file = workbook(tmp_path / "a.xlsx", PLAIN, ("贴吧", datetime.fromisoformat("2026-03-01 20:15"), "第一条"))
    rewritten(file, "xl/styles.xml", lambda xml: re.sub(r'(<xf [^>]*numFmtId=")(?!0)\d+"', rf'\g<1>{format_id}"', xml))
    (post,) = posts(read(file))
    assert post.ts.isoformat() == EVENING


def test_workbooks_that_count_from_1904(tmp_path):
    file = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.epoch = datetime.fromisoformat("1904-01-01")
    for row in (PLAIN, ("贴吧", datetime.fromisoformat("2026-03-01 20:15"), "写成日期"), ("贴吧", 44620.84375, "写成数字")):
        book.active.append(row)
    book.save(file)
    assert [post.ts.isoformat() for post in posts(read(file))] == [EVENING, EVENING]


def test_another_zone_and_times_that_state_their_offset(tmp_path):
    from zoneinfo import ZoneInfo

    file = workbook(tmp_path / "a.xlsx", PLAIN, ("a", "2026-03-01 20:15", "一"), ("a", "2026-03-01T20:15:00+08:00", "二"))
    first, second = posts(read(file, zone=ZoneInfo("UTC")))
    assert first.ts.isoformat() == "2026-03-01T20:15:00+00:00"
    assert second.ts.isoformat() == EVENING


def test_merged_titles_empty_rows_and_numbers(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.merge_cells("A1:D1")
    sheet["A1"] = "某街道网络巡查线索汇总（内容、链接、平台、时间见下）"
    sheet["A2"] = "填表人：某某"
    for row in (
        (),
        ("平台", "发布时间", "内容", "账号"),
        ("贴吧", "2026-03-01 20:15", "一", 13800000000),
        (None, "", " "),
        ("贴吧", "2026-03-01 20:16", "二", 3.0),
    ):
        sheet.append(row)
    sheet["A900"] = " "
    book.save(tmp_path / "a.xlsx")
    lines = read(tmp_path / "a.xlsx")
    assert [(line.where.rpartition(":")[2], line.post.author) for line in lines] == [("5", "13800000000"), ("7", "3")]


def test_the_first_sheet_with_a_header_is_read_and_the_others_are_named(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "填写说明"
    book.active.append(["填写说明"])
    book.active.append(["请按列填写"])
    hidden = book.create_sheet("隐藏")
    hidden.sheet_state = "hidden"
    for sheet, text in ((hidden, "零"), (book.create_sheet("2月"), "一"), (book.create_sheet("3月"), "二")):
        sheet.append(PLAIN)
        sheet.append(("贴吧", "2026-03-01 20:15", text))
    book.create_sheet("Sheet5")
    book.save(tmp_path / "a.xlsx")
    said = []
    assert [post.text for post in posts(read(tmp_path / "a.xlsx", remarks=said))] == ["一"]
    assert len(said) == 1
    assert "3月" in said[0]
    assert "Sheet5" not in said[0]
    assert [post.text for post in posts(read(tmp_path / "a.xlsx", sheet="3月"))] == ["二"]
    assert [post.text for post in posts(read(tmp_path / "a.xlsx", sheet="隐藏"))] == ["零"]
    with pytest.raises(BadInput, match="no sheet called '4月'; its sheets are 填写说明, 隐藏, 2月, 3月, Sheet5"):
        read(tmp_path / "a.xlsx", sheet="4月")


def test_hidden_rows_are_read_and_told(tmp_path):
    book = openpyxl.Workbook()
    for row in (PLAIN, ("贴吧", "2026-03-01 20:15", "一"), ("贴吧", "2026-03-01 20:16", "二")):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.save(tmp_path / "a.xlsx")
    assert [(line.post.text, line.hidden) for line in read(tmp_path / "a.xlsx")] == [("一", False), ("二", True)]


def test_formulas_count_by_their_last_result_and_errors_are_empty(tmp_path):
    file = workbook(tmp_path / "a.xlsx", PLAIN, ("贴吧", "2026-03-01 20:15", "占位"), ("贴吧", "2026-03-01 20:15", "占位二"))
    rewritten(
        file,
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(r'<c r="C2"[^>]*>.*?</c>', '<c r="C2" t="str"><f>A2&amp;"x"</f><v>算出来的</v></c>', xml).replace(
            re.search(r'<c r="C3"[^>]*>.*?</c>', xml).group(), '<c r="C3" t="e"><v>#N/A</v></c>'
        ),
    )
    lines = read(file)
    assert [post.text for post in posts(lines)] == ["算出来的"]
    assert "text (内容): is empty" in problems(lines)[3]


def test_prefixed_elements_rich_text_and_pronunciations(tmp_path):
    file = with_shared_texts(workbook(tmp_path / "a.xlsx", PLAIN, ("贴吧", "2026-03-01 20:15", "占位")))
    rewritten(
        file,
        "xl/sharedStrings.xml",
        lambda xml: (
            xml[: xml.rindex("<si>")]
            + "<si><r><t>红</t></r><r><rPr><b/></rPr><t xml:space='preserve'>字_x000D_\n二</t></r><rPh sb='0' eb='1'><t>hong</t></rPh></si></sst>"
        ),
    )
    rewritten(
        file,
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", xml).replace("xmlns=", "xmlns:x="),
    )
    (post,) = posts(read(file))
    assert post.text == "红字\n二"


def test_nothing_goes_in_before_the_guess_is_confirmed(tmp_path):
    with pytest.raises(MapNeeded) as needed:
        read(workbook(tmp_path / "a.xlsx", HEADER, ROW), None)
    assert [field and field.value for field in needed.value.table.guess.fields] == [None, "platform", "ts", "text", "url", "author"]


def test_macros_are_ignored(tmp_path):
    file = workbook(tmp_path / "a.xlsm", HEADER, ROW)
    with zipfile.ZipFile(file, "a") as book:
        book.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 no code of ours")
    assert len(posts(read(file))) == 1


def test_a_workbook_that_breaks_off_is_told_after_the_rows_that_were_read(tmp_path):
    file = workbook(tmp_path / "a.xlsx", PLAIN, *[("贴吧", "2026-03-01 20:15", f"第{n}条") for n in range(400)])
    rewritten(file, "xl/worksheets/sheet1.xml", lambda xml: xml[: xml.index('<row r="390"')])
    *whole, last = read(file)
    assert 300 < len(posts(whole)) <= 388
    assert last.post is None
    assert last.where == str(file)
    assert last.reason.endswith("nothing after this was read")


def ole() -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


def docx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("word/document.xml", "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.xls", ole(), "save it as .xlsx"),
        ("a.xlsx", ole(), "without a password"),
        ("a.xls", b"<html><table><tr><td>x", "web page"),
        ("a.xlsx", b"<!DOCTYPE html><table>", "web page"),
        ("a.xlsx", b"", "no ZIP file or workbook"),
        ("a.xlsx", b"PK\x03\x04 cut off", "no ZIP file, or its end is missing"),
        ("a.docx", docx(), "holds no sheet"),
        ("a.csv", b"", "names the columns"),
        ("a.csv", b"\n\n,,\n", "names the columns"),
    ],
)
def test_what_is_no_sheet_is_refused_in_one_line(tmp_path, name, content, part):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)
