"""The crawl stage against WordPress: its interface, its feeds where that is closed, and what guests must not see."""

from datetime import timedelta

import pytest

from tests.crawlers.real.contract import NewCrawler, RealSite
from tests.crawlers.real.place import LATER, Place
from tests.servers.forums import wordpress
from tests.servers.forums.running import Written

pytestmark = pytest.mark.servers


class TestWordPress(RealSite):
    family = "wordpress"
    quiet_pages = 2
    boards_are_named = False
    start = staticmethod(wordpress.start)

    def hidden(self, place: Place, how: str) -> Written:
        at = LATER + timedelta(days=3650 if how == "future" else 0)
        facts = {
            "board": place.town.boards[0],
            "title": "内部通知",
            "text": "还没有公开的事。",
            "author": "阿丽",
            "at": at.isoformat(),
        }
        return Written(**{key: str(value) for key, value in place.site.editor.do("hidden_thread", **facts, **{"as": how}).items()})

    @pytest.mark.parametrize("how", ["draft", "pending", "future", "password"])
    def test_what_is_not_published_is_never_collected_nor_are_comments_below_it(
        self, place: Place, crawler: NewCrawler, how
    ) -> None:
        post = self.hidden(place, how)
        place.site.reply(post, "内部讨论。", "阿丽", LATER)
        found = crawler().visit()
        assert {one.native_id for one in found} == set(place.visible)
        place.site.remove_thread(post)

    @pytest.mark.parametrize("how", ["hold", "spam"])
    def test_comments_that_wait_for_a_moderator_are_not_collected(self, place: Place, crawler: NewCrawler, how) -> None:
        thread = place.town.threads[1].written.thread
        facts = {"thread": thread, "text": "等待审核的话。", "author": "谁", "at": LATER.isoformat(), "as": how}
        hidden = place.site.editor.do("hidden_reply", **facts)
        assert hidden["post"] not in {one.native_id for one in crawler().visit()}

    def test_more_posts_and_comments_than_a_page_holds_are_all_read(self, place: Place, crawler: NewCrawler) -> None:
        for number in range(55):
            place.open(f"第{number}条通知", f"通知的内容{number}。")
        opened = place.open("评论很多的一篇", "大家都来说。")
        for number in range(120):
            place.reply(opened, f"第{number}条评论。")
        reader = crawler()
        assert {one.native_id for one in reader.visit()} == set(place.visible)
        assert any("page=2" in path for path in place.gate.pages() if "/posts?" in path)
        assert any("page=3" in path for path in place.gate.pages() if f"post={opened.written.thread}" in path)
        assert reader.visit() == []
        assert reader.gone == set()

    def test_a_site_with_plain_addresses_is_read_under_its_other_address(self, place: Place, crawler: NewCrawler) -> None:
        place.site.editor.do("addresses", are="plain")
        try:
            assert {one.native_id for one in crawler().visit()} == set(place.visible)
            assert any("rest_route=" in path for path in place.gate.pages())
        finally:
            place.site.editor.do("addresses", are="pretty")

    def test_where_the_interface_is_closed_feeds_give_the_same_posts(self, place: Place, crawler: NewCrawler) -> None:
        reader = crawler()
        reader.visit()
        place.site.editor.do("interface", **{"is": "closed"})
        try:
            new = place.open("接口关了以后", "只能看订阅了。")
            answer = place.reply(new, "那就看订阅。")
            below = place.reply(new, "我也是。", to=answer)
            found = {one.native_id: one for one in reader.visit()}
            assert set(found) == {one.written.post for one in (new, answer, below)}  # what the interface gave has the same ids
            assert [found[one.written.post].text for one in (new, answer, below)] == ["只能看订阅了。", "那就看订阅。", "我也是。"]
            assert found[answer.written.post].reply_to == new.written.post
            assert found[below.written.post].reply_to == answer.written.post
            assert reader.gone == set()
            assert not any("/wp-login" in path for path in place.gate.asked)
        finally:
            place.site.editor.do("interface", **{"is": "open"})
