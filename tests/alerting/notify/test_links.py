"""Links in messages: signed, ending, and no way around signing in."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from alerting.notify.links import Links
from humiao.account import Role
from humiao.errors import NotFound, SettingsError
from tests.alerting.console.conftest import app, browser, clock, people, staffed, visitor  # noqa: F401 (fixtures)
from tests.builders import NOON, at, make_alert

ID = "a" * 32
LINK = re.compile(r"^https://console\.example(/alerts/[0-9a-f]{32}\?until=(\d+)&signed=([0-9a-f]{32}))$")


def test_a_link_passes_until_its_time_is_over(tmp_path):
    links = Links.open(tmp_path, "https://console.example/", timedelta(days=2))
    _, until, signed = LINK.match(links.make(ID, NOON)).groups()
    again = Links.open(tmp_path)
    again.check(ID, int(until), signed, at(days=1))
    with pytest.raises(NotFound, match="its time is over"):
        again.check(ID, int(until), signed, at(days=3))
    assert (tmp_path / "keys" / "link.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("forged", ["", "0" * 32, "é" * 32])
def test_a_forged_link_does_not_pass(tmp_path, forged):
    links = Links.open(tmp_path, "https://console.example")
    _, until, signed = LINK.match(links.make(ID, NOON)).groups()
    for id, time, sign in [(ID, int(until), forged), (ID, int(until) + 1, signed), ("b" * 32, int(until), signed)]:
        with pytest.raises(NotFound, match="not made by this system"):
            links.check(id, time, sign, NOON)


def test_a_key_of_another_length_is_refused(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "link.key").write_bytes(b"short")
    with pytest.raises(SettingsError, match=r"link\.key: has 5 bytes"):
        Links.open(tmp_path)


def test_without_a_console_there_is_no_link(tmp_path):
    assert Links.open(tmp_path).make(ID, NOON) == ""


def test_a_link_leads_through_sign_in_to_the_alert_and_no_further(visitor, browser, staffed, data, clock):  # noqa: F811
    alert = make_alert()
    staffed.put_alert(alert, None)
    link = LINK.match(Links.open(data, "https://console.example").make(alert.id, clock()))
    path, until, _ = link.groups()
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={quote(path, safe='')}")
    assert browser(Role.PATROL).get(path).status_code == 200
    assert browser(Role.OPS).get(path).status_code == 403
    forged = f"/alerts/{alert.id}?until={until}&signed={'0' * 32}"
    assert browser(Role.PATROL).get(forged).status_code == 404
    clock.forward(days=8)
    assert browser(Role.PATROL).get(path).status_code == 404
    assert browser(Role.PATROL).get(f"/alerts/{alert.id}").status_code == 200
