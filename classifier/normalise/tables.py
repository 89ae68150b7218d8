"""The tables beside this module: UTF-8 text, one row a line, columns parted by tabs, lines with `# ` are remarks."""

from functools import cache
from importlib import resources


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of the table `name`, each as its columns."""
    table = resources.files("classifier.normalise").joinpath("tables", name).read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in table.split("\n") if line and not line.startswith("# "))
