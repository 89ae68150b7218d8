import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import TextResponse

from crawlers.families import FAMILIES
from crawlers.states import State
from tests.crawlers.families.pages import NOW, page, source

SITE = "https://talk.example.cn/"
WITH_JSON = ["discourse", "nodebb", "flarum", "wordpress", "mastodon"]
LIST_OF = {
    "discourse": f"{SITE}latest.json",
    "nodebb": f"{SITE}api/recent",
    "flarum": f"{SITE}api/discussions?sort=-lastPostedAt&page[limit]=50",
    "wordpress": f"{SITE}wp-json/wp/v2/posts?per_page=50&_embed=author%2Cwp%3Aterm",
    "mastodon": f"{SITE}api/v1/timelines/public?local=true&limit=40",
}
THREAD_OF = {"discourse": f"{SITE}t/7.json", "nodebb": f"{SITE}api/topic/7", "flarum": f"{SITE}api/posts?filter[discussion]=7"}


def answer(content, url: str, *, status: int = 200, headers=None) -> TextResponse:
    return TextResponse(url, status=status, headers=headers or {}, body=json.dumps(content, ensure_ascii=False).encode())


def listed(family: str, content, url: str = "", **other):
    return FAMILIES[family].read_list(answer(content, url or LIST_OF[family], **other), source(family, SITE), NOW)


def thread(family: str, content, url: str = "", *, first: bool = True, **other):
    return FAMILIES[family].read_thread(answer(content, url or THREAD_OF[family], **other), source(family, SITE), NOW, first=first)


def discourse_post(id: int, number: int, text: str = "", **other) -> dict:
    return {
        "id": id, "topic_id": 7, "topic_slug": "shui", "post_number": number, "username": "小区老陈", "created_at": "2026-01-03T04:00:00.000Z",
        "cooked": f"<p>{text or f'第{number}楼'}</p>", "post_type": 1,
    } | other  # fmt: skip


def test_a_sites_address_is_enough_to_start_also_in_a_folder():
    def starts(family, url):
        return FAMILIES[family].starts(source(family, url))

    assert starts("discourse", "https://x.cn/forum") == ("https://x.cn/forum/latest.json?order=activity",)
    assert starts("discourse", "https://x.cn/c/school/5?a=b") == ("https://x.cn/c/school/5.json",)
    assert starts("nodebb", "https://x.cn/f/category/3/school") == ("https://x.cn/f/api/category/3",)
    assert starts("nodebb", "https://x.cn") == ("https://x.cn/api/recent",)
    assert starts("flarum", "https://x.cn/") == ("https://x.cn/api/discussions?sort=-lastPostedAt&page%5Blimit%5D=50",)
    assert starts("mastodon", "https://x.cn/tags/坂田") == (
        "https://x.cn/api/v1/timelines/tag/%E5%9D%82%E7%94%B0?local=true&limit=40",
    )
    assert starts("wordpress", "https://x.cn/blog") == (
        "https://x.cn/blog/wp-json/wp/v2/posts?per_page=50&_embed=author%2Cwp%3Aterm",
        "https://x.cn/blog/wp-json/wp/v2/comments?per_page=50",
    )


