"""Conditions of policies: CEL expressions over the facts of a post, checked when they are loaded.

CEL (Common Expression Language, cel.dev) has no side effects and no loops beyond its list macros. Here it knows the facts of
`FACTS` and nothing else; a name that is none of them is an error at load time, not a condition that never holds.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import celpy
import lark
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError

from humiao.labels import CRISIS, Harm, Sentiment, Stance
from humiao.post import Post
from humiao.verdict import Verdict

FACTS: Final[dict[str, str]] = {
    "flags": "Slugs of the harms over their threshold, most probable first (list).",
    "harm": "Probability of each harm, by slug (map): harm.drugs >= 0.9.",
    "stance": "Likeliest stance (text).",
    "stances": "Probability of each stance (map).",
    "sentiment": "Likeliest sentiment (text).",
    "sentiments": "Probability of each sentiment (map).",
    "crisis": "Slugs of the harms that go to a person at once (list).",
    "platform": "Platform of the post (text).",
    "board": "Board (text).",
    "source": "Source that brought it (text).",
    "place": "Place hint of the source (text).",
    "title": "Title (text).",
    "text": "Text (text).",
    "length": "Characters of the text (int).",
}
FUNCTIONS: Final = frozenset(
    {
        "size",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "exists",
        "all",
        "exists_one",
        "filter",
        "map",
        "has",
        "int",
        "double",
        "string",
    }
)
_MACROS: Final = frozenset({"exists", "all", "exists_one", "filter", "map"})
_MEMBERS: Final[dict[str, frozenset[str]]] = {
    "harm": frozenset(Harm),
    "stances": frozenset(Stance),
    "sentiments": frozenset(Sentiment),
}
_VALUES: Final[dict[str, frozenset[str]]] = {
    "flags": frozenset(Harm),
    "stance": frozenset(Stance),
    "sentiment": frozenset(Sentiment),
}
_REPEATED: Final = frozenset({"flags", "stance", "sentiment", "crisis", "platform", "board", "source", "place"})
"""Facts with few values: conditions over these alone are evaluated once for each combination."""
_REMEMBERED: Final = 20_000


class Condition:
    """A checked condition, ready to be evaluated."""

    def __init__(self, text: str) -> None:
        """Compile and check `text`.

        Raises:
            ValueError: one line: a syntax error, or a fact, function, label or result that can't be.
        """
        self.text = text
        environment = celpy.Environment(runner_class=celpy.InterpretedRunner)
        try:
            tree = environment.compile(text)
        except CELParseError as error:
            raise ValueError(f"is not CEL near column {error.column or 1}: {text.strip()[:80]!r}") from error
        self.facts = frozenset(_checked(tree))
        self._program = environment.program(tree)
        self._remembers = self.facts <= _REPEATED
        self._known: dict[tuple[Any, ...], bool] = {}
        result = self._evaluate(facts_of(*_specimen()))
        if not isinstance(result, bool):
            raise ValueError(f"gives {result}, not true or false: {text.strip()[:80]!r}")  # noqa: TRY004 (a value of the file)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether the condition is true of a post with these `facts`.

        Raises:
            ValueError: it can't be evaluated.
        """
        if not self._remembers:
            return bool(self._evaluate(facts))
        key = tuple(tuple(facts[name]) if isinstance(facts[name], list) else facts[name] for name in sorted(self.facts))
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = bool(self._evaluate(facts))
        return self._known[key]

    def _evaluate(self, facts: Mapping[str, Any]) -> bool | str:
        try:
            result = self._program.evaluate({name: json_to_cel(facts[name]) for name in self.facts})
        except CELEvalError as error:
            raise ValueError(f"can't be evaluated: {error.args[0] if error.args else error}") from error
        if isinstance(result, celpy.celtypes.BoolType):
            return bool(result)
        return f"{type(result).__name__.removesuffix('Type').lower()} {str(result)[:40]!r}"


def facts_of(post: Post, verdict: Verdict) -> dict[str, Any]:
    """The facts of a post that a condition may ask for (see `FACTS`)."""
    return {
        "flags": [str(one) for one in verdict.flags],
        "harm": {str(one): float(value) for one, value in verdict.harm.items()},
        "stance": str(verdict.top_stance),
        "stances": {str(one): float(value) for one, value in verdict.stance.items()},
        "sentiment": str(verdict.top_sentiment),
        "sentiments": {str(one): float(value) for one, value in verdict.sentiment.items()},
        "crisis": sorted(str(one) for one in CRISIS),
        "platform": post.platform,
        "board": post.board,
        "source": post.source,
        "place": post.place,
        "title": post.title,
        "text": post.text,
        "length": len(post.text),
    }


