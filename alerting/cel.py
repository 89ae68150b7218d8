"""Conditions in CEL, checked type by type and made into plain functions when they are loaded.

celpy parses; what the tree means is decided here, because celpy's interpreter takes about a millisecond for a condition and
finds a wrong type only when it meets one. The part of CEL that conditions may use: literals of bool, int, double and text, lists,
facts, members and indices, ``?:``, ``||``, ``&&``, ``!``, comparisons, ``in``, arithmetic, and the functions of `FUNCTIONS`.
Results are CEL's, errors included: ``true || error`` is true (a test compares both on generated conditions).
"""

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import celpy
import lark
from celpy.celparser import CELParseError

from alerting import cel_calls, cel_operators
from alerting.cel_values import ConditionError, Expression, Run
from alerting.facts import BOOL, DOUBLE, FACTS, GROUP_SIZE, INT, TEXT, Kind

FUNCTIONS: Final = frozenset({"size", "has", "int", "double", "string", *cel_calls.METHODS, *cel_calls.MACROS})
_AS_IS: Final = frozenset(
    {"expr", "conditionalor", "conditionaland", "relation", "primary", "member", "unary", "addition", "multiplication"}
)
"""Nodes that, with one child, are nothing but that child."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition that is right in itself."""

    run: Run
    facts: frozenset[str]
    sizes: tuple[int, ...]
    """Group sizes from which on it may hold, ascending."""


def compiled(text: str) -> Compiled:
    """Check `text` and make a function of it.

    Raises:
        ConditionError: what is wrong, and in which line and column of `text`.
    """
    try:
        tree = celpy.Environment().compile(text)
    except CELParseError as error:
        line, column = error.line or 1, error.column or 1
        rest = "".join(text.splitlines(keepends=True)[line - 1 :])[column - 1 :].strip()
        raise ConditionError(f"is no CEL from here on: {rest[:40]!r}", line, column) from error
    reader = _Reader()
    whole = reader.read(tree, {}, plain=True)
    if whole.kind != BOOL:
        raise ConditionError(f"gives {whole.kind}, not true or false", 1, 1)
    return Compiled(whole.run, frozenset(reader.facts), tuple(sorted(reader.sizes)))


def meant(name: str, known: Collection[str]) -> str:
    """The names that `name` is likely to stand for, else all there are."""
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known))}"


