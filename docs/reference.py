"""Write the reference pages that follow from the code: ``python docs/reference.py``."""

import json
from pathlib import Path

from crawlers.source import Source
from humiao import metrics, settings

HERE = Path(__file__).parent


def settings_page() -> str:
    """One row a setting: name, default, variable, meaning."""
    rows = []
    for name, field in settings.Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, settings.Section):
            rows += [_row(f"{name}.{inner}", inner_field) for inner, inner_field in section.model_fields.items()]
        else:
            rows.append(_row(name, field))
    head = (
        "# Settings\n\nMade by `python docs/reference.py` from `humiao/settings.py`.\n\n"
        "Precedence: command line, environment, TOML file (`--config`, `HUMIAO_CONFIG`, or `humiao.toml` in the working folder), default.\n"
        "A dotted name `crawl.interval` is `interval` in the table `[crawl]` of the file.\n\n"
        "| setting | default | variable | meaning |\n|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def _row(name: str, field: object) -> str:
    default = getattr(field, "default", "")
    shown = "none" if default is None else '""' if default == "" else str(default)
    variable = f"HUMIAO_{name.upper().replace('.', '__')}"
    return f"| `{name}` | `{shown}` | `{variable}` | {getattr(field, 'description', '')} |"


def metrics_page() -> str:
    """One row a metric: name, kind, labels, meaning."""
    rows = []
    for metric in vars(metrics).values():
        if hasattr(metric, "_documentation") and hasattr(metric, "_type"):
            name = metric._name + ("_total" if metric._type == "counter" else "")
            labels = ", ".join(f"`{label}`" for label in metric._labelnames) or "–"
            rows.append(f"| `{name}` | {metric._type} | {labels} | {metric._documentation} |")
    head = "# Metrics\n\nMade by `python docs/reference.py` from `humiao/metrics.py`. Every stage serves `/metrics`.\n\n"
    return head + "| metric | kind | labels | meaning |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def source_schema() -> str:
    """JSON Schema of a source file, for editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Source.model_json_schema(), "title": "humiao source"}
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (HERE / "settings.md").write_text(settings_page(), encoding="utf-8")
    (HERE / "source.schema.json").write_text(source_schema(), encoding="utf-8")
    (HERE / "metrics.md").write_text(metrics_page(), encoding="utf-8")
