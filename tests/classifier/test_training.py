"""Training from data to checkpoint on a small scale, and that it learns, resumes and keeps its splits apart."""

import gzip
import json
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, RobertaConfig, RobertaModel

from classifier import public, schedule, training, weights
from classifier.characters import Characters
from classifier.encoding import Reader, counted_of
from classifier.judge import Judge
from classifier.linear import fit_ngrams
from classifier.model import HARMS, OUTPUTS, SENTIMENTS, STANCES, JudgeModel
from classifier.ngrams import NgramTable
from classifier.pieces import Pieces
from classifier.pretraining import Plan, pretrain
from classifier.rows import POSTS, Row, own
from humiao.errors import BadInput, SettingsError
from humiao.labels import Harm, Sentiment
from tests.classifier.test_judge import post

DEMO_POSTS = Path(__file__).parents[2] / "crawlers" / "demo" / "posts.jsonl"


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> Path:
    """A folder in the layout of the public sets, with a few rows written for this test."""
    home = tmp_path_factory.mktemp("sets")
    ordinary = [
        "今天下雨，路上有点堵",
        "晚饭吃了番茄炒蛋",
        "图书馆人很多",
        "周末去看电影",
        "快递到了",
        "作业写完了",
        "公交车很准时",
        "早上跑步三公里",
    ]
    labels = {
        "cold": 0,
        "sos1k_suicide_risk": 0,
        "reviews_sentiment": 1,
        "swsr_sexism": 0,
        "sms_spam": "normal",
        "telecom_fraud": "normal",
    }
    for name in public.SETS:
        rows = [
            {"text": f"{text}{number}", "label": labels.get(name, "happy"), "votes": [0, 0, 0]}
            for number in range(6)
            for text in ordinary
        ]
        rows.append({"text": "留作检验的一句", "label": labels.get(name, "happy"), "votes": [0], "split": "test"})
        with gzip.open(home / f"{name}.jsonl.gz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return home


@pytest.fixture(scope="module")
def some_posts(tmp_path_factory) -> Path:
    """Every 25th of our own posts."""
    folder = tmp_path_factory.mktemp("posts")
    for file in POSTS.glob("*.jsonl"):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / file.name).write_text("".join(lines[::25]), encoding="utf-8")
    return folder


def test_pretraining_stops_resumes_and_feeds_training(sets, some_posts, tmp_path):
    pretrain(sets, tmp_path / "pre", Plan(layers=1, width=64, batch=8, steps=3), minutes=5)
    assert torch.load(tmp_path / "pre" / "state.pt", weights_only=True)["step"] == 3
    pretrain(sets, tmp_path / "pre", Plan(layers=1, width=64, batch=8, steps=5), minutes=5)
    assert torch.load(tmp_path / "pre" / "state.pt", weights_only=True)["step"] == 5
    recipe = training.Recipe(name="tiny", layers=1, width=64, epochs=1, repeats=1)
    version = training.train(sets, tmp_path / "run", tmp_path / "out", [recipe], tmp_path / "pre", some_posts)
    loaded = weights.load(tmp_path / "out")
    assert loaded.version == version
    assert set(loaded.thresholds) == set(Harm)
    (verdict,) = Judge(loaded).verdicts([post("放学一起回家")])
    assert verdict.model == version


def test_held_out_splits_are_never_read(sets):
    assert all("留作检验" not in text for text in public.texts(sets))
    assert all("留作检验" not in row.text for row in public.labelled(sets, 1))


def test_the_demos_posts_are_not_among_the_training_posts():
    demo = {json.loads(line)["text"] for line in DEMO_POSTS.open(encoding="utf-8")}
    long_enough = {text for text in demo if len(text) >= 6}
    assert not long_enough & {row.text for row in own()}


def test_own_posts_split_without_overlap_and_the_same_each_time():
    rows = own()
    first, held = training.split(rows, 5)
    assert len(first) + len(held) == len(rows)
    assert not {row.text for row in first} & {row.text for row in held}
    assert training.split(rows, 5)[1] == held


def test_without_public_data_one_line_says_so(monkeypatch, tmp_path):
    monkeypatch.delenv("HUMIAO_PUBLIC_DATA", raising=False)
    with pytest.raises(SettingsError, match="--public-data or HUMIAO_PUBLIC_DATA"):
        public.folder(None)
    with pytest.raises(SettingsError, match=r"lacks cold\.jsonl\.gz"):
        public.folder(tmp_path)


