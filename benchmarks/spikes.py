"""How many spikes are found, and how many that are none, beside what others do with the same streams; and how fast.

    python benchmarks/spikes.py [--quick] [--chnci FILE.jsonl.gz]

Streams of hourly counts by seed (spike_streams.py): every method sees each hour with the past alone. A planted spike (3 times the
usual count for four hours) is found if one of its first two hours is marked. Marked hours in a row are one false alarm, unless they
touch a planted spike. The others' settings are chosen on a seed of their own for the most spikes found at one false alarm per
series and 60 days; ours is as shipped. `--chnci` takes comments of real incidents: lines with `text`, `incident` and `ts` (UTC+8).
Prints tables, then one JSON object.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, where alerting.py is another benchmark
import spike_incidents
import spike_rivals as rivals
from spike_streams import BEGIN, HISTORY, HOUR, LASTS, TIMES, Streams, make

from alerting import spikes
from alerting.spikes.hours import Hours
from alerting.spikes.search import FEWEST, UNLIKELY, tail_probability

BANDS = ((0, 1), (1, 3), (3, 5), (5, 8), (8, 12), (12, 20), (20, 50), (50, math.inf))
"""Usual posts an hour where a spike was planted."""
SURPRISE = -math.log10(UNLIKELY)
Marks = np.ndarray
"""[series, hours], true where a method marks the hour."""


def ours(counts: np.ndarray, known: np.ndarray, *, borrow: bool = True, seen_at: Callable | None = None) -> np.ndarray:
    """Surprise of each hour, judged as soon as it is over; `seen_at` gives the counts as they stood at the end of an hour."""
    found = np.zeros(counts.shape)
    pool = spikes.Baseline()
    for place in range(HISTORY, counts.shape[1]):
        since = place + 1 - HISTORY
        begin = BEGIN + since * HOUR
        window = (seen_at(place) if seen_at else counts)[:, since : place + 1]
        usable = known[:, since : place + 1]
        if borrow and (place - HISTORY) % 24 == 0:
            pool = spikes.pooled(window, usable, Hours.of(begin, HISTORY, HOUR))
        found[:, place] = spikes.find_many(window, begin, HOUR, known=usable, pool=pool, newest=1).surprise[:, 0]
    return found


def judge(streams: Streams, marks: Marks) -> tuple[np.ndarray, np.ndarray]:
    """Whether each planted spike was found, and each series' false alarms in 60 days."""
    quiet = np.ones(marks.shape, np.bool_)
    quiet[:, :HISTORY] = False
    found = []
    for row, start in streams.planted:
        found.append(bool(marks[row, start : start + 2].any()))
        quiet[row, start - 1 : start + LASTS + 3] = False
    false = marks & quiet
    runs = (false[:, 1:] & ~false[:, :-1]).sum(axis=1)
    return np.array(found), runs / quiet.sum(axis=1) * 24 * 60


def usual_at(streams: Streams) -> np.ndarray:
    return np.array([streams.usual[row, start : start + 2].mean() for row, start in streams.planted])


def candidates() -> dict[str, list[tuple[str, Callable[[np.ndarray], Marks]]]]:
    """The other methods: first as is customary, then all settings to choose from, with our fewest posts granted to each."""

    def above(score: Callable, limit: float, fewest: int = FEWEST) -> Callable[[np.ndarray], Marks]:
        return lambda counts: (score(counts) > limit) & (counts >= fewest)

    def rule(frame: int, height: float, current: int, reference: int) -> tuple[str, Callable[[np.ndarray], Marks]]:
        text = f"timeframe {frame} h, height {height:g}, cur {current}, ref {reference}"
        return text, lambda counts: rivals.elastalert(counts, frame, height, current, reference) > 0

    limits = np.geomspace(2, 60, 35).round(2)
    found: dict[str, list] = {
        "ElastAlert 2 spike": [rule(1, 3, 0, 0), rule(2, 3, 10, 5)]
        + [rule(f, h, c, r) for f in (1, 2, 4, 24) for h in (1.5, 2, 2.5, 3, 4) for c in (8, 15, 30) for r in (1, 5, 15)],
        "EWMA": [("λ 0.1, 3 sd", above(lambda counts: rivals.ewma(counts, 0.1), 3, 1))],
        "EARS C2": [("7 h, 3 sd", above(lambda counts: rivals.ears_c2(counts, 1), 3, 1))],
        "EARS C2, same hour": [("7 days, 3 sd", above(lambda counts: rivals.ears_c2(counts, 24), 3, 1))],
        "Farrington-like": [("4 weeks, 2.58 sd", above(rivals.farrington, 2.58, 5))],
    }
    for limit in limits:
        for share in (0.02, 0.1, 0.3):
            found["EWMA"].append((f"λ {share}, {limit} sd", above(lambda counts, share=share: rivals.ewma(counts, share), limit)))
        found["EARS C2"].append((f"7 h, {limit} sd", above(lambda counts: rivals.ears_c2(counts, 1), limit)))
        found["EARS C2, same hour"].append((f"7 days, {limit} sd", above(lambda counts: rivals.ears_c2(counts, 24), limit)))
        found["Farrington-like"].append((f"4 weeks, {limit} sd", above(rivals.farrington, limit)))
    return found


