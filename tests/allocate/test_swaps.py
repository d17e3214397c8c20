from __future__ import annotations

import itertools

import numpy as np
import pytest

from benchmarks.gap import gap_problem, published
from geoplan.allocate import swaps
from geoplan.allocate.dives import Answer, cost_of
from geoplan.allocate.master import Task
from geoplan.allocate.packing import packing_of
from geoplan.allocate.swaps import swapped

SEEDS = range(6)


def task_of(kind: str, seed: int) -> Task:
    packing = packing_of(gap_problem(*published(kind, 5, 30, seed)), "investment")
    assert packing is not None
    return packing.task


def first_fit(task: Task, seed: int) -> Answer:
    """Projects in any order, each on the first unit with room; some may stay out."""
    room, unit = task.capacity.copy(), np.full(len(task.penalty), -1, dtype=np.intp)
    for project in np.random.default_rng(seed).permutation(len(unit)):
        fits = np.flatnonzero(task.load[:, project] <= room)
        if len(fits) and np.isfinite(task.cost[fits[0], project]):
            unit[project] = fits[0]
            room[fits[0]] -= task.load[fits[0], project]
    return Answer(cost_of(task, unit), unit)


def fits(task: Task, unit: np.ndarray) -> bool:
    used = [task.load[index, unit == index].sum() for index in range(len(task.capacity))]
    return bool((np.array(used) <= task.capacity).all())


@pytest.mark.parametrize("kind", "CDE")
def test_no_swap_and_no_move_is_left_that_saves_anything(kind: str) -> None:
    """One by one, each is tried."""
    for seed in SEEDS:
        task = task_of(kind, seed)
        begun = first_fit(task, seed)
        ended = swapped(task, begun, until=np.inf)
        assert fits(task, ended.unit)
        assert ended.cost == cost_of(task, ended.unit) < begun.cost
        for one, other in itertools.combinations(range(len(ended.unit)), 2):
            unit = ended.unit.copy()
            unit[[one, other]] = unit[[other, one]]
            assert not fits(task, unit) or cost_of(task, unit) >= ended.cost - 1e-6
        for project, goal in itertools.product(range(len(ended.unit)), range(5)):
            unit = ended.unit.copy()
            unit[project] = goal
            assert not fits(task, unit) or cost_of(task, unit) >= ended.cost - 1e-6


def test_the_answer_is_the_same_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_of("D", 1)
    begun = first_fit(task, 1)
    whole = swapped(task, begun, until=np.inf)
    monkeypatch.setattr(swaps, "CELLS_AT_ONCE", 70)
    assert swapped(task, begun, until=np.inf).unit.tolist() == whole.unit.tolist()


def test_nobody_placed_is_a_start_too() -> None:
    task = task_of("C", 2)
    nobody = np.full(len(task.penalty), -1, dtype=np.intp)
    ended = swapped(task, Answer(cost_of(task, nobody), nobody), until=np.inf)
    assert (ended.unit >= 0).sum() >= 25
    assert fits(task, ended.unit)
