"""What one public set teaches about another: ``python -m classifier.crossdomain --public-data FOLDER --pretrained RUN``.

Every labelled set is left out in turn. A logistic regression over TF-IDF of character 1- to 4-grams and the mean states of the
pretrained encoder (frozen, so that no label of the set can have reached it) is fitted on the set's own training rows, on the other
sets of its kind and our own posts, and on all of them; each is tested on the set's held-out rows. The gap between the first two
columns is the habit of a set: what a model learns of its source instead of its subject. Prints a table in Markdown.
"""

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from classifier import public, weights
from classifier.encoders import small_bert
from classifier.measure import with_interval
from classifier.normalise import normalise
from classifier.pieces import Pieces
from classifier.rows import Row, own
from classifier.schedule import read
from humiao.labels import Harm, Sentiment

MOST: Final = 12_000
"""Rows of a set that are learnt from at most."""
TESTED: Final = 6_000
"""Rows of a set that are tested on at most."""
LONGEST: Final = 96
"""Pieces of a text that the encoder reads."""
_SEED: Final = 20261124

_Raw = dict[str, Any]
_Label = Callable[[_Raw], int | None]


def _abuse(raw: _Raw) -> int:
    return int(bool(raw["label"]))


def _mood(raw: _Raw) -> int | None:
    if raw["label"] in (0, 1, "0", "1"):
        return 2 * int(raw["label"])
    mood = public.MOOD.get(raw["label"])
    return None if mood is None else _MOODS.index(mood)


_MOODS: Final = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)


def _risk(raw: _Raw) -> int | None:
    risk = int(raw["label"])
    return 1 if risk >= 5 else 0 if risk <= 1 else None  # noqa: PLR2004 (as in training: a wish or plan, or none)


def _swindle(raw: _Raw) -> int:
    return int(raw["label"] != "normal")


def _own_mood(row: Row) -> int | None:
    return None if row.sentiment is None else _MOODS.index(row.sentiment)


KINDS: Final[dict[str, tuple[dict[str, _Label], Callable[[Row], int | None]]]] = {
    "abuse": (
        {"cold": _abuse, "chnci_bullying": _abuse, "swsr_sexism": _abuse},
        lambda row: int(row.harm[Harm.BULLYING] > 0),
    ),
    "sentiment": ({"smp2020_emotion": _mood, "clue_emotion": _mood, "reviews_sentiment": _mood}, _own_mood),
    "self-harm": ({"sos1k_suicide_risk": _risk}, lambda row: int(row.harm[Harm.SELF_HARM] > 0)),
    "fraud": ({"telecom_fraud": _swindle}, lambda row: int(row.harm[Harm.FRAUD] > 0)),
}
"""Sets by what they teach, each with the class of a raw row, and the class of our own posts."""

_Examples = tuple[list[str], list[int]]


