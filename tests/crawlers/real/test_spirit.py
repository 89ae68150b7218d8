"""The crawl stage against Spirit: pages of HTML with dates in words."""

import pytest

from tests.crawlers.real.contract import NewCrawler, RealSite
from tests.crawlers.real.place import Place
from tests.servers.forums import spirit

pytestmark = pytest.mark.servers


class TestSpirit(RealSite):
    family = "spirit"
    quiet_pages = 2
    start = staticmethod(spirit.start)

    def test_a_thread_that_has_grown_is_read_from_where_it_ended(self, place: Place, crawler: NewCrawler) -> None:
        reader = crawler()
        reader.visit()
        long = place.town.long[0]
        place.reply(long, "最后一页又多了一句。")
        reader.visit()
        asked = [path.partition("?")[2] for path in place.gate.pages() if path.startswith(f"/topic/{long.written.thread}/")]
        assert asked == ["page=3"]
