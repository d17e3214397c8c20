"""How solving can end; an infeasible problem is a result, not an exception."""

from __future__ import annotations

from enum import StrEnum


class SolveStatus(StrEnum):
    """How a solve ended, from best to worst."""

    OPTIMAL = "optimal"
    """The gap asked for is proven."""
    WORK_LIMIT = "work limit"
    """The best found within the work limit, with its bound."""
    TIME_LIMIT = "time limit"
    """The same, but another run may end elsewhere."""
    INFEASIBLE = "infeasible"
    """Nothing satisfies what is locked."""
