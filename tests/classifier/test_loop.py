"""From the desk's decisions to another model in use and back: lessons, challenger, gate, promotion, roll-back."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from alerting import desk, second
from alerting.handler import Handler
from classifier import weights
from classifier.duty import Duty
from classifier.gate import compare, mcnemar
from classifier.judge import Judge
from classifier.lessons import SECOND_VIEW, read_lessons
from classifier.outcome import Outcome
from classifier.registry import Registry
from classifier.retraining import Lesson, retrain
from classifier.rows import Row, own
from classifier.training import SEED, split
from classifier.weights import SHIPPED, load
from humiao.alert import Status
from humiao.errors import BadInput, Conflict, NotFound
from humiao.labels import Harm, Stance
from humiao.settings import Settings
from humiao.store import Store, open_store
from humiao.verdict import Scored
from tests.alerting.stream import SKINS, alerts_of, handler_on, scored
from tests.builders import NOON, at, make_post

FRAUD = {Harm.FRAUD: 0.9}
QUICK = Lesson(epochs=1, fewest_replayed=100, replayed=1)


@pytest.fixture(scope="module")
def champion() -> Judge:
    return Judge(load(SHIPPED))


@pytest.fixture(scope="module")
def unseen() -> list[Row]:
    """Posts that the champion was not trained on."""
    rows = [row for row in split(own(), SEED)[1] if not row.parent]
    return random.Random(5).sample(rows, 500)


@pytest.fixture
def store(tmp_path: Path):
    with open_store(Settings(data=tmp_path)) as opened:
        yield opened


def at_the_desk(store: Store, folder: Path, judge: Judge, rows: list[Row]) -> Handler:
    """The rows come in as posts, the champion judges them, the desk decides each alert by what the posts really are."""
    posts = [make_post(native_id=str(n), text=row.text, title="", author=f"作者{n}") for n, row in enumerate(rows)]
    truth = {post.id: row for post, row in zip(posts, rows, strict=True)}
    verdicts = judge.verdicts(posts, explain=False)
    handler = handler_on(store, folder)
    handler.handle([Scored(post=post, verdict=verdict) for post, verdict in zip(posts, verdicts, strict=True)])
    for alert in alerts_of(store):
        harmful = any(truth[post].harm[harm] for post in alert.posts for harm in alert.harm)
        desk.decide(store, alert.id, "patrol1", "confirm" if harmful else "dismiss", "" if harmful else "误报", NOON)
    return handler


def test_decisions_teach_a_challenger_that_a_person_can_put_in_use(store, tmp_path, champion, unseen):
    at_the_desk(store, tmp_path, champion, unseen)
    lessons = read_lessons(store)
    assert len(lessons.taught) >= 40
    assert lessons.kept
    assert not {row.unit for row in lessons.taught} & {row.unit for row in lessons.kept}
    registry = Registry(tmp_path)
    first = registry.active()
    ours = split(own(), SEED)[0]
    version = registry.add(lambda out: retrain(registry.path(first), out, lessons.taught, ours, QUICK), "ops", NOON)
    again = registry.add(lambda out: retrain(registry.path(first), out, lessons.taught, ours, QUICK), "ops", NOON)
    assert version == again != first
    challenger = Judge(load(registry.path(version)))
    assert challenger.thresholds == champion.thresholds
    outcome = compare(champion, challenger, unseen[:200], lessons.kept, NOON)
    with pytest.raises(Conflict, match="the gate has not compared it"):
        registry.promote(version, "ops", NOON)
    registry.gated(outcome, "ops")
    duty = Duty(registry, lambda wanted: load(registry.path(wanted)))
    assert duty()[0].version == first
    if not outcome.passed:
        with pytest.raises(Conflict, match="the gate refused it"):
            registry.promote(version, "ops", NOON)
        registry.gated(Outcome(first, version, NOON.isoformat()), "ops")
    registry.promote(version, "ops", NOON)
    judge, _ = duty()
    (verdict,) = judge.verdicts([make_post()])
    assert verdict.model == version
    assert registry.roll_back("ops", NOON) == first
    assert duty()[0].version == first
    with pytest.raises(Conflict, match="none to go back to"):
        registry.roll_back("ops", NOON)
    assert [entry.act for entry in registry.history()][-2:] == ["promoted", "rolled_back"]


def test_a_challenger_learns_what_the_desk_said(tmp_path, champion, unseen):
    """Taught for long enough that everything is bullying, it says so: decisions reach the weights."""
    taught = [Row(row.text, {Harm.BULLYING: 1.0}, unit=str(number)) for number, row in enumerate(unseen[:60])]
    retrain(SHIPPED, tmp_path / "new", taught, own()[:50], Lesson(epochs=8, replayed=0, fewest_replayed=0))
    texts = [row.text for row in unseen[:60]]
    before, after = (judge.judge_texts(texts) for judge in (champion, Judge(load(tmp_path / "new"))))
    assert sum(one.harm[Harm.BULLYING] for one in after) > sum(one.harm[Harm.BULLYING] for one in before) + 10


def test_too_few_decisions_are_refused_in_one_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "humiao", "train", "--from-decisions", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
        check=False,
    )
    assert done.returncode == 2
    assert "0 rows to learn from, 20 needed" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_lessons_say_only_what_was_decided_and_name_nobody(store, tmp_path):
    handler = handler_on(store, tmp_path)
    text = "我叫王小明，三年级2班，电话13800001234，他们说要教我刷单返利"
    handler.handle([scored(1, text, FRAUD), scored(2, "子丑寅卯辰巳午未", FRAUD), scored(3, "金木水火土日月星", FRAUD)])
    first, other, third = alerts_of(store)
    for alert, decision in ((first, "confirm"), (other, "dismiss"), (third, "dismiss")):
        desk.decide(store, alert.id, "patrol1", decision, "看过", at(hours=1))
    lessons = read_lessons(store)
    rows = {row.unit: row for row in (*lessons.taught, *lessons.kept)}
    assert rows[f"desk/{first.id}"].harm == {Harm.FRAUD: 1.0}
    assert rows[f"desk/{other.id}"].harm == {Harm.FRAUD: 0.0}
    assert all(sign not in row.text for row in rows.values() for sign in ("王小明", "2班", "13800001234"))
    second.review(store, other.id, "super1", "dismiss", at(hours=2))
    second.review(store, third.id, "super1", "confirm", at(hours=2))
    second.label(store, first.id, "super1", [Harm.CRIME_RECRUITMENT], Stance.VICTIM, at(hours=3))
    lessons = read_lessons(store)
    rows = {row.unit: row for row in (*lessons.taught, *lessons.kept)}
    assert lessons.disputed == 1
    assert f"desk/{third.id}" not in rows
    assert rows[f"desk/{other.id}"].weight == SECOND_VIEW
    labelled = rows[f"desk/{first.id}"]
    assert (labelled.harm[Harm.FRAUD], labelled.harm[Harm.CRIME_RECRUITMENT], labelled.stance) == (0.0, 1.0, Stance.VICTIM)
    desk.reopen(store, other.id, "patrol1", "再看", at(hours=4))
    assert f"desk/{other.id}" not in {row.unit for row in (*read_lessons(store).taught, *read_lessons(store).kept)}


def test_a_second_view_is_another_persons(store, tmp_path):
    handler_on(store, tmp_path).handle([scored(1, SKINS, FRAUD)])
    (alert,) = alerts_of(store)
    with pytest.raises(Conflict, match="nobody has decided"):
        second.review(store, alert.id, "super1", "confirm", NOON)
    desk.decide(store, alert.id, "patrol1", "confirm", "", NOON)
    with pytest.raises(Conflict, match="another person's"):
        second.review(store, alert.id, "patrol1", "confirm", NOON)
    with pytest.raises(BadInput, match="decision"):
        second.review(store, alert.id, "super1", "perhaps", NOON)
    with pytest.raises(BadInput, match="stance"):
        second.label(store, alert.id, "super1", [], Stance.VICTIM, NOON)
    assert second.review(store, alert.id, "super1", "confirm", NOON).data["agrees"]
    assert alerts_of(store, Status.CONFIRMED) == [store.alert(alert.id).value]


def test_reviewed_lines_teach_and_a_bad_one_is_named(store, tmp_path):
    file = tmp_path / "reviewed.jsonl"
    line = {"harm": ["fraud"], "stance": "victim", "sentiment": "negative"}
    texts = [f"第{number}次被骗了，电话1380000{number:04d}" for number in range(40)]
    file.write_text("".join(json.dumps({"text": text, **line}) + "\n" for text in texts))
    lessons = read_lessons(store, [file])
    assert len(lessons.taught) + len(lessons.kept) == 40
    assert lessons.taught
    assert lessons.kept
    assert not any("1380000" in row.text for row in lessons.taught)
    file.write_text('{"text": "x"}\n')
    with pytest.raises(BadInput, match=r"reviewed\.jsonl:1"):
        read_lessons(store, [file])


def crippled(folder: Path) -> Path:
    """The shipped model with harm outputs that say no to everything."""
    shutil.copytree(SHIPPED, folder)
    state = load_file(folder / "model.safetensors")
    state["heads.bias"] = state["heads.bias"] - torch.tensor(20.0, dtype=state["heads.bias"].dtype)
    save_file(state, folder / "model.safetensors")
    judge = json.loads((folder / "judge.json").read_text(encoding="utf-8"))
    (folder / "judge.json").write_text(json.dumps(judge | {"version": "crippled-00000000"}), encoding="utf-8")
    return folder


def test_the_gate_passes_an_equal_and_refuses_whoever_misses_a_cry(tmp_path, champion, unseen):
    fixed, decided = unseen[:200], unseen[200:300]
    assert compare(champion, champion, fixed, decided, NOON).refusals == []
    outcome = compare(champion, Judge(load(crippled(tmp_path / "bad"))), fixed, decided, NOON)
    assert any(refusal.startswith("self_harm: finds 0 posts") for refusal in outcome.refusals)
    assert any(refusal.startswith("harmful at all") for refusal in outcome.refusals)
    assert any(refusal.startswith("macro-F1") for refusal in outcome.refusals)
    assert any(refusal.startswith("decisions") for refusal in outcome.refusals)
    outcome.save(tmp_path)
    assert Outcome.load(tmp_path) == outcome


def test_mcnemar_is_the_exact_sign_test():
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(10, 0) == pytest.approx(2 / 1024)
    assert mcnemar(1, 9) == pytest.approx(22 / 1024)


def test_registry_names_what_is_wrong(tmp_path):
    registry = Registry(tmp_path)
    assert registry.active() == weights.version_of(SHIPPED)
    for name in ("", "../x", "nothing-12345678"):
        with pytest.raises(NotFound, match="there is none"):
            registry.path(name)
    registry.folder.mkdir()
    (registry.folder / "history.jsonl").write_text("{}\n")
    with pytest.raises(BadInput, match=r"history\.jsonl:1"):
        registry.active()


def test_a_model_that_can_not_be_loaded_leaves_the_old_one_on_duty(tmp_path):
    registry = Registry(tmp_path)
    duty = Duty(registry, lambda wanted: load(registry.path(wanted)))
    bad = registry.add(lambda out: crippled(out) and "bad-00000000", "ops", NOON)
    registry.gated(Outcome(registry.active(), bad, NOON.isoformat()), "ops")
    registry.promote(bad, "ops", NOON)
    (registry.folder / bad / "model.safetensors").write_bytes(b"cut off")
    assert duty()[0].version == registry.base_version()
