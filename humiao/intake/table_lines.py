"""The rows of a table as posts and problems, by the map that a person confirmed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from humiao.errors import BadInput, HumiaoError
from humiao.intake.attaching import Attaching
from humiao.intake.fields import CHINESE, Field
from humiao.intake.how import HowToRead
from humiao.intake.line import Line
from humiao.intake.mapping import Mapping, MapWrong, Wanted, resolve
from humiao.intake.row_posts import Reading, post_of
from humiao.intake.table import Table

_NOT_FOUND: Final = {
    Field.TS: "no column tells when the posts were published; give one time for all: '@2026-03-01T20:00:00+08:00=ts'",
    Field.PLATFORM: "no column tells the platform; give it for all: '平台=@抖音'",
    Field.TEXT: "no column holds the posts' text; say which: 'COLUMN=text'",
}


class MapNeeded(HumiaoError):
    """A sheet was understood; before anything goes in, a person confirms what its columns are."""

    def __init__(self, table: Table, label: str) -> None:
        self.table, self.label = table, label
        super().__init__(f"{label}: say what its columns are with --map, or take the guess with --map auto")


def table_lines(table: Table, how: HowToRead, now: datetime, label: str, pictures: Attaching | None) -> Iterator[Line]:
    """A line for each row of `table`.

    Args:
        table: read as far as its header.
        how: with the map.
        now: the present (UTC).
        label: name of the file for people.
        pictures: those that came with it; None = it is a sheet alone.

    Raises:
        MapNeeded: `how` has no map.
        MapWrong: the map does not fit the table, or leaves out what is required.
    """
    if how.wanted is None:
        raise MapNeeded(table, label)
    mapping = _mapping(table, how.wanted, with_pictures=pictures is not None)
    reading = Reading(mapping, how.zone, now, table.epoch)
    for row in table.rows:
        where = f"{label}:{row.number}"
        remarks: tuple[str, ...] = ()
        try:
            post, names = post_of(row, reading)
            if pictures:
                post, remarks = pictures.attach(post, names)
        except BadInput as error:
            yield Line(where, None, str(error), hidden=row.hidden)
        else:
            yield Line(where, post, remarks=remarks, hidden=row.hidden)


def _mapping(table: Table, wanted: Wanted, *, with_pictures: bool) -> Mapping:
    mapping = resolve(wanted, table.header, table.guess)
    if Field.PICTURE in mapping.columns and not with_pictures:
        if any(pair.field is Field.PICTURE for pair in wanted.pairs):
            raise MapWrong("--map: pictures come in one ZIP file with their sheet; this is a sheet alone")
        mapping = replace(mapping, columns={one: at for one, at in mapping.columns.items() if one is not Field.PICTURE})
    if missing := mapping.missing():
        raise MapWrong(f"--map: {missing[0]} ({CHINESE[missing[0]]}) is missing: {_NOT_FOUND[missing[0]]}")
    return mapping
