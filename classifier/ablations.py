"""What each part of a checkpoint is worth: ``python -m classifier.ablations CHECKPOINT …``.

Parts are switched off while judging the test and challenge posts; nothing is trained again, so a part that others could make up for
looks a little dearer than it is. Average precision needs no threshold, so parts whose probabilities are of another scale compare
fairly: the mean over the 15 harms, and for any harm. Prints a table in Markdown.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import average_precision_score
from torch import Tensor

from classifier.encoding import Reader, Window, batch_of
from classifier.measure import CHALLENGE
from classifier.model import HARMS, STANCES, JudgeModel
from classifier.normalise import normalise
from classifier.rows import TEST, Row, read_examples
from classifier.weights import load_trainable


def windows_of(reader: Reader, rows: Sequence[Row], *, fold: bool = True, context: bool = True) -> list[Window]:
    """The first window of each row, with or without normalisation and with or without title and parent."""

    def written(text: str) -> str:
        return normalise(text).text if fold else text

    texts = [written(row.text if context else row.text.split("\n", 1)[-1])[:900] for row in rows]
    parents = [written(row.parent)[:120] if context else "" for row in rows]
    return [several[0] for several in reader.windows(texts, parents)]


def outputs(model: JudgeModel, reader: Reader, windows: Sequence[Window], part: str) -> Tensor:
    """Raw outputs of the whole network, the encoder or the n-grams, [windows, outputs]."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(windows), 64):
            batch = batch_of(windows[start : start + 64], reader.pieces.pad)
            read = model.read(batch) if part != "n-grams" else 0.0
            counted = model.ngrams(batch.letters, batch.own).float() if part != "encoder" else 0.0
            found.append(torch.as_tensor(read + counted))
    return torch.cat(found)


def line(name: str, out: Tensor, rows: Sequence[Row]) -> str:
    """One row of the table."""
    truth = np.array([[row.harm[harm] for harm in HARMS] for row in rows]) > 0
    harm = torch.sigmoid(out[:, : len(HARMS)]).numpy()
    each = [average_precision_score(truth[:, place], harm[:, place]) for place in range(len(HARMS))]
    whole = average_precision_score(truth.any(1), 1 - np.prod(1 - harm, axis=1))
    stance = out[:, len(HARMS) : len(HARMS) + len(STANCES)].argmax(1).tolist()
    right = np.mean([STANCES[place] is row.stance for place, row in zip(stance, rows, strict=True)])
    return f"| {name} | {np.mean(each):.3f} | {whole:.3f} | {right:.3f} |"


def main() -> None:
    """Print the table."""
    rows = [example.row() for file in (TEST, CHALLENGE) for example in read_examples(file)]
    lines = ["| variant | mean AP of 15 harms | AP of any harm | stance accuracy |", "|---|---|---|---|"]
    for folder in map(Path, sys.argv[1:]):
        model, reader, judge, _ = load_trainable(folder)
        model.eval()
        windows = windows_of(reader, rows)
        lines.append(line(f"{judge['version']}: whole", outputs(model, reader, windows, "whole"), rows))
        lines += [line(f"… {part} alone", outputs(model, reader, windows, part), rows) for part in ("encoder", "n-grams")]
        bare = windows_of(reader, rows, fold=False)
        lines.append(line("… without normalisation", outputs(model, reader, bare, "whole"), rows))
        deaf = windows_of(reader, rows, context=False)
        lines.append(line("… without title and parent", outputs(model, reader, deaf, "whole"), rows))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
