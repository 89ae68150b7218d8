"""Name resolution with a guard: the address that is checked is the one connected to, so a name can't change its mind in between."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import structlog
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawlers.polite.addresses import Named

_lines = structlog.get_logger()


@implementer(IHostnameResolver)
class GuardedResolver:
    """Asks the resolver at hand and passes on only what may be connected to; nothing left looks like an unknown name."""

    def __init__(self, inner: Any, named: Named) -> None:
        self._inner, self._named = inner, named

    def resolveHostName(  # noqa: N802 (Twisted's name)
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """See twisted.internet.interfaces.IHostnameResolver."""
        guard = _Guard(resolutionReceiver, hostName, self._named)
        return self._inner.resolveHostName(guard, hostName, portNumber, addressTypes, transportSemantics)  # type: ignore[no-any-return]


@implementer(IResolutionReceiver)
class _Guard:
    def __init__(self, receiver: Any, host: str, named: Named) -> None:
        self._receiver, self._host, self._named = receiver, host, named

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if self._named.allows(self._host, address.host):
            self._receiver.addressResolved(address)
        else:
            _lines.warning("address refused: it is not public and no source file names it", host=self._host, address=address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()


def proxy_hosts() -> list[str]:
    """Hosts of the proxies that the environment names."""
    return [host for url in getproxies().values() if (host := urlsplit(url).hostname)]


def install(named: Named) -> None:
    """Guard every connection of this process's reactor."""
    from twisted.internet import reactor as installed  # noqa: PLC0415 (importing it installs one)

    reactor: Any = installed
    reactor.installNameResolver(GuardedResolver(reactor.nameResolver, named))
