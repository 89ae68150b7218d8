"""Evidence packages under attack: false alarms on good ones, and how much of what can be done to one is found.

``python benchmarks/evidence.py [--quick]``: packages, whole and redacted, with time stamps of a local ``openssl ts``. Each
byte of the zip structure of one and a sample of every member flipped; members added, removed, renamed, exchanged, moved; events
cut; time stamps exchanged; signed again by another key. Prints a table, then one JSON object.
"""

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from alerting.evidence import layout, package
from alerting.evidence.container import pack
from alerting.evidence.record import record
from alerting.evidence.signing import Signer
from alerting.evidence.verify import verify
from humiao.errors import BadInput
from humiao.settings import EvidenceSettings, Settings
from humiao.store import open_store
from tests.alerting.evidence.authority import Authority
from tests.alerting.evidence.case import LATER, make_case, members_of, repacked
from tests.alerting.evidence.test_tampering import resealed, spans, stamps_of, with_stamps

QUICK = 10
"""Offsets sampled in a member by ``--quick``."""
Attack = tuple[str, bytes, str]
"""Kind, what became of the package, member that must be named (empty = any)."""


def attacks(good: bytes, other: bytes, folder: Path, sample: int) -> Iterator[Attack]:
    """Everything that is tried on one package; `other` is another good one."""
    dice = random.Random(1)
    members, places = members_of(good), spans(good)
    inside = {offset for start, size in places.values() for offset in range(start, start + size)}
    around = sorted(set(range(len(good))) - inside)
    flips = [("flip around members", offset, "") for offset in around[:: 1 if sample > QUICK else 8]]
    for name, (start, size) in places.items():
        offsets = range(start, start + size)
        flips += [("flip in a member", offset, name) for offset in (offsets if size <= sample else dice.sample(offsets, sample))]
    for kind, offset, name in flips:
        flipped = bytearray(good)
        flipped[offset] ^= 1 << dice.randrange(8)
        yield kind, bytes(flipped), name
    yield "added", pack(members | {"humiao/more.txt": b"x"}), "humiao/more.txt"
    names = list(members)
    for place, name in enumerate(names):
        yield "removed", pack({one: body for one, body in members.items() if one != name}), name
        yield "renamed", pack({(one + "x" if one == name else one): body for one, body in members.items()}), name + "x"
        if (foreign := members_of(other).get(name, b"")) != members[name]:
            yield "from another package", repacked(good, **{name: foreign}), ""
        for target in range(len(names)):
            if target != place:
                order = [one for one in names if one != name]
                order.insert(target, name)
                yield "reordered", pack({one: members[one] for one in order}), ""
    rows = members[layout.EVENTS].splitlines(keepends=True)
    for place in range(len(rows)):
        cut = b"".join(rows[:place] + rows[place + 1 :])
        yield "event cut", repacked(good, **{layout.EVENTS: cut}), layout.EVENTS
        yield "event cut, with our key", resealed(good, folder, **{layout.EVENTS: cut}), layout.EVENTS
    yield "time stamp exchanged", with_stamps(good, stamps_of(other), []), layout.DIGEST
    yield "time stamp exchanged, with our key", with_stamps(good, stamps_of(other), [], Signer.open(folder)), layout.DIGEST
    yield "time stamp removed", with_stamps(good, [], []), layout.DIGEST
    yield "signed again by another key", resealed(good, folder / "other"), layout.DIGEST


def found(content: bytes, name: str) -> str:
    """``named`` (the part is), ``found``, ``unreadable`` or ``missed``."""
    try:
        problems = verify(content).problems
    except BadInput:
        return "unreadable"
    if not problems:
        return "missed"
    return "named" if any(problem.part.startswith(name) for problem in problems) else "found"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer packages and offsets, within 50 seconds")
    quick = parser.parse_args().quick
    cases, exports, sample = (6, 2, QUICK) if quick else (100, 5, 100)
    alarms, seconds, sizes = 0, Counter[str](), []
    pair: list[bytes] = []
    with tempfile.TemporaryDirectory() as name, Authority(Path(name)) as authority:
        settings = EvidenceSettings(authorities=(authority.settings,))
        for seed in range(cases):
            data = Path(name) / str(seed)
            with open_store(Settings(data=data)) as store:
                alert = make_case(store, data, seed)
                for redacted in (False, True) * exports:
                    began = time.perf_counter()
                    content = package.export(store, data, alert.id, "analyst1", LATER, settings, redacted=redacted)
                    exported = time.perf_counter()
                    result = verify(content, roots=authority.roots)
                    seconds.update(export=exported - began, verify=time.perf_counter() - exported)
                    alarms += bool(result.problems) or len(result.stamps) != 1
                    sizes.append(len(content))
                    if not redacted and seed < 2 and len(pair) == seed:
                        pair.append(content)
        began = time.perf_counter()
        record(pair[0], "case.wacz")
        seconds["record"] = time.perf_counter() - began
        outcome: dict[str, Counter[str]] = {}
        for kind, content, part in attacks(pair[0], pair[1], Path(name) / "0", sample):
            outcome.setdefault(kind, Counter())[found(content, part)] += 1
    table = Table("attack", "tried", "part named", "found", "unreadable", "missed", title="what is done to a package")
    for kind, row in outcome.items():
        table.add_row(kind, *(str(n) for n in (row.total(), row["named"], row["found"], row["unreadable"], row["missed"])))
    Console().print(table)
    good = 2 * cases * exports
    print(f"{alarms} false alarms on {good} good packages of {sum(sizes) // good:,} bytes on average")
    figures = {
        "good_packages": good,
        "false_alarms": alarms,
        "tried": sum(row.total() for row in outcome.values()),
        "missed": sum(row["missed"] for row in outcome.values()),
        "attacks": {kind: dict(row) for kind, row in outcome.items()},
        "milliseconds": {
            "export": round(1000 * seconds["export"] / good, 1),
            "verify": round(1000 * seconds["verify"] / good, 1),
            "record": round(1000 * seconds["record"], 1),
        },
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
