"""Counts and nearest misses, rule by rule; every figure follows from the table above it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geoplan.allocate.misses import REASON_COLUMNS, reason_table
from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import Assignment
from tests.allocate.tables import posed, projects, utilities


def rows(case: Posed, unit: list[int]) -> list[tuple[Any, ...]]:
    """Return all but the project and the number of units, when projects have 1 ha each."""
    stands = np.array(unit)
    table = reason_table(case, Assignment(stands, 1.0 * (stands >= 0)))
    assert list(table.columns) == list(REASON_COLUMNS)
    return list(table.drop(columns=["project_id", "units"]).itertuples(index=False, name=None))


def test_rules_are_counted_over_all_units_and_alone() -> None:
    case = posed(
        projects(1, use="production", rail=True),
        4,
        use=["production", "production", "logistics", "logistics"],
        rail=[False, False, True, False],
    )
    assert rows(case, [-1]) == [
        ("zone use", 2, 1, "", 0.0, "", "2 of 4 fail the rule 'zone use'"),
        ("rail", 3, 2, "", 0.0, "", "3 of 4 fail the rule 'rail'"),
    ]


def test_the_nearest_miss_is_where_no_other_rule_is_broken() -> None:
    # S2 is nearest in area, but has no rail.
    case = posed(projects(1, rail=True), 3, area_ha=[0.5, 0.75, 0.4], rail=[True, False, True])
    area, rail = rows(case, [-1])
    assert area == ("area", 3, 2, "S1", 0.8 - 0.5, "ha", "0.30 ha short on S1")
    assert rail[:3] == ("rail", 1, 0)


def test_too_much_is_told_as_such() -> None:
    case = posed(projects(1), 1, plot_area_min_ha=1.5)
    ((_, _, _, unit, missed, measure, text),) = rows(case, [-1])
    assert (unit, round(missed, 9), measure, text) == ("S1", 0.3, "ha", "0.30 ha too much on S1")


def test_years_and_classes_are_counted() -> None:
    case = posed(
        projects(1, start_year=2026, hazard_class=2), 2, available_year=[2029, 2028], hazard_max=4
    )
    assert rows(case, [-1]) == [
        ("hazard", 2, 0, "S1", 2.0, "classes", "2 classes too dangerous on S1"),
        ("year", 2, 0, "S2", 2.0, "years", "2 years too early on S2"),
    ]


def test_distances_to_receptors_are_told_in_metres_where_they_are_known() -> None:
    case = posed(projects(1, hazard_class=2), 2, class_min=3)
    assert rows(case, [-1])[0][3:6] == ("S1", 1.0, "classes")
    case.asked.units["too_near_m_2"] = [180.0, 120.0]
    (row,) = rows(case, [-1])
    assert row == (
        "sanitary distance", 2, 2, "S2", 120.0, "m", "120 m too near to a receptor on S2",
    )  # fmt: skip


def test_a_utility_that_comes_late_is_told_in_years_and_one_that_never_comes_is_not() -> None:
    facts = {"service_gas_m3h": "G", "supplied_from_gas_m3h": [2029.0, np.inf]}
    (late,) = rows(posed(projects(1, gas_m3h=1.0, start_year=2026), 2, **facts), [-1])
    assert late[:6] == ("utilities", 2, 2, "S1", 3.0, "years")
    facts["supplied_from_gas_m3h"] = np.inf
    (never,) = rows(posed(projects(1, gas_m3h=1.0), 2, **facts), [-1])
    assert never[3:6] == ("", 0.0, "")


def test_what_others_leave_is_held_against_what_is_needed() -> None:
    # Three at their least of 0.8 ha leave 0.6 of 3 ha; 0.5 of 4 MW is free.
    case = posed(
        projects(4, power_mw=[1.0, 1.0, 1.5, 2.0]),
        1,
        given=utilities(("E", "power_mw", 4.0)),
        service_power_mw="E",
    )
    taken, short = rows(case, [0, 0, 0, -1])
    assert taken[:4] == ("land taken", 1, 0, "S1")
    assert round(taken[4], 9) == 0.2
    assert taken[6] == "0.20 ha short on S1"
    assert short[:2] == ("capacity of E", 1)
    assert short[4:] == (1.5, "MW", "1.5 MW of power short at E")


def test_neighbours_that_stand_too_near_are_named() -> None:
    case = posed(projects(2, apart=["P2", None]), 2, near=[(0, 1, 50.0)])
    (row,) = rows(case, [0, -1])
    assert row[:3] == ("too near to P1 (P1 apart from P2)", 2, 2)


def test_those_who_have_land_need_no_reason() -> None:
    table = reason_table(posed(projects(1), 1), Assignment(np.array([0]), np.array([1.0])))
    assert table.empty
    assert isinstance(table, pd.DataFrame)
