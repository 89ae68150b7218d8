import re
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from crawlers.polite.robots_rules import LONGEST_DELAY, MOST_BYTES, read_rules

SITE = "https://bbs.example.cn"


def allowed(file: str | bytes, path: str) -> bool:
    return read_rules(file if isinstance(file, bytes) else file.encode(), "humiao").allow(SITE + path)


def everybody(*lines: str) -> str:
    return "\n".join(("User-agent: *", *lines))


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("/fish", ["/fish", "/fish.html", "/fish/salmon", "/fishheads", "/fish.php?id=1"], ["/Fish", "/catfish", "/?id=fish", "/"]),
        ("/fish/", ["/fish/", "/fish/?id=1", "/fish/salmon.htm"], ["/fish", "/fish.html", "/animals/fish/"]),
        (
            "/*.php",
            ["/index.php", "/filename.php", "/folder/a.php?x", "/folder/any.php.file.html", "//a.php/"],
            ["/", "/windows.PHP"],
        ),
        ("/*.php$", ["/filename.php", "/folder/filename.php"], ["/filename.php?x", "/filename.php/", "/filename.php5"]),
        ("/fish*.php", ["/fish.php", "/fishheads/catfish.php?x=1"], ["/Fish.PHP"]),
        ("/$", ["/"], ["/a", "/?a"]),
        ("/a$b", ["/a$b", "/a$bc"], ["/a"]),
        ("/*", ["/", "/x"], []),
        ("*/login", ["/login", "/a/login", "/a?next=/login"], ["/logi"]),
        ("*?mod=post", ["/forum.php?mod=post&x=1"], ["/forum.php?mod=viewthread"]),
        ("/?", ["/?a", "/?"], ["/", "/a?"]),
        ("/a**b", ["/ab", "/axxb"], ["/a"]),
        ("login", ["/login"], ["/a/login"]),
        ("/private%2A$", ["/private*"], ["/privatea", "/private*a"]),
        ("/a%24", ["/a$", "/a$b"], ["/a"]),
    ],
)
def test_patterns_match_as_the_standard_says(pattern, matching, others):
    file = everybody(f"Disallow: {pattern}")
    assert [path for path in matching if allowed(file, path)] == []
    assert [path for path in others if not allowed(file, path)] == []


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/foo/bar?baz=quz", "/foo/bar?baz=quz"),
        ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar"),
        ("/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https://foo.bar"),
        ("/foo/bar/ツ", "/foo/bar/%E3%83%84"),
        ("/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84"),
        ("/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84"),
        ("/foo/bar/%62%61%7A", "/foo/bar/baz"),
        ("/foo/bar/baz", "/foo/bar/%62%61%7A"),
        ("/a b", "/a%20b"),
    ],
)
def test_spellings_of_one_path_are_one_path(pattern, path):
    """RFC 9309, 2.2.2, all of its table and some more."""
    assert not allowed(everybody(f"Disallow: {pattern}"), path)
    assert allowed(everybody("Disallow: /", f"Allow: {pattern}"), path)


def test_a_path_in_the_sites_own_encoding_is_understood():
    assert not allowed("User-agent: *\nDisallow: /私密".encode("gbk"), "/" + quote("私密".encode("gbk")))


@pytest.mark.parametrize(
    ("lines", "path", "expected"),
    [
        (("Allow: /p", "Disallow: /"), "/page", True),
        (("Disallow: /", "Allow: /p"), "/page", True),
        (("Allow: /folder", "Disallow: /folder"), "/folder/page", True),
        (("Disallow: /folder", "Allow: /folder"), "/folder/page", True),
        (("Allow: /page", "Disallow: /*.htm"), "/page.htm", False),
        (("Allow: /page", "Disallow: /*.ph"), "/page.php5", True),
        (("Allow: /$", "Disallow: /"), "/", True),
        (("Allow: /$", "Disallow: /"), "/page.htm", False),
        (("Disallow:", "Disallow: "), "/x", True),
        (("Disallow: /", "Allow: /robots.txt"), "/robots.txt", True),
        (("Disallow: /",), "/robots.txt", True),
        (("Disallow: /x # y",), "/x", False),
        (("DISALLOW : /x",), "/x", False),
        (("  disallow:/x  ",), "/x", False),
        (("Disallow: /", "Allow: /index.html"), "/", False),
    ],
)
def test_the_longest_pattern_counts_and_of_two_the_one_that_allows(lines, path, expected):
    assert allowed(everybody(*lines), path) is expected


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("User-agent: humiao\nDisallow: /x\n\nUser-agent: *\nDisallow: /", {"/x": False, "/y": True}),
        ("User-agent: HuMiao/9.9\nDisallow: /x\n\nUser-agent: *\nDisallow: /", {"/x": False, "/y": True}),
        ("User-agent: hum\nDisallow: /\n", {"/x": True}),
        ("User-agent: humiao-news\nDisallow: /\n", {"/x": True}),
        ("User-agent: humiao\nDisallow: /x\nUser-agent: other\nDisallow: /y\nUser-agent: humiao\nDisallow: /z", {"/x": False, "/y": True, "/z": False}),
        ("User-agent: other\nUser-agent: humiao\nDisallow: /x", {"/x": False}),
        ("User-agent: *\nDisallow: /x\nUser-agent: *\nDisallow: /y", {"/x": False, "/y": False}),
        ("User-agent: *\n\n\nDisallow: /x", {"/x": False}),
        ("User-agent: humiao\nSitemap: https://a/s.xml\nUser-agent: b\nDisallow: /x", {"/x": False}),
        ("Disallow: /\nUser-agent: humiao\nAllow: /", {"/x": True}),
        ("User-agent: humiao\n\nUser-agent: *\nDisallow: /", {"/x": False}),
        ("User-agent: humiao\nAllow: /\nUser-agent: *\nDisallow: /", {"/x": True}),
        ("User-agent: *\nDisallow: /\n\nUser-agent: humiao\nDisallow:", {"/x": True}),
        ("User-agent:\nDisallow: /", {"/x": True}),
        ("", {"/x": True}),
        ("<!DOCTYPE html><title>404</title><p>User-agent</p>", {"/x": True}),
        ("User-agent: *\rDisallow: /x\rAllow: /x/y", {"/x": False, "/x/y": True}),
        ("\ufeffUser-agent: *\r\nDisallow: /x", {"/x": False}),
        ("User-agent: *\nDisallow: /a\u2028Allow: /a", {"/a\u2028Allow: /a": False}),
    ],
)  # fmt: skip
def test_groups_are_chosen_by_name_and_merged(file, expected):
    assert {path: allowed(file, path) for path in expected} == expected


