"""The crawl stage against NodeBB: its own JSON, with deleted posts that keep their place."""

import pytest

from tests.crawlers.real.contract import RealSite
from tests.servers.forums import nodebb

pytestmark = pytest.mark.servers


class TestNodeBB(RealSite):
    family = "nodebb"
    quiet_pages = 2
    start = staticmethod(nodebb.start)
