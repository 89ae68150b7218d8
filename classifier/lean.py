"""The network as it runs in operation: a BERT forward pass in plain torch over unpadded windows.

Reads the weights of transformers' ``BertModel`` (post-layer-norm, learnt positions, GELU) without importing transformers, whose
import costs more time and memory than the model itself. All windows of a run lie one behind the other, shortest first, so that the
matrix products are large and nothing is spent on padding; only attention goes by groups of equal length. A window's numbers do not
depend on the company it is judged in, in bfloat16 either. Training and other kinds of encoder use `classifier.encoders`.
"""

from collections.abc import Mapping, Sequence
from itertools import chain, groupby
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.encoding import Window, counted_of
from classifier.model import JudgeModel, Logits, parted
from classifier.pieces import MASK

EPSILON: Final = 1e-12
"""BERT's layer norm."""
FEW_ROWS: Final = 64
MANY_ROWS: Final = 512
"""Rows of the matrix products are filled up to a multiple of FEW_ROWS, large ones of MANY_ROWS: a kernel is built and kept for each
shape that occurs, which costs time and, with every batch of another size, hundreds of MiB."""
_Groups = list[tuple[int, int]]
"""How many windows of which length, in order."""


class LeanModel:
    """`JudgeModel` for inference, with its encoder's weights in `kind`."""

    def __init__(
        self, config: Mapping[str, Any], encoder: Mapping[str, Tensor], rest: JudgeModel, device: str, kind: torch.dtype
    ) -> None:
        """`config`: what differs from BERT's defaults; `encoder`: BertModel's state by its names; `rest`: heads and n-gram table.

        Raises:
            KeyError: a weight is missing.
        """
        self._device, self._kind = device, kind
        self._rest = rest.to(device).requires_grad_(requires_grad=False)
        layers = range(int(config.get("num_hidden_layers", 12)))
        heads = int(config.get("num_attention_heads", 12))

        def linear(*names: str) -> nn.Linear:
            """Several layers over the same input become one."""
            weight = torch.cat([encoder[f"{name}.weight"] for name in names])
            one = nn.Linear(weight.shape[1], weight.shape[0])
            one.load_state_dict({"weight": weight, "bias": torch.cat([encoder[f"{name}.bias"] for name in names])})
            return one.to(device, kind).requires_grad_(requires_grad=False)

        def norm(name: str) -> nn.LayerNorm:
            one = nn.LayerNorm(encoder[f"{name}.weight"].shape[0], eps=float(config.get("layer_norm_eps", EPSILON)))
            one.load_state_dict({part: encoder[f"{name}.{part}"] for part in ("weight", "bias")})
            return one.to(device, kind).requires_grad_(requires_grad=False)

        self._words, self._positions, self._types = (
            encoder[f"embeddings.{part}_embeddings.weight"].float().to(device) for part in ("word", "position", "token_type")
        )
        self._first = norm("embeddings.LayerNorm")
        self._layers = [_Layer(f"encoder.layer.{number}.", heads, linear, norm) for number in layers]

    @torch.inference_mode()
    def logits(self, windows: Sequence[Window]) -> Logits:
        """Of each window; they must come in the order of their lengths."""
        groups = _lengths(windows)
        words, rest = self._embedded(windows, groups)
        letters, pieces = (table.to(self._device) for table in counted_of(windows))
        return parted(self._read(words + rest, groups) + self._rest.ngrams(letters, pieces).float())

    def evidence(self, windows: Sequence[Window], outputs: Sequence[int]) -> list[tuple[list[float], list[float]]]:
        """What each piece and each character is worth to one output of its window, in logits; windows by length."""
        groups = _lengths(windows)
        words, rest = self._embedded(windows, groups)
        words.requires_grad_()
        wanted = torch.tensor(outputs, device=self._device)
        out = self._read(words + rest, groups).gather(1, wanted[:, None]).sum()
        (gradient,) = torch.autograd.grad(out, words)
        with torch.inference_mode():
            worth = (gradient * (words - self._words[MASK])).sum(1).tolist()
            counted = [table.to(self._device) for table in counted_of(windows)]
            letters, pieces = (table.tolist() for table in self._rest.ngrams.evidence(counted[0], counted[1], wanted))
        found, start = [], 0
        for window, signs, added in zip(windows, letters, pieces, strict=True):
            own = len(window.ids) - window.context
            found.append(([one + other for one, other in zip(worth[start : start + own], added, strict=False)], signs))
            start += len(window.ids)
        return found

    def _embedded(self, windows: Sequence[Window], groups: _Groups) -> tuple[Tensor, Tensor]:
        """Embeddings of all pieces, and what places and kinds add to them."""
        ids = torch.tensor(list(chain.from_iterable(window.ids for window in windows)), device=self._device)
        types = torch.tensor(list(chain.from_iterable(_types(window) for window in windows)), device=self._device)
        places = torch.cat([torch.arange(length, device=self._device).repeat(number) for number, length in groups])
        return self._words[ids], self._positions[places] + self._types[types]

    def _read(self, state: Tensor, groups: _Groups) -> Tensor:
        """What the encoder says, [windows, outputs] in float32."""
        rows = len(state)
        state = functional.pad(self._first(state.to(self._kind)), (0, 0, 0, -rows % (FEW_ROWS if rows <= MANY_ROWS else MANY_ROWS)))
        for layer in self._layers:
            state = layer(state, groups, rows)
        pooled = torch.cat([_pool(part) for part in _grouped(state[:rows], groups)])
        out: Tensor = self._rest.heads(self._rest.squash(pooled))
        return out


def _lengths(windows: Sequence[Window]) -> _Groups:
    return [(len(list(several)), length) for length, several in groupby(len(window.ids) for window in windows)]


def _types(window: Window) -> list[int]:
    return [0] * (len(window.ids) - window.context) + [1] * window.context


def _grouped(state: Tensor, groups: _Groups) -> list[Tensor]:
    """[windows, pieces, width] for each group of equal length."""
    parts = state.split([number * length for number, length in groups])
    return [part.view(number, length, -1) for part, (number, length) in zip(parts, groups, strict=True)]


def _pool(state: Tensor) -> Tensor:
    """First state, mean and maximum of each window, in float32."""
    full = state.float()
    return torch.cat([full[:, 0], full.mean(1), full.amax(1)], dim=1)


class _Layer:
    def __init__(self, name: str, heads: int, linear: Any, norm: Any) -> None:
        self._heads = heads
        attention = f"{name}attention."
        self._look = linear(*(f"{attention}self.{part}" for part in ("query", "key", "value")))
        self._gather = linear(f"{attention}output.dense")
        self._settle = norm(f"{attention}output.LayerNorm")
        self._widen = linear(f"{name}intermediate.dense")
        self._narrow = linear(f"{name}output.dense")
        self._close = norm(f"{name}output.LayerNorm")

    def __call__(self, state: Tensor, groups: _Groups, rows: int) -> Tensor:
        """The first `rows` of `state` are pieces, the rest fills up."""
        mixed = torch.cat([self._attend(part) for part in _grouped(self._look(state)[:rows], groups)])
        mixed = functional.pad(mixed, (0, 0, 0, len(state) - rows))
        state = self._settle(state + self._gather(mixed))
        closed: Tensor = self._close(state + self._narrow(functional.gelu(self._widen(state))))
        return closed

    def _attend(self, looked: Tensor) -> Tensor:
        windows, pieces, _ = looked.shape
        query, key, value = looked.view(windows, pieces, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        return mixed.transpose(1, 2).reshape(windows * pieces, -1)
