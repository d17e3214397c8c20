"""Remedies of hand-made cases, and of random ones whose every smaller change is tried."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoplan.allocate import remedies as remedying
from geoplan.allocate.kept import Kept
from geoplan.allocate.proofs import proven
from geoplan.allocate.remedies import REMEDY_COLUMNS, remedies, remedy_table
from geoplan.allocate.rivals import rivals, sets_of
from geoplan.allocate.wanting import STEP_ELSE, STEPS, Change, stepped
from tests.allocate.kept_land import kept
from tests.allocate.tables import projects, utilities

PLENTY = 1e6
LAST_YEAR = 2100


def found(land: Kept) -> list[tuple[Any, ...]]:
    table = remedy_table(land)
    assert list(table.columns) == list(REMEDY_COLUMNS)
    assert table["verified"].all()
    names = ["project_id", "rank", "kind", "subject", "amount", "unit", "place", "cut_again"]
    return list(table[names].itertuples(index=False, name=None))


def text(land: Kept) -> str:
    return str(remedy_table(land)["text"].iloc[0])


def test_less_land_is_told_to_the_step() -> None:
    land = kept(projects(1, area_min_ha=1.23456, area_max_ha=2.0), {}, [1.0])
    assert found(land) == [("P1", 1, "area_min_ha", "", 0.235, "ha", "S1", "")]
    assert text(land) == "It fits S1 if it takes 0.235 ha less (0.99956 ha at least)."


def test_a_plot_as_it_is_comes_before_one_that_neighbours_are_cut_again_for() -> None:
    # Alone it misses 0.3 ha on S3; with P1 at its least of 0.8 ha it misses 0.1 ha on S4.
    portfolio = projects(2, area_min_ha=[0.8, 0.8])
    land = kept(portfolio, {"P1": 1.0}, [0.5], again={1.5: ("P1",)})
    assert found(land) == [
        ("P2", 1, "area_min_ha", "", 0.3, "ha", "S2", ""),
        ("P2", 2, "area_min_ha", "", 0.1, "ha", "S3", "P1"),
        ("P2", 3, "leaves", "P1", 1.0, "bn KZT", "S3", ""),
    ]
    assert text(land) == "It fits S2 if it takes 0.3 ha less (0.5 ha at least)."
    assert remedy_table(land)["text"].iloc[1] == (
        "It fits S3 if it takes 0.1 ha less (0.7 ha at least). Plots there are cut again within"
        " the limits of those who have them (P1)."
    )


def test_who_fits_as_things_are_needs_no_change() -> None:
    land = kept(projects(1), {}, [1.0])
    assert found(land) == [("P1", 1, "none", "", 0.0, "", "S1", "")]


@pytest.mark.parametrize(
    ("asked", "facts", "expected", "said"),
    [
        ({"rail": True}, {}, ("rail", "", 0.0, ""), "it does without a siding"),
        (
            {"heavy": True},
            {"street_class": "local"},
            ("heavy", "", 0.0, ""),
            "it does without heavy goods vehicles",
        ),
        (
            {"start_year": 2026},
            {"available_year": 2028},
            ("start_year", "", 2.0, "years"),
            "it starts 2 years later (in 2028)",
        ),
        (
            {"start_year": 2026, "gas_m3h": 1.0},
            {"service_gas_m3h": "G", "supplied_from_gas_m3h": 2029.0, "available_year": 2027},
            ("start_year", "", 3.0, "years"),
            "it starts 3 years later (in 2029)",
        ),
        (
            {"hazard_class": 2},
            {"hazard_max": 3, "class_min": 4},
            ("hazard_class", "", 2.0, "classes"),
            "its hazard class is IV",
        ),
        ({"use": "services"}, {}, ("use", "production", 0.0, ""), "its use is production"),
        (
            {"area_max_ha": 1.0, "area_min_ha": 1.0},
            {"plot_area_min_ha": 1.2},
            ("area_max_ha", "", 1.0, "ha"),
            "it takes 1 ha more (2 ha at most)",  # what is left of 2 ha would be no plot
        ),
        (
            {"frontage_min_m": 400.0},
            {"plot_area_max_ha": 1.5},
            ("frontage_min_m", "", 160.0, "m"),
            "its front is 160 m shorter (240 m)",
        ),
    ],
)
def test_each_rule_is_answered_by_its_own_kind(
    asked: dict[str, Any], facts: dict[str, Any], expected: tuple[Any, ...], said: str
) -> None:
    given = utilities(("G", "gas_m3h", 5.0))
    land = kept(projects(1, **asked), {}, [2.0], given=given, **facts)
    assert found(land) == [("P1", 1, *expected, "S1", "")]
    assert text(land) == f"It fits S1 if {said}."


def test_a_utility_lacks_what_is_drawn_beyond_its_capacity() -> None:
    portfolio = projects(2, power_mw=[3.0, 1.5])
    given = utilities(("E", "power_mw", 4.0))
    land = kept(portfolio, {"P1": 1.0}, [1.0], given=given, service_power_mw="E")
    assert found(land) == [("P2", 1, "capacity", "E", 0.5, "MW", "S2", "")]
    assert text(land) == "It fits S2 if E has 0.5 MW more of power (4.5 MW)."


def test_what_is_never_supplied_is_done_without() -> None:
    facts = {"service_gas_m3h": [None, "G"], "use": ["production", "logistics"]}
    land = kept(projects(1, gas_m3h=7.0, use="production"), {}, [1.0, 1.0], **facts,
                given=utilities(("G", "gas_m3h", 9.0)))  # fmt: skip
    assert found(land)[0] == ("P1", 1, "demand", "gas_m3h", 7.0, "m³/h", "S1", "")


def test_those_who_wish_to_be_apart_may_agree_and_norms_may_not() -> None:
    portfolio = projects(2, apart=["P2", None])
    facts = {"near": [(0, 1, 50.0)]}
    assert found(kept(portfolio, {"P1": 1.0}, [1.0], **facts))[0][2:4] == ("apart", "P1")
    food = projects(2, sector=["food", "steel"], hazard_class=[None, 3])
    first = found(kept(food, {"P1": 1.0}, [1.0], **facts))[0]
    assert first[2:6] == ("hazard_class", "", 1.0, "classes")
    steel = projects(2, sector=["steel", "food"], hazard_class=[3, None])
    assert found(kept(steel, {"P1": 1.0}, [1.0], **facts)) == []


def test_fewer_changes_come_first_and_only_they_are_told() -> None:
    portfolio = projects(1, rail=True, area_min_ha=1.2, start_year=2026)
    facts = {"available_year": [2026, 2027], "rail": [True, False]}
    told = found(kept(portfolio, {}, [1.0, 1.2], **facts))
    assert [row[2] for row in told] == ["area_min_ha"]


def test_changes_that_only_do_together_share_a_rank() -> None:
    given = utilities(("E", "power_mw", 1.0))
    portfolio = projects(1, power_mw=1.25, area_min_ha=1.1)
    told = found(kept(portfolio, {}, [1.0], given=given, service_power_mw="E"))
    assert [row[1:5] for row in told] == [
        (1, "area_min_ha", "", 0.1),
        (1, "capacity", "E", 0.25),
    ]


def test_who_leaves_is_the_cheapest_that_makes_room() -> None:
    portfolio = projects(4, invest_bn_kzt=[5.0, 2.0, 3.0, 9.0])
    land = kept(portfolio, {"P1": 1.0, "P2": 1.0, "P3": 1.0}, [], again={3.0: ("P1", "P2", "P3")})
    assert found(land)[-1] == ("P4", 2, "leaves", "P2", 2.0, "bn KZT", "S4", "P1;P3")
    assert remedy_table(land)["text"].iloc[-1] == "It fits S4 if P2 leaves (2.00 bn KZT)."


def test_who_can_move_to_free_land_need_not_leave() -> None:
    portfolio = projects(3, invest_bn_kzt=[1.0, 5.0, 9.0], rail=[True, False, True])
    facts = {"rail": [True, True, False, True]}
    land = kept(portfolio, {"P1": 1.0, "P2": 1.0}, [1.0], again={2.0: ("P1", "P2")}, **facts)
    told = found(land)
    assert told[0][2] == "rail"
    assert told[-1] == ("P3", len(told), "moves", "P2 to S3", 0.0, "", "S4", "P1")


def test_a_withdrawn_project_wants_nothing() -> None:
    assert found(kept(projects(1, status="withdrawn"), {}, [1.0])) == []


def test_proposals_without_a_remark_come_first() -> None:
    offers = pd.DataFrame(
        {
            "kind": ["merge", "merge"],
            "plot_ids": ["A;B", "C;D"],
            "new_plot_ids": ["A+B", "C+D"],
            "project_ids": ["P1", "P1"],
            "setting": ['merge_plots = [["A", "B"]]', "merge_plots = []"],
            "remark": ["", "E is short of power."],
        }
    )
    land = kept(projects(1, rail=True), {}, [1.0])
    table = remedy_table(land, accepted=offers)
    assert table[["rank", "kind", "subject", "place"]].to_numpy().tolist() == [
        [1, "merge", "A;B", "A+B"],
        [2, "rail", "", "S1"],
    ]


def test_amounts_are_rounded_up_to_their_step() -> None:
    assert stepped(0.1 + 0.2, 0.1) == 0.3
    assert stepped(0.30001, 0.001) == 0.301
    assert stepped(1e-12, 0.1) == 0.0


def crowd(seed: int) -> Kept:
    """Three who hold plots, two who wait, two free units and two to be cut again."""
    random = np.random.default_rng(seed)
    count = 5
    wanted = random.integers(5, 16, count) / 10
    portfolio = projects(
        count,
        area_ha=wanted.tolist(),
        area_min_ha=(wanted - 0.1).round(1).tolist(),
        area_max_ha=(wanted + random.integers(1, 4, count) / 10).round(1).tolist(),
        invest_bn_kzt=random.permutation(np.arange(1.0, 6.0)).tolist(),
        power_mw=(random.integers(1, 9, count) / 4).tolist(),
        sector=random.choice(["food", "steel", "steel"], count).tolist(),
        hazard_class=random.integers(2, 6, count).tolist(),
        rail=(random.random(count) < 0.2).tolist(),
        start_year=random.integers(2026, 2029, count).tolist(),
        apart=[None, None, None, "P1", None],
    )
    held = {f"P{i + 1}": float(wanted[i]) for i in range(3)}
    rest = random.integers(0, 8, 2) / 10
    joined = (float(wanted[:2].sum() + rest[0]), float(wanted[2] + rest[1]) + 1e-3)
    pairs = list(itertools.combinations(range(5), 2))
    near = [(a, b, float(random.integers(20, 900))) for a, b in pairs if random.random() < 0.5]
    return kept(
        portfolio,
        held,
        (random.integers(3, 12, 2) / 10).tolist(),
        again={joined[0]: ("P1", "P2"), joined[1]: ("P3",)},
        near=near,
        given=utilities(("E", "power_mw", float(random.integers(4, 20)) / 4)),
        service_power_mw="E",
        rail=[True, True, True, *(random.random(4) < 0.7)],
        available_year=[2026, 2026, 2026, *random.integers(2026, 2030, 4).tolist()],
        hazard_max=random.integers(1, 4, 7).tolist(),
    )


def anywhere(land: Kept, project: int, changes: tuple[Change, ...]) -> bool:
    """Tell whether some changes place a project on any unit."""
    return any(proven(land, project, int(unit), changes) for unit in land.on_offer)


def alone(land: Kept, project: int) -> list[Change]:
    """Return the greatest change of each kind."""
    row = land.projects.iloc[project]
    return [
        Change("area_min_ha", "", round(row["area_min_ha"] - 0.001, 3)),
        Change("area_max_ha", "", 5.0),
        Change("capacity", "E", PLENTY),
        Change("start_year", "", float(LAST_YEAR - row["start_year"])),
        Change("hazard_class", "", float(5 - row["hazard_class"])),
        Change("rail"),
        Change("apart", "P1"),
    ]


def test_no_smaller_and_no_fewer_changes_would_do_in_random_cases() -> None:
    smaller = kinds = 0
    for seed in range(5):
        land = crowd(seed)
        for project in land.waiting.tolist():
            told = remedies(land, project)
            fewest = len(told[0].changes) if told else 99
            assert (fewest == 0) == anywhere(land, project, ())
            if fewest > 1:
                assert not any(anywhere(land, project, (each,)) for each in alone(land, project))
            if fewest != 1:
                continue
            assert {each.changes[0].kind for each in told} == {
                each.kind for each in alone(land, project) if anywhere(land, project, (each,))
            }
            for kind in {each.changes[0].kind for each in told}:
                least = min(
                    (each.changes[0] for each in told if each.changes[0].kind == kind),
                    key=lambda change: change.amount,
                )
                kinds += 1
                if least.amount:
                    step = {**STEPS, "capacity": 0.001, "start_year": 1.0, "hazard_class": 1.0}
                    less = least.amount - step.get(kind, STEP_ELSE)
                    assert not anywhere(land, project, (Change(kind, least.subject, less),))
                    smaller += 1
    assert smaller > 1
    assert kinds > 1


def test_rivals_are_the_cheapest_of_all_sets_in_random_cases() -> None:
    compared = 0
    for seed in range(5, 9):
        land = crowd(seed)
        invest = land.projects["invest_bn_kzt"].to_numpy(dtype=float)
        sets = sets_of(land)
        if any(sets.goals):
            continue
        for project in land.waiting.tolist():
            if anywhere(land, project, ()):
                continue
            costs = [
                float(invest[list(gone)].sum())
                for unit in land.on_offer.tolist()
                for count in (1, 2, 3)
                for gone in itertools.combinations(range(3), count)
                if len(set(gone) - set(land.again.get(unit, ()))) < 2
                and proven(land, project, unit, leaving=gone)
            ]
            who = rivals(land, project, sets)
            assert (who.value_bn_kzt if who else None) == (min(costs) if costs else None)
            compared += 1
    assert compared > 1


def test_help_for_some_is_the_same_whoever_else_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proofs are held without those who are not helped, even where others name them."""
    compared = 0
    for seed in range(3):
        land = crowd(seed)
        some = land.projects.assign(apart=[None, "P5", None, "P1; P5", "P4"])
        land = dataclasses.replace(land, projects=some.astype({"apart": "str"}))
        whole = remedy_table(land)
        monkeypatch.setattr(remedying, "PROJECTS_MAX", 1)
        part = remedy_table(land)
        monkeypatch.undo()
        (name,) = set(part["project_id"]) or {""}
        own = whole[whole["project_id"] == name].reset_index(drop=True)
        pd.testing.assert_frame_equal(part, own)
        compared += len(part)
    assert compared > 2
