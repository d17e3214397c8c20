"""How long the stages take, and word of each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from geoplan.stages import Progress


@dataclass
class Clock:
    """Seconds of each stage, and word of each beginning."""

    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)
    now: str = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Tell that a stage begins, or go on with it, and add the time to its seconds."""
        if self.progress is not None and name != self.now:
            self.progress(name)
        self.now = name
        begun = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun
