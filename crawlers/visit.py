"""What a spider needs for one pass over a source."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawlers.clock import utc_now
from crawlers.polite.hosts import Hosts
from crawlers.publisher import Sink
from crawlers.sharing.authority import Authority
from crawlers.source import Source
from crawlers.state import CrawlState
from crawlers.warc import WarcFiles


@dataclass(frozen=True)
class Visit:
    """Given to the spider, which hands it to middleware and pipeline."""

    source: Source
    state: CrawlState
    warc_folder: Path
    archive: WarcFiles
    sink: Sink
    sample: bool = False
    """Read only the first list page and the first thread's first page, to show what a source would bring."""
    clock: Callable[[], datetime] = utc_now
    """Now (UTC), for whatever is due or rests."""
    hosts: Hosts = field(default_factory=Hosts)
    """Pace and rules of the hosts, shared by all visits of a process."""
    authority: Authority = field(default_factory=Authority)
    """Whether the site may be asked at all at this moment."""
    yields: Callable[[], bool] = lambda: False
    """Whether another source waits for this visit's place."""
