"""Functions and list macros of CEL as functions of facts."""

from collections.abc import Callable
from typing import Any, Final

import re2

from alerting.cel_values import Expression, Failed, Run
from alerting.facts import BOOL, DOUBLE, INT, TEXT, Kind

MACROS: Final = frozenset({"exists", "all", "exists_one", "filter", "map"})
METHODS: Final = frozenset({"contains", "startsWith", "endsWith", "matches"})
_SIZED: Final = frozenset({"text", "list", "map"})
_TESTS: Final[dict[str, Callable[[str, str], bool]]] = {
    "contains": lambda text, part: part in text,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
}
_CONVERSIONS: Final[dict[str, tuple[Kind, Callable[[Any], Any]]]] = {
    "int": (INT, int),
    "double": (DOUBLE, float),
    "string": (TEXT, str),
}


def call(name: str, arguments: list[Expression]) -> Expression:
    """A call of `name`; the receiver of a method is the first argument.

    Raises:
        ValueError: number or types of the arguments are wrong.
    """
    kinds = [str(one.kind) for one in arguments]
    if name == "size":
        if len(arguments) != 1 or arguments[0].kind.name not in _SIZED:
            raise ValueError(f"size takes one text, list or map, not {', '.join(kinds) or 'nothing'}")
        inner = arguments[0].run
        return Expression(INT, lambda facts: len(inner(facts)))
    if name in _CONVERSIONS:
        if len(arguments) != 1 or arguments[0].kind not in {INT, DOUBLE, TEXT}:
            raise ValueError(f"{name} takes one number or text, not {', '.join(kinds) or 'nothing'}")
        kind, convert = _CONVERSIONS[name]
        return Expression(kind, _converted(arguments[0].run, convert))
    if kinds != ["text", "text"]:
        raise ValueError(f"{name} stands between two texts: text.{name}('…'), not {', '.join(kinds)}")
    text, part = arguments
    if name == "matches":
        return Expression(BOOL, _matches(text.run, part))
    test = _TESTS[name]
    return Expression(BOOL, lambda facts: test(text.run(facts), part.run(facts)))


def macro(name: str, owner: Expression, bound: str, body: Expression) -> Expression:
    """A macro over the list `owner`; `body` sees each entry under the name `bound`."""
    items, test = owner.run, body.run

    def each(facts: Any) -> list[Any]:
        return [{**facts, bound: item} for item in items(facts)]

    match name:
        case "exists":
            return Expression(BOOL, lambda facts: _decided(each(facts), test, decides=True))
        case "all":
            return Expression(BOOL, lambda facts: _decided(each(facts), test, decides=False))
        case "exists_one":
            return Expression(BOOL, lambda facts: sum(test(one) for one in each(facts)) == 1)
        case "filter":
            return Expression(
                owner.kind, lambda facts: [one[bound] for one in each(facts) if test(one)], name=owner.name, values=owner.values
            )
        case _:
            return Expression(Kind("list", body.kind), lambda facts: [test(one) for one in each(facts)])


def _decided(scopes: list[Any], test: Run, *, decides: bool) -> bool:
    """Whether one entry decides; an entry that fails counts only when none does."""
    failure: Failed | None = None
    for one in scopes:
        try:
            if bool(test(one)) is decides:
                return decides
        except Failed as error:
            failure = error
    if failure:
        raise failure
    return not decides


def _converted(inner: Run, convert: Callable[[Any], Any]) -> Run:
    def run(facts: Any) -> Any:
        try:
            return convert(inner(facts))
        except ValueError as error:
            raise Failed(str(error)) from error

    return run


def _matches(text: Run, pattern: Expression) -> Run:
    if isinstance(pattern.literal, str):
        search = _pattern(pattern.literal).search
        return lambda facts: bool(search(text(facts)))
    return lambda facts: bool(_pattern(pattern.run(facts)).search(text(facts)))


def _pattern(text: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        raise ValueError(f"matches: {text!r} is no regular expression of RE2") from error
