"""Command line of the benchmarks: ``python -m benchmarks subdivision``."""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
from dataclasses import asdict
from pathlib import Path

from benchmarks import subdivision
from benchmarks.measure import ROOT, machine
from benchmarks.peers import REQUIREMENTS
from benchmarks.report import Check, Row, checks_table, table

VERSIONED = ("geoplan", "geopandas", "shapely", "numpy", "pandas", "pyarrow", "highspy")

LEGEND = """\
A whole process starts the interpreter, imports, divides and hands its plots over; stages are
what a contender times itself, without that. Times are medians; a fault stands where stages
would. `access share`: plots with 1 m and more on the one connected street network (without
streets: on the zone's edge, a favour). `lost share`: land that is neither plot, street nor
accounted for otherwise; `outline share`: by how much the zone, its corners put on a grid,
differs from the one given. `rectangularity`: area over that of the smallest rectangle around a
plot. `error`: relative, of plots in one piece against the areas asked for; a method that fills
the zone in the list's proportions is held to these."""


def main() -> None:
    """Measure, print, and write the results."""
    options = _options()
    who = subdivision.contenders(repeats=options.repeats, peers=not options.no_peers)
    jobs = subdivision.division_jobs()
    rows = subdivision.divisions(jobs, who, options.limit)
    scale_rows = subdivision.scales(options.sizes, limit_s=options.limit)
    checks = subdivision.checks(rows, scale_rows)
    text = "\n".join(_report(options.date, rows, scale_rows, checks)) + "\n"
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.md").write_text(text, encoding="utf-8")
    (options.out / "results.json").write_text(
        json.dumps(_record(options.date, rows, scale_rows, checks), indent=1) + "\n",
        encoding="utf-8",
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", choices=["subdivision"])
    parser.add_argument(
        "--date", default=datetime.date.today().isoformat(), help="stands in the results"
    )
    parser.add_argument("--repeats", type=int, default=3, help="of all that is fast")
    parser.add_argument("--no-peers", action="store_true", help="install and measure none")
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(size) for size in text.split(",") if size],
        default=list(subdivision.SCALE_SIZES),
        help="numbers of plots of the scale runs, joined by commas; '' for none",
    )
    parser.add_argument("--limit", type=float, default=600.0, help="seconds a process may take")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks", help="folder of results")
    return parser.parse_args()


def _versions() -> dict[str, str]:
    versions = {}
    for name in VERSIONED:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    peers = (
        requirement.partition("==") for group in REQUIREMENTS.values() for requirement in group
    )
    return versions | {name: version for name, _, version in peers}


def _report(date: str, rows: list[Row], scale_rows: list[Row], checks: list[Check]) -> list[str]:
    told = [f"{name} {value}" for name, value in (machine() | _versions()).items()]
    lines = [f"# Subdivision, measured {date}", "", f"On {', '.join(told)}.", "", LEGEND, ""]
    for case in dict.fromkeys(row.case for row in rows):
        mine = [row for row in rows if row.case == case]
        lines += [f"## {case}", "", *table(mine), "", *_ratios(mine), ""]
    if scale_rows:
        lines += ["## Scale", "", *table(scale_rows), ""]
        lines += [
            f"{row.case}: {row.figures['count'] / row.median_s:,.0f} plots a second"
            for row in scale_rows
            if not row.fault
        ] + [""]
    return [*lines, "## Goals", "", *checks_table(checks)]


def _ratios(rows: list[Row]) -> list[str]:
    """How much longer each peer takes than geoplan, process by process and stage by stage."""
    ours = next((r for r in rows if r.contender == subdivision.OURS and not r.fault), None)
    if ours is None:
        return []
    return [
        f"{row.contender} takes {row.median_s / ours.median_s:.2g} x the process and "
        f"{sum(row.stages.values()) / sum(ours.stages.values()):.2g} x the stages of geoplan.  "
        for row in rows
        if row is not ours and not row.fault
    ]


def _record(
    date: str, rows: list[Row], scale_rows: list[Row], checks: list[Check]
) -> dict[str, object]:
    return {
        "date": date,
        "machine": machine(),
        "versions": _versions(),
        "divisions": [asdict(row) for row in rows],
        "scale": [asdict(row) for row in scale_rows],
        "checks": [asdict(check) for check in checks],
    }


if __name__ == "__main__":
    main()
