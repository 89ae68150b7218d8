import pytest
from starlette.testclient import TestClient

from alerting.console.accounts import new_account
from alerting.console.session import COOKIE
from humiao.account import Role
from humiao.settings import ConsoleSettings, Settings
from tests.alerting.console.conftest import NOW, PASSWORD, form_token, sign_in


def test_the_right_password_opens_the_queue_and_sign_out_closes_it(visitor):
    answer = sign_in(visitor, "patrol", next="/alerts?status=all")
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts?status=all")
    page = visitor.get("/alerts")
    assert page.status_code == 200
    kept = visitor.cookies.get(COOKIE)
    assert visitor.post("/sign-out", data={"csrf": form_token(page.text)}).headers["location"] == "/sign-in"
    assert visitor.get("/alerts").status_code == 303
    visitor.cookies.set(COOKIE, kept, domain="console.test")  # a copy of the cookie is worthless too
    assert visitor.get("/alerts").status_code == 303


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(visitor):
    cookie = sign_in(visitor, "patrol").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=28800" in cookie
    assert "secure" not in cookie


def test_cookies_are_for_https_only_when_told_so(data, staffed, clock):
    from alerting.console.app import create_app

    app = create_app(Settings(data=data, console=ConsoleSettings(secure_cookies=True)), staffed, clock=clock)
    with TestClient(app, base_url="https://console.test", follow_redirects=False) as client:
        answer = sign_in(client, "patrol")
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("patrol", "wrong password"),
        ("nobody", PASSWORD),
        ("", ""),
        ("patrol", ""),
        ("partner", PASSWORD),
        ("名" * 500, "x" * 5000),
        ("a\x00b", "x"),
    ],
)
def test_every_failure_looks_the_same(visitor, name, password):
    answer = sign_in(visitor, name, password)
    assert answer.status_code == 401
    assert "账号或密码不正确" in answer.text
    assert COOKIE not in answer.cookies


def test_a_disabled_account_neither_signs_in_nor_stays_in(visitor, staffed, people):
    sign_in(visitor, "patrol")
    staffed.put_account(people[Role.PATROL].model_copy(update={"disabled": True}))
    assert visitor.get("/alerts").status_code == 303
    assert sign_in(visitor, "patrol").status_code == 401


def test_a_new_password_ends_the_sessions_of_the_old_one(visitor, staffed):
    sign_in(visitor, "patrol")
    staffed.put_account(new_account("patrol", Role.PATROL, "another good password", NOW))
    assert visitor.get("/alerts").status_code == 303


def test_a_session_ends_after_its_hours(visitor, clock):
    sign_in(visitor, "patrol")
    clock.forward(hours=7, minutes=59)
    assert visitor.get("/alerts").status_code == 200
    clock.forward(minutes=2)
    assert visitor.get("/alerts").status_code == 303


@pytest.mark.parametrize(
    "forge",
    [
        lambda c: c[:-2] + ("AA" if c[-2:] != "AA" else "BB"),
        lambda c: "x",
        lambda c: "",
        lambda c: "W10.AAAA",
        lambda c: c.replace(".", ""),
    ],
)
def test_a_forged_cookie_is_no_session(visitor, forge):
    sign_in(visitor, "patrol")
    cookie = visitor.cookies.get(COOKIE)
    visitor.cookies.delete(COOKIE)
    visitor.cookies.set(COOKIE, forge(cookie), domain="console.test")
    assert visitor.get("/alerts").status_code == 303


def test_after_five_failures_even_the_right_password_has_to_wait(visitor, clock):
    for _ in range(5):
        assert sign_in(visitor, "patrol", "guess guess guess").status_code == 401
    refused = sign_in(visitor, "patrol")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "30"
    assert sign_in(visitor, "analyst").status_code == 303  # another account is not held up
    visitor.cookies.delete(COOKIE)
    clock.forward(seconds=31)
    assert sign_in(visitor, "patrol").status_code == 303


def test_each_further_failure_doubles_the_wait(visitor, clock):
    waits = []
    for _ in range(5):
        sign_in(visitor, "ghost", "guess guess guess")
    for _ in range(7):
        wait = int(sign_in(visitor, "ghost", "guess guess guess").headers["retry-after"])
        waits.append(wait)
        clock.forward(seconds=wait + 1)
        assert sign_in(visitor, "ghost", "guess guess guess").status_code == 401
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_a_success_forgets_the_failures(visitor):
    for _ in range(2):
        for _ in range(4):
            assert sign_in(visitor, "patrol", "guess guess guess").status_code == 401
        assert sign_in(visitor, "patrol").status_code == 303
        visitor.cookies.delete(COOKIE)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "/\t/evil.example",
        "/%0d%0aSet-Cookie:x=1\r\n",
    ],
)
def test_sign_in_never_leads_away(visitor, target):
    assert sign_in(visitor, "patrol", next=target).headers["location"] == "/"


def test_a_page_asked_for_before_sign_in_comes_after_it(visitor):
    to_door = visitor.get("/alerts?status=all&grade=red")
    assert to_door.headers["location"] == "/sign-in?next=%2Falerts%3Fstatus%3Dall%26grade%3Dred"


def test_each_role_lands_where_its_work_is(browser):
    assert browser(Role.OPS).get("/").headers["location"] == "/operations"
    assert browser(Role.PATROL).get("/").headers["location"] == "/alerts"
