"""Whose turn it is, in made-up seconds."""

import math
from collections import Counter

from crawlers.turns import STAGGER, Turns


def jain(shares: list[float]) -> float:
    """Jain's index of fairness: 1 = all have the same, 1/n = one has everything."""
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def test_whoever_waits_longest_comes_first_and_places_are_limited():
    turns = Turns(places=2, patience=60)
    for name, due in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
        turns.add(name, 0)
        turns.set_due(name, due)
    assert turns.ready(10) == ["a", "b"]
    turns.began("a", 10)
    turns.began("b", 10)
    assert turns.ready(10) == []
    assert turns.waiting(10) == 1
    turns.ended("a", 70)
    assert turns.ready(11) == ["c"]
    assert turns.next_due() == 3.0


def test_sources_that_come_at_once_are_staggered():
    turns = Turns(places=1000, patience=60)
    for number in range(500):
        turns.add(f"s{number}", 100.0)
    assert len(turns.ready(100.0)) == 1
    assert len(turns.ready(100.0 + 100 * STAGGER)) in {100, 101}
    assert turns.waiting(100.0 + 500 * STAGGER) == 500


def test_a_visit_yields_only_when_it_has_lasted_and_another_waits():
    turns = Turns(places=1, patience=60)
    turns.add("long", 0)
    turns.began("long", 0)
    assert not turns.should_yield("long", 1000)
    turns.add("other", 0)
    assert not turns.should_yield("long", 59)
    assert turns.should_yield("long", 61)
    turns.ended("long", 61)
    assert turns.ready(61) == ["other"]


def test_what_rests_for_ever_is_never_ready_until_somebody_says_so():
    turns = Turns(places=1, patience=60)
    turns.add("paused", 0)
    turns.set_due("paused", math.inf)
    assert turns.ready(1e9) == []
    turns.set_due("paused", 5)
    assert turns.ready(6) == ["paused"]
    turns.remove("paused")
    assert turns.ready(6) == []
    turns.ended("paused", 0)  # a visit that ends after its source went elsewhere
    turns.set_due("paused", 0)
    assert turns.ready(6) == []


def test_five_hundred_sources_with_much_to_read_get_the_same_time():
    turns, got, now = Turns(places=32, patience=10), Counter(), 0.0
    for number in range(500):
        turns.add(f"s{number}", 0.0)
    running: set[str] = set()
    while now < 2000:
        for name in turns.ready(now):
            turns.began(name, now)
            running.add(name)
        now += 1
        for name in list(running):
            got[name] += 1
            if turns.should_yield(name, now):
                running.discard(name)
                turns.ended(name, now)
    assert len(got) == 500
    assert jain(list(got.values())) > 0.99
