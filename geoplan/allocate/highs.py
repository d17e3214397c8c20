"""HiGHS, the solver below: programs go in as arrays, on one thread and without a word.

On one thread, and stopped by its own counts, HiGHS gives the same answer on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Setting = bool | int | float | str

DUAL_SIMPLEX, PRIMAL_SIMPLEX = 1, 4
"""Settings of `simplex_strategy`."""


def program(
    cost: Floats,
    entries: csr_array | csc_array,
    rows: tuple[Floats, Floats],
    *,
    upper: Floats | None = None,
    integer: Booleans | None = None,
    maximised: bool = False,
    **settings: Setting,
) -> highspy.Highs:
    """Hand a program over to a new solver.

    Parameters
    ----------
    cost : ndarray, shape (columns,)
    entries : sparse array, shape (rows, columns)
    rows : tuple of ndarray, shape (rows,)
        Least and greatest value of each row.
    upper : ndarray, shape (columns,), optional
        Greatest value of each column; without it there is none. The least is 0.
    integer : ndarray of bool, shape (columns,), optional
        Columns that have whole values; none without it.
    maximised : bool
    **settings
        Options of HiGHS.
    """
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    configured(highs, output_flag=False, threads=1, **settings)
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = entries.shape
    lp.sense_ = highspy.ObjSense.kMaximize if maximised else highspy.ObjSense.kMinimize
    lp.col_cost_, lp.col_lower_ = cost, np.zeros(len(cost))
    lp.col_upper_ = np.full(len(cost), np.inf) if upper is None else upper
    lp.row_lower_, lp.row_upper_ = rows
    by_row = entries.format == "csr"
    formats = highspy.MatrixFormat
    lp.a_matrix_.format_ = formats.kRowwise if by_row else formats.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = entries.indptr, entries.indices
    lp.a_matrix_.value_ = entries.data
    if integer is not None and integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in integer]
    highs.passModel(lp)
    return highs


def configured(highs: highspy.Highs, **settings: Setting) -> None:
    """Set options of a solver."""
    for option, setting in settings.items():
        highs.setOptionValue(option, setting)


def begun_from(highs: highspy.Highs, values: Sequence[float] | Floats) -> None:
    """Tell a solver of a feasible answer, a value for each column."""
    known = highspy.HighsSolution()
    known.col_value = np.asarray(values, dtype=float).tolist()
    highs.setSolution(known)


def is_optimal(highs: highspy.Highs) -> bool:
    """Tell whether a solver proved its answer the best."""
    return bool(highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def is_infeasible(highs: highspy.Highs) -> bool:
    """Tell whether a solver proved that there is no answer."""
    return bool(highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible)


def is_late(highs: highspy.Highs) -> bool:
    """Tell whether the time limit ended a solve."""
    return bool(highs.getModelStatus() == highspy.HighsModelStatus.kTimeLimit)


def has_answer(highs: highspy.Highs) -> bool:
    """Tell whether a solver has a feasible answer."""
    status = highs.getInfo().primal_solution_status
    return bool(status == highspy.SolutionStatus.kSolutionStatusFeasible)


def reached(highs: highspy.Highs) -> float:
    """Objective value of a solver's answer."""
    return float(highs.getInfo().objective_function_value)


def values(highs: highspy.Highs) -> Floats:
    """Value of each column in a solver's answer."""
    return np.asarray(highs.getSolution().col_value, dtype=float)


def row_prices(highs: highspy.Highs) -> Floats:
    """Dual value of each row."""
    return np.asarray(highs.getSolution().row_dual, dtype=float)


def column_prices(highs: highspy.Highs) -> Floats:
    """Dual value of each column, its reduced cost."""
    return np.asarray(highs.getSolution().col_dual, dtype=float)
