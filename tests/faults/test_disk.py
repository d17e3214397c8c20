"""A disk that takes no more: one message, exit code 2, and nothing half-written."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..small_park import content
from .warm import Ended, Warm

FORMATS = ("gpkg", "shp", "kml", "dxf", "pdf", "points", "xlsx")
FOLDERS = {
    "plan": ("plan", "park.toml", "--out", "out", "-q"),
    "tradeoff": ("tradeoff", "park.toml", "--out", "out", "--points", "3", "--time-limit", "0.3",
                 "-q"),
    **{name: ("export", "plan", "--out", "out", "--format", name, "-q") for name in FORMATS},
}  # fmt: skip
FILES = {
    "map": ("map", "plan", "--out", "out.html", "-q"),
    "report": ("report", "plan", "--out", "out.html", "-q"),
    "compare": ("compare", "plan", "plan", "--out", "out.html", "-q"),
    "new": ("new", "out.html", "-q"),
}


@pytest.fixture
def work(planned: Path, tmp_path: Path) -> Path:
    """Return a folder with the park and its plan, to be worked in."""
    return Path(shutil.copytree(planned, tmp_path / "work"))


def refuses(ended: Ended, words: str) -> None:
    """Check that a command ended in one clear message."""
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr.count("geoplan: 1 problem; nothing was written.") == 1
    assert "Traceback" not in ended.stderr
    assert words in ended.stderr


@pytest.mark.parametrize("name", [*FOLDERS, *FILES])
def test_files_beyond_a_users_limit_are_refused_or_whole(
    name: str, commands: Warm, work: Path
) -> None:
    arguments = (FOLDERS | FILES)[name]
    target = work / ("out" if name in FOLDERS else "out.html")
    whole = content(work)
    assert commands.run(*arguments, folder=work).returncode == 0
    made = [path for path in (target, *target.glob("*")) if path.is_file()]
    largest = max(path.stat().st_size for path in made)
    names = {path.name for path in made}
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink()
    for limit in (largest // 3, 2 * largest // 3, largest - 1):
        ended = commands.run(*arguments, folder=work, file_bytes=limit)
        if ended.returncode == 0:
            # The trade-off's time decides over its digits.
            assert name == "tradeoff"
            assert {path.name for path in target.iterdir()} == names
            shutil.rmtree(target)
        else:
            larger = "a file would be larger than" if name in FOLDERS else "File too large"
            refuses(ended, larger)
        assert content(work) == whole


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, dict[str, int]]]:
    """Return a folder on a disk of 300 kB; who may not mount one gets a limit on files instead."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        yield folder, {"file_bytes": 300_000}
        return
    try:
        yield folder, {}
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_ends_a_plan_and_leaves_the_disk_as_it_was(
    commands: Warm, work: Path, small_disk: tuple[Path, dict[str, int]]
) -> None:
    disk, limits = small_disk
    (disk / "letter.txt").write_text("mine")
    ended = commands.run("plan", "park.toml", "--out", disk / "a" / "b", folder=work, **limits)
    assert "write plan.gpkg" in ended.stderr
    refuses(ended, "a file would be larger than" if limits else "the disk is full")
    assert content(disk) == {"letter.txt": b"mine"}


def test_an_old_plan_outlives_a_disk_that_is_full(
    commands: Warm, work: Path, small_disk: tuple[Path, dict[str, int]]
) -> None:
    disk, limits = small_disk
    chosen = ("--format", "kml")
    assert commands.run("export", "plan", "--out", disk / "out", *chosen, folder=work).stdout
    before = content(disk)
    for each in ("gpkg", "points", "pdf", "dxf", "xlsx", "shp"):
        chosen = (*chosen, "--format", each)
    limits = limits and {"file_bytes": 30_000}
    ended = commands.run("export", "plan", "--out", disk / "out", *chosen, folder=work, **limits)
    refuses(ended, "a file would be larger than" if limits else "the disk is full")
    assert content(disk) == before


def test_a_shapefile_that_is_cut_off_in_silence_is_found(commands: Warm, work: Path) -> None:
    # So long a text that the table outgrows all other files by far: GDAL says nothing of it.
    table = work / "projects.csv"
    table.write_text(table.read_text().replace("Bakery", "B" * 254))
    assert commands.run("plan", "park.toml", "--out", "plan", "-q", folder=work).returncode == 0
    before = content(work)
    ended = commands.run(*FOLDERS["shp"], folder=work, file_bytes=4_000)
    refuses(ended, "a file would be larger than")
    assert content(work) == before
