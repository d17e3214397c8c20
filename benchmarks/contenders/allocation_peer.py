"""A solver on its own: reads a program from an MPS file, writes who is where.

It runs in a virtual environment that has no geoplan. The first columns of the program are the
pairs of project and unit; it is posed as a minimum.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

HALF = 0.5
THREADS = 2


def by_ortools(job: dict[str, Any]) -> tuple[list[float], float]:
    """Solve by a solver that OR-Tools carries; returns the columns and the bound."""
    from ortools.linear_solver.python import model_builder  # type: ignore[import-not-found]

    model = model_builder.Model()
    model.import_from_mps_file(job["program"])
    solver = model_builder.Solver(job["solver"])
    solver.set_time_limit_in_seconds(job["limit_s"])
    if job["solver"] == "sat":
        solver.set_solver_specific_parameters(f"num_workers:{THREADS}")
    status = solver.solve(model)
    if status not in (model_builder.SolveStatus.OPTIMAL, model_builder.SolveStatus.FEASIBLE):
        return [], float("-inf")
    columns = model.get_variables()
    return [float(solver.value(column)) for column in columns], float(solver.best_objective_bound)


def by_highs(job: dict[str, Any]) -> tuple[list[float], float]:
    """Solve by HiGHS as it comes."""
    import highspy

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", THREADS)
    highs.setOptionValue("time_limit", float(job["limit_s"]))
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.readModel(job["program"])
    highs.run()
    info = highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = list(highs.getSolution().col_value) if found else []
    return values, float(info.mip_dual_bound)


def main(job_file: str, result_file: str) -> None:
    """Run one job; reading the program is timed too."""
    job = json.loads(Path(job_file).read_text())
    begun = time.perf_counter()
    values, bound = (by_highs if job["solver"] == "highs" else by_ortools)(job)
    seconds = time.perf_counter() - begun
    chosen = [pair for pair, value in enumerate(values[: job["pairs"]]) if value > HALF]
    result = {"chosen": chosen, "bound": -bound, "seconds": {"solve": seconds}}
    Path(result_file).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
