"""Public Chinese text sets for training, and what each can teach (see docs/training-data.md).

They are not part of the project. One folder holds them as gzip JSON lines; `HUMIAO_PUBLIC_DATA` or ``--public-data`` names it.
"""

import gzip
import json
import os
import random
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from classifier.rows import Row
from humiao.errors import SettingsError
from humiao.labels import Harm, Sentiment, Stance

SETS: Final = (
    "cold",
    "chnci_bullying",
    "sos1k_suicide_risk",
    "telecom_fraud",
    "smp2020_emotion",
    "clue_emotion",
    "reviews_sentiment",
    "sms_spam",
    "nus_sms_unlabelled",
    "weibo_unlabelled",
    "swsr_sexism",
)
HELD_OUT: Final = frozenset({"test", "dev", "usual_test", "virus_test"})
"""Splits that no training of ours reads; CLUE's two splits are both labelled, its ``valid`` serves as training text."""
INCIDENTS_HELD: Final = 5
"""One of so many of CHNCI's incidents is held out whole, by a hash of its name."""
MOST: Final = {
    "cold": 26_000, "chnci_bullying": 15_000, "smp2020_emotion": 12_000, "clue_emotion": 4_000, "reviews_sentiment": 3_000,
    "sms_spam": 4_000, "telecom_fraud": 3_000, "nus_sms_unlabelled": 3_000, "weibo_unlabelled": 6_000, "swsr_sexism": 4_000,
    "sos1k_suicide_risk": 1_000,
}  # fmt: skip
"""Rows that a training takes of each set at most."""
MOOD: Final = {
    "happy": Sentiment.POSITIVE,
    "happiness": Sentiment.POSITIVE,
    "like": Sentiment.POSITIVE,
    "angry": Sentiment.NEGATIVE,
    "anger": Sentiment.NEGATIVE,
    "disgust": Sentiment.NEGATIVE,
    "sad": Sentiment.NEGATIVE,
    "sadness": Sentiment.NEGATIVE,
    "fear": Sentiment.NEGATIVE,
    "neutral": Sentiment.NEUTRAL,
}
#: Words that bar an unlabelled post from serving as an ordinary negative: it might be a positive.
_SUSPECT: Final = re.compile(
    r"自杀|自残|轻生|不想活|想死|去死|跳楼|安乐死|抑郁|遗书|割腕|约炮|援交|色情|裸|嫖|性侵|强奸|猥亵|赌|博彩|下注|彩票|诈骗|被骗|骗子|刷单|贷款|兼职"
    r"|毒品|吸毒|冰毒|大麻|笑气|香烟|抽烟|电子烟|喝酒|刀|枪|打架|斗殴|砍|杀|溺水|野泳|失踪|拐卖|人贩|领养|弃婴|虐待|家暴|体罚|殴打|人肉|曝光|身份证"
    r"|网吧|酒吧|ktv|夜店|打赏|充值|租号|代练|霸凌|欺凌|傻逼|贱|垃圾人|滚出|畜生|婊|废物|脑残|nmsl|去你妈|加微|加v|扣扣|qq群",
    re.IGNORECASE,
)


def folder(given: Path | None) -> Path:
    """The folder with the public sets.

    Raises:
        SettingsError: none named, or a set is missing.
    """
    named = given or (Path(os.environ["HUMIAO_PUBLIC_DATA"]) if os.environ.get("HUMIAO_PUBLIC_DATA") else None)
    if named is None:
        raise SettingsError(
            "public data: name its folder with --public-data or HUMIAO_PUBLIC_DATA; docs/training-data.md says which sets"
        )
    missing = [name for name in SETS if not (named / f"{name}.jsonl.gz").is_file()]
    if missing:
        raise SettingsError(f"public data: {named} lacks {missing[0]}.jsonl.gz; docs/training-data.md says where it comes from")
    return named


