"""A programme planned by processes of its own: ``geoplan programme``, and a cluster if asked for.

It imports nothing large: Linux counts as memory of a process what the one that started it had.
"""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MAKER = ROOT / "layers" / "kazakhstan" / "make_programme.py"
STARTS_S = 60.0
"""Seconds within which a scheduler answers, and a worker has joined it."""
STOPS_S = 10.0
"""Seconds that a worker has to end by itself."""
KB_PER_GB = 1e6
LOOK_S = 0.05
TOLD = re.compile(r"geoplan: (read|share out|round \d+|explain|write)\b")
JOINED = "Registered to"
MANIFEST = "manifest.json"


def main(job_file: str, result_file: str) -> None:
    """Plan the programme that a job names, and hand over what came out.

    Parameters
    ----------
    job_file : str
        ``programme``, its file, or ``parks`` and ``projects``, how many to make one of; and
        ``workers``, 0 for none: parks are planned in one process.
    result_file : str
        Gets ``wall_s``, ``memory_gb`` and ``stages`` of ``geoplan programme``, ``cpu_s`` of it
        and the workers, ``worker_memory_gb``, and :func:`outcome`.
    """
    job = json.loads(Path(job_file).read_text("utf-8"))
    folder = Path(job["folder"])
    file = Path(job["programme"]) if "programme" in job else made(folder / "made", job)
    out = folder / "out"
    with cluster(folder, job["workers"]) as (address, used):
        words = ["--scheduler", address] if address else []
        result = planned(file, out, words)
    result["cpu_s"] += sum(each["cpu_s"] for each in used)
    result["worker_memory_gb"] = max((each["memory_gb"] for each in used), default=None)
    Path(result_file).write_text(json.dumps(result | outcome(out)), encoding="utf-8")


def made(folder: Path, job: Mapping[str, Any]) -> Path:
    """Make a programme of so many parks and projects."""
    size = ["--parks", str(job["parks"]), "--projects", str(job["projects"])]
    subprocess.run([sys.executable, MAKER, *size, "--out", folder], check=True)
    return folder / "programme.toml"


def planned(file: Path, out: Path, words: Sequence[str]) -> dict[str, Any]:
    """Run ``geoplan programme`` and note when it tells of what.

    One whose audits found something has written it all the same, and is measured.

    Raises
    ------
    SystemExit
        With the last line that it told, if it fails.
    """
    begun = time.perf_counter()
    command = [sys.executable, "-m", "geoplan", "programme", str(file), "--out", str(out)]
    command += ["--no-plans", *words]
    process = subprocess.Popen(
        command, env=one_thread(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    with process.stderr as lines:
        told = [(time.perf_counter() - begun, line.rstrip()) for line in lines]
    used = ended(process)
    wall_s = time.perf_counter() - begun
    if not (out / MANIFEST).exists():
        raise SystemExit(told[-1][1] if told else f"exit code {process.returncode}")
    return used | {"wall_s": wall_s, "stages": stages_of(told, wall_s)}


def stages_of(told: Sequence[tuple[float, str]], end_s: float) -> dict[str, float]:
    """Add up what lies between lines of progress, by the stage that the earlier one names.

    Parameters
    ----------
    told : sequence of (float, str)
        When each line came, s, and the line.
    end_s : float
    """
    named = [(at, found[1]) for at, line in told if (found := TOLD.match(line))]
    ends = [*(at for at, _ in named), end_s][1:]
    seconds: dict[str, float] = {}
    for (at, name), end in zip(named, ends, strict=True):
        seconds[name] = seconds.get(name, 0.0) + end - at
    return seconds


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[dict[str, float]]]]:
    """Start a scheduler and workers of one thread each on this machine.

    Yields
    ------
    str
        The scheduler's address; empty without workers.
    list of dict
        Once it is over: what :func:`ended` says of each worker.
    """
    used: list[dict[str, float]] = []
    if not workers:
        yield "", used
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, started = f"tcp://127.0.0.1:{port}", []
    try:
        place = ("--host", "127.0.0.1")
        started.append(dask("scheduler", folder / "scheduler.txt", *place, "--port", str(port)))
        until(lambda: answers(port), started)
        for number in range(workers):
            words = (*place, "--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
            started.append(dask("worker", folder / f"worker{number}.txt", address, *words))
        logs = [folder / f"worker{number}.txt" for number in range(workers)]
        until(lambda: all(JOINED in log.read_text("utf-8") for log in logs), started)
        yield address, used
    finally:
        used += [ended(process, signal.SIGTERM) for process in reversed(started)][:workers]


def dask(role: str, log: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a scheduler or a worker that writes to a log."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{role}", *words, "--no-dashboard"]
    with log.open("wb") as said:
        return subprocess.Popen(command, env=one_thread(), stdout=said, stderr=said)


def one_thread() -> dict[str, str]:
    """Environment in which a process does not take more than one core for its arithmetic."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def answers(port: int) -> bool:
    """Tell whether anybody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(ready: Any, started: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until it is so, unless one of the processes that are to bring it about has ended."""
    limit = time.monotonic() + STARTS_S
    while not ready():
        if time.monotonic() > limit or any(each.poll() is not None for each in started):
            raise SystemExit("the cluster did not start")
        time.sleep(LOOK_S)


def ended(process: subprocess.Popen[Any], by: int = 0) -> dict[str, float]:
    """Wait for a process, ended by a signal if need be; say what it took of memory and time.

    One that has ended before its time is known of no more than that.
    """
    if process.returncode is not None:
        return {"memory_gb": 0.0, "cpu_s": 0.0}
    if by:
        os.kill(process.pid, by)
    timer = threading.Timer(STOPS_S, os.kill, (process.pid, signal.SIGKILL))
    if by:
        timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return {"memory_gb": usage.ru_maxrss / KB_PER_GB, "cpu_s": usage.ru_utime + usage.ru_stime}


def outcome(out: Path) -> dict[str, Any]:
    """Read what was written: how good it is, what the parks' audits found, and each file's hash.

    Parameters
    ----------
    out : Path
        Folder of a programme.
    """
    manifest = json.loads((out / MANIFEST).read_text("utf-8"))
    with (out / "parks.csv").open(encoding="utf-8", newline="") as file:
        parks = list(csv.DictReader(file))
    with (out / "allocation.csv").open(encoding="utf-8", newline="") as file:
        status = [row["status"] for row in csv.DictReader(file)]
    return {
        "parks": len(parks),
        "projects": len(status),
        "placed": status.count("placed"),
        "errors": sum(int(park["errors"]) for park in parks),
        "value": manifest["value"],
        "bound": manifest["bound"],
        "files": {
            path.relative_to(out).as_posix(): sha256(path.read_bytes()).hexdigest()
            for path in sorted(out.rglob("*"))
            # It tells times.
            if path.is_file() and path.name != MANIFEST
        },
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
