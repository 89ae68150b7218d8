"""Conditions mean what CEL says: compared with celpy's interpreter on generated conditions and posts."""

from typing import Any

import celpy
import hypothesis.strategies as st
import pytest
from celpy.adapter import json_to_cel
from celpy.evaluation import CELEvalError
from hypothesis import given, settings

from alerting.calendar import Calendar
from alerting.conditions import Condition, ConditionError
from alerting.facts import FACTS, facts_of
from humiao.labels import Harm, Sentiment, Stance
from tests.builders import at, make_post, make_verdict

CALENDAR = Calendar.load()
_harms = st.sampled_from([harm.value for harm in Harm])
_ints = st.one_of(
    st.integers(0, 12).map(str), st.sampled_from(["hour", "weekday", "length", "size(flags)", "size(text)", "author_posts"])
)
_int_terms = st.recursive(
    _ints, lambda inner: st.tuples(inner, st.sampled_from("+-*/%"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"), max_leaves=4
)
_doubles = st.one_of(
    st.floats(0, 1).map(lambda one: f"{one:.3f}"), _harms.map(lambda one: f"harm.{one}"), _harms.map(lambda one: f"harm['{one}']"),
    st.sampled_from(["stances.victim", "sentiments['negative']", "double(hour)"]),
)  # fmt: skip
_texts = st.sampled_from(["text", "title", "board", "string(hour)", "'图书馆'", "'小学' + '生'", "place", "''"])
_order = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
_atoms = st.one_of(
    st.tuples(_int_terms, _order, _int_terms).map(" ".join),
    st.tuples(_doubles, _order, _doubles).map(" ".join),
    st.tuples(_texts, st.sampled_from(["contains", "startsWith", "endsWith"]), _texts).map(lambda t: f"({t[0]}).{t[1]}({t[2]})"),
    _harms.map(lambda one: f"'{one}' in flags"),
    st.tuples(st.integers(0, 3), _harms).map(lambda t: f"flags[{t[0]}] == '{t[1]}'"),
    st.sampled_from(
        ["workday", "patrol", "true", "false", "stance == 'victim'", "sentiment in ['negative', 'neutral']", "has(harm.drugs)"]
    ),
    st.sampled_from(["exists", "all", "exists_one"]).map(lambda name: f"flags.{name}(f, f in crisis)"),
    _harms.map(lambda one: f"flags.filter(f, f != '{one}').size() > 1"),
    st.just("text.matches('小学[生校]')"),
)
conditions = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda one: f"!({one})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} ? {t[1]} : {t[2]})"),
    ),
    max_leaves=6,
)


def by_celpy(text: str, facts: dict[str, Any]) -> bool | None:
    environment = celpy.Environment()
    plain = {
        name: {str(key): one for key, one in value.items()} if isinstance(value, dict) else value for name, value in facts.items()
    }
    try:
        return bool(
            environment.program(environment.compile(text)).evaluate({name: json_to_cel(value) for name, value in plain.items()})
        )
    except CELEvalError:
        return None


def by_us(text: str, facts: dict[str, Any]) -> bool | None:
    try:
        return Condition(text).holds(facts)
    except ConditionError:
        raise
    except ValueError:
        return None


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    conditions,
    st.lists(st.sampled_from(list(Harm)), max_size=3, unique=True),
    st.sampled_from(list(Stance)),
    st.sampled_from(list(Sentiment)),
    st.integers(0, 100),
)
def test_results_and_failures_are_those_of_cel(
    text: str, flags: list[Harm], stance: Stance, sentiment: Sentiment, hours: int
) -> None:
    post = make_post(ts=at(hours=hours))
    verdict = make_verdict(post, flags=dict.fromkeys(flags, 0.7), stance=stance, sentiment=sentiment)
    facts = facts_of(post, verdict, CALENDAR)
    assert by_us(text, facts) == by_celpy(text, facts)


def test_every_fact_has_the_type_that_the_table_says() -> None:
    post = make_post()
    facts = facts_of(post, make_verdict(post, flags={Harm.DRUGS: 0.9}), CALENDAR)
    types = {"bool": bool, "int": int, "double": float, "text": str, "list": list, "map": dict}
    for name, fact in FACTS.items():
        assert type(facts[name]) is types[fact.kind.name], name


@pytest.mark.parametrize("text", ["group_size >= 1", "group_size > 2 || workday", "(workday && (group_size >= 2))"])
def test_group_size_may_only_grow_a_condition(text: str) -> None:
    condition = Condition(text)
    post = make_post()
    facts = facts_of(post, make_verdict(post), CALENDAR)
    held = [condition.holds(facts | {"group_size": size}) for size in range(1, 9)]
    assert held == sorted(held)
    assert condition.sizes


@pytest.mark.parametrize(
    "text", ["group_size < 3", "2 <= group_size", "workday ? group_size >= 2 : false", "group_size >= hour", "!(group_size > 2)"]
)
def test_a_group_size_that_could_undo_an_alert_is_refused(text: str) -> None:
    with pytest.raises(ConditionError, match="group_size can only stand as"):
        Condition(text)
