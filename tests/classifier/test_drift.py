"""Drift figures and the sample for review."""

from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from classifier.drift import MOST_SOURCES, Watch, psi
from classifier.rows import Example
from classifier.sampling import doubt, line, sample
from humiao.alert import StoredPost
from humiao.labels import Harm
from humiao.post import parse
from humiao.settings import Settings
from humiao.store import open_store
from tests.builders import NOON, make_post, make_verdict

KNOWN = "今天去图书馆看"


def seen(watch: Watch, count: int, chance: float, text: str = KNOWN, source: str = "bbs") -> None:
    posts = [make_post(native_id=f"{text}{number}", text=text, source=source) for number in range(count)]
    harm = {one: chance if one is Harm.FRAUD else 0.0 for one in Harm}
    flags = [Harm.FRAUD] if chance > 0.5 else []
    watch.see(posts, [verdict(post, harm, flags) for post in posts])


def verdict(post, harm, flags):
    return make_verdict(post).model_copy(update={"harm": harm, "flags": flags})


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_psi_is_nothing_for_the_same_and_large_for_another_shape():
    assert psi([10, 20, 30], [10, 20, 30]) == 0
    assert psi([10, 20, 30], [100, 200, 300]) < 0.01
    assert psi([90, 5, 5], [5, 5, 90]) > 0.25
    assert psi([90, 0, 0], [0, 0, 90]) < float("inf")


def test_the_first_window_is_the_reference_also_after_a_restart(tmp_path: Path):
    watch = Watch(tmp_path, "m-1", KNOWN, window=50)
    seen(watch, 50, 0.005)
    assert value("humiao_score_drift_psi") == 0
    seen(watch, 49, 0.9)
    assert value("humiao_score_drift_psi") == 0
    later = Watch(tmp_path, "m-1", KNOWN, window=50)
    seen(later, 50, 0.9)
    assert value("humiao_score_drift_psi") > 1
    other = Watch(tmp_path, "m-2", KNOWN, window=50)
    seen(other, 50, 0.9)
    assert value("humiao_score_drift_psi") == 0
    (tmp_path / "reference-m-1.json").write_text("cut")
    seen(later, 50, 0.9)
    assert value("humiao_score_drift_psi") == 0


def test_unknown_characters_are_a_share(tmp_path: Path):
    watch = Watch(tmp_path, "m", KNOWN, window=4)
    seen(watch, 4, 0.0, KNOWN + "龘" * len(KNOWN))
    assert value("humiao_unknown_characters_ratio") == pytest.approx(0.5)


def test_label_rates_by_source_stay_bounded(tmp_path: Path):
    watch = Watch(tmp_path, "m", KNOWN)
    before = value("humiao_source_flags_total", source="甲站", harm="fraud")
    seen(watch, 3, 0.9, source="甲站")
    assert value("humiao_source_flags_total", source="甲站", harm="fraud") == before + 3
    for number in range(MOST_SOURCES + 20):
        seen(watch, 1, 0.0, source=f"源{number}")
    assert value("humiao_source_posts_total", source="other") >= 20


def test_the_sample_is_unsure_diverse_and_masked(tmp_path: Path):
    thresholds = dict.fromkeys(Harm, 0.3)
    texts = {
        "sure": [f"图书馆第{number}层今天人很多很多" for number in range(30)],
        "unsure": [f"他们让我帮忙转账，说好给两百，第{number}次了" for number in range(30)],
        "also": ["妈妈不在家，有人敲门，我没开，电话13800001234", "刚才群里有人发了一个奇怪的链接"],
    }
    chances = {"sure": 0.001, "unsure": 0.3, "also": 0.25}
    stored = []
    for kind, several in texts.items():
        for number, text in enumerate(several):
            post = make_post(native_id=f"{kind}{number}", text=text, title="")
            judged = verdict(post, dict.fromkeys(Harm, 0.001) | {Harm.FRAUD: chances[kind]}, [])
            stored.append(StoredPost(post=post, verdict=judged, outcome="cleared", handled_at=NOON))
    with open_store(Settings(data=tmp_path)) as store:
        store.put_posts(stored)
        chosen = sample(store, thresholds, 3)
        everything = sample(store, thresholds, 500)
    assert doubt(chosen[0].verdict.harm, thresholds) == 0
    assert {one.post.text for one in chosen[1:]} == set(texts["also"])
    assert len(everything) == 62
    lines = [parse(Example, line(one).encode()) for one in chosen]
    assert all(one.tags == ["unlabelled"] for one in lines)
    assert not any("13800001234" in one.text for one in lines)
