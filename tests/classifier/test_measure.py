"""The figures themselves: computed by hand on small examples."""

import numpy as np
import pytest

from classifier import baselines
from classifier.calibration import _bias, _thresholds
from classifier.evaluation import any_harm, calibration_error
from classifier.judge import Judge
from classifier.measure import CHALLENGE, Measured, functionalities, macro_f1, with_interval
from classifier.rows import Row, own, read_examples
from classifier.weights import SHIPPED, load
from humiao.labels import CRISIS, Harm, Sentiment, Stance


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load(SHIPPED))


def test_macro_f1_is_the_mean_over_classes():
    truth, found = np.array([1, 1, 1, 0]), np.array([1, 1, 0, 0])
    assert macro_f1(truth, found) == pytest.approx((4 / 5 + 2 / 3) / 2, abs=1e-4)
    both = with_interval(truth.repeat(50), found.repeat(50))
    low, high = both["interval"]
    assert low < both["macro_f1"] < high


def test_any_harm_takes_harms_as_independent():
    assert any_harm([0.5, 0.5, 0.0]) == pytest.approx(0.75)
    assert any_harm([]) == 0


def test_calibration_error_of_a_right_and_a_wrong_forecaster():
    chances = np.repeat([0.1, 0.9], 1000)
    truth = np.concatenate([np.arange(1000) < 100, np.arange(1000) < 900])
    assert calibration_error(chances, truth) < 0.001
    assert calibration_error(1 - chances, truth) == pytest.approx(0.8, abs=0.01)


def test_a_bias_makes_probabilities_right_on_average():
    import torch

    logits = torch.full((1000,), -2.0)
    bias = _bias(logits, (torch.arange(1000) < 300).float(), 0.3)
    assert torch.sigmoid(logits[:1] + bias).item() == pytest.approx(0.3, abs=0.02)


def test_keywords_see_words_through_evasion():
    assert baselines.by_keywords(["不想活了", "今天天气好", "要电子🚬烟弹吗"]) == [[Harm.SELF_HARM], [], [Harm.TOBACCO_ALCOHOL]]


def test_snownlp_answers_in_our_terms():
    assert set(baselines.by_snownlp(["太好了真开心", "难过得想哭", ""])) <= set(Sentiment)


def test_the_linear_baseline_learns():
    rows = own()[::6]
    linear = baselines.Linear(rows, [])
    chances = linear.harms([row.text for row in rows])
    truth = np.array([[row.harm[harm] for harm in Harm] for row in rows]) > 0
    assert chances[truth].mean() > 5 * chances[~truth].mean()
    assert set(linear.stances(["你好"])) <= set(Stance)


def test_functionalities_count_rows_by_their_tag(judge):
    rows = [example.row() for example in read_examples(CHALLENGE)][:60]
    found = functionalities(judge, rows)
    assert sum(one["posts"] for one in found.values()) == sum(tag.startswith("f:") for row in rows for tag in row.tags)
    assert all(0 <= one["harms right"] <= one["flag right"] <= 1 for one in found.values())


def test_measured_figures_have_intervals_and_slices(judge):
    rows = [example.row() for example in read_examples(CHALLENGE)][::4]
    found = Measured(judge).on(rows)
    low, high = found["intervals"]["any-harm recall"]
    assert low <= found["any_harm"]["recall"] <= high
    assert all(
        set(slice_) <= {"recall", "recall posts", "false alarms", "false alarms posts"} for slice_ in found["slices"].values()
    )
    assert isinstance(rows[0], Row)


def test_a_rare_harm_among_the_held_back_posts_is_biased_for_all_posts():
    import torch

    logits = torch.full((1000,), -2.0)
    bias = _bias(logits, (torch.arange(1000) < 20).float(), 0.3)
    assert torch.sigmoid(logits[:1] + bias).item() == pytest.approx(0.3, abs=0.02)


def test_the_cut_of_a_thin_harm_leans_on_the_others():
    dice = np.random.default_rng(3)
    truth = (dice.random((2000, len(Harm))) < 0.05).astype(float)
    thin = list(Harm).index(Harm.FRAUD)
    truth[:, thin] = 0
    truth[:3, thin] = 1
    chances = np.clip(np.where(truth > 0, dice.normal(0.55, 0.15, truth.shape), dice.normal(0.1, 0.1, truth.shape)), 0.01, 0.99)
    chances[:3, thin] = 0.95
    cuts = _thresholds(chances, truth, np.ones(2000))
    plain = [cuts[harm] for harm in Harm if harm is not Harm.FRAUD and harm not in CRISIS]
    assert min(plain) - 0.05 < cuts[Harm.FRAUD] < max(plain) + 0.1
    assert np.mean([cuts[harm] for harm in CRISIS]) <= np.mean(plain)
