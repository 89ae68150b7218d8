import pytest

from humiao.account import Role
from tests.builders import make_stored

PHONE = "13812345678"


@pytest.fixture
def filled(staffed):
    staffed.put_posts([
        make_stored(native_id="1", text=f"学生电话{PHONE}，体育场见", author="王小明", alert="a" * 32, url="https://a.example/1"),
        make_stored(native_id="2", text="明天體育場有活动", author="0badc0de" * 4, url="https://a.example/2"),
    ])  # fmt: skip
    return staffed


@pytest.mark.parametrize("role", [Role.PATROL, Role.ANALYST, Role.SUPERVISOR])
def test_identities_are_masked_for_every_role(browser, filled, role):
    client = browser(role)
    page, api = client.get("/search?q=体育场").text, client.get("/api/v1/search?q=体育场")
    for answer in (page, api.text):
        assert PHONE not in answer
        assert "王小明" not in answer
        assert "0badc0de" not in answer
    assert "体育场" in page


def test_traditional_and_simplified_find_and_mark_each_other(browser, filled):
    page = browser(Role.ANALYST).get("/search?q=體育場").text
    assert '<mark class="found">体育场</mark>' in page
    assert '<mark class="found">體育場</mark>' in page


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        '"',
        '""""',
        "'; DROP TABLE posts;--",
        "AND OR NOT *",
        "💊",
        "x" * 5000,
        "\x00",
        "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
        "{{7*7}}",
    ],
)
def test_no_query_breaks_the_page(browser, filled, query):
    assert browser(Role.ANALYST).get("/search", params={"q": query, "outcome": "alerted"}).status_code == 200


@pytest.mark.parametrize("day", ["2026-03-02", "nonsense", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_no_date_breaks_the_page(browser, filled, day):
    assert browser(Role.ANALYST).get("/search", params={"q": "体育场", "since": day, "until": day}).status_code == 200


def test_days_are_days_of_shanghai(browser, staffed):
    from datetime import UTC, datetime

    staffed.put_posts([make_stored(native_id="late", text="深夜的帖子", ts=datetime(2026, 3, 1, 16, 30, tzinfo=UTC))])
    client = browser(Role.ANALYST)
    assert "深夜" in client.get("/search?q=帖子&since=2026-03-02&until=2026-03-02").text
    assert "没有找到" in client.get("/search?q=帖子&until=2026-03-01").text


def test_the_api_pages_through_all_results(browser, staffed):
    staffed.put_posts([make_stored(native_id=str(n), text=f"体育场{n}") for n in range(25)])
    client, seen, after = browser(Role.ANALYST), [], None
    while True:
        answer = client.get("/api/v1/search", params={"q": "体育场", "limit": 10} | ({"after": after} if after else {})).json()
        seen += [post["id"] for post in answer["posts"]]
        after = answer["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 25


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 10**6},
        {"harm": "x"},
        {"since": "2026-03-01"},
        {"since": "2026-03-01T10:00:00"},
        {"after": "nonsense"},
        {"q": "x" * 300},
    ],
)
def test_the_api_names_what_is_wrong(browser, params):
    answer = browser(Role.ANALYST).get("/api/v1/search", params=params)
    assert answer.status_code == 422
    assert next(iter(params)) in answer.json()["detail"]