class _Reader:
    """Walks the tree once."""

    def __init__(self) -> None:
        self.facts: set[str] = set()
        self.sizes: set[int] = set()

    def read(self, node: lark.Tree[Any], scope: Mapping[str, Expression], *, plain: bool = False) -> Expression:
        """`plain`: nothing above but brackets, && and ||, so that what turns true here can only make the whole true."""
        kind, children = str(node.data), node.children
        if kind in _AS_IS and len(children) == 1:
            return self.read(children[0], scope, plain=plain)
        if kind == "paren_expr":
            return self.read(children[0], scope, plain=plain)
        if kind in {"conditionalor", "conditionaland"}:
            sides = [self.read(child, scope, plain=plain) for child in children]
            for side, child in zip(sides, children, strict=True):
                _expect(side, BOOL, child, "|| and && take true or false")
            return cel_operators.either(*sides) if kind == "conditionalor" else cel_operators.both(*sides)
        if kind == "relation":
            return self._relation(node, scope, plain=plain)
        reading = getattr(self, f"_{kind}", None)
        if reading is None:
            raise _error(node, f"{_shown(node)} can't be used in a condition")
        found: Expression = reading(node, scope)
        return found

    def _relation(self, node: lark.Tree[Any], scope: Mapping[str, Expression], *, plain: bool) -> Expression:
        operator = str(node.children[0].data).removeprefix("relation_")
        if _name(node.children[0].children[0]) == GROUP_SIZE and plain and operator in {"ge", "gt"}:
            right = self.read(node.children[1], scope)
            if right.kind == INT and isinstance(right.literal, int):
                self.sizes.add(right.literal + (operator == "gt"))
                self.facts.add(GROUP_SIZE)
                return cel_operators.compared(operator, _fact(GROUP_SIZE), right)
        left = self.read(node.children[0].children[0], scope)
        right = self.read(node.children[1], scope)
        if why := cel_operators.incomparable(operator, left, right):
            raise _error(node.children[1], why)
        for side, other in ((left, right), (right, left)):
            for text in other.texts:
                if side.values and text not in side.values:
                    raise _error(node, f"{side.name} is never {text!r}; {meant(text, side.values)}")
        return cel_operators.compared(operator, left, right)

    def _expr(self, node: lark.Tree[Any], scope: Mapping[str, Expression]) -> Expression:
        test, yes, no = (self.read(child, scope) for child in node.children)
        _expect(test, BOOL, node.children[0], "what stands before ? is true or false")
        _expect(no, yes.kind, node.children[2], "both branches of ?: are of one type")
        return cel_operators.chosen(test, yes, no)

    def _unary(self, node: lark.Tree[Any], scope: Mapping[str, Expression]) -> Expression:
        inner = self.read(node.children[1], scope)
        if str(node.children[0].data) == "unary_not":
            _expect(inner, BOOL, node.children[1], "! takes true or false")
            return Expression(BOOL, lambda facts: not inner.run(facts))
        if inner.kind not in {INT, DOUBLE}:
            raise _error(node.children[1], f"- takes a number, not {inner.kind}")
        return Expression(inner.kind, lambda facts: -inner.run(facts))

    def _addition(self, node: lark.Tree[Any], scope: Mapping[str, Expression]) -> Expression:
        left, right = self.read(node.children[0].children[0], scope), self.read(node.children[1], scope)
        operator = str(node.children[0].data).partition("_")[2]
        if why := cel_operators.uncountable(operator, left, right):
            raise _error(node.children[1], why)
        return cel_operators.computed(operator, left, right)

    _multiplication = _addition

    def _ident(self, node: lark.Tree[Any], scope: Mapping[str, Expression]) -> Expression:
        name = str(node.children[0])
        if name in scope:
            return scope[name]
        if name not in FACTS:
            raise _error(node, f"field {name!r} is unknown; {meant(name, FACTS)}")
        if name == GROUP_SIZE:
            raise _error(
                node,
                "group_size can only stand as group_size >= NUMBER (or >), joined by && and ||: more posts never undo an alert",
            )
        self.facts.add(name)
        return _fact(name)

    def _literal(self, node: lark.Tree[Any], _scope: Mapping[str, Expression]) -> Expression:
        token = node.children[0]
        value = cel_operators.literal(token)
        if value is None:
            raise _error(node, f"{token} can't be used in a condition; there are true, false, numbers and texts in quotes")
        kind = BOOL if isinstance(value, bool) else INT if isinstance(value, int) else DOUBLE if isinstance(value, float) else TEXT
        return Expression(kind, lambda _facts: value, literal=value, texts=(value,) if isinstance(value, str) else ())

    def _list_lit(self, node: lark.Tree[Any], scope: Mapping[str, Expression]) -> Expression:
        items = [self.read(child, scope) for child in node.children[0].children] if node.children else []
        if not items:
            raise _error(node, "an empty list holds nothing to compare with")
        for item, child in zip(items, node.children[0].children, strict=True):
            _expect(item, items[0].kind, child, "all entries of a list are of one type")
        runs = [item.run for item in items]
        texts = tuple(text for item in items for text in item.texts)
        return Expression(Kind("list", items[0].kind), lambda facts: [run(facts) for run in runs], texts=texts)

    def _member_dot(self, node: lark.Tree[Any], scope: Mapping[str, Expression]) -> Expression:
        owner, name = self.read(node.children[0], scope), str(node.children[1])
        if owner.kind.name != "map":
            raise _error(node, f"{owner.kind} has no member {name!r}; only {', '.join(_maps())} have members")
        self._known_member(owner, name, node)
        return Expression(owner.kind.of or DOUBLE, cel_operators.entry(owner.run, name))

    def _member_index(self, node: lark.Tree[Any], scope: Mapping[str, Expression]) -> Expression:
        owner, index = self.read(node.children[0], scope), self.read(node.children[1], scope)
        wanted = {"map": TEXT, "list": INT}.get(owner.kind.name)
        if wanted is None:
            raise _error(node, f"{owner.kind} can't be indexed; lists and maps can")
        _expect(index, wanted, node.children[1], f"a {owner.kind.name} is indexed by {wanted}")
        if isinstance(index.literal, str):
            self._known_member(owner, index.literal, node)
        return Expression(
            owner.kind.of or TEXT,
            cel_operators.at(owner.run, index.run),
            name=owner.name,
            values=owner.values if owner.kind.name == "list" else frozenset(),
        )

    def _known_member(self, owner: Expression, name: str, node: lark.Tree[Any]) -> None:
        if owner.values and name not in owner.values:
            raise _error(node.children[1], f"{owner.name} has no {name!r}; {meant(name, owner.values)}", node)

    def _ident_arg(self, node: lark.Tree[Any], scope: Mapping[str, Expression]) -> Expression:
        name = self._function(node, node.children[0])
        given = node.children[1].children if len(node.children) > 1 else []
        if name == "has":
            if len(given) != 1 or _only(given[0], "member_dot") is None:
                raise _error(node, "has takes one member: has(harm.drugs)")
            self.read(given[0], scope)
            return Expression(BOOL, lambda _facts: True)  # every known member of a map is always there
        return self._called(node, name, [self.read(one, scope) for one in given])

    def _member_dot_arg(self, node: lark.Tree[Any], scope: Mapping[str, Expression]) -> Expression:
        owner, name = self.read(node.children[0], scope), self._function(node, node.children[1])
        given = node.children[2].children if len(node.children) > 2 else []  # noqa: PLR2004 (receiver, name, arguments)
        if name not in cel_calls.MACROS:
            return self._called(node, name, [owner, *(self.read(one, scope) for one in given)])
        bound = _name(given[0]) if len(given) == 2 else ""  # noqa: PLR2004 (a name and a body)
        if owner.kind.name != "list" or not bound:
            raise _error(node, f"{name} goes over a list: flags.{name}(f, f == 'drugs')")
        entry = Expression(owner.kind.of or TEXT, lambda facts: facts[bound], name=owner.name, values=owner.values)
        body = self.read(given[1], {**scope, bound: entry})
        if name != "map":
            _expect(body, BOOL, given[1], f"the second part of {name} is true or false")
        return cel_calls.macro(name, owner, bound, body)

    def _called(self, node: lark.Tree[Any], name: str, arguments: list[Expression]) -> Expression:
        try:
            return cel_calls.call(name, arguments)
        except ValueError as error:
            raise _error(node, str(error)) from error

    @staticmethod
    def _function(node: lark.Tree[Any], token: Any) -> str:
        if str(token) not in FUNCTIONS:
            raise _error(token, f"function {str(token)!r} is unknown; {meant(str(token), FUNCTIONS)}", node)
        return str(token)


