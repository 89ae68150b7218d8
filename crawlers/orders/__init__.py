"""Captures that a person asked for: one page, now, with a picture of what a visitor sees."""
