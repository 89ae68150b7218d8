"""What repeats when a post is posted again: its text reduced to that, a digest of it and a MinHash sketch.

Reposts of an advert change the contact, digits, emoji and punctuation, or a word here and there. The first kind leaves the digest
alone, the second keeps the sketch close.

MinHash: A. Broder, "On the resemblance and containment of documents" (1997); 16 bits of each minimum are kept, after P. Li and
C. König, "b-Bit minwise hashing" (2010). Banding: J. Leskovec et al., "Mining of Massive Datasets", section 3.4.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from humiao.alert import Shape
from humiao.labels import Harm, Stance
from humiao.post import Post
from humiao.store.query import fold
from humiao.verdict import Verdict

SHORTEST: Final = 8
"""A reduced text with fewer characters is compared by equality only."""
LONGEST: Final = 4096
"""Characters of the reduced text that enter the sketch; the digest covers all of it."""
PERMUTATIONS: Final = 64
BANDS: Final = 16
SHINGLE: Final = 3
ALIKE: Final = 0.6
"""Estimated Jaccard similarity of two sketches from which on two wordings are the same campaign."""

_HARMS: Final = list(Harm)
_ROWS: Final = PERMUTATIONS // BANDS
_SEEDS: Final = np.random.Generator(np.random.PCG64(20260101)).integers(1, 2**63, size=PERMUTATIONS, dtype=np.uint64)
_CODE_BITS: Final = np.uint64(21)


def reduced(text: str) -> str:
    """The letters of `text` but Latin ones, folded: no digits, contact ids, emoji, punctuation or white space."""
    return "".join(char for char in fold(text) if unicodedata.category(char)[0] == "L" and not _latin(char))


def shape(post: Post, verdict: Verdict) -> Shape:
    """The wording of `post` with the harms flagged in it."""
    essence = reduced(post.text)
    harm = sorted(verdict.flags, key=_HARMS.index)
    return Shape(digest=_digest(post, verdict, essence), sketch=sketch(essence) if len(essence) >= SHORTEST else [], harm=harm)


def digest(post: Post, verdict: Verdict) -> str:
    """Digest of the wording of `post`: equal for posts that differ only in what reposts of an advert change."""
    return _digest(post, verdict, reduced(post.text))


def sketch(essence: str) -> list[int]:
    """MinHash signature of the character shingles of a reduced text: 64 integers below 2^16."""
    codes = np.frombuffer(essence[:LONGEST].encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    count = max(1, len(codes) - SHINGLE + 1)
    shingles = np.zeros(count, dtype=np.uint64)
    for part in range(min(SHINGLE, len(codes))):
        shingles = (shingles << _CODE_BITS) | codes[part : part + count]
    minima: NDArray[np.uint64] = _mixed(shingles[:, None] ^ _SEEDS).min(axis=0)
    return [int(low) for low in minima & np.uint64(0xFFFF)]


def bands(sketched: Sequence[int]) -> list[tuple[int, ...]]:
    """The bands of a signature: two wordings are compared when one band is equal."""
    return [tuple(sketched[start : start + _ROWS]) for start in range(0, len(sketched), _ROWS)]


def keys(shapes: Iterable[Shape]) -> list[str]:
    """Hash buckets of `shapes`, sorted: two shapes that may be alike share at least one."""
    found = set()
    for one in shapes:
        found.add("d" + one.digest[:12])
        for number, band in enumerate(bands(one.sketch)):
            found.add("b" + hashlib.blake2s(repr((number, band)).encode(), digest_size=6).hexdigest())
    return sorted(found)


class Comparison:
    """Wordings laid out side by side, to compare one with all of them at once."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        blank = [0] * PERMUTATIONS
        self._digests = np.unique([shape.digest for shape in shapes], return_inverse=True)[1]
        self._harms = np.array([sum(1 << _HARMS.index(one) for one in shape.harm) for shape in shapes], dtype=np.int64)
        self._sketched = np.array([bool(shape.sketch) for shape in shapes], dtype=bool)
        self._sketches = np.array([shape.sketch or blank for shape in shapes], dtype=np.uint16).reshape(-1, BANDS, _ROWS)

    def alike(self, number: int) -> list[int]:
        """Which wordings are the same campaign as wording `number`, itself included if a harm is flagged in it.

        Two are when a flagged harm is common to both, and their digest is the same or their sketches are close (at least
        `ALIKE` of the places agree, and at least one band does, by which the other is found in the store).
        """
        same = self._digests == self._digests[number]
        if self._sketched[number]:
            agree = self._sketches == self._sketches[number]
            close = (agree.sum(axis=(1, 2)) >= ALIKE * PERMUTATIONS) & agree.all(axis=2).any(axis=1)
            same |= close & self._sketched
        return [int(other) for other in np.flatnonzero(same & ((self._harms & self._harms[number]) != 0))]


def _latin(char: str) -> bool:
    return char.isascii() or unicodedata.name(char, "").startswith("LATIN")


def _digest(post: Post, verdict: Verdict, essence: str) -> str:
    """Digest of the reduced text; of a short one, of all of it.

    A text too short to tell an advert from a cry for help ("我不想活了") must be equal, and where a victim speaks, of the same
    author too, so that no child disappears behind another one's alert.
    """
    if len(essence) >= SHORTEST:
        parts = ("long", essence)
    else:
        speaker = f"{post.platform}\x1e{post.author or post.id}" if verdict.top_stance is Stance.VICTIM else ""
        parts = ("short", f"{speaker}\x1e{''.join(fold(post.text).split())}")
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
