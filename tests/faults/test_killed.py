"""Commands that are killed (SIGKILL) at any moment leave the old folder or the new one, whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

import geoplan
from geoplan.decisions import digest_of

from ..small_park import content
from .warm import Run, Warm

OLD_NAME = 'name = "Old park"'
NEW_NAME = 'name = "Small park"'
POLL_S = 0.002

Content = dict[str, bytes | None]


@dataclass(frozen=True)
class Course:
    """How an undisturbed run went, in seconds from its start.

    Attributes
    ----------
    writes_s : list of float
        When it told of each file.
    end_s : float
    """

    writes_s: list[float]
    end_s: float

    def moments(self, count: int, chance: random.Random) -> list[tuple[int, float]]:
        """Draw moments to kill at: so many "write" lines seen, and seconds after that.

        Half of them lie anywhere from start to end, the others within the writing.
        """
        anywhere = [(0, chance.uniform(0, self.end_s)) for _ in range(count - count // 2)]
        edges = [*self.writes_s, self.end_s]
        writing = []
        for _ in range(count // 2):
            file = chance.randrange(len(self.writes_s))
            lasts_s = edges[file + 1] - edges[file]
            writing.append((file + 1, chance.uniform(0, 1.1 * lasts_s)))
        return anywhere + writing


def watched(run: Run) -> Course:
    """Let a run go to its end and note when it told of what."""
    start, writes = time.monotonic(), list[float]()
    while run.lives():
        told = run.said().count("geoplan: write")
        writes += [time.monotonic() - start] * (told - len(writes))
        time.sleep(POLL_S)
    end_s = time.monotonic() - start
    ended = run.ended()
    assert ended.returncode == 0, ended.stderr
    return Course(writes, end_s)


def killed(run: Run, writes: int, after_s: float) -> str:
    """Kill a run at a moment; return its phase then: reading or planning, writing, or done."""
    while run.said().count("geoplan: write") < writes and run.lives():
        time.sleep(POLL_S)
    time.sleep(after_s)
    os.kill(run.pid, signal.SIGKILL)
    ended = run.ended()
    if ended.returncode == 0:
        return "ended"
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return "writing" if "geoplan: write" in ended.stderr else "before"


def untimed(found: Content) -> Content:
    """Leave out of the manifest what differs between any two runs."""
    manifest = json.loads(found["manifest.json"] or b"")
    manifest.pop("stage_seconds", None)
    return found | {"manifest.json": json.dumps(manifest, sort_keys=True).encode()}


@dataclass(frozen=True)
class Victim:
    """A command that replaces a folder.

    Attributes
    ----------
    arguments : tuple of str
    folder : Path
        Where it runs.
    target : Path
        What it replaces.
    old : Path
        A copy of what is there before.
    """

    arguments: tuple[str, ...]
    folder: Path
    target: Path
    old: Path

    def laid_out(self) -> None:
        """Put the old folder in place."""
        shutil.rmtree(self.target, ignore_errors=True)
        shutil.copytree(self.old, self.target)


def survived(victim: Victim, commands: Warm, count: int, seed: int) -> Counter[tuple[str, str]]:
    """Kill a command so many times; return how often in which phase, and what was there then.

    What one leaves behind lies there when the next one starts.
    """
    victim.laid_out()
    course = watched(commands.start(*victim.arguments, folder=victim.folder))
    old, new = untimed(content(victim.old)), untimed(content(victim.target))
    assert old != new
    for folder in (victim.old, victim.target):
        if "plan.gpkg" in content(folder):
            assert len(geoplan.load(folder).plots)
    clean = beside(victim.target)
    seen: Counter[tuple[str, str]] = Counter()
    known: set[str] = set()
    chance = random.Random(seed)  # noqa: S311
    for writes, after_s in course.moments(count, chance):
        victim.laid_out()
        phase = killed(commands.start(*victim.arguments, folder=victim.folder), writes, after_s)
        left = untimed(content(victim.target))
        assert left in (old, new), f"killed while {phase}: neither the old nor the new folder"
        seen[phase, "old" if left == old else "new"] += 1
        if beside(victim.target) - clean - known:
            known |= beside(victim.target)
            succeeds(victim, commands, new)
            assert beside(victim.target) == clean
    succeeds(victim, commands, new)
    assert beside(victim.target) == clean
    return seen


def succeeds(victim: Victim, commands: Warm, new: Content) -> None:
    """Run a command undisturbed, on the old folder and what killed runs have left beside it."""
    victim.laid_out()
    ended = commands.run(*victim.arguments, folder=victim.folder)
    assert ended.returncode == 0, ended.stderr
    assert untimed(content(victim.target)) == new


def beside(target: Path) -> set[str]:
    """Return every path in the folder of `target` but what is below `target` itself."""
    found = content(target.parent)
    return {name for name in found if not name.startswith(f"{target.name}/")}


def new_ones(seen: Counter[tuple[str, str]]) -> int:
    """Count runs after which the new folder was there."""
    return sum(count for (_, left), count in seen.items() if left == "new")


@pytest.fixture
def copied(planned: Path, tmp_path: Path) -> Path:
    """Return a folder with the park, its plan, and a plan of the same land by another name."""
    shutil.copytree(planned, tmp_path / "work")
    return tmp_path / "work"


def test_a_plan_is_the_old_one_or_the_new_one_whenever_the_run_is_killed(
    commands: Warm, copied: Path, tmp_path: Path
) -> None:
    scenario = copied / "park.toml"
    scenario.write_text(scenario.read_text().replace(NEW_NAME, OLD_NAME))
    ended = commands.run("plan", "park.toml", "--out", tmp_path / "old", "-q", folder=copied)
    assert ended.returncode == 0, ended.stderr
    scenario.write_text(scenario.read_text().replace(OLD_NAME, NEW_NAME))
    victim = Victim(
        ("plan", "park.toml", "--out", "plan"), copied, copied / "plan", tmp_path / "old"
    )
    seen = survived(victim, commands, 50, seed=1)
    assert seen.total() == 50
    assert seen["before", "old"] >= 5
    assert seen["writing", "old"] >= 15
    assert new_ones(seen) >= 1


def test_an_export_is_the_old_one_or_the_new_one_whenever_the_run_is_killed(
    commands: Warm, copied: Path, tmp_path: Path
) -> None:
    ended = commands.run(
        "export", "plan", "--out", tmp_path / "old", "--format", "dxf", folder=copied
    )
    assert ended.returncode == 0, ended.stderr
    chosen = [word for name in ("kml", "gpkg", "points", "xlsx") for word in ("--format", name)]
    victim = Victim(
        ("export", "plan", "--out", "export", *chosen), copied, copied / "export", tmp_path / "old"
    )
    seen = survived(victim, commands, 10, seed=2)
    assert seen["writing", "old"] >= 4


def test_a_plan_changed_in_place_is_the_old_one_or_the_new_one(
    commands: Warm, copied: Path, tmp_path: Path
) -> None:
    shutil.copytree(copied / "plan", tmp_path / "old")
    made = geoplan.load(copied / "plan")
    changes = {
        "geoplan_changes": 1,
        "plan": {"name": made.name, "digest": digest_of(made)},
        "changes": [{"withdraw": {"project_id": "A-1"}}],
    }
    (copied / "changes.json").write_text(json.dumps(changes))
    arguments = ("allocate", "--from", "plan", "--changes", "changes.json")
    victim = Victim(arguments, copied, copied / "plan", tmp_path / "old")
    seen = survived(victim, commands, 10, seed=3)
    assert seen["writing", "old"] >= 4
