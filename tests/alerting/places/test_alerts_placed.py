"""Alerts stand at the place that their posts are about, whatever order these came in."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from alerting.handler import Handler
from humiao.alert import Alert
from humiao.labels import Harm
from humiao.settings import Settings
from humiao.store import PostFilter, Store, open_store
from humiao.verdict import Scored
from tests.alerting.places.sentences import district
from tests.alerting.stream import NOON, alerts_of, outcome, scored, shipped

FRAUD = {Harm.FRAUD: 0.9}


def placing(store: Store, data: Path) -> Handler:
    return Handler(store, data, shipped(), lambda: NOON + timedelta(days=9), gazetteer=district())


def flagged(n: int, text: str, hint: str = "坂田街道", **over: str) -> Scored:
    return scored(n, text, FRAUD, place=hint, board="家长里短", **over)


def only(store: Store) -> Alert:
    [alert] = alerts_of(store)
    return alert


def test_the_place_of_an_alert_is_the_one_its_post_names_and_the_reason_is_told(store: Store, data: Path) -> None:
    placing(store, data).handle([flagged(1, "坂小门口有人骗孩子扫码领皮肤")])
    alert = only(store)
    assert alert.place == "坂田小学"
    assert "地点：正文“坂小”即坂田小学：由正式名称推出的简称，来源地点提到所在的坂田街道" in alert.reasons
    [hit] = store.search("", PostFilter()).items
    assert hit.post.post.place == "坂田小学"


def test_an_ambiguous_name_leaves_the_hint_and_tells_the_candidates(store: Store, data: Path) -> None:
    placing(store, data).handle([flagged(1, "五小门口有人骗孩子扫码领皮肤")])
    alert = only(store)
    assert alert.place == "坂田街道"
    assert "地点：“五小”未能确定：可能是五和小学、五园小学" in alert.reasons


def test_a_hint_that_no_place_answers_to_stays(store: Store, data: Path) -> None:
    placing(store, data).handle([flagged(1, "有人骗孩子扫码领皮肤", hint="某镇某村")])
    assert only(store).place == "某镇某村"


def test_posts_of_one_incident_at_two_places_name_both(store: Store, data: Path) -> None:
    text = "门口有人骗孩子扫码领游戏皮肤，请各位家长务必提醒自己的孩子不要上当受骗，转账之后就联系不上了"
    placing(store, data).handle(
        [flagged(1, f"坂小{text}"), flagged(2, f"坂小{text}。", title="五和小学"), flagged(3, f"坂小{text}！")]
    )
    assert only(store).place == "五和小学、坂田小学"


@pytest.mark.parametrize("seed", range(6))
def test_places_do_not_depend_on_order_and_repetition(tmp_path: Path, seed: int) -> None:
    rows = [
        flagged(
            n, f"{('坂小', '五小', '五和小学', '今天')[n % 4]}门口有人骗孩子扫码领取皮肤，大家一定要小心不要上当{'！' * (n % 3)}"
        )
        for n in range(16)
    ]
    results = []
    for name, shuffled in (("straight", rows), ("shuffled", random.Random(seed).sample(rows + rows, 2 * len(rows)))):
        folder = tmp_path / name
        (folder / "keys").mkdir(parents=True)
        (folder / "keys" / "author.key").write_bytes(b"k" * 32)
        with open_store(Settings(data=folder)) as store:
            worker = placing(store, folder)
            for start in range(0, len(shuffled), 5):
                worker.handle(shuffled[start : start + 5])
            results.append(outcome(store))
    assert results[0] == results[1]
