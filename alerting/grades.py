"""The four grades: colour on screen and hours until somebody must have decided. One table, one place.

No national text fixes hours for a minor's case; these are the desk's own, and a policy may set others.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from humiao.alert import Grade


@dataclass(frozen=True, slots=True)
class GradeRule:
    """What a grade means to the desk."""

    hours: float
    """Hours from the first sight of a post to the decision, around the clock."""
    warning: timedelta
    """How long before the deadline the desk is warned."""
    colour: str
    """CSS colour, readable with white text on it (contrast ≥ 4.5)."""
    meaning: str


GRADES: Final[dict[Grade, GradeRule]] = {
    Grade.RED: GradeRule(2, timedelta(minutes=30), "#b3261e", "可能正在受害或面临人身危险：立即处置"),
    Grade.ORANGE: GradeRule(8, timedelta(hours=2), "#a14a00", "针对具体孩子或严重违法：当班处置"),
    Grade.YELLOW: GradeRule(24, timedelta(hours=4), "#7a5c00", "需要部门核查：一日内处置"),
    Grade.BLUE: GradeRule(72, timedelta(hours=24), "#1f5fa8", "线索留意：三日内查看"),
}


def grace(grade: Grade, hours: float | None = None) -> timedelta:
    """Time to decide: `hours` if given, else what the grade allows."""
    return timedelta(hours=GRADES[grade].hours if hours is None else hours)
