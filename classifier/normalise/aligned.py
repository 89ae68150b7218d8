"""A text on its way to its normal form, each character tied to the original one that it came from."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

from humiao.verdict import Change

REASONS: Final = ("全角或变体", "繁体", "不可见字符", "重复字符", "谐音", "拆字", "形近字", "分隔符", "缩写", "表情", "遮挡")
"""Every reason a change can have, in the order in which several are named."""
_OF_CHARACTERS: Final = frozenset(REASONS[:3])
_LONGEST_SHOWN: Final = 40
_MOST_CHANGES: Final = 4096
"""Past so many changes neighbouring ones are told as one: nobody reads them singly."""
_EMOJI_JOINERS: Final = "\ufe0e\ufe0f\u200d"

Rewrite = tuple[int, int, str, str, Sequence[int]]
"""Start, end, what takes the place of text[start:end], the reason ("" leaves no note), and where in the text each
character of the new stood (empty: spread evenly, the last one on the last)."""
Note = tuple[int, int, str]
"""A changed range of the original and why (reasons joined by 、)."""


class Aligned:
    """`text`, the original offset of each of its characters (`origins`), and what was changed so far (`notes`)."""

    __slots__ = ("notes", "origins", "text")

    def __init__(self, text: str, origins: list[int], notes: list[Note]) -> None:
        self.text = text
        self.origins = origins
        self.notes = notes

    def apply(self, rewrites: Iterable[Rewrite]) -> bool:
        """Carry out rewrites that are sorted and do not overlap; say whether there were any."""
        parts: list[str] = []
        kept: list[int] = []
        text, origins, notes = self.text, self.origins, self.notes
        done = 0
        for start, end, new, reason, places in rewrites:
            parts.append(text[done:start])
            parts.append(new)
            kept += origins[done:start]
            if places:
                kept += [origins[place] for place in places]
            elif len(new) == 1:
                kept.append(origins[start])
            elif new:
                kept += [origins[min(start + number, end - 1)] for number in range(len(new) - 1)]
                kept.append(origins[end - 1])
            if reason:
                notes.append((origins[start], origins[end - 1] + 1, reason))
            done = end
        if parts:
            parts.append(text[done:])
            kept += origins[done:]
            self.text, self.origins = "".join(parts), kept
        return bool(parts)

    def changes(self, original: str) -> tuple[Change, ...]:
        """The changes as the desk shows them: sorted, overlapping ones told as one."""
        if not self.notes:
            return ()
        notes = sorted(self.notes)
        if crowded := len(notes) > _MOST_CHANGES:
            notes = _grouped(notes)
        return tuple(self._change(original, note, crowded) for note in _merged(notes, original))

    def _change(self, original: str, note: Note, crowded: bool) -> Change:
        start, end, reason = note
        reasons = reason.split("、")
        shown = _LONGEST_SHOWN if crowded or "重复字符" in reasons else None
        after = self.text[bisect_left(self.origins, start) : bisect_left(self.origins, end)]
        return Change(
            start=start,
            end=end,
            before=original[start:end][:shown],
            after=after[:shown],
            reason=reason if len(reasons) == 1 else "、".join(sorted(set(reasons), key=REASONS.index)),
        )


def _grouped(notes: list[Note]) -> list[Note]:
    step = -(-len(notes) // _MOST_CHANGES)
    groups = (notes[first : first + step] for first in range(0, len(notes), step))
    return [(group[0][0], max(note[1] for note in group), "、".join({note[2] for note in group})) for group in groups]


def _merged(notes: list[Note], original: str) -> list[Note]:
    merged: list[Note] = []
    for start, end, reason in notes:
        stop = end
        if reason not in _OF_CHARACTERS:
            while stop < len(original) and original[stop] in _EMOJI_JOINERS:
                stop += 1
        if merged and start < merged[-1][1]:
            first, last, why = merged[-1]
            merged[-1] = (first, max(last, stop), why if reason in why else f"{why}、{reason}")
        elif merged and start == merged[-1][1] and reason == merged[-1][2] and reason in _OF_CHARACTERS:
            merged[-1] = (merged[-1][0], stop, reason)
        else:
            merged.append((start, stop, reason))
    return merged
