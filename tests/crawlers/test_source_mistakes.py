"""`humiao sources check`: every mistake of every file, with its line."""

from pathlib import Path

import pytest

from crawlers.source_mistakes import mistakes, remarks
from crawlers.source_reading import read_sources
from humiao.settings import CrawlSettings

GOOD = """# yaml-language-server: $schema=../docs/source.schema.json
name: one
family: html
platform: 某论坛
start: ["https://forum.example/"]
owner: 某某公司
permission: 2026-03-01 书面同意
rate: {delay: 5}
selectors:
  list:
    row: tr.thread
    link: a::attr(href)
  thread:
    title: h1
    post: div.post
    id: div.post::attr(id)
    author: .author
    time: .time
    body: .body
"""


def folder(tmp_path: Path, *texts: str) -> Path:
    for number, text in enumerate(texts):
        (tmp_path / f"{'abcdef'[number]}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("owner: 某某公司\n", "", None, "owner: is missing; a source states its owner"),
        ("permission: 2026-03-01 书面同意\n", "", None, "permission: is missing; a source states"),
        ("rate: {delay: 5}\n", "", None, "rate: is missing; a source states"),
        ("name: one\n", "", None, "name: is missing"),
        ("platform: 某论坛\n", "", None, "platform: is missing"),
        ("owner: 某某公司", "owner: ab", 6, "owner: String should have at least 3"),
        ("owner: 某某公司", "owner: [a, b]", 6, "owner: Input should be a valid string"),
        ("name: one", "name: 某论坛", 2, "name: String should match pattern"),
        ("family: html", "family: discus", 3, "family: Input should be 'discuz'"),
        ('start: ["https://forum.example/"]', "start: []", 5, "start: Tuple should have at least 1"),
        ('start: ["https://forum.example/"]', "start: https://forum.example/", 5, "start: Input should be a valid tuple"),
        (
            'start: ["https://forum.example/"]',
            'start: ["forum.example"]',
            5,
            "start.0: 'forum.example' is no http or https address",
        ),
        ("rate: {delay: 5}", "rate: {delay: 0}", 8, "rate.delay: Input should be greater than 0"),
        ("rate: {delay: 5}", "rate: 5", 8, "rate: Input should be a valid dictionary"),
        ("rate: {delay: 5}", "rate: {delay: 5, per_minute: 4}", 8, "rate: give either delay"),
        ("rate: {delay: 5}", "rate: {delay: fast}", 8, "rate.delay: Input should be a valid number"),
        ("rate: {delay: 5}", "rate: {dely: 5}", 8, "rate.dely: is no field of a source file; did you mean delay?"),
        ("name: one", "name: one\npermision: x", 3, "permision: is no field of a source file; did you mean permission?"),
        ("    row: tr.thread", "    rows: tr.thread", 11, "selectors.list.rows: is no field of a source file; did you mean row?"),
        ("    row: tr.thread", "    row: tr[", 11, "selectors.list.row: 'tr[' is no CSS selector"),
        ("    author: .author", "    author: .1st", 17, "selectors.thread.author: '.1st' is no CSS selector"),
        (
            "    title: h1",
            "    title: h1\n    id_pattern: post_\\d+",
            15,
            "selectors.thread.id_pattern: 'post_\\\\d+' needs exactly one group",
        ),
        (
            "    title: h1",
            "    title: h1\n    time_pattern: '(['",
            15,
            "selectors.thread.time_pattern: '([' is no regular expression",
        ),
        ("    time: .time\n", "", None, "selectors.thread.time: is missing"),
        ("family: html", "family: feed", None, "the other families know theirs"),
        ("rate: {delay: 5}", "rate: {delay: 5}\ntimezone: Beijing", 9, "timezone: 'Beijing' is no time zone"),
        ("rate: {delay: 5}", "rate: {delay: 5}\nencoding: gbkk", 9, "encoding: 'gbkk' is no text encoding"),
        ("rate: {delay: 5}", "rate: {delay: 5}\nwindows: [8-22]", 9, "windows.0: '8-22' is no window"),
        ("rate: {delay: 5}", "rate: {delay: 5}\ninterval: 0", 9, "interval: Input should be greater than or equal to 1"),
        ("rate: {delay: 5}", "rate: {delay: 5}\noverrides: {list: {row: tr}}", None, "overrides change the selectors of phpbb"),
        ("owner: 某某公司", "owner: [某某公司", 7, "is not YAML"),
        ("owner: 某某公司", "owner: 某某: 公司", 6, "is not YAML"),
        ("owner: 某某公司", "\towner: 某某公司", 6, "is not YAML"),
    ],
)
def test_mistake_is_named_with_file_line_and_field(tmp_path, before, after, line, said):
    assert GOOD.count(before) == 1
    where = folder(tmp_path, GOOD.replace(before, after))
    found = mistakes(where)
    assert any(one.startswith(f"{where / 'a.yaml'}:{f'{line}:' if line else ''}") and said in one for one in found), found
    others = [one for one in found if said not in one]
    assert all(one.endswith(("is missing", "before it runs")) for one in others), found  # a misspelt field is also a missing one
    assert not any("\n" in one for one in found)


def test_every_mistake_of_every_file_is_named(tmp_path):
    where = folder(
        tmp_path, GOOD.replace("owner: 某某公司\n", "").replace("delay: 5", "delay: 0"), GOOD.replace("name: one", "name: A B")
    )
    assert len(mistakes(where)) == 3


def test_two_files_with_one_name_and_one_host_under_two_platforms(tmp_path):
    other = GOOD.replace("某论坛", "某坛")
    where = folder(tmp_path, GOOD, other)
    found = mistakes(where)
    assert [one.partition(": ")[2].partition(":")[0] for one in found] == ["name", "platform"]
    assert all(one.startswith(f"{where / 'b.yaml'}:") for one in found)
    assert "forum.example is '某论坛' in" in found[1]


def test_only_the_named_file_counts_when_a_name_is_given(tmp_path):
    where = folder(
        tmp_path, GOOD, "name: two\nowner: [\n", GOOD.replace("name: one", "name: three").replace("forum.example", "third.example")
    )
    assert len(mistakes(where)) == 1
    assert mistakes(where, "three") == mistakes(where, "c") == []
    assert [source.name for source in read_sources(where, only="three")] == ["three"]
    assert "is not YAML" in mistakes(where, "b")[0]


def test_fast_rates_and_contacts_that_change_the_page_are_remarked(tmp_path):
    fast = GOOD.replace("rate: {delay: 5}", "rate: {delay: 0.2}\ncontact: bot@example.org")
    where = folder(tmp_path, fast)
    found = remarks(where, read_sources(where), CrawlSettings())
    assert any(one.startswith(f"{where / 'a.yaml'}:8: rate: one request per 0.2 s") for one in found)
    assert any(one.startswith(f"{where / 'a.yaml'}:9: contact: 'bot'") for one in found)
