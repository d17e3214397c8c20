"""What is known of kept land, against the full tables that would not fit in memory at scale."""

from __future__ import annotations

import numpy as np

from geoplan.allocate.kept import Sparse
from geoplan.allocate.rules import area_limits
from tests.allocate.kept_land import kept
from tests.allocate.tables import projects

NEAR = [(0, 2, 40.0), (1, 3, 0.0), (2, 3, 120.0)]


def test_pairs_without_a_figure_have_the_other_one() -> None:
    table = Sparse(np.array([2, 0]), np.array([1, 3]), np.array([5.0, 7.0]), columns=4, other=-1.0)
    dense = np.full((3, 4), -1.0)
    dense[[2, 0], [1, 3]] = 5.0, 7.0
    every = np.arange(4)
    for row in range(3):
        assert table[row, every].tolist() == dense[row].tolist()
        for column in range(4):
            assert float(table[row, column]) == dense[row, column]
    assert table[[0, 2], 3].tolist() == [7.0, -1.0]
    assert table[[], 3].tolist() == []
    empty = np.zeros(0, dtype=np.intp)
    assert Sparse(empty, empty, np.zeros(0), columns=4, other=2.0)[1, every].tolist() == [2.0] * 4


def test_distances_rules_and_limits_are_those_of_the_full_tables() -> None:
    portfolio = projects(4, area_min_ha=[0.5, 1.0, 1.0, 2.0], area_max_ha=3.0, rail=[0, 0, 1, 0])
    land = kept(
        portfolio,
        {"P1": 1.0, "P2": 1.5},
        [2.5],
        again={3.0: ("P1", "P2")},
        near=NEAR,
        rail=[True, False, False, True],
    )
    units = len(land.units)
    distance = np.full((units, units), np.inf)
    np.fill_diagonal(distance, 0.0)
    for left, right, metres in NEAR:
        distance[left, right] = distance[right, left] = metres
    every = np.arange(units)
    assert [land.near_m[unit, every].tolist() for unit in every] == distance.tolist()
    barred = [np.asarray(rule.forbidden) for name, rule in land.rules.items() if name != "lock"]
    fits = ~np.logical_or.reduce(barred)
    assert 0 < fits.sum() < fits.size
    for project in range(4):
        assert land.fits_rules[project, every].tolist() == fits[project].tolist()
        assert bool(land.fits_rules[project, 1]) == fits[project, 1]
    for unit in every:
        assert land.fits_rules[[0, 2, 3], unit].tolist() == fits[[0, 2, 3], unit].tolist()
    for limit, full in zip(land.limits_ha, area_limits(land.posed.asked), strict=True):
        assert limit[[0, 1], 3].tolist() == full[[0, 1], 3].tolist()


def test_land_of_which_nothing_could_be_cut_again_has_no_limits() -> None:
    land = kept(projects(1), {}, [1.0])
    least, most = land.limits_ha
    assert least[[], 0].tolist() == most[[], 0].tolist() == []
