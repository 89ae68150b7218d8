import pytest

from crawlers.polite.user_agent import PRODUCT, user_agent, warnings
from humiao.settings import CrawlSettings
from tests.crawlers.families.pages import source


def of(contact: str, family: str = "discuz"):
    return source(family, "https://bbs.example.cn/").model_copy(update={"contact": contact})


@pytest.mark.parametrize(
    ("contact", "word"),
    [
        ("https://a.example/algo", "lg"), ("https://connect.example/", "nec"), ("remote@a.example", "mot"), ("https://mobile.example/", "mobile"),
        ("https://a.example/crawler", "crawl"), ("BOT@a.example", "bot"), ("https://birdsong.example/", "bird"),
    ],
)  # fmt: skip
def test_letters_that_change_the_forums_template_are_named(contact, word):
    assert any(repr(word) in line for line in warnings(of(contact), CrawlSettings()))


def test_other_families_know_no_telephones_but_robots():
    assert warnings(of("https://connect.example/", "nodebb"), CrawlSettings()) == []
    assert warnings(of("https://a.example/spider", "nodebb"), CrawlSettings())


def test_without_a_contact_a_site_can_not_complain():
    assert "none is stated" in warnings(of(""), CrawlSettings())[0]
    assert warnings(of(""), CrawlSettings(contact="desk@city.example")) == []


def test_our_own_name_is_harmless_and_stays_on_one_line():
    assert warnings(of(f"{PRODUCT}@city.example"), CrawlSettings()) == []
    assert user_agent(of("desk@city.example\r\nX-Evil: 1"), CrawlSettings()).endswith(" (+desk@city.example X-Evil: 1)")
