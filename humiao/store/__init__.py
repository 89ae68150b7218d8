"""What the desk keeps: posts, alerts, events, evidence, accounts. One port, two adapters."""

from pathlib import Path

from humiao.errors import SettingsError
from humiao.settings import Settings
from humiao.store.port import AlertFilter, Hit, Page, PostFilter, Store, Versioned

__all__ = ["AlertFilter", "Hit", "Page", "PostFilter", "Store", "Versioned", "open_store"]


def open_store(settings: Settings) -> Store:
    """The store that `settings.store_url` names, ready for use (tables or templates exist).

    Raises:
        SettingsError: the URL has an unknown scheme.
        StoreUnavailable: it doesn't answer.
    """
    url = settings.store_url
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        from humiao.store.sqlite import SqliteStore  # noqa: PLC0415 (an adapter is imported when chosen)

        return SqliteStore(Path(rest.removeprefix("/")))
    if scheme in {"http", "https"}:
        from humiao.store.elasticsearch import ElasticsearchStore  # noqa: PLC0415

        return ElasticsearchStore(url, prefix=settings.prefix)
    raise SettingsError(f"store: {url!r} has an unknown scheme; use https://HOST:9200 or sqlite:///FILE")
