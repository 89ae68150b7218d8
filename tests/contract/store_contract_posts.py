"""What every store promises of posts."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from humiao.errors import BadInput
from humiao.labels import Harm, Sentiment
from humiao.store import PostFilter, cursor
from humiao.store.query import MAX_QUERY
from tests.builders import NOON, at, make_alert, make_stored
from tests.contract.at_once import at_once

ANY = PostFilter()
ALERT = make_alert().id
HOUR = timedelta(hours=1)
BAD_CURSORS = [
    "", "x", "né", "e30", "A" * 4001,
    cursor.encode("posts"), cursor.encode("sqlite-posts", "1", 2, "x"), cursor.encode("sqlite-posts", 2**70, 1, "x"),
    cursor.encode("sqlite-posts", 1, 2, "x" * 2**20), cursor.encode("sqlite-alerts", 1, 2, "x"),
]  # fmt: skip


def many(count, start=0, **over):
    return [
        make_stored(native_id=f"n{n}", text=f"第{n}帖", ts=NOON + timedelta(minutes=n), **over) for n in range(start, start + count)
    ]


def found(store, query="", narrow=ANY, limit=50):
    """Native ids of all hits, page by page."""
    ids, after = [], None
    while True:
        page = store.search(query, narrow, limit=limit, after=after)
        ids += [hit.post.post.native_id for hit in page.items]
        if page.after is None:
            return ids
        assert len(page.items) == limit
        after = page.after


class PostContract:
    # -- put_posts and posts

    def test_posts_come_back_as_they_were_put(self, store):
        put = [
            make_stored(native_id="1", flags={Harm.DRUGS: 0.9, Harm.FRAUD: 0.7}, alert=ALERT),
            make_stored(
                native_id="2", text='换行\n制表\t引号"\\ 表情👨‍👩‍👧‍👦 𠮷 \u0301 </script>', fetched_at=None, board="", author=""
            ),
            make_stored(native_id="3", text="长" * 200_000, ts=NOON + timedelta(microseconds=1)),
        ]
        store.put_posts(put)
        assert store.posts([stored.post.id for stored in put] + ["0" * 32]) == {stored.post.id: stored for stored in put}
        assert store.posts([]) == {}

    def test_putting_nothing_is_fine(self, store):
        store.put_posts([])
        assert found(store) == []

    def test_putting_the_same_again_changes_nothing(self, store):
        put = many(30)
        store.put_posts(put)
        store.put_posts(put)
        store.put_posts(put + put)
        assert store.count_posts(ANY) == 30
        assert len(found(store)) == 30

    def test_a_newer_revision_replaces_the_older_one_and_its_words(self, store):
        store.put_posts([make_stored(text="旧的说法", fetched_at=at(minutes=1))])
        newer = make_stored(text="新的说法", fetched_at=at(minutes=2))
        store.put_posts([newer])
        assert store.posts([newer.post.id]) == {newer.post.id: newer}
        assert (found(store, "旧的"), found(store, "新的")) == ([], ["1"])

    def test_an_older_revision_delivered_late_never_overwrites_a_newer_one(self, store):
        newer = make_stored(text="新的说法", fetched_at=at(minutes=2))
        store.put_posts([newer])
        store.put_posts([make_stored(text="旧的说法", fetched_at=at(minutes=1)), make_stored(text="不知何时", fetched_at=None)])
        assert store.posts([newer.post.id]) == {newer.post.id: newer}
        assert (found(store, "旧的"), found(store, "新的")) == ([], ["1"])

    @pytest.mark.parametrize("when", [at(minutes=1), None], ids=["known", "unknown"])
    def test_of_two_revisions_seen_at_the_same_time_the_given_one_wins(self, store, when):
        store.put_posts([make_stored(text="先到", fetched_at=when)])
        given = make_stored(text="后到", fetched_at=when)
        store.put_posts([given])
        assert store.posts([given.post.id]) == {given.post.id: given}

    def test_a_revision_with_a_known_time_replaces_one_without(self, store):
        store.put_posts([make_stored(text="先到", fetched_at=None)])
        store.put_posts([make_stored(text="后到")])
        assert found(store, "后到") == ["1"]

    @pytest.mark.parametrize("order", [(1, 2), (2, 1)])
    def test_of_two_revisions_in_one_batch_the_later_seen_counts(self, store, order):
        store.put_posts([make_stored(text=f"版本{n}", fetched_at=at(minutes=n)) for n in order])
        assert (found(store, "版本1"), found(store, "版本2")) == ([], ["1"])

    def test_a_revision_dated_another_day_is_still_the_same_post(self, store):
        store.put_posts([make_stored(text="甲", ts=NOON)])
        for days in (1, -1, 400, 0):
            moved = make_stored(native_id="1", text="乙", ts=at(days=days), fetched_at=at(days=500 + abs(days)), handled_at=NOON)
            store.put_posts([moved.model_copy(update={"post": moved.post.model_copy(update={"fetched_at": at(days=500)})})])
            assert store.count_posts(ANY) == 1
            assert found(store) == ["1"]
            assert store.search("乙", ANY).items[0].post.post.ts == at(days=days)

    def test_a_refused_post_is_named_and_the_others_are_written(self, store):
        good, bad = many(3), make_stored(native_id="bad")
        broken = bad.model_copy(update={"post": bad.post.model_copy(update={"text": "半个字符\ud83d"})})
        with pytest.raises(BadInput, match=bad.post.id):
            store.put_posts([good[0], broken, *good[1:]])
        assert sorted(found(store)) == ["n0", "n1", "n2"]

    def test_times_from_the_first_to_the_last_year_are_kept_exactly(self, store):
        times = [
            datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), datetime(1999, 5, 5, tzinfo=UTC), NOON,
            NOON + timedelta(microseconds=1), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        ]  # fmt: skip
        store.put_posts([make_stored(native_id=str(n), ts=time, handled_at=NOON) for n, time in enumerate(times)])
        assert [hit.post.post.ts for hit in store.search("", ANY).items] == times[::-1]
        assert store.count_posts(PostFilter(since=times[3], until=times[4])) == 1

    def test_writers_at_once_lose_nothing_and_the_latest_revision_stays(self, another):
        """Two writers, the same posts in different orders, revisions and even days."""

        def write(seed):
            batches = [(post, revision) for post in range(12) for revision in range(3)]
            random.Random(seed).shuffle(batches)
            with another() as store:
                for n in range(0, len(batches), 4):
                    store.put_posts(
                        [
                            make_stored(
                                native_id=f"n{post}", text=f"版本{revision}", ts=at(days=revision), fetched_at=at(days=9 + revision)
                            )
                            for post, revision in batches[n : n + 4]
                        ]
                    )

        at_once(lambda: write(1), lambda: write(2))
        store = another()
        assert sorted(found(store, "版本2")) == sorted(f"n{post}" for post in range(12))
        assert store.count_posts(ANY) == 12

    # -- search and count_posts

    def test_search_is_newest_first_and_by_id_among_equals(self, store):
        put = [make_stored(native_id=f"n{n}", ts=NOON + timedelta(microseconds=n // 3)) for n in range(12)]
        store.put_posts(put)
        expected = sorted(put, key=lambda stored: (stored.post.ts, stored.post.id), reverse=True)
        assert found(store, limit=5) == [stored.post.native_id for stored in expected]

    @pytest.mark.parametrize("field", ["title", "text", "author", "board"])
    def test_search_looks_at(self, store, field):
        store.put_posts([make_stored(native_id="yes", **{field: "这里有 龙岗河"}), make_stored(native_id="no")])
        assert found(store, "龙岗河") == ["yes"]

    def test_a_phrase_does_not_reach_from_one_field_into_the_next(self, store):
        store.put_posts([make_stored(title="前半", text="后半")])
        assert (found(store, "前半后半"), found(store, "前半 后半")) == ([], ["1"])

    def test_pages_do_not_change_while_posts_arrive(self, store, another):
        store.put_posts(many(20))
        first = store.search("", ANY, limit=5)
        late = [make_stored(native_id=f"late{n}", ts=at(minutes=2 * n - 5, seconds=30)) for n in range(15)]
        another().put_posts(late)
        second = store.search("", ANY, limit=5, after=first.after)
        another().put_posts([make_stored(native_id="later", ts=at(minutes=3, seconds=10))])
        rest = another().search("", ANY, limit=50, after=second.after)  # another process may go on with the list
        seen = [hit.post.post.native_id for page in (first, second, rest) for hit in page.items]
        assert seen == [f"n{n}" for n in reversed(range(20))]
        assert rest.after is None
        assert len(found(store)) == 36

    def test_the_last_page_says_so_even_when_it_is_full(self, store):
        store.put_posts(many(10))
        page = store.search("", ANY, limit=5)
        assert store.search("", ANY, limit=5, after=page.after).after is None
        assert store.search("", ANY, limit=10).after is None
        assert store.search("没有这样的帖", ANY).items == []

    @pytest.mark.parametrize("after", BAD_CURSORS)
    def test_a_made_up_cursor_is_bad_input(self, store, after):
        with pytest.raises(BadInput, match="after"):
            store.search("", ANY, after=after)

    @pytest.mark.parametrize("limit", [0, -1, 10**6])
    def test_an_impossible_page_size_is_bad_input(self, store, limit):
        with pytest.raises(BadInput, match="limit"):
            store.search("", ANY, limit=limit)

    def test_the_longest_query_is_answered_and_a_longer_one_is_bad_input(self, store):
        store.put_posts([make_stored(text="长" * 1500)])
        assert found(store, "长" * MAX_QUERY) == ["1"]
        assert found(store, "长 " * MAX_QUERY) == ["1"]
        with pytest.raises(BadInput, match="query"):
            store.search("长" * (MAX_QUERY + 1), ANY)

    @pytest.mark.parametrize(
        ("narrow", "expected"),
        [
            (PostFilter(since=at(hours=1)), {"b", "c", "d"}),
            (PostFilter(until=at(hours=2)), {"a", "b"}),
            (PostFilter(since=at(hours=1), until=at(hours=2)), {"b"}),
            (PostFilter(harm=Harm.FRAUD), {"a", "c"}),
            (PostFilter(platform="weibo"), {"b", "d"}),
            (PostFilter(board="校园墙"), {"c", "d"}),
            (PostFilter(board=""), {"b"}),
            (PostFilter(alert=ALERT), {"a"}),
            (PostFilter(outcome="alerted"), {"a", "c"}),
            (PostFilter(outcome="cleared", platform="weibo", since=at(hours=3)), {"d"}),
            (PostFilter(harm=Harm.DRUGS, board="校园墙", platform="weibo"), set()),
            (PostFilter(platform="weibo' OR 1=1 --"), set()),
        ],
    )
    def test_a_filter_narrows_search_and_count_alike(self, store, narrow, expected):
        store.put_posts(
            [
                make_stored(native_id="a", ts=at(hours=0), flags={Harm.FRAUD: 0.8, Harm.GAMBLING: 0.6}, alert=ALERT),
                make_stored(native_id="b", ts=at(hours=1), platform="weibo", board=""),
                make_stored(native_id="c", ts=at(hours=2), flags={Harm.FRAUD: 0.8}, board="校园墙", alert="f" * 32),
                make_stored(native_id="d", ts=at(hours=3), platform="weibo", board="校园墙"),
            ]
        )
        assert set(found(store, "", narrow)) == expected
        assert store.count_posts(narrow) == len(expected)

    # -- histogram

    def test_the_histogram_counts_by_platform_board_and_interval(self, store):
        ts = [at(minutes=0), at(minutes=59, seconds=59), at(minutes=60), at(hours=5)]
        store.put_posts([make_stored(native_id=f"{n}", ts=time, board="甲") for n, time in enumerate(ts)])
        store.put_posts([make_stored(native_id=f"w{n}", ts=time, platform="weibo", board="") for n, time in enumerate(ts[1:3])])
        assert store.histogram(NOON, at(hours=5), HOUR) == {
            ("bbs", "甲"): {NOON: 2, at(hours=1): 1},
            ("weibo", ""): {NOON: 1, at(hours=1): 1},
        }
        assert store.histogram(at(minutes=30), at(hours=6), 7 * 24 * HOUR) == {
            ("bbs", "甲"): {datetime(2026, 2, 26, tzinfo=UTC): 3},
            ("weibo", ""): {datetime(2026, 2, 26, tzinfo=UTC): 2},
        }
        assert store.histogram(at(days=1), at(days=2), HOUR) == {}

    def test_the_histogram_of_a_mood_counts_posts_whose_likeliest_mood_it_is(self, store):
        store.put_posts([make_stored(native_id="bad", sentiment=Sentiment.NEGATIVE), make_stored(native_id="so-so")])
        assert store.histogram(NOON, at(hours=1), HOUR, Sentiment.NEGATIVE) == {("bbs", "家长里短"): {NOON: 1}}
        assert store.histogram(NOON, at(hours=1), HOUR, Sentiment.POSITIVE) == {}

    def test_the_histogram_begins_cells_at_multiples_since_1970_before_it_too(self, store):
        start = datetime(1969, 12, 31, 22, tzinfo=UTC)
        store.put_posts([make_stored(ts=start + timedelta(minutes=61), handled_at=NOON)])
        assert store.histogram(start, NOON, HOUR) == {("bbs", "家长里短"): {start + HOUR: 1}}

    @pytest.mark.parametrize("interval", [timedelta(0), -HOUR, timedelta(microseconds=1)])
    def test_the_histogram_refuses_an_interval_that_is_no_number_of_milliseconds(self, store, interval):
        with pytest.raises(ValueError, match="interval"):
            store.histogram(NOON, at(hours=1), interval)

    # -- expire_posts

    def test_expiry_deletes_cleared_posts_handled_before_and_nothing_else(self, store):
        store.put_posts(
            [
                make_stored(native_id="old", handled_at=at(days=1, microseconds=-1)),
                make_stored(native_id="old too", ts=at(days=-1), handled_at=NOON),
                make_stored(native_id="just", handled_at=at(days=1)),
                make_stored(native_id="alerted", handled_at=NOON, alert=ALERT),
                make_stored(native_id="ancient", ts=at(days=-4000), handled_at=NOON),
            ]
        )
        assert store.expire_posts(at(days=1)) == 3
        assert sorted(found(store)) == ["alerted", "just"]
        assert found(store, "图书馆", PostFilter(outcome="alerted")) == ["alerted"]
        assert store.expire_posts(at(days=1)) == 0

    def test_an_expired_post_may_come_again(self, store):
        store.put_posts(many(3))
        assert store.expire_posts(at(days=9)) == 3
        store.put_posts(many(2))
        assert sorted(found(store, "第")) == ["n0", "n1"]

    def test_expiry_of_many_counts_each(self, store):
        keep = make_stored(native_id="keep", alert=ALERT)
        store.put_posts([*many(1101), keep])
        assert store.expire_posts(at(days=9)) == 1101
        assert found(store) == ["keep"]

    def test_posts_that_arrive_while_others_expire_are_not_lost(self, another):
        kept = [many(3, start=3 * n, handled_at=at(days=9)) for n in range(12)]
        another().put_posts(many(30, start=1000))

        def arrive():
            with another() as store:
                for batch in kept:
                    store.put_posts(batch)

        def expire():
            with another() as store:
                for _ in range(6):
                    store.expire_posts(at(days=5))

        at_once(arrive, expire)
        assert sorted(found(another())) == sorted(stored.post.native_id for batch in kept for stored in batch)
