"""Scrapy's settings for one source: its own middlewares for robots, throttling and retry, no cookies, an honest name."""

import ipaddress
from typing import Any

import humiao
from crawlers.source import Source
from humiao.settings import CrawlSettings

TIMEOUT = 20
"""Seconds that a site may take for a page."""


def scrapy_settings(source: Source, settings: CrawlSettings, sharing: int = 1) -> dict[str, Any]:
    """Settings of a crawler for `source`; `sharing` sources of one host share its rate, so each goes that much slower."""
    contact = source.contact or settings.contact
    delay = source.rate.seconds * sharing
    return {
        "BOT_NAME": "humiao",
        "USER_AGENT": f"humiao/{humiao.__version__}" + (f" (+{contact})" if contact else ""),
        "ROBOTSTXT_OBEY": not source.robots_agreement,
        "ROBOTSTXT_USER_AGENT": "humiao",
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_MAX_DELAY": max(60.0, delay),
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0.0,  # the rate agreed is the fastest, not the average
        "CONCURRENT_REQUESTS": 2,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_TIMEOUT": TIMEOUT,
        "DOWNLOAD_MAXSIZE": settings.max_page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "RETRY_TIMES": 2,
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
            "crawlers.politeness.OpenHours": 40,
            "crawlers.politeness.OnlyTheseHosts": 50,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawlers.politeness.RobotsOrNothing": 100,
            "crawlers.capture.CaptureMiddleware": 950,
        },
        "EXTENSIONS": {"crawlers.politeness.CrawlDelay": 10},
        "ITEM_PIPELINES": {"crawlers.pipeline.SinkPipeline": 100},
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "STATS_DUMP": False,
        "LOG_LEVEL": "WARNING",
    }  # fmt: skip


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
