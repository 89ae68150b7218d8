"""The matcher on sentences: those it was tuned with, those held from tuning, and some written after the first run's lessons."""

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


def test_sentences_written_after_the_rules() -> None:
    total = score("second.jsonl")
    assert total.precision >= 0.95, total.notes
    assert total.recall >= 0.95, total.notes
    assert total.ambiguous_right == total.ambiguous, total.notes
