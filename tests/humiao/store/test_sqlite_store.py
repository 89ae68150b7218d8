"""The embedded store: the contract, and what only it promises."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from humiao.errors import SettingsError, StoreUnavailable
from humiao.settings import Settings
from humiao.store import PostFilter, open_store
from humiao.store.sqlite import SqliteStore
from humiao.store.sqlite_schema import VERSION
from tests.builders import at, make_alert, make_stored
from tests.contract.at_once import at_once
from tests.contract.store_contract import StoreContract

ANY = PostFilter()
WRITER = """
import sys
from pathlib import Path
from humiao.store.sqlite import SqliteStore
from tests.builders import make_stored
with SqliteStore(Path(sys.argv[1])) as store:
    for n in range(20):
        store.put_posts([make_stored(native_id=f"{sys.argv[2]}-{n}"), make_stored(native_id="shared")])
"""


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def another(self, tmp_path):
        with ExitStack() as stack:
            yield lambda: stack.enter_context(SqliteStore(tmp_path / "store.db"))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "new" / "folder" / "store.db"


def test_the_default_settings_open_it_and_create_its_folder(settings: Settings):
    with open_store(settings) as store:
        store.ping()
    assert (settings.data / "store.db").is_file()


def test_several_processes_may_create_and_write_the_same_file(file):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(file), name], env=os.environ | {"PYTHONPATH": str(Path.cwd())})
        for name in "abc"
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    with SqliteStore(file) as store:
        assert store.count_posts(ANY) == 61
        assert len(store.search("图书馆", ANY, limit=100).items) == 61


def test_threads_may_open_the_same_new_file_at_once(file):
    for store in at_once(*(lambda: SqliteStore(file) for _ in range(6))):
        store.ping()
        store.close()


def test_readers_go_on_while_another_process_writes(file):
    stored = make_stored()
    with SqliteStore(file, wait=0.2) as store:
        store.put_posts([stored])
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM posts")
        assert store.posts([stored.post.id]) == {stored.post.id: stored}
        other.execute("ROLLBACK")
        other.close()


def test_a_file_that_stays_locked_is_an_outage_after_a_bounded_wait_and_nothing_is_half_written(file):
    with SqliteStore(file, wait=0.3) as store:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match=r"store\.db.*another process"):
            store.put_posts([make_stored()])
        assert time.monotonic() - began < 5
        other.execute("ROLLBACK")
        other.close()
        assert store.count_posts(ANY) == 0
        store.put_posts([make_stored()])
        assert store.count_posts(ANY) == 1


def test_a_file_of_a_newer_version_is_refused_with_what_to_do(file):
    SqliteStore(file).close()
    db = sqlite3.connect(file)
    db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    with pytest.raises(SettingsError, match=rf"{file}.*schema {VERSION + 1}.*upgrade"):
        SqliteStore(file)


def test_a_file_of_the_first_version_gets_what_it_lacks_and_keeps_what_it_has(file):
    stored = make_stored()
    with SqliteStore(file) as store:
        store.put_posts([stored])
    db = sqlite3.connect(file)
    db.executescript("DROP TABLE notes; PRAGMA user_version = 1")
    db.close()
    with SqliteStore(file) as store:
        store.put_notes("source", {"a": "1"})
        assert store.note("source", "a").value == "1"
        assert store.posts([stored.post.id]) == {stored.post.id: stored}


def test_a_database_of_another_program_is_refused_and_stays_as_it_is(tmp_path):
    file = tmp_path / "other.db"
    db = sqlite3.connect(file)
    db.execute("CREATE TABLE songs (title TEXT)")
    db.commit()
    with pytest.raises(SettingsError, match="another program"):
        SqliteStore(file)
    assert [name for (name,) in db.execute("SELECT name FROM sqlite_schema")] == ["songs"]
    db.close()


def test_a_file_that_is_no_database_is_refused(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("这不是数据库。" * 1000)
    with pytest.raises(SettingsError, match="no SQLite file"):
        SqliteStore(file)


def test_a_place_that_cannot_be_opened_is_an_outage(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "store.db"):
        with pytest.raises(StoreUnavailable, match=str(path)):
            SqliteStore(path, wait=0.1)


def test_a_closed_store_says_so(file):
    store = SqliteStore(file)
    store.close()
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.put_alert(make_alert(), None)


def test_no_word_of_an_expired_post_stays_behind(file):
    with SqliteStore(file) as store:
        store.put_posts([make_stored(native_id=str(n)) for n in range(600)])
        assert store.expire_posts(at(days=9)) == 600
    db = sqlite3.connect(file)
    assert [db.execute(f"SELECT count(*) FROM {table}").fetchone() for table in ("posts", "post_search")] == [(0,), (0,)]
    db.close()


def test_search_for_a_rare_and_a_common_word_needs_no_full_scan(file):
    """A rare word goes by the index of words, an empty query by the index of times."""
    with SqliteStore(file) as store:
        store.put_posts([make_stored(native_id=str(n), text="共同" + ("稀有" if n == 7 else "")) for n in range(300)])
        assert [hit.post.post.native_id for hit in store.search("稀有", ANY).items] == ["7"]
        assert len(store.search("共同", ANY, limit=1000).items) == 300
    db = sqlite3.connect(file)
    plan = db.execute("EXPLAIN QUERY PLAN SELECT ts, id, doc FROM posts WHERE n <= 9 ORDER BY ts DESC, id DESC LIMIT 50").fetchall()
    assert "posts_by_time" in str(plan)
    db.close()
