"""Reasons of hand-made cases; every figure in them follows from the table above it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoplan.allocate.explain import reasons
from geoplan.allocate.problem import Assignment
from geoplan.allocate.solve import solve
from geoplan.config import AllocateSettings
from tests.allocate.tables import posed, projects, utilities

AREA = (
    "No strip offers the area that it needs, with the frontage and proportions of a plot"
    " ([subdivide]). Nearest to it is "
)


def reason(portfolio: pd.DataFrame, count: int, unit: list[int], **facts: Any) -> str:
    """The last project's reason, when projects of 1 ha stand on these units."""
    stands = np.array(unit)
    told = reasons(posed(portfolio, count, **facts), Assignment(stands, 1.0 * (stands >= 0)))
    assert [text == "" for text in told] == [place >= 0 for place in unit]
    return told[-1]


def test_without_land_there_is_none_to_allot() -> None:
    assert reason(projects(1), 0, [-1]) == "There is no land to allot."


@pytest.mark.parametrize(
    ("portfolio", "facts", "expected"),
    [
        (
            {"status": "withdrawn"},
            {},
            "No strip is asked for, as the application is withdrawn (portfolio).",
        ),
        (
            {"use": "services"},
            {"use": ["production", "logistics"]},
            "No strip lies in a zone of the use it needs (zoning). It needs services; there is"
            " land for logistics, production.",
        ),
        (
            {"rail": True},
            {},
            "No strip has a siding within reach ([allocate] rail_reach_m).",
        ),
        (
            {"heavy": True},
            {"street_class": "local"},
            "No strip fronts a main street or a collector, as heavy goods vehicles need it (column"
            " heavy; carriageways of 7 m and more: Thai BOI guide 2023).",
        ),
        (
            {"hazard_class": 2},
            {"hazard_max": [3, 4]},
            "No strip lies in a zone that takes its hazard class (zoning). Its hazard class is II;"
            " the most dangerous that a zone takes there is III.",
        ),
        (
            {"hazard_class": 2},
            {"class_min": [3, 6], "receptor_id": ["R1", "R2"]},
            "No strip lies far enough from housing and other receptors for its hazard class"
            " (SN 245-71). Its class, II, keeps 500 m; the best of them, S1, takes no class more"
            " dangerous than III because of receptor R1.",
        ),
        (
            {"hazard_class": 5},
            {"class_min": 6, "receptor_id": "R2"},
            "No strip lies far enough from housing and other receptors for its hazard class"
            " (SN 245-71). Its class, V, keeps 50 m; the best of them, S1, takes no class at all"
            " because of receptor R2.",
        ),
        (
            {"start_year": 2026},
            {"available_year": [2028, 2027]},
            "No strip is available by its start year (zones). It starts in 2026; the first of"
            " them is available in 2027.",
        ),
        (
            {"power_mw": 1.0, "water_m3d": 2.0},
            {"service_power_mw": ["E1", None], "service_water_m3d": [None, "W1"]},
            "No strip has every utility that it needs by its start year (utilities).",
        ),
    ],
)
def test_a_rule_that_no_strip_passes_is_named_with_its_figures(
    portfolio: dict[str, Any], facts: dict[str, Any], expected: str
) -> None:
    assert reason(projects(1, **portfolio), 2, [-1], **facts) == expected


