"""Chinese first, English second. The Chinese wording in templates and code is the key; english.yaml holds its translation."""

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Final, Literal

import yaml
from fastapi import Request

Language = Literal["zh", "en"]
COOKIE: Final = "humiao_lang"
HTML_LANG: Final[dict[Language, str]] = {"zh": "zh-CN", "en": "en"}

Translate = Callable[..., str]
"""``t("剩 {h} 小时", h=3)``: the wording in the reader's language with its blanks filled."""


@cache
def english() -> dict[str, str]:
    """The catalogue: Chinese wording → English."""
    text = resources.files("alerting.console").joinpath("english.yaml").read_text(encoding="utf-8")
    return {str(key): str(value) for key, value in yaml.safe_load(text).items()}


def translator(language: Language) -> Translate:
    """The translation function of a language; a wording without English stays Chinese (a test finds those)."""
    catalogue = english() if language == "en" else {}

    def translate(wording: str, **blanks: object) -> str:
        found = catalogue.get(wording, wording)
        return found.format(**blanks) if blanks else found

    return translate


def language_of(request: Request) -> Language:
    """``?lang=``, else the cookie, else what the browser prefers, else Chinese."""
    for wish in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if wish in ("zh", "en"):
            return "en" if wish == "en" else "zh"
    return _preferred(request.headers.get("accept-language", ""))


def _preferred(header: str) -> Language:
    best: tuple[float, Language] = (0.0, "zh")
    for part in header[:500].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        primary = tag.strip().lower().split("-")[0]
        if primary in {"zh", "en"} and weight > best[0]:
            best = (weight, "en" if primary == "en" else "zh")
    return best[1]
