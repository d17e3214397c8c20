"""Flows on the map: the heaviest, wide for many tonnes, coloured by commodity, year by year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geoplan.plan import PlanLayers
from geoplan.publish.map.flows import LINES_MAX, flow_features, heaviest

from .conftest import OpenMap


def with_flows(plan: PlanLayers, count: int = 4) -> PlanLayers:
    """Return the plan with flows of placed projects, to each other and the first gate."""
    named = plan.plots["project_id"].dropna().unique()[: count + 1]
    gate = str(plan.gates["gate_id"].iloc[0])
    rows = {
        "from_id": [*named[:-1], named[1]],
        "to_id": [*named[1:], gate],
        "commodity": [f"goods {row % 7}" for row in range(count)] + ["iron"],
        "t_year": [float(100 * 2**(row % 6)) for row in range(count)] + [90_000.0],
        "from_year": pd.array([2026 + row % 3 for row in range(count)] + [None], dtype="Int64"),
        "to_year": pd.array([None] * count + [2027], dtype="Int64"),
        "km": np.linspace(0.2, 2.0, count + 1),
    }  # fmt: skip
    return replace(plan, flows=pd.DataFrame(rows))


def test_widths_tell_tonnes_and_the_widest_lies_on_top(plan: PlanLayers) -> None:
    table = flow_features(with_flows(plan)).table
    assert table["t_year"].is_monotonic_increasing
    assert table["look"].iloc[-1] == "0-3"  # most tonnes: the first colour, the widest line
    assert table["look"].str.fullmatch("[0-5]-[0-3]").all()
    assert (table.geometry.length > 0).all()


def test_both_ways_are_one_line_in_the_colour_of_most(plan: PlanLayers) -> None:
    flows = with_flows(plan).flows.iloc[[0, 0]].assign(
        from_year=pd.array([2026, 2026], dtype="Int64"), t_year=[10.0, 30.0],
        commodity=["out", "back"],
    )  # fmt: skip
    flows.iloc[1, [0, 1]] = flows.iloc[1, [1, 0]].to_numpy()
    joined = heaviest(flows)
    assert joined[["t_year", "commodity"]].to_numpy().tolist() == [[40.0, "back"]]


def test_the_main_commodity_is_that_of_most_tonnes_both_ways_together(plan: PlanLayers) -> None:
    flows = with_flows(plan).flows.iloc[[0, 0, 0]].assign(
        t_year=[30.0, 30.0, 40.0], commodity=["steel", "steel", "parts"]
    )  # fmt: skip
    flows.iloc[1, [0, 1]] = flows.iloc[1, [1, 0]].to_numpy()
    joined = heaviest(flows)
    assert joined[["t_year", "commodity"]].to_numpy().tolist() == [[100.0, "steel"]]


def test_flows_of_nothing_are_drawn_as_well(plan: PlanLayers) -> None:
    nothing = with_flows(plan)
    table = flow_features(replace(nothing, flows=nothing.flows.assign(t_year=0.0))).table
    assert table["look"].str.fullmatch("[0-5]-[0-3]").all()


def test_no_more_lines_are_drawn_than_can_be_told_apart(plan: PlanLayers) -> None:
    flows = with_flows(plan, 100).flows
    assert len(heaviest(flows)) == LINES_MAX
    assert heaviest(flows)["t_year"].min() >= flows["t_year"].sort_values().iloc[10]


@pytest.fixture
def opened(open_map: Callable[..., OpenMap], plan: PlanLayers) -> OpenMap:
    return open_map(with_flows(plan))


def test_flows_are_off_until_asked_for_and_follow_the_year(opened: OpenMap) -> None:
    assert opened.ask("plan.shows('flows')") is False
    opened.ask("map.addLayer(plan.layers.flows) && 0")
    running = (
        "[...Array(plan.data.layers.flows.shapes.count).keys()]"
        ".filter((row) => geoplan.runsNow(plan, row)).length"
    )
    assert opened.ask(running) == 5
    year = opened.ask("(plan.showYear(2026), plan.year)")
    assert year == 2026
    told = with_flows(opened.plan).flows if opened.plan.flows.empty else opened.plan.flows
    runs = (told["from_year"].fillna(0) <= year) & (told["to_year"].fillna(9999) >= year)
    assert opened.ask(running) == int(runs.sum())


def test_a_flow_is_told_when_pointed_at_and_in_the_legend(opened: OpenMap) -> None:
    opened.ask("map.addLayer(plan.layers.flows) && 0")
    signs = opened.ask("geoplan.signList(plan).innerText || geoplan.signList(plan).textContent")
    assert "iron" in str(signs)
    caption = opened.ask(
        "geoplan.featureCaption(plan.data.layers.flows,"
        " plan.data.layers.flows.shapes.count - 1).textContent"
    )
    assert "iron" in str(caption)
    assert "t a year" in str(caption)
