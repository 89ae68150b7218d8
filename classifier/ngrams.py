"""Character 1- to 4-grams as a linear model inside the network: exact table of those that training kept, weighted by TF-IDF."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from classifier.characters import PAD, SPECIAL

LONGEST = 4


def keys_of(ids: Tensor) -> Tensor:
    """A 47-bit number for each n-gram of `ids` (int64 [posts, length] -> [posts, 4 * length]); 0 where none begins."""
    length = ids.shape[1]
    padded = nn.functional.pad(ids, (0, LONGEST - 1))
    rolling = ids
    rows = [ids.masked_fill(ids < len(SPECIAL), 0)]
    for step in range(1, LONGEST):
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

    def forward(self, ids: Tensor) -> Tensor:
        """`ids`: int64 [posts, length]; logits [posts, outputs]."""
        if not self.size:
            return self.bias.expand(len(ids), -1)
        wanted = keys_of(ids)
        place = torch.searchsorted(self.keys, wanted).clamp(max=self.size - 1)
        row = torch.where(self.keys[place].eq(wanted), place + 1, 0)
        share = self.rarity[row]
        share = share / share.square().sum(1, keepdim=True).sqrt().clamp(min=1e-3)
        return nn.functional.embedding_bag(row, self.weight, per_sample_weights=share, mode="sum") + self.bias
