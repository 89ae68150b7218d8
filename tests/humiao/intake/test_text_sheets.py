"""CSV and its relatives: any encoding and separator that comes, every record a post or a named problem."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from humiao.intake.separated import MAX_RECORD, separated_rows
from tests.humiao.intake.files import HEADER, ROW, posts, problems, read, write


def table(*rows, separator=",", end="\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("separator", [",", "\t", ";", "|", "，", "；", "、"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encoding_and_separator_are_found_out(tmp_path, encoding, separator):
    text = table(HEADER, ROW, separator=separator)
    if encoding in {"utf-16-le", "utf-16-be"}:
        text = text.replace("抖音", "douyin")
    (post,) = posts(read(write(tmp_path / "a.csv", text, encoding)))
    assert (post.text, post.author, post.url) == (ROW[3], ROW[5], ROW[4])
    assert post.ts.isoformat() == "2026-03-01T12:15:00+00:00"


def test_a_chinese_character_at_the_end_of_a_long_ascii_file_decides_the_encoding(tmp_path):
    rows = [("forum", "2026-03-01 20:15", f"nothing but letters {n}") for n in range(60_000)]
    text = table(("platform", "ts", "text"), *rows, ("forum", "2026-03-01 20:15", "最后一行是中文"))
    for encoding in ("utf-8", "gb18030"):
        assert posts(read(write(tmp_path / "a.csv", text, encoding)))[-1].text == "最后一行是中文"


def test_an_encoding_that_is_named_is_used(tmp_path):
    file = write(tmp_path / "a.csv", table(("平台", "時間", "內容"), ("論壇", "2026-03-01 20:15", "學校門口")), "big5")
    (post,) = posts(read(file, "#1=platform,#2=ts,#3=text", encoding="big5")[1:])
    assert post.text == "學校門口"


def test_bytes_that_the_encoding_lacks_cost_their_row_only(tmp_path):
    file = tmp_path / "a.csv"
    good = table(HEADER, *[ROW] * 20).encode()
    file.write_bytes(good + b"2,\xff\xfe,2026-03-01,x,,\r\n" + table(ROW).encode())
    lines = read(file)
    assert len(posts(lines)) == 21
    assert "UTF-8" in problems(lines)[22]


def test_quoted_cells_may_hold_separators_quotes_and_line_ends(tmp_path):
    row = (*ROW[:3], '第一行，有人说："快来"\n第二行,带逗号', *ROW[4:])
    lines = read(write(tmp_path / "a.csv", table(HEADER, row, ROW)))
    assert [post.text for post in posts(lines)] == [row[3], ROW[3]]
    assert [line.where.rpartition(":")[2] for line in lines] == ["2", "4"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_numbers_count_what_an_editor_counts(tmp_path, end):
    text = end.join(["平台,发布时间,内容", "", "贴吧,2026-03-01 20:00,一", ",,", "贴吧,没有时间,二", "", ""])
    lines = read(write(tmp_path / "a.csv", text))
    assert [line.where.rpartition(":")[2] for line in lines] == ["3", "5"]
    assert "发布时间" in problems(lines)[5]


def test_short_rows_lack_cells_and_long_rows_are_named(tmp_path):
    text = "平台,发布时间,内容,链接\n贴吧,2026-03-01 20:00,没有链接\n贴吧,2026-03-01 20:00,逗号,没有引号,多一格\n贴吧,2026-03-01 20:00,好,,,,\n"
    lines = read(write(tmp_path / "a.csv", text))
    assert [post.text for post in posts(lines)] == ["没有链接", "好"]
    assert "has 5 cells, the header 4" in problems(lines)[3]


def test_nul_characters_and_huge_cells_are_bad_rows(tmp_path):
    text = f"平台,发布时间,内容\n贴吧,2026-03-01 20:00,a\x00b\n贴吧,2026-03-01 20:00,{'长' * 200_001}\n贴吧,2026-03-01 20:00,{'长' * 1_500_000}\n贴吧,2026-03-01 20:00,好\n"
    lines = read(write(tmp_path / "a.csv", text))
    assert [post.text for post in posts(lines)] == ["好"]
    assert "NUL" in problems(lines)[2]
    assert "200,001 characters" in problems(lines)[3]
    assert "1,000,000 characters" in problems(lines)[4]


def test_a_quote_that_is_never_closed_costs_one_line(tmp_path):
    lines = [f"贴吧,2026-03-01 20:00,第{n}条" for n in range(100)]
    lines[40] = '贴吧,2026-03-01 20:00,"第40条'
    read_back = read(write(tmp_path / "a.csv", "平台,发布时间,内容\n" + "\n".join(lines)))
    assert len(posts(read_back)) == 99
    assert list(problems(read_back)) == [42]
    assert "never closed" in problems(read_back)[42]


def test_lines_whose_quotes_never_fit_are_each_read_once_in_the_end(tmp_path):
    lines = 30_000
    file = write(tmp_path / "a.csv", "平台,发布时间,内容\n" + 'a"b,"c,some text that fills the line up\n' * lines)
    assert len(read(file)) == lines  # in seconds: not each line up to the longest record again


def test_what_excel_says_of_the_separator_is_believed(tmp_path):
    lines = read(write(tmp_path / "a.csv", "sep=;\r\n平台;发布时间;内容\r\n贴吧;2026-03-01 20:00;一，二、三,四\r\n", "gb18030"))
    assert posts(lines)[0].text == "一，二、三,四"
    assert lines[0].where.endswith(":3")


def test_titles_above_the_header_are_passed_over(tmp_path):
    text = "某街道网络巡查汇总表（2026年3月）,,,\n填表人：某某,,,\n,,,\n序号,平台,发布时间,内容\n1,贴吧,2026-03-01 20:00,一\n"
    lines = read(write(tmp_path / "a.csv", text))
    assert [line.where.rpartition(":")[2] for line in lines] == ["5"]
    assert posts(lines)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail(content):
    for row in separated_rows(io.BytesIO(content)):
        assert row.number >= 1
        assert row.problem or any(cell.strip() for cell in row.cells)


CELLS = st.text(st.sampled_from('a,";\t\n\r 内容\x00'), max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=8))
def test_what_a_program_writes_comes_back_cell_by_cell(rows):
    text = table(("平台", "内容"), *rows)
    read_back = [row.cells for row in separated_rows(io.BytesIO(text.encode()), "utf-8")][1:]
    plain = [tuple(cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row) for row in rows]
    assert read_back == [row for row in plain if any(cell.strip() for cell in row)]


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('a,"\n\r内'), max_size=200))
def test_no_line_with_something_in_it_is_dropped(text):
    marked = "\n".join(f"{line}x" for line in text.splitlines())
    rows = list(separated_rows(io.BytesIO(marked.encode()), "utf-8"))
    unquoted = sum(line.count('"') == 0 for line in marked.splitlines())
    joined = "".join("".join(row.cells) for row in rows)
    lost = sum(bool(row.problem) for row in rows)
    assert joined.count("x") + lost >= marked.count("x") if '"' in marked else joined.count("x") == unquoted


def test_a_record_may_be_as_long_as_the_limit():
    text = f'平台,内容\nx,"{"a" * (MAX_RECORD - 10)}"\n'
    (_, row) = separated_rows(io.BytesIO(text.encode()))
    assert not row.problem
