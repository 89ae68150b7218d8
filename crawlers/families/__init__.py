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
from crawlers.families.notices import Notices
from crawlers.families.phpbb import PhpBB
from crawlers.families.phpwind import Phpwind
from crawlers.families.schema_org import SchemaOrg
from crawlers.families.spirit import Spirit
from crawlers.families.v2ex import V2EX
from crawlers.families.wordpress import WordPress

FAMILIES: Final[dict[str, Family]] = {
    "discuz": Discuz(),
    "phpwind": Phpwind(),
    "discourse": Discourse(),
    "nodebb": NodeBB(),
    "flarum": Flarum(),
    "v2ex": V2EX(),
    "phpbb": PhpBB(),
    "spirit": Spirit(),
    "wordpress": WordPress(),
    "mastodon": Mastodon(),
    "notices": Notices(),
    "schema_org": SchemaOrg(),
    "feed": FeedFamily(),
    "html": Html(),
}
"""In the order in which `humiao sources new` tries them: the most particular first."""
