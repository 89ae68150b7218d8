"""One spelling for each host name: two addresses lead to the same place exactly if they have the same one."""

import ipaddress
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

import idna

DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache(4096)  # asked several times for each request
def canonical_host(text: str) -> str:
    """`text` in small ASCII letters, as IDNA writes it, without the dot that may end it; an address of IPv6 without brackets.

    Full-width letters, digits and dots become plain ones. What is no host name comes back as it is, and so equals no other host.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower().replace("\u3002", ".").removesuffix(".")
    plain = plain.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(plain))
    except ValueError:
        pass
    if plain.isascii():
        return plain
    try:
        return idna.encode(plain, uts46=True).decode()
    except idna.IDNAError:
        return text


def host_of(url: str) -> str:
    """The host that `url` leads to; empty if it leads to none."""
    try:
        return canonical_host(urlsplit(url).hostname or "")
    except ValueError:  # brackets that hold no address
        return ""


def port_of(url: str) -> int:
    """The port that `url` leads to, also where it is not written; 0 = none that exists."""
    try:
        parts = urlsplit(url)
        return DEFAULT_PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        return 0


def split_host(text: str) -> tuple[str, int]:
    """Host and port of ``host``, ``host:port`` or ``[v6]:port``; port 0 = none is written."""
    if text.count(":") > 1 and not text.startswith("["):
        return canonical_host(text), 0
    try:
        parts = urlsplit(f"//{text}")
        return canonical_host(parts.hostname or ""), parts.port or 0
    except ValueError:
        return canonical_host(text), 0
