"""The alert stage killed with SIGKILL in mid-work: the same alerts, and chains of events that are whole and tell of the same posts."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.alerting.stage_kills import after_kills
from tests.alerting.stream import storm

KILLS = 3


@pytest.mark.slow
def test_kills_in_mid_work_change_no_alert_and_no_chain(tmp_path: Path) -> None:
    rows = storm(160)
    expected, _ = after_kills(tmp_path / "straight", rows, 0, seed=0)
    found, killed = after_kills(tmp_path / "killed", rows, KILLS, seed=1)
    assert killed == KILLS
    assert found == expected


@pytest.mark.slow
@pytest.mark.servers
def test_kills_in_mid_work_change_nothing_on_elasticsearch_either(tmp_path: Path, elasticsearch: str) -> None:
    rows = storm(160)
    expected, _ = after_kills(tmp_path / "straight", rows, 0, seed=0)
    found, killed = after_kills(tmp_path / "killed", rows, KILLS, seed=2, store=elasticsearch, prefix=f"k{uuid4().hex[:8]}-")
    assert killed == KILLS
    assert found == expected
