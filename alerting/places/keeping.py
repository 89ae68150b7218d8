"""Where an installation keeps its gazetteer: ``DATA/places.csv``, until then the shipped sample."""

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from alerting.places.gazetteer import Gazetteer
from alerting.places.place import Place
from alerting.places.reading import read
from alerting.places.records import FIELDS
from humiao.errors import SettingsError
from humiao.settings import Settings

SHIPPED: Final = Path(__file__).with_name("bantian.csv")


def file_of(settings: Settings) -> Path:
    """The file that counts: what ``alert.places`` names, what was imported, or the sample."""
    kept = kept_file(settings)
    return settings.alert.places or (kept if kept.exists() else SHIPPED)


def kept_file(settings: Settings) -> Path:
    """Where imported places are kept."""
    return settings.data / "places.csv"


def load(file: Path) -> Gazetteer:
    """The gazetteer of `file`.

    Raises:
        BadInput: it can't be read.
        SettingsError: a row of it is bad: ``FILE:LINE:COLUMN: field: reason``.
    """
    found = read(file)
    if found.problems:
        raise SettingsError(found.problems[0])
    return Gazetteer(found.places)


def keep(file: Path, places: Iterable[Place]) -> None:
    """Write `places` to `file`, whole or not at all.

    Raises:
        OSError: it can't be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    with new.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(FIELDS)
        for place in places:
            rows.writerow([_cell(place.model_dump(mode="json")[field]) for field in FIELDS])
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        return "|".join(value)
    return {True: "yes", False: "", None: ""}.get(value, value) if isinstance(value, bool | None) else value
