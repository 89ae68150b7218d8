"""Fixtures of the tests of evidence: a case, a time stamp authority, packages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerting.evidence import package
from humiao.alert import Alert
from humiao.settings import EvidenceSettings, Settings
from humiao.store import Store, open_store
from tests.alerting.evidence.authority import Authority
from tests.alerting.evidence.case import LATER, make_case


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Iterator[Authority]:
    """A time stamp authority that is well; tests that make it ill use `ailing`."""
    with Authority(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture
def ailing(tmp_path: Path) -> Iterator[Authority]:
    with Authority(tmp_path, "Ailing TSA") as running:
        yield running


@pytest.fixture
def settings(authority: Authority) -> EvidenceSettings:
    return EvidenceSettings(organisation="坂田街道未成年人保护工作站", authorities=(authority.settings,))


@pytest.fixture
def alert(store: Store, data: Path) -> Alert:
    return make_case(store, data)


@pytest.fixture
def exported(store: Store, data: Path, alert: Alert, settings: EvidenceSettings) -> bytes:
    return package.export(store, data, alert.id, "analyst1", LATER, settings)


@pytest.fixture(scope="session")
def stamped(authority: Authority, tmp_path_factory) -> tuple[bytes, bytes]:
    """A package and a redacted one, made once for tests that only read them."""
    data = tmp_path_factory.mktemp("stamped")
    settings = EvidenceSettings(authorities=(authority.settings,))
    with open_store(Settings(data=data)) as store:
        alert = make_case(store, data, seed=4)
        whole = package.export(store, data, alert.id, "analyst1", LATER, settings)
        return whole, package.export(store, data, alert.id, "analyst1", LATER, settings, redacted=True)
