"""The demo forum's source files, written with the address that the forum has today."""

from pathlib import Path
from typing import Final

TEMPLATES: Final = {"demo.yaml": "source.yaml", "demo-feed.yaml": "feed.yaml"}
PLACEHOLDER: Final = "http://forum.invalid"


def write_demo_sources(data: Path, url: str) -> list[Path]:
    """Write ``DATA/sources/demo.yaml`` and ``demo-feed.yaml`` for the forum at `url`; returns their paths."""
    folder = data / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, template in TEMPLATES.items():
        content = Path(__file__).with_name(template).read_text(encoding="utf-8").replace(PLACEHOLDER, url)
        target = folder / name
        partial = target.with_suffix(".new")
        partial.write_text(content, encoding="utf-8")
        partial.replace(target)
        written.append(target)
    return written