def examples(home: Path, name: str, label: _Label) -> tuple[_Examples, _Examples]:
    """A set's training and test rows: its held-out split, or a fifth by a seeded shuffle where it has none."""
    raws = [raw for raw in public.read(home, name) if str(raw["text"]).strip() and label(raw) is not None]
    random.Random(_SEED).shuffle(raws)  # noqa: S311 (a seeded sample, no secret)
    test = [raw for raw in raws if public.held_out(raw)]
    train = [raw for raw in raws if not public.held_out(raw)]
    if not test:
        test, train = train[: len(train) // 5], train[len(train) // 5 :]

    def both(rows: list[_Raw]) -> _Examples:
        return [normalise(str(raw["text"])[:400]).text for raw in rows], [int(label(raw) or 0) for raw in rows]

    return both(train[:MOST]), both(test[:TESTED])


class Features:
    """TF-IDF of character n-grams beside the encoder's mean states, both of length 1."""

    def __init__(self, run: Path, texts: Sequence[str]) -> None:
        """`run`: a run folder of pretraining; `texts`: what n-grams are counted in."""
        plan = read().pretraining
        self._pieces = Pieces.load(run / "pieces.json")
        self._encoder = small_bert(len(self._pieces), plan.layers, plan.width)
        self._encoder.load_state_dict(torch.load(run / "encoder.pt", weights_only=True))
        self._encoder.eval()
        self._grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=4, sublinear_tf=True, dtype=np.float32)
        self._grams.fit(texts)

    def of(self, texts: Sequence[str]) -> Any:
        """Sparse rows."""
        return sparse.hstack([self._grams.transform(texts), sparse.csr_matrix(self._states(texts))]).tocsr()

    def _states(self, texts: Sequence[str]) -> np.ndarray:
        ids = [[self._pieces.cls, *one[:LONGEST], self._pieces.sep] for one in self._pieces.ids(list(texts))]
        order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
        found = np.zeros((len(ids), self._encoder.config.hidden_size), dtype=np.float32)
        with torch.inference_mode(), weights.quick_training():
            for start in range(0, len(order), 128):
                places = order[start : start + 128]
                width = max(len(ids[place]) for place in places)
                batch = torch.tensor([ids[place] + [self._pieces.pad] * (width - len(ids[place])) for place in places])
                mask = (batch != self._pieces.pad).long()
                states = self._encoder(input_ids=batch, attention_mask=mask).last_hidden_state.float()
                found[places] = ((states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)).numpy()
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
        return found


def _fitted(parts: Sequence[tuple[Any, list[int]]]) -> LogisticRegression:
    truth = [answer for _, answers in parts for answer in answers]
    model = LogisticRegression(C=4.0, max_iter=200)
    model.fit(sparse.vstack([rows for rows, _ in parts]), truth)
    return model


def _said(model: LogisticRegression, rows: Any, asked: np.ndarray) -> np.ndarray:
    """The classes that the model chooses among `asked`: a set without a neutral class is asked for positive or negative only."""
    said = model.decision_function(rows)
    if said.ndim == 1:
        return np.asarray(model.classes_[(said > 0).astype(int)])
    open_to = np.isin(model.classes_, asked)
    return np.asarray(model.classes_[open_to][said[:, open_to].argmax(1)])


def table(home: Path, run: Path) -> list[str]:
    """Lines of the table."""
    lines = [
        "| left out | kind | trained on itself | on the others and our posts | on all | tested on |",
        "|---|---|---|---|---|---|",
    ]
    mine = own()
    for kind, (sets, answer) in KINDS.items():
        known = [(normalise(row.text[:400]).text, found) for row in mine if (found := answer(row)) is not None]
        given = {name: examples(home, name, label) for name, label in sets.items()}
        features = Features(run, [*[text for text, _ in known], *[text for train, _ in given.values() for text in train[0]]])
        ours = (features.of([text for text, _ in known]), [found for _, found in known])
        learnt = {name: (features.of(train[0]), train[1]) for name, (train, _) in given.items()}
        for name, (_, test) in given.items():
            rows, truth = features.of(test[0]), np.array(test[1])
            others = [ours, *[part for other, part in learnt.items() if other != name]]
            taught = ([learnt[name]], others, [*others, learnt[name]])
            scores = [with_interval(truth, _said(_fitted(parts), rows, np.unique(truth))) for parts in taught]
            cells = [f"{one['macro_f1']:.3f} ({one['interval'][0]:.3f}–{one['interval'][1]:.3f})" for one in scores]
            lines.append(f"| `{name}` | {kind} | {' | '.join(cells)} | {len(truth)} |")
            sys.stderr.write(lines[-1] + "\n")
    return lines


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--public-data", type=Path)
    parser.add_argument("--pretrained", type=Path, required=True, help="run folder of `humiao pretrain`")
    given = parser.parse_args()
    sys.stdout.write("\n".join(table(public.folder(given.public_data), given.pretrained)) + "\n")


if __name__ == "__main__":
    main()
