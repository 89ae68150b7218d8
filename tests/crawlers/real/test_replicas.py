"""The same contract on the pages of software that can't be installed here, made as its templates make them."""

from tests.crawlers.real.contract import RealSite
from tests.servers.forums.replicas import discuz, memory, phpbb, phpwind


class Replica(RealSite):
    template: type[memory.Template]

    @classmethod
    def start(cls, folder, gate):
        return memory.start(cls.template, gate)


class OnDiscuz(Replica):
    family = "discuz"
    quiet_pages = 5  # the index, two boards, and the page after each that a list by activity is read up to


class TestDiscuzX34(OnDiscuz):
    template = discuz.DesktopGBK


class TestDiscuzX35(OnDiscuz):
    template = discuz.DesktopUTF8


class TestDiscuzTouchX35(OnDiscuz):
    template = discuz.TouchX35
    lists_show_news_of_pinned = False


class TestDiscuzTouchX34(OnDiscuz):
    template = discuz.TouchX34


class TestPhpBB(Replica):
    template = phpbb.PhpBB
    family = "phpbb"
    quiet_pages = 3


class TestPhpwind(Replica):
    template = phpwind.Phpwind
    family = "phpwind"
    quiet_pages = 3


del RealSite, Replica, OnDiscuz
