"""Proposals on given plots: the least change that places a project, and that it does place it."""

from __future__ import annotations

import itertools
import tomllib
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geoplan.config import UTILITY_KINDS, SubdivideSettings
from geoplan.plan import PROPOSAL_COLUMNS
from geoplan.proposals import accepting
from geoplan.proposals.areas import shared_out
from geoplan.subdivide.neighbours import connected_sets, touching
from tests.allocate.tables import projects
from tests.given_land import (
    Planned,
    box,
    cadastre,
    planned,
    scenario_of,
    site_of,
    street,
    zone_layer,
)

STREET = street((-40, -10), (900, -10))


def row(*widths_m: float) -> dict[str, Any]:
    """Plots A, B, C... 100 m deep north of the street: as many hectares as hundreds of metres."""
    starts = np.cumsum((0, *widths_m))
    return {
        chr(ord("A") + i): box(x, 0, width, 100)
        for i, (x, width) in enumerate(zip(starts, widths_m, strict=False))
    }


def park(
    shapes: dict[str, Any],
    portfolio: pd.DataFrame,
    *,
    plots: dict[str, Any] | None = None,
    zones: Any = None,
    utilities: Any = (),
    **subdivide: Any,
) -> Planned:
    land = cadastre(shapes, **(plots or {}))
    site = site_of(land, portfolio, streets=[STREET], zones=zones, utilities=utilities)
    return planned(site, scenario_of(**subdivide))


def accepted(plan: Planned, frame: pd.DataFrame) -> Planned:
    """Plan again with proposals copied into the scenario."""
    settings = accepting(plan.scenario.subdivide, frame["setting"])
    return planned(plan.given, plan.scenario.model_copy(update={"subdivide": settings}))


def asking(*areas_ha: tuple[float, float, float], **columns: Any) -> pd.DataFrame:
    """A portfolio by least, wanted and greatest area; who comes first invests most."""
    least, wanted, most = (list(column) for column in zip(*areas_ha, strict=True))
    usual: dict[str, Any] = {"invest_bn_kzt": [float(9 - i) for i in range(len(areas_ha))]}
    return projects(
        len(areas_ha), area_ha=wanted, area_min_ha=least, area_max_ha=most, **(usual | columns)
    )


def test_a_large_project_is_offered_the_fewest_neighbours_that_have_its_area() -> None:
    plan = park(row(100, 100, 100, 120), asking((1.9, 2.2, 2.3)), merge_plots_max=3)
    found = plan.proposals()
    assert list(found.columns) == [*PROPOSAL_COLUMNS, "geometry"]
    assert found.drop(columns="geometry").to_numpy().tolist() == [
        ["merge C+D", "merge", "C;D", "C+D", "P1", "2.2", 'merge_plots = [["C", "D"]]', ""]
    ]
    assert shapely.equals(found.geometry.iloc[0], box(200, 0, 220, 100))
    assert accepted(plan, found).homes() == {"P1": "C+D"}


def test_among_equals_the_first_ids_are_taken_whatever_the_order_of_the_plots() -> None:
    shapes, portfolio = row(100, 100, 100), asking((1.9, 2.0, 2.1))
    turned = dict(reversed(shapes.items()))
    for each in (shapes, turned):
        found = park(each, portfolio, merge_plots_max=2).proposals()
        assert found["proposal_id"].tolist() == ["merge A+B"]


def test_no_merges_are_proposed_unless_the_scenario_allows_them() -> None:
    portfolio = asking((1.9, 2.0, 2.1), (2.9, 3.0, 3.1))
    assert park(row(100, 100, 100), portfolio).proposals().empty
    two = park(row(100, 100, 100), portfolio, merge_plots_max=2).proposals()
    assert two["project_ids"].tolist() == ["P1"]
    lone = park(row(100, 100, 100), portfolio.iloc[[1]], merge_plots_max=2).proposals()
    assert lone.empty
    assert lone.crs == two.crs


def test_a_large_plot_is_split_for_several_projects_and_keeps_a_rest() -> None:
    plan = park(row(300), asking((0.9, 1.0, 1.1), (0.6, 0.8, 1.0)))
    found = plan.proposals()
    assert found.drop(columns="geometry").to_numpy().tolist() == [
        [
            "split A",
            "split",
            "A",
            "A/1;A/2;A/3",
            "P1;P2",
            "1;0.8;1.2",
            'split_plots = { "A" = [1.0, 0.8] }',
            "",
        ]
    ]
    assert shapely.equals(found.geometry.iloc[0], box(0, 0, 300, 100))
    assert accepted(plan, found).homes() == {"P1": "A/1", "P2": "A/2"}


