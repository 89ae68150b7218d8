"""Another grade over HTTP, with a reason, by those who may decide."""

import pytest

from humiao.account import Role
from humiao.labels import Harm
from tests.alerting.stream import SKINS, alerts_of, handler_on, scored


@pytest.fixture
def url(staffed, data) -> str:
    handler_on(staffed, data).handle([scored(1, SKINS, {Harm.FRAUD: 0.9})])
    return f"/api/v1/alerts/{alerts_of(staffed)[0].id}"


@pytest.fixture
def bearer(app, people, clock):
    return lambda role: {"Authorization": f"Bearer {app.state.context.tokens.issue(people[role], 30, clock())}"}


def test_a_person_gives_another_grade(visitor, bearer, url) -> None:
    body = {"kind": "regraded", "grade": "red", "reason": "已有学生转账"}
    answer = visitor.post(f"{url}/events", json=body, headers=bearer(Role.PATROL))
    assert answer.status_code == 201, answer.text
    assert (answer.json()["kind"], answer.json()["actor"], answer.json()["data"]["reason"]) == (
        "regraded",
        "patrol",
        "已有学生转账",
    )
    alert = visitor.get(url, headers=bearer(Role.PATROL)).json()
    assert (alert["grade"], alert["deadline"]) == ("red", "2026-03-02T08:00:00Z")
    again = visitor.post(f"{url}/events", json=body, headers=bearer(Role.SUPERVISOR))
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("role", "change", "status"),
    [
        (Role.ANALYST, {}, 403),
        (Role.PATROL, {"reason": " "}, 422),
        (Role.PATROL, {"grade": "green"}, 422),
        (Role.PATROL, {"who": "me"}, 422),
    ],
)
def test_who_may_not_or_says_nothing_changes_nothing(visitor, bearer, url, role, change, status) -> None:
    body = {"kind": "regraded", "grade": "red", "reason": "已核实"} | change
    assert visitor.post(f"{url}/events", json=body, headers=bearer(role)).status_code == status
    assert visitor.get(url, headers=bearer(Role.PATROL)).json()["grade"] == "yellow"
