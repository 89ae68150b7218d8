"""Public text made ready for pretraining: normalised, tags and links out, repeats out; pieces and word vectors learnt from it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from classifier import public
from classifier.normalise import normalise
from classifier.pieces import Pieces
from classifier.rows import own

LENGTH: Final = 128
"""Pieces of a packed sequence."""
OWN_REPEATS: Final = 3
"""How often our own posts stand in the text."""
LONGEST: Final = 1000
"""Characters of a text that are read."""
SAME_START: Final = 30
"""Texts that begin with the same so many characters are one (reposts, campaigns)."""
#: Topic tags, what an app appends, links, and headlines in brackets repeat endlessly and teach nothing.
_NOISE: Final = re.compile(r"#[^#\n]{1,40}#|收起全文d?|展开全文c?|https?://[\w./?=&%-]+|【[^】]{8,60}】")


def prepare(home: Path, run: Path, width: int, seed: int) -> None:
    """Write ``texts.txt``, ``pieces.json``, ``vectors.npy`` and ``tokens.npy`` into `run`, each unless it is there already."""
    run.mkdir(parents=True, exist_ok=True)
    if not (run / "texts.txt").exists():
        _write(run / "texts.txt", "\n".join(_distinct(home, seed)).encode())
    if not (run / "pieces.json").exists():
        Pieces.learn(_lines(run / "texts.txt")).save(run / "pieces.json")
    pieces = Pieces.load(run / "pieces.json")
    if not (run / "tokens.npy").exists():
        _pack(run, pieces, seed)
    if not (run / "vectors.npy").exists():
        np.save(run / "vectors.npy", _vectors(run, pieces, width, seed))


def _distinct(home: Path, seed: int) -> list[str]:
    texts = [normalise(text[:LONGEST]).text.replace("\n", " ") for text in public.texts(home)]
    np.random.default_rng(seed).shuffle(texts)
    seen: dict[str, str] = {}
    for text in texts:
        clean = _NOISE.sub(" ", text).strip()
        if len(clean) > 1:
            seen.setdefault(clean[:SAME_START], clean)
    return list(seen.values())


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", newline="\n") as lines:
        yield from (line.rstrip("\n") for line in lines)


def _pack(run: Path, pieces: Pieces, seed: int) -> None:
    """All text in random order, cut into uint16 rows of LENGTH."""
    texts = [*_lines(run / "texts.txt"), *[normalise(row.text).text for row in own()] * OWN_REPEATS]
    np.random.default_rng(seed).shuffle(texts)
    parts: list[np.ndarray] = []
    for start in range(0, len(texts), 20_000):
        numbers = [number for ids in pieces.ids(texts[start : start + 20_000]) for number in (pieces.cls, *ids, pieces.sep)]
        parts.append(np.array(numbers, dtype=np.uint16))
    stream = np.concatenate(parts)
    partial = run / "tokens.partial.npy"
    np.save(partial, stream[: len(stream) // LENGTH * LENGTH].reshape(-1, LENGTH))
    partial.rename(run / "tokens.npy")


def _vectors(run: Path, pieces: Pieces, width: int, seed: int) -> np.ndarray:
    """Skip-gram vectors of the pieces, [pieces, width] float32; rows of pieces too rare for one are 0."""
    from gensim.models.word2vec import Word2Vec

    corpus = run / "pieces.partial.txt"
    with corpus.open("w") as out:
        texts = list(_lines(run / "texts.txt"))
        for start in range(0, len(texts), 20_000):
            out.writelines(" ".join(map(str, ids)) + "\n" for ids in pieces.ids(texts[start : start + 20_000]))
    model = Word2Vec(
        corpus_file=str(corpus),
        vector_size=width,
        window=6,
        sg=1,
        negative=6,
        sample=1e-4,
        min_count=5,
        workers=2,
        epochs=3,
        seed=seed,
    )
    corpus.unlink()
    vectors = np.zeros((len(pieces), width), dtype=np.float32)
    for name, row in model.wv.key_to_index.items():
        vectors[int(name)] = model.wv.vectors[row]
    return vectors


def _write(file: Path, content: bytes) -> None:
    partial = file.with_suffix(".partial")
    partial.write_bytes(content)
    partial.rename(file)
