"""Instances of QAPLIB as allocation problems: each unit takes one project, whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from geoplan.allocate.flows import Flows
from geoplan.allocate.problem import AllocationProblem, Assignment

FOLDER = Path(__file__).parents[1] / "data" / "qaplib"
BEST_KNOWN = {
    "nug12": 578,
    "nug14": 1014,
    "nug15": 1150,
    "nug17": 1732,
    "nug18": 1930,
    "nug20": 2570,
    "nug24": 3488,
    "nug27": 5234,
    "nug28": 5166,
    "nug30": 6124,
    "tai20a": 703482,
    "tai25a": 1167256,
    "tai30a": 1818146,
}
"""Least known cost of each; proven to be the least (QAPLIB), but for tai30a."""


def matrices(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Read the two matrices of an instance."""
    numbers = np.array((FOLDER / f"{name}.dat").read_text("utf-8").split(), dtype=float)
    size = int(numbers[0])
    one, other = numbers[1:].reshape(2, size, size)
    return one, other


def of_matrices(km: np.ndarray, tonnes: np.ndarray) -> AllocationProblem:
    """Pose the assignment of `tonnes` to `km`; both are symmetric, and count both ways."""
    count = len(km)
    first, second = np.triu_indices(count, 1)
    project, unit = (grid.ravel() for grid in np.indices((count, count)))
    ones = np.ones(count * count)
    return AllocationProblem(
        projects=count,
        units=count,
        pair_project=project,
        pair_unit=unit,
        area_min_ha=ones,
        area_max_ha=ones,
        area_wanted_ha=np.ones(count),
        unit_area_ha=np.ones(count),
        unit_rest_min_ha=np.zeros(count),
        divisible=np.zeros(count, dtype=bool),
        values={"investment": ones},
        flows=Flows(first, second, 2.0 * tonnes[first, second], km),
    )


def in_turn(problem: AllocationProblem) -> Assignment:
    """Put the first project on the first unit, and so on."""
    return Assignment(np.arange(problem.projects), np.ones(problem.projects))
