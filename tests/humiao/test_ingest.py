"""Clue files: seven bad lines among ten thousand are named, the good ones go in, and the same file again adds nothing."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from humiao.blobs import Blobs
from humiao.errors import BadInput
from humiao.ingest import ingest
from humiao.log import DEAD_SUFFIX, POSTS, SCORED, Record, open_log
from humiao.settings import Settings
from humiao.store import PostFilter, open_store

ROWS = 10_000


def good(number: int) -> bytes:
    return json.dumps(
        {
            "platform": "clue",
            "native_id": str(number),
            "text": f"第{number}条线索，小区门口的事",
            "ts": "2026-11-20T08:00:00+08:00",
        },
        ensure_ascii=False,
    ).encode()


BAD = {
    100: (b'{"platform": "clue", "text": "x"', "Invalid JSON"),
    1000: (b'{"platform": "clue", "text": "x"}', "ts: Field required"),
    2000: (b'{"platform": "clue", "text": "x", "ts": "2026-11-20T08:00:00"}', "offset"),
    3000: (
        json.dumps(
            {"platform": "clue", "text": "长" * (2 * 1024 * 1024 // 3), "ts": "2026-11-20T08:00:00Z"}, ensure_ascii=False
        ).encode(),
        "text",
    ),
    4000: (b'{"platform": "clue", "text": "a\\u0000b\\ud83d", "ts": "2026-11-20T08:00:00Z"}', "NUL|surrogate|Invalid JSON"),
    5000: (b'{"platform": 7, "text": "x", "ts": "2026-11-20T08:00:00Z"}', "platform"),
    10_000: (b"", "empty"),
}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("clues") / "clues.jsonl"
    path.write_bytes(b"".join((BAD[number][0] if number in BAD else good(number)) + b"\n" for number in range(1, ROWS + 1)))
    return path


def run(*arguments, data):
    return subprocess.run(
        [sys.executable, "-m", "humiao", *map(str, arguments), "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def test_bad_lines_are_named_and_the_rest_goes_in_once(file, tmp_path):
    done = run("ingest", file, data=tmp_path)
    assert done.returncode == 2
    reported = [line for line in done.stderr.splitlines() if line.startswith(f"{file}:")]
    reported = [line for line in reported if "posts appended" not in line]
    assert len(reported) == 7
    for line, (number, (_, reason)) in zip(reported, BAD.items(), strict=True):
        assert line.startswith(f"{file}:{number}: ")
        assert any(part in line for part in reason.split("|"))
    assert f"{ROWS - 7} posts appended, 0 known already, 7 bad lines, of {ROWS} read" in done.stderr
    with open_log(Settings(data=tmp_path)) as log:
        assert len({message.key for message in log.read(POSTS)}) == ROWS - 7 == log.size(POSTS)


def test_wait_returns_when_all_is_handled_and_the_same_file_again_adds_nothing(file, tmp_path):
    part = tmp_path / "part.jsonl"
    part.write_bytes(b"\n".join(file.read_bytes().splitlines()[:600]))
    data = tmp_path / "data"
    environment = {**os.environ, "HUMIAO_DATA": str(data), "HUMIAO_CLASSIFY__METRICS_PORT": "0", "HUMIAO_ALERT__METRICS_PORT": "0"}
    stages = [subprocess.Popen([sys.executable, "-m", "humiao", name], env=environment) for name in ("classify", "alert")]
    try:
        with open_log(Settings(data=data)) as log, open_store(Settings(data=data)) as store:
            log.publish(POSTS, [Record("poison", b"{not a post")])
            assert run("ingest", part, "--wait", data=data).returncode == 2
            assert store.count_posts(PostFilter()) == 599
            assert log.lag(SCORED, "alert") == 0
            size = log.size(POSTS)
            again = run("ingest", part, "--wait", data=data)
            assert "0 posts appended, 599 known already, 1 bad" in again.stderr
            assert (log.size(POSTS), store.count_posts(PostFilter())) == (size, 599)
            (dead,) = log.read(POSTS + DEAD_SUFFIX)
            assert dead.key == "poison"
        listed = run("dead", "list", "--json", data=data)
        assert [json.loads(line)["stage"] for line in listed.stdout.splitlines()] == ["classify"]
    finally:
        for stage in stages:
            stage.send_signal(signal.SIGTERM)
        began = time.monotonic()
        for stage in stages:
            assert stage.wait(10) == 0
        assert time.monotonic() - began < 6


def test_a_line_twice_in_one_file_goes_in_once(tmp_path, settings):
    path = tmp_path / "twice.jsonl"
    path.write_bytes(good(1) + b"\n" + good(1) + b"\n")
    with open_log(settings) as log, open_store(settings) as store:
        result = ingest(log, store, Blobs(settings.data / "blobs"), path, "twice", pytest.fail)
        assert (result.appended, result.known, result.read, log.size(POSTS)) == (1, 1, 2, 1)


def test_missing_file_is_one_line(tmp_path):
    done = run("ingest", tmp_path / "absent.jsonl", data=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("absent.jsonl: can't be read (No such file or directory)")
    assert len(done.stderr.strip().splitlines()) == 1


def test_unreadable_clue_file_raises_bad_input(tmp_path, settings):
    with open_log(settings) as log, open_store(settings) as store, pytest.raises(BadInput):
        ingest(log, store, Blobs(settings.data / "blobs"), tmp_path, "folder", pytest.fail)
