"""Which network addresses may be connected to: public ones, and others only if a source file names them."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from crawlers.polite.host_names import canonical_host
from crawlers.source import Source

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
_LOCAL_NAT64: Final = ipaddress.IPv6Network("64:ff9b:1::/48")


def is_public(address: str) -> bool:
    """Whether `address` (numeric) is one of the open internet, and so is every IPv4 address that it carries within."""
    try:
        found: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if found in _NAT64:  # the way of a network without IPv4 to IPv4 addresses: these count
        found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in (found, *_within(found)))


def _within(address: Address) -> Iterator[Address]:
    """IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _COMPATIBLE:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _LOCAL_NAT64:
        yield ipaddress.IPv4Address("127.0.0.1")  # a translator of one's own network: never open


class Named:
    """What source files name beside public addresses: numbers that stand in ``start`` or ``hosts``, and localhost."""

    def __init__(self, sources: Iterable[Source], proxies: Iterable[str] = ()) -> None:
        """`proxies`: hosts of the configured proxies, which may be anywhere."""
        self._by_host: dict[str, set[str]] = {}
        self._proxies = frozenset(proxies)
        for source in sources:
            numbers = {text for host in source.allowed_hosts for text in _numbers(host)}
            for host in source.allowed_hosts:
                self._by_host.setdefault(host, set()).update(numbers)

    def allows(self, host: str, address: str) -> bool:
        """Whether a connection for `host` may go to `address`, which it resolved to."""
        if host in self._proxies or is_public(address):
            return True
        plain = address.partition("%")[0]
        return plain in self._by_host.get(canonical_host(host), ())

    def refused(self, found: Mapping[str, Iterable[str]]) -> list[str]:
        """Of addresses by host those that may not be connected to."""
        return [address for host, addresses in found.items() for address in addresses if not self.allows(host, address)]


def _numbers(host: str) -> tuple[str, ...]:
    if host == "localhost":
        return ("127.0.0.1", "::1")
    try:
        return (str(ipaddress.ip_address(host.strip("[]"))),)
    except ValueError:
        return ()
