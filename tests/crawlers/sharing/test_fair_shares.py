"""Many sources, each with more to read than there is time for, in one process: none starves."""

from collections import Counter

import pytest

from tests.crawlers.processes import Process, until
from tests.crawlers.sharing.sites import Sites
from tests.crawlers.test_turns import jain

SOURCES = 50
REQUESTS = 2000


@pytest.mark.slow
def test_no_source_starves_though_all_have_more_to_read_than_there_is_time_for(settings):
    with Sites(SOURCES, threads=80) as sites:
        sites.write_sources(settings.data / "sources")
        with Process(
            "crawl", data=settings.data, HUMIAO_CRAWL__CONCURRENT_VISITS="10", HUMIAO_CRAWL__VISIT_SECONDS="0.8"
        ) as process:
            until(lambda: len(sites.asked) >= REQUESTS, 180)
            assert process.stop() < 6
        shares = Counter(one.host for one in sites.asked if one.path != "/robots.txt")
        assert len(shares) == SOURCES
        assert jain([shares[host] for host in sites.posts]) >= 0.95
        lists = sum(one.path == "/" for one in sites.asked)
        assert lists < len(sites.asked) / 2  # each slice gets further than its list
        assert not any(shares[host] < REQUESTS / SOURCES / 3 for host in sites.posts)
