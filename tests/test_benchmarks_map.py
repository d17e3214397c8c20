"""The benchmark of maps runs without peers, and says what it measured and which goals were met."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.browser import CLICKS, HOVERS, medians
from benchmarks.mapping import GOALS, checks, ratios
from benchmarks.report import Row
from benchmarks.subdivision import OURS

FIGURES = {"html_mb": 0.2, "interactive_s": 0.5, "requests": 0, "errors": 0, "same_bytes": True}


def test_a_map_is_built_opened_used_and_reported(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "map", "--no-peers", "--map-sizes", "200"]
    subprocess.run([*command, "--repeats", "1", "--out", tmp_path], check=True, timeout=120)
    (section,) = json.loads((tmp_path / "results.json").read_text())["map"]["sections"]
    (row,) = section["rows"]
    assert row["fault"] == ""
    figures = row["figures"]
    assert (figures["requests"], figures["errors"], figures["same_bytes"]) == (0, 0, True)
    for name in ("interactive_s", "heap_mb", "hover_ms", "click_ms", "drag_ms"):
        assert figures[name] > 0, name
    assert "| 200 plots | html mb |" in (tmp_path / "results.md").read_text("utf-8")


def test_medians_are_of_the_events_that_are_meant() -> None:
    hovers = [("mousemove", float(ms)) for ms in range(HOVERS)] + [("mousemove", 1e6)] * 40
    clicks = [("mouseup", 900.0), ("click", 7.0)] * CLICKS + [("click", 1e6)] * 9
    drags = [("mouseup", 30.0)] * 3
    assert medians([*hovers, *clicks, *drags]) == {
        "hover_ms": 7.0,
        "click_ms": 7.0,
        "drag_ms": 30.0,
    }


def test_goals_are_for_geoplan_alone_and_a_figure_that_is_missing_meets_none() -> None:
    ours = Row("200 plots", OURS, (2.0,), 0.2, FIGURES, {"build and save": 0.1})
    peer = Row("200 plots", "peer", (9.0,), 0.2, {"html_mb": 1.0}, {"build and save": 0.4})
    assert [(check.figure, check.met) for check in checks([ours, peer])] == [
        ("html_mb", True),
        ("requests", True),
        ("errors", True),
        ("same_bytes", True),
    ]
    slow = Row("20,000 plots", OURS, (2.0,), 0.2, FIGURES, {"build and save": 0.5})
    met = {check.figure: check.met for check in checks([slow])}
    assert {name for name in GOALS[20_000] if not met[name]} == {"build_s", "year_ms"}
    assert ratios([ours, peer]) == ["peer: 4 x the time to build, 5 x the bytes.  "]


@pytest.mark.parametrize(
    "row",
    [
        Row("200 plots", OURS, (600.0,), 3.0, fault="not done in 600 s"),
        Row("200 plots", OURS, (2.0,), 0.2, {"interactive_s": None}, {"build and save": 0.1}),
    ],
)
def test_a_map_that_does_not_open_misses_its_goals(row: Row) -> None:
    assert [(check.figure, check.met) for check in checks([row])] == [("opens", False)]
