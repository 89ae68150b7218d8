"""One answer to "does this post harm?" from the two heads that know it.

The harms' probabilities say which harm a post shows; the stance head has harmless posts as a class of its own (``other``) and tells
them apart better than the harms taken together, above all where a post harms in a way that fits no label well. So the chance of any
harm is a logistic function of both, fitted on held-back posts (`classifier.calibration`), and the harms are raised or lowered
together until taken as independent they give it: with p the harms' probabilities and t the joint chance, p' = 1 - (1 - p)^k, where
k = log(1 - t) / sum log(1 - p). The order of a post's harms stays; any-harm probabilities become right on average.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

LEAST: Final = 1e-4
"""Nothing is surer than this."""


@dataclass(frozen=True)
class Joint:
    """Weights of the logistic function, over logits."""

    stance: float
    """Of the chance that the stance is not ``other``."""
    harm: float
    """Of the chance that the independent harms give."""
    bias: float

    def agreed(self, harm: Tensor, other: Tensor) -> Tensor:
        """`harm`: [posts, harms], `other`: [posts] chance of the stance ``other``; the harms' new probabilities."""
        none = torch.log1p(-harm.clamp(max=1 - LEAST)).sum(1)
        any_harm = torch.sigmoid(self.stance * torch.logit(1 - other, LEAST) + self.harm * independent(harm) + self.bias)
        power = torch.log1p(-any_harm.clamp(LEAST, 1 - LEAST)) / none.clamp(max=-LEAST)
        return -torch.expm1(power[:, None] * torch.log1p(-harm.clamp(max=1 - LEAST)))


def independent(harm: Tensor) -> Tensor:
    """Logit of the chance that any of the harms is there, were they independent."""
    return torch.logit(-torch.expm1(torch.log1p(-harm.clamp(max=1 - LEAST)).sum(1)), LEAST)
