"""The bundled park's plan keeps every promise, measured on its files by this test's own means."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from .planned import NORMS, SCENARIO, UTILITIES, Planned


def groups(shapes: np.ndarray, *, touch_m: float) -> list[set[int]]:
    """Return which shapes hang together, by walking from one to those it touches."""
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=touch_m)
    beside = {i: set(right[left == i]) for i in range(len(shapes))}
    rest, found = set(beside), []
    while rest:
        group, edge = set(), {rest.pop()}
        while edge:
            group |= edge
            edge = set().union(*(beside[i] for i in edge)) - group
        rest -= group
        found.append(group)
    return found


def test_the_command_ends_well(planned: Planned) -> None:
    result = json.loads(planned.ended.stdout)
    assert planned.ended.returncode == 0, result["findings"]
    assert result["errors"] == 0
    assert result["projects"] == result["projects_placed"] == 150
    assert result["investment_placed_bn_kzt"] == pytest.approx(500)


def test_all_projects_are_placed_within_their_limits(
    placed: gpd.GeoDataFrame, given: pd.DataFrame, rows: list[dict[str, str]]
) -> None:
    assert sorted(placed["project_id"]) == sorted(given.index)
    measured_ha = placed.area / 10_000
    assert (measured_ha >= placed["area_min_ha"] * (1 - 2e-4)).all()
    assert (measured_ha <= placed["area_max_ha"] * (1 + 2e-4)).all()
    chosen_ha = {row["project_id"]: float(row["area_ha"]) for row in rows}
    off = measured_ha / placed["project_id"].map(chosen_ha) - 1
    assert off.abs().max() <= 2e-4


def test_no_plot_has_two_projects_and_the_tables_agree(
    placed: gpd.GeoDataFrame, plots: gpd.GeoDataFrame, rows: list[dict[str, str]]
) -> None:
    assert plots["plot_id"].is_unique
    assert placed["project_id"].is_unique
    stated = {(r["project_id"], r["plot_ids"], r["zone_id"]) for r in rows if not r["reason"]}
    held = placed[["project_id", "plot_id", "zone_id"]]
    assert stated == set(held.itertuples(index=False, name=None))
    assert {row["status"] == "placed" for row in rows if not row["reason"]} == {True}
    assert {row["status"] == "unplaced" for row in rows if row["reason"]} <= {True}


def test_each_aim_is_proven_within_half_a_per_cent(planned: Planned) -> None:
    solver = planned.manifest["solver"]
    assert [stage["aim"] for stage in solver] == ["investment", "area_fit"]
    for stage in solver:
        assert stage["gap"] <= 0.005
        assert stage["status"] == "optimal"
        assert stage["objective"] <= stage["bound"] * (1 + 1e-9)
        assert 1 - stage["objective"] / stage["bound"] == pytest.approx(stage["gap"], abs=1e-9)


def test_the_objectives_are_those_of_the_placed_projects(
    planned: Planned, placed: gpd.GeoDataFrame
) -> None:
    value = {stage["aim"]: stage["objective"] for stage in planned.manifest["solver"]}
    assert value["investment"] == pytest.approx(placed["invest_bn_kzt"].sum(), rel=1e-9)
    misfit_ha = (placed.area / 10_000 - placed["area_ha_asked"]).abs().sum()
    assert value["area_fit"] == pytest.approx(placed["area_ha_asked"].sum() - misfit_ha, rel=1e-3)


def test_land_is_a_valid_coverage_of_the_zones(
    land: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, plots: gpd.GeoDataFrame
) -> None:
    assert shapely.coverage_is_valid(land.geometry.to_numpy())
    assert land.area.sum() == pytest.approx(zones.area.sum(), rel=1e-9)
    by_zone = land.dissolve("zone_id").geometry
    for zone in zones.itertuples():
        assert by_zone[zone.zone_id].symmetric_difference(zone.geometry).area < 1e-3
    asked = gpd.read_file(SCENARIO.parent / "park2" / "zones.geojson").to_crs("EPSG:32642")
    assert land.area.sum() == pytest.approx(asked.area.sum(), rel=1e-6)
    of_plots = land[land["kind"] == "plot"].set_index("land_id").geometry
    assert set(of_plots.index) == set(plots["plot_id"])
    assert all(of_plots[p.plot_id].equals(p.geometry) for p in plots.itertuples())


def test_balance_adds_up_and_keeps_to_its_targets(planned: Planned, land: gpd.GeoDataFrame) -> None:
    balance = planned.layer("balance").set_index(["zone_id", "kind"])
    gross_m2 = land.area.sum()
    share = land.area.groupby(land["kind"]).sum() / gross_m2
    assert share["plot"] >= 0.6
    assert share.get("residual", 0.0) <= 0.01
    stated = balance.loc["all", "share"]
    assert stated[share.index].to_numpy() == pytest.approx(share.to_numpy(), abs=1e-9)
    assert balance.groupby("zone_id")["share"].sum().to_numpy() == pytest.approx(1, abs=1e-9)
    for kind, norm in NORMS["balance"].items():
        inside = norm["min"] <= stated[kind] <= norm["max"]
        assert bool(balance.loc[("all", kind), "ok"]) == inside


def test_every_plot_is_one_polygon_of_a_usable_size(plots: gpd.GeoDataFrame) -> None:
    assert set(plots.geom_type) == {"Polygon"}
    assert plots.is_valid.all()
    assert (plots.area >= 3_000 * (1 - 2e-4)).all()
    assert plots["area_ha"].to_numpy() == pytest.approx(plots.area.to_numpy() / 10_000, rel=1e-9)
    # No slivers: a circle of 26 m fits into each, for no plot is narrower than its frontage.
    inner_m = shapely.length(shapely.maximum_inscribed_circle(plots.geometry.to_numpy()))
    assert inner_m.min() > 13


def test_every_plot_fronts_the_network_of_the_gates_by_30_m(
    plots: gpd.GeoDataFrame, land: gpd.GeoDataFrame, road_gates: gpd.GeoDataFrame
) -> None:
    streets = shapely.get_parts(shapely.union_all(land.geometry[land["kind"] == "street"]))
    at_gates = [s for s in streets if all(s.distance(g) < 0.5 for g in road_gates.geometry)]
    assert len(at_gates) == 1
    front_m = shapely.length(plots.intersection(at_gates[0].boundary))
    assert front_m.min() >= 30
    assert plots["frontage_m"].to_numpy() == pytest.approx(front_m, abs=0.01)


def test_centrelines_are_one_network_that_touches_both_road_gates(
    planned: Planned, road_gates: gpd.GeoDataFrame
) -> None:
    streets = planned.layer("streets")
    lines = streets.geometry.to_numpy()
    assert len(groups(lines, touch_m=0.01)) == 1
    assert len(road_gates) == 2
    for gate in road_gates.geometry:
        assert shapely.distance(lines, gate).min() < 0.5
    assert streets["street_id"].is_unique
    assert streets["length_m"].to_numpy() == pytest.approx(shapely.length(lines), rel=1e-9)


def test_streets_are_as_wide_as_their_right_of_way(
    planned: Planned, land: gpd.GeoDataFrame
) -> None:
    streets = planned.layer("streets")
    assert streets.groupby("class")["row_m"].first().to_dict().items() <= {
        ("main", 30.0), ("collector", 24.0), ("local", 20.0),
    }  # fmt: skip
    whole = shapely.union_all(land.geometry[land["kind"] == "street"])
    zones = shapely.union_all(land.geometry)
    for street in streets.itertuples():
        # Beside the ends, and where no other land of the park is taken, half lies on each side.
        line = shapely.ops.substring(street.geometry, 1, street.geometry.length - 1)
        body = line.buffer(street.row_m / 2 - 0.5, cap_style="flat").intersection(zones)
        assert body.difference(whole).area < 0.02 * body.area


def test_capacities_are_kept(planned: Planned, placed: gpd.GeoDataFrame) -> None:
    utilities = planned.layer("utilities")
    table = planned.layer("capacities").set_index("utility_id")
    assert (table["used"] <= table["capacity"] * (1 + 1e-9)).all()
    for kind in UTILITIES:
        of_kind = utilities[utilities["kind"] == kind].set_index("utility_id")
        demand = placed[kind].sum()
        assert table["used"][of_kind.index].sum() == pytest.approx(demand, rel=1e-9)
        inside = placed.representative_point()
        for source in of_kind.itertuples():
            area = source.geometry.geom_type != "Point"
            drawn = placed[kind][inside.within(source.geometry)].sum() if area else demand
            assert drawn <= source.capacity * (1 + 1e-9)
            assert drawn == pytest.approx(table["used"][source.Index], rel=1e-9)


def test_hazards_keep_their_distance_from_receptors_and_sensitive_plants(
    planned: Planned, placed: gpd.GeoDataFrame
) -> None:
    receptors = planned.layer("receptors").geometry.to_numpy()
    sectors = NORMS["spz"]["sensitive_sectors"]
    sensitive = placed.geometry[placed["sector"].isin(sectors)].to_numpy()
    assert len(sensitive) > 20
    measured = 0
    for number, least_m in enumerate(NORMS["spz"]["distance_m"], start=1):
        mine = placed.geometry[placed["hazard_class"] == number].to_numpy()[:, None]
        others = receptors
        if number <= NORMS["spz"]["sensitive_against_class_max"]:
            others = np.concatenate([receptors, sensitive])
        away_m = shapely.distance(mine, others)
        assert (away_m >= least_m - 0.01).all()
        measured += away_m.size
    assert measured > 500


def test_zones_take_the_use_hazard_and_year_of_their_projects(
    placed: gpd.GeoDataFrame, zones: gpd.GeoDataFrame
) -> None:
    at = gpd.GeoDataFrame(geometry=placed.representative_point()).sjoin(zones, predicate="within")
    zone = at.loc[placed.index]
    assert (zone["zone_id"] == placed["zone_id"]).all()
    assert (zone["use"] == placed["use_asked"]).all()
    assert (placed["hazard_class"] >= zone["hazard_max"]).all()
    assert (placed["start_year"] >= zone["available_year"]).all()


def test_rail_projects_stand_within_reach_of_the_siding(
    planned: Planned, placed: gpd.GeoDataFrame
) -> None:
    gates = planned.layer("gates").set_index("kind").geometry
    away_m = placed[placed["rail"]].distance(gates["rail"])
    assert len(away_m) > 20
    assert away_m.max() <= planned.manifest["settings"]["allocate"]["rail_reach_m"] + 0.01


def test_plot_states_follow_from_projects_and_years(
    placed: gpd.GeoDataFrame, plots: gpd.GeoDataFrame
) -> None:
    contracted = placed["status"].isin(["contract", "construction", "operation"])
    assert (placed["market"][contracted] == "sold").all()
    assert (placed["market"][placed["status"] == "reservation"] == "reserved").all()
    assert set(plots["market"][plots["project_id"].isna()]) == {"for sale"}
    serviced = plots["available_year"] <= 2026
    assert (plots["servicing"] == np.where(serviced, "serviced", "planned")).all()
