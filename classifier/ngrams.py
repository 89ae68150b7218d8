"""N-grams as a linear model inside the network: 1 to 4 characters and 1 to 2 pieces, an exact table of those that training kept."""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn

from classifier.characters import PAD, SPECIAL

CHARACTERS: Final = 4
"""Characters of the longest n-gram."""
PIECES: Final = 2
"""Pieces of the longest n-gram."""
_OF_PIECES: Final = 1 << 47
"""Bit that sets the keys of pieces apart from those of characters."""


def keys_of(letters: Tensor, pieces: Tensor) -> Tensor:
    """A number for each n-gram: int64 [posts, characters] and [posts, pieces] -> [posts, 4 * characters + 2 * pieces].

    0 where none begins: at padding, and single special signs.
    """
    by_pieces = _rolled(pieces, PIECES)
    return torch.cat([_rolled(letters, CHARACTERS), torch.where(by_pieces.eq(0), 0, by_pieces + _OF_PIECES)], dim=1)


def _rolled(ids: Tensor, longest: int) -> Tensor:
    length = ids.shape[1]
    padded = nn.functional.pad(ids, (0, longest - 1))
    rolling = ids
    rows = [ids.masked_fill(ids < len(SPECIAL), 0)]
    for step in range(1, longest):
        following = padded[:, step : step + length]
        rolling = (rolling * 1_000_003 + following * 7919 + step) & 0x7FFFFFFFFFFF
        rows.append(rolling.masked_fill(following.eq(PAD), 0))
    return torch.cat(rows, dim=1)


class NgramTable(nn.Module):
    """Logits as a weighted sum over the known n-grams of a post, their TF-IDF vector normalised to length 1."""

    keys: Tensor
    rarity: Tensor

    def __init__(self, size: int, outputs: int) -> None:
        """`size` n-grams; row 0 of the weights stands for unknown ones and stays 0."""
        super().__init__()
        self.register_buffer("keys", torch.zeros(size, dtype=torch.int64))
        self.register_buffer("rarity", torch.zeros(size + 1))
        self.weight = nn.Parameter(torch.zeros(size + 1, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    @property
    def size(self) -> int:
        """How many n-grams are known."""
        return int(self.keys.shape[0])

    def fill(self, keys: Sequence[int], rarity: Sequence[float], weight: Tensor, bias: Tensor) -> None:
        """Set sorted `keys`, their inverse document frequencies, their weights [size, outputs] and the bias."""
        with torch.no_grad():
            self.keys.copy_(torch.tensor(keys))
            self.rarity[1:] = torch.tensor(rarity)
            self.weight[1:] = weight
            self.bias.copy_(bias)

    def _found(self, letters: Tensor, pieces: Tensor) -> tuple[Tensor, Tensor]:
        """Rows of the n-grams (0 = unknown) and their shares in the post's vector of length 1, both in the shape of `keys_of`."""
        wanted = keys_of(letters, pieces)
        place = torch.searchsorted(self.keys, wanted).clamp(max=self.size - 1)
        row = torch.where(self.keys[place].eq(wanted), place + 1, 0)
        share = self.rarity[row]
        return row, share / share.square().sum(1, keepdim=True).sqrt().clamp(min=1e-3)

    def evidence(self, letters: Tensor, pieces: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """What each character and each piece is worth to the post's output (int64 [posts]): each n-gram's logit, split evenly."""
        if not self.size:
            return torch.zeros(letters.shape, device=letters.device), torch.zeros(pieces.shape, device=letters.device)
        row, share = self._found(letters, pieces)
        logit = self.weight[row, outputs[:, None]] * share
        parts = logit.split([CHARACTERS * letters.shape[1], PIECES * pieces.shape[1]], dim=1)
        return _spread(parts[0], CHARACTERS), _spread(parts[1], PIECES)

    def forward(self, letters: Tensor, pieces: Tensor) -> Tensor:
        """`letters`, `pieces`: int64 [posts, length]; logits [posts, outputs]."""
        if not self.size:
            return self.bias.expand(len(letters), -1)
        row, share = self._found(letters, pieces)
        return nn.functional.embedding_bag(row, self.weight, per_sample_weights=share, mode="sum") + self.bias


def _spread(logit: Tensor, longest: int) -> Tensor:
    """[posts, longest * length] of n-grams by their beginnings -> [posts, length], each n-gram's share on each of its places."""
    by_width = logit.view(len(logit), longest, -1)
    worth = torch.zeros_like(by_width[:, 0])
    for width in range(1, longest + 1):
        part = by_width[:, width - 1] / width
        for step in range(width):
            worth[:, step:] += part[:, : part.shape[1] - step]
    return worth
