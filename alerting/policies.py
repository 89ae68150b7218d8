"""Policies: which posts raise an alert, how urgent, for whom, by which law. Data in YAML, conditions in CEL.

A post is held against the policies only when a harm is flagged in it and it is no news, education or warning (stance
``awareness``). Of the policies whose condition holds, the first of the most urgent grade decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alerting.conditions import Condition, facts_of
from alerting.grades import grace
from humiao.alert import Grade
from humiao.errors import SettingsError
from humiao.labels import Stance
from humiao.post import Post
from humiao.verdict import Verdict

_lines = structlog.get_logger()
SHIPPED: Final = Path(__file__).with_name("policies.yaml")


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Law(_Entry):
    """A law as policies cite it: articles are renumbered, so a citation needs the version."""

    title: str = Field(min_length=1)
    version: str = Field(min_length=1)
    effective: date | None = None


class Policy(_Entry):
    """One rule."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    version: int = Field(ge=1)
    title: str = ""
    owner: str = Field(min_length=1)
    condition: str = Field(min_length=1)
    grade: Grade
    deadline_hours: Annotated[float, Field(gt=0, le=24 * 365)] | None = None
    """Hours to decide; none = what the grade allows."""
    route: str = ""
    """Lead department."""
    basis: list[str] = Field(default_factory=list)
    """``LAW ARTICLES``, the law by its short name."""
    shadow: bool = False
    """Only watched: its matches are counted, never an alert."""

    @property
    def ref(self) -> str:
        """``name@version``."""
        return f"{self.name}@{self.version}"

    @property
    def allowed(self) -> timedelta:
        """Time to decide."""
        return grace(self.grade, self.deadline_hours)

    @cached_property
    def compiled(self) -> Condition:
        """The condition, ready to be evaluated."""
        return Condition(self.condition)


class _File(_Entry):
    laws: dict[str, Law] = Field(default_factory=dict)
    policies: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the policies say of a post."""

    policy: Policy | None
    """The one that decides; None = no alert."""
    shadows: tuple[Policy, ...]
    """Shadow policies that would have raised an alert."""


class Policies:
    """A loaded policy file."""

    def __init__(self, policies: list[Policy], laws: Mapping[str, Law]) -> None:
        self.all, self.laws = policies, laws
        self._places = {policy.ref: place for place, policy in enumerate(policies)}
        self._by_urgency = sorted((one for one in policies if not one.shadow), key=lambda one: one.grade.rank)
        self._shadows = [one for one in policies if one.shadow]

    @classmethod
    def load(cls, file: Path | None = None) -> "Policies":
        """Read and check `file` (None = the shipped set).

        Raises:
            SettingsError: ``FILE: policy: field: reason``.
        """
        file = file or SHIPPED
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            parsed = _File.model_validate(content)
        except OSError as error:
            raise SettingsError(f"{file}: can't be read ({error.strerror}); name another in alert.policies") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file}: is not YAML: {' '.join(str(error).split())}") from error
        except ValidationError as error:
            raise SettingsError(f"{file}: {_first(error)}") from error
        found: list[Policy] = []
        for number, entry in enumerate(parsed.policies, start=1):
            name = str(entry.get("name", f"policy {number}"))
            found.append(_policy(f"{file}: {name}", entry, parsed.laws))
            if any(other.name == found[-1].name for other in found[:-1]):
                raise SettingsError(f"{file}: {name}: name: stands twice; give each policy its own")
        return cls(found, parsed.laws)

    def judge(self, post: Post, verdict: Verdict) -> Judgement:
        """Which policy decides on `post`. A condition that can't be evaluated on it counts as not true, with a log line."""
        if not verdict.flags or verdict.top_stance is Stance.AWARENESS:
            return Judgement(None, ())
        facts = facts_of(post, verdict)
        decides = next((policy for policy in self._by_urgency if _holds(policy, facts)), None)
        return Judgement(decides, tuple(policy for policy in self._shadows if _holds(policy, facts)))

    def get(self, ref: str) -> Policy | None:
        """The policy ``name@version``, if it is in this set."""
        place = self._places.get(ref)
        return None if place is None else self.all[place]

    def place(self, ref: str) -> int:
        """Position of a policy in the file; -1 for one that isn't in it (any more): what it decided stands."""
        return self._places.get(ref, -1)

    def cite(self, policy: Policy) -> list[str]:
        """The policy's legal basis with titles and versions spelled out."""
        cited = []
        for entry in policy.basis:
            short, _, articles = entry.partition(" ")
            law = self.laws[short]
            cited.append(f"《{law.title}》（{law.version}）第{articles}条")
        return cited


def _holds(policy: Policy, facts: Mapping[str, Any]) -> bool:
    try:
        return policy.compiled.holds(facts)
    except ValueError as error:
        _lines.warning("condition failed", policy=policy.ref, reason=str(error)[:200])
        return False


def _policy(where: str, entry: dict[str, Any], laws: Mapping[str, Law]) -> Policy:
    try:
        policy = Policy.model_validate(entry)
    except ValidationError as error:
        raise SettingsError(f"{where}: {_first(error)}") from error
    for cited in policy.basis:
        short, _, articles = cited.partition(" ")
        if short not in laws or not articles:
            raise SettingsError(f"{where}: basis: {cited!r} is not 'LAW ARTICLES' with a law of this file's laws")
    try:
        _ = policy.compiled
    except ValueError as error:
        raise SettingsError(f"{where}: condition: {error}") from error
    return policy


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in problem["loc"]) or "file"
    if problem["type"] == "extra_forbidden":
        return f"{field}: is no field of a policy; there are {', '.join(Policy.model_fields)}"
    return f"{field}: {problem['msg']}"
