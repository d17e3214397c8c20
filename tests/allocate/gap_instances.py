"""Brute force over small instances of generalized assignment."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def best_value(value: Floats, load: Floats, capacity: Floats) -> float:
    """Best total value of any answer, projects being free to stay out: every answer is tried.

    Nothing is known of a pair whose value is minus infinity but that it may not be chosen.
    """
    units, projects = value.shape
    best = -np.inf
    for chosen in itertools.product(range(-1, units), repeat=projects):
        total, used = 0.0, [0.0] * units
        for project, unit in enumerate(chosen):
            if unit >= 0:
                total += value[unit, project]
                used[unit] += load[unit, project]
        if total > best and all(u <= c + 1e-9 for u, c in zip(used, capacity, strict=True)):
            best = total
    return best
