"""Write the model card of the shipped checkpoint from what `classifier.measure` measured: ``python -m classifier.card``."""

import json
import sys
from pathlib import Path
from typing import Any, Final

from classifier.measure import OUT, leading
from classifier.weights import SHIPPED
from humiao.labels import HARM_NAMES, Harm

CARD: Final = Path(__file__).parent / "MODEL_CARD.md"


def card(facts: dict[str, Any], found: dict[str, Any]) -> str:
    """The page in Markdown; `facts`: the checkpoint's ``judge.json``, `found`: the figures."""
    held, made = facts["held_back"], facts["made"]
    return TEMPLATE.format(
        version=facts["version"],
        own=made["own_rows"],
        public=made["public_rows"],
        layers=made["layers"],
        width=made["width"],
        held=held["rows"],
        leading=_leading_table(found),
        slices=_slice_table(found),
        harms=_harm_table(facts, found["test and challenge"]),
        functionalities=_functionality_table(found["functionalities"]),
        public_sets=_public_table(found["public"]),
        day=_day(found["a day"]),
        misses=_misses(found["test and challenge"]["misses"]),
    )


def _leading_table(found: dict[str, Any]) -> str:
    names = ("test", "challenge", "test and challenge")
    lines = ["| figure | " + " | ".join(f"{name} ({found[name]['rows']})" for name in names) + " | TF-IDF + LR | keyword list |"]
    lines.append("|---|---|---|---|---|---|")
    for figure in leading(found["test"]):
        cells = []
        for name in names:
            low, high = found[name]["intervals"][figure]
            cells.append(f"{leading(found[name])[figure]:.3f} ({low:.3f}–{high:.3f})")
        others = [f"{found['beside'][other][figure]:.3f}" for other in ("tfidf", "keywords")]
        lines.append(f"| {figure} | {' | '.join([*cells, *others])} |")
    return "\n".join(lines)


def _slice_table(found: dict[str, Any]) -> str:
    lines = ["| posts | figure | ours | TF-IDF + LR | keyword list | number |", "|---|---|---|---|---|---|"]
    for tag, cells in found["test and challenge"]["slices"].items():
        for figure in ("recall", "false alarms"):
            if figure in cells:
                others = [
                    found["beside"][other].get(tag, {}).get(figure, float("nan")) for other in ("tfidf_slices", "keywords_slices")
                ]
                numbers = " | ".join(f"{value:.3f}" for value in (cells[figure], *others))
                lines.append(f"| `{tag}` | any-harm {figure} | {numbers} | {cells[f'{figure} posts']} |")
    return "\n".join(lines)


def _harm_table(facts: dict[str, Any], found: dict[str, Any]) -> str:
    lines = ["| harm | threshold | precision | recall | posts |", "|---|---|---|---|---|"]
    for harm in Harm:
        scores = found["harm"]["per_class"][harm]
        lines.append(
            f"| `{harm}` {HARM_NAMES[harm]} | {facts['thresholds'][harm]:.2f} | {scores['precision']:.2f} | {scores['recall']:.2f} "
            f"| {scores['support']} |"
        )
    return "\n".join(lines)


def _functionality_table(found: dict[str, Any]) -> str:
    lines = ["| functionality | posts | flag right | harms exactly right |", "|---|---|---|---|"]
    lines += [f"| {name} | {one['posts']} | {one['flag right']:.2f} | {one['harms right']:.2f} |" for name, one in found.items()]
    return "\n".join(lines)


