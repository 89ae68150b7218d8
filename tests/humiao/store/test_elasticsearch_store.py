"""The store on a real Elasticsearch node: the contract, and what only this adapter promises."""

import socket
import threading
from datetime import UTC, datetime

import pytest
from elasticsearch import BadRequestError

from humiao.errors import BadInput, SettingsError, StoreUnavailable
from humiao.settings import Settings
from humiao.store import AlertFilter, PostFilter, cursor, open_store
from humiao.store.elasticsearch import ElasticsearchStore
from humiao.store.elasticsearch_templates import MAPPINGS, VERSION
from humiao.store.fields import post_fields
from tests.builders import NOON, at, make_alert, make_event, make_stored
from tests.contract.at_once import at_once
from tests.contract.store_contract import StoreContract

ANY = PostFilter()
ALERT = make_alert().id


@pytest.mark.servers
class TestElasticsearchStore(StoreContract):
    @pytest.fixture
    def another(self, another_elasticsearch):
        return another_elasticsearch


@pytest.fixture
def store(another_elasticsearch):
    return another_elasticsearch()


def ids(store, query=""):
    return sorted(hit.post.post.native_id for hit in store.search(query, ANY).items)


@pytest.mark.servers
class TestIndices:
    def test_posts_lie_in_an_index_of_their_day_and_old_history_by_the_year(self, store, space):
        for stored in (
            make_stored(native_id="today"),
            make_stored(native_id="eve", ts=datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)),
            make_stored(native_id="history", ts=datetime(2011, 5, 5, tzinfo=UTC), handled_at=NOON),
            make_stored(native_id="clock gone wrong", ts=datetime(9999, 1, 1, tzinfo=UTC), handled_at=NOON),
        ):
            store.put_posts([stored])
        where = {
            hit["_source"]["doc"].split('"native_id":"')[1].split('"')[0]: hit["_index"].removeprefix(space.prefix)
            for hit in space.client.search(index=f"{space.prefix}posts", source=["doc"])["hits"]["hits"]
        }
        assert where == {
            "today": "posts-2026.03.02",
            "eve": "posts-2026.03.01",
            "history": "posts-2011",
            "clock gone wrong": "posts-other",
        }

    @pytest.mark.parametrize("kind", MAPPINGS)
    def test_a_field_that_the_mapping_does_not_name_is_refused(self, store, space, kind):
        with pytest.raises(BadRequestError, match="strict_dynamic_mapping_exception"):
            space.client.index(index=f"{space.prefix}{kind}-{'other' if kind == 'posts' else '000001'}", document={"surprise": 1})

    def test_people_find_posts_with_other_tools(self, store, space):
        store.put_posts([make_stored(native_id="x", text="Kibana 里也能搜到的帖子")])
        found = space.client.search(index=f"{space.prefix}posts", query={"match_phrase": {"text": "搜到的帖子"}})
        assert found["hits"]["total"]["value"] == 1

    def test_processes_may_create_the_indices_at_once(self, elasticsearch, space):
        prefix = f"{space.prefix}b-"
        try:
            for store in at_once(*(lambda: ElasticsearchStore(elasticsearch, prefix) for _ in range(4))):
                store.put_alert(make_alert(id=f"{id(store):032x}"), None)
                assert store.count_alerts(AlertFilter())
                store.close()
        finally:
            for kind in MAPPINGS:
                space.client.indices.delete_index_template(name=f"{prefix}{kind}")

    def test_templates_of_a_newer_version_are_refused_with_what_to_do(self, elasticsearch, space):
        prefix = f"{space.prefix}c-"
        space.client.indices.put_index_template(
            name=f"{prefix}posts", index_patterns=[f"{prefix}posts-*"], priority=300, meta={"humiao": VERSION + 1}
        )
        try:
            with pytest.raises(SettingsError, match=rf"version {VERSION + 1}.*upgrade"):
                ElasticsearchStore(elasticsearch, prefix)
        finally:
            space.client.indices.delete_index_template(name=f"{prefix}posts")

    def test_settings_open_it(self, elasticsearch, space, tmp_path):
        with open_store(Settings(data=tmp_path, store=elasticsearch, prefix=space.prefix)) as store:
            store.ping()
        assert not list(tmp_path.iterdir())


