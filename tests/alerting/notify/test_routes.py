"""Routes files: what is wrong with them, where, and what was meant."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from alerting.notify.hours import Window
from alerting.notify.reading import load, secret_url
from alerting.notify.routes import Channel
from alerting.notify.transport import Transport
from humiao.errors import SettingsError

GOOD = """\
channels:
  duty:
    url: env:DUTY_WECOM
    quiet: 22:00-07:30
    digest_at: 10:30
  office:
    url: file:office.url
    language: en
routes:
  - name: urgent
    grades: [red, orange]
    to: [duty]
  - name: schools
    places: ["*小学"]
    departments: [公安]
    to: [office]
"""


def write(tmp_path, text):
    file = tmp_path / "routes.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def problem(tmp_path, text, leads=()) -> str:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, text), leads)
    return str(caught.value).removeprefix(f"{tmp_path}/")


def test_a_good_file_is_read(tmp_path):
    routes = load(write(tmp_path, GOOD), ["公安（反诈）"])
    assert list(routes.channels) == ["duty", "office"]
    assert str(routes.channels["duty"].quiet) == "22:00-07:30"
    assert f"{routes.channels['duty'].digest_at:%H:%M}" == "10:30"
    assert routes.gaps() == [
        "yellow: no route takes new alerts of this grade from every place at every hour",
        "blue: no route takes new alerts of this grade from every place at every hour",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("to: [office]", "to: [offise]", "routes.yaml:16: routes.2.to.1: 'offise' is no channel of this file; did you mean 'office'?"),
        ("[red, orange]", "[red, oragne]", "routes.yaml:11: routes.1.grades.2: 'oragne' is none of red, orange, yellow, blue; did you mean 'orange'?"),
        ("places:", "place:", "routes.yaml:14: routes.2.place: is no field here; there are name, to, grades, events, places, departments, hours, days; did you mean 'places'?"),
        ("    language: en", "    langage: en", "routes.yaml:8: channels.office.langage: is no field here;"),
        ("    language: en", "    language: fr", "routes.yaml:8: channels.office.language: 'fr' is none of zh, en"),
        ("env:DUTY_WECOM", "wecombot://secretkey", "routes.yaml:3: channels.duty.url: must be env:VARIABLE or file:PATH; the URL itself is a secret"),
        ("22:00-07:30", "22:00", "routes.yaml:4: channels.duty.quiet: '22:00' is no part of a day; write it like 22:00-07:30"),
        ("22:00-07:30", "22:00-25:30", "routes.yaml:4: channels.duty.quiet: '25:30' is no time of day; write it like 08:30"),
        ("10:30", "half past ten", "routes.yaml:5: channels.duty.digest_at: 'half past ten' is no time of day"),
        ("    language: en", "    quiet_breaks: [orange]", "routes.yaml:8: channels.office.quiet_breaks: red is missing; a red alert is never held back"),
        ("    language: en", "    digest: {red: daily}", "routes.yaml:8: channels.office.digest.red: is no field here; there are yellow, blue"),
        ("    language: en", "    per_minute: 0", "routes.yaml:8: channels.office.per_minute: input should be greater than 0"),
        ("name: schools", "name: urgent", "routes.yaml:13: routes.2.name: 'urgent' stands twice; give each route its own"),
        ("  office:", "  duty:", "routes.yaml:6: duty: stands twice; keep one"),
        ("[公安]", "[工安]", "routes.yaml:15: routes.2.departments.1: no policy's lead department holds '工安'"),
        ("    to: [duty]\n", "", "routes.yaml:10: routes.1.to: field required"),
        ("routes:", "route:", "routes.yaml:9: route: is no field here; there are channels, routes, people; did you mean 'routes'?"),
        ("to: [duty]", "to: [on_duty]", "routes.yaml:12: routes.1.to.1: on_duty needs people: who has which channels"),
        ("routes:", "people: {wang: [dutty]}\nroutes:", "routes.yaml:9: people.wang.1: 'dutty' is no channel of this file; did you mean 'duty'?"),
        ("    grades: [red, orange]", "    grades: [red, orange", "routes.yaml:12: is not YAML:"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path, old, new, said):
    assert old in GOOD
    assert problem(tmp_path, GOOD.replace(old, new), ["公安（反诈）"]).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"), [("", "routes.yaml:1: "), ("- 1", "routes.yaml:1: "), ("a: 2026-99-99", "routes.yaml:1: ")]
)
def test_a_file_that_is_something_else_is_one_line(tmp_path, text, said):
    message = problem(tmp_path, text)
    assert message.startswith(said)
    assert "\n" not in message


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(SettingsError, match=r"none\.yaml: can't be read"):
        load(tmp_path / "none.yaml")


@pytest.mark.parametrize("url", ["env:NOT_SET_ANYWHERE", "file:none.url", "file:."])
def test_a_missing_secret_is_named(tmp_path, url):
    with pytest.raises(SettingsError, match=r"channels\.duty\.url: .*(not set|can't be read)"):
        secret_url(write(tmp_path, GOOD), "duty", Channel(url=url))


@pytest.mark.parametrize(
    "secret", ["tgram://123456789:abcdefg_hijklmnop/12315544/", "wecombot://", "json://", "dingtalk://bad token!/", "secretword"]
)
def test_a_bad_url_is_refused_without_showing_it(tmp_path, capfd, secret):
    (tmp_path / "duty.url").write_text(secret)
    with pytest.raises(SettingsError) as caught:
        Transport(write(tmp_path, GOOD), "duty", Channel(url="file:duty.url"), lambda: None)
    assert "channels.duty.url" in str(caught.value)
    shown = str(caught.value) + "".join(capfd.readouterr())
    assert secret not in shown
    assert "123456789" not in shown


@pytest.mark.parametrize(
    ("window", "hour", "holds"),
    [
        ("22:00-07:30", 23, True),
        ("22:00-07:30", 7, True),
        ("22:00-07:30", 12, False),
        ("08:00-18:00", 8, True),
        ("08:00-18:00", 18, False),
    ],
)
def test_windows_of_a_day(window, hour, holds):
    there = Window.read(window)
    instant = datetime(2026, 3, 2, hour, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert there.holds(instant) is holds
    assert there.end_after(instant) > instant
    assert not there.holds(there.end_after(instant))
