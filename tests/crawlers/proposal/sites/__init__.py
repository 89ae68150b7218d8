"""Small sites, each built in another way, with what a reader would find on them."""

from tests.crawlers.proposal.sites.boards import bootstrap_board, cards, div_soup, table_forum_2005
from tests.crawlers.proposal.sites.built import Built
from tests.crawlers.proposal.sites.held_back import bar, english_tables, letters, utility_classes
from tests.crawlers.proposal.sites.held_back_again import accessible_html5, gallery_cards, mailing_list, school_forum_xhtml
from tests.crawlers.proposal.sites.known import discuz_replica, phpbb_replica, wordpress_replica
from tests.crawlers.proposal.sites.odd import (
    comment_tree,
    definition_list,
    one_cell,
    paired_rows,
    relative_times,
    server_rendered,
    timeline,
)
from tests.crawlers.proposal.sites.pages import blog, comment_wall, feed_only, guestbook, questions, school_notices

SITES = {
    one.__name__: one
    for one in (
        table_forum_2005, div_soup, bootstrap_board, cards, questions, guestbook, comment_wall, school_notices, blog, discuz_replica,
        phpbb_replica, wordpress_replica, feed_only, definition_list, comment_tree, relative_times, timeline, paired_rows, one_cell,
        server_rendered, bar, english_tables, letters, utility_classes,
        school_forum_xhtml, mailing_list, gallery_cards, accessible_html5,
    )
}  # fmt: skip

__all__ = ["SITES", "Built"]
