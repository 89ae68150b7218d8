"""A proposal as the text of a source file."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from crawlers.proposal.result import Proposal
from crawlers.source import Selectors

SCHEMA: Final = "# yaml-language-server: $schema=../docs/source.schema.json"
_ADDRESS: Final = re.compile(r"^[\d.:\[\]a-f]+$")


@dataclass(frozen=True)
class Stated:
    """What only a person knows. Empty = not stated."""

    name: str
    platform: str
    owner: str = ""
    permission: str = ""
    delay: float | None = None
    per_minute: float | None = None
    contact: str = ""
    place: str = ""
    public: str = ""
    windows: tuple[str, ...] = ()

    @property
    def lacking(self) -> list[str]:
        """Fields without which a source does not run."""
        rate = self.delay if self.delay is not None else self.per_minute
        return [name for name, value in (("owner", self.owner), ("permission", self.permission), ("rate", rate)) if not value]


def proposed_name(url: str, taken: frozenset[str]) -> str:
    """A short name from the address that no other source has."""
    host = (urlsplit(url).hostname or "site").lower()
    words = [word for word in host.split(".") if word not in {"www", "bbs", "m", "com", "cn", "net", "org", "gov", "edu"}]
    stem = f"site-{urlsplit(url).port or 80}" if _ADDRESS.match(host) else "-".join(words[:2]) or "site"
    stem = re.sub(r"[^a-z0-9-]+", "-", stem).strip("-")[:34] or "site"
    number = 1
    while (name := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return name


def source_text(proposal: Proposal, stated: Stated, still: str = "TODO 手工填写 by hand") -> str:
    """The file: fields in the order of the example, reasons as comments, and 待填 where a person must fill in."""
    lines = [SCHEMA, f"# 由 humiao sources new 生成。认出方式 recognised by: {proposal.recognised}", ""]
    lines += [_line("name", stated.name), _line("family", proposal.family), _line("platform", stated.platform), "start:"]
    lines += [f"  - {_scalar(url)}" for url in proposal.start]
    if proposal.hosts:
        lines.append(_line("hosts", list(proposal.hosts)))
    lines += ["", _must(still, "owner", stated.owner, "谁运营这个网站 who runs the site")]
    lines.append(_must(still, "permission", stated.permission, "凭什么可以采集、从何时起 what allows reading it, since when"))
    lines.append(_line("public", stated.public or "访客无需登录可见的内容"))
    if stated.contact:
        lines.append(_line("contact", stated.contact))
    rate = {"per_minute": stated.per_minute} if stated.per_minute is not None else {"delay": stated.delay}
    number = next(iter(rate.values()))
    lines.append(
        f"rate: {{{next(iter(rate))}: {number:g}}}" if number else _must(still, "rate", "", "多快 how fast, 如 {delay: 5}")
    )
    if stated.windows:
        lines.append(_line("windows", list(stated.windows)))
    lines += [_line("place", stated.place)] if stated.place else []
    lines += [_line("board", proposal.board)] if proposal.board else []
    lines.append(_line("timezone", "Asia/Shanghai"))
    lines += [_line("encoding", proposal.encoding)] if proposal.encoding else []
    if proposal.selectors or proposal.missing:
        lines += ["", *_selectors(proposal)]
    return "\n".join(lines) + "\n"


def _selectors(proposal: Proposal) -> list[str]:
    lines = ["selectors:"]
    given = _given(proposal.selectors) if proposal.selectors else dict(proposal.partial)
    for part in ("list", "thread"):
        fields = given.get(part, {})
        absent = {name.partition(".")[2]: hint for name, hint in proposal.missing.items() if name.startswith(f"{part}.")}
        if not fields and not absent:
            continue
        lines.append(f"  {part}:")
        for name, value in fields.items():
            note = proposal.notes.get(f"{part}.{name}")
            remark = f"  # {note.share:.0%} {note.reason}" if note else ""
            lines.append(f"    {name}: {_scalar(value)}{remark}")
        lines += [f"    # TODO 手工填写 by hand: {name}: {hint}" for name, hint in absent.items() if name not in fields]
    return lines


def _given(selectors: Selectors) -> dict[str, dict[str, Any]]:
    """Everything that is not the default, in the model's order."""
    return selectors.model_dump(exclude_none=True, exclude_defaults=True, mode="json")


def _must(still: str, name: str, value: str, hint: str) -> str:
    return _line(name, value) if value else f"# {still}: {name}: {hint}"


def _line(name: str, value: object) -> str:
    return f"{name}: {_scalar(value)}"


def _scalar(value: object) -> str:
    """One line of YAML for a string, a number or a list of strings."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_scalar(one) for one in value) + "]"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    text = " ".join(str(value).split()) if "\n" in str(value) else str(value)
    plain = yaml.safe_dump(text, allow_unicode=True, width=10_000, default_style=None).removesuffix("\n").removesuffix("\n...")
    quoted = yaml.safe_dump(text, allow_unicode=True, width=10_000, default_style='"').removesuffix("\n")
    simple = plain == text and not re.search(r"[#:{}\[\],&*!|>'\"%@`]", text.replace("://", ""))
    return plain if simple or (plain.startswith("'") and plain.endswith("'")) else quoted
