"""Subdivision side by side: equal plots, a list of unequal areas, and up to a million plots."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.figures import division_figures
from benchmarks.land import CRS, concave_zone, unequal_areas_ha
from benchmarks.measure import ROOT, measured
from benchmarks.peers import REQUIREMENTS, peer_python
from benchmarks.report import Check, Row

OURS = "geoplan"
PLAIN = "QGIS-like divider, our own few lines"
GENPLANNER = f"GenPlanner {REQUIREMENTS['genplanner'][0].partition('==')[2]}"

SCALE_SIZES = (1_000, 10_000, 100_000, 1_000_000)
SCALE_JOB = {"case": "scale", "plot_ha": 1.0, "zone_plots": 500, "layouts_max": 12}
LIST_TOTAL_HA = {10: 60.0, 150: 250.0}
LIST_ZONE_HA = {10: 100.0, 150: 400.0}

CONTENDERS = ROOT / "benchmarks" / "contenders"


@dataclass(frozen=True)
class Contender:
    """Who divides land: a name, a command, and how often it is measured."""

    name: str
    command: tuple[str | Path, ...]
    repeats: int


def contenders(*, repeats: int, peers: bool) -> list[Contender]:
    """List geoplan and, if wanted, its peers; slow ones are measured once."""
    module = (sys.executable, "-m", "benchmarks.contenders.geoplan_runs")
    plain = (sys.executable, "-m", "benchmarks.contenders.plain_divider")
    found = [Contender(OURS, module, repeats), Contender(PLAIN, plain, repeats)]
    if peers:
        script = CONTENDERS / "genplanner_runs.py"
        command = (peer_python("genplanner"), "-W", "ignore", script)
        found.append(Contender(GENPLANNER, command, 1))
    return found


def division_jobs() -> dict[str, dict[str, Any]]:
    """Name the jobs that all contenders do."""
    jobs: dict[str, dict[str, Any]] = {
        "400 ha, plots of 2 ha": {
            "case": "equal",
            "zone": concave_zone(400.0).wkt,
            "crs": CRS,
            "plot_ha": 2.0,
        }
    }
    for count, total_ha in LIST_TOTAL_HA.items():
        jobs[f"{LIST_ZONE_HA[count]:.0f} ha, {count} unequal areas"] = {
            "case": "list",
            "zone": concave_zone(LIST_ZONE_HA[count]).wkt,
            "crs": CRS,
            "areas_ha": unequal_areas_ha(count, total_ha),
        }
    return jobs


def divisions(
    jobs: dict[str, dict[str, Any]], who: Sequence[Contender], limit_s: float
) -> list[Row]:
    """Let every contender do every job."""
    rows = []
    for name, job in jobs.items():
        for contender in who:
            print(f"{name}: {contender.name}", file=sys.stderr)
            run = measured(contender.command, job, repeats=contender.repeats, limit_s=limit_s)
            figures = division_figures(job, run.result) if run.result else {}
            stages = run.result["seconds"] if run.result else {}
            rows.append(
                Row(name, contender.name, run.wall_s, run.memory_gb, figures, stages, run.fault)
            )
    return rows


def scales(sizes: Sequence[int], *, limit_s: float) -> list[Row]:
    """Cut, check and write ever more plots; GeoParquet is written where pyarrow is installed."""
    command = (sys.executable, "-m", "benchmarks.contenders.geoplan_runs")
    write = find_spec("pyarrow") is not None
    rows = []
    for size in sizes:
        print(f"scale: {size:,} plots", file=sys.stderr)
        job = SCALE_JOB | {"plots": size, "write": write}
        run = measured(command, job, repeats=1, limit_s=limit_s)
        figures = dict(run.result) if run.result else {}
        stages = figures.pop("seconds", {})
        rows.append(
            Row(f"{size:,} plots", OURS, run.wall_s, run.memory_gb, figures, stages, run.fault)
        )
    return rows


def checks(rows: Sequence[Row], scale_rows: Sequence[Row]) -> list[Check]:
    """Hold geoplan's figures against what they are to reach."""
    ours = [row for row in rows if row.contender == OURS and not row.fault]
    equal = [row for row in ours if "near_wanted_share" in row.figures]
    lists = [row for row in ours if "asked" in row.figures]
    found: list[Check] = []
    for row in equal:
        stage_s = sum(row.stages.values())
        found.append(Check(row.case, "stage, s", stage_s, "<= 1", stage_s <= 1))
        for peer in rows:
            if peer.case == row.case and peer.contender == GENPLANNER and not peer.fault:
                ratio = row.median_s / peer.median_s
                found.append(
                    Check(
                        row.case,
                        f"whole process to {GENPLANNER}",
                        ratio,
                        "<= 1/30",
                        ratio <= 1 / 30,
                    )
                )
                ratio = stage_s / sum(peer.stages.values())
                found.append(
                    Check(row.case, f"stage to {GENPLANNER}", ratio, "<= 1/30", ratio <= 1 / 30)
                )
        for name, least in (("rectangularity_median", 0.95), ("rectangularity_p5", 0.60)):
            found.append(_at_least(row, name, least))
    for row in ours:
        found.append(_at_least(row, "access_share", 1.0))
        found.append(_at_most(row, "lost_share", 1e-9))
        valid = row.figures["coverage_valid"]
        found.append(Check(row.case, "coverage_valid", valid, "true", valid))
    for row in lists:
        delivered, asked = row.figures["delivered"], row.figures["asked"]
        found.append(Check(row.case, "delivered", delivered, f"{asked}", delivered == asked))
        found.append(_at_most(row, "error_max", 2e-4))
    for row in scale_rows:
        found.extend(_scale_checks(row))
    return found


def _scale_checks(row: Row) -> list[Check]:
    if row.fault:
        return [Check(row.case, "done", row.fault, "done", met=False)]
    valid = row.figures["coverage_valid"]
    found = [
        Check(row.case, "coverage_valid", valid, "true", valid),
        _at_most(row, "lost_share", 1e-9),
    ]
    if row.case == f"{SCALE_SIZES[-1]:,} plots":
        # Without the search for layouts, which is bounded by a setting, and with it.
        cut_s = sum(row.stages.get(name, 0.0) for name in ("cut", "check", "write"))
        found.append(Check(row.case, "cut, checked, written, s", cut_s, "<= 45", cut_s <= 45))
        found.append(Check(row.case, "whole process, s", row.median_s, "<= 45", row.median_s <= 45))
        found.append(Check(row.case, "memory, GB", row.memory_gb, "<= 6", row.memory_gb <= 6))
    return found


def _at_least(row: Row, name: str, least: float) -> Check:
    value = row.figures[name]
    return Check(row.case, name, value, f">= {least:g}", value is not None and value >= least)


def _at_most(row: Row, name: str, most: float) -> Check:
    value = row.figures[name]
    return Check(row.case, name, value, f"<= {most:g}", value is not None and value <= most)