def test_any_local_encoder_serves_as_base_model(sets, some_posts, tmp_path):
    words = ["<pad>", "<s>", "</s>", "<unk>", "<mask>", *"今天下雨路上有点堵放学一起回家的我你他不是了在加微信"]
    inner = Tokenizer(models.WordLevel({word: number for number, word in enumerate(dict.fromkeys(words))}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    base = tmp_path / "base"
    PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>", unk_token="<unk>").save_pretrained(base)
    shape = RobertaConfig(
        vocab_size=len(inner.get_vocab()),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=140,
        type_vocab_size=1,
        pad_token_id=0,
    )
    RobertaModel(shape, add_pooling_layer=False).save_pretrained(base)
    recipe = training.Recipe(name="based", epochs=1, repeats=1)
    version = training.train(sets, tmp_path / "run", tmp_path / "out", [recipe], None, some_posts, base_model=base)
    judge = Judge(weights.load(tmp_path / "out"))
    assert judge.version == version
    (verdict,) = judge.verdicts([post("放学一起回家", parent="今天下雨")])
    assert set(verdict.harm) == set(Harm)
    with pytest.raises(SettingsError, match="no encoder with a fast tokenizer"):
        training.train(sets, tmp_path / "run2", tmp_path / "out2", [recipe], None, some_posts, base_model=tmp_path / "nothing")


def test_training_goes_on_where_it_stopped(sets, some_posts, tmp_path, monkeypatch):
    recipe = training.Recipe(name="tiny", layers=1, width=64, epochs=2, repeats=1)
    whole = training.train(sets, tmp_path / "one", tmp_path / "whole", [recipe], None, some_posts)
    monkeypatch.setattr(training, "SAVE_STEPS", 3)
    original, calls = training.masked_loss, []

    def breaks(*given):
        calls.append(1)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return original(*given)

    monkeypatch.setattr(training, "masked_loss", breaks)
    with pytest.raises(KeyboardInterrupt):
        training.train(sets, tmp_path / "two", tmp_path / "parts", [recipe], None, some_posts)
    monkeypatch.setattr(training, "masked_loss", original)
    assert training.train(sets, tmp_path / "two", tmp_path / "parts", [recipe], None, some_posts) == whole


def test_a_second_training_goes_on_from_the_first(sets, some_posts, tmp_path):
    recipes = [training.Recipe(name=name, layers=1, width=64, epochs=1, repeats=1, loosened=0.0) for name in ("broad", "narrow")]
    version = training.train(sets, tmp_path / "run", tmp_path / "out", recipes, None, some_posts)
    assert version.startswith("narrow-")
    first, second = (torch.load(tmp_path / "run" / name / training.WHOLE) for name in ("1-broad", "2-narrow"))
    assert not torch.equal(first["heads.weight"], second["heads.weight"])
    assert training.train(sets, tmp_path / "run", tmp_path / "again", recipes, None, some_posts) == version


def test_a_training_goes_on_from_a_checkpoint(sets, some_posts, tmp_path):
    first = training.Recipe(name="first", layers=1, width=64, epochs=1, repeats=1)
    old = training.train(sets, tmp_path / "run", tmp_path / "old", [first], None, some_posts)
    onward = training.Recipe(name="onward", epochs=1, repeats=1)
    given = {"posts": some_posts, "checkpoint": tmp_path / "old"}
    version = training.train(sets, tmp_path / "next", tmp_path / "new", [onward], None, **given)
    before, after = (weights.load_trainable(tmp_path / name) for name in ("old", "new"))
    assert version.startswith("onward-")
    assert after[2]["made"]["from"] == old
    assert after[0].encoder.model.config.num_hidden_layers == 1
    assert torch.equal(after[0].ngrams.keys, before[0].ngrams.keys)
    moved = after[0].encoder.model.get_input_embeddings().weight - before[0].encoder.model.get_input_embeddings().weight
    assert 0 < float(moved.detach().abs().mean()) < 0.01


def test_parting_undoes_joining():
    model = JudgeModel(torch.nn.Identity(), 8)
    before = model.heads.weight.detach().clone()
    shares = {"harm": 0.25, "stance": 0.5, "sentiment": 1.0}
    widths = (len(HARMS), len(STANCES), len(SENTIMENTS))
    wide = torch.cat([torch.full((width,), share) for width, share in zip(widths, shares.values(), strict=True)])
    model.join(NgramTable(3, OUTPUTS), wide)
    assert not torch.equal(model.heads.weight, before)
    model.part(shares)
    assert torch.allclose(model.heads.weight, before)
    assert model.ngrams.size == 0


def test_the_shipped_schedule_is_valid_and_a_wrong_one_is_named(tmp_path):
    assert [recipe.name for recipe in schedule.read().training] == ["broad", "second"]
    assert [recipe.name for recipe in schedule.read(schedule.SHIPPED.with_name("onward.toml")).training] == ["third"]
    wrong = tmp_path / "wrong.toml"
    for text, reason in (
        ("[pretraining]\nstepz = 3\n", "pretraining.stepz"),
        ("[pretraining]\n[[training]]\nepochs = 'x'\n", "training.0.epochs"),
        ("a = [", "is no TOML"),
        ("[pretraining]\ntraining = []\n", "pretraining.training"),
    ):
        wrong.write_text(text)
        with pytest.raises(BadInput, match=reason):
            schedule.read(wrong)
    with pytest.raises(BadInput, match="can't be read"):
        schedule.read(tmp_path / "none.toml")


def test_ngrams_learn_harms_from_the_first_public_rows_only():
    rows = own()[::40]
    pieces = Pieces.learn([row.text for row in rows])
    reader = Reader(pieces, Characters.count([row.text for row in rows], 1))
    rest = [Row(f"{row.text}。", {Harm.DRUGS: 1.0}, sentiment=Sentiment.POSITIVE) for row in rows]
    windows = training.windows_of(reader, rows + rest)
    none, every = fit_ngrams(rows, rest, windows, core=0), fit_ngrams(rows, rest, windows)
    batch = counted_of(windows[: len(rows)])
    drugs, happy = HARMS.index(Harm.DRUGS), len(HARMS) + len(STANCES) + SENTIMENTS.index(Sentiment.POSITIVE)
    untaught, taught = none(*batch).detach(), every(*batch).detach()
    assert float((taught[:, drugs] > untaught[:, drugs]).float().mean()) > 0.95
    assert float((untaught[:, happy] - taught[:, happy]).abs().mean()) < 1.0
    assert float(untaught[:, happy].mean()) > float(untaught[:, drugs].mean())
