"""Consumer groups of the embedded log: who is a member, who owns which partition, and how that changes hands.

There is no coordinator. Each member looks at the tables when it polls, and puts right what it is entitled to in one transaction:
it removes members that are dead, gives back partitions over its fair share, takes free ones up to it. Ownership is a row that
one member at most can hold, with an epoch that rises at each change of hands, so a member that was taken for dead finds out
when it commits.
"""

import sqlite3
import time
import weakref
from collections.abc import Collection
from dataclasses import dataclass

from humiao.log import liveness, sqlite_topics
from humiao.log.sqlite_file import LogFile
from humiao.log.sqlite_lease import LeaseRenewal


@dataclass
class Holding:
    """A partition that this member owns."""

    epoch: int
    committed: int
    next: int
    """Offset of the next message to deliver; those from `committed` up to it are in hand."""

    @property
    def in_hand(self) -> bool:
        """Whether messages were delivered and not committed."""
        return self.next > self.committed


def share(rank: int, members: int, partitions: int) -> int:
    """How many partitions the member of `rank` (0 = joined first) is entitled to; shares differ by one at most."""
    each, over = divmod(partitions, members)
    return each + (rank < over)


class Membership:
    """One member's standing in one group on one topic."""

    def __init__(self, file: LogFile, topic: str, group: str, *, partitions: int, lease: float) -> None:
        """`partitions` are those of a topic that has yet to be created; `lease` is in seconds."""
        self._file, self._name, self._group, self._partitions, self._lease = file, topic, group, partitions, lease
        self.topic: int | None = None
        self.holdings: dict[int, Holding] = {}
        self._id: int | None = None
        self._over_since: float | None = None
        self._renewal = LeaseRenewal(file.path, lease)
        weakref.finalize(self, self._renewal.stop)

    def settle(self) -> None:
        """Bring `holdings` in line with the tables, and the tables with what this member is entitled to."""
        with self._file.reading() as db:
            settled = self._is_settled(db)
        if not settled:
            try:
                with self._file.writing() as db:
                    self._put_right(db)
            except BaseException:
                self._id = None  # what was written is undone; a member under this id would be somebody else
                self.holdings.clear()
                raise
            finally:
                self._renewal.member = self._id

    def commit(self, ends: dict[int, int]) -> list[int]:
        """Move the group's positions up to `ends` (offset after the last message done); returns partitions no longer owned."""
        done, lost = dict[int, int](), []
        with self._file.writing() as db:
            for partition, end in ends.items():
                if self._move(db, partition, end):
                    done[partition] = end
                else:
                    lost.append(partition)
        for partition, end in done.items():
            holding = self.holdings[partition]
            holding.committed = max(holding.committed, end)
            holding.next = max(holding.next, end)
        for partition in lost:
            self.holdings.pop(partition, None)
        return sorted(lost)

    def leave(self) -> None:
        """Give everything back at once."""
        self._renewal.stop()
        if self._id is not None:
            with self._file.writing() as db:
                _remove(db, self._id)
        self._id = None
        self.holdings.clear()

    def _move(self, db: sqlite3.Connection, partition: int, end: int) -> bool:
        holding = self.holdings.get(partition)
        if holding is None:
            return False
        update = """UPDATE positions SET committed = max(committed, ?)
            WHERE topic = ? AND grp = ? AND partition = ? AND owner = ? AND epoch = ?"""
        return db.execute(update, (end, self.topic, self._group, partition, self._id, holding.epoch)).rowcount == 1

    def _is_settled(self, db: sqlite3.Connection) -> bool:
        if self.topic is None or self._id is None:
            return False
        members, dead = self._members(db)
        owners = self._owners(db)
        self._forget_lost(owners)
        if dead or self._id not in members:
            return False
        over = len(self.holdings) - share(members.index(self._id), len(members), len(owners))
        if over <= 0:
            self._over_since = None
        return not self._surplus(over) and not (over < 0 and None in {owner for owner, _, _ in owners.values()})

    def _put_right(self, db: sqlite3.Connection) -> None:
        self.topic = sqlite_topics.ensure(db, self._name, self._partitions)
        db.executemany(
            "INSERT OR IGNORE INTO positions VALUES (?, ?, ?, ?, NULL, 0)",
            [(self.topic, self._group, partition, start) for partition, start in sqlite_topics.starts(db, self.topic).items()],
        )
        members, dead = self._members(db)
        for member in dead:
            _remove(db, member)
        if self._id not in members:
            self._id = self._join(db)
            members.append(self._id)
        owners = self._owners(db)
        self._forget_lost(owners)
        over = len(self.holdings) - share(members.index(self._id), len(members), len(owners))
        for partition in self._surplus(over):
            self._own(db, partition, None, self.holdings.pop(partition).epoch)
        free = [partition for partition, (owner, _, _) in owners.items() if owner is None]
        for partition in free[: max(0, -over)]:
            _, epoch, committed = owners[partition]
            self._own(db, partition, self._id, epoch + 1)
            self.holdings[partition] = Holding(epoch + 1, committed, committed)

    def _surplus(self, over: int) -> Collection[int]:
        """Partitions to give back: those with nothing in hand, and after a lease's patience any."""
        if over <= 0:
            return ()
        self._over_since = self._over_since or time.monotonic()
        overdue = time.monotonic() - self._over_since > self._lease
        return [p for p, holding in sorted(self.holdings.items(), reverse=True) if overdue or not holding.in_hand][:over]

    def _forget_lost(self, owners: dict[int, tuple[int | None, int, int]]) -> None:
        for partition, holding in list(self.holdings.items()):
            if owners[partition][:2] != (self._id, holding.epoch):
                del self.holdings[partition]

    def _owners(self, db: sqlite3.Connection) -> dict[int, tuple[int | None, int, int]]:
        """Per partition owner, epoch, committed."""
        query = "SELECT partition, owner, epoch, committed FROM positions WHERE topic = ? AND grp = ? ORDER BY partition"
        return {row[0]: row[1:] for row in db.execute(query, (self.topic, self._group))}

    def _own(self, db: sqlite3.Connection, partition: int, owner: int | None, epoch: int) -> None:
        db.execute(
            "UPDATE positions SET owner = ?, epoch = ? WHERE topic = ? AND grp = ? AND partition = ?",
            (owner, epoch, self.topic, self._group, partition),
        )

    def _members(self, db: sqlite3.Connection) -> tuple[list[int], list[int]]:
        """Ids of the living in order of joining, and of the dead."""
        now = time.time()
        living, dead = list[int](), list[int]()
        query = "SELECT id, process, renewed, lease FROM members WHERE topic = ? AND grp = ? ORDER BY id"
        for member, process, renewed, lease in db.execute(query, (self.topic, self._group)):
            # A renewal from the future means that the clock was set back; it must not keep a dead member alive.
            lives = member == self._id or (abs(now - renewed) <= lease and not liveness.is_gone(process))
            (living if lives else dead).append(member)
        return living, dead

    def _join(self, db: sqlite3.Connection) -> int:
        row = db.execute(
            "INSERT INTO members (topic, grp, process, renewed, lease) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (self.topic, self._group, liveness.mark(), time.time(), self._lease),
        ).fetchone()
        return int(row[0])


def _remove(db: sqlite3.Connection, member: int) -> None:
    db.execute("UPDATE positions SET owner = NULL WHERE owner = ?", (member,))
    db.execute("DELETE FROM members WHERE id = ?", (member,))
