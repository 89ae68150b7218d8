"""What repeats when a post is posted again: its text reduced to that, a digest of it and a MinHash sketch.

Reposts of an advert change the contact, digits, emoji and punctuation, or a word here and there. The first kind leaves the digest
alone, the second keeps the sketch close.

MinHash: A. Broder, "On the resemblance and containment of documents" (1997); 16 bits of each minimum are kept, after P. Li and
C. König, "b-Bit minwise hashing" (2010). Banding: J. Leskovec et al., "Mining of Massive Datasets", section 3.4.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerting.calendar import SHANGHAI
from humiao.alert import Shape
from humiao.labels import Harm, Stance
from humiao.names import names
from humiao.post import Post
from humiao.store.query import fold
from humiao.verdict import Verdict

SHORTEST: Final = 8
"""A reduced text with fewer characters is compared by equality only."""
SHORTEST_PERSONAL: Final = 20
"""The same for words against a person and for a victim's (`shortest`)."""
PERSONAL: Final = frozenset({Harm.BULLYING, Harm.DOXXING, Harm.SELF_HARM, Harm.VIOLENCE, Harm.CHILD_ABUSE})
SURE_NAME: Final = 0.0
"""Score (`humiao.names`) from which on a name tells people apart; names of two characters are shared by too many."""
SHORTEST_NAME: Final = 3
LONGEST: Final = 4096
"""Characters of the reduced text that enter the sketch; the digest covers all of it."""
PERMUTATIONS: Final = 64
BANDS: Final = 16
SHINGLE: Final = 3
ALIKE: Final = 0.6
"""Estimated Jaccard similarity of two sketches from which on two wordings are the same campaign."""

_VENUE: Final = re.compile(
    "([\u4e00-\u9fff]{2})(?=网吧|网咖|电竞|酒店|宾馆|旅馆|酒吧|清吧|台球|桌球|密室|剧本杀|桌游|烟酒|便利店|超市|商行|士多|小卖部|文具店|会所|足浴|俱乐部|"
    "奶茶|药店|药房|纹身|刺青|理发店|游戏厅|电玩)"
)
"""The end of a shop's name, before the word that says what kind of shop it is."""
_NO_NAME: Final = re.compile(
    "电竞|酒店|台球|密室|主机|私人|这家|那家|一家|几家|哪家|附近|旁边|隔壁|对面|楼下|门口|我们|他们|你们|学校|小区|后面|前面|里面|有个|这个|那个|哪个|去个|开个|的是|在的|家的|边的|口的|"
    "些的|去了|来到|到了|进了|就在|全市|本市|深圳|坂田|龙岗|正规|专业|高端|大型|小型|连锁|新开|老牌|星级|主题|自助|情侣|各大|所有|晚上|周末|包夜|通宵"
)

_SHOP: Final = 2
"""Characters of a shop in `Shape.names`; a person has more."""
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
    signature = sketch(essence) if len(essence) >= shortest(verdict) else []
    return Shape(digest=_digest(post, verdict, essence), sketch=signature, harm=harm, names=named(essence, verdict))


def shortest(verdict: Verdict) -> int:
    """Letters from which on a reduced text tells whose words they are.

    What is done to a person, or what a victim says, is soon said in the same words by somebody else, of somebody else.
    """
    attacks = not PERSONAL.isdisjoint(verdict.flags) and verdict.top_stance is Stance.OFFENDER
    return SHORTEST_PERSONAL if attacks or verdict.top_stance is Stance.VICTIM else SHORTEST


def named(essence: str, verdict: Verdict) -> list[str]:
    """Which shops a reduced text names, and which persons where it is about one: the same words about others are other words.

    A shop stands there by the end of its name, a person by a hash.
    """
    shops = {one for one in _VENUE.findall(essence) if not _NO_NAME.fullmatch(one)}
    return sorted(shops | ({_hashed(one) for one in persons(essence)} if not PERSONAL.isdisjoint(verdict.flags) else set()))


def persons(text: str) -> list[str]:
    """Names of at least three characters that `text` surely holds, sorted, each once."""
    found = {text[start:end] for start, end in names().spans(text, SURE_NAME)}
    return sorted(one for one in found if len(one) >= SHORTEST_NAME)


def _hashed(name: str) -> str:
    return hashlib.blake2s(name.encode(), digest_size=6).hexdigest()


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
        self._names = [frozenset(shape.names) for shape in shapes]
        self._sketched = np.array([bool(shape.sketch) for shape in shapes], dtype=bool)
        self._sketches = np.array([shape.sketch or blank for shape in shapes], dtype=np.uint16).reshape(-1, BANDS, _ROWS)

    def alike(self, number: int) -> list[int]:
        """Which wordings are the same campaign as wording `number`, itself included if a harm is flagged in it.

        Two are when a flagged harm is common to both, and their digest is the same or their sketches are close (at least
        `ALIKE` of the places agree, and at least one band does, by which the other is found in the store), unless they
        name shops or persons and have none of them in common.
        """
        same = self._digests == self._digests[number]
        if self._sketched[number]:
            agree = self._sketches == self._sketches[number]
            close = (agree.sum(axis=(1, 2)) >= ALIKE * PERMUTATIONS) & agree.all(axis=2).any(axis=1)
            same |= close & self._sketched
        found = (int(other) for other in np.flatnonzero(same & ((self._harms & self._harms[number]) != 0)))
        here = self._names[number]
        return [other for other in found if _names_fit(here, self._names[other])]


def _names_fit(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether both name a shop in common or none, and a person in common or none."""
    shops = {name for name in one if len(name) == _SHOP}, {name for name in other if len(name) == _SHOP}
    return all(not (here or there) or bool(here & there) for here, there in (shops, (one - shops[0], other - shops[1])))


def _latin(char: str) -> bool:
    return char.isascii() or unicodedata.name(char, "").startswith("LATIN")


def _digest(post: Post, verdict: Verdict, essence: str) -> str:
    """Digest of the reduced text; of a short one, of all of it.

    A text too short to tell an advert from a cry for help ("我不想活了") must be equal. Where a victim speaks it must be the same
    author's too, so that no child disappears behind another one's alert; where a person is attacked, one of the same board and day
    (UTC+8), so that one insult does not join all quarrels of a district, and a flood of it is one alert nevertheless.
    """
    least = shortest(verdict)
    if len(essence) >= least:
        parts = ("long", essence)
    else:
        scope = _scope(post, verdict) if least > SHORTEST else ""
        parts = ("short", f"{scope}\x1e{''.join(fold(post.text).split())}")
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _scope(post: Post, verdict: Verdict) -> str:
    if verdict.top_stance is Stance.VICTIM:
        return f"{post.platform}\x1e{post.author or post.id}"
    return f"{post.platform}\x1e{post.board}\x1e{post.ts.astimezone(SHANGHAI):%Y-%m-%d}"


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