def _checked(tree: lark.Tree[Any]) -> Iterator[str]:
    """The facts that a condition names; ValueError for what it must not name."""
    for node in tree.iter_subtrees():
        kind, children = str(node.data), node.children
        if kind in {"ident_arg", "dot_ident_arg"}:
            _check_function(str(children[0]))
        elif kind == "member_dot_arg":
            _check_function(str(children[1]))
    bound = set(_bound(tree))
    for node in tree.iter_subtrees():
        kind, children = str(node.data), node.children
        if kind in {"ident", "dot_ident"}:
            name = str(children[0])
            if name in FACTS:
                yield name
            elif name not in bound:
                raise ValueError(f"field {name!r} is unknown; there are {', '.join(FACTS)}")
        elif kind in {"member_dot", "member_index"}:
            _check_member(children[0], children[1])
        elif kind in {"relation", "relation_eq", "relation_ne", "relation_in"}:
            _check_values(node)


def _bound(tree: lark.Tree[Any]) -> Iterator[str]:
    """Names that list macros bind: the ``f`` of ``flags.exists(f, …)``."""
    for node in tree.iter_subtrees():
        if str(node.data) == "member_dot_arg" and str(node.children[1]) in _MACROS and len(node.children) > 2:  # noqa: PLR2004 (receiver, name, arguments)
            arguments = node.children[2]
            if isinstance(arguments, lark.Tree) and (name := _lone_name(arguments.children[0])):
                yield name


def _check_function(name: str) -> None:
    if name not in FUNCTIONS:
        raise ValueError(f"function {name!r} is unknown; there are {', '.join(sorted(FUNCTIONS))}")


def _check_member(owner: Any, member: Any) -> None:
    fact = _lone_name(owner)
    if fact not in _MEMBERS:
        return
    name = _lone_text(member) if isinstance(member, lark.Tree) else str(member)
    if name is not None and name not in _MEMBERS[fact]:
        raise ValueError(f"{fact} has no {name!r}; there are {', '.join(sorted(_MEMBERS[fact]))}")


def _check_values(relation: lark.Tree[Any]) -> None:
    """``stance == 'victm'`` would never hold: refuse texts compared with a fact that can't have them."""
    names = {str(node.children[0]) for node in relation.iter_subtrees() if str(node.data) == "ident"}
    facts = names & set(_VALUES)
    texts = {text for node in relation.iter_subtrees() if str(node.data) == "literal" and (text := _text(node)) is not None}
    if len(facts) == 1 and names == facts:
        fact = facts.pop()
        if unknown := sorted(texts - _VALUES[fact]):
            raise ValueError(f"{fact} is never {unknown[0]!r}; there are {', '.join(sorted(_VALUES[fact]))}")


def _lone(node: Any, kind: str) -> lark.Tree[Any] | None:
    """The node of `kind` that `node` consists of, if it is nothing more than that."""
    while isinstance(node, lark.Tree):
        if str(node.data) == kind:
            return node
        if len(node.children) != 1:
            return None
        node = node.children[0]
    return None


def _lone_name(node: Any) -> str:
    found = _lone(node, "ident")
    return str(found.children[0]) if found else ""


def _lone_text(node: Any) -> str | None:
    found = _lone(node, "literal")
    return _text(found) if found else None


def _text(literal: lark.Tree[Any]) -> str | None:
    raw = str(literal.children[0])
    return raw[1:-1] if raw[:1] in {"'", '"'} else None


def _specimen() -> tuple[Post, Verdict]:
    """A post on which a condition is tried when it is loaded."""
    post = Post.from_json('{"platform": "试", "text": "试", "ts": "2026-01-01T00:00:00Z"}'.encode())
    verdict = Verdict(
        id=post.id,
        harm=dict.fromkeys(Harm, 0.5),
        flags=list(Harm),
        stance={one: 1 / len(Stance) for one in Stance},
        sentiment={one: 1 / len(Sentiment) for one in Sentiment},
        normalised=post.text,
        model="",
    )
    return post, verdict
