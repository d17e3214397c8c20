"""What a portfolio locks or wishes, though it may break a rule, is kept, counted and told."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from .small_park import geoplan, write_park
from .spoilt_park import PLAN, given_plots


def read_plan(folder: Path) -> tuple[dict[str, dict[str, str]], str]:
    """Plan the park and return its allocation by project, and what the command says."""
    ended = geoplan(*PLAN[:-1], folder=folder)
    assert ended.returncode in (0, 1), ended.stderr
    with (folder / "out" / "plan" / "allocation.csv").open(encoding="utf-8") as file:
        rows = {row["project_id"]: row for row in csv.DictReader(file)}
    return rows, ended.stdout


def test_locks_against_the_rules_are_kept_and_found(tmp_path: Path) -> None:
    write_park(tmp_path)
    given_plots("BIG,5,4,6,4,,0,S-1", "WRONG,1,0.9,1.1,2,logistics,0,S-3", "NEW,1,0.9,1.1,1,,0,")(
        tmp_path
    )
    rows, told = read_plan(tmp_path)
    assert {name: row["plot_ids"] for name, row in rows.items() if name != "NEW"} == {
        "BIG": "S-1",
        "WRONG": "S-3",
    }
    assert rows["NEW"]["status"] == "placed"
    assert "warning: projects BIG: It has 1.0000 ha, and can use 4 to 6 ha. It stays as it" in told
    assert "warning: plots S-3: Project WRONG is for logistics" in told
    assert "Amend the contract or the application, or free the plot." in told
    assert "error:" not in told


def test_of_a_capacity_that_locks_exceed_nobody_else_is_given_any(tmp_path: Path) -> None:
    write_park(tmp_path)
    given_plots(
        "ONE,1,0.9,1.1,4,,3,S-1",
        "TWO,1,0.9,1.1,4,,3,S-3",
        "NEW,1,0.9,1.1,9,,1,",
        "DRY,1,0.9,1.1,1,,0,",
    )(tmp_path)
    rows, told = read_plan(tmp_path)
    placed = {name for name, row in rows.items() if row["status"] == "placed"}
    assert placed == {"ONE", "TWO", "DRY"}
    assert "PW is short of power: 0 of 5 MW is free, and it needs 1 MW" in rows["NEW"]["reason"]
    assert "6 power_mw are drawn, but it has 5." in told
    assert "Those who are locked or stay by contract (ONE, TWO) need 6 of this kind." in told


@pytest.mark.parametrize("wish", ["", "FIX"])
def test_wishes_are_counted_where_any_are_stated_and_else_no_objective(
    wish: str, tmp_path: Path
) -> None:
    write_park(tmp_path)
    given_plots("FIX,1,0.9,1.1,4,,0,S-1", "NEW,1,0.9,1.1,9,,0,", "ALSO,1,0.9,1.1,9,,0,N-2")(
        tmp_path
    )
    text = (tmp_path / "projects.csv").read_text().splitlines()
    lines = [f"{text[0]},near", f"{text[1]},", f"{text[2]},{wish}", f"{text[3]},"]
    (tmp_path / "projects.csv").write_text("\n".join(lines) + "\n")
    rows, _ = read_plan(tmp_path)
    assert rows["NEW"]["status"] == "placed"
    manifest = json.loads((tmp_path / "out" / "plan" / "manifest.json").read_text())
    aims = {stage["aim"]: stage["objective"] for stage in manifest["solver"]}
    assert ("near" in aims) == bool(wish)
    if wish:
        assert aims["near"] == 1.0
