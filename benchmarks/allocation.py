"""Allocation side by side: parks, strips, and generalized assignment.

Every plan is valued and checked anew from the instance; the bound is the contender's own, and
one below a value that anybody reached is an error.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from benchmarks.contenders.allocation_geoplan import problem_of
from benchmarks.gap import files_of, gap_figures, gap_of, gap_program
from benchmarks.measure import ROOT, measured
from benchmarks.parks import park, park_figures
from benchmarks.peers import peer_python
from benchmarks.report import Check, Part, Row, Section
from benchmarks.strips import strips, strips_figures
from geoplan.allocate.problem import AllocationProblem
from geoplan.allocate.program import objective_of, program_of

Integers = NDArray[np.intp]

OURS = "geoplan"
PEERS = {"CP-SAT": "sat", "SCIP": "scip", "HiGHS": "highs"}
MARGIN_S = 120.0
"""Time to start, build and hand over, on top of the limit of a solver."""
GAP_S, EASY_S, QUICK_S = 60.0, 20.0, 10.0
"""Time for an instance of generalized assignment, for one of kind C, and for any in a quick run."""
BOUND, FAULTS = "bound not worse than any value", "rules broken"

LEGEND = """\
A whole process starts the interpreter, imports, solves and hands its plan over; stages are what
a contender times itself. `value` and `faults` (rules broken) are computed from instance and plan
alone; `bound` is what the contender says nothing can be better than, `gap` its distance to the
value. Generalized assignment (letters A to E are the kinds in the literature, units x projects)
is at least cost, all else at most value. All have two threads."""


@dataclass(frozen=True)
class Case:
    """One instance and what is to be reached on it.

    Attributes
    ----------
    name : str
    job : dict
    gap_most : float
        Share of the bound.
    wall_most_s, memory_most_gb : float
    peers : bool
        False where peers do not end: their programs are not even written.
    known : int or None
        The best cost in the literature.
    above_most : float
        Share of it by which the cost may be above.
    """

    name: str
    job: dict[str, Any]
    gap_most: float = math.inf
    wall_most_s: float = math.inf
    memory_most_gb: float = math.inf
    peers: bool = True
    known: int | None = None
    above_most: float = 0.0

    @property
    def sign(self) -> int:
        """1 where the value is to be large, -1 where it is a cost."""
        return -1 if self.job["case"] == "gap" else 1


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


def _gap(kind: str, units: int, projects: int, gap_most: float, *, peers: bool = True) -> Case:
    job = {"case": "gap", "kind": kind, "units": units, "projects": projects, "seed": 0}
    name = f"{kind}, {units} x {projects:,}"
    limit_s = EASY_S if kind == "C" else GAP_S
    return Case(name, job | {"limit_s": limit_s}, gap_most, peers=peers)


PACKING = {"case": "strips", "projects": 150, "units": 58, "seed": 0, "limit_s": 15.0}
CASES = (
    Case("plain, 700 x 1,000", _park(700, 1_000, 60, rules="plain"), 0.0),
    Case(
        "plain, 20,000 x 30,000",
        _park(20_000, 30_000, 60, rules="plain"),
        0.0,
        20.0,
        4.0,
        peers=False,
    ),
    Case("utilities, 150 x 200", _park(150, 200, 20, rules="utilities"), 0.0),
    Case("utilities, 700 x 1,000", _park(700, 1_000, 60, rules="utilities"), 0.003),
    Case(
        "utilities, 5,000 x 8,000",
        _park(5_000, 8_000, 120, rules="utilities"),
        0.01,
        peers=False,
    ),
    Case(
        "utilities, 20,000 x 30,000",
        _park(20_000, 30_000, 560, rules="utilities"),
        0.03,
        memory_most_gb=12.0,
        peers=False,
    ),
    Case("and separation, 150 x 200", _park(150, 200, 60, rules="separated"), 0.001),
    Case("and separation, 700 x 1,000", _park(700, 1_000, 60, rules="separated"), 0.005),
    Case("packing, 150 into 58 strips", PACKING, 0.0005),
)
GAP_CASES = (
    _gap("C", 20, 200, 0.001),
    _gap("D", 20, 100, 0.0025),
    _gap("D", 20, 200, 0.0015),
    _gap("E", 20, 200, 0.0005),
    _gap("D", 200, 2_000, 0.01, peers=False),
    _gap("E", 200, 2_000, 0.01, peers=False),
)
ABOVE_MOST = {"d": 0.0005}


def cases_of(*, only: str, quick: bool, gap_folder: Path | None) -> list[Case]:
    """List the cases whose name contains `only`, with short limits in a quick run."""
    cases = [*CASES, *GAP_CASES]
    for name, path, known in files_of(gap_folder.resolve()) if gap_folder else []:
        job = {"case": "gap", "file": path, "limit_s": GAP_S}
        cases.append(Case(name, job, known=known, above_most=ABOVE_MOST.get(name[0], 0.0)))
    cases = [case for case in cases if only in case.name]
    if not quick:
        return cases
    short = [case.job | {"limit_s": min(case.job["limit_s"], QUICK_S)} for case in cases]
    return [replace(case, job=job) for case, job in zip(cases, short, strict=True)]


def minutes(cases: Sequence[Case], *, peers: bool) -> float:
    """Time that cases take at most, each contender using all it may, min."""
    runs = [1 + len(PEERS) * (peers and case.peers) for case in cases]
    return sum(n * case.job["limit_s"] for n, case in zip(runs, cases, strict=True)) / 60


def part(cases: Sequence[Case], *, peers: bool) -> Part:
    """Measure cases, side by side with peers if wanted."""
    most = minutes(cases, peers=peers)
    print(f"allocation: {len(cases)} cases, at most {most:.0f} min", file=sys.stderr)
    rows: list[Row] = []
    for case in cases:
        print(case.name, file=sys.stderr)
        rows += measured_case(case, tuple(PEERS) if peers and case.peers else ())
    gap = {case.name for case in cases if case.job["case"] == "gap"}
    sections = [
        Section("Parks and strips", [row for row in rows if row.case not in gap]),
        Section("Generalized assignment", [row for row in rows if row.case in gap]),
    ]
    filled = [section for section in sections if section.rows]
    return Part("Allocation", LEGEND, filled, checks(cases, rows))


def measured_case(case: Case, peers: Sequence[str]) -> list[Row]:
    """Let geoplan and peers do one case."""
    module = (sys.executable, "-m", "benchmarks.contenders.allocation_geoplan")
    limit_s = case.job["limit_s"] + MARGIN_S
    run = measured(module, case.job, repeats=1, limit_s=limit_s)
    unit = None if run.result is None else np.asarray(run.result["unit"], dtype=np.intp)
    rows = [_row(case, OURS, run, unit)]
    if not peers:
        return rows
    problem = problem_of(case.job)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.mps"
        lp = gap_program(gap_of(case.job)) if case.job["case"] == "gap" else _program(problem)
        _written(lp, program)
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


def _program(problem: AllocationProblem) -> highspy.HighsLp:
    """Write the program of a problem, as a minimum."""
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
    return lp


def _written(lp: highspy.HighsLp, path: Path) -> None:
    """Write a program for all who read MPS files."""
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
    seconds = run.result["seconds"]
    if not (unit >= 0).any():
        stages = ", ".join(f"{name} {value:.3g}" for name, value in seconds.items())
        return Row(case.name, who, run.wall_s, run.memory_gb, fault=f"no plan: {stages}")
    figures = _figures(case.job, unit)
    figures["bound"] = bound = _bound(case.sign, float(run.result["bound"]))
    figures["gap_percent"] = (
        None if bound is None else 100 * case.sign * (bound - figures["value"]) / max(abs(bound), 1)
    )
    if case.known is not None:
        figures["best_known"] = case.known
        figures["above_it_percent"] = 100 * (figures["value"] / case.known - 1)
    return Row(case.name, who, run.wall_s, run.memory_gb, figures, seconds)


def _bound(sign: int, most: float) -> int | None:
    """Round a bound to the whole number that it implies, since all values are whole.

    Bounds of costs come as their negative.
    """
    return sign * math.floor(most + 1e-6 + 1e-9 * abs(most)) if math.isfinite(most) else None


def _figures(job: dict[str, Any], unit: Integers) -> dict[str, Any]:
    """Value and faults of a plan, from the instance alone."""
    if job["case"] == "gap":
        return gap_figures(gap_of(job), unit.tolist())
    if job["case"] == "strips":
        return strips_figures(strips(job["projects"], job["units"], seed=job["seed"]), unit)
    instance = park(job["projects"], job["units"], seed=job["seed"])
    rules = {name: job[name] for name in ("utilities", "separated")}
    return park_figures(instance, unit, **rules)


def checks(cases: Sequence[Case], rows: Sequence[Row]) -> list[Check]:
    """Hold geoplan's figures against what they are to reach."""
    found: list[Check] = []
    for case in cases:
        mine = [row for row in rows if row.case == case.name]
        for row in (r for r in mine if r.contender == OURS):
            if row.fault:
                found.append(Check(case.name, "done", row.fault, "done", met=False))
            else:
                found += _checks_of(case, row, mine)
    return found


