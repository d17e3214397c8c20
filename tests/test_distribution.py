"""What is handed out: wheel and source, installed where nothing else is, with old libraries too."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import geoplan

from .small_park import write_park

ROOT = Path(__file__).parents[1]
LEFT_OUT = {".git", ".venv", ".venv-bench", ".venv-peers", "out", "build", "dist"}


def run(*words: object, folder: Path) -> str:
    """Run a command, which must succeed, and return what it says; no path of ours leads it."""
    ended = subprocess.run(
        [str(word) for word in words],
        cwd=folder, capture_output=True, text=True, timeout=1_200, check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def oldest() -> list[str]:
    """Return the oldest versions that ``setup.cfg`` admits, as pip's constraints."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    lines = config["options"]["install_requires"].split("\n")
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert all(">=" in line for line in wanted)
    return [re.sub(r"\s*>=\s*", "==", line) for line in wanted]


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution and, of it, the wheel; from a copy, which is left as it is."""
    source = tmp_path_factory.mktemp("source") / "geoplan"
    shutil.copytree(ROOT, source, ignore=lambda _, names: LEFT_OUT.intersection(names))
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, source, folder=source)
    return folder


def test_wheel_and_source_hold_what_the_program_reads(distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    (source,) = distributions.glob("*.tar.gz")
    assert wheel.name.split("-")[1] == geoplan.__version__
    held = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "geoplan"
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    assert wanted <= held
    assert not [name for name in held if name.startswith(("tests", "benchmarks", "docs"))]
    with tarfile.open(source) as archive:
        kept = {Path(*Path(name).parts[1:]).as_posix() for name in archive.getnames()}
    assert wanted <= kept
    assert {"LICENSE", "README.md", "setup.cfg"} <= kept


@pytest.mark.parametrize(
    ("what", "versions"),
    [("*.whl", "oldest"), ("*.tar.gz", "constraints")],
    ids=["wheel", "source"],
)
def test_a_clean_environment_plans_a_park(
    distributions: Path, tmp_path: Path, what: str, versions: str
) -> None:
    (packed,) = distributions.glob(what)
    constraints = tmp_path / "versions.txt"
    if versions == "oldest":
        constraints.write_text("\n".join(oldest()), encoding="utf-8")
    else:
        shutil.copyfile(ROOT / "constraints.txt", constraints)
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / "bin"
    run(
        programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "-c", constraints, packed, folder=tmp_path,
    )  # fmt: skip
    assert run(programs / "geoplan", "--version", folder=tmp_path) == (
        f"geoplan {geoplan.__version__}\n"
    )
    where = run(
        programs / "python", "-c", "import geoplan; print(geoplan.__file__)", folder=tmp_path
    )
    assert Path(where.strip()).is_relative_to(tmp_path / "venv")
    write_park(tmp_path / "park")
    run(programs / "geoplan", "plan", "park.toml", "-o", "out", folder=tmp_path / "park")
    ours = geoplan.run(tmp_path / "park" / "park.toml").save(tmp_path / "ours")
    made = tmp_path / "park" / "out"
    assert {path.name for path in made.iterdir()} == {path.name for path in ours.iterdir()}
    assert (made / "allocation.csv").read_bytes() == (ours / "allocation.csv").read_bytes()
