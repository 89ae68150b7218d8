"""When something was written: standards, plain dates, and what people and sites say in Chinese and English."""

from humiao.times.parse import SKEW, parse_time

__all__ = ["SKEW", "parse_time"]
