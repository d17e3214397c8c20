"""Commands run in forks of one process that has imported all of geoplan: quick, and killable.

Started as ``python -m tests.faults.warm``, it takes a job a line on its standard input and
answers with the fork's process id; after an empty line it waits and says how that ended.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..small_park import write_park

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (a signal's is below zero) and what it said."""

    returncode: int
    stdout: str
    stderr: str


class Run:
    """A command under way."""

    def __init__(self, server: subprocess.Popen[str], job: dict[str, Any]) -> None:
        self._server = server
        self._told, self._said = Path(job["stdout"]), Path(job["stderr"])
        for path in (self._told, self._said):
            path.write_bytes(b"")
        self._ask(json.dumps(job))
        self.pid = int(self._answer())

    def lives(self) -> bool:
        """Tell whether it has not ended; until :meth:`ended` nobody else has its process id."""
        status = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8")
        return status.rpartition(")")[2].split()[0] != "Z"

    def said(self) -> str:
        """Return what it has said on stderr so far."""
        return self._said.read_text(encoding="utf-8")

    def ended(self) -> Ended:
        """Wait for its end."""
        self._ask("")
        code = os.waitstatus_to_exitcode(int(self._answer()))
        return Ended(code, self._told.read_text(encoding="utf-8"), self.said())

    def _ask(self, line: str) -> None:
        assert self._server.stdin is not None
        self._server.stdin.write(f"{line}\n")
        self._server.stdin.flush()

    def _answer(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline()


class Warm:
    """Runs commands one after another.

    Parameters
    ----------
    server : Popen
        See :func:`warm`.
    aside : Path
        A folder for what commands say.
    """

    def __init__(self, server: subprocess.Popen[str], aside: Path) -> None:
        self._server, self._aside = server, aside

    def start(self, *arguments: object, folder: Path, **limits: int) -> Run:
        """Start ``geoplan`` in a folder; limits are `file_bytes`, `memory_bytes` and `user`."""
        job = {
            "arguments": [str(argument) for argument in arguments],
            "folder": str(folder),
            "stdout": str(self._aside / "stdout"),
            "stderr": str(self._aside / "stderr"),
            "limits": limits,
        }
        return Run(self._server, job)

    def run(self, *arguments: object, folder: Path, **limits: int) -> Ended:
        """Run ``geoplan`` to its end."""
        return self.start(*arguments, folder=folder, **limits).ended()


@contextmanager
def warm(aside: Path) -> Iterator[Warm]:
    """Start the process that forks; it ends with the block."""
    command = [sys.executable, "-m", "tests.faults.warm"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        # GDAL waits for a locked GeoPackage by seconds.
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "SQLITE_BUSY_TIMEOUT": "100"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        yield Warm(server, aside)
        assert server.stdin is not None
        server.stdin.close()


def _serve() -> None:
    _warm_up()
    # Threads do not live on in a fork, and what waits for them waits for ever.
    assert len(list(Path("/proc/self/task").iterdir())) == 1
    # What is there is left alone by the forks' collection, so that its pages stay shared.
    gc.freeze()
    for line in sys.stdin:
        job = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _confine(job)
            sys.argv = ["geoplan", *job["arguments"]]
            from geoplan.cli import main

            code = 70  # of a traceback, which nothing else gives
            try:
                code = main()
            except BaseException:  # noqa: BLE001 - a fork must not go on as the server
                sys.excepthook(*sys.exc_info())
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        print(pid, flush=True)
        sys.stdin.readline()
        print(os.waitpid(pid, 0)[1], flush=True)


def _warm_up() -> None:
    """Do once what commands do, but for solving, which starts threads."""
    import geoplan
    import geoplan.cli
    from geoplan.publish.exports import FORMATS

    with tempfile.TemporaryDirectory() as name:
        made = geoplan.divide(write_park(Path(name) / "park"), mode="grid")
        made.save(Path(name) / "plan")
        known = [one for one in FORMATS if one != "parquet"]
        geoplan.load(Path(name) / "plan").export(Path(name) / "export", formats=known)


def _confine(job: dict[str, Any]) -> None:
    os.chdir(job["folder"])
    for handle, name in ((1, "stdout"), (2, "stderr")):
        opened = os.open(job[name], os.O_WRONLY | os.O_APPEND)
        os.dup2(opened, handle)
        os.close(opened)
    limits = job["limits"]
    if "file_bytes" in limits:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file_bytes"],) * 2)
    if "memory_bytes" in limits:
        resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    if "user" in limits:
        os.setgroups([])
        os.setgid(limits["user"])
        os.setuid(limits["user"])


if __name__ == "__main__":
    _serve()
