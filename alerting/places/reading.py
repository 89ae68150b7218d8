"""Import files: CSV and GeoJSON as places, every bad row with its line and column."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from alerting.places import geojson
from alerting.places.gazetteer import Gazetteer
from alerting.places.geojson import Entry
from alerting.places.place import Kind, Place
from alerting.places.records import COLUMN_WORDS, FIELDS, place_of
from humiao.errors import BadInput
from humiao.intake.line import Row
from humiao.intake.separated import separated_rows

GEOJSON: Final = frozenset({".geojson", ".json"})


@dataclass(frozen=True, slots=True)
class PlaceFile:
    """What a file holds."""

    places: list[Place]
    problems: list[str]
    """``FILE:LINE:COLUMN: field: reason; what to do``."""


def read(file: Path, known: Gazetteer | None = None) -> PlaceFile:
    """Read `file` (``.geojson``, ``.json``, or anything else as CSV).

    Args:
        file: to be read.
        known: places that a parent may be among, beside those of the file itself.

    Raises:
        BadInput: the file can't be read as what it is at all.
    """
    try:
        with file.open("rb") as stream:
            entries = list(geojson.entries(stream.read()) if file.suffix.lower() in GEOJSON else _rows(stream))
    except OSError as error:
        raise BadInput(f"{file}: can't be read ({error.strerror}); name another file") from error
    except BadInput as error:
        raise BadInput(f"{file}: {error}") from error
    except geojson.NotGeoJson as error:
        raise BadInput(f"{file}:{error}") from error
    problems = [f"{file}:{where}: {problem}" for where, place, problem in entries if place is None]
    places = _joined(file, [(where, place) for where, place, _ in entries if place is not None], known, problems)
    return PlaceFile(places, problems)


def _rows(stream: IO[bytes]) -> Iterator[Entry]:
    return _entries(iter(list(separated_rows(stream))))


def _entries(rows: Iterator[Row]) -> Iterator[Entry]:
    header = next(rows, None)
    if header is None:
        raise BadInput("is empty; the first row names the columns: id,kind,name,aliases,parent,lat,lon,invented")
    fields = [COLUMN_WORDS.get(name, name) for name in (cell.strip().lower().lstrip("\ufeff") for cell in header.cells)]
    if missing := [field for field in ("kind", "name") if field not in fields]:
        raise BadInput(
            f"line {header.number}: no column is called {missing[0]}; the first row names the columns: {','.join(FIELDS)}"
        )
    if unknown := [name for name in fields if name and name not in FIELDS]:
        raise BadInput(
            f"line {header.number}: column {fields.index(unknown[0]) + 1} {unknown[0]!r} is unknown; there are {', '.join(FIELDS)}"
        )
    for row in rows:
        if row.problem:
            yield Entry(f"{row.number}", None, row.problem)
        elif len(row.cells) > len(fields) and any(cell.strip() for cell in row.cells[len(fields) :]):
            yield Entry(f"{row.number}:{len(fields) + 1}", None, "has more cells than the header; quote cells that hold a comma")
        else:
            found = place_of(dict(zip(fields, row.cells, strict=False)))
            if isinstance(found, Place):
                yield Entry(f"{row.number}", found, "")
            else:
                for problem in found:
                    column = fields.index(problem.field) + 1 if problem.field in fields else 1
                    yield Entry(f"{row.number}:{column}", None, f"{problem.field}: {problem.reason}")


def _joined(file: Path, found: list[tuple[str, Place]], known: Gazetteer | None, problems: list[str]) -> list[Place]:
    """The places with each id once and each parent known, parents given by name put in as ids."""
    areas = {place.name: place.id for place in (known.places.values() if known else ()) if place.kind is Kind.AREA}
    areas |= {place.name: place.id for _, place in found if place.kind is Kind.AREA}
    ids = set(areas.values())
    kept: dict[str, Place] = {}
    for where, place in found:
        if place.id in kept:
            problems.append(f"{file}:{where}: id: {place.id!r} stands twice; give each place its own")
        elif place.parent and areas.get(place.parent, place.parent) not in ids:
            problems.append(
                f"{file}:{where}: parent: {place.parent!r} is no area here; add a row of kind area for it or leave it empty"
            )
        else:
            kept[place.id] = place.model_copy(update={"parent": areas.get(place.parent, place.parent)})
    return list(kept.values())
