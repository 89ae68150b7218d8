"""How much a proposed source file collects: ``python benchmarks/proposal.py [--quick] [SITE …]``.

Sites built in many ways are served on loopback; ``humiao sources new`` looks at each, the real crawler reads it by the file that
came of that, and what it publishes is compared with what stands on the site: author, minute and text. Prints a table, then JSON.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.crawlers.proposal.measure import measure
from tests.crawlers.proposal.sites import SITES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sites", nargs="*", help="only these")
    parser.add_argument("--quick", action="store_true", help="four of the sites")
    parser.add_argument("--say", action="store_true", help="show what the command printed and what was wrong")
    given = parser.parse_args()
    names = given.sites or (list(SITES)[:4] if given.quick else list(SITES))
    results = {}
    print(f"{'site':<24} {'family':<11} {'requests':>8} {'seconds':>8} {'posts':>6} {'right':>6} {'share':>7} {'wrong':>6}")
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            built = SITES[name]()
            found = measure(built, Path(folder) / "data", forgiving=built.forgiving)
        print(
            f"{name:<24} {found.family or '–':<11} {found.requests:>8} {found.seconds:>8.1f} {found.posts:>6} {found.right:>6} "
            f"{found.share:>7.1%} {len(found.wrong):>6}",
            flush=True,
        )
        if given.say:
            print(found.said, *found.wrong[:8], sep="\n")
        results[name] = {
            "family": found.family,
            "share": round(found.share, 4),
            "wrong": len(found.wrong),
            "requests": found.requests,
        }
    print(json.dumps(results))


if __name__ == "__main__":
    main()
