"""How well posts are put together to incidents: ``python benchmarks/grouping.py [--quick] [--parts] [--bank BANK] [--chnci FILE]``.

A labelled stream (``grouping_stream.py``, bank ``held`` or ``tuning``) runs through the real alert stage into SQLite, in batches,
in time order. Precision and recall are of pairs of posts, with 95% intervals of a bootstrap over incidents; ``--parts`` switches
each kind of link off. A flood of 10,000 reposts follows. ``--chnci``: comments of real incidents with their times (CHNCI), all
taken as flagged; they have no thread, so only wording and names tie them, and, as a second row, an assumed thread for each
incident. Prints a table, then JSON.
"""

import argparse
import gzip
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from grouping_stream import ADVERTS, Labelled, stream
from rich.console import Console
from rich.table import Table

from alerting import ties, wording
from alerting.handler import Handler
from alerting.policies import Policies
from humiao.labels import Harm
from humiao.settings import Settings
from humiao.store import open_store
from humiao.verdict import Scored
from tests.builders import NOON, make_post, make_verdict

BATCH = 200
DRAWS = 200


def placed(posts: Sequence[Scored]) -> tuple[dict[str, str], float]:
    """Post id -> alert id after the stage has seen all of `posts`, and the seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        with open_store(settings) as store:
            handler = Handler(store, settings.data, Policies.load(), lambda: NOON + timedelta(days=15))
            began = time.perf_counter()
            for start in range(0, len(posts), BATCH):
                handler.handle(posts[start : start + BATCH])
            took = time.perf_counter() - began
            return {id: found.alert for id, found in store.posts({one.post.id for one in posts}).items()}, took


def pairs(truth: Sequence[str], found: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """For each true incident: pairs that are right, pairs found, pairs that should be (found between two: half in each)."""
    sizes, cells = Counter(found), Counter(zip(truth, found, strict=True))
    table: dict[str, list[float]] = {}
    for (incident, alert), count in cells.items():
        row = table.setdefault(incident, [0, 0, 0])
        row[0] += count * (count - 1) / 2
        row[1] += count * (count - 1) / 2 + count * (sizes[alert] - count) / 2
    for incident, count in Counter(truth).items():
        table[incident][2] = count * (count - 1) / 2
    return {incident: (row[0], row[1], row[2]) for incident, row in table.items()}


def scores(rows: np.ndarray) -> tuple[float, float, float]:
    right, found, wanted = rows.sum(axis=0)
    precision, recall = right / found if found else 1.0, right / wanted if wanted else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def figures(labelled: Sequence[Labelled], where: dict[str, str], kinds: set[str] | None = None) -> dict[str, list[float]]:
    """Precision, recall, F1, each with its interval; large incidents weigh as much as their pairs do."""
    kept = [one for one in labelled if kinds is None or one.kind in kinds]
    table = pairs([one.incident for one in kept], [where.get(one.scored.post.id) or one.scored.post.id for one in kept])
    rows = np.array(list(table.values()), float).reshape(-1, 3)
    dice = np.random.default_rng(1)
    draws = np.array([scores(rows[dice.integers(0, len(rows), len(rows))]) for _ in range(DRAWS)])
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return {
        name: [round(float(part[place]), 4) for part in (scores(rows), low, high)]
        for place, name in enumerate(("precision", "recall", "f1"))
    }


def flood() -> int:
    """How many alerts a flood of 10,000 reposts makes."""
    advert = "，".join(row[0].replace("[", "").replace("|", "").replace("]", "") for row in ADVERTS["tuning"])
    made = []
    for n in range(10_000):
        post = make_post(
            native_id=f"flood{n}",
            author=f"号{n}",
            text=f"{advert}，加vx ab{n:06d}",
            ts=NOON + timedelta(seconds=n),
            fetched_at=NOON + timedelta(seconds=n),
        )
        made.append(Scored(post=post, verdict=make_verdict(post, flags={Harm.FRAUD: 0.9})))
    return len(set(placed(made)[0].values()))


def real(file: Path, limit: int, threads: bool) -> dict[str, list[float]]:
    """CHNCI: comments that people marked as bullying, by incident."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["label"] == 1]
    rows = random.Random(3).sample(rows, min(limit, len(rows)))
    labelled = []
    for n, row in enumerate(rows):
        when = datetime.strptime(row["ts"], "%Y/%m/%d %H:%M").replace(tzinfo=timezone(timedelta(hours=8)))
        thread = f"{row['incident']}-{row['platform']}" if threads else ""
        post = make_post(
            native_id=str(n),
            platform=row["platform"],
            board="",
            title="",
            author=f"网友{n}",
            url="",
            text=row["text"],
            ts=when,
            fetched_at=when,
            place="",
            reply_to=thread,
        )
        labelled.append(
            Labelled(Scored(post=post, verdict=make_verdict(post, flags={Harm.BULLYING: 0.9})), row["incident"], "real")
        )
    return figures(labelled, placed([one.scored for one in sorted(labelled, key=lambda one: one.scored.post.ts)])[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--bank", choices=list(ADVERTS), default="held")
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--parts", action="store_true", help="switch each part off too (seven more runs)")
    parser.add_argument("--chnci", type=Path)
    given = parser.parse_args()
    labelled = stream(given.bank, 2_500 if given.quick else given.size, 1)
    posts = [one.scored for one in labelled]
    where, took = placed(posts)
    duplicates = {"advert", "template"}
    found = {"all incidents": figures(labelled, where), "near-duplicates (adverts, shops)": figures(labelled, where, duplicates)}
    found |= {f"… {kind}": figures(labelled, where, {kind}) for kind in ("advert", "template", "thread", "person", "cry", "single")}
    if given.parts:
        nothing = lambda *_: iter(())  # noqa: E731
        for name in ("_contacts", "_thread", "_person", "_author"):
            with patch.object(ties, name, nothing):
                found[f"without {name[1:]}"] = figures(labelled, placed(posts)[0])
        with patch.object(wording, "named", lambda *_: []):
            found["without names that part"] = figures(labelled, placed(posts)[0])
        with patch.object(wording, "ALIKE", 2.0):
            found["without likeness of wordings"] = figures(labelled, placed(posts)[0])
    if given.chnci:
        limit = 1_000 if given.quick else 6_000
        found["CHNCI, wording and names"] = real(given.chnci, limit, threads=False)
        found["CHNCI, with a thread for each incident and platform"] = real(given.chnci, limit, threads=True)
    table = Table(
        "",
        "precision",
        "recall",
        "F1",
        title=f"{len(posts):,} posts, {len({one.incident for one in labelled}):,} incidents, {given.bank}",
    )
    for name, row in found.items():
        table.add_row(name, *(f"{value:.3f} ({low:.3f}–{high:.3f})" for value, low, high in row.values()))
    Console(width=120).print(table)
    alerts = None if given.quick else flood()
    campaigns = len({one.incident for one in labelled if one.kind in duplicates})
    facts = {"bank": given.bank, "posts": len(posts), "campaigns": campaigns, "posts_per_second": round(len(posts) / took)}
    print(json.dumps(facts | {"flood_alerts": alerts, "figures": found}, ensure_ascii=False))


if __name__ == "__main__":
    main()
