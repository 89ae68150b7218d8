"""Downloader middleware that keeps requests to the hosts and ports of the source file, and to reading."""

import ipaddress
from typing import Self

from scrapy.crawler import Crawler
from scrapy.http import Request
from twisted.web.client import URI

from crawlers.polite.actions import acts, asks_for_login
from crawlers.polite.addresses import is_public
from crawlers.polite.ending import end_visit, refuse, visiting
from crawlers.polite.host_names import canonical_host, host_of, port_of
from crawlers.polite.robots import ROBOTS
from crawlers.states import State


class OnlyReading:
    """GET and HEAD without a body, and no address that would log in, log out, write or delete: a link can do that too."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse everything else; a redirect to a login is the wall that it means."""
        if request.method not in {"GET", "HEAD"} or request.body:
            refuse(self._crawler, "action", f"{request.method} is never sent")
        if not acts(request.url):
            return
        if request.meta.get("redirect_urls") and asks_for_login(request.url):
            end_visit(self._crawler, State.LOGIN_WALL, f"{request.meta['redirect_urls'][0]} leads to {request.url}")
        refuse(self._crawler, "action", f"{request.url} acts instead of showing")


class OnlyTheseHosts:
    """Exactly the hosts and ports of the source file, no subdomains, whatever the request's flags; web addresses only."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse a request to another place, redirects included."""
        if not (reason := self._elsewhere(request)):
            return
        if asked := request.meta.get("redirect_urls"):
            visiting(self._crawler).trouble("page leads to another host", url=asked[0], host=host_of(request.url), reason=reason)
        refuse(self._crawler, "host", reason)

    def _elsewhere(self, request: Request) -> str:
        source, host, port = visiting(self._crawler).source, host_of(request.url), port_of(request.url)
        if not request.url.startswith(("http://", "https://")):
            return "no web address"
        if "@" in request.url.split("/", 3)[2]:
            return "an address with a name or password in it"
        connected = URI.fromBytes(request.url.encode()).host  # type: ignore[no-untyped-call]
        if canonical_host(connected.decode("ascii", "replace")) != host:
            return f"{host} is not understood by all alike"
        if host in source.allowed_hosts:
            standard = port in {80, 443} and not _is_inner(host)
            return "" if standard or port in source.named_ports else f"port {port} is none of this source"
        if request.meta.get(ROBOTS) and not _is_inner(host) and port in {80, 443}:
            return ""  # RFC 9309, 2.3.1.2: a site may keep its rules elsewhere
        return f"{host} is no host of this source"


def _is_inner(host: str) -> bool:
    """Whether `host` is by itself an address that is not public; names are judged when they are resolved."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return not is_public(host)
