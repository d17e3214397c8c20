"""An earlier plan in the page of a later one: what differs, and colours that mean the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geoplan.plan import PlanLayers
from geoplan.publish.map import map_html
from geoplan.publish.map.against import differences, shared_colourings
from geoplan.publish.map.colours import colourings_of
from geoplan.publish.map.content import project_table

from .two_plans import RENAMED, two_plans


@pytest.fixture(scope="module")
def pair() -> tuple[PlanLayers, PlanLayers]:
    return two_plans()


def table(coded: dict[str, object]) -> pd.DataFrame:
    """Read the texts of a coded table back."""
    columns = {}
    for field in coded["fields"]:
        if "texts" in field:
            columns[field["column"]] = [
                None if code < 0 else field["texts"][code] for code in field["codes"]
            ]
    return pd.DataFrame(columns)


def test_projects_and_plots_that_differ_are_told_and_no_others(
    pair: tuple[PlanLayers, PlanLayers],
) -> None:
    earlier, later = pair
    told = differences(earlier, later)
    projects = table(told["projects"]).set_index("project_id")
    held = earlier.plots.dropna(subset="project_id")
    free = earlier.plots[earlier.plots["project_id"].isna()]["plot_id"].to_list()
    mover, one, other, loser = held["project_id"].iloc[:4]
    assert projects["change"].to_dict() == {
        mover: "moved",
        one: "moved",
        other: "moved",
        "PU0000": "placed now",
        loser: "placed no more",
    }
    assert projects.loc[mover, "plot_ids_a"] == held["plot_id"].iloc[0]
    assert projects.loc[mover, "plot_ids_b"] == free[0]
    plots = table(told["plots"]).set_index("plot_id")["change"]
    changed = {*held["plot_id"].iloc[:4], *free[:2], free[3]}
    assert plots.to_dict() == {
        **dict.fromkeys(changed, "changed"), free[2]: "gone", RENAMED: "new"
    }  # fmt: skip


def test_a_plan_does_not_differ_from_itself(pair: tuple[PlanLayers, PlanLayers]) -> None:
    told = differences(pair[0], pair[0])
    assert told["projects"]["count"] == told["plots"]["count"] == 0
    assert all(row["before"] == row["after"] for row in told["sums"])


def test_sums_are_those_of_both_plans(pair: tuple[PlanLayers, PlanLayers]) -> None:
    sums = {row["label"]: (row["before"], row["after"]) for row in differences(*pair)["sums"]}
    investment = [
        plan.projects.set_index("project_id")["invest_bn_kzt"][
            plan.plots["project_id"].dropna().unique()
        ].sum()
        for plan in pair
    ]
    assert sums["Investment placed"] == tuple(round(total, 1) for total in investment)
    assert sums["Plots"] == (240, 240)


def test_one_colour_means_one_thing_in_both_plans(pair: tuple[PlanLayers, PlanLayers]) -> None:
    earlier, later = pair
    sides = [(plan.plots, project_table(plan)) for plan in pair]
    colourings, codes = shared_colourings(*sides)
    for shared, code in zip(colourings, codes, strict=True):
        for plan, entry_of_plot in ((earlier, code), (later, shared.entry_of_plot)):
            alone = {each.key: each for each in colourings_of(plan.plots, project_table(plan))}
            if shared.key not in alone:
                continue
            said = [shared.entries[entry]["label"] for entry in entry_of_plot]
            own = alone[shared.key]
            assert said == [own.entries[entry]["label"] for entry in own.entry_of_plot]
        counts = np.bincount(shared.entry_of_plot, minlength=len(shared.entries))
        assert [entry["count"] for entry in shared.entries] == counts.tolist()


def test_plans_without_projects_can_be_compared_and_give_the_same_bytes(
    pair: tuple[PlanLayers, PlanLayers],
) -> None:
    bare = [
        replace(
            plan,
            plots=plan.plots.assign(project_id=None),
            projects=plan.projects.iloc[:0],
            allocation=plan.allocation.iloc[:0],
        )
        for plan in pair
    ]
    assert map_html(bare[1], against=bare[0]) == map_html(bare[1], against=bare[0])
