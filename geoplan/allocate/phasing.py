"""Choosing years: who starts when, on the land that is allotted already.

Everybody starts as early as land and utilities allow, unless a utility is too small in some year:
then those wait whose waiting costs least, by investment times years, then by jobs times years,
then by years. Only the years in which a capacity changes matter, for between them nothing is
gained by waiting: the program has one column for each of these years and each project, and is
solved to its proven optimum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from geoplan.allocate.highs import begun_from, has_answer, is_optimal, program, values
from geoplan.allocate.problem import LOAD_NOISE

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

NODES_MAX = 20_000
SECONDS_MAX = 10.0
"""A last resort, for each of the three aims."""
SAME = 1e-7
"""Relative difference of sums that are the same."""


@dataclass(frozen=True)
class YearLimit:
    """What may be drawn on a utility up to the end of a year.

    Attributes
    ----------
    utility : str
    until : int
        Whoever has started by the end of this year draws.
    limit : float
    project : ndarray of int
    load : ndarray
        What each of them draws.
    """

    utility: str
    until: int
    limit: float
    project: Integers
    load: Floats


@dataclass(frozen=True)
class Phasing:
    """Who may start when.

    Attributes
    ----------
    first, last : ndarray of int, shape (projects,)
        Years of each window, both included.
    invest, jobs : ndarray, shape (projects,)
        What a year of waiting costs: first by investment, then by jobs.
    limits : tuple of YearLimit
    """

    first: Integers
    last: Integers
    invest: Floats
    jobs: Floats
    limits: tuple[YearLimit, ...] = ()


@dataclass(frozen=True)
class Phased:
    """The years chosen, and whether there are no better ones."""

    year: Integers
    proven: bool


def phased(phasing: Phasing) -> Phased:
    """Choose the year of each project.

    If all started at the latest, every limit should hold; one that does not (for those who are
    locked to land) is taken for as much as they draw.

    Parameters
    ----------
    phasing : Phasing

    Returns
    -------
    Phased
    """
    limits = [_reachable(limit, phasing.last) for limit in phasing.limits]
    if all(_kept(limit, phasing.first) for limit in limits):
        return Phased(phasing.first.copy(), True)
    return _solved(phasing, limits)


def drawn(limit: YearLimit, year: Integers) -> float:
    """Add up what is drawn by the end of the limit's year, given when projects start."""
    return float(limit.load[year[limit.project] <= limit.until].sum())


def _reachable(limit: YearLimit, last: Integers) -> YearLimit:
    most = max(limit.limit, drawn(limit, last))
    return YearLimit(limit.utility, limit.until, most, limit.project, limit.load)


def _kept(limit: YearLimit, year: Integers) -> bool:
    return drawn(limit, year) <= limit.limit + LOAD_NOISE * max(limit.limit, 1.0)


def _solved(phasing: Phasing, limits: list[YearLimit]) -> Phased:
    """Solve the program aim by aim: each keeps what those before it have reached."""
    project, year = _columns(phasing, limits)
    waits = (year - phasing.first[project]).astype(float)
    aims = [phasing.invest[project] * waits, phasing.jobs[project] * waits, waits]
    entries, low, high = _rows(limits, project, year)
    # The last year that may be worth waiting for is as good for every limit as the last one.
    answer, proven = _latest(project).astype(float), True
    for aim in aims:
        if not aim.any():
            continue
        highs = program(
            aim,
            entries,
            (low, high),
            upper=np.ones(len(aim)),
            integer=np.ones(len(aim), dtype=bool),
            mip_rel_gap=0.0,
            mip_abs_gap=0.0,
            mip_max_nodes=NODES_MAX,
            time_limit=SECONDS_MAX,
        )
        begun_from(highs, answer)
        highs.run()
        proven &= is_optimal(highs)
        if has_answer(highs):
            answer = np.rint(values(highs))
        entries, low, high = _with_row(entries, low, high, aim, float(aim @ answer))
    chosen = phasing.first.copy()
    picked = np.flatnonzero(answer > 0.5)
    chosen[project[picked]] = year[picked]
    return Phased(chosen, proven)


def _columns(phasing: Phasing, limits: list[YearLimit]) -> tuple[Integers, Integers]:
    """List projects and the years that may be worth waiting for, in order."""
    steps: dict[int, set[int]] = {}
    for limit in limits:
        for project in limit.project.tolist():
            steps.setdefault(project, set()).add(limit.until + 1)
    pairs = [
        (project, year)
        for project in sorted(steps)
        for year in _worth(int(phasing.first[project]), int(phasing.last[project]), steps[project])
    ]
    project, year = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return project, year


def _worth(first: int, last: int, steps: set[int]) -> list[int]:
    return [first, *sorted(year for year in steps if first < year <= last)]


def _latest(project: Integers) -> NDArray[np.bool_]:
    """Mark the last column of each project."""
    return np.append(project[1:] != project[:-1], True)


def _rows(
    limits: list[YearLimit], project: Integers, year: Integers
) -> tuple[csr_array, Floats, Floats]:
    """Write that each project starts once, and that no utility is overdrawn."""
    who, place = np.unique(project, return_inverse=True)
    rows = [csr_array((np.ones(len(project)), (place, np.arange(len(project)))))]
    low, high = [np.ones(len(who))], [np.ones(len(who))]
    for limit in limits:
        load = np.zeros(int(project.max()) + 1)
        np.add.at(load, limit.project, limit.load)
        row = np.where(year <= limit.until, load[project], 0.0)
        rows.append(csr_array(row[None, :]))
        low.append(np.array([-np.inf]))
        high.append(np.array([limit.limit + LOAD_NOISE * max(limit.limit, 1.0)]))
    return _stacked(rows), np.concatenate(low), np.concatenate(high)


def _with_row(
    entries: csr_array, low: Floats, high: Floats, aim: Floats, best: float
) -> tuple[csr_array, Floats, Floats]:
    most = best + SAME * max(abs(best), 1.0)
    stacked = _stacked([entries, csr_array(aim[None, :])])
    return stacked, np.append(low, -np.inf), np.append(high, most)


def _stacked(rows: list[csr_array]) -> csr_array:
    return csr_array(vstack(rows, format="csr"))
