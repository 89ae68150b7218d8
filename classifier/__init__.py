"""The classify stage: posts in, verdicts out."""
