"""The durable log between the stages: one port, two adapters."""

from pathlib import Path

from humiao.errors import SettingsError
from humiao.log.port import DEAD_SUFFIX, MAX_MESSAGE, POSTS, SCORED, Consumer, Log, Message, Record
from humiao.settings import Settings

__all__ = ["DEAD_SUFFIX", "MAX_MESSAGE", "POSTS", "SCORED", "Consumer", "Log", "Message", "Record", "open_log"]


def open_log(settings: Settings) -> Log:
    """The log that `settings.log_url` names.

    Raises:
        SettingsError: the URL has an unknown scheme.
    """
    url = settings.log_url
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        from humiao.log.sqlite import SqliteLog  # noqa: PLC0415 (an adapter is imported when chosen)

        return SqliteLog(Path(rest.removeprefix("/")), settings.bus)
    if scheme == "kafka":
        from humiao.log.kafka import KafkaLog  # noqa: PLC0415

        return KafkaLog(rest, settings.bus, prefix=settings.prefix)
    raise SettingsError(f"log: {url!r} has an unknown scheme; use kafka://HOST:PORT or sqlite:///FILE")
