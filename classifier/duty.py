"""The model on duty in a running stage: follows the registry's history, so that promotion and roll-back take effect at once."""

from collections.abc import Callable

import structlog

from classifier.drift import Watch
from classifier.judge import Judge
from classifier.registry import HISTORY, Registry
from classifier.weights import Checkpoint
from humiao import metrics
from humiao.errors import HumiaoError

_lines = structlog.get_logger()


class Duty:
    """Gives the judge in use; looks at the history's size and time before each batch, and loads when another model is in use."""

    def __init__(self, registry: Registry, load: Callable[[str], Checkpoint]) -> None:
        """`load`: version -> checkpoint. Raises what `load` raises if the model in use can't be loaded."""
        self._registry, self._load = registry, load
        self._seen = self._state()
        self._judge, self._watch = self._start(registry.active())

    def __call__(self) -> tuple[Judge, Watch | None]:
        """The judge in use and its watch. A new model that can't be loaded is reported, and the old one goes on."""
        state = self._state()
        if state != self._seen:
            self._seen = state
            try:
                version = self._registry.active()
                if version != self._judge.version:
                    old = self._judge.version
                    self._judge, self._watch = self._start(version)
                    metrics.MODEL.labels(old).set(0)
                    _lines.info("another model judges from now on", model=version, before=old)
            except HumiaoError as error:
                _lines.error("the new model can't be loaded, the old one goes on", model=self._judge.version, reason=str(error))
        return self._judge, self._watch

    def _start(self, version: str) -> tuple[Judge, Watch]:
        checkpoint = self._load(version)
        metrics.MODEL.labels(checkpoint.version).set(1)
        return Judge(checkpoint), Watch(self._registry.folder, checkpoint.version, checkpoint.reader.letters.characters)

    def _state(self) -> tuple[int, int]:
        try:
            found = (self._registry.folder / HISTORY).stat()
        except FileNotFoundError:
            return 0, 0
        return found.st_size, found.st_mtime_ns
