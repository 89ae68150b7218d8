"""How long a post takes to become an alert: posts at a steady rate through the classify and alert stages as processes.

    python benchmarks/latency.py [--rate 200] [--seconds 180] [--quick]

The embedded default with the shipped classifier. All texts differ, so no verdict is remembered; one post in a hundred is harmful
(`fortnight_texts`). A post is appended to the log with the time of that moment as its time of fetching; it is an alert once the
alert's chain of events tells of it. Prints one JSON object: percentiles in seconds, the rate that was really offered, and how many
posts still waited when the last one was offered. ``--quick``: 20 s.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fortnight_plan import BOARDS
from fortnight_texts import HARMFUL, everyday, filled

from alerting.incident import item
from humiao.alert import Status
from humiao.log import POSTS, SCORED, Log, Record, open_log
from humiao.post import Post
from humiao.settings import Settings
from humiao.store import AlertFilter, open_store

HARMFUL_SHARE = 0.01
TICK = 0.1
"""Seconds between two appends."""
STAGES = {"classify": POSTS, "alert": SCORED}
PATIENCE = 600.0


def post(number: int, dice: random.Random) -> Post:
    """Post `number`, fetched now."""
    texts = dice.choice(dice.choice(list(HARMFUL.values())))
    text = filled(dice.choice(texts), dice) if dice.random() < HARMFUL_SHARE else everyday(dice)
    platform, board = dice.choice(BOARDS)
    now = datetime.now(UTC)
    author = f"网友{dice.randrange(40_000)}"
    return Post(
        platform=platform, board=board, native_id=str(number), author=author, text=f"{text} {number}", ts=now, fetched_at=now
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    seconds = 20.0 if given.quick else given.seconds
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        environment = os.environ | {"HUMIAO_DATA": folder} | {f"HUMIAO_{name.upper()}__METRICS_PORT": "0" for name in STAGES}
        output = (Path(folder) / "stages.log").open("ab")
        stages = [
            subprocess.Popen([sys.executable, "-m", "humiao", name], env=environment, stdout=output, stderr=output)
            for name in STAGES
        ]
        try:
            with open_log(settings) as log, open_store(settings) as store:
                log.publish(POSTS, [_record(Post(platform="warm", text="热身", ts=datetime.now(UTC), native_id="warm"))])
                _drained(log)
                dice, begun, fetched = random.Random(1), time.monotonic(), {}
                while (gone := time.monotonic() - begun) < seconds:
                    due = [post(number, dice) for number in range(len(fetched), int(gone * given.rate))]
                    log.publish(POSTS, [_record(one) for one in due])
                    fetched |= {item(one): one.fetched_at for one in due}
                    time.sleep(TICK)
                offered = len(fetched) / (time.monotonic() - begun)
                waiting = {name: log.lag(topic, name) for name, topic in STAGES.items()}
                _drained(log)
                told: dict[str, datetime] = {}
                for alert in store.alerts(AlertFilter(statuses=frozenset(Status), kind="content"), limit=5000).items:
                    for event in store.events(alert.id):
                        for one in event.data.get("added", ()):
                            told[one] = min(event.at, told.get(one, event.at))
                delays = [(at - fetched[one]).total_seconds() for one, at in told.items() if one in fetched]
        finally:
            for stage in stages:
                stage.terminate()
            for stage in stages:
                stage.wait()
            output.close()
    cuts = statistics.quantiles(delays, n=1000, method="inclusive")
    print(
        json.dumps(
            {
                "offered_per_s": round(offered, 1),
                "posts": len(fetched),
                "alerted_posts": len(delays),
                "p50_s": round(cuts[499], 2),
                "p95_s": round(cuts[949], 2),
                "p99_s": round(cuts[989], 2),
                "max_s": round(max(delays), 2),
                "waiting_at_the_end": waiting,
                "load_average": [round(one, 1) for one in os.getloadavg()],
            }
        )
    )


def _record(one: Post) -> Record:
    return Record(one.id, one.to_json())


def _drained(log: Log) -> None:
    """Return when both stages have taken everything."""
    deadline = time.monotonic() + PATIENCE
    while any(log.lag(topic, name) for name, topic in STAGES.items()):
        if time.monotonic() > deadline:
            raise SystemExit(f"not drained after {PATIENCE:.0f} s")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
