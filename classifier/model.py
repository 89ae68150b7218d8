"""The network: a small transformer encoder over pieces with heads, and beside it a linear model of character n-grams.

The encoder reads meaning in context; the n-gram weights remember wordings exactly. Their logits add up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from classifier.encoding import Batch, Window, batch_of
from classifier.ngrams import NgramTable
from humiao.labels import Harm, Sentiment, Stance

HARMS: Final = tuple(Harm)
STANCES: Final = tuple(Stance)
SENTIMENTS: Final = tuple(Sentiment)
AUXILIARY: Final = ("offensive", "attack", "sexist")
"""Outputs that public sets teach (COLD, CHNCI, SWSR) and that no verdict shows: they shape the encoder."""
OUTPUTS: Final = len(HARMS) + len(STANCES) + len(SENTIMENTS) + len(AUXILIARY)


@dataclass(frozen=True)
class Logits:
    """Outputs by head, each [posts, classes] in float32."""

    harm: Tensor
    stance: Tensor
    sentiment: Tensor
    auxiliary: Tensor


class JudgeModel(nn.Module):
    """A batch of windows to logits."""

    def __init__(self, encoder: nn.Module, width: int, ngrams: int = 0, pad: int = 0) -> None:
        """`encoder`: (ids, mask, types) to hidden states of `width`; `ngrams`: size of the n-gram table; `pad`: padding id."""
        super().__init__()
        self.pad = pad
        self.encoder = encoder
        self.squash = nn.Sequential(nn.Dropout(0.1), nn.Linear(3 * width, width), nn.Tanh(), nn.Dropout(0.1))
        self.heads = nn.Linear(width, OUTPUTS)
        self.ngrams = NgramTable(ngrams, OUTPUTS)

    def join(self, table: NgramTable, encoder_share: Tensor) -> None:
        """Put a fitted table beside the encoder.

        From now on the logits are the encoder's times `encoder_share` and the table's times the rest; one share for each output
        of a verdict, halves for the auxiliary ones.
        """
        share = torch.cat([encoder_share, torch.full((len(AUXILIARY),), 0.5)])
        with torch.no_grad():
            self.heads.weight.mul_(share[:, None])
            self.heads.bias.mul_(share)
            table.weight.mul_(1 - share)
            table.bias.mul_(1 - share)
        self.ngrams = table

    def part(self, encoder_share: Mapping[str, float]) -> None:
        """Undo `join`: heads as they were trained and no n-grams; `encoder_share` by head, as a checkpoint tells it.

        A head whose share was 0 has nothing left to undo and learns from nothing.
        """
        widths = {"harm": len(HARMS), "stance": len(STANCES), "sentiment": len(SENTIMENTS)}
        share = torch.cat([torch.full((width,), encoder_share[head]) for head, width in widths.items()])
        share = torch.cat([share.where(share > 0, 1.0), torch.full((len(AUXILIARY),), 0.5)])
        with torch.no_grad():
            self.heads.weight.div_(share[:, None])
            self.heads.bias.div_(share)
        self.ngrams = NgramTable(0, OUTPUTS)

    def forward(self, batch: Batch) -> Logits:
        """Logits of each window."""
        return parted(self.read(batch) + self.ngrams(batch.letters, batch.own).float())

    @torch.inference_mode()
    def logits(self, windows: Sequence[Window]) -> Logits:
        """Of each window, without learning."""
        return self(batch_of(windows, self.pad, self.heads.weight.device.type))  # type: ignore[no-any-return]

    def evidence(self, windows: Sequence[Window], outputs: Sequence[int]) -> list[tuple[list[float], list[float]]]:
        """What each piece and each character is worth to one output of its window, in logits."""
        batch = batch_of(windows, self.pad, self.heads.weight.device.type)
        wanted = torch.tensor(outputs, device=batch.ids.device)
        embedded: list[Tensor] = []
        table: nn.Module = self.encoder.model.get_input_embeddings()  # type: ignore[union-attr, operator]
        with table.register_forward_hook(lambda _module, _given, out: embedded.append(out)):
            out = self.read(batch).gather(1, wanted[:, None]).sum()
        (gradient,) = torch.autograd.grad(out, embedded[0])
        worth = (gradient * embedded[0]).sum(2).tolist()
        with torch.inference_mode():
            letters, pieces = (table.tolist() for table in self.ngrams.evidence(batch.letters, batch.own, wanted))
        return [
            ([one + other for one, other in zip(values[: len(window.ids) - window.context], added, strict=False)], signs)
            for window, values, added, signs in zip(windows, worth, pieces, letters, strict=True)
        ]

    def read(self, batch: Batch) -> Tensor:
        """What the encoder alone says, [windows, OUTPUTS] in float32."""
        hidden = self.encoder(batch.ids, batch.mask, batch.types)
        inside = batch.mask.bool().unsqueeze(-1)
        mean = (hidden * inside).sum(1) / inside.sum(1)
        peak = hidden.masked_fill(~inside, -1e4).amax(1)
        out: Tensor = self.heads(self.squash(torch.cat([hidden[:, 0], mean, peak], dim=1)))
        return out.float()


def parted(out: Tensor) -> Logits:
    """[windows, OUTPUTS] by head."""
    return Logits(*out.split([len(HARMS), len(STANCES), len(SENTIMENTS), len(AUXILIARY)], dim=1))
