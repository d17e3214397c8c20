"""The logistics park and the consolidated plan are what their scenarios say: all of them placed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import geoplan
from geoplan.config import load_scenario

ASTANA = Path(__file__).parents[1] / "layers" / "astana"
LOGISTICS = ASTANA / "logistics"
SECTORS = {
    "warehouse_a_b",
    "3pl_fulfilment",
    "cold_store",
    "container_yard",
    "truck_service",
    "customs",
    "vehicle_storage",
}


def layer(name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(ASTANA / f"{name}.geojson").to_crs("EPSG:32642")


@pytest.fixture(scope="module")
def projects() -> pd.DataFrame:
    return pd.read_csv(LOGISTICS / "projects.csv", dtype={"project_id": str})


@pytest.fixture(scope="module")
def plan() -> geoplan.Plan:
    return geoplan.run(ASTANA / "logistics.toml")


@pytest.fixture(scope="module")
def both() -> geoplan.Plan:
    return geoplan.run(ASTANA / "consolidated.toml")


def test_the_script_makes_the_committed_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ASTANA / "make_logistics.py", tmp_path], check=True)
    committed = {path.name: path.read_bytes() for path in LOGISTICS.iterdir()}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == committed


@pytest.mark.parametrize("name", ["logistics", "consolidated"])
def test_the_map_will_say_that_the_park_is_generated(name: str) -> None:
    notice = load_scenario(ASTANA / f"{name}.toml").site.notice
    assert "Schematic" in notice
    assert "generated" in notice


def test_the_portfolio_has_the_published_frame(projects: pd.DataFrame) -> None:
    assert len(projects) == projects["project_id"].nunique() == 100
    assert projects["invest_bn_kzt"].sum() == pytest.approx(175.0, abs=1e-9)
    assert projects["area_ha"].sum() == pytest.approx(120.0, abs=1e-9)
    assert set(projects["sector"]) == SECTORS
    assert projects["name"].str.contains("generated").all()
    assert projects["rail"].sum() >= 10
    assert projects["heavy"].sum() >= 10
    assert (projects["rail"] & projects["heavy"]).any()


def test_ids_are_not_those_of_the_industrial_park(projects: pd.DataFrame) -> None:
    for name in ("zones", "gates", "utilities", "receptors"):
        own, others = layer(f"logistics/{name}"), layer(f"park2/{name}")
        assert set(own.iloc[:, 0]).isdisjoint(others.iloc[:, 0])
    assert projects["project_id"].str.startswith("LP-").all()


def test_it_lies_beside_the_industrial_park_and_shares_an_edge_with_it() -> None:
    own, others = layer("logistics/zones"), layer("park2/zones")
    assert shapely.coverage_is_valid(pd.concat([own, others]).geometry.to_numpy(), gap_width=1.0)
    one, other = (shapely.coverage_union_all(z.geometry.to_numpy()) for z in (own, others))
    assert one.geom_type == other.geom_type == "Polygon"
    assert shapely.area(shapely.intersection(one, other)) < 1e-6
    assert shapely.length(shapely.intersection(one, other)) > 800


def test_its_siding_carries_on_the_industrial_parks_railway() -> None:
    (siding,) = layer("logistics/sidings").geometry
    gates = layer("park2/gates").set_index("gate_id").geometry
    assert shapely.distance(shapely.get_point(siding, 0), gates["R"]) < 0.01


def placed_within_limits(plan: geoplan.Plan) -> None:
    assert (plan.allocation["status"] == "placed").all()
    asked = plan.projects.set_index("project_id")
    given = plan.plots.groupby("project_id")["area_ha"].sum()
    slack = 1 + 2e-4
    assert (given >= asked["area_min_ha"].loc[given.index] / slack).all()
    assert (given <= asked["area_max_ha"].loc[given.index] * slack).all()
    # The least transport work is bounded too, but far less closely.
    gaps = {stage["aim"]: stage["gap"] for stage in plan.manifest["solver"]}
    assert max(gap for aim, gap in gaps.items() if aim != "transport") <= 0.005
    assert not (plan.findings["severity"] == "error").any()


def test_all_hundred_are_placed_within_their_limits(plan: geoplan.Plan) -> None:
    assert len(plan.allocation) == 100
    placed_within_limits(plan)


def test_every_share_of_its_land_keeps_to_the_norms(plan: geoplan.Plan) -> None:
    whole = plan.balance[(plan.balance["zone_id"] == "all") & plan.balance["norm_min"].notna()]
    assert whole["ok"].astype(bool).all()


def test_heavy_goods_vehicles_come_by_main_streets_and_collectors(plan: geoplan.Plan) -> None:
    heavy = plan.projects.loc[plan.projects["heavy"], "project_id"]
    wide = plan.streets[plan.streets["class"] != "local"]
    rows = shapely.union_all(
        shapely.buffer(wide.geometry.array, wide["row_m"] / 2 + 0.05, cap_style="flat")
    )
    fronts = plan.plots[plan.plots["project_id"].isin(heavy)]
    edges = shapely.boundary(np.asarray(fronts.geometry.array, dtype=object))
    assert len(fronts) == len(heavy)
    assert (shapely.length(shapely.intersection(edges, rows)) > 6).all()


def test_who_needs_a_railway_has_the_siding_within_reach(plan: geoplan.Plan) -> None:
    needs = plan.projects.loc[plan.projects["rail"], "project_id"]
    shapes = plan.plots[plan.plots["project_id"].isin(needs)].geometry
    (track,) = plan.sidings.geometry
    assert (shapely.distance(shapes.array, track) <= 350).all()


def test_plots_back_onto_the_siding_and_no_street_crosses_it(plan: geoplan.Plan) -> None:
    (track,) = plan.sidings.geometry
    land = shapely.buffer(track, plan.sidings["row_m"][0] / 2, cap_style="flat")
    streets = plan.land.geometry[plan.land["kind"] == "street"]
    assert shapely.area(shapely.intersection(streets.array, land)).max() < 0.01
    along = plan.plots[shapely.dwithin(plan.plots.geometry.array, land, 0.01)]
    assert len(along) >= 15
    left = shapely.buffer(track, 60, single_sided=True)
    sides = shapely.area(shapely.intersection(along.geometry.array, left)) > 0
    assert 5 <= sides.sum() <= len(along) - 5


def test_both_sites_make_one_plan_in_one_street_network(both: geoplan.Plan) -> None:
    assert len(both.allocation) == 250
    assert len(both.manifest["inputs"]) == 13
    placed_within_limits(both)
    streets = shapely.union_all(both.land.geometry[both.land["kind"] == "street"].array)
    network = max(shapely.get_parts(streets), key=shapely.area)
    fronting = shapely.dwithin(both.plots.geometry.array, network, 0.01)
    own = both.plots["zone_id"].str.startswith("LP-")
    assert fronting[own].mean() > 0.95
    assert fronting[~own].mean() > 0.95


def test_goods_go_shorter_ways_than_if_nobody_asked_or_each_site_were_alone(
    both: geoplan.Plan,
) -> None:
    work = both.manifest["transport"]
    assert work["least"] <= work["now"] <= 0.8 * work["blind"]
    assert work["now"] < work["alone"]
    assert both.allocation["status"].eq("placed").all()
