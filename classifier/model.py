"""The network: a small transformer encoder over characters, beside it hashed character n-grams, above both the heads.

The encoder reads meaning in context; the n-gram weights remember wordings exactly, as a linear model would. Their logits add up.
"""

from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from classifier.characters import PAD
from humiao.labels import Harm, Sentiment, Stance

HARMS: Final = tuple(Harm)
STANCES: Final = tuple(Stance)
SENTIMENTS: Final = tuple(Sentiment)
AUXILIARY: Final = ("offensive", "attack")
"""Outputs that public sets teach (COLD, CHNCI) and that no verdict shows: they shape the encoder."""
OUTPUTS: Final = len(HARMS) + len(STANCES) + len(SENTIMENTS) + len(AUXILIARY)
HASHES: Final = 1 << 16
"""Rows of the n-gram table."""


@dataclass(frozen=True)
class Logits:
    """Outputs by head, each [posts, classes] in float32."""

    harm: Tensor
    stance: Tensor
    sentiment: Tensor
    auxiliary: Tensor


def encoder_config(vocabulary: int, layers: int, width: int) -> BertConfig:
    """A BERT-like encoder; positions for windows of up to 256 characters."""
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        intermediate_size=width * 4,
        max_position_embeddings=258,
        type_vocab_size=1,
        pad_token_id=PAD,
        attention_probs_dropout_prob=0.1,
        hidden_dropout_prob=0.1,
    )


class JudgeModel(nn.Module):
    """Character ids [posts, length] to logits."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.encoder = BertModel(config, add_pooling_layer=False)
        width = int(config.hidden_size)
        self.squash = nn.Sequential(nn.Dropout(0.1), nn.Linear(3 * width, width), nn.Tanh(), nn.Dropout(0.1))
        self.heads = nn.Linear(width, OUTPUTS)
        self.ngrams = nn.EmbeddingBag(HASHES, OUTPUTS, mode="sum", padding_idx=0)
        nn.init.zeros_(self.ngrams.weight)

    def forward(self, ids: Tensor) -> Logits:
        """`ids`: int64 [posts, length], first column CLS, padded with 0."""
        mask = ids.ne(PAD)
        hidden = self.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        inside = mask.unsqueeze(-1)
        mean = (hidden * inside).sum(1) / inside.sum(1)
        peak = hidden.masked_fill(~inside, -1e4).amax(1)
        out = self.heads(self.squash(torch.cat([hidden[:, 0], mean, peak], dim=1))).float()
        hashed = hashed_ngrams(ids)
        count = hashed.ne(0).sum(1, keepdim=True).clamp(min=1)
        out = out + self.ngrams(hashed).float() / count.sqrt()
        harm, stance, sentiment, auxiliary = out.split([len(HARMS), len(STANCES), len(SENTIMENTS), len(AUXILIARY)], dim=1)
        return Logits(harm, stance, sentiment, auxiliary)


def hashed_ngrams(ids: Tensor) -> Tensor:
    """Rows of the n-gram table for each 2-, 3- and 4-gram of `ids` ([posts, 3 * length]); 0 where one reaches into padding."""
    length = ids.shape[1]
    padded = torch.nn.functional.pad(ids, (0, 3))
    rows = []
    rolling = ids
    for step in (1, 2, 3):
        following = padded[:, step : step + length]
        rolling = (rolling * 1_000_003 + following * 7919 + step) & 0x7FFFFFFF
        rows.append((rolling % (HASHES - 1) + 1).masked_fill(following.eq(PAD), 0))
    return torch.cat(rows, dim=1)


def small(config: dict[str, Any]) -> JudgeModel:
    """The model that a checkpoint's ``config.json`` describes, with random weights."""
    return JudgeModel(BertConfig(**config))