def chosen(tuning: Streams) -> list[tuple[str, Callable[[np.ndarray], Marks]]]:
    """Each method as is customary and as it does best on the tuning streams."""
    found = []
    for name, settings in candidates().items():
        best, most = settings[0], -1.0
        for text, marks in settings:
            hits, false = judge(tuning, marks(tuning.counts))
            if false.mean() <= 1 and hits.mean() > most:
                best, most = (text, marks), hits.mean()
        found += [(f"{name} ({settings[0][0]})", settings[0][1]), (f"{name}, tuned ({best[0]})", best[1])]
    return found


def compare(seeds: list[int], series: int, days: int) -> dict:
    """One row for each method on the same streams."""
    methods = chosen(make(1, series, days))
    streams = [make(seed, series, days) for seed in seeds]
    rows: dict[str, list[Marks]] = {}
    all_known = np.ones(streams[0].counts.shape, np.bool_)
    rows["ours"] = [ours(one.counts.astype(np.float32), all_known) >= SURPRISE for one in streams]
    rows["ours, nothing borrowed"] = [ours(one.counts.astype(np.float32), all_known, borrow=False) >= SURPRISE for one in streams]
    for name, marks in methods:
        rows[name] = [marks(one.counts) for one in streams]
    usual = np.concatenate([usual_at(one) for one in streams])
    print(f"{len(seeds)} seeds × {series} series × {days} days, {len(usual)} planted spikes of {TIMES:g} times the usual count")
    heads = [f"{low}+" for low, _ in BANDS]
    print(f"{'false alarms per series and 60 days (by seed; share of series > 1), found at usual posts an hour':104}")
    print(f"{'':62} {'false':>6} {'by seed':>13} {'>1':>5}   " + " ".join(f"{head:>5}" for head in heads) + "   12+ (95%)")
    result = {}
    for name, marks in rows.items():
        judged = [judge(one, mark) for one, mark in zip(streams, marks, strict=True)]
        hits = np.concatenate([hit for hit, _ in judged])
        false = np.concatenate([alarms for _, alarms in judged])
        by_seed = sorted(float(alarms.mean()) for _, alarms in judged)
        inside = [hits[(usual >= low) & (usual < high)] for low, high in BANDS]
        curve = [float(band.mean()) if len(band) else None for band in inside]
        high = hits[usual >= 12]
        low95, high95 = wilson(int(high.sum()), len(high))
        over = float((false > 1.2).mean())  # the hours beside planted spikes are not counted: one alarm reads a little more than 1
        print(
            f"{name:62} {false.mean():6.2f} {by_seed[0]:6.2f}–{by_seed[-1]:<6.2f} {over:5.2f}   "
            + " ".join("    –" if value is None else f"{value:5.2f}" for value in curve)
            + f"   {high.mean():.3f} ({low95:.3f}–{high95:.3f})"
        )
        result[name] = {
            "false_alarms": round(float(false.mean()), 3),
            "by_seed": [round(value, 3) for value in by_seed],
            "series_over_1": round(over, 3),
            "found": {head: None if value is None else round(value, 3) for head, value in zip(heads, curve, strict=True)},
            "found_12": round(float(high.mean()), 3),
            "found_12_interval": [round(low95, 3), round(high95, 3)],
        }
    print(
        "planted: "
        + ", ".join(f"{head} {int(((usual >= a) & (usual < b)).sum())}" for head, (a, b) in zip(heads, BANDS, strict=True))
    )
    return result


def wilson(hits: int, trials: int) -> tuple[float, float]:
    share, z = hits / trials, 1.96
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return middle - half, middle + half


def theory() -> dict:
    """Chance to find a spike within two hours if usual count and variance were known exactly: no method can know more."""
    found: dict[str, dict[str, float]] = {}
    print(f"\n{'best possible, mean and variance known; usual posts an hour':62}")
    for name, linear, square in (("Poisson", 1.0, 0.0), ("variance 1.2 m + 0.06 m²", 1.2, 0.06)):
        found[name] = {str(mean): round(power(mean, linear, square), 3) for mean in (1, 2, 3, 5, 8, 12, 20, 50)}
        print(f"  {name:30} " + "  ".join(f"{mean}: {chance:.2f}" for mean, chance in found[name].items()))
    return found