def test_discourse_lists_topics_and_reads_a_long_one_page_by_page():
    topics = [
        {"id": 7, "bumped_at": "2026-01-03T04:00:00Z", "posts_count": 45, "pinned": False},
        {"id": 1, "bumped_at": "2025-01-01T00:00:00Z", "posts_count": 1, "pinned_globally": True},
    ]
    found = listed("discourse", {"topic_list": {"topics": topics, "more_topics_url": "/latest?page=1"}})
    assert [(one.url, one.sticky) for one in found.threads] == [(f"{SITE}t/7.json", False), (f"{SITE}t/1.json", True)]
    assert (
        found.threads[0].activity
        != listed("discourse", {"topic_list": {"topics": [topics[0] | {"posts_count": 46}]}}).threads[0].activity
    )
    assert found.more == (f"{SITE}latest.json?page=1",)
    stream = {"posts": [discourse_post(100 + n, n) for n in range(1, 21)], "stream": [100 + n for n in range(1, 46)]}
    read = thread("discourse", {"id": 7, "title": "停水", "post_stream": stream})
    assert [post.native_id for post in read.posts] == [str(100 + n) for n in range(1, 21)]
    assert [post.title for post in read.posts][:2] == ["停水", ""]
    assert read.more == (f"{SITE}t/7.json?page=2",)
    rest = thread(
        "discourse",
        {
            "id": 7,
            "title": "停水",
            "post_stream": stream | {"posts": [discourse_post(144, 44), discourse_post(145, 45, reply_to_post_number=44)]},
        },
        f"{SITE}t/7.json?page=3",
        first=False,
    )
    assert [(post.native_id, post.reply_to) for post in rest.posts] == [("144", ""), ("145", "144")]
    assert rest.more == ()
    assert [post.title for post in rest.posts] == ["", ""]


def test_discourse_text_is_the_authors_own():
    cooked = '<aside class="quote"><blockquote><p>几点来水</p></blockquote></aside><p>晚上八点<img class="emoji" alt=":joy:" title=":joy:"></p><div class="onebox">链接预览</div>'
    (post,) = thread("discourse", {"id": 7, "post_stream": {"posts": [discourse_post(1, 1, cooked=cooked)]}}).posts
    assert (post.text, post.quoted) == ("晚上八点:joy:", "几点来水")
    hidden = thread(
        "discourse", {"id": 7, "post_stream": {"posts": [discourse_post(1, 1, hidden=True), discourse_post(2, 2, post_type=3)]}}
    )
    assert [bool(post.withheld) for post in hidden.posts] == [True]


def test_nodebb_pages_topics_and_marks_deleted_posts():
    posts = [
        {"pid": 31, "content": "<p>几点来水</p>", "timestamp": 1767412800000, "user": {"username": "小区老陈"}},
        {"pid": 32, "content": "[[topic:post-is-deleted]]", "timestamp": 1767412800000, "deleted": True},
        {"pid": 33, "content": "<blockquote>几点来水</blockquote><p>八点</p>", "timestamp": 1767412800000, "toPid": 31},
    ]
    found = thread(
        "nodebb",
        {"tid": 7, "title": "停水", "category": {"name": "街坊"}, "posts": posts, "pagination": {"currentPage": 1, "pageCount": 2}},
    )
    assert [(post.native_id, post.text, post.reply_to, bool(post.withheld)) for post in found.posts] == [
        ("31", "几点来水", "", False), ("32", "", "", True), ("33", "八点", "31", False)]  # fmt: skip
    assert (found.posts[0].ts, found.posts[0].board, found.posts[0].title) == (datetime(2026, 1, 3, 4, tzinfo=UTC), "街坊", "停水")
    assert found.more == (f"{SITE}api/topic/7?page=2",)
    topics = [{"tid": 7, "lastposttime": 1767412800000, "postcount": 3}, {"tid": 8, "deleted": True}]
    assert [one.url for one in listed("nodebb", {"topics": topics}).threads] == [f"{SITE}api/topic/7?sort=oldest_to_newest"]


