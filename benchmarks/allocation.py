"""Allocation side by side: ``python -m benchmarks.allocation``.

Every plan is valued and checked anew from the instance; the bound is the contender's own.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from benchmarks.contenders.allocation_geoplan import problem_of
from benchmarks.measure import ROOT, machine, measured
from benchmarks.parks import park, park_figures
from benchmarks.peers import peer_python
from benchmarks.report import Check, Row, checks_table, table
from benchmarks.strips import strips, strips_figures
from geoplan.allocate.problem import AllocationProblem
from geoplan.allocate.program import objective_of, program_of

Integers = NDArray[np.intp]

OURS = "geoplan"
PEERS = {"CP-SAT": "sat", "SCIP": "scip", "HiGHS": "highs"}
PEER_PAIRS_MAX = 50_000
"""Peers do not end at the sizes beyond: their programs are not even written."""
MARGIN_S = 120.0
"""Time to start, build and hand over, on top of the limit of a solver."""


@dataclass(frozen=True)
class Case:
    """One instance class and what is to be reached on it."""

    name: str
    job: dict[str, Any]
    gap_most: float
    wall_most_s: float = math.inf
    memory_most_gb: float = math.inf


def _park(projects: int, plots: int, limit_s: float, *, rules: str) -> dict[str, Any]:
    return {
        "case": "park",
        "projects": projects,
        "units": plots,
        "seed": 0,
        "limit_s": limit_s,
        "utilities": rules != "plain",
        "separated": rules == "separated",
    }


PACKING = {"case": "strips", "projects": 150, "units": 58, "seed": 0, "limit_s": 15.0}
CASES = (
    Case("plain, 700 x 1,000", _park(700, 1_000, 60, rules="plain"), 0.0),
    Case("plain, 20,000 x 30,000", _park(20_000, 30_000, 60, rules="plain"), 0.0, 20.0, 4.0),
    Case("utilities, 150 x 200", _park(150, 200, 20, rules="utilities"), 0.0),
    Case("utilities, 700 x 1,000", _park(700, 1_000, 60, rules="utilities"), 0.003),
    Case("utilities, 5,000 x 8,000", _park(5_000, 8_000, 120, rules="utilities"), 0.01),
    Case(
        "utilities, 20,000 x 30,000",
        _park(20_000, 30_000, 560, rules="utilities"),
        0.03,
        memory_most_gb=12.0,
    ),
    Case("and separation, 150 x 200", _park(150, 200, 60, rules="separated"), 0.001),
    Case("and separation, 700 x 1,000", _park(700, 1_000, 60, rules="separated"), 0.005),
    Case("packing, 150 into 58 strips", PACKING, 0.0005),
)


def measured_case(case: Case, peers: Sequence[str]) -> list[Row]:
    """Let geoplan and peers do one case."""
    module = (sys.executable, "-m", "benchmarks.contenders.allocation_geoplan")
    limit_s = case.job["limit_s"] + MARGIN_S
    run = measured(module, case.job, repeats=1, limit_s=limit_s)
    unit = None if run.result is None else np.asarray(run.result["unit"], dtype=np.intp)
    rows = [_row(case, OURS, run, unit)]
    problem = problem_of(case.job) if peers else None
    if problem is None or len(problem.pair_project) > PEER_PAIRS_MAX:
        return rows
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.mps"
        _written(problem, program)
        more = {"program": str(program), "pairs": len(problem.pair_project)}
        for name in peers:
            solver = PEERS[name]
            python = peer_python("highs" if solver == "highs" else "ortools")
            script = ROOT / "benchmarks" / "contenders" / "allocation_peer.py"
            job = case.job | more | {"solver": solver}
            run = measured((python, script), job, repeats=1, limit_s=limit_s)
            unit = None if run.result is None else _units_of(problem, run.result["chosen"])
            rows.append(_row(case, name, run, unit))
    return rows


def _written(problem: AllocationProblem, path: Path) -> None:
    """Write the program of a problem, as a minimum, for all who read MPS files."""
    program = program_of(problem)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.upper), len(program.row_lower)
    lp.col_cost_ = -objective_of(problem, program, "investment")
    lp.col_lower_, lp.col_upper_ = np.zeros(len(program.upper)), program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.entries.indptr
    lp.a_matrix_.index_ = program.entries.indices
    lp.a_matrix_.value_ = program.entries.data
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(flag)] for flag in program.integer]
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.passModel(lp)
    highs.writeModel(str(path))


def _units_of(problem: AllocationProblem, chosen: Sequence[int]) -> Integers:
    unit = np.full(problem.projects, -1, dtype=np.intp)
    pair = np.asarray(chosen, dtype=np.intp)
    unit[problem.pair_project[pair]] = problem.pair_unit[pair]
    return unit


def _row(case: Case, who: str, run: Any, unit: Integers | None) -> Row:
    if unit is None:
        return Row(case.name, who, run.wall_s, run.memory_gb, fault=run.fault)
    job = case.job
    if job["case"] == "strips":
        figures = strips_figures(strips(job["projects"], job["units"], seed=job["seed"]), unit)
    else:
        instance = park(job["projects"], job["units"], seed=job["seed"])
        rules = {name: job[name] for name in ("utilities", "separated")}
        figures = park_figures(instance, unit, **rules)
    # Values are whole, so a bound may be rounded down, by whoever proved it.
    bound = max(math.floor(run.result["bound"] + 1e-6), figures["value"])
    figures |= {"bound": bound, "gap_percent": 100 * (bound - figures["value"]) / bound}
    return Row(case.name, who, run.wall_s, run.memory_gb, figures, run.result["seconds"])


def checks(rows: Sequence[Row]) -> list[Check]:
    """Hold geoplan's figures against what they are to reach."""
    found: list[Check] = []
    for case in CASES:
        for row in (r for r in rows if r.case == case.name and r.contender == OURS):
            if row.fault:
                found.append(Check(case.name, "done", row.fault, "done", met=False))
                continue
            gap, faults = row.figures["gap_percent"], row.figures["faults"]
            most = 100 * case.gap_most
            found.append(Check(case.name, "gap, %", gap, f"<= {most:g}", gap <= most))
            found.append(Check(case.name, "rules broken", faults, "0", faults == 0))
            for name, value, limit in (
                ("solve, s", row.stages["solve"], case.wall_most_s),
                ("memory, GB", row.memory_gb, case.memory_most_gb),
            ):
                if math.isfinite(limit):
                    found.append(Check(case.name, name, value, f"<= {limit:g}", value <= limit))
    return found


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.allocation", description=__doc__)
    today = datetime.date.today().isoformat()
    parser.add_argument("--date", default=today, help="stands in the results")
    parser.add_argument("--no-peers", action="store_true", help="install and measure none")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks", help="folder of results")
    options = parser.parse_args()
    rows: list[Row] = []
    for case in CASES:
        if options.only in case.name:
            print(case.name, file=sys.stderr)
            rows += measured_case(case, () if options.no_peers else tuple(PEERS))
    told = ", ".join(f"{name} {value}" for name, value in machine().items())
    found = checks(rows)
    lines = [f"# Allocation, measured {options.date}", "", f"On {told}.", "", *table(rows)]
    text = "\n".join([*lines, "", "## Goals", "", *checks_table(found)]) + "\n"
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "allocation.md").write_text(text, encoding="utf-8")
    record = {
        "date": options.date,
        "machine": machine(),
        "rows": [asdict(row) for row in rows],
        "checks": [asdict(check) for check in found],
    }
    (options.out / "allocation.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
