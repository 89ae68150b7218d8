"""What every store promises of notes."""

import pytest

from humiao.errors import Conflict
from tests.contract.at_once import outcomes_at_once


class NoteContract:
    def test_notes_are_kept_by_kind_and_key(self, store, another):
        store.put_notes("source", {"b": '{"中文": "值"}', "a/../很长" + "x" * 450: "1"})
        store.put_notes("pause", {"b": "other"})
        assert another().note("source", "b").value == '{"中文": "值"}'
        assert {key: one.value for key, one in another().notes("source").items()} == {
            "a/../很长" + "x" * 450: "1",
            "b": '{"中文": "值"}',
        }
        assert store.note("source", "c") is None
        assert store.notes("nothing") == {}
        store.put_notes("source", {})

    def test_notes_are_replaced_and_dropped(self, store):
        store.put_notes("source", {"a": "1", "b": "1"})
        store.put_notes("source", {"a": "2"})
        store.drop_notes("source", ["b", "never there"])
        assert {key: one.value for key, one in store.notes("source").items()} == {"a": "2"}
        store.drop_notes("source", [])

    def test_a_note_holds_long_texts(self, store):
        text = "长" * 300_000
        store.put_notes("crawl/x", {"k": text})
        assert store.note("crawl/x", "k").value == text

    def test_more_notes_than_one_page_of_answers(self, store):
        many = {f"{n:05}": str(n) for n in range(2_500)}
        store.put_notes("crawl/many", many)
        assert {key: one.value for key, one in store.notes("crawl/many").items()} == many

    def test_a_note_is_written_only_over_the_version_that_was_read(self, store, another):
        first = store.put_note("lease", "g", "mine", None)
        with pytest.raises(Conflict, match="exists already"):
            another().put_note("lease", "g", "theirs", None)
        second = another().put_note("lease", "g", "theirs", first)
        with pytest.raises(Conflict):
            store.put_note("lease", "g", "mine again", first)
        found = store.note("lease", "g")
        assert (found.value, found.version) == ("theirs", second)
        assert store.notes("lease")["g"].version == second

    def test_a_version_of_a_dropped_note_is_none_of_its_successor(self, store):
        first = store.put_note("lease", "g", "one", None)
        store.drop_notes("lease", ["g"])
        with pytest.raises(Conflict):
            store.put_note("lease", "g", "two", first)
        second = store.put_note("lease", "g", "three", None)
        assert second != first
        with pytest.raises(Conflict):
            store.put_note("lease", "g", "four", first)

    def test_an_unconditional_write_changes_the_version(self, store):
        first = store.put_note("lease", "g", "one", None)
        store.put_notes("lease", {"g": "two"})
        with pytest.raises(Conflict):
            store.put_note("lease", "g", "three", first)

    def test_of_writers_at_once_one_wins(self, another):
        stores = [another() for _ in range(4)]
        version = None
        for turn in range(5):
            results = outcomes_at_once(
                *(
                    lambda one=one, text=f"{turn}/{n}", version=version: one.put_note("lease", "g", text, version)
                    for n, one in enumerate(stores)
                )
            )
            (winner,) = [n for n, result in enumerate(results) if isinstance(result, str)]
            assert sum(isinstance(result, Conflict) for result in results) == 3
            assert stores[0].note("lease", "g").value == f"{turn}/{winner}"
            version = results[winner]
