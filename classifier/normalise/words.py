"""Evaded forms of the lexicon's words found in a text, weighed, and led back to the words."""

from collections.abc import Iterator
from typing import Final

from classifier.normalise import evidence
from classifier.normalise.aligned import Aligned, Rewrite
from classifier.normalise.alphabet import has_second_reading
from classifier.normalise.evidence import Form
from classifier.normalise.lexicon import NEVER, lexicon
from classifier.normalise.scene import Scene
from classifier.normalise.units import Units, units_of

_MOST_EFFORT: Final = 100_000
_EFFORT_OF_FORM: Final = 16
_SHORT: Final = 2
"""A form this long cannot hold another word."""
_MOST_SWEEPS: Final = 4
"""A word that is taken can be what its neighbour needed: the rest is looked at again, to and fro."""


class Crowded(Exception):
    """The text has more words and doubtful forms than anyone writes: looking into each would take too long."""


def restore_words(aligned: Aligned) -> None:
    """Put the lexicon's words in the place of their evaded forms (raises Crowded)."""
    if has_second_reading(aligned.text):
        aligned.apply(_found(aligned.text, second=True))
    aligned.apply(_found(aligned.text, second=False))


def _found(text: str, *, second: bool) -> list[Rewrite]:
    units = units_of(text, second=second)
    scene = Scene(text, units, lexicon())
    forms = [*_named_forms(units, scene), *_sounding_forms(units, scene)]
    if second:
        forms = [form for form in forms if evidence.needs_second_reading(form, units)]
    if not forms:
        return []
    left = sorted(forms, key=lambda form: (form.start, -form.end, form.need))
    taken: list[Form] = []
    for _ in range(_MOST_SWEEPS):
        before = len(taken)
        left = [form for form in left if not scene.take(form, taken)]
        if len(taken) == before:
            break
        left.reverse()
    return sorted(_rewrite(form, units) for form in taken)


def _named_forms(units: Units, scene: Scene) -> Iterator[Form]:
    """Forms that the tables name; exact words and everyday phrases are settled on the way."""
    starts, ends = units.starts, units.ends
    effort = 0
    for start, end, literal in lexicon().surfaces.find(units.surface):
        effort += 1
        whole = ends[end - 1] - starts[start] == literal.width
        if whole and literal.around:
            scene.notice(start, end, literal)
        if whole and literal.locked:
            scene.settle(start, end)
        else:
            for word, need, reason in literal.takes:
                effort += _EFFORT_OF_FORM
                yield Form(start, end, word, need, reason)
        if effort > _MOST_EFFORT:
            raise Crowded


def _sounding_forms(units: Units, scene: Scene) -> Iterator[Form]:
    """Forms that sound like a word."""
    effort = 0
    for start, end, words in lexicon().sounds.find(units.sounds):
        effort += 1
        surface = units.surface[start:end]
        if end - start > _SHORT or not scene.is_settled(start, end):
            for word in words:
                if surface != word.surface:
                    effort += _EFFORT_OF_FORM
                    need, reason = evidence.of_sound(word, surface, units, start)
                    if need < NEVER:
                        yield Form(start, end, word, need, reason)
        if effort > _MOST_EFFORT:
            raise Crowded


def _rewrite(form: Form, units: Units) -> Rewrite:
    start, end = units.starts[form.start], units.ends[form.end - 1]
    reasons = [form.reason] if form.reason else []
    if any(unit in units.joined for unit in range(form.start, form.end)):
        reasons = ["拆字", *(reason for reason in reasons if reason != "分隔符")]
    if units.has_gap(form.start, form.end) and "分隔符" not in reasons:
        reasons.append("分隔符")
    new = form.word.text
    fits = len(new) == form.end - form.start
    return start, end, new, "、".join(reasons), units.starts[form.start : form.end] if fits else ()
