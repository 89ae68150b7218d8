"""How many scored posts the alert stage handles in a second: ``python benchmarks/alerting.py [--quick]``.

The real handler with the shipped policies and gazetteer, evidence and message hints, into SQLite and into one Elasticsearch node of
its own (JDK 21 and Maven needed; ``--store sqlite`` does without). Verdicts are made beforehand, so the classifier is not timed. Of
the posts two in a hundred are flagged, as adverts of campaigns with evasion, quarrels in threads and cries for help. The stores are
filled with handled posts to 10,000, 100,000 and, without ``--quick``, 1,000,000; at each size batches go to both stores in turn.
Prints a table of medians (lowest to highest), then one JSON object.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))
from grouping_stream import EVERYDAY, stream

from alerting.handler import Handler
from alerting.places import keeping
from alerting.policies import Policies
from humiao.settings import Settings
from humiao.store import Store, open_store
from humiao.verdict import Scored
from tests.builders import NOON, make_post, make_stored, make_verdict
from tests.servers import servers

BATCH = 256
FLAGGED = 0.02
ROUNDS = 5
TOPICS = [
    "周末去哪玩",
    "孩子写作业磨蹭",
    "求推荐牙医",
    "二手书桌出",
    "地铁又挤",
    "今天的云好看",
    "学校发通知了",
    "小区团购菜",
    "想养只猫",
    "跑步打卡第{n}天",
    "老师讲得细",
    "食堂新菜不错",
]
PLACES = ["在坂田小学门口", "坂小那边", "五和地铁站", "天安云谷", "岗头市场", "华附后街", "", "", "", ""]


def everyday(dice: random.Random, number: int) -> str:
    """A harmless post; hardly any two are the same."""
    parts = [dice.choice(EVERYDAY), dice.choice(TOPICS).format(n=number % 400), dice.choice(PLACES), f"第{number}次来问"]
    return "，".join(part for part in dice.sample(parts, len(parts)) if part)


def scored_posts(seed: int) -> Iterator[Scored]:
    """Posts as they come from the classifier, without end; each once."""
    dice = random.Random(seed)
    flagged = (one.scored for part in range(10**6) for one in stream("held", 500, seed * 1000 + part))
    for number in range(10**9):
        if dice.random() < FLAGGED:
            yield next(flagged)
            continue
        when = NOON + timedelta(seconds=number)
        post = make_post(
            native_id=f"{seed}-{number}",
            text=everyday(dice, number),
            author=f"街坊{dice.randrange(20_000)}",
            ts=when,
            fetched_at=when + timedelta(minutes=1),
            place="",
        )
        yield Scored(post=post, verdict=make_verdict(post))


def fill(store: Store, have: int, want: int) -> None:
    """Stored posts that were handled before."""
    dice = random.Random(have)
    for start in range(have, want, 1000):
        store.put_posts(
            [
                make_stored(
                    native_id=f"old{n}",
                    text=everyday(dice, n),
                    author=f"{n % 20_000:032x}",
                    ts=NOON - timedelta(seconds=n),
                    fetched_at=NOON - timedelta(seconds=n),
                )
                for n in range(start, min(want, start + 1000))
            ]
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--store", choices=["sqlite", "elasticsearch", "both"], default="both")
    given = parser.parse_args()
    sizes = [10_000, 30_000] if given.quick else [10_000, 100_000, 1_000_000]
    batches = 4 if given.quick else 12
    wanted = ["sqlite", "elasticsearch"] if given.store == "both" else [given.store]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        opened: dict[str, tuple[Store, Handler, Iterator[Scored]]] = {}
        for name in wanted:
            node = stack.enter_context(servers.Elasticsearch(folder / "node")) if name == "elasticsearch" else None
            settings = Settings(data=folder / name, store=node.url if node else "")
            store = stack.enter_context(open_store(settings))
            handler = Handler(
                store, settings.data, Policies.load(), lambda: NOON + timedelta(days=20), gazetteer=keeping.load(keeping.SHIPPED)
            )
            opened[name] = store, handler, scored_posts(len(opened) + 1)
        found: dict[str, dict[int, list[float]]] = {name: {} for name in wanted}
        filled = dict.fromkeys(wanted, 0)
        for size in sizes:
            for name, (store, handler, posts) in opened.items():
                fill(store, filled[name], size)
                filled[name] = size
                handler.handle([next(posts) for _ in range(BATCH)])
            for _ in range(ROUNDS):
                for name, (_, handler, posts) in opened.items():
                    ready = [[next(posts) for _ in range(BATCH)] for _ in range(batches)]
                    began = time.perf_counter()
                    for batch in ready:
                        handler.handle(batch)
                    found[name].setdefault(size, []).append(batches * BATCH / (time.perf_counter() - began))
    table = Table("stored posts", *wanted, title="scored posts a second, median (lowest to highest)")
    for size in sizes:
        table.add_row(
            f"{size:,}",
            *(
                f"{statistics.median(row):,.0f} ({min(row):,.0f} to {max(row):,.0f})"
                for row in (found[name][size] for name in wanted)
            ),
        )
    Console().print(table)
    rates = {name: {str(size): round(statistics.median(row)) for size, row in by.items()} for name, by in found.items()}
    fall = {name: round(1 - by[str(sizes[-1])] / by[str(sizes[0])], 3) for name, by in rates.items()}
    print(json.dumps({"posts_per_second": rates, "flagged_share": FLAGGED, "slower_at_the_largest": fall}))


if __name__ == "__main__":
    main()
