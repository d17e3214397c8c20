"""Command line of the benchmarks: ``python -m benchmarks`` measures all, or the parts named."""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import sys
from pathlib import Path

from benchmarks import allocation, flows, mapping, programme, subdivision
from benchmarks.measure import ROOT, machine
from benchmarks.peers import REQUIREMENTS
from benchmarks.report import Check, Part, Row, Section, page, recorded

PARTS = ("subdivision", "allocation", "map", "flows", "programme")
VERSIONED = (
    "geoplan",
    "folium",
    "geopandas",
    "shapely",
    "numpy",
    "pandas",
    "pyarrow",
    "highspy",
    "scipy",
    "playwright",
    "axe-playwright-python",
    "dask",
    "distributed",
)

LEGEND = """\
A whole process starts the interpreter, imports, divides and hands its plots over; stages are
what a contender times itself, without that. Times are medians; a fault stands where stages
would. `access share`: plots with 1 m and more on the one connected street network (without
streets: on the zone's edge, a favour). `lost share`: land that is neither plot, street nor
accounted for otherwise; `outline share`: by how much the zone, its corners put on a grid,
differs from the one given. `rectangularity`: area over that of the smallest rectangle around a
plot. `error`: relative, of plots in one piece against the areas asked for; a method that fills
the zone in the list's proportions is held to these."""


def main() -> int:
    """Measure, print, and write the results; parts that are not measured keep theirs.

    Returns
    -------
    int
        1 if a bound or a plan is wrong, or depends on who made it; else 0: a goal missed is no
        error.
    """
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / "results.json"
    records = json.loads(file.read_text("utf-8")) if file.exists() else {}
    errors: list[Check] = []
    for name in options.parts or PARTS:
        part = RUN[name](options)
        errors += [*allocation.wrong(part.checks), *programme.wrong(part.checks)]
        about = {"date": options.date, "machine": machine(), "versions": _versions()}
        records[name] = recorded(part, **about)
        print("\n".join(page(records[name])) + "\n")
        # Written part by part: whoever breaks off keeps what was measured.
        file.write_text(json.dumps(records, indent=1, allow_nan=False) + "\n", "utf-8")
        pages = ["\n".join(page(records[each])) + "\n" for each in PARTS if each in records]
        (options.out / "results.md").write_text("\n".join(pages), "utf-8")
    for error in errors:
        print(f"WRONG: {error.case}: {error.figure}: {error.value}", file=sys.stderr)
    return int(bool(errors))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument(
        "--date", default=datetime.date.today().isoformat(), help="stands in the results"
    )
    parser.add_argument("--no-peers", action="store_true", help="install and measure none")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks", help="folder of results")
    group = parser.add_argument_group("subdivision")
    group.add_argument("--repeats", type=int, default=3, help="of all that is fast")
    group.add_argument(
        "--sizes",
        type=lambda text: [int(size) for size in text.split(",") if size],
        default=list(subdivision.SCALE_SIZES),
        help="numbers of plots of the scale runs, joined by commas; '' for none",
    )
    group.add_argument("--limit", type=float, default=600.0, help="seconds a process may take")
    group = parser.add_argument_group(
        "allocation", "At most 46 min; published files take some 30 more."
    )
    group.add_argument("--only", default="", help="cases whose name contains this")
    group.add_argument(
        "--quick",
        action="store_true",
        help="10 s for each contender and case; of maps, no peer's of 100,000 plots; of programmes,"
        " the bundled one alone",
    )
    group.add_argument(
        "--gap-folder", type=Path, help="published instances with their index.csv, measured too"
    )
    group = parser.add_argument_group("map")
    group.add_argument(
        "--map-sizes",
        type=lambda text: [int(size) for size in text.split(",") if size],
        default=[*mapping.SIZES, mapping.LARGEST],
        help="numbers of plots, joined by commas",
    )
    options = parser.parse_args()
    if unknown := sorted(set(options.parts) - set(PARTS)):
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return options


def _versions() -> dict[str, str]:
    versions = {}
    for name in VERSIONED:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    for group, requirements in REQUIREMENTS.items():
        for name, _, version in (each.partition("==") for each in requirements):
            versions[name if name not in versions else f"{name} as peer {group}"] = version
    return versions


def _allocation(options: argparse.Namespace) -> Part:
    cases = allocation.cases_of(
        only=options.only, quick=options.quick, gap_folder=options.gap_folder
    )
    return allocation.part(cases, peers=not options.no_peers)


def _subdivision(options: argparse.Namespace) -> Part:
    who = subdivision.contenders(repeats=options.repeats, peers=not options.no_peers)
    jobs = subdivision.division_jobs()
    rows = subdivision.divisions(jobs, who, options.limit)
    scale_rows = subdivision.scales(options.sizes, limit_s=options.limit)
    sections = []
    for case in dict.fromkeys(row.case for row in rows):
        mine = [row for row in rows if row.case == case]
        sections.append(Section(case, mine, _ratios(mine)))
    if scale_rows:
        speeds = [
            f"{row.case}: {row.figures['count'] / row.median_s:,.0f} plots a second  "
            for row in scale_rows
            if not row.fault
        ]
        sections.append(Section("Scale", scale_rows, speeds))
    return Part("Subdivision", LEGEND, sections, subdivision.checks(rows, scale_rows))


def _map(options: argparse.Namespace) -> Part:
    return mapping.part(
        peers=not options.no_peers,
        quick=options.quick,
        sizes=options.map_sizes,
        limit_s=options.limit,
        repeats=options.repeats,
    )


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


def _flows(options: argparse.Namespace) -> Part:
    return flows.part(peers=not options.no_peers)


def _programme(options: argparse.Namespace) -> Part:
    return programme.part(programme.cases_of(quick=options.quick))


RUN = {
    "subdivision": _subdivision,
    "allocation": _allocation,
    "map": _map,
    "flows": _flows,
    "programme": _programme,
}

if __name__ == "__main__":
    sys.exit(main())
