"""`humiao demo`: what a stranger sees first."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from humiao.labels import Harm
from humiao.log import POSTS, SCORED, open_log
from humiao.settings import Settings
from humiao.store import PostFilter, open_store

DEMO_POSTS = Path(__file__).parents[2] / "crawlers" / "demo" / "posts.jsonl"


def test_once_ends_with_every_post_through_and_no_dead_letter(demo_run):
    assert demo_run.code == 0, demo_run.output
    written = sum(1 for _ in DEMO_POSTS.open(encoding="utf-8"))
    assert written - 1 <= demo_run.count("posts in the store") <= written, "all but the post that may be deleted before it is met"
    assert demo_run.count("dead letters") == 0
    assert demo_run.count("of them alerted") + demo_run.count("of them cleared") == demo_run.count("posts in the store")
    assert demo_run.seconds <= 180


def test_first_alert_comes_within_a_minute(demo_run):
    found = re.search(r"first alert after (\d+) s", demo_run.output)
    assert found, demo_run.output
    assert int(found.group(1)) <= 60


def test_edit_is_a_new_revision_of_one_post(demo_run):
    edited = [json.loads(line) for line in DEMO_POSTS.open(encoding="utf-8") if '"edit"' in line]
    assert len(edited) == 1
    texts = {text for _, text, *_ in demo_run.outcome["posts"].values()}
    assert edited[0]["edit"] in texts
    assert edited[0]["text"] not in texts


def test_reposted_advert_is_one_alert(demo_run):
    advert = [row for row in map(json.loads, DEMO_POSTS.open(encoding="utf-8")) if "手机点点赞就有钱拿" in row["text"]]
    assert len(advert) == 4
    homes = {alert for _, text, _, alert, _ in demo_run.outcome["posts"].values() if "手机点点赞就有钱拿" in text and alert}
    assert len(homes) == 1
    assert demo_run.outcome["alerts"][homes.pop()]["post_count"] >= 3


def test_events_of_every_alert_are_chained_and_every_alerted_post_has_evidence(demo_run):
    assert demo_run.broken == {}
    for id, alert in demo_run.outcome["alerts"].items():
        if alert["kind"] == "content":
            proven = {post for _, post, _, blob in demo_run.outcome["evidence"][id] if blob}
            assert set(alert["posts"]) <= proven, f"alert {id} has posts without a kept capture"


def test_classifier_finds_most_planted_harm_and_leaves_most_harmless_posts_alone(demo_run):
    """A floor, not an aim: what the shipped checkpoint must hold on posts that no training saw."""
    labels = {}
    for line in DEMO_POSTS.open(encoding="utf-8"):
        row = json.loads(line)
        labels[row["text"]] = (set(row["harm"]), row["stance"])
        labels[row.get("edit", row["text"])] = labels[row["text"]]
    known = [(labels[text], flags) for _, text, _, _, flags in demo_run.outcome["posts"].values() if text in labels]
    harmful = [bool(flags) for (harm, _), flags in known if harm]
    harmless = [bool(flags) for (harm, _), flags in known if not harm]
    assert sum(harmful) / len(harmful) >= 0.6
    assert sum(harmless) / len(harmless) <= 0.2
    assert {flag for _, flags in known for flag in flags} <= set(Harm)


def test_ctrl_c_ends_all_children_within_five_seconds_and_a_second_start_doubles_nothing(tmp_path):
    data = tmp_path / "data"
    process = _start(data)
    _until(lambda: _size(data, POSTS) >= 100)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 5
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.wait(10)
    assert time.monotonic() - began <= 5.0
    gone, alive = psutil.wait_procs(children, timeout=0.5)
    assert not alive
    second = _start(data, "--once")
    output, _ = second.communicate(timeout=200)
    assert second.returncode == 0, output
    with open_log(Settings(data=data)) as log, open_store(Settings(data=data)) as store:
        keys = [(message.key, message.value) for message in log.read(POSTS)]
        revisions = {(key, json.loads(value)["revision"]) for key, value in keys}
        assert len(keys) - len(revisions) <= 50, "at most the batch that was under way when it was stopped is published again"
        assert store.count_posts(PostFilter()) == len({key for key, _ in keys})
        assert log.lag(SCORED, "alert") == 0


def _start(data, *more):
    command = [sys.executable, "-m", "humiao", "demo", "--port", "0", "--data", str(data), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ))


def _size(data, topic):
    if not (data / "log.db").exists():
        return 0
    with open_log(Settings(data=data)) as log:
        return log.size(topic)


def _until(true, seconds=90):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.3)
