"""Figures of two runs are compared as ratios, so that another machine is no regression."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.measure import ROOT
from benchmarks.regressions import Measure, fallen, main, ratios


def row(contender: str, wall_s: float, **figures: float) -> dict[str, Any]:
    return {
        "case": "a case",
        "contender": contender,
        "wall_s": [wall_s],
        "memory_gb": 0.5,
        "figures": figures,
        "stages": {"build": wall_s / 2},
        "fault": "",
    }


@pytest.fixture
def old() -> dict[str, Any]:
    rows = [
        row("geoplan", 2.0, html_mb=1.0, hover_ms=2.0),
        row("peer", 6.0, html_mb=4.0, hover_ms=9.0),
    ]
    return {"map": {"sections": [{"title": "a section", "rows": rows}]}}


def test_a_ratio_is_what_the_peer_takes_over_what_geoplan_takes(old):
    found = ratios(old)
    assert found[Measure("map", "a case", "peer", "whole process")] == 3.0
    assert found[Measure("map", "a case", "peer", "html_mb")] == 4.0
    assert found[Measure("map", "a case", "peer", "hover_ms")] == 1.0  # both within one frame


def test_memory_that_nobody_has_measured_is_not_compared(old):
    for each in old["map"]["sections"][0]["rows"]:
        each["memory_gb"] = 0.0
    assert "memory" not in {measure.figure for measure in ratios(old)}


def test_a_slower_machine_is_no_regression_and_a_slower_geoplan_is(old, tmp_path, capsys):
    new = copy.deepcopy(old)
    for each in new["map"]["sections"][0]["rows"]:
        each["wall_s"] = [3 * each["wall_s"][0]]
    assert fallen(new, old) == {}
    new["map"]["sections"][0]["rows"][0]["wall_s"] = [8.0]
    assert fallen(new, old) == {Measure("map", "a case", "peer", "whole process"): (3.0, 2.25)}
    new["map"]["sections"][0]["rows"][0]["wall_s"] = [7.2]
    assert fallen(new, old) == {}
    new["map"]["sections"][0]["rows"][0]["figures"]["html_mb"] = 2.0
    files = []
    for name, records in (("new", new), ("old", old)):
        files.append(str(tmp_path / f"{name}.json"))
        Path(files[-1]).write_text(json.dumps(records), encoding="utf-8")
    assert main(files) == 1
    said = capsys.readouterr().out
    assert "html_mb: peer took 4 times as much as geoplan, and takes 2 now" in said
    assert main([files[1], files[1]]) == 0


def test_runs_with_nothing_in_common_are_not_called_good(old, tmp_path):
    for name, records in (("new", {}), ("old", old)):
        (tmp_path / f"{name}.json").write_text(json.dumps(records), encoding="utf-8")
    assert main([str(tmp_path / "new.json"), str(tmp_path / "old.json")]) == 1


def test_the_committed_results_hold_ratios_of_every_part():
    records = json.loads((ROOT / "benchmarks/results.json").read_text("utf-8"))
    assert {measure.part for measure in ratios(records)} == set(records)
    assert fallen(records, records) == {}