@pytest.mark.servers
class TestWrites:
    def test_a_post_that_the_server_refuses_is_named_without_its_text_and_the_others_are_written(self, store):
        stored = make_stored(native_id="bad")
        bad = stored.model_copy(update={"post": stored.post.model_copy(update={"board": "秘密" * 20_000})})
        with pytest.raises(BadInput, match=stored.post.id) as error:
            store.put_posts([make_stored(native_id="a"), bad, make_stored(native_id="b")])
        assert "秘密" not in str(error.value)
        assert ids(store) == ["a", "b"]

    def test_a_post_dated_another_day_stays_in_its_index(self, store, space):
        for day in range(3):
            store.put_posts([make_stored(ts=at(days=day), fetched_at=at(days=3 + day))])
        hits = space.client.search(index=f"{space.prefix}posts", source=False)["hits"]["hits"]
        assert [hit["_index"].removeprefix(space.prefix) for hit in hits] == ["posts-2026.03.02"]

    def test_a_post_that_two_processes_wrote_under_two_days_becomes_one_again(self, store, space):
        """As if both had looked before either wrote: the second index is written past the store."""
        stored = make_stored(text="先", fetched_at=at(minutes=1))
        store.put_posts([stored])
        hit = space.client.search(index=f"{space.prefix}posts")["hits"]["hits"][0]
        space.client.index(
            index=f"{space.prefix}posts-2026.03.01", id=stored.post.id, refresh=True,
            document=hit["_source"] | {"search": post_fields(stored).search, "fetched_us": hit["_source"]["fetched_us"] - 1},
        )  # fmt: skip
        assert store.count_posts(ANY) == 2
        assert store.posts([stored.post.id]) == {stored.post.id: stored}
        store.put_posts([stored])
        assert store.count_posts(ANY) == 1
        assert store.posts([stored.post.id]) == {stored.post.id: stored}

    def test_a_write_waits_while_an_index_is_blocked_for_expiry(self, store, space):
        store.put_posts([make_stored(native_id="a")])
        index = f"{space.prefix}posts-2026.03.02"
        space.client.indices.add_block(index=index, block="write")
        opened = threading.Timer(0.3, lambda: space.client.indices.put_settings(index=index, settings={"index.blocks.write": None}))
        opened.start()
        store.put_posts([make_stored(native_id="b")])
        opened.join()
        assert ids(store) == ["a", "b"]

    def test_a_block_left_behind_by_a_dead_process_holds_writers_up_for_some_seconds_only(self, store, space):
        store.put_posts([make_stored(native_id="a")])
        space.client.indices.add_block(index=f"{space.prefix}posts-2026.03.02", block="write")
        with pytest.raises(StoreUnavailable, match="cluster_block_exception"):
            store.put_posts([make_stored(native_id="b")])
        store.put_posts([make_stored(native_id="b")])
        assert ids(store) == ["a", "b"]

    def test_expiry_opens_an_index_that_was_left_blocked(self, store, space):
        store.put_posts([make_stored(native_id="a", alert=ALERT)])
        space.client.indices.add_block(index=f"{space.prefix}posts-2026.03.02", block="write")
        store.expire_posts(at(days=9))
        store.put_posts([make_stored(native_id="b")])
        assert ids(store) == ["a", "b"]

    def test_an_index_without_alerted_posts_is_dropped_whole_and_one_with_them_stays(self, store, space):
        store.put_posts(
            [make_stored(native_id=f"{day}-{n}", ts=at(days=day), handled_at=at(days=day)) for day in (1, 2, 3) for n in range(3)]
        )
        store.put_posts([make_stored(native_id="alerted", ts=at(days=2), handled_at=at(days=2), alert=ALERT)])
        assert store.expire_posts(at(days=3)) == 6
        days = space.indices("posts-2026.03")
        assert [day in days for day in ("posts-2026.03.03", "posts-2026.03.04", "posts-2026.03.05")] == [False, True, True]
        assert ids(store) == ["3-0", "3-1", "3-2", "alerted"]


class Interrupted(ElasticsearchStore):
    """Lets something happen after it looked where posts are and before it writes."""

    def __init__(self, space, meanwhile):
        super().__init__(space.url, space.prefix)
        self.meanwhile = [meanwhile]

    def _places(self, ids):
        found = super()._places(ids)
        while self.meanwhile:
            self.meanwhile.pop()()
        return found