def test_a_file_in_utf_16_is_read_and_noise_forbids_nothing():
    assert not allowed("User-agent: *\nDisallow: /x".encode("utf-16"), "/x")
    assert allowed(bytes(range(256)) * 100, "/x")
    assert not allowed(b"User-agent: *\0\nDisallow: /x\0\n", "/x")


def test_half_a_mebibyte_counts_and_no_half_line():
    filling = b"# " + b"x" * 97 + b"\n"
    head = b"User-agent: *\nDisallow: /early\n"
    body = head + filling * 6000 + b"Disallow: /late\n"
    assert (allowed(body, "/early"), allowed(body, "/late")) == (False, True)
    cut = head + b"#" * (MOST_BYTES - len(head) - 12) + b"\nDisallow: /allowed-but-for-this"
    assert allowed(cut, "/anything")


def test_the_largest_file_of_the_worst_patterns_is_judged_quickly():
    line = b"Disallow: /*a*a*a*a*a*a*a*a*a*a*a*a*b$\n"
    rules = read_rules(b"User-agent: *\n" + line * (MOST_BYTES // len(line)), "humiao")
    assert rules.allow(SITE + "/" + "a" * 2000)  # would take ages by backtracking


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        (("Crawl-delay: 10",), 10),
        (("Crawl-delay: 1.5",), 1.5),
        (("crawl-delay: 2", "Crawl-Delay: 7"), 7),
        (("Crawl-delay: soon",), 0),
        (("Crawl-delay: -1",), 0),
        (("Crawl-delay: 1e9",), 0),
        (("Crawl-delay: nan",), 0),
        (("Crawl-delay: 999999999",), LONGEST_DELAY),
    ],
)
def test_crawl_delay_is_a_number_of_seconds_within_reason(lines, seconds):
    assert read_rules(everybody(*lines).encode(), "humiao").delay == seconds


def test_the_delay_of_another_crawler_is_not_ours():
    file = "User-agent: humiao\nCrawl-delay: 1\n\nUser-agent: *\nCrawl-delay: 60"
    assert read_rules(file.encode(), "humiao").delay == 1


PIECES = st.text(alphabet="ab/*$?%2F=", min_size=0, max_size=8).map(lambda text: "/" + text)
PATHS = st.text(alphabet="ab/?$*=", min_size=0, max_size=10).map(lambda text: "/" + text)
LINES = st.lists(st.tuples(st.booleans(), PIECES), max_size=6)


def by_definition(lines: list[tuple[bool, str]], path: str) -> bool:
    """The longest matching pattern, found by regular expressions as one would read the standard."""
    found = []
    for allows, pattern in lines:
        plain = re.sub(r"\*+", "*", pattern.removesuffix("$"))
        expression = b".*".join(re.escape(unquote_to_bytes(piece)) for piece in plain.split("*"))
        end = rb"\Z" if pattern.endswith("$") else b""
        if re.match(expression + end, unquote_to_bytes(path), re.DOTALL):
            length = len(b"*".join(unquote_to_bytes(piece) for piece in plain.split("*"))) + pattern.endswith("$")
            found.append((length, allows))
    return max(found, default=(0, True))[1]


@given(LINES, PATHS)
def test_any_rules_mean_what_their_definition_says(lines, path):
    file = everybody(*(f"{'Allow' if allows else 'Disallow'}: {pattern}" for allows, pattern in lines))
    assert allowed(file, path) is by_definition(lines, path)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_file(body):
    read_rules(body, "humiao").allow(SITE + "/x")


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("User-agent: hum\nDisallow: /\n", "/x"),  # the group of another crawler
        ("User-agent: *\nDisallow: /\nAllow: /index.html", "/"),  # read more from a line than it says
        ("User-agent: *\nDisallow: /a?u=http://b", "/a?u=http%3A%2F%2Fb"),  # RFC 9309's own example
        ("User-agent: humiao/1.0\nDisallow: /x\n\nUser-agent: *\nAllow: /", "/x"),  # our group, with a version
    ],
)
def test_the_parser_that_scrapy_uses_reads_these_otherwise(file, path):
    """Why this one exists. Where Protego changes this test says so, and ours may go."""
    assert Protego.parse(file).can_fetch(SITE + path, "humiao") is not allowed(file, path)
