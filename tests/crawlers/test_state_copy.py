"""The crawl state in the store: complete, cheap to keep up to date, and enough for another machine to go on from."""

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.state import CrawlState, KeptPage
from crawlers.state_copy import HEAD, StateCopy, kind
from humiao.post import Capture, Post
from humiao.store.sqlite import SqliteStore

NOW = datetime(2026, 1, 3, 4, 0, tzinfo=UTC)
TABLES = ("posts", "threads", "pages", "notes")


@pytest.fixture
def store(tmp_path):
    with SqliteStore(tmp_path / "store.db") as open_store:
        yield open_store


@pytest.fixture
def machine(tmp_path):
    """Opens the crawl state of a machine by its name."""
    opened = []

    def open_state(name: str) -> CrawlState:
        opened.append(CrawlState(tmp_path / name / "crawl.db"))
        return opened[-1]

    yield open_state
    for state in opened:
        state.close()


def post(id: str, source: str = "one", text: str = "一句话") -> Post:
    return Post(platform="p", native_id=id, text=text, ts=NOW, source=source)


def page(url: str) -> KeptPage:
    capture = Capture(file="f.warc.gz", record_id="urn:uuid:1", offset=0, length=1, sha256="0" * 64, payload_sha256="1" * 64, url=url, captured_at=NOW)  # fmt: skip
    return KeptPage('"etag"', "Sat, 03 Jan 2026 04:00:00 GMT", capture)


def some_work(state: CrawlState) -> None:
    state.acknowledge([("http://x/t1", post(f"a{n}")) for n in range(30)], NOW)
    state.thread_read("one", "http://x/t1", "30 replies", "http://x/t1?page=2", NOW + timedelta(hours=1))
    state.gone([post("a3").id], NOW)
    state.acknowledge([("", post(f"f{n}")) for n in range(20)], NOW)
    state.thread_gone("one", "http://x/t2", NOW)
    state.keep_page("one", "http://x/", page("http://x/"))
    state.keep_note("one", "walked", NOW.isoformat())
    state.acknowledge([("http://y/t", post("other", "two"))], NOW)


def rows(state: CrawlState, source: str = "one") -> dict[str, list]:
    with state.transaction() as db:
        return {
            table: db.execute(f"SELECT * FROM {table} WHERE source = ? ORDER BY 1, 2", (source,)).fetchall() for table in TABLES
        }


def test_another_machine_goes_on_with_everything_the_first_one_knew(store, machine):
    first, second = machine("first"), machine("second")
    StateCopy(first, store).take_over("one")
    some_work(first)
    StateCopy(first, store).save(["one"])
    second.keep_note("one", "walked", "long ago")
    second.acknowledge([("http://x/old", post("old"))], NOW)
    assert StateCopy(second, store).take_over("one")
    assert rows(second) == rows(first)
    assert len(rows(second)["posts"]) == 50
    assert rows(second, "two")["posts"] == []  # each source travels alone
    assert second.thread("http://x/t1", NOW) == first.thread("http://x/t1", NOW)
    assert second.page("one", "http://x/") == page("http://x/")


def test_whoever_had_a_source_last_reads_nothing_back(store, machine):
    first = machine("first")
    copy = StateCopy(first, store)
    assert [copy.take_over("one") for _ in range(3)] == [False, False, False]
    some_work(first)  # not saved: the own file is newer than the copy
    before = rows(first)
    assert not StateCopy(first, store).take_over("one")
    assert rows(first) == before
    assert copy.unsaved(["one"]) > 0


def test_a_machine_that_comes_back_takes_what_others_did_meanwhile(store, machine):
    first, second = machine("first"), machine("second")
    StateCopy(first, store).take_over("one")
    some_work(first)
    StateCopy(first, store).save(["one"])
    first.acknowledge([("http://x/t1", post("never copied"))], NOW)
    StateCopy(second, store).take_over("one")
    second.acknowledge([("http://x/t1", post("new", text="第二台机器采到的"))], NOW)
    StateCopy(second, store).save(["one"])
    assert StateCopy(first, store).take_over("one")
    assert rows(first) == rows(second)
    assert first.revisions([post("never copied").id]) == {}  # it is read once more, which repeats work and loses nothing


def test_only_what_changed_is_written_and_what_changed_meanwhile_is_written_again(store, machine):
    state = machine("first")
    copy = StateCopy(state, store)
    copy.take_over("one")
    some_work(state)
    copy.save(["one"])
    assert copy.unsaved(["one"]) == 0
    before = {key: note.version for key, note in store.notes(kind("one")).items()}
    state.acknowledge([("http://x/t1", post("late"))], NOW)
    state.keep_note("one", "fill", "{}")
    copy.save(["one"])
    after = {key: note.version for key, note in store.notes(kind("one")).items()}
    assert {key for key in after if after[key] != before.get(key)} == {"t http://x/t1", "n fill"}


def test_a_post_that_moved_leaves_its_old_thread_in_the_copy_too(store, machine):
    first, second = machine("first"), machine("second")
    StateCopy(first, store).take_over("one")
    some_work(first)
    StateCopy(first, store).save(["one"])
    first.place("one", "http://x/t9", [post("a1").id, post("f1").id])
    StateCopy(first, store).save(["one"])
    StateCopy(second, store).take_over("one")
    assert rows(second) == rows(first)
    assert second.live_posts("http://x/t9") == {post("a1").id, post("f1").id}


def test_what_is_forgotten_leaves_the_copy(store, machine):
    state = machine("first")
    copy = StateCopy(state, store)
    copy.take_over("one")
    some_work(state)
    copy.save(["one"])
    with state.transaction() as db:
        for table in TABLES:
            db.execute(f"DELETE FROM {table} WHERE source = 'one'")
    copy.save(["one"])
    assert set(store.notes(kind("one"))) == {HEAD}


def test_a_new_store_gets_everything(store, machine, tmp_path):
    state = machine("first")
    StateCopy(state, store).take_over("one")
    some_work(state)
    StateCopy(state, store).save(["one"])
    with SqliteStore(tmp_path / "new.db") as new:
        StateCopy(state, new).take_over("one")
        StateCopy(state, new).save(["one"])
        texts = {key: note.value for key, note in new.notes(kind("one")).items() if key != HEAD}
    assert texts == {key: note.value for key, note in store.notes(kind("one")).items() if key != HEAD}


def test_two_processes_may_share_one_file_of_one_machine(store, machine):
    first, second = machine("same"), machine("same")
    StateCopy(first, store).take_over("one")
    some_work(first)  # killed before it could save
    assert not StateCopy(second, store).take_over("one")
    assert rows(second) == rows(first)
    StateCopy(second, store).save(["one"])
    assert StateCopy(second, store).unsaved(["one"]) == 0
