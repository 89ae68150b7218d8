"""One line for the queue, and the facts behind a grade: put together from what is stored, nothing is written freely."""

from collections.abc import Iterable, Sequence
from typing import Final

from humiao.alert import GRADE_NAMES, Grade
from humiao.labels import HARM_NAMES, STANCE_NAMES, Harm, Stance

SHOWN: Final = 3
"""Names in a row before "等"."""


def _row(names: Sequence[str]) -> str:
    return "、".join(names[:SHOWN]) + (f"等{len(names)}个" if len(names) > SHOWN else "")


def content_line(harm: Iterable[Harm], stance: Stance, platforms: Sequence[str], count: int, excerpt: str) -> str:
    """What kind of harm, who speaks, where, how often, and the (masked) beginning of the text."""
    labels = _row([HARM_NAMES[one] for one in harm]) or "未命中标签"
    speaker = "" if stance is Stance.OTHER else f"（{STANCE_NAMES[stance]}）"
    return f"{labels}{speaker}｜{_row(platforms)}｜{count}帖｜{excerpt}"


def spike_line(platform: str, board: str, count: int, expected: float, hours: int) -> str:
    """Where negative posts rose, to how many, within how long, against how many expected."""
    where = f"{platform} {board}".strip()
    return f"负面情绪突增｜{where}｜{hours}小时内{count}帖，平时约{expected:.1f}帖"


def reasons(  # noqa: D103 (the name says it)
    *,
    grade: Grade,
    policy: str,
    title: str,
    route: str,
    basis: Sequence[str],
    harm: Sequence[Harm],
    stance: Stance,
    score: float,
    count: int,
    platforms: Sequence[str],
) -> list[str]:
    labels = "、".join(HARM_NAMES[one] for one in harm)
    facts = [
        f"{f'标签：{labels}' if labels else '未命中标签'}；最高概率 {score:.2f}",
        f"发帖人立场：{STANCE_NAMES[stance]}",
        f"策略 {policy}{f'（{title}）' if title else ''}定级为{GRADE_NAMES[grade]}",
    ]
    if route:
        facts.append(f"牵头部门：{route}")
    if basis:
        facts.append(f"依据：{'；'.join(basis)}")
    if count > 1:
        facts.append(f"同一事件共{count}帖，涉及{len(platforms)}个平台")
    return facts
