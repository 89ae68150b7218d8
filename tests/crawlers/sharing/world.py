"""A simulated world of crawl processes and one store: calls take time, answers and requests get lost or late, processes stop."""

import random
from collections.abc import Callable, Collection
from contextlib import suppress
from itertools import count
from typing import Any

from crawlers.sharing.groups import SiteGroup, scope
from crawlers.sharing.member import Member, Myself
from crawlers.sharing.share import Share
from humiao.errors import Conflict, StoreUnavailable
from humiao.store import Versioned

LEASE = 15.0


class SlowNotes:
    """The notes of one store as one process reaches them: time passes before and after each call takes effect."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def note(self, kind: str, key: str) -> Versioned[str] | None:
        return self._world.call(lambda: self._world.kept.get((kind, key)), changes=False)

    def notes(self, kind: str) -> dict[str, Versioned[str]]:
        return self._world.call(lambda: {key: note for (of, key), note in self._world.kept.items() if of == kind}, changes=False)

    def put_note(self, kind: str, key: str, text: str, version: str | None) -> str:
        return self._world.call(lambda: self._world.put(kind, key, text, version), changes=True)

    def drop_notes(self, kind: str, keys: Collection[str]) -> None:
        self._world.call(lambda: [self._world.kept.pop((kind, key), None) for key in keys], changes=True)


class Process:
    """One crawl process: takes its steps when its time comes, unless it is halted (for a while, or for good)."""

    def __init__(self, world: "World", groups: list[SiteGroup]) -> None:
        self.offset, self.drift = world.lots.uniform(0, 1e6), world.lots.uniform(0.995, 1.005)
        member = Member(
            SlowNotes(world), Myself(f"p{len(world.processes)}", scope(groups), LEASE), lambda: self.clock(world.now), gone=lambda _: False
        )  # fmt: skip
        self.share = Share(member, groups, scope(groups))
        self.next_step = world.now + world.lots.uniform(0, LEASE / 5)
        self.busy = self.dead = False

    def clock(self, now: float) -> float:
        return self.offset + now * self.drift

    def step(self) -> None:
        self.busy = True
        try:
            self.share.step()
            for name in list(self.share.held)[: self.share.surplus]:
                self.share.release(name)
        except StoreUnavailable:
            pass
        finally:
            self.busy = False


class World:
    def __init__(self, seed: int, *, processes: int, groups: list[SiteGroup]) -> None:
        self.lots, self.now, self.kept = random.Random(seed), 0.0, {}
        self.groups, self._versions, self._late, self._asking = groups, count(), [], 0
        self.trouble = True
        self.processes: list[Process] = []
        self.most_at_once = 0
        for _ in range(processes):
            self.join()

    def join(self) -> Process:
        self.processes.append(Process(self, self.groups))
        return self.processes[-1]

    def put(self, kind: str, key: str, text: str, version: str | None) -> str:
        found = self.kept.get((kind, key))
        if (found.version if found else None) != version:
            raise Conflict(key)
        self.kept[kind, key] = Versioned(text, str(next(self._versions)))
        return self.kept[kind, key].version

    def call(self, act: Callable[[], Any], *, changes: bool) -> Any:
        """Do `act` as over a bad network."""
        lot = self.lots.random() if self.trouble else 1.0
        self.pass_time(self._delay())
        if lot < 0.04:
            if changes:  # sent, and arriving when nobody waits for it any more
                self._late.append((self.now + self.lots.uniform(0, 3 * LEASE), act))
            raise StoreUnavailable("lost")
        result = act()
        self.pass_time(self._delay())
        if lot < 0.08:
            raise StoreUnavailable("the answer is lost")
        return result

    def _delay(self) -> float:
        if self.trouble and self.lots.random() < 0.02:
            return self.lots.uniform(0, 2 * LEASE)  # a halt of the whole process in the middle of a call
        return self.lots.expovariate(50)

    def pass_time(self, seconds: float) -> None:
        """Let the others act meanwhile."""
        until = self.now + seconds
        while True:
            waiting = [one for one in self.processes if not one.busy and not one.dead and one.next_step <= until]
            arriving = [one for one in self._late if one[0] <= until]
            moments = [one.next_step for one in waiting] + [at for at, _ in arriving]
            if not moments:
                break
            self.now = max(self.now, min(moments))
            for late in [one for one in arriving if one[0] <= self.now]:
                self._late.remove(late)
                with suppress(Conflict):
                    late[1]()
            for process in [one for one in waiting if one.next_step <= self.now and not one.busy]:
                process.next_step = self.now + self._until_next_step()
                process.step()
                self.look()
        self.now = max(self.now, until)
        self.look()

    def _until_next_step(self) -> float:
        if self.trouble and self.lots.random() < 0.05:
            return self.lots.uniform(0, 4 * LEASE)  # halted: longer than a lease, often
        return LEASE / 5

    def look(self) -> None:
        """How many processes would ask for the same host at this moment."""
        for group in self.groups:
            acting = sum(
                not one.dead and group.name in (held := one.share.held) and one.share.may_ask(group.name, held[group.name])
                for one in self.processes
            )
            self.most_at_once = max(self.most_at_once, acting)
