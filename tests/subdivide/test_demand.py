"""Demand is spread whole, and its bound on strips is what linear programming finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from geoplan.config import SubdivideSettings
from geoplan.subdivide.demand import (
    Demand,
    market_demand,
    placeable_m2,
    plot_area_max_m2,
    plot_area_min_m2,
    spread_demand,
)
from geoplan.subdivide.plots import divided

SETTINGS = SubdivideSettings()


def test_one_zone_takes_all_that_is_asked() -> None:
    area = np.array([1.0, 2.0, 4.0])
    welcome = np.ones((3, 1), dtype=bool)
    (demand,) = spread_demand(area, area / 2, area * 2, welcome, np.array([50.0]))
    assert demand.total_m2.tolist() == [10_000, 20_000, 40_000]
    assert demand.area_min_m2.tolist() == [5_000, 10_000, 20_000]
    assert demand.area_max_m2.tolist() == [20_000, 40_000, 80_000]


def test_equal_zones_share_alike_and_rooms_in_proportion() -> None:
    area = np.array([3.0])
    demands = spread_demand(area, area, area, np.ones((1, 2), bool), np.array([10.0, 20.0]))
    assert [d.total_m2.sum() for d in demands] == pytest.approx([10_000, 20_000])


def test_a_need_that_no_zone_welcomes_is_left_out() -> None:
    area = np.array([1.0, 2.0])
    welcome = np.array([[True, True], [False, False]])
    demands = spread_demand(area, area, area, welcome, np.array([5.0, 5.0]))
    assert sum(d.total_m2.sum() for d in demands) == pytest.approx(10_000)


@given(st.data(), st.integers(1, 60), st.integers(1, 6))
@profile(deadline=None)
def test_spreading_conserves_what_is_asked(data: st.DataObject, needs: int, zones: int) -> None:
    area = data.draw(arrays(float, needs, elements=st.floats(0.3, 20)))
    welcome = data.draw(arrays(bool, (needs, zones)))
    room = data.draw(arrays(float, zones, elements=st.floats(0.1, 100)))
    demands = spread_demand(area, area, area, welcome, room)
    spread = sum(d.total_m2.sum() for d in demands)
    assert spread == pytest.approx(area[welcome.any(axis=1)].sum() * 1e4)
    for zone, demand in enumerate(demands):
        assert (demand.total_m2 >= 0).all()
        assert (demand.total_m2.sum() > 0) <= welcome[:, zone].any()


def test_market_demand_asks_for_all_the_room() -> None:
    (demand,) = market_demand(np.array([12.0]), SETTINGS)
    assert demand.total_m2.tolist() == [120_000]
    assert demand.area_min_m2 == pytest.approx([20_000 / 3])
    assert demand.area_max_m2 == pytest.approx([40_000 / 3])


def test_plot_limits_follow_from_frontage_proportion_and_minimum() -> None:
    """30 m by 60 m is below 0.3 ha; at 150 m depth the front must be 50 m."""
    assert plot_area_min_m2(np.array([60.0, 100.0, 150.0]), SETTINGS).tolist() == pytest.approx(
        [3_000, 100 * 100 / 3, 7_500]
    )
    assert plot_area_max_m2(np.array([60.0]), SETTINGS).tolist() == [4 * 3_600]


@given(st.data(), st.integers(1, 6), st.integers(1, 6))
@profile(deadline=None)
def test_the_bound_on_what_can_be_placed_is_the_linear_programme_s(
    data: st.DataObject, classes: int, strips: int
) -> None:
    """Each class may go, in fractions, to the strips whose interval of sizes meets its own."""
    low = np.sort(data.draw(arrays(float, classes, elements=st.floats(2e3, 5e4))))
    demand = Demand(low, 1.5 * low, data.draw(arrays(float, classes, elements=st.floats(0, 2e5))))
    depth = data.draw(arrays(float, strips, elements=st.floats(35, 300)))
    # Long strips: their capacity does not narrow the sizes that they accept.
    capacity = np.maximum(
        data.draw(arrays(float, strips, elements=st.floats(0, 3e5))), 4 * depth**2
    )
    fits = (demand.area_max_m2[:, None] >= plot_area_min_m2(depth, SETTINGS)) & (
        demand.area_min_m2[:, None] <= plot_area_max_m2(depth, SETTINGS)
    )
    rows = np.kron(np.eye(classes), np.ones(strips))
    columns = np.kron(np.ones(classes), np.eye(strips))
    best = linprog(
        -np.ones(classes * strips),
        A_ub=np.vstack([rows, columns]),
        b_ub=np.concatenate([demand.total_m2, capacity]),
        bounds=np.stack([np.zeros(classes * strips), np.where(fits.ravel(), 1e9, 0.0)], axis=1),
    )
    # A second layout of the same strips in another order, and one without any.
    layout = np.repeat([0, 2], strips)
    twice = (np.append(depth, depth[::-1]), np.append(capacity, capacity[::-1]))
    found = placeable_m2(demand, layout, *twice, 3, SETTINGS)
    assert found.tolist() == pytest.approx([-best.fun, 0.0, -best.fun], abs=1e-3)


def test_even_division_is_near_the_wanted_size_and_never_below_the_least() -> None:
    """3.4 ha for 1 ha wanted: three; 0.9 ha with a least of 0.5: one; 1.2 ha of 0.7: one."""
    settings = SETTINGS.model_copy(update={"remainder": "spread", "market_plot_ha": 1.0})
    pieces = divided(
        np.array([0, 1, 2]),
        np.array([34_000.0, 9_000.0, 12_000.0]),
        np.array([3_000.0, 5_000.0, 7_000.0]),
        np.full(3, np.inf),
        settings,
    )
    assert pieces.strip.tolist() == [0, 0, 0, 1, 2]
    assert pieces.area_m2 == pytest.approx([34_000 / 3] * 3 + [9_000, 12_000])


@given(
    st.floats(0.3, 60.0),
    st.floats(0.25, 3.0),
    st.floats(0.1, 5.0),
    st.sampled_from(["market", "last", "spread"]),
)
def test_divided_areas_add_up_and_none_is_below_the_least(
    area_ha: float, least_ha: float, wanted_ha: float, remainder: str
) -> None:
    assume(area_ha >= least_ha)
    settings = SETTINGS.model_copy(update={"remainder": remainder, "market_plot_ha": wanted_ha})
    area, least = np.array([area_ha * 1e4]), np.array([least_ha * 1e4])
    pieces = divided(np.array([0]), area, least, np.array([np.inf]), settings)
    assert pieces.area_m2.sum() == pytest.approx(area[0], rel=1e-12)
    assert pieces.area_m2.min() >= least[0] * (1 - 1e-9)


@pytest.mark.parametrize("remainder", ["market", "last", "spread"])
def test_no_plot_is_broader_than_its_strip_allows_where_smaller_ones_fit(remainder: str) -> None:
    """Of 3 ha at most 1.2 ha each: three even plots, though 2 ha are wanted; 0.5 ha stay one."""
    settings = SETTINGS.model_copy(update={"remainder": remainder, "market_plot_ha": 2.0})
    pieces = divided(
        np.array([0, 1]), np.array([3e4, 5e3]), np.full(2, 4e3), np.array([1.2e4, 2e3]), settings
    )
    assert pieces.strip.tolist() == [0, 0, 0, 1]
    assert pieces.area_m2.max() <= 1.2e4
    assert pieces.area_m2.sum() == pytest.approx(3.5e4)
