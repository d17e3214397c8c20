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

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Tell that a stage begins, and add the time that it takes to its seconds."""
        if self.progress is not None:
            self.progress(name)
        begun = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun
