"""All placings of a small problem by branch and bound: the least transport work, and its proof.

Those placed stay placed, so a node of the tree is a smaller ground: of those who have no unit yet,
on the land that is left, each unit at what it costs towards those who stand. The charges of
:mod:`geoplan.allocate.least_work` bound what comes below a node, and close every pair that can be
in no better answer there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from geoplan.allocate.areas import TIGHT_HA
from geoplan.allocate.ground import Ground, Kind, Standing
from geoplan.allocate.least_work import charges, counted_in_units
from geoplan.allocate.model import Limits
from geoplan.allocate.problem import is_whole, keeps_rules
from geoplan.allocate.repacking import State

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

NODES_A_NODE = 5
"""Nodes of the tree for each node of the work limit."""
CELLS_A_NODE = 50_000
"""Projects times units times units, for each node of the work limit: that is what nodes cost."""
EARLY, HOPEFUL = 0.1, 0.01
"""After that share of the nodes, a tree of which less than this share is done is given up."""


@dataclass(frozen=True)
class _Node:
    """Those who have no unit yet, and where the others stand.

    Attributes
    ----------
    ground : Ground
        Of those without a unit, on what is left.
    number : ndarray of int
        Who they are.
    unit : ndarray of int
        Unit of everybody, -1 for those without.
    work : float
        Tonne-kilometres of those who stand.
    whole : bool
        Whether every unit takes one project.
    """

    ground: Ground
    number: Integers
    unit: Integers
    work: float
    whole: bool


@dataclass(frozen=True)
class _Branch:
    """One project of a node goes onto one unit: not made before its turn comes.

    ``share`` is that of the tree if all branches of a node were alike.
    """

    bound: float
    share: float
    node: _Node
    project: int
    unit: int


def exhausted(search: State, limits: Limits, until: float) -> bool:
    """Try all placings that could have less work than the best, and take the least.

    Parameters
    ----------
    search : State
        Its best answer is changed in place.
    limits : Limits
        ``nodes`` is the work.
    until : float
        Monotonic time of the last resort.

    Returns
    -------
    bool
        Whether all were tried, which proves that none has less work than the best.
    """
    ground, whole = search.ground, is_whole(search.problem)
    count = len(ground.projects)
    nodes = limits.nodes * min(NODES_A_NODE, CELLS_A_NODE / (count * ground.units**2))
    if nodes < count:
        return False
    everybody, nowhere = np.arange(count), np.full(count, -1, dtype=np.intp)
    begun = _barred(counted_in_units(ground) if whole else ground)
    open_ = _branches(search, _Node(begun, everybody, nowhere, 0.0, whole), 1.0)
    made, done = 0, 0.0
    while open_:
        branch, more = open_.pop(), []
        if branch.bound < search.worth_taking:
            made += 1
            hopeless = made > EARLY * nodes and done < HOPEFUL
            if hopeless or made > nodes or time.monotonic() >= until:
                return False
            node = _placed(branch)
            if len(node.number):
                more = _branches(search, node, branch.share)
            else:
                _take_if_allowed(search, node.unit)
        done += 0.0 if more else branch.share
        open_ += more
    return True


def _take_if_allowed(search: State, unit: Integers) -> None:
    """Take a placing of all for the best, if it keeps what branches do not look at."""
    standing = Standing(search.ground, unit)
    kept = standing.all_fit() and keeps_rules(search.problem, search.full(unit))
    if kept and search.keeps(unit):
        search.taken(standing)


def _branches(search: State, node: _Node, share: float) -> list[_Branch]:
    """Put the project of which most hangs on where it goes on each unit left, the best one last."""
    if not _all_may(node.ground.alone):
        return []
    charge = charges(node.ground)
    price = _prices(charge) if node.whole else np.zeros(node.ground.units)
    if price is None:
        return []
    low = (charge - price).min(axis=1)
    # What all cost at least if one project stands on one unit.
    bound = node.work + float(low.sum() + price.sum()) + charge - price - low[:, None]
    may = bound < search.worth_taking
    if not may.any(axis=1).all():
        return []
    left = replace(node, ground=_closed(node.ground, may))
    project = int(np.argmax(np.minimum(bound, search.worth_taking).sum(axis=1)))
    units = np.flatnonzero(may[project])
    best_last = units[np.lexsort((units, bound[project, units]))][::-1].tolist()
    each = share / len(best_last)
    return [_Branch(float(bound[project, unit]), each, left, project, unit) for unit in best_last]


def _all_may(cost: Floats) -> bool:
    """Tell whether everybody may stand somewhere."""
    return bool(np.isfinite(cost).any(axis=1).all())


def _prices(charge: Floats) -> Floats | None:
    """Price units that take one project each, 0 or less, as the best assignment does.

    None where not everybody has a unit of his own. Any such prices bound what all cost; those of
    the best assignment, shortest ways between units along exchanges, bound it best.
    """
    try:
        _, on = linear_sum_assignment(charge)
    except ValueError:
        return None
    own = charge[np.arange(len(on)), on]
    price = np.zeros(charge.shape[1])
    for _ in on:
        lower = np.minimum(price, (charge + (price[on] - own)[:, None]).min(axis=0))
        if (lower == price).all():
            break
        price = lower
    return price


def _closed(ground: Ground, may: Booleans) -> Ground:
    """Let projects stand only where they may."""
    alone, least = (np.where(may, figure, np.inf) for figure in (ground.alone, ground.least))
    return replace(ground, alone=alone, least=least)


def _placed(branch: _Branch) -> _Node:
    """Put a project on its unit."""
    node, project, unit = branch.node, branch.project, branch.unit
    ground = node.ground
    rest = np.arange(len(node.number)) != project
    room = ground.room.copy()
    room[unit] -= ground.least[project, unit]
    alone = ground.alone[rest] + np.outer(ground.tonnes[rest, project], ground.km[unit])
    kinds = []
    for kind in ground.kinds:
        for group, against, near in (
            (kind.first, kind.second, kind.near[unit]),
            (kind.second, kind.first, kind.near[:, unit]),
        ):
            if group[project]:
                alone[np.ix_(against[rest] > 0, near > 0)] = np.inf
        kinds.append(Kind(kind.first[rest], kind.second[rest], kind.near))
    placed = node.unit.copy()
    placed[node.number[project]] = unit
    left = replace(
        ground,
        projects=ground.projects[rest],
        tonnes=ground.tonnes[np.ix_(rest, rest)],
        alone=alone,
        least=ground.least[rest],
        most=ground.most[rest],
        room=room,
        load=ground.load[:, rest],
        limit=ground.limit - ground.load[:, project, unit],
        kinds=tuple(kinds),
    )
    work = node.work + float(ground.alone[project, unit])
    return replace(node, ground=_barred(left), number=node.number[rest], unit=placed, work=work)


def _barred(ground: Ground) -> Ground:
    """Close pairs for which there is no room, or too little of a capacity once all draw on it."""
    may = np.isfinite(ground.alone) & (ground.least <= ground.room + TIGHT_HA)
    if len(may) and len(ground.limit) and may.any(axis=1).all():
        drawn = np.where(may, ground.load, np.inf)
        least = drawn.min(axis=2, keepdims=True)
        slack = ground.limit[:, None, None] - least.sum(axis=1, keepdims=True)
        may &= (drawn - least <= slack).all(axis=0)
    return _closed(ground, may)
