"""Text as the model reads it: forms folded, disguises taken off, every change recorded.

The original is never lost: each character of the result knows which character of the original it came from.
"""

from classifier.normalise.pipeline import Normalised, normalise

__all__ = ["Normalised", "normalise"]
