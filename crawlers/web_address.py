"""Addresses as pages write them, made absolute; a page may write anything."""

from urllib.parse import urljoin, urlsplit


def absolute(base: str, link: str) -> str:
    """The web address that `link` on the page `base` leads to; empty if it leads to none (scripts, mail, brackets without end)."""
    try:
        url = urljoin(base, link.strip())
        parts = urlsplit(url)
        leads = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return ""
    return url if leads else ""


def absolute_id(base: str, stated: str) -> str:
    """`stated` as an absolute identifier, which may lead nowhere (``urn:…``, ``tag:…``); what can't be made one stays as it is."""
    try:
        return urljoin(base, stated.strip())
    except ValueError:
        return stated
