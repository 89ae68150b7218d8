"""One reading of a text: which of its units are settled, and what supports a doubtful form where."""

from typing import Final

from classifier.normalise import evidence
from classifier.normalise.evidence import Form
from classifier.normalise.lexicon import CONTEXT, FREE, NEVER, Lexicon, Literal
from classifier.normalise.units import Units

_LONGEST: Final = 8
"""Units of the longest word or phrase that is looked for inside a form."""


class Scene:
    """What stands fast in a reading, growing with every form that is taken."""

    def __init__(self, text: str, units: Units, words: Lexicon) -> None:
        self._text = text
        self._units = units
        self._words = words
        self._settled = bytearray(len(units.starts))
        self._exact: set[tuple[int, int]] = set()
        self._noticed: list[tuple[int, int, Literal]] = []
        self._around: int | None = None
        self._before: dict[int, int] = {}
        self._after: dict[int, int] = {}

    def settle(self, start: int, end: int) -> None:
        """An exact word or everyday phrase stands on units [start, end)."""
        if not self._units.cuts_token(start, end):
            self._settled[start:end] = b"\1" * (end - start)
            self._exact.add((start, end))

    def is_settled(self, start: int, end: int) -> bool:
        """Whether something that stands fast reaches into units [start, end)."""
        return self._settled.find(1, start, end) >= 0

    def notice(self, start: int, end: int, literal: Literal) -> None:
        """Units [start, end) support categories all over the text, unless they turn out to be part of something else."""
        self._noticed.append((start, end, literal))

    def take(self, form: Form, taken: list[Form]) -> bool:
        """Whether the form is as good as the word; if so it is settled, and supports others as the word does."""
        if (self.is_settled(form.start, form.end) and not self._encloses(form)) or not self._stands(form):
            return False
        self._settled[form.start : form.end] = b"\1" * (form.end - form.start)
        self._exact.add((form.start, form.end))
        word = form.word
        self._around = self._everywhere() | word.category
        self._before[form.end] = self._words.before.get(word.surface, 0)
        self._after[form.start] = self._words.after.get(word.surface, 0)
        taken.append(form)
        return True

    def _encloses(self, form: Form) -> bool:
        """Whether all that stands fast in the form is a part of its word, as 福利 is of 福利姬."""
        start, end, surface = form.start, form.end, form.word.surface
        if self._units.has_gap(start, end) or end - start != len(surface):
            return False
        for first in range(max(0, start - _LONGEST), end):
            for last in range(max(first, start) + 1, first + _LONGEST + 1):
                if (first, last) in self._exact:
                    inside = first >= start and last <= end
                    if not inside or self._units.surface[first:last] != surface[first - start : last - start]:
                        return False
        return True

    def _stands(self, form: Form) -> bool:
        units, category = self._units, form.word.category
        need = evidence.with_gaps(form, units, self._text)
        if need >= NEVER or units.cuts_token(form.start, form.end):
            return False
        before = bool(self._support_before(form.start) & category)
        if not evidence.is_apart(form, units, self._text, marked=before):
            return False
        if need == FREE:
            return True
        after = bool(self._support_after(form.end) & category)
        account = category == self._words.contact and evidence.precedes_account(form, units, self._text)
        if need == CONTEXT:
            return before or after or account or bool(self._everywhere() & category)
        return evidence.is_beside(form, need, units, before=before, after=after, account=account)

    def _everywhere(self) -> int:
        if self._around is None:
            self._around = 0
            for start, end, literal in self._noticed:
                if (start, end) in self._exact or not self.is_settled(start, end):
                    self._around |= literal.around
        return self._around

    def _support_before(self, edge: int) -> int:
        if not self._units.near(edge):
            return 0
        bits = self._before.get(edge, 0)
        for length in range(1, min(self._words.longest_marker, edge) + 1):
            found = self._words.before.get(self._units.surface[edge - length : edge])
            if found and self._counts(edge - length, edge):
                bits |= found
        return bits

    def _support_after(self, edge: int) -> int:
        if not self._units.near(edge):
            return 0
        bits = self._after.get(edge, 0)
        for length in range(1, self._words.longest_marker + 1):
            found = self._words.after.get(self._units.surface[edge : edge + length])
            if found and self._counts(edge, edge + length):
                bits |= found
        return bits

    def _counts(self, start: int, end: int) -> bool:
        """Whether a marker on these units is one: in one piece, and not part of something else."""
        whole = end <= len(self._settled) and not self._units.has_gap(start, end)
        return whole and ((start, end) in self._exact or not self.is_settled(start, end))