def _public_table(found: dict[str, Any]) -> str:
    def cell(one: dict[str, Any]) -> str:
        return f"{one['macro_f1']:.3f} ({one['interval'][0]:.3f}–{one['interval'][1]:.3f})"

    lines = ["| set | macro-F1 | beside | posts |", "|---|---|---|---|"]
    for title, name, other, called in (
        ("COLD, official test (offensive)", "cold", "tfidf", "TF-IDF + LR"),
        ("CHNCI, 13 incidents held out (attack)", "chnci_bullying", "tfidf", "TF-IDF + LR"),
        ("SMP2020, usual test (three sentiments)", "smp2020_usual_test", "snownlp", "SnowNLP"),
    ):
        one = found[name]
        lines.append(f"| {title} | {cell(one['ours'])} | {called} {cell(one[other])} | {one['ours']['posts']} |")
    errors = ", ".join(f"{name} {found[name]['ece']:.3f}" for name in ("cold", "chnci_bullying", "smp2020_usual_test"))
    roles = found["bullying_roles"]
    lines += [
        "",
        f"Calibration errors: {errors}.",
        (
            "Flag `bullying` on the attackers of a set of comments by role, which no training read: "
            f"precision {roles['precision']:.2f}, recall {roles['recall']:.2f} ({roles['posts']} comments)."
        ),
    ]
    return "\n".join(lines)


def _day(found: dict[str, Any]) -> str:
    return (
        f"Of {found['everyday posts']:,} everyday posts of a micro-blog {found['flagged of everyday posts']:.2%} are flagged (some "
        f"rightly: nobody labelled them), of harmful posts {found['recall of harmful posts']:.0%}. With one harmful in 200, at "
        f"least {found['precision among flags']:.0%} of the flags are right, and 100,000 posts a day give "
        f"{found['flags a day per 100,000 posts']:,} flags before grouping."
    )


def _misses(found: list[dict[str, Any]]) -> str:
    lines = ["| post | truth | flagged as |", "|---|---|---|"]
    for one in found:
        text = one["text"].replace("\n", " ").replace("|", "/")
        lines.append(f"| {text} | {', '.join(one['truth']) or '–'} | {', '.join(one['flags']) or '–'} |")
    return "\n".join(lines)


TEMPLATE: Final = """# Model card: {version}

Made by `python -m classifier.card` from `classifier/figures.json` (`python -m classifier.measure`).

**For:** flagging Chinese posts of local platforms for a person to look at. **Not for:** deciding anything without a person, judging
people, other languages, private messages, images.

**Model:** transformer encoder over pieces of one to four characters ({layers} layers, {width} wide), started from word vectors and
pretrained by us on public text, beside it a linear model of character 1- to 4-grams; heads for 15 harms, stance, sentiment.
Half-precision weights on disk. Input: title and text, normalised (`classifier/normalise`), and the beginning of the post that is
answered; long posts in overlapping windows. How it came to be: [../docs/ablations.md](../docs/ablations.md).

**Data:** {own} posts written by the authors (fully labelled) and {public} rows of public sets (labelled in part), see
[DATA.md](DATA.md) and [../docs/training-data.md](../docs/training-data.md). Licences of the public sets as their sources
state them: COLD Apache-2.0; SWSR MIT; Telecom_Fraud_Texts_5 GPL-3.0; CHNCI, SOS-1K, SMP2020-EWECT,
CLUEmotionAnalysis2020, ChineseNlpCorpus, the SMS and Weibo collections: none stated.
Thresholds, temperatures and the shares of encoder and n-grams are chosen on {held} held-back posts of the training posts' writers.

## Figures on posts that no training saw

Written by others than the training posts; intervals are 95% bootstrap percentiles. The right-hand columns are the same posts (test
and challenge) judged by simpler methods, TF-IDF and logistic regression on the same training rows.

{leading}

{slices}

{harms}

## Functional tests

`classifier/data/challenge.jsonl`: each functionality asks for one ability.

{functionalities}

## Public sets

{public_sets}

## A day's stream

{day}

## Known failures

{misses}

## Known limits

- One team wrote the training posts; other voices, other cities and new slang will do worse.
- The pretraining read the comments of CHNCI's held-out incidents as plain text, without labels.
- Most everyday text of the pretraining is from early 2020, and it shows: epidemic talk is best known to it.
"""


def main() -> None:
    """Write the card."""
    facts = json.loads((SHIPPED / "judge.json").read_text(encoding="utf-8"))
    found = json.loads(OUT.read_text(encoding="utf-8"))
    if found["version"] != facts["version"]:
        sys.exit(f"figures are of {found['version']}, the checkpoint is {facts['version']}: run python -m classifier.measure first")
    CARD.write_text(card(facts, found), encoding="utf-8")


if __name__ == "__main__":
    main()
