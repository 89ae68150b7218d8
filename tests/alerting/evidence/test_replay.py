"""Packages open in tools that others have written."""

import json
import urllib.request
from pathlib import Path

import pytest

from alerting.evidence import layout
from tests.alerting.evidence.case import members_of
from tests.servers.forums.cache import CannotBeHad, run, virtualenv
from tests.servers.forums.running import Process
from tests.servers.servers import free_port


def programs(name: str, requirement: str) -> Path:
    try:
        return virtualenv(name, requirement)
    except CannotBeHad as missing:
        pytest.skip(str(missing))


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, 1])
def test_py_wacz_finds_a_package_valid(stamped, tmp_path, which):
    (tmp_path / "case.wacz").write_bytes(stamped[which])
    said = run(str(programs("wacz", "wacz==0.6.0") / "wacz"), "validate", "-f", "case.wacz", cwd=tmp_path)
    assert "Validation succeeded" in said


@pytest.mark.slow
def test_py_wacz_finds_a_changed_package_invalid(stamped, tmp_path):
    from alerting.evidence.container import pack

    members = members_of(stamped[0])
    (tmp_path / "case.wacz").write_bytes(pack(members | {layout.EVENTS: members[layout.EVENTS] + b"\n"}))
    with pytest.raises(CannotBeHad, match="invalid"):
        run(str(programs("wacz", "wacz==0.6.0") / "wacz"), "validate", "-f", "case.wacz", cwd=tmp_path)


@pytest.mark.slow
def test_pywb_replays_a_page_of_a_package(stamped, tmp_path):
    wayback = programs("pywb", "pywb==2.10.0")
    # its own unpacking looks for an index that ends in .cdx and passes by packages with the newer .cdxj, so it gets the records
    (tmp_path / "case.warc.gz").write_bytes(members_of(stamped[0])[layout.ARCHIVE])
    run(str(wayback / "wb-manager"), "init", "case", cwd=tmp_path)
    run(str(wayback / "wb-manager"), "add", "case", "case.warc.gz", cwd=tmp_path)
    rows = members_of(stamped[0])[layout.INDEX].decode().splitlines()
    _, stamp, rest = rows[0].split(" ", 2)
    url, port = json.loads(rest)["url"], free_port()
    replay = f"http://127.0.0.1:{port}/case"
    command = [str(wayback / "wayback"), "-b", "127.0.0.1", "-p", str(port), "-d", str(tmp_path)]
    with (
        Process(tmp_path, command, replay + "/"),
        urllib.request.urlopen(f"{replay}/{stamp}id_/{url}", timeout=20) as answer,
    ):
        body = answer.read().decode()
    assert "免费领取游戏皮肤" in body or "now" in body
