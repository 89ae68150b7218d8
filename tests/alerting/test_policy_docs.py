"""docs/policies.md names every field, fact and function."""

from pathlib import Path

import pytest

from alerting.cel import FUNCTIONS
from alerting.facts import FACTS
from alerting.grading import TABLE
from alerting.policy import Policy

PAGE = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted({*FACTS, *FUNCTIONS, *Policy.model_fields}))
def test_every_name_is_explained(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("row", TABLE)
def test_every_fact_that_raises_a_grade_is_explained(row) -> None:
    assert f"| {row.name} |" in PAGE
