"""Fixtures of the alert stage's tests: an empty store and a worker on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerting.handler import Handler
from humiao.settings import Settings
from humiao.store import Store, open_store
from tests.alerting.stream import handler_on


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Data folder of an empty installation."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    """An empty store."""
    with open_store(Settings(data=data)) as opened:
        yield opened


@pytest.fixture
def handler(store: Store, data: Path) -> Handler:
    """A worker on the store."""
    return handler_on(store, data)
