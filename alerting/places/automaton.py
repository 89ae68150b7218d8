"""All occurrences of many words in one pass over a text.

Method: A. V. Aho, M. J. Corasick, Efficient string matching, CACM 18(6), 1975. Time grows with the length of the text and the
number of occurrences, not with the number of words.
"""

from collections import deque
from collections.abc import Iterable, Iterator


class Automaton:
    """A set of words, ready to be looked for."""

    def __init__(self, words: Iterable[str]) -> None:
        """Empty words are left out."""
        self._next: list[dict[str, int]] = [{}]
        self._length: list[int] = [0]
        """Of the word that ends in a state; 0 = none does."""
        for word in words:
            state = 0
            for char in word:
                state = self._next[state].setdefault(char, len(self._next))
                if state == len(self._next):
                    self._next.append({})
                    self._length.append(0)
            self._length[state] = len(word)
        self._link()

    def _link(self) -> None:
        self._fallback = [0] * len(self._next)
        self._shorter = [0] * len(self._next)
        """The state of the longest word that is a true suffix of what a state stands for; 0 = there is none."""
        waiting = deque(self._next[0].values())
        while waiting:
            state = waiting.popleft()
            fallback = self._fallback[state]
            self._shorter[state] = fallback if self._length[fallback] else self._shorter[fallback]
            for char, following in self._next[state].items():
                self._fallback[following] = self._step(fallback, char)
                waiting.append(following)

    def _step(self, state: int, char: str) -> int:
        while state and char not in self._next[state]:
            state = self._fallback[state]
        return self._next[state].get(char, 0)

    def occurrences(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of every occurrence of every word, by end, longer ones first."""
        state, following, length, shorter = 0, self._next, self._length, self._shorter
        begins = following[0]
        for end, char in enumerate(text, start=1):
            if not state:
                if char not in begins:
                    continue
                state = begins[char]
            else:
                state = following[state].get(char) or self._step(self._fallback[state], char)
            ending = state if length[state] else shorter[state]
            while ending:
                yield end - length[ending], end
                ending = shorter[ending]
