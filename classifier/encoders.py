"""Encoders of Hugging Face transformers: for pretraining, training, and encoders that are not BERT."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, BertConfig, BertModel, PreTrainedModel

from classifier.pieces import Pieces
from humiao.errors import SettingsError


class Encoder(nn.Module):
    """A transformers encoder, called as the network calls it."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model
        self._kinds = int(getattr(model.config, "type_vocab_size", 1))

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        """Hidden states [windows, pieces, width]."""
        more = {"token_type_ids": types} if self._kinds > 1 else {}
        hidden: Tensor = self.model(input_ids=ids, attention_mask=mask, **more).last_hidden_state
        return hidden


def small_bert(vocabulary: int, layers: int, width: int, dropout: float = 0.1) -> BertModel:
    """A BERT with random weights; positions for windows of up to 128 pieces."""
    shape = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=max(1, width // 64),
        intermediate_size=width * 4,
        max_position_embeddings=128,
        type_vocab_size=2,
        pad_token_id=0,
        attention_probs_dropout_prob=dropout,
        hidden_dropout_prob=dropout,
    )
    return BertModel(shape, add_pooling_layer=False)


def from_config(config: Mapping[str, Any]) -> Encoder:
    """An encoder of that shape (as `described` gives it) with random weights."""
    shape = AutoConfig.for_model(**config)
    return Encoder(BertModel(shape, add_pooling_layer=False) if isinstance(shape, BertConfig) else AutoModel.from_config(shape))


def described(encoder: Encoder) -> dict[str, Any]:
    """The encoder's shape, for a checkpoint's ``config.json``."""
    config: dict[str, Any] = encoder.model.config.to_diff_dict()
    known = {"model_type": encoder.model.config.model_type}
    return known | {
        key: value
        for key, value in config.items()
        if key not in {"transformers_version", "dtype", "_name_or_path", "architectures"}
    }


def from_folder(folder: Path) -> tuple[Encoder, Pieces]:
    """A Hugging Face encoder with its tokenizer from a local folder; nothing is fetched.

    Raises:
        SettingsError: the folder holds no encoder or no fast tokenizer.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
        return Encoder(
            BertModel.from_pretrained(folder, add_pooling_layer=False) if isinstance(model, BertModel) else model
        ), Pieces(tokenizer.backend_tokenizer)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise SettingsError(f"base model {folder}: no encoder with a fast tokenizer ({type(error).__name__}: {error})") from error
