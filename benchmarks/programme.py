"""A programme: many parks planned in one process, and on a Dask cluster on this machine."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.allocation import FAULTS
from benchmarks.measure import ROOT, Run, measured
from benchmarks.report import Check, Part, Row, Section

HERE, ONE, TWO = "this process", "one worker", "two workers"
WORKERS = {HERE: 0, ONE: 1, TWO: 2}
SPEED_UP_MIN = 1.7
"""How many times as fast two workers are to be as one."""
OFF_LINEAR_MAX = 1.3
"""What the largest programme may take, in times of what the small one would in proportion."""
GAP_PERCENT_MAX = 1.0
WORKER_GB_MAX = 4.0
DIFFER = "files that depend on who planned"
DONE = "done"
LIMIT_S = 3600.0
"""Seconds after which a run is given up."""


@dataclass(frozen=True)
class Case:
    """A programme to be planned.

    Attributes
    ----------
    name : str
    job : dict
        ``programme``, its file, or ``parks`` and ``projects``, how many to make one of.
    who : tuple of str
        Of :data:`WORKERS`.
    wall_max_s : float or None
        Seconds that the first of `who` is to take at most.
    """

    name: str
    job: dict[str, Any]
    who: tuple[str, ...]
    wall_max_s: float | None = None


BUNDLED = Case(
    "30 parks, 700 projects",
    {"programme": str(ROOT / "layers" / "kazakhstan" / "programme.toml")},
    (HERE, ONE, TWO),
    180.0,
)
SMALL = Case("30 parks, 1,000 projects", {"parks": 30, "projects": 1_000}, (TWO,))
MEDIUM = Case("100 parks, 3,300 projects", {"parks": 100, "projects": 3_300}, (ONE, TWO))
LARGE = Case("300 parks, 10,000 projects", {"parks": 300, "projects": 10_000}, (TWO,), 1_800.0)

LEGEND = f"""\
Each run is `geoplan programme --no-plans`, from its start to its end: it reads, shares the
portfolio out, plans the parks round by round, and writes tables, layers and the page. The first
case is the bundled programme; the others are made by its script, with more projects a park.
`{HERE}`: parks are planned one after another; `{ONE}` and `{TWO}`: on a Dask scheduler and
workers of one thread each, processes of this machine that are there before the run starts.
`memory` is that of the process that asks, `worker memory` that of the largest worker; `cpu s` is
processor time of all of them, without the scheduler. Offers to who is left without a plot belong
to the round before. `gap percent`: how far the plan may be below the best there is, by geoplan's
own bound; `errors`: findings of all parks' audits. None of the peers plans more than one park, so
that geoplan stands alone."""


def cases_of(*, quick: bool) -> tuple[Case, ...]:
    """List what is measured; without what takes long, if it is to be quick."""
    return (BUNDLED,) if quick else (BUNDLED, SMALL, MEDIUM, LARGE)


def part(cases: Sequence[Case], *, limit_s: float = LIMIT_S) -> Part:
    """Measure.

    Parameters
    ----------
    cases : sequence of Case
    limit_s : float
        A run that takes longer is ended and counts as failed.
    """
    sections, found = [], []
    for case in cases:
        runs = {who: _run(case, who, limit_s) for who in case.who}
        rows = {who: row_of(case, who, run) for who, run in runs.items()}
        sections.append(Section(case.name, list(rows.values())))
        found += checks(case, rows)
        files = [run.result["files"] for run in runs.values() if run.result is not None]
        if len(files) > 1:
            count = len(differing(files))
            found.append(Check(case.name, DIFFER, count, "0", count == 0))
    found += linearity([row for section in sections for row in section.rows])
    return Part("Programme", LEGEND, sections, found)


def _run(case: Case, who: str, limit_s: float) -> Run:
    print(f"programme: {case.name}: {who}", file=sys.stderr)
    command = (sys.executable, "-m", "benchmarks.contenders.programme_runs")
    return measured(command, case.job | {"workers": WORKERS[who]}, repeats=1, limit_s=limit_s)


def row_of(case: Case, who: str, run: Run) -> Row:
    """Take the figures of a run; the cluster's own start is none of them."""
    if run.result is None:
        return Row(case.name, who, run.wall_s, run.memory_gb, fault=run.fault)
    result = run.result
    gap = 1.0 - result["value"] / result["bound"] if result["bound"] > 0 else 0.0
    figures = {name: result[name] for name in ("parks", "projects", "placed", "errors")}
    figures |= {"gap_percent": 100.0 * gap, "cpu_s": result["cpu_s"]}
    figures["worker_memory_gb"] = result["worker_memory_gb"]
    wall = (result["wall_s"],)
    return Row(case.name, who, wall, result["memory_gb"], figures, result["stages"])


def checks(case: Case, rows: dict[str, Row]) -> list[Check]:
    """Hold a case's rows against what they are to reach."""
    found = []
    for who, row in rows.items():
        name = f"{case.name}, {who}"
        if row.fault:
            found.append(Check(name, DONE, row.fault, "a result", met=False))
            continue
        gap, errors = row.figures["gap_percent"], row.figures["errors"]
        goal = f"<= {GAP_PERCENT_MAX:g} %"
        found.append(Check(name, "gap_percent", gap, goal, gap <= GAP_PERCENT_MAX))
        found.append(Check(name, FAULTS, errors, "0 findings of audits", errors == 0))
        memory_gb = row.figures["worker_memory_gb"]
        if memory_gb is not None:
            met = memory_gb <= WORKER_GB_MAX
            found.append(
                Check(name, "worker_memory_gb", memory_gb, f"<= {WORKER_GB_MAX:g} GB", met)
            )
        if case.wall_max_s is not None and who == case.who[0]:
            goal, met = f"<= {case.wall_max_s / 60:g} min", row.median_s <= case.wall_max_s
            found.append(Check(name, "whole process s", row.median_s, goal, met))
    one, two = rows.get(ONE), rows.get(TWO)
    if one is not None and two is not None and not (one.fault or two.fault):
        speed_up, goal = one.median_s / two.median_s, f">= {SPEED_UP_MIN:g} x of {ONE}"
        found.append(Check(case.name, TWO, speed_up, goal, speed_up >= SPEED_UP_MIN))
    return found


def linearity(rows: Sequence[Row]) -> list[Check]:
    """Compare the largest programme's time with the small one's, in proportion to their parks."""
    done = {row.case: row for row in rows if not row.fault and row.contender == TWO}
    if SMALL.name not in done or LARGE.name not in done:
        return []
    small, large = done[SMALL.name], done[LARGE.name]
    parks = large.figures["parks"] / small.figures["parks"]
    times = large.median_s / small.median_s / parks
    goal = f"<= {OFF_LINEAR_MAX:g} x of {SMALL.name}, for each park"
    return [Check(LARGE.name, "time per park", times, goal, times <= OFF_LINEAR_MAX)]


def differing(files: Sequence[dict[str, str]]) -> list[str]:
    """Name the files that not all runs have alike, by their hashes."""
    names = {name for each in files for name in each}
    return sorted(name for name in names if len({each.get(name) for each in files}) > 1)


def wrong(found: Sequence[Check]) -> list[Check]:
    """Pick the checks that tell of a plan which depends on who made it: no goal, but an error."""
    return [each for each in found if each.figure == DIFFER and not each.met]
