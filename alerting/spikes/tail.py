"""Tail probabilities of counts: negative binomial, Poisson where the counts vary no more than that."""

import math


def tail_probability(count: int, mean: float, variance: float) -> float:
    """P(X ≥ count) for a negative binomial X with this mean and variance; Poisson if the variance is not above the mean."""
    if count <= 0:
        return 1.0
    if variance <= mean * 1.0001:
        size, share = math.inf, 0.0
        term = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    else:
        size = mean * mean / (variance - mean)
        share = mean / (size + mean)
        log = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
        term = math.exp(log + size * math.log1p(-share) + count * math.log(share))
    if count < mean:  # the upper tail is the larger part: sum the lower one
        return 1.0 - _sum_down(count, term, mean, size, share)
    return min(1.0, _sum_up(count, term, mean, size, share))


def _sum_up(count: int, term: float, mean: float, size: float, share: float) -> float:
    total = 0.0
    while term > total * 1e-15:
        total += term
        term *= mean / (count + 1) if math.isinf(size) else share * (count + size) / (count + 1)
        count += 1
    return total


def _sum_down(count: int, term: float, mean: float, size: float, share: float) -> float:
    """Sum of the probabilities below `count`, whose own is `term`."""
    total = 0.0
    while count > 0:
        count -= 1
        term *= (count + 1) / mean if math.isinf(size) else (count + 1) / (share * (count + size))
        total += term
    return total
