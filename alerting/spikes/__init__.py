"""Spikes: a count model with the hours and days of a week, and what is too much for it. How good it is: docs/spikes.md."""

from alerting.spikes.model import Baseline
from alerting.spikes.pool import baseline, pooled
from alerting.spikes.search import FEWEST, UNLIKELY, Judged, Spike, find, find_many
from alerting.spikes.tail import tail_probability

__all__ = ["FEWEST", "UNLIKELY", "Baseline", "Judged", "Spike", "baseline", "find", "find_many", "pooled", "tail_probability"]
