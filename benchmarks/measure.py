"""Run a contender as a process of its own: wall time, memory, and what it handed over."""

from __future__ import annotations

import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LAUNCHER = Path(__file__).with_name("launch.py")
"""Starts contenders: who starts a process himself lends it the most memory he ever had."""
KB_PER_GB = 1e6


@dataclass(frozen=True)
class Run:
    """One job done by one contender, once or several times.

    Attributes
    ----------
    wall_s : tuple of float
        Whole process, from its start to its end, of each repeat.
    memory_gb : float
        Largest resident memory of any of its processes in any repeat.
    result : dict or None
        What the last repeat handed over; None when it failed.
    fault : str
        Why there is no result; else empty.
    """

    wall_s: tuple[float, ...]
    memory_gb: float
    result: dict[str, Any] | None
    fault: str = ""

    @property
    def median_s(self) -> float:
        """Median wall time, s."""
        return statistics.median(self.wall_s)


def measured(
    command: Sequence[str | Path], job: dict[str, Any], *, repeats: int, limit_s: float
) -> Run:
    """Run ``command job.json result.json`` in a folder of its own, `repeats` times.

    Parameters
    ----------
    command : sequence of str
        Run from the root of the repository.
    job : dict
        Written as JSON, with ``folder``, where the contender may write.
    repeats : int
    limit_s : float
        A process that takes longer is ended and counts as failed.
    """
    walls: list[float] = []
    memory_gb = 0.0
    result: dict[str, Any] | None = None
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            wall_s, used_gb, fault = _once([str(part) for part in command], job, folder, limit_s)
            walls.append(wall_s)
            memory_gb = max(memory_gb, used_gb)
            if fault:
                return Run(tuple(walls), memory_gb, None, fault)
            result = json.loads((Path(folder) / "result.json").read_text())
    return Run(tuple(walls), memory_gb, result)


def _once(
    command: list[str], job: dict[str, Any], folder: str, limit_s: float
) -> tuple[float, float, str]:
    """Wall time in s, memory in GB, and the fault if there was one."""
    job_file, result_file = Path(folder) / "job.json", Path(folder) / "result.json"
    usage_file = Path(folder) / "usage.json"
    job_file.write_text(json.dumps(job | {"folder": folder}))
    with (Path(folder) / "stderr.txt").open("w+") as said:
        subprocess.run(
            [sys.executable, "-I", "-S", LAUNCHER, usage_file, str(limit_s),
             *command, job_file, result_file],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=said,
            check=True,
        )  # fmt: skip
        said.seek(0)
        lines = said.read().strip().splitlines()
    usage = json.loads(usage_file.read_text())
    fault = ""
    if usage["wall_s"] >= limit_s and usage["exit_code"] == -signal.SIGKILL:
        fault = f"not done in {limit_s:.0f} s"
    elif usage["exit_code"] != 0:
        fault = lines[-1] if lines else f"exit code {usage['exit_code']}"
    return usage["wall_s"], usage["memory_kb"] / KB_PER_GB, fault


def machine() -> dict[str, str]:
    """Say what the figures were measured on."""
    described = {
        "system": platform.system(),
        "python": platform.python_version(),
        "cores": str(len(os.sched_getaffinity(0))),
    }
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        if names:
            described["processor"] = names[0].partition(":")[2].strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    described["memory"] = f"{memory / 2**30:.0f} GiB"
    return described
