"""Fixtures that every test may use: settings on a temporary folder, and real servers where they can be had."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from humiao.settings import Settings

REQUIRED = os.environ.get("HUMIAO_REQUIRE_SERVERS") == "1"
HOW = {
    "servers": "install a JDK 21+ and Maven, or name running servers in HUMIAO_TEST_KAFKA and HUMIAO_TEST_ELASTICSEARCH",
    "forums": "see tests/servers/forums/README.md for what each product needs",
    "browser": "install Chromium (Debian: apt-get install chromium)",
}


def unavailable(part: str, why: str) -> None:
    """Fail where every part is required, otherwise skip; the closing lines of the run count what was skipped so."""
    if REQUIRED:
        pytest.fail(f"{part} required by HUMIAO_REQUIRE_SERVERS=1 but missing: {why}", pytrace=False)
    pytest.skip(f"{part}: {why}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line per missing part: how many tests it cost, why, how to have it."""
    reasons = [report.longrepr[2].removeprefix("Skipped: ").partition(": ") for report in terminalreporter.stats.get("skipped", [])]
    for part in sorted(HOW):
        if costs := [why for skipped, _, why in reasons if skipped == part]:
            terminalreporter.write_line(
                f"SKIPPED {len(costs)} tests that need {part}: {costs[-1]}. To run them: {HOW[part]}.", yellow=True, bold=True
            )


@pytest.fixture(scope="session")
def _server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("servers")


def _java_missing() -> str:
    from tests.servers import servers

    if not shutil.which("mvn"):
        return "Maven (mvn) is not installed"
    try:
        servers.java_home(21)
    except FileNotFoundError as error:
        return str(error)
    return ""


@pytest.fixture(scope="session")
def kafka_server(_server_folder: Path) -> Iterator[object]:
    """A real broker of our own that a test may kill and start again (`servers.Kafka`), or the reason why there is none (str)."""
    from tests.servers import servers

    if why := _java_missing():
        yield why
        return
    with servers.Kafka(_server_folder / "kafka") as server:
        yield server


@pytest.fixture(scope="session")
def elasticsearch_server(_server_folder: Path) -> Iterator[object]:
    """A real node of our own (`servers.Elasticsearch`), or the reason why there is none (str)."""
    from tests.servers import servers

    if why := _java_missing():
        yield why
        return
    with servers.Elasticsearch(_server_folder / "es") as server:
        yield server


@pytest.fixture
def kafka(request: pytest.FixtureRequest) -> str:
    """Bootstrap address of a real Kafka broker."""
    if given := os.environ.get("HUMIAO_TEST_KAFKA"):
        return given
    server = request.getfixturevalue("kafka_server")
    if isinstance(server, str):
        unavailable("servers", server)
    return server.bootstrap


@pytest.fixture
def elasticsearch(request: pytest.FixtureRequest) -> str:
    """URL of a real Elasticsearch node."""
    if given := os.environ.get("HUMIAO_TEST_ELASTICSEARCH"):
        return given
    server = request.getfixturevalue("elasticsearch_server")
    if isinstance(server, str):
        unavailable("servers", server)
    return server.url


@pytest.fixture
def own_servers(request: pytest.FixtureRequest) -> tuple[object, object]:
    """Broker and node that this run started itself, which a test may therefore kill and start again."""
    if os.environ.get("HUMIAO_TEST_KAFKA") or os.environ.get("HUMIAO_TEST_ELASTICSEARCH"):
        pytest.skip("servers given by URL are not ours to restart")
    broker, node = request.getfixturevalue("kafka_server"), request.getfixturevalue("elasticsearch_server")
    for server in (broker, node):
        if isinstance(server, str):
            unavailable("servers", server)
    return broker, node


@pytest.fixture
def chromium() -> str:
    """Path of a Chromium executable."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        unavailable("browser", "no chromium on PATH")
    return str(path)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty installation on the embedded default."""
    return Settings(data=tmp_path / "data")