def read(home: Path, name: str) -> Iterator[dict[str, Any]]:
    """Rows of one set as its file gives them."""
    with gzip.open(home / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def texts(home: Path) -> Iterator[str]:
    """Every text of every set that training may see (official test splits left out): for pretraining."""
    for name in SETS:
        for row in read(home, name):
            if not held_out(row):
                yield row["text"]


def held_out(raw: dict[str, Any]) -> bool:
    """Whether a row is kept for measuring: an official test split, or an incident that is held out whole."""
    if raw.get("split") in HELD_OUT:
        return True
    incident = raw.get("incident")
    return incident is not None and zlib.crc32(incident.encode()) % INCIDENTS_HELD == 0


def labelled(home: Path, seed: int, share: float = 1.0) -> list[Row]:
    """Partially labelled rows: of each set at most `share` of MOST, what is held out left out."""
    rows: list[Row] = []
    for name in SETS:
        found = [row for raw in read(home, name) if (row := _map(name, raw)) is not None]
        random.Random(f"{seed}/{name}").shuffle(found)  # noqa: S311 (a seeded sample, no secret)
        rows += found[: round(MOST[name] * share)]
    return rows


def _map(name: str, raw: dict[str, Any]) -> Row | None:
    text = str(raw["text"])[:600]
    if not text.strip() or held_out(raw):
        return None
    return _MAPPERS[name](text, raw) if name in _MAPPERS else None


def _nothing_harmful(weight: float, unknown: frozenset[Harm] = frozenset()) -> dict[str, Any]:
    return {"harm": {harm: 0.0 for harm in Harm if harm not in unknown}, "weight": weight}


_ABUSE: Final = frozenset({Harm.BULLYING, Harm.DOXXING, Harm.SEXUAL})


def _cold(text: str, raw: dict[str, Any]) -> Row:
    harm = {} if raw["label"] else {Harm.BULLYING: 0.0}
    return Row(text, harm=harm, auxiliary={"offensive": float(raw["label"])}, origin="cold")


def _chnci(text: str, raw: dict[str, Any]) -> Row | None:
    if len(text) < 4:  # noqa: PLR2004 (a smiley or a word teaches nothing)
        return None
    votes = sum(raw["votes"]) / len(raw["votes"])
    return Row(text, harm={Harm.BULLYING: votes}, auxiliary={"attack": votes}, origin="chnci")


def _swsr(text: str, raw: dict[str, Any]) -> Row:
    return Row(text, auxiliary={"sexist": float(raw["label"])}, weight=0.5, origin="swsr")


def _sos(text: str, raw: dict[str, Any]) -> Row:
    risk = int(raw["label"])
    if risk >= 5:  # noqa: PLR2004 (from 5 on the scale speaks of wish or plan)
        return Row(text, harm={Harm.SELF_HARM: 1.0}, stance=Stance.VICTIM, sentiment=Sentiment.NEGATIVE, origin="sos1k")
    harm = {Harm.SELF_HARM: 0.0} if risk <= 1 else {}
    return Row(text, harm=harm, sentiment=Sentiment.NEGATIVE if risk >= 3 else None, origin="sos1k")  # noqa: PLR2004


def _telecom(text: str, raw: dict[str, Any]) -> Row | None:
    if raw["label"] == "normal":
        return Row(text, **_nothing_harmful(0.5), origin="telecom") if not _SUSPECT.search(text) else None
    return Row(text[:200], harm={Harm.FRAUD: 1.0}, weight=0.3, origin="telecom")


def _mood(text: str, raw: dict[str, Any]) -> Row | None:
    mood = MOOD.get(raw["label"])
    if mood is None:
        return None
    ordinary = _nothing_harmful(0.5) if not _SUSPECT.search(text) else {}
    return Row(text, sentiment=mood, **ordinary, origin="mood")


def _review(text: str, raw: dict[str, Any]) -> Row:
    mood = Sentiment.POSITIVE if raw["label"] else Sentiment.NEGATIVE
    ordinary = _nothing_harmful(0.3) if not _SUSPECT.search(text) else {}
    return Row(text[:200], sentiment=mood, **ordinary, origin="reviews")


def _sms(text: str, raw: dict[str, Any]) -> Row | None:
    if _SUSPECT.search(text):
        return None
    return Row(text, **_nothing_harmful(0.5, frozenset({Harm.FRAUD}) if raw["label"] == "spam" else frozenset()), origin="sms")


def _ordinary(text: str, raw: dict[str, Any]) -> Row | None:  # noqa: ARG001 (same shape as its siblings)
    if _SUSPECT.search(text):
        return None
    return Row(text[:200], **_nothing_harmful(0.3), origin="unlabelled")


_MAPPERS: Final = {
    "cold": _cold,
    "chnci_bullying": _chnci,
    "sos1k_suicide_risk": _sos,
    "telecom_fraud": _telecom,
    "smp2020_emotion": _mood,
    "clue_emotion": _mood,
    "reviews_sentiment": _review,
    "sms_spam": _sms,
    "nus_sms_unlabelled": _ordinary,
    "weibo_unlabelled": _ordinary,
    "swsr_sexism": _swsr,
}
