"""A console on a real store, a clock that tests set, and people at the door."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from alerting.console.accounts import new_account
from alerting.console.app import create_app
from alerting.console.session import COOKIE
from humiao.account import Account, Role
from humiao.settings import Settings
from humiao.store import Store
from tests.alerting.clock import Clock

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
TOKEN_FIELD = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture(scope="session")
def people() -> dict[Role, Account]:
    """One account of each role, all with PASSWORD (hashed once: it is slow by design)."""
    first = new_account("patrol", Role.PATROL, PASSWORD, NOW)
    return {role: first.model_copy(update={"name": role.value, "role": role}) for role in Role}


@pytest.fixture
def staffed(store: Store, people: dict[Role, Account]) -> Store:
    for account in people.values():
        store.put_account(account)
    return store


@pytest.fixture
def app(data: Path, staffed: Store, clock: Clock) -> FastAPI:
    return create_app(Settings(data=data), staffed, clock=clock)


@pytest.fixture
def visitor(app: FastAPI) -> Iterator[TestClient]:
    """A browser that has not signed in and follows no redirect."""
    with TestClient(
        app,
        base_url="http://console.test",
        follow_redirects=False,
        raise_server_exceptions=False,
        headers={"accept-language": "zh-CN"},
    ) as client:
        yield client


@pytest.fixture
def browser(app: FastAPI, visitor: TestClient, people: dict[Role, Account]) -> Callable[[Role | None], TestClient]:
    """A browser signed in as a role (by a session that the application made), or as nobody."""

    def open_as(role: Role | None) -> TestClient:
        client = TestClient(
            app,
            base_url="http://console.test",
            follow_redirects=False,
            raise_server_exceptions=False,
            headers={"accept-language": "zh-CN"},
        )
        if role is not None:
            context = app.state.context
            client.cookies.set(COOKIE, context.sessions.start(people[role], context.clock()), domain="console.test")
        return client

    return open_as


def form_token(page: str) -> str:
    """The token that a page's forms carry."""
    found = TOKEN_FIELD.search(page)
    assert found, page
    return found.group(1)


def sign_in(client: TestClient, name: str, password: str = PASSWORD, **more: str):
    """Fill in the sign-in form as a browser does; returns the answer."""
    token = form_token(client.get("/sign-in").text)
    return client.post("/sign-in", data={"csrf": token, "name": name, "password": password, **more})