def test_projects_share_a_plot_as_a_whole_where_a_rest_would_be_too_small() -> None:
    plan = park(row(210), asking((0.9, 1.0, 1.2), (0.9, 1.0, 1.2)))
    found = plan.proposals()
    assert found["areas_ha"].tolist() == ["1.05;1.05"]
    assert found["setting"].tolist() == ['split_plots = { "A" = [1.05] }']
    assert accepted(plan, found).homes() == {"P1": "A/1", "P2": "A/2"}


def test_one_project_gives_way_so_that_the_rest_is_a_plot() -> None:
    plan = park(row(120), asking((0.8, 1.0, 1.1)))
    found = plan.proposals()
    assert found["areas_ha"].tolist() == ["0.8995;0.3005"]  # 30.05 m of street for the rest
    assert accepted(plan, found).homes() == {"P1": "A/1"}


@pytest.mark.parametrize(
    ("total_ha", "areas_ha", "rest_ha"),
    [
        (2.6, [1.14975, 1.14975], 0.3005),  # to fill it, each would take 0.15 ha more
        (2.35, [1.175, 1.175], 0.0),  # to leave a plot, both would lose 0.125 ha
        (2.7, [1.15, 1.15], 0.4),
        (3.0, [1.15, 1.15], 0.7),
    ],
)
def test_areas_change_by_as_little_as_they_can(
    total_ha: float, areas_ha: list[float], rest_ha: float
) -> None:
    asked = np.array([[1.15, 0.9, 1.35, np.nan]] * 2)
    shares = shared_out(asked, total_ha, 100.0, SubdivideSettings())
    assert shares is not None
    assert shares[0].tolist() == pytest.approx(areas_ha)
    assert shares[1] == pytest.approx(rest_ha)


def test_areas_that_cannot_be_had_are_refused() -> None:
    asked = np.array([[1.0, 1.0, 1.0, np.nan]] * 2)
    assert shared_out(asked, 2.2, 100.0, SubdivideSettings()) is None
    narrow = np.array([[0.2, 0.2, 0.25, np.nan]])
    assert shared_out(narrow, 3.0, 100.0, SubdivideSettings()) is None


def test_the_smallest_plot_that_will_do_is_split() -> None:
    found = park(row(250, 180, 400), asking((0.9, 1.0, 1.1))).proposals()
    assert found["proposal_id"].tolist() == ["split B"]


def test_a_plot_without_a_street_or_with_too_little_of_it_is_not_split() -> None:
    shapes = {"A": box(0, 300, 300, 100), "B": box(0, 0, 59, 300)}
    assert park(shapes, asking((0.8, 0.8, 0.8))).proposals().empty


def test_a_frontage_that_a_project_needs_is_given_to_its_part() -> None:
    least = asking((0.3, 0.4, 0.9), frontage_min_m=[60.0])
    plan = park(row(200), least)
    found = plan.proposals()
    assert found["areas_ha"].tolist() == ["0.6005;1.3995"]
    assert accepted(plan, found).homes() == {"P1": "A/1"}


def test_each_plot_is_in_one_proposal_and_all_are_accepted_together() -> None:
    portfolio = asking((1.9, 2.0, 2.1), (1.9, 2.0, 2.1), (0.4, 0.5, 0.6), (0.9, 1.0, 1.1))
    plan = park(row(100, 100, 100, 100, 100, 200), portfolio, merge_plots_max=2)
    assert plan.homes().keys() == {"P1", "P4"}
    found = plan.proposals()
    assert found["project_ids"].tolist() == ["P2", "P3"]
    assert found["kind"].tolist() == ["merge", "split"]
    plots = ";".join(found["plot_ids"]).split(";")
    assert len(set(plots)) == len(plots)
    assert not set(plots) & set(plan.homes().values())
    again = accepted(plan, found)
    assert again.homes().keys() == {"P1", "P2", "P3", "P4"}


