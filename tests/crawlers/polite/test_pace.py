from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crawlers.polite.pace import (
    BREAKS_AT,
    JITTER,
    LONGEST_ASKED,
    LONGEST_REST,
    PATIENCE,
    Outcome,
    Pace,
    Rest,
    begun,
    ended,
    next_at,
    rest_after,
)
from crawlers.states import State

DELAYS = st.floats(0.01, 3600)
CHANCES = st.floats(0, 1)
OUTCOMES = st.sampled_from([Outcome.ANSWERED, Outcome.BUSY, Outcome.FAILED, Outcome.UNKNOWN])


@dataclass(frozen=True)
class Step:
    pause: float
    """Seconds for which nobody asks."""
    took: float
    outcome: Outcome
    asked: float
    chance: float


STEPS = st.lists(
    st.builds(Step, st.floats(0, 200), st.floats(0, 30), OUTCOMES, st.sampled_from([0.0, 5.0, 90.0, 3600.0, 1e9]), CHANCES),
    max_size=60,
)


@given(DELAYS, STEPS)
def test_whatever_happens_requests_keep_their_distance_and_rests_are_kept(delay, steps):
    pace, now, began, rests_until = Pace(), 1000.0, None, 0.0
    for step in steps:
        now += step.pause
        found = next_at(pace, delay, now)
        if isinstance(found, Rest):
            assert found.until > now
            assert found.state in {State.THROTTLED, State.UNREACHABLE}
            assert pace.is_broken or found.until - now > PATIENCE
            continue
        now = max(now, found)
        assert now >= rests_until
        assert began is None or now - began >= delay - 1e-9 * now
        began = now
        pace = begun(pace, now, step.chance)
        now += step.took
        pace = ended(pace, step.outcome, delay, now, step.chance, asked=step.asked, reason="why")
        if step.outcome in {Outcome.BUSY, Outcome.FAILED}:
            rests_until = now + min(step.asked, LONGEST_ASKED)
            assert pace.rests_until >= rests_until
            assert pace.rests_until <= now + max(LONGEST_ASKED, (1 + JITTER) * max(LONGEST_REST, delay))


@given(DELAYS, st.floats(0, 1), st.floats(0, 1e6))
def test_a_request_comes_late_by_at_most_the_jitter(delay, chance, now):
    pace = begun(Pace(), now, chance)
    following = next_at(pace, delay, now)
    assert now + delay <= following <= now + delay * (1 + JITTER) + 1e-6 * delay + 1e-6


@given(DELAYS)
def test_each_failure_doubles_the_rest_up_to_its_limit(delay):
    rests = [rest_after(failures, delay) for failures in range(1, 60)]
    assert rests[0] == max(1.0, delay)
    assert all(later >= earlier for earlier, later in pairwise(rests))
    assert rests[BREAKS_AT - 1] >= 60
    assert rests[-1] == max(LONGEST_REST, delay)


def fail(pace: Pace, now: float, outcome=Outcome.FAILED) -> Pace:
    return ended(begun(pace, now, 0), outcome, 1.0, now, 0.0, reason="HTTP 504")


def test_the_circuit_breaks_is_tried_once_and_closes_with_the_first_answer():
    pace = Pace()
    for now in range(BREAKS_AT - 1):
        pace = fail(pace, now)
        assert isinstance(next_at(pace, 1.0, now), float)  # it is waited for
    pace = fail(pace, 100.0)
    assert next_at(pace, 1.0, 100.0) == Rest(160.0, State.UNREACHABLE, "HTTP 504")
    assert next_at(pace, 1.0, 160.0) <= 160.0  # half open: one may try
    pace = fail(pace, 160.0)
    assert next_at(pace, 1.0, 219.0) == Rest(280.0, State.UNREACHABLE, "HTTP 504")  # the next rest is twice as long
    pace = ended(begun(pace, 280.0, 0), Outcome.ANSWERED, 1.0, 280.5, 0.0)
    assert pace.failures == 0
    assert next_at(pace, 1.0, 280.5) == 281.0


def test_the_state_says_whether_the_site_asked_or_failed():
    pace = Pace()
    for now in range(BREAKS_AT):
        pace = fail(pace, now, Outcome.BUSY)
    found = next_at(pace, 1.0, BREAKS_AT)
    assert isinstance(found, Rest)
    assert found.state == State.THROTTLED


def test_a_request_that_was_given_up_changes_nothing():
    pace = fail(Pace(), 5.0)
    assert ended(pace, Outcome.UNKNOWN, 1.0, 9.0, 0.5) == pace
