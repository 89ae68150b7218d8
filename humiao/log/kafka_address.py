"""How a Kafka cluster is reached: what every client of it shares, and what its errors mean to a caller."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from kafka.errors import KafkaError, KafkaTimeoutError

from humiao.errors import LogUnavailable

DEFAULT_PORT: Final = 9092
PATIENCE: Final = 30.0
"""Seconds within which a call succeeds or gives up; a broker that is restarted is back by then."""
ANSWER: Final = 10.0
"""Seconds that a single request may take."""
CONNECT: Final = 3.0
"""Seconds to wait for a broker to take a connection."""


@dataclass(frozen=True)
class KafkaAddress:
    """The bootstrap servers: ``HOST:PORT[,HOST:PORT]``."""

    bootstrap: str

    @property
    def servers(self) -> list[str]:
        """Each ``HOST:PORT`` on its own."""
        return [server.strip() for server in self.bootstrap.split(",") if server.strip()]

    @property
    def options(self) -> dict[str, Any]:
        """Options of kafka-python that producer, consumer and admin client have in common."""
        return {
            "bootstrap_servers": self.servers,
            "client_id": f"humiao-{socket.gethostname()}",
            "request_timeout_ms": int(ANSWER * 1000),
            "bootstrap_timeout_ms": int(ANSWER * 1000),
            "reconnect_backoff_max_ms": 1000,  # by default a broker that was away for a minute is left alone for half a one more
        }

    def knock(self) -> None:
        """Return when one of the servers takes a connection.

        Before any client is made: this says at once why a server can't be reached, where a client only says that time is over.

        Raises:
            LogUnavailable: none does.
        """
        reason = "no server named"
        for server in self.servers:
            host, _, port = server.rpartition(":") if ":" in server else (server, "", str(DEFAULT_PORT))
            try:
                socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT).close()
            except (OSError, ValueError) as error:
                reason = str(error)
            else:
                return
        raise self.unavailable(reason)

    def unavailable(self, reason: object) -> LogUnavailable:
        """The error to raise when the cluster did not do what was asked."""
        silent = isinstance(reason, KafkaTimeoutError)  # its own text says no more than that
        text = "no answer in time" if silent else " ".join(str(reason).split())[:300] or type(reason).__name__
        return LogUnavailable(f"log kafka://{self.bootstrap}: {text}; see that the broker runs and that HUMIAO_LOG names it")

    @contextmanager
    def reaching(self) -> Iterator[None]:
        """Turn an error of the client into LogUnavailable with the address."""
        try:
            yield
        except (KafkaError, OSError) as error:
            raise self.unavailable(error) from error
