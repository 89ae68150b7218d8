"""Where a request may go, by its address alone; where a name may lead is in test_resolver."""

import contextlib
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from crawlers.polite.host_names import canonical_host, host_of, port_of, split_host
from crawlers.polite.places import OnlyReading, OnlyTheseHosts
from crawlers.polite.robots import ROBOTS
from tests.crawlers.families.pages import source


def refusal(url: str, *, start: str = "https://bbs.example.cn/", hosts: tuple[str, ...] = (), **request) -> str:
    one = source("feed", start).model_copy(update={"hosts": hosts})
    crawler = SimpleNamespace(spider=SimpleNamespace(source=one, trouble=lambda *_, **__: None), engine=None)
    for middleware in (OnlyTheseHosts(crawler), OnlyReading(crawler)):
        try:
            middleware.process_request(Request(url, **request))
        except IgnoreRequest as error:
            return str(error)
    return ""


@pytest.mark.parametrize(
    "url",
    [
        "https://bbs.example.cn/t/1", "https://BBS.Example.CN/t/1", "https://bbs.example.cn./t/1", "http://bbs.example.cn/t/1",
        "https://bbs.example.cn:443/", "https://ｂｂｓ.example.cn/", "https://bbs。example。cn/", "https://bbs.example.cn/?u=http://evil.example/",
        "https://bbs.example.cn/#@evil.example/",
    ],
)  # fmt: skip
def test_the_sources_host_in_any_spelling_is_open(url):
    assert refusal(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/", "https://www.bbs.example.cn/", "https://example.cn/", "https://bbs.example.cn.evil.example/",
        "https://bbs.example.cn@evil.example/", "https://evil.example@bbs.example.cn/", "https://u:p@bbs.example.cn/",
        "https://evil.example\\@bbs.example.cn/", "https://evil.example#@bbs.example.cn/", "https://evil.example?@bbs.example.cn/",
        "https://bbs.example.cn:8443/", "https://bbs.example.cn:22/", "https://bbs.example.cn:0/", "https://bbs.exаmple.cn/",
        "https://bbs.example.cn%2eevil.example/", "https://bbs.example.cn\u200b.evil.example/", "https://xn--bbs-example-cn.example/",
        "http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1%25eth0]/", "http://localhost./", "http://169.254.169.254/latest/meta-data/", "http://１２７.０.０.１/",
        "ftp://bbs.example.cn/", "file:///etc/passwd", "data:text/html,x",
    ],
)  # fmt: skip
def test_everything_else_is_not(url):
    with contextlib.suppress(ValueError):  # no request can be made of it at all
        assert refusal(url)


def test_ports_that_the_file_names_are_open():
    assert refusal("http://bbs.example.cn:8080/t", start="http://bbs.example.cn:8080/") == ""
    assert refusal("https://cdn.example.cn:8443/t", hosts=("cdn.example.cn:8443",)) == ""
    assert refusal("https://cdn.example.cn/t", hosts=("cdn.example.cn:8443",)) == ""
    assert refusal("https://cdn.example.cn:8444/t", hosts=("cdn.example.cn:8443",))


def test_at_an_inner_address_only_the_ports_that_the_file_names_are_open():
    assert refusal("http://10.0.3.4:8080/t", start="http://10.0.3.4:8080/") == ""
    assert refusal("http://10.0.3.4/admin", start="http://10.0.3.4:8080/")
    assert refusal("http://localhost:80/", start="http://localhost:8000/")
    assert refusal("http://[fd00::1]:8080/t", start="http://[fd00::1]:8080/") == ""


def test_a_site_in_chinese_letters_is_its_punycode():
    assert refusal("https://xn--fsqu00a.xn--fiqs8s/t", start="https://例子.中国/") == ""
    assert refusal("https://例子.中国/t", start="https://xn--fsqu00a.xn--fiqs8s/") == ""


def test_rules_may_stand_elsewhere_but_not_inside():
    rules = {ROBOTS: "bbs.example.cn"}
    assert refusal("https://www.example.cn/robots.txt", meta=rules) == ""
    for url in (
        "http://10.0.0.1/robots.txt",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://localhost/robots.txt",
        "https://www.example.cn:8443/",
    ):
        assert refusal(url, meta=rules)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_reading_is_sent(method):
    assert refusal("https://bbs.example.cn/t", method=method) == f"{method} is never sent"
    assert refusal("https://bbs.example.cn/t", body=b"x")
    assert refusal("https://bbs.example.cn/t", method="HEAD") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Example.CN.", "example.cn"), ("[2001:DB8::1]", "2001:db8::1"), ("2001:0db8:0:0::1", "2001:db8::1"), ("１２７。０。０。１", "127.0.0.1"),
        ("例子.中国", "xn--fsqu00a.xn--fiqs8s"), ("", ""), ("a..b", "a..b"),
    ],
)  # fmt: skip
def test_a_host_has_one_spelling(text, expected):
    assert canonical_host(text) == expected


def test_host_and_port_of_odd_addresses():
    assert host_of("http://[::1") == ""
    assert (port_of("http://a:x/"), port_of("http://a:99999/"), port_of("https://a/"), port_of("ftp://a/")) == (0, 0, 443, 0)
    assert split_host("a:8080") == ("a", 8080)
    assert split_host("[fd00::1]:8080") == ("fd00::1", 8080)
    assert split_host("fd00::1") == ("fd00::1", 0)
