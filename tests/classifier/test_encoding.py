"""Pieces, windows, training-time variation, and that the lean network says what transformers says."""

import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.augment import vary
from classifier.characters import Characters
from classifier.encoders import Encoder, described, from_config, small_bert
from classifier.encoding import CONTEXT, MOST_WINDOWS, WINDOW, Reader, starts_of
from classifier.lean import LeanModel
from classifier.model import OUTPUTS, JudgeModel
from classifier.normalise import normalise
from classifier.pieces import Pieces
from classifier.rows import own
from classifier.weights import SHIPPED
from humiao.labels import Stance


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Pieces.load(SHIPPED / "pieces.json"), Characters.load(SHIPPED / "vocab.txt"))


def random_model(reader: Reader) -> JudgeModel:
    torch.manual_seed(5)
    model = JudgeModel(Encoder(small_bert(len(reader.pieces), 2, 128)), 128)
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(std=0.08)
    return model.eval()


def lean(model: JudgeModel, kind: torch.dtype) -> LeanModel:
    rest = JudgeModel(torch.nn.Identity(), 128)
    rest.load_state_dict({name: value for name, value in model.state_dict().items() if not name.startswith("encoder.")})
    return LeanModel(described(model.encoder), model.encoder.model.state_dict(), rest.eval(), "cpu", kind)


TEXTS = [
    "好",
    "放学一起去图书馆吗",
    "今天食堂的番茄炒蛋很好吃,下午打了一场篮球,晚上写作业",
    "abc 123 !!! 😀",
    "哈哈哈",
    "放学后门口见",
]


def sorted_windows(reader: Reader, contexts: list[str] | None = None):
    return sorted((several[0] for several in reader.windows(TEXTS, contexts)), key=lambda window: len(window.ids))


def test_the_lean_network_says_what_transformers_says(reader):
    model = random_model(reader)
    windows = sorted_windows(reader, ["", "第一次发照片", "", "", "", "谁来单挑"])
    there, here = model.logits(windows), lean(model, torch.float32).logits(windows)
    for head in ("harm", "stance", "sentiment", "auxiliary"):
        assert torch.allclose(getattr(there, head), getattr(here, head), atol=1e-4), head


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_a_windows_numbers_do_not_depend_on_its_company(reader, kind):
    network = lean(random_model(reader), kind)
    windows = sorted_windows(reader)
    together = network.logits(windows).harm
    alone = torch.cat([network.logits([window]).harm for window in windows])
    many = network.logits([*windows[:1] * 40, *windows[1:]]).harm
    assert torch.allclose(together, alone, atol=1e-3)
    assert torch.allclose(many[:40], together[:1].expand(40, -1), atol=1e-3)


def test_evidence_of_pieces_and_letters_has_their_lengths(reader):
    network = lean(random_model(reader), torch.float32)
    windows = sorted_windows(reader, ["", "第一次发照片", "", "", "", ""])
    for window, (pieces, letters) in zip(windows, network.evidence(windows, [0] * len(windows)), strict=True):
        assert len(pieces) == len(window.ids) - window.context
        assert len(letters) >= len(window.letters)
        assert any(pieces)


def test_a_shape_written_down_gives_the_same_network_back(reader):
    model = random_model(reader)
    again = JudgeModel(from_config(described(model.encoder)), 128)
    again.load_state_dict(model.state_dict())
    windows = sorted_windows(reader)
    assert torch.equal(again.eval().logits(windows).harm, model.logits(windows).harm)


def test_windows_cover_a_long_text_in_order_and_carry_the_context(reader):
    text = normalise("今天天气不错，食堂的番茄炒蛋很好吃，下午打了一场篮球。" * 60).text
    (windows,) = reader.windows([text], ["谁在操场" * 40])
    assert windows[0].start == 0
    assert windows[-1].end == len(text)
    assert all(before.end >= after.start for before, after in zip(windows, windows[1:], strict=False))
    for window in windows:
        assert len(window.ids) <= WINDOW + 2
        assert 0 < window.context <= CONTEXT + 1
    assert len(reader.windows(["哈喽" * 60_000], None)[0]) <= MOST_WINDOWS


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), min_size=1, max_size=4))
def test_any_text_is_cut_into_windows_that_fit(reader, texts):
    for text, windows in zip(texts, reader.windows(texts, texts), strict=True):
        for window in windows:
            assert 2 <= len(window.ids) <= WINDOW + 2
            assert 0 <= window.start <= window.end <= len(text)
    _, ranges = reader.pieces.cut(texts[0])
    assert all(0 <= start <= end <= len(texts[0]) for start, end in ranges)


def test_window_starts_cover_what_there_is():
    for length in (0, 1, WINDOW, WINDOW + 1, 1000, 5000):
        starts = starts_of(length, WINDOW, 90)
        assert starts[0] == 0
        assert starts[-1] + WINDOW >= length
        assert all(0 < after - before <= WINDOW for before, after in zip(starts, starts[1:], strict=False))
        assert len(starts) <= MOST_WINDOWS


def test_pieces_loosened_fall_apart(reader):
    text = "老师今天布置了很多作业"
    (whole,) = reader.pieces.ids([text])
    apart = reader.pieces.loosened(whole, 1.0, random.Random(1))
    assert len(apart) == len(text) > len(whole)
    assert reader.pieces.loosened(whole, 0.0, random.Random(1)) == whole
    partly = reader.pieces.loosened(whole, 0.5, random.Random(3))
    assert partly == reader.pieces.loosened(whole, 0.5, random.Random(3))


def test_variation_is_seeded_keeps_labels_true_and_touches_both_kinds():
    rows = own()[::9]
    first, second = ([vary(row, rows, dice) for row in rows] for dice in (random.Random(8), random.Random(8)))
    assert [row.text for row in first] == [row.text for row in second]
    changed = [(before, after) for before, after in zip(rows, first, strict=True) if before.text != after.text]
    assert 0.25 < len(changed) / len(rows) < 0.6
    assert {any(before.harm.values()) for before, _ in changed} == {True, False}
    for before, after in changed:
        assert all(after.harm[harm] >= value for harm, value in before.harm.items())
        assert after.stance is before.stance or before.stance is Stance.OTHER or after.stance is Stance.WITNESS
        assert after.unit == before.unit or before.stance is Stance.OTHER


def test_every_output_has_a_place():
    assert OUTPUTS == 15 + 5 + 3 + 3
