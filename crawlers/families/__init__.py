"""Families of sites: one small module each, all of them here by the name that source files use."""

from typing import Final

from crawlers.families.base import Family
from crawlers.families.feed import FeedFamily
from crawlers.families.html import Html

FAMILIES: Final[dict[str, Family]] = {
    "feed": FeedFamily(),
    "html": Html(),
}
"""In the order in which `humiao sources new` tries them: the most particular first."""
