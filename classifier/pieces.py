"""The encoder's vocabulary: pieces of one to four characters that occur together, learnt from public text (byte-pair encoding).

A piece is mostly a word, so the encoder reads about a third fewer positions than characters and starts from word vectors; text
that is spelled in an unusual way falls apart into single characters.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Final

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
MASK: Final = SPECIAL.index("[MASK]")
_OTHERS: Final = {"[PAD]": "<pad>", "[CLS]": "<s>", "[SEP]": "</s>"}
"""Names of the special ones in tokenizers of the RoBERTa kind."""
SIZE: Final = 16_000
LONGEST: Final = 4
"""Characters of the longest piece."""
RAREST: Final = 40
"""Times that a pair must occur to become a piece."""
ALPHABET: Final = 4_600
"""Single characters that are known."""
#: Runs of Chinese characters and of Latin letters hold together; digits, marks and emoji stand alone.
_WORDS: Final = Regex(r"[\u3400-\u9fff]+|[a-z]+|[0-9]|\s+|.")


class Pieces:
    """Pieces and their ids. Any tokenizer with a padding, a first and a separating token serves, e.g. that of a larger encoder."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.pad, self.cls, self.sep = (self._special(name) for name in _OTHERS)

    def _special(self, name: str) -> int:
        for known in (name, _OTHERS[name]):
            number = self._tokenizer.token_to_id(known)
            if number is not None:
                return int(number)
        raise ValueError(f"the tokenizer has no {name}")

    def __len__(self) -> int:
        return self._tokenizer.get_vocab_size()

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text's pieces, without special ones around."""
        return [one.ids for one in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def cut(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids and the range [start, end) of each piece, in characters of `text`."""
        one = self._tokenizer.encode(text, add_special_tokens=False)
        return one.ids, one.offsets

    def loosened(self, ids: Sequence[int], share: float, dice: Random) -> list[int]:
        """The same text with that share of its longer pieces fallen apart into characters: a training aid against odd spellings."""
        found: list[int] = []
        for number in ids:
            parts = self._apart.get(number) if dice.random() < share else None
            found += parts or [number]
        return found

    @cached_property
    def _apart(self) -> dict[int, list[int]]:
        """Each piece of several characters and the ids of these, where all of them are known."""
        known = self._tokenizer.get_vocab()
        return {
            number: [known[sign] for sign in name]
            for name, number in known.items()
            if len(name) > 1 and name not in SPECIAL and all(sign in known for sign in name)
        }

    def names(self) -> list[str]:
        """The pieces in the order of their ids."""
        known = self._tokenizer.get_vocab()
        return sorted(known, key=lambda name: known[name])

    @classmethod
    def learn(cls, texts: Iterable[str]) -> "Pieces":
        """Pieces learnt from `texts` (normalised)."""
        tokenizer = Tokenizer(models.BPE(unk_token=SPECIAL[1]))
        tokenizer.pre_tokenizer = pre_tokenizers.Split(_WORDS, "isolated")
        trainer = trainers.BpeTrainer(
            vocab_size=SIZE,
            min_frequency=RAREST,
            special_tokens=list(SPECIAL),
            limit_alphabet=ALPHABET,
            max_token_length=LONGEST,
            show_progress=False,
        )
        tokenizer.train_from_iterator(texts, trainer)
        return cls(tokenizer)

    def save(self, file: Path) -> None:
        """One JSON file in the format of Hugging Face tokenizers."""
        self._tokenizer.save(str(file), pretty=False)

    @classmethod
    def load(cls, file: Path) -> "Pieces":
        """Read what `save` wrote.

        Raises:
            ValueError: the file is no tokenizer.
        """
        try:
            return cls(Tokenizer.from_str(file.read_text(encoding="utf-8")))
        except OSError:
            raise
        except Exception as error:
            raise ValueError(f"{file.name} is no tokenizer: {error}") from error
