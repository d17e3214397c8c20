"""One table by hand for each rule: 1 where a project (row) may not stand on a unit (column)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoplan.allocate import rules
from geoplan.allocate.rules import Asked, area_bounds, area_limits, is_sensitive
from tests.allocate.tables import NORMS, around, projects, units


def asked(portfolio: pd.DataFrame, count: int, **facts: Any) -> Asked:
    table = pd.concat([units(count, **facts), around(count, **facts).facts], axis=1)
    table["kept_by"] = pd.Series(facts.get("kept_by", [None] * count), dtype=object)
    table["on_market"] = facts.get("on_market", True)
    return Asked(portfolio, table, NORMS)


def forbidden(rule: Any, portfolio: pd.DataFrame, count: int, **facts: Any) -> list[list[int]]:
    mask = rule(asked(portfolio, count, **facts)).forbidden
    assert mask.dtype == bool
    return [[int(cell) for cell in row] for row in mask]


def test_a_withdrawn_application_may_stand_nowhere() -> None:
    portfolio = projects(2, status=["withdrawn", "contract"])
    assert forbidden(rules.withdrawn, portfolio, 2) == [[1, 1], [0, 0]]


def test_a_project_stands_in_a_zone_of_its_use_or_anywhere_if_it_names_none() -> None:
    portfolio = projects(3, use=["production", "logistics", None])
    table = forbidden(rules.zone_use, portfolio, 2, use=["production", "logistics"])
    assert table == [[0, 1], [1, 0], [0, 0]]


def test_heavy_vehicles_keep_off_local_streets() -> None:
    portfolio = projects(2, heavy=[True, False])
    classes = ["main", "collector", "local", None]
    table = forbidden(rules.main_street, portfolio, 4, street_class=classes)
    assert table == [[0, 0, 1, 0], [0, 0, 0, 0]]


def test_land_whose_street_is_not_known_bars_no_heavy_vehicles() -> None:
    zones = asked(projects(1, heavy=True), 2)
    zones = Asked(zones.projects, zones.units.drop(columns="street_class"), NORMS)
    assert not rules.main_street(zones).forbidden.any()


def test_a_plot_is_neither_below_nor_above_what_both_sides_allow() -> None:
    portfolio = projects(
        4,
        area_min_ha=[0.8, 0.2, 1.5, 2.5],
        area_max_ha=[1.2, 0.25, 1.9, 2.8],
        area_ha=[1.0, 0.2, 1.6, 2.6],
    )
    table = forbidden(
        rules.area_fit,
        portfolio,
        3,
        area_ha=[3.0, 1.0, 3.0],
        plot_area_min_ha=[0.3, 0.3, 1.3],
        plot_area_max_ha=[2.0, 2.0, 2.6],
    )
    # The last project wants more than plots of S1 may have, and S2 has; S3 gives up to 2.6 ha.
    assert table == [[0, 0, 1], [1, 1, 1], [0, 1, 0], [1, 1, 0]]


def test_a_frontage_asks_for_the_area_behind_it() -> None:
    portfolio = projects(2, frontage_min_m=[200.0, np.nan])
    # 200 m x 50 m = 1 ha fits 0.8 to 1.2 ha, 200 m x 70 m = 1.4 ha does not.
    assert forbidden(rules.area_fit, portfolio, 2, depth_m=[50.0, 70.0]) == [[0, 1], [0, 0]]


def test_a_plot_that_is_not_divisible_is_taken_whole_or_not_at_all() -> None:
    portfolio, facts = projects(1), {"divisible": False, "area_ha": [0.7, 0.8, 1.2, 1.3]}
    assert forbidden(rules.area_fit, portfolio, 4, **facts) == [[1, 0, 0, 1]]
    least, most = area_limits(asked(portfolio, 4, **facts))
    assert least[0, 1:3].tolist() == most[0, 1:3].tolist() == [0.8, 1.2]


def test_area_bounds_tell_who_sets_them() -> None:
    lower, upper = area_bounds(asked(projects(1, frontage_min_m=[100.0]), 1))
    assert lower[:, 0, 0].tolist() == [0.8, 0.3, 0.5]
    assert upper[:, 0, 0].tolist() == [1.2, 2.0, 3.0]


def test_rail_is_within_reach_of_who_needs_it() -> None:
    portfolio = projects(2, rail=[True, False])
    assert forbidden(rules.rail, portfolio, 2, rail=[True, False]) == [[0, 1], [0, 0]]


def test_a_zone_takes_hazard_classes_down_to_its_limit() -> None:
    portfolio = projects(4, hazard_class=[1, 3, 5, None])
    table = forbidden(rules.hazard_zone, portfolio, 3, hazard_max=[3, 4, None])
    assert table == [[1, 1, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_a_class_keeps_its_sanitary_distance_and_a_project_without_one_needs_none() -> None:
    portfolio = projects(3, hazard_class=[2, 5, None])
    table = forbidden(rules.protection, portfolio, 4, class_min=[1, 2, 3, 6])
    assert table == [[0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 0]]


def test_land_is_available_when_a_project_starts() -> None:
    portfolio = projects(3, start_year=[2026, 2028, None])
    table = forbidden(rules.servicing_year, portfolio, 3, available_year=[2026, 2027, None])
    assert table == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_a_demand_is_met_where_a_utility_serves_unless_no_land_has_one_of_that_kind() -> None:
    portfolio = projects(3, power_mw=[1.0, 0.0, 0.0], gas_m3h=[0.0, 0.0, 5.0])
    table = forbidden(rules.served, portfolio, 2, service_power_mw=["E1", None])
    assert table == [[0, 1], [0, 0], [0, 0]]


def test_a_demand_is_met_from_the_year_in_which_its_utility_supplies() -> None:
    portfolio = projects(3, power_mw=1.0, start_year=[2026, 2028, None])
    years = {"service_power_mw": "E1", "supplied_from_power_mw": [2027.0, -np.inf]}
    assert forbidden(rules.served, portfolio, 2, **years) == [[1, 0], [0, 0], [0, 0]]


def test_locked_land_is_its_keepers_alone_and_a_locked_project_goes_nowhere_else() -> None:
    portfolio = projects(3, status=["contract", "application", "withdrawn"])
    table = forbidden(rules.lock, portfolio, 3, kept_by=["P1", None, "P3"])
    assert table == [[0, 1, 1], [1, 0, 1], [1, 0, 1]]


def test_land_that_is_not_for_sale_is_open_to_its_keeper_only() -> None:
    land = {"kept_by": ["P1", None], "on_market": [False, False]}
    assert forbidden(rules.market, projects(2), 2, **land) == [[0, 1], [1, 1]]


def test_a_project_is_sensitive_as_stated_else_by_its_sector() -> None:
    portfolio = projects(
        4, sector=["food", "food", "steel", None], sensitive=[None, False, True, None]
    )
    assert is_sensitive(portfolio, NORMS).tolist() == [True, False, True, False]


@pytest.mark.parametrize(("count", "said"), [(0, "lies here"), (1, "lies here"), (2, "lie here")])
def test_a_rule_is_said_of_one_or_of_many(count: int, said: str) -> None:
    rule = rules.Rule("x", ("lies", "lie"), "here", "y", np.zeros((1, 1), dtype=bool))
    assert rule.said_of(count) == said
