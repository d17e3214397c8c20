"""Figures of programmes' benchmarks are those that were written, whoever planned the parks."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.contenders.programme_runs import made, outcome, stages_of
from benchmarks.measure import Run, measured
from benchmarks.programme import (
    BUNDLED,
    DIFFER,
    DONE,
    HERE,
    LARGE,
    ONE,
    SMALL,
    TWO,
    Case,
    cases_of,
    checks,
    differing,
    linearity,
    part,
    row_of,
    wrong,
)
from benchmarks.regressions import Measure, ratios
from benchmarks.report import Check, Part, Row, page, recorded

from .programme.made_programme import write_programme

PARKS, PROJECTS = 4, 12


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Case:
    file = write_programme(tmp_path_factory.mktemp("tiny"), parks=PARKS, projects=PROJECTS)
    return Case("tiny", {"programme": str(file)}, (HERE, ONE, TWO), 600.0)


@pytest.fixture(scope="module")
def measured_part(tiny: Case) -> Part:
    return part([tiny], limit_s=300.0)


def row(case: Case, who: str, wall_s: float, **figures: float | None) -> Row:
    usual = {"parks": 30, "errors": 0, "gap_percent": 0.5, "worker_memory_gb": None}
    return Row(case.name, who, (wall_s,), 0.5, usual | figures)


def test_all_contenders_plan_alike_and_say_what_they_took(measured_part: Part) -> None:
    rows = measured_part.sections[0].rows
    assert [each.contender for each in rows] == [HERE, ONE, TWO]
    assert [each.fault for each in rows] == [""] * 3
    for each in rows:
        assert (each.figures["parks"], each.figures["projects"]) == (PARKS, PROJECTS)
        assert 0 < each.figures["placed"] <= PROJECTS
        assert each.figures["errors"] == 0
        assert 0.0 <= each.figures["gap_percent"] < 100.0
        assert each.figures["cpu_s"] > 0.5
        assert each.memory_gb > 0.05
        assert {"read", "share out", "round 1", "explain", "write"} <= each.stages.keys()
        assert 0 < sum(each.stages.values()) <= each.median_s
    workers_gb = [each.figures["worker_memory_gb"] for each in rows]
    assert workers_gb[0] is None
    assert min(workers_gb[1:]) > 0.05
    alike = next(check for check in measured_part.checks if check.figure == DIFFER)
    assert (alike.value, alike.met) == (0, True)


def test_it_is_recorded_and_its_two_workers_are_held_against_the_others(
    measured_part: Part,
) -> None:
    record = recorded(measured_part, date="2026-01-01", machine={"cores": "2"}, versions={})
    record = json.loads(json.dumps(record, allow_nan=False))
    assert sum(line.startswith("| tiny | ") for line in page(record)) >= 3
    of_peers = ratios({"programme": record})
    assert {measure.peer for measure in of_peers} == {HERE, ONE}
    assert of_peers[Measure("programme", "tiny", ONE, "gap_percent")] == 1.0


def test_a_programme_is_made_by_its_size(tmp_path: Path) -> None:
    file = made(tmp_path / "made", {"parks": 2, "projects": 5})
    assert file.exists()
    for name, rows in (("parks.csv", 2), ("projects.csv", 5)):
        with (file.parent / name).open(encoding="utf-8", newline="") as table:
            assert len(list(csv.DictReader(table))) == rows


def test_a_programme_that_cannot_be_planned_says_why(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "benchmarks.contenders.programme_runs")
    job = {"programme": str(tmp_path / "none.toml"), "workers": 1}
    run = measured(command, job, repeats=1, limit_s=300.0)
    assert run.result is None
    assert "none.toml" in run.fault


def test_what_was_written_is_read_and_manifests_are_not_compared(tmp_path: Path) -> None:
    folders = []
    for number, status in enumerate(("placed", "unplaced")):
        folder = tmp_path / str(number)
        folder.mkdir()
        folders.append(folder)
        manifest = {"value": 9.0, "bound": 10.0, "time": number}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        for name, column, cells in (
            ("parks.csv", "errors", ("2", "1")),
            ("allocation.csv", "status", ("placed", status)),
        ):
            with (folder / name).open("w", newline="") as file:
                csv.writer(file).writerows([(column,), *((cell,) for cell in cells)])
    first, second = (outcome(folder) for folder in folders)
    assert (first["parks"], first["projects"], first["placed"]) == (2, 2, 2)
    assert (first["errors"], second["placed"]) == (3, 1)
    assert differing([first["files"], second["files"]]) == ["allocation.csv"]
    assert differing([first["files"], first["files"], {}]) == ["allocation.csv", "parks.csv"]


def test_time_belongs_to_the_stage_that_was_told_last() -> None:
    told = [
        (1.0, "geoplan: read"),
        (2.0, "geoplan: round 1: 0 of 2 parks planned, 0 projects placed"),
        (2.5, "a warning of no stage"),
        (4.0, "geoplan: round 1: 2 of 2 parks planned, 3 projects placed"),
        (7.0, "geoplan: write parks.csv"),
        (8.0, "geoplan: write programme.gpkg"),
    ]
    assert stages_of(told, 10.0) == {"read": 1.0, "round 1": 5.0, "write": 3.0}
    assert stages_of([], 10.0) == {}


def test_a_run_that_failed_is_no_goal_met(tiny: Case) -> None:
    failed = row_of(tiny, TWO, Run((9.0,), 0.1, None, "the cluster did not start"))
    found = checks(tiny, {ONE: row(tiny, ONE, 10.0), TWO: failed})
    assert [check.figure for check in found if not check.met] == [DONE]
    assert not any(check.figure == TWO for check in found)


def test_each_goal_is_missed_when_its_figure_is_worse() -> None:
    good = {
        HERE: row(BUNDLED, HERE, 180.0, gap_percent=1.0),
        ONE: row(BUNDLED, ONE, 170.0, worker_memory_gb=4.0),
        TWO: row(BUNDLED, TWO, 100.0, worker_memory_gb=0.5),
    }
    assert all(check.met for check in checks(BUNDLED, good))
    for who, worse, figure in (
        (HERE, {"wall_s": (180.5,)}, "whole process s"),
        (HERE, {"figures": good[HERE].figures | {"gap_percent": 1.01}}, "gap_percent"),
        (HERE, {"figures": good[HERE].figures | {"errors": 1}}, "rules broken"),
        (ONE, {"figures": good[ONE].figures | {"worker_memory_gb": 4.1}}, "worker_memory_gb"),
        (TWO, {"wall_s": (100.5,)}, TWO),
    ):
        rows = good | {who: replace(good[who], **worse)}
        assert [each.figure for each in checks(BUNDLED, rows) if not each.met] == [figure]


def test_time_for_each_park_is_compared_from_small_to_large() -> None:
    small, large = row(SMALL, TWO, 100.0), row(LARGE, TWO, 1_300.0, parks=300)
    assert linearity([small]) == []
    assert [(check.value, check.met) for check in linearity([small, large])] == [(1.3, True)]
    slow = replace(large, wall_s=(1_301.0,))
    assert [check.met for check in linearity([small, slow])] == [False]
    assert linearity([small, replace(large, fault="not done in 3600 s")]) == []


def test_a_plan_that_depends_on_who_made_it_is_an_error_and_a_goal_missed_is_none() -> None:
    apart = Check("tiny", DIFFER, 1, "0", met=False)
    assert wrong([apart, Check("tiny", TWO, 1.2, ">= 1.7", met=False)]) == [apart]


def test_a_quick_run_leaves_the_largest_out() -> None:
    assert [case.name for case in cases_of(quick=True)] == [BUNDLED.name]
    assert LARGE in cases_of(quick=False)
