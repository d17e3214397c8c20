"""Sharing out among parks finds the best there is, and no sharing out is above its bound."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from geoplan.allocate.status import SolveStatus
from geoplan.config import AllocateSettings
from geoplan.nation import sharing
from geoplan.nation.choosing import Choice
from geoplan.nation.sharing import Supply, bound_of, shared_out

SETTINGS = AllocateSettings(objective=("investment",), gap=0.0, work_limit=5_000)
PARKS, PROJECTS = 3, 7


def made(seed: int) -> tuple[Choice, np.ndarray, Supply, np.ndarray]:
    """Make three parks, of which the first two lie in one region, and seven projects."""
    random = np.random.default_rng(seed)
    open_ = random.uniform(size=(PROJECTS, PARKS)) < 0.75
    zones = np.where(random.uniform(size=open_.shape) < 0.3, 1, 3)
    project, park = np.nonzero(open_)
    needs = np.zeros((5, PROJECTS))
    needs[0] = random.integers(1, 6, PROJECTS)
    area = random.integers(1, 5, PROJECTS).astype(float)
    zone_ha = tuple(random.integers(2, 6, 2).astype(float) for _ in range(PARKS))
    capacity = np.full((PARKS, 5), np.nan)
    capacity[:, 0] = random.integers(4, 10, PARKS)
    if random.uniform() < 0.2:
        capacity[0, 0] = np.nan
    rail_ha = random.integers(0, 5, PARKS).astype(float)
    choice = Choice(
        np.arange(PARKS),
        ("production",) * PARKS,
        zone_ha,
        project,
        park,
        zones[project, park].astype(np.int64),
        rail_ha,
        random.uniform(size=PROJECTS) < 0.3,
        needs,
        random.integers(1, 20, PROJECTS).astype(float),
    )
    return choice, area, Supply(zone_ha, rail_ha, capacity), np.array([0, 0, 1])


def keeps(choice: Choice, area: np.ndarray, supply: Supply, goal: np.ndarray) -> bool:
    """Tell whether nobody stands where nothing is left for him, counted by hand."""
    zones = dict(
        zip(zip(choice.pair_project, choice.pair_unit, strict=True), choice.pair_zones, strict=True)
    )
    for park in range(PARKS):
        here = np.flatnonzero(goal == park)
        if any((project, park) not in zones for project in here):
            return False
        if choice.needs[0, here].sum() > np.nan_to_num(supply.capacity[park, 0], nan=np.inf):
            return False
        bound = [project for project in here if zones[project, park] == 1]
        first, both = supply.unit_ha[park][0], supply.unit_ha[park].sum()
        by_rail = here[choice.by_rail[here]]
        if area[bound].sum() > first or area[here].sum() > both:
            return False
        if area[by_rail].sum() > supply.rail_ha[park]:
            return False
    return True


def best(choice: Choice, area: np.ndarray, supply: Supply) -> float:
    """Greatest worth of all sharings out."""
    every = itertools.product(range(-1, PARKS), repeat=PROJECTS)
    worth = choice.worth
    goals = sorted((np.array(goal) for goal in every), key=lambda g: -worth[g >= 0].sum())
    return next(worth[g >= 0].sum() for g in goals if keeps(choice, area, supply, g))


@pytest.mark.parametrize("seed", range(12))
def test_the_best_sharing_out_is_found_and_no_bound_is_below_it(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice, area, supply, region = made(seed)
    most = best(choice, area, supply)
    goal, status = shared_out(choice, area, supply, region, SETTINGS)
    assert keeps(choice, area, supply, goal)
    assert choice.worth[goal >= 0].sum() == pytest.approx(most)
    assert status is SolveStatus.OPTIMAL
    assert bound_of(choice, area, supply, region, SETTINGS) >= most - 1e-6
    monkeypatch.setattr(sharing, "DIRECT_PAIRS", 0)
    assert bound_of(choice, area, supply, region, SETTINGS) >= most - 1e-6
    by_region, _ = shared_out(choice, area, supply, region, SETTINGS)
    assert keeps(choice, area, supply, by_region)


def test_regions_are_shared_out_one_by_one_where_there_are_many_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worths = []
    monkeypatch.setattr(sharing, "DIRECT_PAIRS", 0)
    for seed in range(12):
        choice, area, supply, region = made(seed)
        goal, _ = shared_out(choice, area, supply, region, SETTINGS)
        worths.append(choice.worth[goal >= 0].sum() / best(choice, area, supply))
    assert np.mean(worths) > 0.8