def test_plots_that_are_sold_locked_or_of_another_zone_stay_out_of_it() -> None:
    portfolio = asking((1.9, 2.0, 2.1), (0.9, 1.0, 1.1), plot_id=[None, "C"])
    shapes = row(100, 100, 100, 100, 100)
    states = {"market": {"A": "sold", "B": "not marketable"}}
    zones = zone_layer([box(-40, -60, 440, 300), box(400, -60, 300, 300)])
    one = park(shapes, portfolio, plots=states, merge_plots_max=4)
    assert one.proposals()["proposal_id"].tolist() == ["merge D+E"]
    assert park(shapes, portfolio, plots=states, zones=zones, merge_plots_max=4).proposals().empty
    split = asking((0.2, 0.3, 0.4))
    assert park(row(100), split, plots={"market": {"A": "sold"}}).proposals().empty


def test_what_no_rule_allows_is_not_proposed() -> None:
    wide = (1.9, 2.0, 2.1)
    for forbidden in ({"use": ["logistics"]}, {"rail": True}, {"status": "withdrawn"}):
        portfolio = asking(wide, **forbidden)
        assert park(row(100, 100, 300), portfolio, merge_plots_max=3).proposals().empty


def test_utilities_that_would_be_short_are_told_and_nobody_loses_a_plot_to_them() -> None:
    portfolio = asking((1.9, 2.0, 2.1), (1.9, 2.0, 2.1), (0.9, 1.0, 1.1), power_mw=[8.0, 1.0, 4.0])
    power = [("PW", "power_mw", 10.0)]
    three = park(row(100, 100, 100), portfolio, utilities=power, merge_plots_max=2)
    found = three.proposals()
    assert three.homes() == {"P3": "A"}
    assert found[["project_ids", "remark"]].to_numpy().tolist() == [["P2", ""]]
    five = park(row(100, 100, 100, 100, 100), portfolio, utilities=power, merge_plots_max=2)
    remark = "PW is short of power: 5 of 10 MW is free, and 8 MW is needed."
    told = five.proposals()[["project_ids", "remark"]].to_numpy().tolist()
    assert told == [["P2", ""], ["P1", remark]]


def test_a_project_that_lacks_power_and_not_land_is_offered_no_plot() -> None:
    portfolio = asking((0.9, 1.0, 2.1), power_mw=[8.0])
    plan = park(row(100, 100, 300), portfolio, utilities=[("PW", "power_mw", 5.0)])
    assert plan.homes() == {}
    assert plan.proposals().empty


def test_a_proposal_keeps_the_distance_to_those_placed_and_to_other_proposals() -> None:
    portfolio = asking((1.9, 2.0, 2.1), (0.9, 1.0, 1.1), apart=["P2", None], plot_id=[None, "A"])
    plan = park(row(100, 100, 100, 100, 100), portfolio, merge_plots_max=2)
    found = plan.proposals()
    assert found["proposal_id"].tolist() == ["merge C+D"]  # B+C would touch A
    assert accepted(plan, found).homes() == {"P1": "C+D", "P2": "A"}
    both = asking((0.9, 1.0, 1.1), (0.9, 1.0, 1.1), apart=["P2", None])
    assert park(row(300), both).proposals()["project_ids"].tolist() == ["P1"]


def test_plots_that_proposals_have_made_are_not_proposed_again() -> None:
    portfolio = asking((3.9, 4.0, 4.1), (0.4, 0.5, 0.6))
    plan = park(
        row(100, 100, 100, 100, 300),
        portfolio,
        merge_plots_max=4,
        merge_plots=(("A", "B"),),
        split_plots={"E": (1.0,)},
    )
    found = plan.proposals()
    assert found["proposal_id"].tolist() == ["split C"]
    assert found["setting"].tolist() == ['split_plots = { "E" = [1.0], "C" = [0.5] }']
    assert accepted(plan, found).homes() == {"P2": "C/1"}


HOSTILE = ['"];x="', "back\\slash", "Участок №1", "{{ 7*7 }}", "a\nb", "\x7f\x01", "🏭"]


@pytest.mark.parametrize("name", HOSTILE)
def test_settings_can_be_copied_whatever_the_ids(name: str) -> None:
    shapes = {name: box(0, 0, 100, 100), "B": box(100, 0, 100, 100), "C": box(200, 0, 300, 100)}
    plan = park(shapes, asking((1.9, 2.0, 2.1), (1.3, 1.4, 1.5)), merge_plots_max=2)
    found = plan.proposals()
    (line,) = found.loc[found["kind"] == "merge", "setting"]
    assert tomllib.loads(line) == {"merge_plots": [sorted([name, "B"])]}
    assert accepted(plan, found).homes().keys() == {"P1", "P2"}
    shapes = {name: box(0, 0, 300, 100)}
    split = park(shapes, asking((0.9, 1.0, 1.1))).proposals()
    assert tomllib.loads(split["setting"].iloc[0]) == {"split_plots": {name: [1.0]}}