def test_flarum_joins_posts_with_their_authors():
    posts = [
        {"type": "posts", "id": "61", "attributes": {"number": 1, "createdAt": "2026-01-03T04:00:00+00:00", "contentType": "comment", "contentHtml": "<p>几点来水</p>"},
         "relationships": {"user": {"data": {"type": "users", "id": "4"}}, "discussion": {"data": {"type": "discussions", "id": "7"}}}},
        {"type": "posts", "id": "62", "attributes": {"number": 2, "createdAt": "2026-01-03T04:00:00+00:00", "contentType": "discussionRenamed"}},
    ]  # fmt: skip
    included = [
        {"type": "users", "id": "4", "attributes": {"username": "laochen"}},
        {"type": "discussions", "id": "7", "attributes": {"title": "停水"}},
    ]
    found = thread("flarum", {"data": posts, "included": included, "links": {"next": f"{SITE}api/posts?page[offset]=50"}})
    (post,) = found.posts
    assert (post.native_id, post.author, post.title, post.url) == ("61", "laochen", "停水", f"{SITE}d/7/1")
    assert found.more == (f"{SITE}api/posts?page%5Boffset%5D=50",)
    assert thread("flarum", {"data": []}).gone


def test_wordpress_posts_and_comments_never_share_an_id_and_know_what_they_answer():
    post = {
        "id": 12,
        "date_gmt": "2026-01-03T04:00:00",
        "link": f"{SITE}a/",
        "title": {"rendered": "放假 &amp; 通知"},
        "content": {"rendered": "<p>周五放假</p>"},
    }
    found = listed("wordpress", [post, post | {"id": 13, "content": {"rendered": "", "protected": True}}])
    assert [(one.native_id, one.title, one.text, bool(one.withheld)) for one in found.posts] == [
        ("post-12", "放假 & 通知", "周五放假", False),
        ("post-13", "", "", True),
    ]
    assert found.posts[0].ts == datetime(2026, 1, 3, 4, tzinfo=UTC)
    comment = {
        "id": 12,
        "post": 12,
        "parent": 0,
        "author_name": "家长",
        "date_gmt": "2026-01-03T04:01:00",
        "content": {"rendered": "<p>收到</p>"},
    }
    comments = listed("wordpress", [comment, comment | {"id": 14, "parent": 12}], f"{SITE}wp-json/wp/v2/comments?per_page=50")
    assert [(one.native_id, one.reply_to) for one in comments.posts] == [("comment-12", "post-12"), ("comment-14", "comment-12")]


def test_wordpress_goes_on_while_pages_are_full_and_to_the_feed_where_the_interface_is_closed():
    post = {"id": 1, "date_gmt": "2026-01-03T04:00:00", "content": {"rendered": "字"}}
    assert listed("wordpress", [post] * 50).more == (f"{LIST_OF['wordpress']}&page=2",)
    assert listed("wordpress", [post] * 50, f"{LIST_OF['wordpress']}&page=2").more == (f"{LIST_OF['wordpress']}&page=3",)
    assert listed("wordpress", [post] * 49).more == ()
    past = listed("wordpress", {"code": "rest_post_invalid_page_number"}, f"{LIST_OF['wordpress']}&page=4", status=400)
    assert (past.trouble, past.more) == ("", ())
    assert listed("wordpress", {"code": "rest_cannot_access"}, status=401).boards == (f"{SITE}?feed=rss2",)


def test_mastodon_keeps_public_statuses_and_pages_by_the_link_header():
    status = {"id": "113", "url": f"{SITE}@a/113", "created_at": "2026-01-03T04:00:00.000Z", "content": "<p>下雨<br>带伞</p>", "spoiler_text": "天气",
              "visibility": "public", "account": {"acct": "a"}, "in_reply_to_id": "112", "media_attachments": [{"type": "image", "url": f"{SITE}m.jpg"}]}  # fmt: skip
    link = {"Link": f'<{LIST_OF["mastodon"]}&max_id=113>; rel="next", <{LIST_OF["mastodon"]}&min_id=113>; rel="prev"'}
    found = listed(
        "mastodon",
        [
            status,
            status | {"id": "114", "reblog": {}},
            status | {"id": "115", "reblog": {"id": "1"}},
            status | {"id": "116", "visibility": "unlisted"},
        ],
        headers=link,
    )
    assert [post.native_id for post in found.posts] == ["113", "114"]
    first = found.posts[0]
    assert (first.text, first.author, first.reply_to, first.images) == ("天气\n下雨\n带伞", "a", "112", (f"{SITE}m.jpg",))
    assert found.more == (f"{LIST_OF['mastodon']}&max_id=113",)
    assert listed("mastodon", []).posts == ()