@pytest.mark.parametrize(
    ("portfolio", "facts", "expected"),
    [
        (
            {"area_min_ha": 2.4, "area_ha": 2.5, "area_max_ha": 2.6},
            {"plot_area_max_ha": [2.0, 2.2]},
            AREA + "S2, where the project needs 2.40 ha, but plots 50 m deep have 2.20 ha at most.",
        ),
        (
            {},
            {"plot_area_min_ha": [1.5, 1.4]},
            AREA
            + "S2, where plots 50 m deep have 1.40 ha and more, but the project takes 1.20 ha at"
            " most.",
        ),
        (
            {},
            {"area_ha": [0.7, 0.795]},
            AREA + "S2, where the project needs 0.8000 ha, but the strip has 0.7950 ha.",
        ),
        (
            {"frontage_min_m": 300.0},
            {"depth_m": [50.0, 60.0]},
            AREA
            + "S1, where a front of 300 m, 50 m deep, makes 1.50 ha, but the project takes 1.20 ha"
            " at most.",
        ),
        (
            {},
            {"divisible": False, "area_ha": [0.5, 1.5]},
            AREA.replace("strip", "plot")
            + "S1, where the project needs 0.80 ha, but the plot has 0.50 ha.",
        ),
        (
            {},
            {"divisible": False, "area_ha": [0.5, 1.4]},
            AREA.replace("strip", "plot")
            + "S2, where the plot has 1.40 ha, but the project takes 1.20 ha at most.",
        ),
    ],
)
def test_a_size_that_no_strip_offers_is_held_against_the_nearest(
    portfolio: dict[str, Any], facts: dict[str, Any], expected: str
) -> None:
    assert reason(projects(1, **portfolio), 2, [-1], **facts) == expected


def test_the_nearest_strip_is_one_that_all_other_rules_allow() -> None:
    facts = {"plot_area_min_ha": [1.3, 1.6], "use": ["logistics", "production"]}
    told = reason(projects(1, use="production"), 2, [-1], **facts)
    assert told.endswith("S2, where plots 50 m deep have 1.60 ha and more, but the project takes"
                         " 1.20 ha at most.")  # fmt: skip


def test_rules_that_only_together_leave_nothing_are_followed_one_by_one() -> None:
    portfolio = projects(1, use="production", rail=True, hazard_class=2)
    told = reason(
        portfolio,
        4,
        [-1],
        use=["production", "production", "production", "logistics"],
        rail=[True, False, False, True],
        hazard_max=[3, 1, 2, 1],
    )
    assert told == (
        "Of 4 strips 3 lie in a zone of the use it needs; of these 1 has a siding within reach;"
        " of these none lies in a zone that takes its hazard class (zoning). Its hazard class is"
        " II; the most dangerous that a zone takes there is III."
    )


def test_a_utility_that_comes_too_late_is_named_with_its_year() -> None:
    years = {"service_gas_m3h": "G1", "supplied_from_gas_m3h": 2028.0}
    told = reason(projects(1, gas_m3h=10.0, start_year=2026), 1, [-1], **years)
    assert told.endswith("It starts in 2026; gas comes in 2028.")


def test_a_utility_that_the_last_strips_lack_is_named() -> None:
    told = reason(
        projects(1, use="production", gas_m3h=10.0),
        2,
        [-1],
        use=["production", "logistics"],
        service_gas_m3h=[None, "G1"],
    )
    assert told == (
        "Of 2 strips 1 lies in a zone of the use it needs; of these none has every utility that"
        " it needs by its start year (utilities). None of them has gas."
    )


def test_land_that_others_hold_is_told_by_what_is_left_of_it() -> None:
    # Three projects shrink to 0.8 ha each: 3 ha - 2.4 ha = 0.6 ha.
    portfolio = projects(4, invest_bn_kzt=[1.0, 2.0, 3.0, 0.5])
    assert reason(portfolio, 1, [0, 0, 0, -1]) == (
        "By the rules it fits 1 strip (S1). There the land is taken: even if all who stand there"
        " took their least, S1 would have 0.60 ha for it, and it needs 0.80 ha."
    )


def test_the_strip_with_most_land_left_is_named() -> None:
    told = reason(projects(4), 2, [0, 0, 1, -1], area_ha=[2.0, 1.5])
    assert told.startswith(
        "By the rules it fits 2 strips (S1, S2). On both the land is taken: even if all who stand"
        " there took their least, S2 would have 0.70 ha for it, and it needs 0.80 ha."
    )


