"""How far a form speaks for itself, and what else it needs around it."""

from functools import lru_cache
from typing import Final, NamedTuple

from classifier.normalise.everyday import is_everyday, is_rare
from classifier.normalise.lexicon import BEFORE_ACCOUNT, BEFORE_NUMBER, BESIDE, CONTACT, CONTEXT, FREE, NEVER, Word
from classifier.normalise.sounds import spoken_emoji
from classifier.normalise.units import ACCOUNT, NUMBER, WORD, Units

_PUNCTUATION: Final = frozenset(",。!?;:、“”‘’\"'()《》〈〉【】[]{}「」『』#…\n&<>@")
"""Signs that part clauses in ordinary writing."""
_BEFORE_OTHERS: Final = _PUNCTUATION - {":", "、"} | {"/"}
"""Signs after which an account is somebody else's."""
_WIDEST_GAP: Final = 3
_SHORT: Final = 2
_VERY_COMMON: Final = frozenset(
    "的一是不了在有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么"
    "去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三"
    "又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常"
    "先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件"
)
"""Characters that stand by themselves so often that one of them is no sign of a homophone."""


class Form(NamedTuple):
    """Units [start, end) may be `word`."""

    start: int
    end: int
    word: Word
    need: int
    reason: str


def of_sound(word: Word, surface: str, units: Units, start: int) -> tuple[int, str]:
    """What a form that sounds like the word needs, and the reason it would be changed for."""
    need, reason, everyday = _weigh(word, surface)
    for first in everyday:
        if units.ends[start + first] == units.starts[start + first + 1]:
            return (BESIDE if need == FREE and len(surface) > _SHORT else NEVER), reason
    return need, reason


@lru_cache(maxsize=2**14)
def _weigh(word: Word, surface: str) -> tuple[int, str, tuple[int, ...]]:
    """Need, reason, and where in the surface an everyday word would begin that is not the word's own."""
    plain = "".join(spoken_emoji().get(char, char) for char in surface)
    pairs = list(zip(plain, word.surface, strict=True))
    if word.text.isascii() or not any(map(_is_hanzi, plain)):
        return NEVER, "", ()
    if len(pairs) <= _SHORT + 1 and any(one != other and one in _VERY_COMMON for one, other in pairs):
        return NEVER, "", ()
    exact = sum(one == other for one, other in pairs)
    written = sum(not _is_hanzi(char) for char in plain)
    odd_is_rare = all(one == other or is_rare(one) for one, other in pairs)
    need = _need_of_homophones(word, len(pairs), exact, written, odd_is_rare=odd_is_rare)
    if need > BESIDE:
        return NEVER, "", ()
    reasons = (["谐音"] if exact < len(pairs) else []) + (["表情"] if plain != surface else [])
    places = range(len(plain) - 1)
    everyday = [at for at in places if plain[at : at + 2] != word.surface[at : at + 2] and is_everyday(plain[at : at + 2])]
    return need, "、".join(reasons), tuple(everyday)


def _need_of_homophones(word: Word, length: int, exact: int, written: int, *, odd_is_rare: bool) -> int:
    if exact == length:
        return FREE if length > _SHORT else CONTEXT
    if exact + written == length and exact:
        return FREE if length > _SHORT else CONTEXT
    if word.by_sound == "不":
        return NEVER
    if length == _SHORT:
        need = (CONTEXT if odd_is_rare else BESIDE) if exact else NEVER
    elif length == _SHORT + 1:
        need = (BESIDE, CONTEXT, FREE if odd_is_rare else CONTEXT)[exact]
    else:
        need = FREE if exact >= length - _SHORT else CONTEXT
    floor = {"境": CONTEXT, "邻": BESIDE}.get(word.by_sound, FREE)
    return max(need - (word.by_sound == "开"), floor)


def with_gaps(form: Form, units: Units, text: str) -> int:
    """What the form needs with regard to what stands between its units."""
    if not units.has_gap(form.start, form.end):
        return form.need
    gaps = [text[units.ends[unit] : units.starts[unit + 1]] for unit in range(form.start, form.end - 1)]
    spelled_out = len(gaps) > 1 and all(gaps)
    filled = [gap for gap in gaps if gap]
    if any(len(gap) > _WIDEST_GAP for gap in filled):
        return NEVER
    if form.word.text.isascii() or _is_latin(units, form):
        return form.need if spelled_out else max(form.need, CONTEXT)
    if any(not _PUNCTUATION.isdisjoint(gap) for gap in filled):
        return form.need if spelled_out and len(set(filled)) == 1 else NEVER
    alone = _parted(units, form.start) and _parted(units, form.end)
    if spelled_out or alone or any(not gap.isspace() for gap in filled):
        return form.need
    return max(form.need, CONTEXT)


def is_apart(form: Form, units: Units, text: str, *, marked: bool) -> bool:
    """Whether no everyday word of the text reaches over the form's edges."""
    start, end = units.starts[form.start], units.ends[form.end - 1]
    spelled_out = form.end - form.start > _SHORT and units.has_gap(form.start, form.end)
    if (
        not spelled_out
        and _is_latin(units, form)
        and (_beside_latin(units, form.start - 1, form.start) or _beside_latin(units, form.end, form.end))
    ):
        return False
    if not marked and start and is_everyday(text[start - 1 : start + 1]):
        return False
    return not is_everyday(text[end - 1 : end + 1])


def is_beside(form: Form, need: int, units: Units, *, before: bool, after: bool, account: bool) -> bool:
    """Whether what stands right beside the form is what it needs."""
    if need == BESIDE:
        return before or after
    if need == BEFORE_ACCOUNT:
        return account
    if need == BEFORE_NUMBER:
        following = units.surface[form.end : form.end + 1]
        return following.isdigit() or following in {ACCOUNT, NUMBER}
    parted = _parted(units, form.start)
    if before:
        return account or after or _parted(units, form.end)
    opens = parted or (form.end - form.start > 1 and not _is_latin(units, form))
    return need == CONTACT and ((opens and account) or (parted and after))


def precedes_account(form: Form, units: Units, text: str) -> bool:
    """Whether the name or number of an account follows in the same clause."""
    if not units.near(form.end) or units.surface[form.end] != ACCOUNT:
        return False
    return not set(text[units.ends[form.end - 1] : units.starts[form.end]]) & _BEFORE_OTHERS


def needs_second_reading(form: Form, units: Units) -> bool:
    """Whether the form shows only where emoji part words and split characters are joined."""
    return units.has_gap(form.start, form.end) or any(unit in units.joined for unit in range(form.start, form.end))


def _is_hanzi(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def _is_latin(units: Units, form: Form) -> bool:
    return units.surface[form.start : form.end].isascii()


def _beside_latin(units: Units, unit: int, edge: int) -> bool:
    """Whether the unit beside the edge is a Latin word: the text is English, or code."""
    if not 0 <= unit < len(units.surface) or not units.near(edge):
        return False
    char = units.surface[unit]
    return char == WORD or (char.isascii() and char.isalpha()) or units.is_written_syllable(unit)


def _parted(units: Units, edge: int) -> bool:
    """Whether nothing is joined to the text's unit at this edge."""
    if edge in {0, len(units.starts)}:
        return True
    return units.ends[edge - 1] != units.starts[edge] or units.surface[edge] in {ACCOUNT, NUMBER} or units.surface[edge - 1] == "+"
