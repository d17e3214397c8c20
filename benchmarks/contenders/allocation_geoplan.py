"""geoplan allocating as a process of its own: reads a job, writes which project is where."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.gap import constant_of, gap_of, gap_problem
from benchmarks.parks import park, park_problem
from benchmarks.strips import strips, strips_problem
from geoplan.allocate.problem import AllocationProblem
from geoplan.allocate.solve import solve
from geoplan.config import AllocateSettings

NODES = 10**8


def problem_of(job: dict[str, Any]) -> AllocationProblem:
    """Pose the problem that a job names."""
    if job["case"] == "gap":
        instance = gap_of(job)
        return gap_problem(instance.cost, instance.load, instance.capacity)
    if job["case"] == "strips":
        return strips_problem(strips(job["projects"], job["units"], seed=job["seed"]))
    instance = park(job["projects"], job["units"], seed=job["seed"])
    return park_problem(instance, utilities=job["utilities"], separated=job["separated"])


def _offset(job: dict[str, Any]) -> float:
    """Give what the problem's values are above costs turned negative."""
    if job["case"] != "gap":
        return 0.0
    cost = gap_of(job).cost
    return constant_of(cost) * cost.shape[1]


def main(job_file: str, result_file: str) -> None:
    """Run one job; only solving is timed."""
    job = json.loads(Path(job_file).read_text())
    problem = problem_of(job)
    settings = AllocateSettings(
        objective=("investment",), gap=0.0, work_limit=NODES, time_limit_s=job["limit_s"]
    )
    begun = time.perf_counter()
    solution = solve(problem, settings)
    seconds = time.perf_counter() - begun
    (stage,) = solution.stages
    result = {
        "unit": solution.assignment.unit.tolist(),
        "bound": stage.bound - _offset(job),
        "seconds": {"solve": seconds},
    }
    Path(result_file).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
