"""Forms that change something carry the token of their session."""

import pytest

from humiao.account import Role
from tests.alerting.console.conftest import PASSWORD, form_token, sign_in
from tests.builders import make_alert


@pytest.mark.parametrize("token", [None, "", "0" * 64, "ü" * 64, "x"])
def test_a_form_without_the_right_token_changes_nothing(browser, staffed, token):
    alert = make_alert()
    staffed.put_alert(alert, None)
    data = {"decision": "confirm", "reason": "x"} | ({} if token is None else {"csrf": token})
    answer = browser(Role.PATROL).post(f"/alerts/{alert.id}/decision", data=data)
    assert answer.status_code == 403
    assert staffed.alert(alert.id).value.status.value == "open"


def test_the_token_of_another_session_does_not_fit(browser, staffed):
    alert = make_alert()
    staffed.put_alert(alert, None)
    other = form_token(browser(Role.SUPERVISOR).get("/alerts").text)
    answer = browser(Role.PATROL).post(f"/alerts/{alert.id}/decision", data={"decision": "confirm", "csrf": other})
    assert answer.status_code == 403


def test_signing_in_and_out_needs_a_token_too(visitor):
    assert visitor.post("/sign-in", data={"name": "patrol", "password": PASSWORD}).status_code == 403
    sign_in(visitor, "patrol")
    assert visitor.post("/sign-out").status_code == 403
    assert visitor.get("/alerts").status_code == 200


def test_a_session_may_use_the_api_with_the_token_in_a_header_only(browser, staffed):
    alert = make_alert()
    staffed.put_alert(alert, None)
    client = browser(Role.PATROL)
    url, body = f"/api/v1/alerts/{alert.id}/events", {"decision": "confirm"}
    assert client.post(url, json=body).status_code == 403
    token = form_token(client.get("/alerts").text)
    assert client.post(url, json=body, headers={"X-CSRF-Token": token}).status_code == 201


def test_a_form_too_large_is_refused_before_it_is_read(visitor):
    token = form_token(visitor.get("/sign-in").text)
    assert visitor.post("/sign-in", data={"csrf": token, "name": "x" * 100_000}).status_code == 413