@pytest.mark.servers
class TestRaces:
    @pytest.mark.parametrize("known", [True, False], ids=["known post", "new post"])
    @pytest.mark.parametrize("days", [0, 1], ids=["same day", "another day"])
    def test_a_newer_revision_written_between_look_and_write_stays(self, store, space, known, days):
        if known:
            store.put_posts([make_stored(text="最先", fetched_at=at(minutes=1))])
        newer = make_stored(text="新的", ts=at(days=days), fetched_at=at(days=2))
        with Interrupted(space, lambda: store.put_posts([newer])) as slow:
            slow.put_posts([make_stored(text="旧的", fetched_at=at(minutes=2))])
        assert store.posts([newer.post.id]) == {newer.post.id: newer}
        assert store.count_posts(ANY) == 1

    def test_a_post_that_arrives_while_its_index_is_dropped_is_not_lost(self, store, another_elasticsearch):
        """It arrives at the last moment: after the count that decides, before the deletion."""
        store.put_posts([make_stored(native_id="old")])
        writer = threading.Thread(target=lambda: store.put_posts([make_stored(native_id="late", handled_at=at(days=9))]))
        expiring = another_elasticsearch()
        count, counted = expiring._cluster.count, []

        def count_and_wait(alias, query):
            counted.append(count(alias, query))
            if query == {"match_all": {}} and alias.endswith("posts-2026.03.02"):
                writer.start()
                writer.join(0.5)  # it can't end before the index is gone
            return counted[-1]

        expiring._cluster.count = count_and_wait
        assert expiring.expire_posts(at(days=5)) == 1
        writer.join(20)
        assert ids(store) == ["late"]


@pytest.mark.servers
class TestPages:
    def test_a_list_goes_on_after_the_server_forgot_where_it_stood(self, store, space):
        store.put_posts([make_stored(native_id=f"{n}", ts=at(minutes=n)) for n in range(9)])
        first = store.search("", ANY, limit=3)
        self.forget(first.after, space)
        second = store.search("", ANY, limit=3, after=first.after)
        third = store.search("", ANY, limit=3, after=second.after)
        assert [hit.post.post.native_id for page in (first, second, third) for hit in page.items] == [
            f"{n}" for n in range(8, -1, -1)
        ]
        assert third.after is None

    def forget(self, after, space):
        (point, *_) = cursor.decode(after, f"elasticsearch-{space.prefix}posts", str, int, str)
        assert space.client.close_point_in_time(id=point)["num_freed"] > 0

    def test_a_cursor_grows_slowly_enough_with_the_days_to_fit_into_an_address(self, store, space):
        store.put_posts([make_stored(native_id=f"{day}", ts=at(days=day), handled_at=at(days=day)) for day in range(12)])
        length = len(store.search("", ANY, limit=3).after)
        assert length < 800 + 80 * len(space.indices("posts-"))  # eighty days fit into an address of 8,000 characters


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_a_server_that_does_not_answer_is_an_outage_and_the_message_hides_the_password():
    port = free_port()
    with pytest.raises(StoreUnavailable, match=f"http://127.0.0.1:{port}.*check address") as error:
        ElasticsearchStore(f"http://patrol:geheim@127.0.0.1:{port}")
    assert "geheim" not in str(error.value)
    assert "patrol" not in str(error.value)


def test_an_address_that_is_none_is_a_settings_error():
    with pytest.raises(SettingsError, match="https://HOST:9200"):
        ElasticsearchStore("http://")


@pytest.mark.servers
def test_each_call_on_a_server_gone_away_is_an_outage(elasticsearch, space):
    """A forwarder between client and server stands for the server: closed, it is gone."""
    with Forwarder(elasticsearch) as forwarder, ElasticsearchStore(forwarder.url, space.prefix) as store:
        store.put_posts([make_stored()])
        forwarder.close()
        for call in (
            store.ping,
            lambda: store.put_posts([make_stored()]),
            lambda: store.posts([make_stored().post.id]),
            lambda: store.search("图书馆", ANY),
            lambda: store.alert(ALERT),
            lambda: store.put_alert(make_alert(), None),
            lambda: store.alerts_by_keys(["k1"]),
            lambda: store.append_event(make_event(ALERT)),
            lambda: store.events(ALERT),
            store.accounts,
            lambda: store.expire_posts(NOON),
        ):
            with pytest.raises(StoreUnavailable, match=forwarder.url):
                call()


class Forwarder:
    """Passes connections on to the server until it is closed; then it drops them and refuses new ones."""

    def __init__(self, url):
        host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
        self.target, self.listener = (host, int(port)), socket.create_server(("127.0.0.1", 0))
        self.url, self.open = f"http://127.0.0.1:{self.listener.getsockname()[1]}", []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            self.open += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    def copy(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            return
        finally:
            sink.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self.open:
            connection.close()
