"""The folder over days: what is kept how long, what it weighs, and what goes first when it is full."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from crawlers.warc import Archive, WarcFiles, Window
from crawlers.warc.names import FileName
from tests.crawlers.warc.pages import DAY, HOUR, NOW, PAGE, on_disk, page, records

WEEK = Window(keep=7 * DAY)
PLENTY = 1 << 40


def archive(folder, *, window=WEEK, keep_bytes=PLENTY) -> Archive:
    return Archive(folder, window, keep_bytes)


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_pages_stay_for_a_week_and_go_within_the_hour_after(tmp_path):
    kept = archive(tmp_path)
    capture = kept.files("demo").keep(PAGE, NOW)
    kept.files("demo").close()
    kept.sweep(NOW + 7 * DAY)
    assert (tmp_path / capture.file).exists()
    before = metric("humiao_warc_files_deleted_total", reason="age"), metric("humiao_warc_bytes_deleted_total", reason="age")
    size = on_disk(tmp_path)
    assert kept.sweep(NOW + 7 * DAY + HOUR).deleted == 1
    assert not list(tmp_path.iterdir())
    assert metric("humiao_warc_files_deleted_total", reason="age") == before[0] + 1
    assert metric("humiao_warc_bytes_deleted_total", reason="age") == before[1] + size
    assert kept.use.total() == kept.use.of("demo") == metric("humiao_warc_bytes", source="demo") == 0


def test_file_in_hand_is_never_deleted(tmp_path):
    kept = archive(tmp_path)
    other = WarcFiles(tmp_path, "other")  # of another process: nothing here knows about it but its lock
    file = other.keep(PAGE, NOW).file
    kept.sweep(NOW + 100 * DAY)
    assert [one.name for one in tmp_path.iterdir()] == [file]
    archive(tmp_path, keep_bytes=1).sweep(NOW)
    assert (tmp_path / file).exists()
    other.close()
    kept.sweep(NOW + 100 * DAY)
    assert not list(tmp_path.iterdir())


def test_file_of_a_source_that_fell_silent_is_finished_and_goes_in_its_time(tmp_path):
    kept = archive(tmp_path)
    kept.files("demo").keep(PAGE, NOW)
    assert kept.sweep(NOW + 8 * DAY).deleted == 1


def test_page_referred_to_stays_as_long_as_what_refers_to_it(tmp_path):
    kept = archive(tmp_path)
    files = kept.files("demo")
    original, alone = files.keep(PAGE, NOW), None
    files.finish_old(NOW + 2 * HOUR)
    alone = files.keep(page(2), NOW + 2 * HOUR)
    files.finish_old(NOW + 4 * HOUR)
    files.revisit(replace(PAGE, status=304, body=b""), original, NOW + 3 * DAY)
    kept.sweep(NOW + 8 * DAY)
    assert (tmp_path / original.file).exists()
    assert not (tmp_path / alone.file).exists()
    kept.sweep(NOW + 10 * DAY)
    assert {FileName.of(file.name).revisits for file in tmp_path.iterdir()} == {True, False}
    kept.sweep(NOW + 10 * DAY + 2 * HOUR)
    assert not list(tmp_path.iterdir())


def test_page_in_the_file_in_hand_that_is_referred_to_stays_too(tmp_path):
    kept = archive(tmp_path, window=Window(keep=7 * DAY, file_age=4 * DAY))
    files = kept.files("demo")
    original = files.keep(PAGE, NOW)
    files.revisit(replace(PAGE, status=304, body=b""), original, NOW + 3 * DAY)
    files.keep(page(2), NOW + 3 * DAY)
    kept.sweep(NOW + 13 * DAY)
    assert (tmp_path / original.file).exists()


def test_oldest_files_of_all_sources_go_first_when_the_folder_is_full(tmp_path, capsys):
    kept = archive(tmp_path)
    captures = [kept.files(source).keep(page(n, random.Random(n).randbytes(5000)), NOW + n * HOUR)
                for n, source in enumerate(["a", "b", "a", "b", "a"])]  # fmt: skip
    kept.files("a").close()
    kept.files("b").close()
    sizes = [(tmp_path / capture.file).stat().st_size for capture in captures]
    before = metric("humiao_warc_files_deleted_total", reason="space"), metric("humiao_warc_bytes_deleted_total", reason="space")
    full = archive(tmp_path, keep_bytes=sum(sizes[2:]) + 1)
    assert full.sweep(NOW + 5 * HOUR).crowded_out == 2
    assert {file.name for file in tmp_path.iterdir()} == {capture.file for capture in captures[2:]}
    assert metric("humiao_warc_files_deleted_total", reason="space") == before[0] + 2
    assert metric("humiao_warc_bytes_deleted_total", reason="space") == before[1] + sum(sizes[:2])
    assert "before their time" in "".join(capsys.readouterr())
    assert full.use.total() == on_disk(tmp_path)


def test_files_that_are_not_ours_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "other.warc.gz").write_bytes(b"x")
    archive(tmp_path, keep_bytes=1).sweep(NOW + 1000 * DAY)
    assert len(list(tmp_path.iterdir())) == 2


def test_folder_that_does_not_exist_yet_is_in_order(tmp_path):
    assert archive(tmp_path / "none").sweep(NOW).deleted == 0


def test_two_processes_sweep_at_once_without_harm(tmp_path):
    one, other = archive(tmp_path), archive(tmp_path)
    for n in range(5):
        one.files("demo").keep(page(n), NOW + n * 2 * HOUR)
    one.close()
    other.sweep(NOW)
    assert other.use.total() == on_disk(tmp_path)
    one.sweep(NOW + 30 * DAY)
    other.sweep(NOW + 30 * DAY)
    assert one.use.total() == other.use.total() == on_disk(tmp_path) == 0


STEP = st.one_of(
    st.tuples(st.just("page"), st.sampled_from("abc"), st.integers(0, 400)),
    st.tuples(st.just("again"), st.sampled_from("abc"), st.integers(0, 400)),
    st.tuples(st.just("pass"), st.just(""), st.integers(1, 3000)),
    st.tuples(st.just("sweep"), st.just(""), st.just(0)),
    st.tuples(st.just("restart"), st.just(""), st.just(0)),
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEP, max_size=40), keep_bytes=st.sampled_from([PLENTY, 40_000]))
def test_account_is_exact_and_no_note_outlives_its_page(tmp_path_factory, steps, keep_bytes):
    folder = tmp_path_factory.mktemp("warc")
    now, kept, known = NOW, archive(folder, keep_bytes=keep_bytes), {}
    full = keep_bytes != PLENTY
    for what, source, number in steps:
        if what == "page":
            known[source] = kept.files(source).write(page(number, random.Random(number).randbytes(number * 20)), now)
        elif what == "again" and source in known and WEEK.may_refer(known[source], now) and (folder / known[source].file).exists():
            kept.files(source).revisit(replace(PAGE, status=304, body=b""), known[source], now)
        elif what == "pass":
            now += timedelta(minutes=number)
        elif what == "sweep":
            kept.sweep(now)
        elif what == "restart":
            kept.close()
            kept = archive(folder, keep_bytes=keep_bytes)
            kept.sweep(now)
        sizes = {source: sum(f.stat().st_size for f in folder.glob(f"{source}-*")) for source in "abc"}
        assert {source: kept.use.of(source) for source in "abc"} == sizes
    kept.close()
    kept.sweep(now)
    assert kept.use.total() == on_disk(folder)
    found = [one for file in folder.iterdir() for one in records(file)]
    there = {fields["WARC-Record-ID"] for kind, fields, _ in found if kind == "response"}
    if not full:
        assert {fields["WARC-Refers-To"] for kind, fields, _ in found if kind == "revisit"} <= there
    assert all(FileName.of(file.name).begun >= now - 10.5 * DAY - 3 * HOUR for file in folder.iterdir())


@pytest.mark.parametrize("sources", [1, 3])
def test_commit_makes_pages_of_the_sources_durable(tmp_path, sources, monkeypatch):
    import os

    synced = []
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda fd: (synced.append(str(Path(f"/proc/self/fd/{fd}").readlink())), real(fd)))
    kept = archive(tmp_path)
    names = [f"s{n}" for n in range(sources)]
    captures = [kept.files(name).write(PAGE, NOW) for name in names for _ in range(5)]
    kept.commit([*names, "unknown"])
    assert sorted(synced) == sorted({str(tmp_path / capture.file) for capture in captures})  # one each, however many pages wait
    kept.commit(names)
    assert len(synced) == sources
