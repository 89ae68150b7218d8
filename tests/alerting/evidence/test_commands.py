"""Export and check by the command line."""

import pytest

from humiao.settings import Settings
from humiao.store import open_store
from tests.alerting.evidence.case import make_case
from tests.alerting.test_commands import humiao


@pytest.fixture
def filed(data):
    """A data folder with a case and an authority in its settings; and the id of the alert."""
    with open_store(Settings(data=data)) as store:
        return make_case(store, data).id


@pytest.fixture
def configured(data, authority):
    (data / "humiao.toml").write_text(
        f'[evidence]\nauthorities = [{{ url = "{authority.url}", roots = "{authority.settings.roots}" }}]\n'
    )
    return authority


def test_export_writes_package_and_record_and_verify_tells_the_stamp(filed, data, configured):
    done = humiao(data, "evidence", "export", filed, "--out", "case.wacz", "--data", str(data))
    assert done.returncode == 0, done.stderr
    assert (data / "case.pdf").read_bytes().startswith(b"%PDF")
    checked = humiao(data, "evidence", "verify", "case.wacz", "--tsa-root", str(configured.settings.roots))
    assert checked.returncode == 0
    assert "by CN=Local TSA, root certificate" in checked.stdout
    again = humiao(data, "evidence", "export", filed, "--out", "case.wacz", "--data", str(data))
    assert (again.returncode, "exists already" in again.stderr) == (2, True)


def test_a_redacted_export_says_that_it_is_one(filed, data):
    assert humiao(data, "evidence", "export", filed, "--out", "m.wacz", "--redacted", "--data", str(data)).returncode == 0
    checked = humiao(data, "evidence", "verify", "m.wacz", "--signer", "0" * 32)
    assert (checked.returncode, "not by 0000" in checked.stdout) == (1, True)
    assert "whole (redacted copy)" in humiao(data, "evidence", "verify", "m.wacz").stdout


def test_an_authority_that_does_not_answer_is_told(filed, data, configured, authority):
    (data / "humiao.toml").write_text(
        f'[evidence]\nauthorities = [{{ url = "http://127.0.0.1:9/", roots = "{authority.settings.roots}" }}]\n'
    )
    done = humiao(data, "evidence", "export", filed, "--out", "case.wacz", "--data", str(data))
    assert "no time stamp by http://127.0.0.1:9/ yet" in done.stdout
    checked = humiao(data, "evidence", "verify", "case.wacz")
    assert (checked.returncode, "had no time stamp by http://127.0.0.1:9/" in checked.stdout) == (0, True)


def test_a_missing_root_file_is_one_line(filed, data):
    done = humiao(data, "evidence", "verify", "case.wacz", "--tsa-root", "none.pem")
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert "none.pem: can't be read" in done.stderr
