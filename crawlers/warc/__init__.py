"""Fetched pages kept as WARC records, so that a post can point to the bytes that it was read from."""

from crawlers.warc.archive import Archive
from crawlers.warc.exchange import Fetched, HeaderList
from crawlers.warc.files import WarcFiles
from crawlers.warc.reading import read_capture
from crawlers.warc.window import Window

__all__ = ["Archive", "Fetched", "HeaderList", "WarcFiles", "Window", "read_capture"]
