"""A pool of warm processes, watched: one that hangs or dies is told with the case it had."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .judged import Ending

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """A case by its number, what it was, how it ended, and after how long."""

    number: int
    what: str
    ending: Ending
    seconds: float


class _Worker:
    """One process, and the case that it has."""

    def __init__(self, bases: Path, log: Path) -> None:
        command = [sys.executable, "-m", "tests.fuzz", str(bases)]
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                bufsize=0,  # a line that is buffered here would not wake the selector
            )  # fmt: skip
        self.number, self.what, self.begun = -1, "", 0.0

    def ask(self, number: int, *, whole: bool) -> None:
        self.number, self.what, self.begun = number, "", time.monotonic()
        assert self.process.stdin is not None
        self.process.stdin.write(f"{number} {'whole' if whole else 'read'}\n".encode())
        self.process.stdin.flush()

    def outcome(self, ending: Ending) -> Outcome:
        return Outcome(self.number, self.what, ending, time.monotonic() - self.begun)

    def heard(self) -> Outcome | None:
        """Take one line of what it says: the case, its ending, or that it is dead."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            return self.outcome(Ending("crash", f"the process ended with {self.process.wait()}"))
        told = json.loads(line)
        if "what" in told:
            self.what = told["what"]
            return None
        return self.outcome(Ending(**told))

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def outcomes(
    numbers: Iterable[tuple[int, bool]], bases: Path, log: Path, *, workers: int, limit_s: float
) -> Iterator[Outcome]:
    """Run cases and yield what came of each, as they end.

    Parameters
    ----------
    numbers : iterable of (int, bool)
        Cases, and whether each is planned as a whole once it is read.
    bases : Path
        Folder of the sound inputs.
    log : Path
        Takes what the processes say to standard error.
    workers : int
    limit_s : float
        A case that takes longer hangs.
    """
    left = iter(numbers)
    with selectors.DefaultSelector() as selector:

        def begin(worker: _Worker | None) -> None:
            task = next(left, None)
            if task is None:
                if worker is not None:
                    worker.end()
                return
            worker = worker or _Worker(bases, log)
            worker.ask(task[0], whole=task[1])
            assert worker.process.stdout is not None
            selector.register(worker.process.stdout, selectors.EVENT_READ, worker)

        for _ in range(workers):
            begin(None)
        while selector.get_map():
            ready = {key.data for key, _ in selector.select(timeout=1.0)}
            for key in list(selector.get_map().values()):
                worker = key.data
                found = worker.heard() if worker in ready else None
                if found is None and time.monotonic() - worker.begun > limit_s:
                    found = worker.outcome(Ending("hang", f"longer than {limit_s:g} s"))
                if found is None:
                    continue
                selector.unregister(key.fileobj)
                if found.ending.result in {"crash", "hang", "traceback"}:
                    worker.end()
                    worker = None
                yield found
                begin(worker)