def _fact(name: str) -> Expression:
    fact = FACTS[name]
    return Expression(fact.kind, lambda facts: facts[name], name=name, values=fact.values)


def _maps() -> list[str]:
    return sorted(name for name, fact in FACTS.items() if fact.kind.name == "map")


def _only(node: Any, kind: str) -> lark.Tree[Any] | None:
    while isinstance(node, lark.Tree):
        if str(node.data) == kind:
            return node
        if len(node.children) != 1:
            return None
        node = node.children[0]
    return None


def _name(node: Any) -> str:
    found = _only(node, "ident")
    return str(found.children[0]) if found else ""


def _shown(node: lark.Tree[Any]) -> str:
    return {"map_lit": "a map", "member_object": "an object", "dot_ident": "a name that begins with a dot"}.get(
        str(node.data), str(node.data)
    )


def _expect(found: Expression, kind: Kind, node: Any, why: str) -> None:
    if found.kind != kind:
        raise _error(node, f"is {found.kind}, not {kind}: {why}")


def _error(node: Any, message: str, around: lark.Tree[Any] | None = None) -> ConditionError:
    where = node if isinstance(node, lark.Token) else node.meta if isinstance(node, lark.Tree) else None
    where = where if getattr(where, "line", None) else around.meta if around else None
    return ConditionError(message, getattr(where, "line", 1), getattr(where, "column", 1))


__all__ = ["FUNCTIONS", "Compiled", "ConditionError", "compiled", "meant"]
