"""Rough prices of very large problems: a smoothed descent, a few milliseconds a step.

Each project spreads over its pairs, the more to those that leave it most after prices; where
more is drawn than there is, the price rises (a softened auction). The spread narrows as prices
settle. Whatever comes out are prices like any other: what they prove is computed elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

STEPS = 300
WARMTH, COOLED = 0.3, 0.01
"""Spread at first, as a share of the mean value, and what is left of it in the end."""
STRIDE, SHORTENED = 0.1, 0.02
"""The same for the length of steps."""
INERTIA, MEMORY = 0.9, 0.99
LEAST = 1e-3


@dataclass(frozen=True)
class Market:
    """Some pairs of a problem, ordered by project.

    Attributes
    ----------
    project, unit, value : ndarray, shape (pairs,)
    draws : sparse array, shape (pairs, rows)
    limit : ndarray, shape (rows,)
    single : ndarray of bool, shape (units,)
        Units that take one project.
    """

    project: Integers
    unit: Integers
    value: Floats
    draws: csr_array
    limit: Floats
    single: NDArray[np.bool_]


def descended(
    market: Market, unit: Floats, price: Floats, *, warmth: float
) -> tuple[Floats, Floats, Floats]:
    """Improve prices of units and rows.

    Parameters
    ----------
    market : Market
    unit, price : ndarray
        Prices to begin from.
    warmth : float
        1 where nothing is known of the prices; less keeps closer to them.

    Returns
    -------
    unit, price : ndarray
    share : ndarray, shape (pairs,)
        How far each pair is chosen in the end.
    """
    begin = np.flatnonzero(np.diff(market.project, prepend=-1))
    length = np.diff(np.append(begin, len(market.project)))
    mean = max(float(np.abs(market.value).mean()), LEAST)
    typical = abs(market.draws).sum(axis=0) / np.maximum((market.draws != 0).sum(axis=0), 1)
    typical = np.maximum(typical, LEAST)
    room = np.concatenate([np.ones(len(unit)), np.abs(market.limit) + typical])
    scale = mean / np.concatenate([np.ones(len(unit)), typical])
    now = np.concatenate([unit, price])
    pull, spread = np.zeros(len(now)), np.zeros(len(now))
    share = np.zeros(len(market.value))
    for step in range(STEPS):
        part = step / STEPS
        left = market.value - now[: len(unit)][market.unit] - market.draws @ now[len(unit) :]
        best = np.maximum(np.maximum.reduceat(left, begin), 0.0)
        heat = mean * WARMTH * warmth * COOLED**part
        share = np.exp((left - np.repeat(best, length)) / heat)
        share /= np.repeat(np.add.reduceat(share, begin) + np.exp(-best / heat), length)
        drawn = np.bincount(market.unit, share, minlength=len(unit))
        over = np.concatenate([1.0 - drawn, market.limit - market.draws.T @ share]) / room
        pull = INERTIA * pull + (1 - INERTIA) * over
        spread = MEMORY * spread + (1 - MEMORY) * over**2
        size = np.sqrt(spread / (1 - MEMORY ** (step + 1))) + LEAST
        stride = STRIDE * warmth * SHORTENED**part / (1 - INERTIA ** (step + 1))
        now = np.maximum(now - stride * scale * pull / size, 0.0)
        now[: len(unit)][~market.single] = 0.0
    return now[: len(unit)], now[len(unit) :], share
