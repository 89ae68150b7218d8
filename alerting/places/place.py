"""A place of the district: a school, a shop, an estate, or the area that others lie in."""

import hashlib
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from humiao.post import Frozen, Text


class Kind(StrEnum):
    """What a place is."""

    SCHOOL = "school"
    KINDERGARTEN = "kindergarten"
    SHOP = "shop"
    VENUE = "venue"
    ESTATE = "estate"
    PARK = "park"
    WATER = "water"
    STATION = "station"
    AREA = "area"
    """A community, street or district; others name it as their parent."""
    OTHER = "other"


KIND_WORDS: Final[dict[str, Kind]] = {
    "学校": Kind.SCHOOL, "小学": Kind.SCHOOL, "中学": Kind.SCHOOL, "高中": Kind.SCHOOL,
    "幼儿园": Kind.KINDERGARTEN,
    "商店": Kind.SHOP, "店铺": Kind.SHOP, "店": Kind.SHOP,
    "娱乐场所": Kind.VENUE, "场所": Kind.VENUE,
    "小区": Kind.ESTATE, "住宅": Kind.ESTATE,
    "公园": Kind.PARK,
    "水域": Kind.WATER, "水库": Kind.WATER, "河": Kind.WATER,
    "地铁站": Kind.STATION, "车站": Kind.STATION,
    "片区": Kind.AREA, "社区": Kind.AREA, "街道": Kind.AREA, "区": Kind.AREA,
    "其他": Kind.OTHER,
}  # fmt: skip
"""Chinese words that an import takes for a kind."""


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Place(Frozen):
    """One entry of the gazetteer."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    kind: Kind = Field(strict=False)
    name: Text = Field(min_length=2, max_length=60)
    """Official name; alerts are filed under it."""
    aliases: Annotated[tuple[Annotated[Text, Field(min_length=2, max_length=60)], ...], BeforeValidator(_tuple)] = ()
    """Other names, abbreviations and nicknames that people use."""
    parent: Text = Field(default="", max_length=64)
    """Id of the area that it lies in; empty if none."""
    lat: float | None = Field(default=None, ge=-90, le=90)
    """Degrees north; one datum for the whole file, it is used for distances only."""
    lon: float | None = Field(default=None, ge=-180, le=180)
    """Degrees east."""
    invented: bool = False
    """An example that does not exist."""


def made_id(kind: Kind, name: str) -> str:
    """Id of a place whose file gives none: the same for the same kind and name."""
    return f"{kind.value}-{hashlib.sha256(name.encode()).hexdigest()[:10]}"
