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

from .sample import CRS


def test_sanitary_lines_lie_at_their_distance(plan: PlanLayers) -> None:
    lines = spz_features(plan)
    housing, recreation = plan.receptors.geometry
    for line, label in zip(lines.geometry, lines["label"], strict=True):
        near = recreation if "D1" in label else housing
        metres = float(label.split(" m ")[0].replace("\u2009", ""))
        away = shapely.distance(near, shapely.points(shapely.get_coordinates(line)))
        assert np.abs(away - metres).max() < 0.01
    assert len(lines) == 6


def test_land_that_other_layers_show_is_not_drawn_twice(plan: PlanLayers) -> None:
    assert set(land_features(plan)["look"]) == {"green", "services", "utilities", "reserve"}
    streets = street_features(plan)
    assert (streets["look"] == "land").sum() == (plan.land["kind"] == "street").sum()
    assert (streets["look"] != "land").sum() == len(plan.streets)


def test_findings_without_a_place_are_not_on_the_map(plan: PlanLayers) -> None:
    features = finding_features(plan)
    assert list(features["look"]) == ["error", "warning"]
    assert features["caption"][0].endswith("fronts the street with 12 m only.\nMove its side.")


def test_captions_leave_out_what_is_not_known(plan: PlanLayers) -> None:
    for make in FEATURES.values():
        text = " ".join(make(plan)["caption"])
        assert "nan" not in text.lower().split()
        assert "None" not in text


def test_labels_stand_inside_areas_and_on_lines(plan: PlanLayers) -> None:
    middle = plan.zones.union_all().centroid
    for name in ("zones", "receptors", "gates", "spz"):
        features = FEATURES[name](plan)
        points = label_points(features, middle)
        assert features.geometry.distance(points).max() < 1e-6


@pytest.mark.parametrize("layer", ["exclusions", "gates", "utilities", "receptors", "findings"])
def test_a_layer_may_be_empty(plan: PlanLayers, layer: str) -> None:
    bare = replace(plan, **{layer: getattr(plan, layer).iloc[:0]})
    assert page_content(bare)["layers"][layer]["shapes"]["dimension"] == []


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
    assert [entry["label"] for entry in content["colourings"][0]["entries"]] == ["free"]
    assert "Content-Security-Policy" in map_html(bare)


def test_inputs_are_not_changed(plan: PlanLayers) -> None:
    tables = ("zones", "plots", "land", "streets", "projects", "allocation", "receptors")
    before = {name: getattr(plan, name).copy() for name in tables}
    page_content(plan)
    assert all(getattr(plan, name).equals(before[name]) for name in tables)
    assert plan.plots.crs == CRS
