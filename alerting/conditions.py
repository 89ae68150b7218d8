"""Conditions of policies: CEL expressions over the facts of a post, checked when they are loaded.

CEL (Common Expression Language, cel.dev) has no side effects and no loops beyond its list macros. Here it knows the facts of
`facts.FACTS` and nothing else; a name that is none of them is an error at load time, not a condition that never holds.
"""

from collections.abc import Mapping
from typing import Any

from alerting import cel
from alerting.cel import ConditionError
from alerting.cel_values import Failed

__all__ = ["Condition", "ConditionError"]


class Condition:
    """A checked condition, ready to be evaluated."""

    def __init__(self, text: str) -> None:
        """Compile and check `text`.

        Raises:
            ConditionError: a syntax error, or a fact, function, label, type or result that can't be.
        """
        made = cel.compiled(text)
        self.text, self.facts, self.sizes = text, made.facts, made.sizes
        self._run = made.run

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether the condition is true of a post with these `facts`.

        Raises:
            ValueError: it can't be evaluated.
        """
        try:
            return bool(self._run(facts))
        except Failed as error:
            raise ValueError(f"can't be evaluated: {error}") from error
