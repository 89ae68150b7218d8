"""Pages for the families' tests."""

from datetime import UTC, datetime

from scrapy.http import HtmlResponse

from crawlers.source import Source

NOW = datetime(2026, 1, 3, 4, 30, tzinfo=UTC)
"""12:30 in Shanghai."""


def page(html: str, url: str, *, status: int = 200, encoding: str = "utf-8", headers: dict[str, str] | None = None) -> HtmlResponse:
    return HtmlResponse(url, status=status, headers=headers or {}, body=html.encode(encoding))


def source(family: str, start: str) -> Source:
    return Source.model_validate(
        {
            "name": "one", "family": family, "platform": "one", "start": [start], "owner": "某公司", "permission": "书面同意",
            "rate": {"delay": 1},
        }
    )  # fmt: skip
