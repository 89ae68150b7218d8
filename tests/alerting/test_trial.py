"""Policies on history: what a file would add, remove and regrade, and what shadow policies found meanwhile."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerting import shadow
from alerting.author_history import AuthorHistory
from alerting.facts import AuthorCounts
from alerting.policies import SHIPPED, Policies
from alerting.pseudonyms import Pseudonyms
from alerting.trial import difference
from humiao.alert import Grade
from humiao.labels import Harm, Stance
from humiao.settings import Settings
from humiao.store import Store, open_store
from tests.alerting.stream import BETS, SKINS, alerts_of, handler_on, scored, shipped, twisted
from tests.alerting.test_commands import humiao
from tests.builders import NOON, at

FRAUD, BET, VAPE = {Harm.FRAUD: 0.9}, {Harm.GAMBLING: 0.9}, {Harm.TOBACCO_ALCOHOL: 0.55}


def changed(file: Path, **policies: dict[str, Any] | None) -> Path:
    """The shipped set with fields of some policies changed (None = left out); ``_`` in a name stands for a hyphen."""
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    content["policies"] = [
        entry | (policies.get(entry["name"].replace("-", "_"), {}) or {})
        for entry in content["policies"]
        if policies.get(entry["name"].replace("-", "_"), {}) is not None
    ]
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return file


def fill(store: Store, data: Path, policies: Policies | None = None) -> None:
    rows = [scored(n, twisted(SKINS, n), FRAUD) for n in range(3)]
    rows += [scored(10 + n, BETS, BET) for n in range(2)]
    rows += [scored(20, "学校门口有人卖小烟", VAPE, Stance.WITNESS), scored(30, "今天天气不错")]
    handler_on(store, data, policies).handle(rows)


def test_a_difference_names_added_removed_and_regraded_incidents(store: Store, data: Path, tmp_path: Path) -> None:
    fill(store, data)
    file = changed(
        tmp_path / "mine.yaml",
        fraud_offender=None,
        gambling_offender={"grade": "red", "version": 2},
        tobacco_alcohol_witness={"version": 2},
        patrol_finding={"condition": "text.contains('天气')"},
    )
    found = difference(store, Policies.load(file), shipped(), at(days=-1), NOON)
    assert found.posts == 7
    assert [(one.live.policy, one.candidate) for one in found.removed] == [("fraud-offender@1", None)]
    assert [(one.live.grade, one.candidate.grade) for one in found.regraded] == [(Grade.YELLOW, Grade.RED)]
    assert [(one.live, one.candidate.policy) for one in found.added] == [(None, "patrol-finding@1")]
    assert [one.candidate.policy for one in found.renamed] == ["tobacco-alcohol-witness@2"]
    assert found.same == 0
    assert found.removed[0].live.post_count == 3
    assert any("fraud-offender@1" in reason for reason in found.removed[0].live.reasons)


def test_a_set_beside_itself_shows_no_difference(store: Store, data: Path) -> None:
    fill(store, data)
    found = difference(store, shipped(), shipped(), at(days=-1), NOON)
    assert (found.added, found.removed, found.regraded, found.renamed, found.same) == ([], [], [], [], 3)


def test_a_shadow_policy_raises_into_a_view_of_its_own(store: Store, data: Path, tmp_path: Path) -> None:
    policies = Policies.load(changed(tmp_path / "mine.yaml", fraud_offender={"shadow": True}))
    fill(store, data, policies)
    fill(store, data, policies)
    assert sorted(alert.harm[0] for alert in alerts_of(store)) == [Harm.GAMBLING, Harm.TOBACCO_ALCOHOL]
    (view,) = shadow.views(store, policies, NOON)
    assert (view.policy.ref, view.posts, view.gone) == ("fraud-offender@1", 3, 0)
    (alert,) = view.alerts
    assert (alert.post_count, alert.grade, alert.policy) == (3, Grade.YELLOW, "fraud-offender@1")
    assert alert.reasons
    store.expire_posts(at(days=30))
    (view,) = shadow.views(store, policies, NOON)
    assert (view.posts, view.gone, view.alerts) == (0, 3, [])
    assert shadow.expire(store, at(days=9)) == 0
    assert shadow.expire(store, at(days=9, seconds=1)) == 3
    assert shadow.views(store, policies, NOON) == []


@pytest.mark.servers
def test_the_shadow_view_is_the_same_on_elasticsearch(data: Path, tmp_path: Path, elasticsearch: str) -> None:
    policies = Policies.load(changed(tmp_path / "mine.yaml", fraud_offender={"shadow": True}))
    seen = []
    for settings in (Settings(data=data), Settings(data=data, store=elasticsearch, prefix=f"shadow{tmp_path.name[-8:].lower()}-")):
        with open_store(settings) as store:
            fill(store, data, policies)
            (view,) = shadow.views(store, policies, NOON)
            seen.append([alert.model_dump() for alert in view.alerts])
    assert seen[0] == seen[1]


def test_an_authors_earlier_posts_are_counted_under_name_and_pseudonym(store: Store, data: Path) -> None:
    handler = handler_on(store, data)
    rows = [scored(n, "今天天气不错", author="小明", platform="bbs") for n in range(3)]
    rows += [scored(4, SKINS, FRAUD, author="小明", platform="bbs"), scored(5, "早", author="小明明", platform="bbs")]
    handler.handle([*rows, scored(6, "小明在吗", author="小红", platform="bbs"), scored(7, "早", author="小明", platform="贴吧")])
    history = AuthorHistory(store, Pseudonyms.open(data))
    later = scored(8, "再来", author="小明", platform="bbs").post
    assert history.counts(later) == AuthorCounts(4, 1)
    assert history.counts(scored(1, "今天天气不错", author="小明", platform="bbs").post) == AuthorCounts(1, 0), (
        "only what was before"
    )
    assert history.counts(later.model_copy(update={"ts": at(days=8)})) == AuthorCounts(0, 0)
    assert history.counts(later.model_copy(update={"author": ""})) == AuthorCounts(0, 0)
    assert history.counts(later.model_copy(update={"author": '"'})) == AuthorCounts(0, 0)


def test_an_authors_counts_decide_in_the_stage(store: Store, data: Path, tmp_path: Path) -> None:
    condition = {"condition": "'fraud' in flags && author_flagged >= 2", "grade": "orange", "version": 2}
    policies = Policies.load(changed(tmp_path / "mine.yaml", fraud_offender=condition))
    handler = handler_on(store, data, policies)
    for n, text in enumerate((SKINS, BETS, "一起来领红包吧先到先得哦朋友们")):
        handler.handle([scored(n, text, FRAUD, author="黑产", platform="bbs")])
    (alert,) = alerts_of(store)
    assert alert.posts == [scored(2, "早", platform="bbs").post.id], "the third post; the first two raised nothing and still count"


def test_the_commands_show_differences_and_shadows(data: Path, tmp_path: Path) -> None:
    mine = changed(tmp_path / "mine.yaml", gambling_offender={"shadow": True}, fraud_offender={"grade": "orange", "version": 2})
    with open_store(Settings(data=data)) as store:
        fill(store, data, Policies.load(mine))
    shown = humiao(data, "policies", "diff", str(mine), "--since", "2026-03-01", "--data", str(data))
    assert shown.returncode == 0, shown.stderr
    assert "removed: yellow by gambling-offender@1 -> nothing" in shown.stdout
    assert "regraded: yellow by fraud-offender@1 -> orange by fraud-offender@2" in shown.stdout
    assert "    策略 fraud-offender@2" in shown.stdout
    assert "0 added, 1 removed, 1 regraded, 0 renamed, 1 the same" in shown.stdout
    found = json.loads(humiao(data, "policies", "diff", str(mine), "--since", "2026-03-01", "--json", "--data", str(data)).stdout)
    assert found["regraded"][0]["candidate"]["grade"] == "orange"
    listed = humiao(data, "policies", "shadow", "--data", str(data))
    assert "gambling-offender@1: 1 alerts of 2 posts" in listed.stdout
    (view,) = json.loads(humiao(data, "policies", "shadow", "gambling-offender", "--json", "--data", str(data)).stdout)["shadow"]
    assert view["alerts"][0]["post_count"] == 2
    assert "no shadow policy" in humiao(data, "policies", "shadow", "another", "--data", str(data)).stdout