def test_a_utility_without_enough_left_is_told_with_its_figures() -> None:
    portfolio = projects(2, power_mw=[2.0, 1.5])
    facts = {"given": utilities(("E1", "power_mw", 3.0)), "service_power_mw": "E1"}
    assert reason(portfolio, 3, [0, -1], **facts) == (
        "By the rules it fits 3 strips (S1, S2, S3). On all 3 E1 is short of power: 1 of 3 MW is"
        " free, and it needs 1.5 MW."
    )


def test_plants_that_stand_too_near_are_named_with_the_rule() -> None:
    portfolio = projects(2, sector=["food", None], hazard_class=[None, 3])
    facts = {"near": [(0, 1, 10.0), (1, 2, 20.0), (0, 2, 400.0)]}
    told = reason(portfolio, 3, [0, -1], **facts)
    assert told.startswith(
        "By the rules it fits 3 strips (S1, S2, S3). On 2 of them it would stand too near to P1"
        " (class III against sensitive plants); there would be room on S3: "
    )
    food = projects(2, sector=[None, "food"], hazard_class=[3, None])
    assert "On 2 of them it would stand too near to P1" in reason(food, 3, [0, -1], **facts)


def test_a_rest_too_small_for_a_plot_is_told_by_its_size() -> None:
    # Both at their greatest fill 2.0 of 2.2 ha; at their least they leave 0.6 ha.
    portfolio = projects(2, area_max_ha=1.0)
    assert reason(portfolio, 1, [0, -1], area_ha=2.2, plot_area_min_ha=0.7) == (
        "By the rules it fits 1 strip (S1). There a rest too small for a plot would be left: on"
        " S1 0.60 ha at most, and a plot there has 0.70 ha and more."
    )


def test_room_that_nobody_took_is_admitted() -> None:
    assert reason(projects(2), 2, [0, -1]) == (
        "By the rules it fits 2 strips (S1, S2). There would be room on S1, S2: to place it there"
        " adds nothing to the aims of this allocation, or the search ended before it came to that."
    )  # fmt: skip


def test_the_solver_leaves_room_to_nobody_who_waits() -> None:
    """Every reason names something that stands in the way."""
    random = np.random.default_rng(2)
    waiting = 0
    for _ in range(10):
        count = 9
        portfolio = projects(
            count,
            invest_bn_kzt=random.integers(0, 4, count).astype(float).tolist(),
            power_mw=random.integers(0, 4, count).astype(float).tolist(),
            sector=random.choice(["food", "steel"], count).tolist(),
            hazard_class=random.integers(2, 6, count).tolist(),
        )
        case = posed(
            portfolio,
            3,
            area_ha=(random.integers(8, 30, 3) / 10).tolist(),
            near=[(0, 1, 90.0), (1, 2, 400.0)],
            given=utilities(("E1", "power_mw", 8.0)),
            service_power_mw="E1",
        )
        answer = solve(case.problem, AllocateSettings(objective=("investment",))).assignment
        told = reasons(case, answer)
        assert [text == "" for text in told] == (answer.unit >= 0).tolist()
        assert not any("There would be room" in text for text in told)
        waiting += int((answer.unit < 0).sum())
    assert waiting > 10


def test_many_utilities_that_are_short_are_named_in_one_clause() -> None:
    portfolio = projects(2, power_mw=2.0, water_m3d=9.0, gas_m3h=5.0)
    given = utilities(("E", "power_mw", 3.0), ("W", "water_m3d", 10.0), ("G", "gas_m3h", 6.0))
    facts = {"service_power_mw": "E", "service_water_m3d": "W", "service_gas_m3h": "G"}
    assert reason(portfolio, 2, [0, -1], given=given, **facts) == (
        "By the rules it fits 2 strips (S1, S2). On both utilities are short: power (E), water (W),"
        " gas (G)."
    )