def power(mean: float, linear: float, square: float) -> float:
    def spread(value: float) -> float:
        return linear * value + square * value * value

    def limit(usual: float, variance: float) -> int:
        count = FEWEST
        while tail_probability(count, usual, variance) > UNLIKELY:
            count += 1
        return count

    one, two = limit(mean, spread(mean)), limit(2 * mean, 2 * spread(mean))
    tails = [tail_probability(count, TIMES * mean, spread(TIMES * mean)) for count in range(two + 1)]
    missed = sum((tails[first] - tails[first + 1]) * (1 - tails[max(0, min(one, two - first))]) for first in range(min(one, two)))
    return 1 - missed


def disturbed(seed: int, series: int, days: int) -> dict:
    """False alarms of ours when sources stop, data come a day late, or a clock is put back, beside the same streams undisturbed."""
    streams = make(seed, series, days)
    dice = np.random.default_rng(seed)
    counts = streams.counts.astype(np.float32)
    known = np.ones(counts.shape, np.bool_)
    gapped, back = counts.copy(), counts.copy()
    starts = [(row, HISTORY + 24 * day + int(dice.integers(0, 24))) for row in range(series) for day in range(4, days - 4, 8)]
    for row, start in starts:
        stop = start + int(dice.integers(3, 49))
        gapped[row, start:stop], known[row, start:stop] = 0, False
        back[row, start] += back[row, start + 1]
        back[row, start + 1] = 0
    late_days = range(HISTORY + 96, counts.shape[1] - 96, 192)

    def late(place: int) -> np.ndarray:
        found = counts.copy()
        for start in late_days:
            if place < start + 48:
                found[:, start : start + 24] = 0
        return found

    whole = np.ones(counts.shape, np.bool_)
    cases = {
        "undisturbed": ours(counts, whole),
        "sources stop for 3 to 48 h, told as gaps": ours(gapped, known),
        "the same, not told": ours(gapped, whole),
        "a day comes a day late": ours(counts, whole, seen_at=late),
        "clock put back: an hour's posts stamped as the one before": ours(back, whole),
    }
    for start in late_days:  # the late day itself, judged when it has come
        since = start + 48 - HISTORY
        window = counts[:, since : start + 48]
        judged = spikes.find_many(window, BEGIN + since * HOUR, HOUR, pool=spikes.Baseline(), newest=48).surprise
        cases["a day comes a day late"][:, start : start + 24] = judged[:, :24]
    print(
        f"\nfalse alarms of ours per series and 60 days, {series} series × {days} days, {len(starts)} disturbances (a day in eight)"
    )
    result = {}
    for name, surprise in cases.items():
        result[name] = round(float(judge(streams, surprise >= SURPRISE)[1].mean()), 3)
        print(f"  {name:62} {result[name]:.2f}")
    return result


def speed(series: int) -> dict:
    """Seconds to judge the two newest of 672 hours of many series, of the process and by the clock."""
    dice = np.random.default_rng(5)
    rates = np.exp(dice.uniform(np.log(0.02), np.log(50), series)).astype(np.float32)
    counts = dice.poisson(np.broadcast_to(rates[:, None], (series, HISTORY))).astype(np.float32)
    pool = spikes.pooled(counts[:1000], np.ones((1000, HISTORY), np.bool_), Hours.of(BEGIN, HISTORY, HOUR))
    begin, processor = time.perf_counter(), time.process_time()
    spikes.find_many(counts, BEGIN, HOUR, pool=pool, newest=2)
    found = {"series": series, "seconds": round(time.perf_counter() - begin, 1), "cpu_s": round(time.process_time() - processor, 1)}
    print(f"\n{series} series of {HISTORY} hours: {found['seconds']} s by the clock, {found['cpu_s']} s of processor time")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--chnci", type=Path)
    given = parser.parse_args()
    quick = given.quick
    result = {
        "methods": compare([11] if quick else [11, 12, 13], 16 if quick else 100, 28 if quick else 60),
        "theory": theory(),
        "disturbed": disturbed(21, 8 if quick else 60, 28 if quick else 60),
        "speed": speed(10_000 if quick else 100_000),
    }
    if given.chnci:
        result["incidents"] = spike_incidents.measure(given.chnci, 31, 8 if quick else 96)
        print("\nreal incidents on a board with 4 other posts an hour, intervals of 15 minutes")
        for k, row in result["incidents"]["rises"].items():
            print(f"  rise = first quarter hour with {k:2} comments: {row}")
        print(f"  before them: {result['incidents']['quiet_alarms']} alarms in {result['incidents']['quiet_days']:.0f} quiet days")
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
