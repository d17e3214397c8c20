"""Files and folders that cannot be used as they are: one message each, and at once."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pytest

from geoplan.config import load_scenario
from geoplan.errors import GeoplanError
from geoplan.site import read_site
from geoplan.site import records as records_module

from ..small_park import content
from .warm import Ended, Warm

LONG = "x" * 300
NOBODY = {"user": 65534} if os.geteuid() == 0 else {}
"""Rights do not bind root."""


@pytest.fixture
def work(planned: Path) -> Iterator[Path]:
    """Return a folder with the park and its plan, where another user can look, too."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(shutil.copytree(planned, Path(name) / "work"))
        folder.chmod(0o777)
        os.mkfifo(folder / "pipe")
        (folder / "loop").symlink_to("loop")
        yield folder


def refused(commands: Warm, work: Path, *arguments: object, **limits: int) -> str:
    """Run a command that cannot do its work; return what it says of it."""
    before = state(work)
    run = commands.start(*arguments, "-q", folder=work, **limits)
    latest = time.monotonic() + 20
    while run.lives():
        if time.monotonic() > latest:
            os.kill(run.pid, 9)
        time.sleep(0.01)
    ended = run.ended()
    assert ended.returncode == 2, ended
    assert ended.stdout == ""
    assert ended.stderr.count("geoplan: ") == 1
    assert "Traceback" not in ended.stderr
    assert state(work) == before
    return ended.stderr


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every path below a folder with its size and the time of its last change."""
    # Path.rglob breaks off at a link to a name that is too long, in some versions of Python.
    walked = os.walk(folder)
    paths = [Path(top, name) for top, folders, files in walked for name in (*folders, *files)]
    found = {path: path.lstat() for path in sorted(paths)}
    return {str(path): (stat.st_size, stat.st_mtime_ns) for path, stat in found.items()}


WRITING = {
    "plan": ("plan", "park.toml", "--out"),
    "export": ("export", "plan", "--format", "dxf", "--out"),
    "tradeoff": ("tradeoff", "park.toml", "--out"),
    "map": ("map", "plan", "--out"),
    "report": ("report", "plan", "--out"),
    "compare": ("compare", "plan", "plan", "--out"),
    "new": ("new",),
}


@pytest.mark.parametrize("name", WRITING)
@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("shut/out", "Permission denied"),
        (LONG, "File name too long"),
        ("loop/out", "circle"),
        ("park.toml/out", "cannot be written"),
    ],
)
def test_where_nothing_can_be_written_nothing_is(
    name: str, target: str, words: str, commands: Warm, work: Path
) -> None:
    (work / "shut").mkdir(mode=0o555)
    said = refused(commands, work, *WRITING[name], target, **NOBODY)
    if target == "loop/out" and name == "new":
        words = "Too many levels of symbolic links"
    assert words in said


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("pipe", "it is a pipe or a device and not a file"),
        ("/dev/zero", "it is a pipe or a device and not a file"),
        ("loop", "Too many levels of symbolic links"),
        (LONG, "File name too long"),
        ("shut/zones.geojson", "Permission denied"),
        ("closed.geojson", "Permission denied"),
    ],
)
@pytest.mark.parametrize("key", ["zones", "projects", "norms", "scenario", "changes"])
def test_inputs_that_cannot_be_read_are_told_at_once(
    key: str, path: str, words: str, commands: Warm, work: Path
) -> None:
    shutil.copy(work / "zones.geojson", work / "closed.geojson")
    (work / "closed.geojson").chmod(0)
    (work / "shut").mkdir()
    shutil.copy(work / "zones.geojson", work / "shut")
    (work / "shut").chmod(0)
    if key == "norms":
        (work / "norms.toml").symlink_to(path)
        path = "norms.toml"
    arguments = with_input(work, key, path)
    if key == "changes":
        arguments = ("allocate", "--from", "plan", "--changes", path)
    said = refused(commands, work, *arguments, **NOBODY)
    assert words in said or "is not readable" in said
    assert Path(path).name in said
    (work / "shut").chmod(0o755)


def with_input(work: Path, key: str, path: str) -> tuple[str, ...]:
    """Name a file in the scenario, or as the scenario; return the command that reads it."""
    if key == "scenario":
        return "check", path
    scenario = work / "park.toml"
    text = scenario.read_text()
    changed = {
        "zones": text.replace("zones.geojson", path),
        "projects": text.replace("projects.csv", path),
        "norms": f'{text}\n[norms]\nprofile = "{path}"\n',
        "changes": text,
    }
    scenario.write_text(changed[key])
    return "check", "park.toml"


def test_a_part_of_a_shapefile_that_is_a_pipe_is_told(commands: Warm, work: Path) -> None:
    zones = gpd.read_file(work / "zones.geojson").rename(columns={"available_year": "year"})
    zones.to_file(work / "zones.shp")
    (work / "zones.dbf").unlink()
    os.mkfifo(work / "zones.dbf")
    said = refused(commands, work, *with_input(work, "zones", "zones.shp"))
    assert "it is a pipe or a device and not a file" in said


@pytest.mark.parametrize("name", ["manifest.json", "plan.gpkg"])
def test_a_saved_plan_with_a_pipe_in_it_is_told(name: str, commands: Warm, work: Path) -> None:
    (work / "plan" / name).unlink()
    os.mkfifo(work / "plan" / name)
    assert "it is a pipe or a device" in refused(commands, work, "audit", "plan")


@pytest.fixture
def locking() -> Iterator[Callable[[Path], None]]:
    """Return what locks a GeoPackage as a program does that writes it."""
    held = []

    def lock(path: Path) -> None:
        connection = sqlite3.connect(path)
        connection.execute("BEGIN EXCLUSIVE")
        held.append(connection)

    yield lock
    for connection in held:
        connection.close()


def test_a_locked_geopackage_is_told(
    commands: Warm, work: Path, locking: Callable[[Path], None]
) -> None:
    gpd.read_file(work / "zones.geojson").to_file(work / "zones.gpkg")
    arguments = with_input(work, "zones", "zones.gpkg")
    assert commands.run(*arguments, folder=work).returncode == 0
    locking(work / "zones.gpkg")
    said = refused(commands, work, *arguments)
    assert "database is locked" in said
    assert "close it in the other program" in said
    locking(work / "plan" / "plan.gpkg")
    assert "close it in the other program" in refused(commands, work, "audit", "plan")


def test_a_locked_plan_is_replaced_beside_whoever_reads_the_old_one(
    commands: Warm, work: Path, locking: Callable[[Path], None]
) -> None:
    locking(work / "plan" / "plan.gpkg")
    ended = commands.run("plan", "park.toml", "--out", "plan", "-q", folder=work)
    assert ended.returncode == 0, ended.stderr
    assert commands.run("audit", "plan", "-q", folder=work).returncode == 0


@pytest.mark.parametrize("fault", ["deleted", "truncated", "replaced"])
@pytest.mark.parametrize("name", ["zones.geojson", "projects.csv"])
def test_an_input_that_changes_while_it_is_read_is_told(
    name: str, fault: str, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = work / name

    def spoilt(reader: Callable[..., object]) -> Callable[..., object]:
        def reading(source: object, *arguments: object, **options: object) -> object:
            if getattr(source, "path", None) == path:
                if fault == "deleted":
                    path.unlink()
                else:
                    path.write_bytes(path.read_bytes()[: 100 if fault == "truncated" else None])
            return reader(source, *arguments, **options)

        return reading

    monkeypatch.setattr(records_module, "stored_layer", spoilt(records_module.stored_layer))
    monkeypatch.setattr(records_module, "read_table", spoilt(records_module.read_table))
    with pytest.raises(GeoplanError, match=r"changed while it was read|could not be read") as told:
        read_site(load_scenario(work / "park.toml"))
    assert name in str(told.value)


def piped(work: Path, redirection: str, *arguments: str) -> Ended:
    """Run a command of its own, in a shell that leads its output elsewhere."""
    command = " ".join([sys.executable, "-m", "geoplan", *arguments, redirection])
    ended = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        cwd=work,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize(
    "arguments",
    [("check", "park.toml"), ("audit", "plan"), ("compare", "plan", "plan"), ("--version",)],
)
def test_a_pipe_that_nobody_reads_ends_a_command_without_a_word(
    arguments: tuple[str, ...], work: Path
) -> None:
    # The reader is gone before anything is said.
    closed = "> >(exec true)"
    ended = piped(work, f"-q {closed}" if arguments[0] != "--version" else closed, *arguments)
    assert ended == Ended(141, "", "")


def test_a_plan_whose_progress_nobody_reads_is_not_written(work: Path) -> None:
    before = content(work / "plan")
    ended = piped(work, "2> >(exec true)", "plan", "park.toml", "--out", "plan")
    assert ended == Ended(141, "", "")
    assert content(work / "plan") == before
    assert not list(work.glob(".plan*"))


def test_a_result_that_cannot_be_printed_is_told(work: Path) -> None:
    ended = piped(work, "-q > /dev/full", "check", "park.toml")
    assert ended.returncode == 2
    assert ended.stderr.count("geoplan: ") == 1
    assert "the result cannot be printed (No space left on device)" in ended.stderr


def test_without_streams_nothing_is_said_into_files(work: Path) -> None:
    ended = piped(work, "0>&- 1>&- 2>&-", "plan", "park.toml", "--out", "plan")
    assert ended == Ended(0, "", "")
    assert piped(work, "-q", "audit", "plan").returncode == 0


def test_letters_that_a_terminal_lacks_are_shown_by_their_codes(work: Path) -> None:
    scenario = work / "park.toml"
    scenario.write_text(scenario.read_text("utf-8").replace("Small park", "Сарыарқа"), "utf-8")
    command = [sys.executable, "-m", "geoplan", "check", "park.toml", "-q"]
    ended = subprocess.run(
        command,
        cwd=work,
        env=os.environ | {"PYTHONIOENCODING": "cp1251"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0
    assert "Сарыар\\u049bа".encode("cp1251") in ended.stdout