def test_inputs_are_left_as_they_were_and_answers_are_the_same_twice() -> None:
    plan = park(row(100, 100, 300), asking((1.9, 2.0, 2.1), (0.5, 0.6, 0.7)), merge_plots_max=2)
    before = [frame.copy(deep=True) for frame in (plan.units, plan.site.plots)]
    first = plan.proposals()
    assert_geodataframe_equal(first, plan.proposals())
    assert_geodataframe_equal(plan.units, before[0])
    assert_geodataframe_equal(plan.site.plots, before[1])


def grid(seed: int) -> dict[str, Any]:
    """Three by three plots of random sizes, named in random order."""
    random = np.random.default_rng(seed)
    x, y = (np.cumsum([0, *random.integers(5, 15, 3) * 10]) for _ in range(2))
    names = random.permutation([*"ABCDEFGHI"])
    return {
        str(names[3 * i + j]): box(x[j], y[i], x[j + 1] - x[j], y[i + 1] - y[i])
        for i, j in itertools.product(range(3), range(3))
    }


def smallest(shapes: dict[str, Any], least: float, wanted: float, most: float) -> set[str] | None:
    """The answer by trying every set of up to four plots."""
    graph = nx.Graph()
    graph.add_nodes_from(shapes)
    for one, other in itertools.combinations(shapes, 2):
        if shapes[one].intersection(shapes[other]).length > 6:
            graph.add_edge(one, other)
    for size in (2, 3, 4):
        fits = []
        for ids in itertools.combinations(sorted(shapes), size):
            area = sum(shapes[name].area for name in ids) / 1e4
            if least <= area <= most and nx.is_connected(graph.subgraph(ids)):
                fits.append((round(abs(area - wanted), 6), ids))
        if fits:
            return set(min(fits)[1])
    return None


@pytest.mark.parametrize("seed", range(25))
def test_the_smallest_merge_is_the_one_that_trying_all_finds(seed: int) -> None:
    shapes = grid(seed)
    wanted = float(np.random.default_rng([seed, 1]).uniform(2.0, 5.0))
    least, most = wanted - 0.15, wanted + 0.1
    plan = park(shapes, asking((least, wanted, most)), merge_plots_max=4)
    merges = [set(each.split(";")) for each in plan.proposals()["plot_ids"]]
    best = None if plan.homes() else smallest(shapes, least, wanted, most)
    assert merges == ([] if best is None else [best])


def test_connected_sets_are_all_there_are() -> None:
    shapes = grid(0)
    polygons = np.array(list(shapes.values()), dtype=object)
    left, right = touching(polygons)
    graph = nx.Graph(zip(left.tolist(), right.tolist(), strict=True))
    found = connected_sets(left, right, np.ones(9), most=5, area_max_ha=9.0)
    for size, sets in enumerate(found, start=2):
        wanted = [
            list(ids)
            for ids in itertools.combinations(range(9), size)
            if nx.is_connected(graph.subgraph(ids))
        ]
        assert sets.tolist() == wanted
    assert size == 5


@pytest.mark.parametrize("seed", range(12))
def test_all_proposals_together_place_at_least_what_they_promise(seed: int) -> None:
    random = np.random.default_rng(seed)
    widths = random.integers(4, 40, 8) * 10.0
    wanted = random.integers(4, 45, 8) / 10
    portfolio = asking(
        *[(round(0.85 * a, 3), float(a), round(1.15 * a, 3)) for a in wanted],
        power_mw=random.integers(0, 5, 8).astype(float).tolist(),
        apart=["P2", *[None] * 5, "P6", None],
        **{kind: 0.0 for kind in UTILITY_KINDS if kind != "power_mw"},
    )
    power = [("PW", "power_mw", 14.0)]
    plan = park(row(*widths), portfolio, utilities=power, merge_plots_max=3)
    found = plan.proposals()
    kept = found[found["remark"] == ""]
    named = [name for ids in kept["project_ids"] for name in ids.split(";")]
    invests = portfolio.set_index("project_id")["invest_bn_kzt"]
    again = accepted(plan, kept)
    assert again.value >= plan.value + invests[named].sum() - 1e-9
    assert len(set(named)) == len(named)
    assert not set(named) & set(plan.homes())
