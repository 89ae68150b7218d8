"""Every route with every role and with nobody, against the table."""

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from alerting.console import access
from humiao.account import Role
from humiao.capture_order import ORDERS, CaptureOrder
from humiao.source_status import SOURCE_NOTES
from tests.alerting.console.conftest import form_token
from tests.alerting.console.test_sources_page import status
from tests.alerting.test_captures import png
from tests.builders import NOON, make_alert, make_evidence, make_post, make_stored

ROUTES = sorted(access.TABLE)
CHANGES = ("/sign-out", "/alerts/{alert_id}/decision")


def routes_of(app):
    """(method, path) of every route that the application really serves."""
    return {
        (method, context.path)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in context.methods
    }


def captured_picture(store, blobs, alert) -> str:
    """SHA-256 of a picture that came with the post of `alert`."""
    sha256 = blobs.put(png())
    post = make_post(attachments=(sha256,))
    store.put_posts([make_stored(post, alert=alert.id)])
    store.put_evidence([make_evidence(post, alert.id)])
    return sha256


def test_the_table_names_every_route_and_no_other(app):
    assert routes_of(app) == set(access.TABLE)


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_a_route_opens_for_the_roles_of_the_table_and_no_other(browser, app, staffed, method, route, role):
    path = route
    alert = make_alert()
    staffed.put_alert(alert, None)
    shot = captured_picture(staffed, app.state.context.blobs, alert)
    finding = CaptureOrder(url="https://a.example/", asked_by="patrol", asked_at=NOON, why="finding")
    staffed.put_notes(ORDERS, {"f" * 32: finding.model_dump_json()})
    staffed.put_notes(SOURCE_NOTES, {"one": status("one").model_dump_json()})
    client = browser(role)
    headers, data, json = {}, None, None
    if method == "POST":
        session = app.state.context.sessions.read(client.cookies.get("humiao_session"), staffed, app.state.context.clock())
        if path == "/sign-in":
            data = {
                "csrf": form_token(client.get("/sign-in").text)
                if role is None
                else app.state.context.sessions.form_token(f"session {session.id}"),
                "name": "x",
                "password": "y",
            }
        elif session:
            headers["X-CSRF-Token"] = app.state.context.sessions.form_token(f"session {session.id}")
        if path.startswith("/api/"):
            json = {"decision": "confirm"} if path.endswith("/events") else {"posts": []}
        elif path != "/sign-in":
            data = {"decision": "confirm", "reason": "试一试", "url": "https://a.example/", "note": "看到的内容"}
    blanks = {"{alert_id}": alert.id, "{name}": "one", "{sha256}": shot, "{post_id}": "f" * 32}
    for blank, value in blanks.items():
        path = path.replace(blank, value)
    answer = client.request(method, path, headers=headers, data=data, json=json)

    if access.allowed(method, route, role):
        assert answer.status_code in {200, 201, 202, 303, 401 if path == "/sign-in" else 200}, answer.text
        assert "/sign-in?next" not in answer.headers.get("location", "")
    elif role is None:
        expected = 303 if method == "GET" and not path.startswith("/api/") else 401
        assert answer.status_code == expected
    else:
        assert answer.status_code == 403


def test_a_route_that_the_table_lacks_is_closed_to_all():
    assert not any(access.allowed("GET", "/new", role) for role in [None, *Role])
    assert not any(access.allowed("DELETE", "/alerts", role) for role in [None, *Role])


@pytest.mark.parametrize(
    "path", ["/alerts", f"/alerts/{'0' * 32}", "/search?q=x", "/api/v1/alerts", f"/api/v1/alerts/{'0' * 32}", "/api/v1/search?q=x"]
)
@pytest.mark.parametrize("role", [Role.OPS, Role.PARTNER])
def test_who_must_not_read_posts_reaches_no_page_that_shows_them(browser, path, role):
    assert browser(role).get(path).status_code == 403


def test_partners_may_push_posts_and_nothing_else():
    assert [route for route, roles in access.TABLE.items() if roles is not access.ANYONE and Role.PARTNER in roles] == [
        ("POST", "/api/v1/posts")
    ]


def test_analysts_read_and_do_not_decide():
    assert [
        route
        for route, roles in access.TABLE.items()
        if roles is not access.ANYONE and Role.ANALYST in roles and route[0] == "POST"
    ] == [("POST", "/sign-out")]


def test_ops_sees_no_text_of_a_post(browser, staffed):
    from tests.builders import make_stored

    staffed.put_posts([make_stored(text="这是帖子的内容", author="某人", title="标题在此")])
    page = browser(Role.OPS).get("/operations").text
    assert "帖子的内容" not in page
    assert "某人" not in page
    assert "标题在此" not in page


def test_pages_offer_only_what_the_role_may_use(browser, staffed):
    alert = make_alert()
    staffed.put_alert(alert, None)
    assert "/decision" in browser(Role.PATROL).get(f"/alerts/{alert.id}").text
    assert "/decision" not in browser(Role.ANALYST).get(f"/alerts/{alert.id}").text
    assert 'href="/operations"' not in browser(Role.PATROL).get("/alerts").text
    assert 'href="/operations"' in browser(Role.SUPERVISOR).get("/alerts").text


@pytest.mark.parametrize(
    "path",
    ["/", "/sign-in", "/alerts", "/static/console.css", "/nowhere", "/api/v1/alerts", "/api/v1/nowhere", "/healthz", "/metrics"],
)
def test_every_answer_carries_the_security_headers(browser, path):
    headers = browser(Role.PATROL).get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("public, max-age=3600" if path.startswith("/static/") else "no-store")


def test_a_page_is_about_nothing_but_itself(browser, staffed):
    """No inline script or style, no address of another machine: the policy would break it."""
    import re

    for path in ("/sign-in", "/alerts", "/search", "/operations", "/nowhere"):
        page = browser(Role.SUPERVISOR).get(path, follow_redirects=True).text
        assert not re.search(r"\son\w+=|style=|<style|javascript:|https?://", page), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
