"""Scrapy's settings for one source: our own way out and limits, no cookies, an honest name."""

import ipaddress
from typing import Any

from scrapy.exceptions import DownloadTimeoutError

from crawlers.polite.handler import NO_ANSWER
from crawlers.polite.user_agent import PRODUCT, user_agent
from crawlers.source import Source
from humiao.settings import CrawlSettings

TIMEOUT = 20
"""Seconds that a site may take for a page."""


def scrapy_settings(source: Source, settings: CrawlSettings) -> dict[str, Any]:
    """Settings of a crawler for `source`; the pace is kept by `crawlers.polite.handler`, not by Scrapy."""
    return {
        "BOT_NAME": "humiao",
        "USER_AGENT": user_agent(source, settings),
        "ROBOTSTXT_OBEY": not source.robots_agreement,
        "ROBOTSTXT_USER_AGENT": PRODUCT,
        "AUTOTHROTTLE_ENABLED": False,
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_HANDLERS": {
            "http": "crawlers.sharing.gate.LeasedHandler",
            "https": "crawlers.sharing.gate.LeasedHandler",
            "data": None,
            "file": None,
            "ftp": None,
            "s3": None,
        },
        "CONCURRENT_REQUESTS": 2,
        "CONCURRENT_ITEMS": 4,  # Scrapy begins so many tasks for each response
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_TIMEOUT": TIMEOUT,
        "DOWNLOAD_MAXSIZE": settings.max_page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "RETRY_TIMES": 2,
        "RETRY_EXCEPTIONS": [one for one in NO_ANSWER if one is not DownloadTimeoutError],  # a slow page waits for the next visit
        "RETRY_GIVE_UP_LOG_LEVEL": "WARNING",
        "COOKIES_ENABLED": False,
        "REFERRER_POLICY": "no-referrer",
        "METAREFRESH_ENABLED": False,
        "REDIRECT_MAX_TIMES": 5,
        "HTTPPROXY_ENABLED": not all(_loopback(host) for host in source.allowed_hosts),
        "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8", "Accept-Language": "zh-CN,zh;q=0.9"},
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "crawlers.slices.Slices": 30,
            "crawlers.polite.hours.OpenHours": 40,
            "crawlers.polite.places.OnlyTheseHosts": 50,
            "crawlers.polite.places.OnlyReading": 60,
            "crawlers.polite.budget.RequestBudget": 70,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawlers.polite.robots.ObeyRobots": 100,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            "crawlers.polite.decompression.BoundedDecompression": 590,
            "crawlers.capture.CaptureMiddleware": 950,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
        },
        # Each is one more layer around every item. Depth and referrers are not used; addresses are limited in bounded_reading.
        "SPIDER_MIDDLEWARES": {
            "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
            "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
            "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
        },
        "ITEM_PIPELINES": {"crawlers.pipeline.SinkPipeline": 100},
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "STATS_DUMP": False,
        "DOWNLOADER_STATS": False,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # a check of our own code that every visit would repeat
        "LOG_LEVEL": "WARNING",
    }  # fmt: skip


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
