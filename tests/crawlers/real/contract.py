"""What the crawl stage does on every product. Each has a subclass; all its tests share one running site, each with a crawler of its own."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from humiao.post import Post, post_id
from humiao.settings import Settings
from tests.conftest import unavailable
from tests.crawlers.real.place import Crawler, Place
from tests.servers.forums.cache import CannotBeHad
from tests.servers.forums.gate import Gate
from tests.servers.forums.running import Running
from tests.servers.forums.town import BOARDS, PINNED, Told

NewCrawler = Callable[..., Crawler]


@pytest.mark.servers
class RealSite:
    """A product says how it starts, by which family it is read, and what a visit may cost."""

    family: ClassVar[str]
    quiet_pages: ClassVar[int]
    """Pages that a visit may ask for when nothing has changed: the lists."""
    source: ClassVar[dict[str, Any]] = {}
    """Further fields of the source file."""
    boards_are_named: ClassVar[bool] = True
    """Pages of threads name the board."""
    lists_show_news_of_pinned: ClassVar[bool] = True
    """Lists show that a pinned thread has new replies; otherwise they are found when its turn comes to be looked at again."""

    @staticmethod
    def start(folder: Any, gate: Gate) -> Running:
        """The running product."""
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
        """The running town."""
        with Gate() as gate:
            try:
                site = cls.start(tmp_path_factory.mktemp("site"), gate)
            except CannotBeHad as error:
                unavailable("forums", f"{cls.__name__.removeprefix('Test')}: {error}")
            with site:
                yield Place(site, gate)

    @pytest.fixture
    def crawler(self, place: Place, settings: Settings) -> Iterator[NewCrawler]:
        """Makes the test's crawler."""
        place.gate.robots = ""
        yield lambda **more: Crawler(settings, place, self.family, **(self.source | more))
        place.gate.robots = ""

    def test_everything_that_guests_see_is_collected_once_and_nothing_else(self, place: Place, crawler: NewCrawler) -> None:
        found = crawler().visit()
        assert Counter(post.native_id for post in found) == Counter(place.visible.keys())
        for post in found:
            self.assert_as_told(post, place.visible[post.native_id])
        assert place.private.post not in {post.native_id for post in found}
        assert place.town.threads[PINNED].written.post in {post.native_id for post in found}

    def assert_as_told(self, post: Post, told: Told) -> None:
        """A published post is what was written."""
        assert (post.text, post.author, post.title) == (told.text, told.author, told.title or ""), post.native_id
        assert abs((post.ts - told.at).total_seconds()) < 60, post.native_id
        assert not self.boards_are_named or post.board in BOARDS
        assert (post.place, post.platform, post.source) == ("坂田街道", "town", "town")

    def test_an_answer_knows_what_it_answers(self, place: Place, crawler: NewCrawler) -> None:
        answered, answer = place.town.long[1], place.town.long[2]
        found = {post.native_id: post for post in crawler().visit()}[answer.written.post]
        assert found.reply_to == answered.written.post or answered.text in found.parent
        assert answered.text not in found.text

    def test_a_visit_without_changes_publishes_nothing_and_asks_for_the_lists_alone(
        self, place: Place, crawler: NewCrawler
    ) -> None:
        reader = crawler()
        reader.visit()
        assert reader.visit() == []
        assert len(place.gate.pages()) <= self.quiet_pages, place.gate.pages()
        assert reader.gone == set()

    def test_new_replies_and_threads_come_at_the_next_visit(self, place: Place, crawler: NewCrawler) -> None:
        reader = crawler()
        whole = len({post.native_id for post in reader.visit()})
        cost_of_all = len(place.gate.pages())
        long, short, pinned = place.town.long[0], place.town.threads[4], place.town.threads[PINNED]
        new = [
            place.reply(long, "长帖里又来一句。"),
            place.reply(short, "没人回的帖子有人回了。"),
            *([place.reply(pinned, "置顶帖下面的新回复。")] if self.lists_show_news_of_pinned else []),
            place.open("今天的新帖", "刚刚发生的一件事。"),
        ]
        found = reader.visit()
        assert Counter(post.native_id for post in found) == Counter(told.written.post for told in new)
        for post in found:
            self.assert_as_told(post, place.visible[post.native_id])
        assert len(place.gate.pages()) < cost_of_all / 2 or whole < 20, place.gate.pages()

    def test_an_edit_is_a_new_revision_and_a_removal_is_noted(self, place: Place, crawler: NewCrawler) -> None:
        opened = place.open("会变的帖子", "原来写的第一句。")
        first, second = place.reply(opened, "会改的一句。"), place.reply(opened, "会删的一句。")
        doomed = place.open("会整个消失的帖子", "消失之前。")
        below = place.reply(doomed, "也会一起消失。")
        reader = crawler(recheck=0)
        reader.visit()
        changed = [place.edit(first, "改过的一句。"), place.edit(opened, "改过的第一句。")]
        place.remove(second)
        found = reader.visit()
        assert {(post.native_id, post.text) for post in found} == {(told.written.post, told.text) for told in changed}
        assert reader.gone == {self.id_of(second)}
        place.remove_thread(doomed)
        assert reader.visit() == []
        assert reader.gone == {self.id_of(doomed), self.id_of(below)}
        reader.visit()
        assert reader.gone == set()

    def test_robots_are_obeyed(self, place: Place, crawler: NewCrawler) -> None:
        place.gate.robots = "User-agent: *\nDisallow: /"
        reader = crawler()
        assert reader.visit(complete=False) == []
        assert place.gate.pages() == []
        assert any(line.get("state") == "robots_forbidden" for line in reader.log)

    @staticmethod
    def id_of(told: Told) -> str:
        """Its id in the log."""
        return post_id(Post(platform="town", native_id=told.written.post, text="-", ts=told.at))
