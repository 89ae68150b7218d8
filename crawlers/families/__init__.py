"""Families of sites: one small module each, all of them here by the name that source files use."""

from typing import Final

from crawlers.families.base import Family
from crawlers.families.discourse import Discourse
from crawlers.families.discuz import Discuz
from crawlers.families.feed import FeedFamily
from crawlers.families.flarum import Flarum
from crawlers.families.html import Html
from crawlers.families.mastodon import Mastodon
from crawlers.families.nodebb import NodeBB
from crawlers.families.phpbb import PhpBB
from crawlers.families.phpwind import Phpwind
from crawlers.families.spirit import Spirit
from crawlers.families.wordpress import WordPress

FAMILIES: Final[dict[str, Family]] = {
    "discuz": Discuz(),
    "phpwind": Phpwind(),
    "discourse": Discourse(),
    "nodebb": NodeBB(),
    "flarum": Flarum(),
    "phpbb": PhpBB(),
    "spirit": Spirit(),
    "wordpress": WordPress(),
    "mastodon": Mastodon(),
    "feed": FeedFamily(),
    "html": Html(),
}
"""In the order in which `humiao sources new` tries them: the most particular first."""
