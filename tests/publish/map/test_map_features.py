"""Each layer shows what the plan holds, where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from geoplan.plan import PlanLayers
from geoplan.publish.map import map_html
from geoplan.publish.map.content import page_content
from geoplan.publish.map.features import (
    FEATURES,
    finding_features,
    label_points,
    land_features,
    spz_features,
    street_features,
)
from geoplan.publish.map.payload import packed

from .sample import CRS

CLASSES = ["I", "II", "III", "IV", "V"]


def test_sanitary_lines_lie_at_their_distance(plan: PlanLayers) -> None:
    drawn = spz_features(plan)
    lines = drawn.table
    housing, recreation = plan.receptors.geometry
    for line, of, metres in zip(lines.geometry, lines["label"], lines["distance_m"], strict=True):
        near = recreation if of == "D1" else housing
        assert metres == (200.0 if of == "D1" else plan.spz_distance_m[CLASSES.index(of) + 1])
        away = shapely.distance(near, shapely.points(shapely.get_coordinates(line)))
        assert np.abs(away - metres).max() < 0.01
    assert sorted(lines["label"]) == ["D1", *CLASSES]
    assert [field.column for field in drawn.fields] == ["distance_m"]


def test_land_that_other_layers_show_is_not_drawn_twice(plan: PlanLayers) -> None:
    assert set(land_features(plan).table["look"]) == {"green", "services", "utilities", "reserve"}
    streets = street_features(plan).table
    assert (streets["look"] == "land").sum() == (plan.land["kind"] == "street").sum()
    assert (streets["look"] != "land").sum() == len(plan.streets)


def test_findings_without_a_place_are_not_on_the_map(plan: PlanLayers) -> None:
    table = finding_features(plan).table
    assert list(table["look"]) == ["error", "warning"]
    assert list(table["message"]) == list(plan.findings["message"][:2])
    assert table["remedy"][0] == "Move its side."
    assert table["remedy"].isna().tolist() == [False, True]


def test_what_is_not_known_is_null_and_not_a_word(plan: PlanLayers) -> None:
    for make in FEATURES.values():
        drawn = make(plan)
        assert drawn.table["look"].notna().all()
        columns = ["noun", "subject", "label", *(field.column for field in drawn.fields)]
        said = drawn.table[columns].astype(object).stack().astype(str)
        assert not said.str.lower().isin(["nan", "none", "<na>", "nat"]).any()


def test_labels_stand_inside_areas_and_on_lines(plan: PlanLayers) -> None:
    middle = plan.zones.union_all().centroid
    for name in ("zones", "receptors", "gates", "spz"):
        table = FEATURES[name](plan).table
        points = label_points(table, middle)
        assert table.geometry.distance(points).max() < 1e-6


@pytest.mark.parametrize("layer", ["exclusions", "gates", "utilities", "receptors", "findings"])
def test_a_layer_may_be_empty(plan: PlanLayers, layer: str) -> None:
    bare = replace(plan, **{layer: getattr(plan, layer).iloc[:0]})
    coded = page_content(bare)["layers"][layer]
    assert [len(coded["shapes"][part]) for part in coded["shapes"]] == [0] * 5
    assert coded["fields"] == []
    assert packed(page_content(bare))


def test_a_plan_without_a_portfolio_has_a_map(plan: PlanLayers) -> None:
    plots = plan.plots.assign(project_id=None, market="for sale")
    bare = replace(
        plan,
        plots=plots,
        projects=plan.projects.iloc[:0, :0],
        allocation=plan.allocation.iloc[:0, :0],
        capacities=plan.capacities.iloc[:0, :0],
    )
    content = page_content(bare)
    assert content["projects"]["count"] == 0
    assert content["colourings"]
    of_projects = {"sector", "phase", "hazard", "fit"}
    assert not of_projects & {colouring["key"] for colouring in content["colourings"]}
    assert set(content["plots"]["project"].tolist()) == {-1}
    assert "Content-Security-Policy" in map_html(bare)


def test_inputs_are_not_changed(plan: PlanLayers) -> None:
    tables = ("zones", "plots", "land", "streets", "projects", "allocation", "receptors")
    before = {name: getattr(plan, name).copy() for name in tables}
    page_content(plan)
    assert all(getattr(plan, name).equals(before[name]) for name in tables)
    assert plan.plots.crs == CRS
