"""The network: a small transformer encoder over characters with heads, and beside it a linear model of character n-grams.

The encoder reads meaning in context; the n-gram weights remember wordings exactly. Their logits add up.
"""

from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from classifier.characters import PAD
from classifier.ngrams import NgramTable
from humiao.labels import Harm, Sentiment, Stance

HARMS: Final = tuple(Harm)
STANCES: Final = tuple(Stance)
SENTIMENTS: Final = tuple(Sentiment)
AUXILIARY: Final = ("offensive", "attack")
"""Outputs that public sets teach (COLD, CHNCI) and that no verdict shows: they shape the encoder."""
OUTPUTS: Final = len(HARMS) + len(STANCES) + len(SENTIMENTS) + len(AUXILIARY)
ENCODER_SHARE: Final = 0.5
"""Factor of the encoder's logits when the n-grams join; chosen on held-back posts."""


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

    def __init__(self, config: BertConfig, ngrams: int = 0) -> None:
        """`ngrams`: size of the n-gram table."""
        super().__init__()
        self.encoder = BertModel(config, add_pooling_layer=False)
        width = int(config.hidden_size)
        self.squash = nn.Sequential(nn.Dropout(0.1), nn.Linear(3 * width, width), nn.Tanh(), nn.Dropout(0.1))
        self.heads = nn.Linear(width, OUTPUTS)
        self.ngrams = NgramTable(ngrams, OUTPUTS)

    def join(self, ngrams: NgramTable) -> None:
        """Put a fitted table beside the encoder, whose logits count ENCODER_SHARE from now on."""
        self.ngrams = ngrams
        with torch.no_grad():
            self.heads.weight.mul_(ENCODER_SHARE)
            self.heads.bias.mul_(ENCODER_SHARE)

    def forward(self, ids: Tensor) -> Logits:
        """`ids`: int64 [posts, length], first column CLS, padded with 0."""
        mask = ids.ne(PAD)
        hidden = self.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        inside = mask.unsqueeze(-1)
        mean = (hidden * inside).sum(1) / inside.sum(1)
        peak = hidden.masked_fill(~inside, -1e4).amax(1)
        out = self.heads(self.squash(torch.cat([hidden[:, 0], mean, peak], dim=1))).float()
        out = out + self.ngrams(ids).float()
        harm, stance, sentiment, auxiliary = out.split([len(HARMS), len(STANCES), len(SENTIMENTS), len(AUXILIARY)], dim=1)
        return Logits(harm, stance, sentiment, auxiliary)


def small(config: dict[str, Any]) -> JudgeModel:
    """The model that a checkpoint's ``config.json`` describes, with random weights."""
    return JudgeModel(BertConfig(**{key: value for key, value in config.items() if key != "ngrams"}), config.get("ngrams", 0))
