"""A finding that the model clears is an alert all the same, and its page can be read."""

from humiao.account import Role
from humiao.alert import Grade
from tests.alerting.stream import alerts_of, check_whole, handler_on, scored


def test_a_finding_without_a_flag_is_a_blue_alert_with_a_page(staffed, data, browser) -> None:
    finding = scored(1, "有个孩子独自坐在天台边上，已劝下来", source="patrol:officer")
    handler = handler_on(staffed, data)
    handler.handle([finding])
    handler.handle([finding])
    (alert,) = alerts_of(staffed)
    assert (alert.grade, alert.policy, alert.harm, alert.post_count) == (Grade.BLUE, "patrol-finding@1", [], 1)
    assert alert.summary.startswith("未命中标签")
    check_whole(staffed)
    client = browser(Role.PATROL)
    page = client.get(f"/alerts/{alert.id}")
    assert page.status_code == 200, page.text
    assert "patrol-finding@1" in page.text
    assert client.get("/alerts").status_code == 200
