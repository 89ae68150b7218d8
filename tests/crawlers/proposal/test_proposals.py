"""What `humiao sources new` proposes is crawled by the real commands and compared with what stands on the site."""

import pytest

from tests.crawlers.proposal.measure import measure
from tests.crawlers.proposal.sites import SITES

ASKED_AT_MOST = 13
"""Requests that a look may take, robots.txt included."""
OF_MARKS = {"discuz_replica": "discuz", "phpbb_replica": "phpbb", "wordpress_replica": "wordpress", "feed_only": "feed"}
SLOW = set(SITES) - {
    "table_forum_2005",
    "bootstrap_board",
    "cards",
    "questions",
    "guestbook",
    "comment_wall",
    "discuz_replica",
    "feed_only",
}


@pytest.mark.parametrize("name", [pytest.param(one, marks=pytest.mark.slow if one in SLOW else ()) for one in SITES])
def test_proposal_collects_what_stands_on_the_site(name, tmp_path):
    built = SITES[name]()
    found = measure(built, tmp_path / "data", forgiving=built.forgiving)
    assert found.code == 0, found.said
    assert found.family == OF_MARKS.get(name, found.family)
    assert found.share >= 0.95, (found.said, found.wrong[:5])
    assert len(found.wrong) <= 0.02 * found.posts, found.wrong[:5]
    assert found.requests <= ASKED_AT_MOST
    assert "# yaml-language-server: $schema=" in found.said


@pytest.mark.parametrize("name", ["discuz_replica", "blog"])
def test_address_of_a_single_thread_leads_to_its_whole_list(name, tmp_path):
    built = SITES[name]()
    found = measure(built, tmp_path / "data", start=built.other_starts[0])
    assert found.share >= 0.95, (found.said, found.wrong[:5])
