"""The crawl stage against a server with Mastodon's interface, where somebody has built one."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.crawlers.real.place import Crawler
from tests.servers.forums import gotosocial
from tests.servers.forums.cache import CannotBeHad
from tests.servers.forums.gate import Gate

AGREEMENT = {"robots_agreement": "本机测试，站长书面同意读取接口"}
pytestmark = pytest.mark.servers


@pytest.fixture
def site(tmp_path) -> Iterator[SimpleNamespace]:
    with Gate() as gate:
        try:
            server = gotosocial.start(tmp_path, gate)
        except CannotBeHad as error:
            pytest.skip(str(error))  # never required: it takes minutes to build
        with server:
            author, other = server.author("laochen"), server.author("ali")
            yield SimpleNamespace(gate=gate, author=author, other=other)


def say(author, text: str, *, to: str = "", visibility: str = "public", **more: str) -> str:
    answered = {"in_reply_to_id": to} if to else {}
    return author.send("/api/v1/statuses", status=text, visibility=visibility, **answered, **more)["id"]


def test_the_local_timeline_is_read_to_its_end_and_what_is_not_public_never(site, settings):
    first = say(site.author, "三号楼停水了。\n几点来？")
    answer = say(site.other, "八点来。", to=first)
    own_answer = say(site.author, "我自己说：八点。", to=first)
    warned = say(site.author, "别去河边。", spoiler_text="水位")
    many = [say(site.author, f"今天第{number}件事") for number in range(45)]
    hidden = [say(site.other, "不公开", visibility=how) for how in ("unlisted", "private", "direct")]
    site.other.send(f"/api/v1/statuses/{first}/reblog")
    reader = Crawler(settings, site, "mastodon", **AGREEMENT)
    found = {post.native_id: post for post in reader.visit()}
    assert set(found) == {first, own_answer, warned, *many}  # answers to others stand on no timeline, and here under no status
    assert not set(found) & {answer, *hidden}
    assert (found[first].text, found[first].author) == ("三号楼停水了。\n几点来？", "laochen")
    assert (found[own_answer].text, found[own_answer].reply_to) == ("我自己说：八点。", first)
    assert found[warned].text == "水位\n别去河边。"
    assert reader.visit() == []
    assert len(site.gate.pages()) == 1, site.gate.pages()
    new = say(site.other, "刚刚的一句")
    assert [post.native_id for post in reader.visit()] == [new]
    site.author.delete(f"/api/v1/statuses/{many[-1]}")
    assert (reader.visit(), reader.gone) == ([], set())  # a timeline says nothing of what is missing


def test_its_own_robots_txt_forbids_the_interface_so_it_is_not_read_without_an_agreement(site, settings):
    say(site.author, "你好")
    reader = Crawler(settings, site, "mastodon")
    assert reader.visit(complete=False) == []
    assert site.gate.pages() == []
    assert any(line.get("state") == "robots_forbidden" for line in reader.log)
