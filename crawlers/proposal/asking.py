"""Asking a person what no page says: who runs the site, what permits reading it, how fast."""

from typing import Final

import typer
from pydantic import ValidationError

from crawlers.proposal.source_text import Stated
from crawlers.source import Source

_WHOLE: Final = {
    "name": "x", "family": "feed", "platform": "x", "start": ["https://x.example/"],
    "owner": "某公司", "permission": "书面同意", "rate": {"delay": 1},
}  # fmt: skip
"""A source in which single fields are tried."""
DELAY: Final = 5.0
"""Seconds between two requests that are proposed."""


def ask_for_the_rest(stated: Stated, robots_delay: float) -> Stated:
    """`stated` with what was not given on the command line.

    Raises:
        typer.Abort: the person broke off.
    """
    typer.echo("\n下面几项只有人知道，回车跳过可选项 What only a person knows; Enter skips what is optional.")
    facts = {name: getattr(stated, name) for name in stated.__dataclass_fields__}
    facts["name"] = _ask("name", "来源短名（a-z 0-9 -）short name", stated.name)
    facts["platform"] = _ask("platform", "平台名 the platform's lasting name", stated.platform)
    if not stated.owner:
        facts["owner"] = _ask("owner", "谁运营这个网站（必填）who runs the site (required)")
    if not stated.permission:
        facts["permission"] = _ask(
            "permission", "许可说明：凭什么可以采集、从何时起（必填）what allows reading it, since when (required)"
        )
    if stated.delay is None and stated.per_minute is None:
        proposed = max(DELAY, robots_delay)
        because = f"（robots.txt 要求 {robots_delay:g} s）" if robots_delay > DELAY else ""
        facts["delay"] = _seconds(f"两次请求之间至少隔几秒{because} seconds between two requests", proposed)
    for name, question in (
        ("contact", "联系方式，写进 User-Agent mail address or page for the site's owner"),
        ("place", "这个来源说的是哪里，如街道或学校 place it is about"),
    ):
        if not facts[name]:
            facts[name] = typer.prompt(question, default="", show_default=False).strip()
    if not stated.windows:
        facts["windows"] = _windows()
    return Stated(**facts)


def refusals(field: str, value: object) -> list[str]:
    """Why `value` can't stand in `field` of a source file; empty = it can."""
    try:
        Source.model_validate(_WHOLE | {field: value})
    except ValidationError as error:
        found = [one for one in error.errors(include_url=False, include_input=False) if one["loc"][:1] == (field,)]
        return [str(one["msg"]).removeprefix("Value error, ") for one in found]
    return []


def _ask(field: str, question: str, default: str | None = None) -> str:
    while True:
        answer = str(typer.prompt(question, default=default)).strip()
        wrong = refusals(field, answer)
        if not wrong:
            return answer
        typer.echo(f"  {field}: {'; '.join(wrong)}")


def _seconds(question: str, default: float) -> float:
    while True:
        answer = typer.prompt(question, default=default, type=float)
        if wrong := refusals("rate", {"delay": answer}):
            typer.echo(f"  rate: {'; '.join(wrong)}")
        else:
            return float(answer)


def _windows() -> tuple[str, ...]:
    while True:
        answer = typer.prompt("采集时段，如 08:00-22:30，可写几个、用逗号隔开，空 = 全天 hours", default="", show_default=False)
        windows = tuple(one.strip() for one in answer.replace("，", ",").split(",") if one.strip())
        if wrong := refusals("windows", windows):
            typer.echo(f"  windows: {'; '.join(wrong)}")
        else:
            return windows
