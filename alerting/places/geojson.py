"""GeoJSON (RFC 7946) as places: a feature's properties are the fields, its geometry the coordinates.

Properties of OpenStreetMap exports are understood too (``amenity``, ``leisure``, ``natural``, ``alt_name`` …).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from alerting.places.place import Kind, Place
from alerting.places.records import COLUMN_WORDS, FIELDS, place_of

_FEATURES: Final = re.compile(r'"features"\s*:\s*\[')
_GAP: Final = re.compile(r"[\s,]*")
_TAGS: Final[dict[tuple[str, str], Kind]] = {
    ("amenity", "school"): Kind.SCHOOL,
    ("amenity", "kindergarten"): Kind.KINDERGARTEN,
    ("leisure", "park"): Kind.PARK,
    ("natural", "water"): Kind.WATER,
    ("landuse", "residential"): Kind.ESTATE,
    ("railway", "station"): Kind.STATION,
    ("amenity", "internet_cafe"): Kind.VENUE,
    ("amenity", "bar"): Kind.VENUE,
}
_OTHER_NAMES: Final = ("alt_name", "short_name", "old_name")


class Entry(NamedTuple):
    """A row or feature: where it stands, the place or why there is none."""

    where: str
    place: Place | None
    problem: str


class NotGeoJson(Exception):
    """``LINE:COLUMN: reason`` of a file that isn't GeoJSON at all."""


def entries(content: bytes) -> Iterator[Entry]:
    """Every feature of a FeatureCollection.

    Raises:
        NotGeoJson: it is no JSON, or no FeatureCollection.
    """
    try:
        text = content.decode("utf-8-sig")
        whole = json.loads(text)
    except UnicodeDecodeError as error:
        raise NotGeoJson(f" is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise NotGeoJson(f"{error.lineno}:{error.colno}: is no JSON: {error.msg}") from error
    except RecursionError as error:
        raise NotGeoJson(" is nested too deeply to be GeoJSON") from error
    if not isinstance(whole, dict) or whole.get("type") != "FeatureCollection" or not isinstance(whole.get("features"), list):
        raise NotGeoJson("1:1: is no FeatureCollection; export the places as GeoJSON features")
    positions = _positions(text, whole["features"])
    for number, feature in enumerate(whole["features"]):
        found = _place(feature)
        where = positions[number]
        if isinstance(found, Place):
            yield Entry(where, found, "")
        else:
            yield from (Entry(where, None, f"feature {number + 1}: {problem}") for problem in found)


def _positions(text: str, features: list[Any]) -> list[str]:
    """``LINE:COLUMN`` where each feature begins."""
    decoder = json.JSONDecoder()
    for start in _FEATURES.finditer(text):
        at, found = start.end(), list[str]()
        try:
            for feature in features:
                at = _gap_end(text, at)
                value, end = decoder.raw_decode(text, at)
                if value != feature:
                    break
                found.append(f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}")
                at = end
        except json.JSONDecodeError:
            continue
        if len(found) == len(features):
            return found
    return ["1:1"] * len(features)


def _gap_end(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _place(feature: Any) -> Place | list[str]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, Mapping):
        return ["has no properties; give it kind and name"]
    record = {field: _text(value) for key, value in properties.items() if (field := COLUMN_WORDS.get(key, key)) in FIELDS}
    if "kind" not in record:
        record["kind"] = next((kind.value for tag, kind in _TAGS.items() if properties.get(tag[0]) == tag[1]), "")
    if "aliases" not in record:
        record["aliases"] = ";".join(_text(properties[key]) for key in _OTHER_NAMES if properties.get(key))
    if "lat" not in record and (middle := _middle(feature.get("geometry"))):
        record["lon"], record["lat"] = (str(value) for value in middle)
    found = place_of(record)
    return found if isinstance(found, Place) else [f"{problem.field}: {problem.reason}" for problem in found]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "|".join(str(one) for one in value)
    return "" if value is None else str(value)


def _middle(geometry: Any) -> tuple[float, float] | None:
    """Longitude and latitude of the middle of the geometry's extent."""
    points = list(_points(geometry.get("coordinates"))) if isinstance(geometry, Mapping) else []
    if not points:
        return None
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


def _points(coordinates: Any) -> Iterator[tuple[float, float]]:
    if not isinstance(coordinates, list) or not coordinates:
        return
    if len(coordinates) > 1 and all(isinstance(one, int | float) for one in coordinates[:2]):
        yield float(coordinates[0]), float(coordinates[1])
        return
    for part in coordinates:
        yield from _points(part)
