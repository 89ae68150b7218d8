"""Operators of CEL as functions of facts."""

import operator
from collections.abc import Callable
from typing import Any, Final

from celpy.evaluation import celstr

from alerting.cel_values import Expression, Failed, Run
from alerting.facts import BOOL, DOUBLE, INT, TEXT

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
}
_SYMBOLS: Final = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=", "in": "in"}
_NUMBERS: Final = frozenset({INT, DOUBLE})


def literal(token: Any) -> bool | int | float | str | None:
    """The value of a literal; None for the kinds that conditions don't use (bytes, null, unsigned)."""
    text = str(token)
    match getattr(token, "type", ""):
        case "BOOL_LIT":
            return text == "true"
        case "INT_LIT":
            return int(text, 16 if "0x" in text else 10)
        case "FLOAT_LIT":
            return float(text)
        case "STRING_LIT" | "MLSTRING_LIT":
            return str(celstr(token))
        case _:
            return None


def either(left: Expression, right: Expression) -> Expression:
    """``||``: true if one side is, whatever the other one fails of."""
    return Expression(BOOL, _absorbing(left.run, right.run, decides=True))


def both(left: Expression, right: Expression) -> Expression:
    """``&&``: false if one side is, whatever the other one fails of."""
    return Expression(BOOL, _absorbing(left.run, right.run, decides=False))


def _absorbing(left: Run, right: Run, *, decides: bool) -> Run:
    def run(facts: Any) -> bool:
        try:
            if bool(left(facts)) is decides:
                return decides
        except Failed:
            if bool(right(facts)) is decides:
                return decides
            raise
        return bool(right(facts))

    return run


def chosen(test: Expression, yes: Expression, no: Expression) -> Expression:
    """``test ? yes : no``."""
    return Expression(yes.kind, lambda facts: yes.run(facts) if test.run(facts) else no.run(facts), texts=yes.texts + no.texts)


def incomparable(symbol: str, left: Expression, right: Expression) -> str:
    """Why the two can't be compared; empty = they can."""
    shown = _SYMBOLS[symbol]
    if symbol == "in":
        held = TEXT if right.kind.name == "map" else right.kind.of
        if right.kind.name not in {"list", "map"}:
            return f"'in' looks into a list or a map, not into {right.kind}"
        return "" if held == left.kind else f"a {right.kind} holds no {left.kind}"
    if left.kind == right.kind and (symbol in {"eq", "ne"} or left.kind in _NUMBERS or left.kind == TEXT):
        return ""
    if symbol not in {"eq", "ne"} and {left.kind, right.kind} <= _NUMBERS:
        return ""
    hint = "; write both as double (1.0)" if {left.kind, right.kind} <= _NUMBERS else ""
    return f"{left.kind} {shown} {right.kind} can't be compared{hint}"


def compared(symbol: str, left: Expression, right: Expression) -> Expression:
    """A comparison or ``in``."""
    one, other = left.run, right.run
    if symbol == "in":
        return Expression(BOOL, lambda facts: one(facts) in other(facts))
    compare = _COMPARE[symbol]
    if right.literal is not None:
        fixed = right.literal
        return Expression(BOOL, lambda facts: compare(one(facts), fixed))
    return Expression(BOOL, lambda facts: compare(one(facts), other(facts)))


def uncountable(symbol: str, left: Expression, right: Expression) -> str:
    """Why the two can't be added, multiplied …; empty = they can."""
    allowed = {"add": {"int", "double", "text", "list"}, "mod": {"int"}}.get(symbol, {"int", "double"})
    if left.kind == right.kind and left.kind.name in allowed:
        return ""
    return f"{left.kind} and {right.kind} can't be combined so; both are one of {', '.join(sorted(allowed))}"


def computed(symbol: str, left: Expression, right: Expression) -> Expression:
    """Arithmetic; whole numbers are divided towards zero."""
    one, other = left.run, right.run
    simple = {"add": operator.add, "sub": operator.sub, "mul": operator.mul}.get(symbol)
    if simple is not None:
        return Expression(left.kind, lambda facts: simple(one(facts), other(facts)))
    whole = left.kind == INT

    def divided(facts: Any) -> Any:
        above, below = one(facts), other(facts)
        if below == 0:
            raise Failed("division by zero")
        if not whole:
            return above / below
        quotient = abs(above) // abs(below) * (1 if (above < 0) is (below < 0) else -1)
        return quotient if symbol == "div" else above - below * quotient

    return Expression(left.kind, divided)


def entry(owner: Run, name: str) -> Run:
    """The member `name` of a map."""

    def run(facts: Any) -> Any:
        try:
            return owner(facts)[name]
        except KeyError as error:
            raise Failed(f"there is no {name!r}") from error

    return run


def at(owner: Run, index: Run) -> Run:
    """The entry of a list or map."""

    def run(facts: Any) -> Any:
        place = index(facts)
        try:
            found = owner(facts)
            return found[len(found) if isinstance(place, int) and place < 0 else place]  # no counting from the end in CEL
        except (IndexError, KeyError) as error:
            raise Failed(f"there is no entry {place!r}") from error

    return run
