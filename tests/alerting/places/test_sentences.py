"""The matcher on sentences: those it was tuned with, and those that were written after and held from tuning."""

from tests.alerting.places.sentences import score, sentences


def test_sentences_of_tuning() -> None:
    total = score("tuning.jsonl")
    assert total.precision >= 0.98, total.notes
    assert total.recall >= 0.95, total.notes
    assert total.ambiguous_right == total.ambiguous, total.notes


def test_held_sentences() -> None:
    total = score("sentences.jsonl")
    assert len(list(sentences("sentences.jsonl"))) >= 400
    assert total.precision >= 0.97, total.notes
    assert total.recall >= 0.97, total.notes
    assert total.ambiguous_right >= 14, total.notes
