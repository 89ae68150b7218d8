"""How urgent an incident is: the most urgent policy's grade, raised by the facts of the whole incident. One table.

Everything here is a function of what the posts of an alert amount to together, so the same posts give the same grade in whatever
order they came. More posts never make an alert less urgent. No national text ranks such facts; the table is the desk's own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

from alerting.calendar import SHANGHAI
from alerting.grades import GRADES, grace
from alerting.policies import Policies, Step
from alerting.policy import OWN_RULE
from humiao.alert import GRADE_NAMES, Alert, Grade, Regrade
from humiao.labels import CRISIS, HARM_NAMES, STANCE_NAMES, Stance

SPREAD_POSTS: Final = 50
SPREAD_PLATFORMS, SPREAD_PLATFORM_POSTS = 3, 10
DAYS: Final = 3
YOUNG: Final = 14
"""Below this age the law protects more strictly (刑 236, 237; 个保法 28; 治安法 51)."""
SCHOOL: Final = ("小学", "中学", "学校", "幼儿园", "初中", "高中", "附小", "附中", "校区")
_SOURCE: Final = "本站定级规则"
_HOUR: Final = len("2026-03-02T04")


@dataclass(frozen=True, slots=True)
class Row:
    """A fact that raises the grade by one."""

    name: str
    since: Callable[[Alert], datetime | None]
    """When it became true of the incident (UTC); None = it isn't."""
    says: Callable[[Alert], str]


@dataclass(frozen=True, slots=True)
class Graded:
    """What policies and facts make of an incident."""

    policy: str
    grade: Grade
    deadline: datetime
    limit: str
    """What the deadline rests on (Chinese)."""
    reasons: list[str]


def graded(alert: Alert, policies: Policies) -> Graded:
    """Policy, grade, deadline and reasons of `alert`, of which everything but these is right.

    `post_policy` and `policy_grade` are those of the most urgent post alone, `policy_deadline` the nearest of its posts.
    """
    policy, grade, deadline = alert.post_policy, alert.policy_grade or alert.grade, alert.policy_deadline or alert.deadline
    limit = alert.deadline_source
    reasons: list[str] = []
    for step in map(Step.parse, alert.steps):
        taken = policies.get(step.policy)
        if taken is None or alert.post_count < step.size:
            continue
        due = _bounded(partial(policies.due, taken), _grown(alert, step.size))
        deadline, limit = min((deadline, limit), (due, taken.limit))
        if (taken.grade.rank, policies.place(taken.ref)) < (grade.rank, policies.place(policy)):
            policy, grade = taken.ref, taken.grade
    reasons += _crisis(alert)
    firing = [(row, since) for row in TABLE if (since := row.since(alert)) is not None]
    may_rise = grade is not Grade.RED and (grade is not Grade.ORANGE or alert.stance is Stance.VICTIM)
    if firing and may_rise:
        before, grade = grade, list(Grade)[grade.rank - 1]
        time = grace(grade)
        due = _bounded(lambda since: since + time, min(since for _, since in firing))
        deadline, limit = min((deadline, limit), (due, f"升级后{GRADES[grade].hours:g}小时（昼夜连续计算）；依据：{OWN_RULE}"))
        effect = f"：由{GRADE_NAMES[before]}升为{GRADE_NAMES[grade]}（{_SOURCE}）"
        reasons += [f"{row.says(alert)}{effect}" for row, _ in firing]
    else:
        reasons += [f"{row.says(alert)}：不再升级" for row, _ in firing]
    return Graded(policy, grade, deadline, limit, reasons)


BY_PERSON: Final = "人工"
"""How a sentence about a person's word begins."""


def in_force(grade: Grade, deadline: datetime, word: Regrade | None) -> tuple[Grade, datetime, list[str]]:
    """Grade and deadline with a person's word, and what is said of it.

    The word stands until policies and facts say something more urgent than what the person saw. Its time runs from the word.
    """
    if word is None:
        return grade, deadline, []
    if grade.rank < word.over.rank:
        return grade, deadline, [f"{BY_PERSON}曾调为{GRADE_NAMES[word.grade]}（{word.by}），此后情况加重，按现有事实定级"]
    due = word.at + grace(word.grade)
    if word.grade.rank <= grade.rank:
        due = min(due, deadline)
    return word.grade, due, [f"{BY_PERSON}调级为{GRADE_NAMES[word.grade]}（{word.by}）：{word.reason}"]


def _crisis(alert: Alert) -> list[str]:
    named = "、".join(HARM_NAMES[one] for one in alert.harm if one in CRISIS)
    return [f"危机类标签：{named}，须立即由人处理"] if named else []


def _young(alert: Alert) -> datetime | None:
    is_young = alert.youngest is not None and alert.youngest < YOUNG
    return _first(alert) if is_young and alert.stance in {Stance.VICTIM, Stance.WITNESS} else None


def _spread(alert: Alert) -> datetime | None:
    moments = []
    if alert.post_count >= SPREAD_POSTS:
        moments.append(_grown(alert, SPREAD_POSTS))
    if len(alert.seen_on) >= SPREAD_PLATFORMS and alert.post_count >= SPREAD_PLATFORM_POSTS:
        third = sorted(alert.seen_on.values())[SPREAD_PLATFORMS - 1]
        moments.append(max(third, _grown(alert, SPREAD_PLATFORM_POSTS)))
    return min(moments, default=None)


def _repeated(alert: Alert) -> datetime | None:
    firsts = sorted(_days(alert).values())
    return max(_first(alert), firsts[DAYS - 1]) if len(firsts) >= DAYS else None


def _at_school(alert: Alert) -> datetime | None:
    is_school = any(word in alert.place for word in SCHOOL)
    return _first(alert) if is_school and alert.stance in {Stance.OFFENDER, Stance.VICTIM} else None


TABLE: Final[tuple[Row, ...]] = (
    Row("age", _young, lambda one: f"文中提到{one.youngest}岁左右的孩子（{STANCE_NAMES[one.stance]}），不满十四周岁从严"),
    Row("spread", _spread, lambda one: f"已扩散：{one.post_count}帖，{len(one.platforms)}个平台"),
    Row("repetition", _repeated, lambda one: f"持续出现：先后{len(_days(one))}天有帖文"),
    Row("place", _at_school, lambda one: f"指向学校或幼儿园：{one.place}"),
)


def _first(alert: Alert) -> datetime:
    """When we first saw a post of it."""
    return min(alert.seen_on.values(), default=alert.first_seen)


def _grown(alert: Alert, size: int) -> datetime:
    """When it had `size` posts, by their own times, but not before we saw the first."""
    seen: set[str] = set()
    for member in alert.members:
        at, post, _ = member.split(" ", 2)
        seen.add(post)
        if len(seen) == size:
            return max(_first(alert), datetime.fromisoformat(at))
    return _first(alert)


def _days(alert: Alert) -> dict[date, datetime]:
    """The days (Shanghai) with posts, each with its first hour."""
    hours = dict.fromkeys(member[:_HOUR] for member in alert.members)
    found: dict[date, datetime] = {}
    for hour in hours:  # in order, as members are
        at = datetime.fromisoformat(f"{hour}:00:00+00:00")
        found.setdefault(_local_day(at), at)
    return found


def _local_day(at: datetime) -> date:
    try:
        return at.astimezone(SHANGHAI).date()
    except OverflowError:  # a post dated at the end of the year 9999
        return at.date()


def _bounded(of: Callable[[datetime], datetime], since: datetime) -> datetime:
    try:
        return of(since)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
