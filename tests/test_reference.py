"""The reference pages say what the code says."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture
def reference():
    spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_schema_of_source_files_is_what_the_code_gives(reference):
    assert (DOCS / "source.schema.json").read_text(encoding="utf-8") == reference.source_schema(), "run python docs/reference.py"


@pytest.mark.parametrize("page", ["settings", "metrics"])
def test_page_is_what_the_code_gives(page, reference):
    written = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    assert written == getattr(reference, f"{page}_page")(), "run python docs/reference.py"
