"""A programme on a real Dask cluster on loopback: whatever happens to it, the result is the same.

The scheduler and two workers are processes of their own; they are ended by their ids.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .made_programme import files_of, geoplan, write_programme

PARKS, PROJECTS = 6, 18
STARTS_S = 60.0
ALONE = """\
import sys
from geoplan.cli import main
from geoplan.nation import cluster
cluster.WORKERS_S = 2.0
sys.argv[0] = "geoplan"
sys.exit(main())
"""


@dataclass
class Cluster:
    """A scheduler with its workers."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def started(folder: Path, workers: int) -> Cluster:
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}

    def run(role: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{role}", *words, "--no-dashboard"]
        with (folder / "log.txt").open("ab") as log:
            return subprocess.Popen(command, cwd=folder, env=alone, stdout=log, stderr=log)

    scheduler = run("scheduler", "--host", "127.0.0.1", "--port", str(port))
    until = time.monotonic() + STARTS_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    words = ("--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")
    local = ("--local-directory", str(folder))
    return Cluster(
        address, scheduler, [run("worker", address, *words, *local) for _ in range(workers)]
    )


def ended(cluster: Cluster) -> None:
    for process in (*cluster.workers, cluster.scheduler):
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a programme of enough parks for two workers to be busy."""
    folder = tmp_path_factory.mktemp("programme")
    return write_programme(folder, parks=PARKS, projects=PROJECTS)


@pytest.fixture(scope="module")
def expected(programme: Path) -> dict[str, bytes]:
    """Plan it in one process."""
    done = geoplan("programme", programme, "--out", programme.parent / "here", "-q")
    assert done.returncode == 0, done.stderr
    return files_of(programme.parent / "here")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Start a scheduler with two workers."""
    made = started(tmp_path_factory.mktemp("cluster"), workers=2)
    yield made
    ended(made)


def running(programme: Path, out: Path, address: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "geoplan", "programme", str(programme), "--out", str(out)]
    return subprocess.Popen(
        [*command, "--scheduler", address],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def until_told(process: subprocess.Popen[str], words: str) -> None:
    """Read what a run tells until it has told some words."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"the run ended without telling '{words}'")


def test_two_workers_and_one_that_is_killed_give_the_same_bytes(
    programme: Path, expected: dict[str, bytes], cluster: Cluster
) -> None:
    out = programme.parent / "out"
    whole = geoplan("programme", programme, "--out", out, "--scheduler", cluster.address, "-q")
    assert whole.returncode == 0, whole.stderr
    assert files_of(out) == expected

    run = running(programme, out, cluster.address)
    until_told(run, f"round 1: 2 of {PARKS} parks planned")
    cluster.workers[0].send_signal(signal.SIGKILL)
    assert run.poll() is None
    _, rest = run.communicate(timeout=120)
    assert run.returncode == 0, rest
    assert cluster.workers[0].wait() == -signal.SIGKILL
    assert files_of(out) == expected

    last = geoplan("programme", programme, "--out", out, "--scheduler", cluster.address, "-q")
    assert last.returncode == 0, last.stderr
    assert files_of(out) == expected


def test_a_scheduler_that_dies_is_told_and_nothing_is_written(
    programme: Path, tmp_path: Path
) -> None:
    cluster = started(tmp_path, workers=1)
    try:
        run = running(programme, tmp_path / "out", cluster.address)
        until_told(run, f"round 1: 1 of {PARKS} parks planned")
        cluster.scheduler.kill()
        _, rest = run.communicate(timeout=60)
    finally:
        ended(cluster)
    assert run.returncode == 2, rest
    assert "the scheduler is gone" in rest
    assert rest.count("  - ") == 1
    assert "Traceback" not in rest
    assert not (tmp_path / "out").exists()


def test_an_address_where_nobody_answers_is_told(programme: Path, tmp_path: Path) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    words = ("programme", programme, "--out", tmp_path / "out", "--scheduler", address, "-q")
    done = geoplan(*words, timeout=60)
    assert done.returncode == 2, done.stderr
    assert f"--scheduler {address}: no Dask scheduler answers there" in done.stderr
    assert done.stderr.count("\n") == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("address", ["tcp://", "nonsense", "ftp://127.0.0.1:1"])
def test_an_address_that_is_none_is_told(programme: Path, tmp_path: Path, address: str) -> None:
    words = ("programme", programme, "--out", tmp_path / "out", "--scheduler", address, "-q")
    done = geoplan(*words, timeout=60)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert f"--scheduler {address}: " in done.stderr


def test_a_scheduler_without_workers_is_told(programme: Path, tmp_path: Path) -> None:
    cluster = started(tmp_path, workers=0)
    try:
        command = [sys.executable, "-c", ALONE, "programme", str(programme)]
        command += ["--out", str(tmp_path / "out"), "--scheduler", cluster.address, "-q"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    finally:
        ended(cluster)
    assert done.returncode == 2, done.stderr
    assert "has had no worker for 2 s" in done.stderr
    assert not (tmp_path / "out").exists()
