"""Start a command and write down its wall time, memory and exit code.

A script of its own, ``launch.py usage.json limit_s command ...``: Linux counts as memory of a
process what the one that started it had until then, and this one never has much.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path


def launch(usage_file: str, limit_s: float, command: list[str]) -> None:
    """Run a command; one that takes longer than the limit is ended with all its workers.

    Parameters
    ----------
    usage_file : str
        Gets ``wall_s``, ``memory_kb`` (the largest of any of its processes) and ``exit_code``.
    limit_s : float
    command : list of str
    """
    begun = time.perf_counter()
    process = subprocess.Popen(command, start_new_session=True)
    # The group is the command's own: it takes its workers with it.
    timer = threading.Timer(limit_s, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    wall_s = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    told = {
        "wall_s": wall_s,
        "memory_kb": usage.ru_maxrss,
        "exit_code": process.returncode,
    }
    Path(usage_file).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    launch(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
