"""Moved to `humiao.times`, which the other ways in need too."""

from humiao.times import SKEW, parse_time

__all__ = ["SKEW", "parse_time"]
