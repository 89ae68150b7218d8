import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.polite.actions import acts, asks_for_login

SITE = "https://bbs.example.cn"


@pytest.mark.parametrize(
    "path",
    [
        "/member.php?mod=logging&action=login", "/member.php?mod=logging&action=logout&formhash=a", "/member.php?mod=register",
        "/forum.php?mod=post&action=reply&tid=1", "/forum.php?mod=misc&action=rate&tid=1&pid=2", "/index.php?a=login&m=u",
        "/ucp.php?mode=logout&sid=1", "/posting.php?mode=edit&p=3", "/wp-login.php?redirect_to=%2F", "/wp-admin/", "/wp-admin",
        "/user/logout", "/user/log-out/", "/account/signout.aspx", "/login", "/login/", "/users/sign_in", "/t/1?LOGOUT", "/a?delete=1",
        "/a?x=1&action=DELETE", "/post/7/delete", "/%6cogout", "/xmlrpc.php", "/home.php?mod=spacecp&ac=favorite&op=delete",
    ],
)  # fmt: skip
def test_addresses_that_act_are_known(path):
    assert acts(SITE + path)


@pytest.mark.parametrize(
    "path",
    [
        "/", "/forum.php?mod=viewthread&tid=1&page=2", "/forum.php?mod=forumdisplay&fid=2&filter=author&orderby=dateline",
        "/thread-1-1-1.html", "/read.php?tid=5&fid=2", "/index.php?m=bbs&c=thread&fid=2&orderby=postdate", "/viewtopic.php?t=1&start=20",
        "/t/how-to-login-to-the-library/12", "/d/5-login-problem", "/api/v1/timelines/public?local=true&limit=40", "/posts.json?before=9",
        "/api/recent/posts/day?page=1", "/wp-json/wp/v2/posts?per_page=100&orderby=modified", "/comments/feed/", "/topic/3/delete-my-account/",
        "/go/report", "/reply/1", "/archives/2026/edit", "/guide?view=newthread", "/forum.php?mod=guide&view=newthread&rss=1", "/a?logout=0",
        "/t/1?reply=7", "/blog/like", "/tag/register-office", "/search?q=delete", "/app.php/feed", "/login-help/",
    ],
)  # fmt: skip
def test_addresses_that_show_are_left(path):
    assert not acts(SITE + path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/login", True), ("/member.php?mod=logging&action=login", True), ("/users/sign_in?next=/t/1", True), ("/logout", False), ("/t/1", False)],
)  # fmt: skip
def test_where_one_would_log_in_is_known(path, expected):
    assert asks_for_login(SITE + path) is expected


@given(st.text(max_size=80))
def test_any_address_is_judged(text):
    acts(f"{SITE}/{text}")
