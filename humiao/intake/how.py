"""What the person who brings a file says about it."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from humiao.intake.mapping import Wanted

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class HowToRead:
    """How a file is to be read."""

    wanted: Wanted | None = None
    """The map of a sheet's columns; None = not yet confirmed."""
    sheet: str | None = None
    """Which sheet of a workbook; None = the first with a header."""
    zone: ZoneInfo = SHANGHAI
    """Of times without offset."""
    encoding: str | None = None
    """Of a text sheet; None = find out."""
