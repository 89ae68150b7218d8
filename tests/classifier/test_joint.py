"""The harms and the stance settle together whether a post harms."""

import pytest
import torch

from classifier.calibration import _joint
from classifier.joint import Joint, independent
from classifier.judge import Judge
from classifier.weights import SHIPPED, load
from humiao.labels import Stance
from tests.classifier.test_judge import post

HARM = torch.tensor([[0.3, 0.2, 0.01], [0.001, 0.002, 0.0], [0.9, 0.05, 0.6], [0.5, 0.5, 0.5]])
OTHER = torch.tensor([0.1, 0.95, 0.02, 0.5])


def test_taken_as_independent_the_new_harms_give_the_joint_chance():
    rule = Joint(stance=0.7, harm=0.3, bias=0.4)
    new = rule.agreed(HARM, OTHER)
    wanted = torch.sigmoid(0.7 * torch.logit(1 - OTHER) + 0.3 * independent(HARM) + 0.4)
    assert torch.allclose(1 - (1 - new).prod(1), wanted, atol=2e-3)


def test_the_order_of_a_posts_harms_stays():
    new = Joint(0.7, 0.3, 0.4).agreed(HARM, OTHER)
    assert torch.equal(torch.argsort(new, dim=1, stable=True), torch.argsort(HARM, dim=1, stable=True))


def test_a_post_that_the_stance_takes_for_harmless_is_lowered_and_the_other_way_round():
    rule = Joint(0.7, 0.3, 0.0)
    low = rule.agreed(HARM[:1], torch.tensor([0.99]))
    high = rule.agreed(HARM[:1], torch.tensor([0.01]))
    assert (low < HARM[:1]).all()
    assert (high > HARM[:1]).all()


def test_extremes_stay_probabilities():
    edges = torch.tensor([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [1e-9, 0.0]])
    for other in (0.0, 1.0):
        new = Joint(5.0, 5.0, 3.0).agreed(edges, torch.full((4,), other))
        assert torch.isfinite(new).all()
        assert ((new >= 0) & (new <= 1)).all()


def test_the_fitted_rule_is_right_on_average():
    dice = torch.Generator().manual_seed(5)
    harmful = torch.rand(4000, generator=dice) < 0.4
    sure = torch.where(harmful, 1.0, -1.0) + torch.randn(4000, generator=dice)
    harm = torch.sigmoid(sure - 2)[:, None].repeat(1, 3)
    other = 1 - torch.sigmoid(torch.where(harmful, 1.0, -1.0) + torch.randn(4000, generator=dice))
    new = _joint(harm, other, harmful).agreed(harm, other)
    any_harm = 1 - (1 - new).prod(1)
    assert float(any_harm.mean()) == pytest.approx(float(harmful.float().mean()), abs=0.01)
    for low in (0.1, 0.5, 0.8):
        inside = (any_harm > low) & (any_harm < low + 0.1)
        assert float(harmful[inside].float().mean()) == pytest.approx(low + 0.05, abs=0.08)


def test_the_shipped_judge_uses_it():
    checkpoint = load(SHIPPED)
    assert checkpoint.joint is not None
    (verdict,) = Judge(checkpoint).verdicts([post("今天天气很好，和家人去公园放风筝")])
    assert verdict.stance[Stance.OTHER] > 0.9
    assert not verdict.flags
