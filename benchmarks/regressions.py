"""New figures against the committed ones: ``python -m benchmarks.regressions NEW [OLD]``.

Machines differ, and so do hours of a shared one; what is compared is therefore how many times as
much a peer takes, in the same run, as geoplan does: of programmes, which no peer plans, geoplan on
other numbers of workers. A ratio that has fallen by more than a fifth is a regression.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import programme
from benchmarks.measure import ROOT
from benchmarks.report import shown
from benchmarks.subdivision import OURS

FALL_MAX = 0.2
"""Share by which a ratio may fall before it is a regression."""
HELD = {"programme": programme.TWO}
"""Who is held against the others, where it is not plain geoplan, by part."""
FIGURES = ("html_mb", "interactive_s", "heap_mb", "hover_ms", "click_ms", "drag_ms", "gap_percent")
"""Figures of which less is better, besides times and memory."""
LEAST = {"hover_ms": 17.0, "click_ms": 17.0, "drag_ms": 17.0, "gap_percent": 0.01}
"""Less than a frame, or than a solver's own tolerance, is as good as any."""


@dataclass(frozen=True, order=True)
class Measure:
    """One figure of one case, held against one peer."""

    part: str
    case: str
    peer: str
    figure: str


def ratios(records: Mapping[str, Any]) -> dict[Measure, float]:
    """Tell how many times as much each peer takes as geoplan, in what both were measured.

    Parameters
    ----------
    records : mapping
        Parts as ``results.json`` has them.

    Returns
    -------
    dict of Measure to float
        Above 1: geoplan takes less.
    """
    found = {}
    for part, record in records.items():
        for section in record["sections"]:
            name = HELD.get(part, OURS)
            ours = {row["case"]: row for row in section["rows"] if row["contender"] == name}
            for row in section["rows"]:
                own = ours.get(row["case"])
                if own is None or row is own or own["fault"] or row["fault"]:
                    continue
                mine, theirs = dict(_figures(own)), dict(_figures(row))
                for figure in mine.keys() & theirs.keys():
                    measure = Measure(part, row["case"], row["contender"], figure)
                    found[measure] = theirs[figure] / mine[figure]
    return found


def _figures(row: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    yield "whole process", statistics.median(row["wall_s"])
    if row["memory_gb"]:  # 0: not measured
        yield "memory", row["memory_gb"]
    if row["stages"]:
        yield "stages", sum(row["stages"].values())
    for name in FIGURES:
        value = row["figures"].get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, max(float(value), LEAST.get(name, 1e-9))


def fallen(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[Measure, tuple[float, float]]:
    """Find the ratios that have fallen by more than :data:`FALL_MAX`, as (old, new)."""
    before, after = ratios(old), ratios(new)
    return {
        measure: (before[measure], after[measure])
        for measure in sorted(before.keys() & after.keys())
        if after[measure] < (1 - FALL_MAX) * before[measure]
    }


def main(arguments: list[str] | None = None) -> int:
    """Print what has fallen.

    Returns
    -------
    int
        1 if any ratio has, or there is none to compare; else 0.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.regressions", description=__doc__)
    parser.add_argument("new", type=Path, help="results.json of a run")
    parser.add_argument("old", type=Path, nargs="?", default=ROOT / "benchmarks/results.json")
    options = parser.parse_args(arguments)
    new, old = (json.loads(path.read_text("utf-8")) for path in (options.new, options.old))
    compared = ratios(new).keys() & ratios(old).keys()
    worse = fallen(new, old)
    for measure, (before, after) in worse.items():
        print(
            f"{measure.part}, {measure.case}: {measure.figure}: {measure.peer} took"
            f" {shown(before)} times as much as geoplan, and takes {shown(after)} now"
        )
    print(f"{len(compared)} ratios compared, {len(worse)} have fallen by more than {FALL_MAX:.0%}.")
    return int(bool(worse) or not compared)


if __name__ == "__main__":
    sys.exit(main())