def _checks_of(case: Case, row: Row, mine: Sequence[Row]) -> list[Check]:
    faults, value = row.figures["faults"], row.figures["value"]
    valid = [r.figures["value"] for r in mine if not r.fault and r.figures["faults"] == 0]
    found = [
        Check(case.name, FAULTS, faults, "0", faults == 0),
        _bound_check(case, row.figures["bound"], valid),
    ]
    for name, reached, most in (
        ("gap, %", row.figures["gap_percent"], 100 * case.gap_most),
        ("above best known, %", row.figures.get("above_it_percent"), 100 * case.above_most),
        ("solve, s", row.stages["solve"], case.wall_most_s),
        ("memory, GB", row.memory_gb, case.memory_most_gb),
    ):
        if reached is not None and math.isfinite(most):
            met = reached <= most + 1e-9
            found.append(Check(case.name, name, reached, f"<= {most:g}", met))
    peers = [r.figures["value"] for r in mine if r is not row and not r.fault]
    if peers:
        best = case.sign * max(case.sign * each for each in peers)
        met, goal = case.sign * value >= case.sign * best, f"{'>=' if case.sign > 0 else '<='}"
        found.append(Check(case.name, "value to best peer", value, f"{goal} {best:,}", met))
    return found


def _bound_check(case: Case, bound: int | None, values: Sequence[int]) -> Check:
    """Hold a bound against all valid plans, of geoplan, of peers and of the literature."""
    known = [*values, *([] if case.known is None else [case.known])]
    best = case.sign * max((case.sign * each for each in known), default=-math.inf)
    goal = f"{'>=' if case.sign > 0 else '<='} {best:,}"
    met = bound is not None and case.sign * bound >= case.sign * best
    return Check(case.name, BOUND, bound, goal, met)


def wrong(found: Sequence[Check]) -> list[Check]:
    """Pick the checks that tell of an error, not of a goal missed."""
    return [each for each in found if each.figure in (BOUND, FAULTS) and not each.met]
