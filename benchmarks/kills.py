"""Twenty kills (SIGKILL) of the alert stage at random moments of its work, on SQLite and on Elasticsearch.

    python benchmarks/kills.py [--kills 20] [--store sqlite|elasticsearch|both]

A stream with campaigns, drifting wordings, lone posts and edits waits in the log; the stage takes four messages at a time. It is
killed as soon as it has made some progress plus a random moment, and started again. Alerts, posts, evidence and the posts that each
chain of events tells of must equal those of a run that nobody disturbed, and every chain must be whole. Prints one JSON object.
"""

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.alerting.stage_kills import after_kills
from tests.alerting.stream import storm
from tests.servers import servers


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--store", choices=["sqlite", "elasticsearch", "both"], default="both")
    given = parser.parse_args()
    rows = storm(40 * given.kills + 100)
    result: dict[str, object] = {"posts": len(rows)}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        expected, _ = after_kills(folder / "straight", rows, 0, seed=0)
        result["alerts"] = len(expected["alerts"])
        for name in ("sqlite", "elasticsearch") if given.store == "both" else (given.store,):
            node = stack.enter_context(servers.Elasticsearch(folder / "node")) if name == "elasticsearch" else None
            began = time.monotonic()
            found, killed = after_kills(folder / name, rows, given.kills, seed=1, store=node.url if node else "", prefix="kills-")
            parts = {part: found[part] == expected[part] for part in expected}
            result[name] = {"kills_in_mid_work": killed, "seconds": round(time.monotonic() - began), "same": parts}
            print(name, json.dumps(result[name]), flush=True)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
