"""A small park, planned, and a process that runs commands quickly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..small_park import write_park
from .warm import Warm, warm


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """Return what runs commands in forks of a process that has everything imported."""
    with warm(tmp_path_factory.mktemp("said")) as running:
        yield running


@pytest.fixture(scope="session")
def planned(commands: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a park, its scenario ``park.toml`` and its plan in ``plan``."""
    folder = tmp_path_factory.mktemp("planned")
    write_park(folder)
    ended = commands.run("plan", "park.toml", "--out", "plan", "-q", folder=folder)
    assert ended.returncode == 0, ended.stderr
    return folder