def test_mastodon_answers_to_others_are_read_from_the_status_that_they_answer():
    status = {
        "id": "113",
        "created_at": "2026-01-03T04:00:00.000Z",
        "content": "<p>下雨</p>",
        "visibility": "public",
        "account": {"acct": "a"},
    }
    found = listed("mastodon", [status | {"replies_count": 2}, status | {"id": "114", "replies_count": 0}, status | {"id": "115"}])
    assert [(one.url, one.activity) for one in found.threads] == [(f"{SITE}api/v1/statuses/113/context", "2")]
    answers = [
        status | {"id": "120", "in_reply_to_id": "113", "content": "<p>带伞</p>"},
        status | {"id": "121", "in_reply_to_id": "120", "visibility": "private"},
    ]
    context = f"{SITE}api/v1/statuses/113/context"
    read = thread("mastodon", {"ancestors": [status], "descendants": answers}, context)
    assert [(one.native_id, one.text, one.reply_to) for one in read.posts] == [("120", "带伞", "113")]
    assert thread("mastodon", {"ancestors": [], "descendants": []}, context).no_thread
    assert thread("mastodon", {"error": "Record not found"}, context, status=404).gone
    closed = thread("mastodon", {"error": "Unauthorized: token not supplied"}, context, status=401)
    assert closed.no_thread
    assert closed.closed
    assert closed.closed.state == State.LOGIN_WALL


@pytest.mark.parametrize("family", WITH_JSON)
@pytest.mark.parametrize(
    ("status", "state"), [(401, State.LOGIN_WALL), (403, State.BLOCKED), (429, State.THROTTLED), (503, State.UNREACHABLE)]
)
def test_refusals_are_states(family, status, state):
    found = listed(family, {"error": "no"}, status=status)
    if family == "wordpress" and status in {401, 403}:
        assert found.boards
    else:
        assert found.wall
        assert found.wall.state == state


@pytest.mark.parametrize("family", WITH_JSON)
def test_an_item_that_does_not_fit_is_named_and_the_others_are_read(family):
    good = {"discourse": discourse_post(1, 1), "nodebb": {"pid": 1, "content": "字", "timestamp": 1767412800000}}
    if family in good:
        holder = {
            "discourse": lambda posts: {"id": 7, "post_stream": {"posts": posts}},
            "nodebb": lambda posts: {"tid": 7, "posts": posts},
        }
        found = thread(family, holder[family]([{"id": 5, "pid": 5}, good[family], None, "x"]))
        assert [bool(post.trouble) for post in found.posts] == [True, False, True, True]
        assert found.posts[0].native_id == "5"
    page_of_html = FAMILIES[family].read_list(page("<html>维护中</html>", LIST_OF[family]), source(family, SITE), NOW)
    assert "is no" in page_of_html.trouble


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["id", "pid", "tid", "data", "attributes", "topics", "topic_list", "post_stream", "posts", "stream", "content", "rendered", "account", "created_at", "timestamp", "pagination", "title", "category", "user", "links", "included", "type", "relationships"]),
        inner, max_size=6,
    ),
    max_leaves=30,
)  # fmt: skip


@pytest.mark.parametrize("family", WITH_JSON)
@given(content=JSON)
def test_no_answer_whatever_breaks_a_family(family, content):
    listed(family, content)
    if family in THREAD_OF:
        thread(family, content)
        thread(family, content, first=False)


@pytest.mark.parametrize("family", WITH_JSON)
def test_nesting_beyond_reason_is_refused(family):
    deep = TextResponse(LIST_OF[family], body=b"[" * 100_000 + b"]" * 100_000)
    assert FAMILIES[family].read_list(deep, source(family, SITE), NOW).trouble
