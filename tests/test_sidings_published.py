"""A siding in what a plan writes, and in a plan that is made again from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ezdxf
import geopandas as gpd
import pyogrio
import pytest
import shapely

import geoplan
from geoplan.errors import GeoplanError
from geoplan.plan import no_sidings
from geoplan.publish.exports.dxf import write_dxf
from geoplan.publish.exports.kml import write_kml
from geoplan.publish.figures import land_figures
from geoplan.publish.map.audience import plan_for
from geoplan.publish.map.features import gate_features
from tests.small_park import CRS, SOUTH_M, WEST_M, write_layer, write_park


def write_siding(folder: Path, *corners: tuple[float, float]) -> None:
    """Draw the siding S in metres from the park's south-western corner."""
    line = shapely.LineString([(WEST_M + x, SOUTH_M + y) for x, y in corners])
    siding = {"siding_id": ["S"], "row_m": [16.0]}
    write_layer(gpd.GeoDataFrame(siding, geometry=[line], crs=CRS), folder / "sidings.geojson")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("park")
    scenario = write_park(folder)
    named = 'gates = "gates.geojson"\nsidings = "sidings.geojson"\n'
    text = scenario.read_text(encoding="utf-8").replace('gates = "gates.geojson"\n', named)
    scenario.write_text(
        text.replace("[subdivide]", "[allocate]\nrail_reach_m = 200\n\n[subdivide]")
    )
    projects = folder / "projects.csv"
    rows = projects.read_text(encoding="utf-8").splitlines()
    rail = ["rail", *("true" if row.startswith("A-4") else "false" for row in rows[1:])]
    joined = (f"{row},{flag}" for row, flag in zip(rows, rail, strict=True))
    projects.write_text("\n".join(joined) + "\n", encoding="utf-8")
    write_siding(folder, (900, 200), (680, 230), (560, 330))
    return folder


@pytest.fixture(scope="module")
def plan(folder: Path) -> geoplan.Plan:
    return geoplan.run(folder / "park.toml")


def test_who_needs_a_railway_stands_along_the_siding(plan: geoplan.Plan) -> None:
    assert not (plan.findings["severity"] == "error").any()
    (plot,) = plan.plots.geometry[plan.plots["project_id"] == "A-4"]
    assert plot.hausdorff_distance(plan.sidings.geometry[0]) > 0
    assert shapely.distance(plot, plan.sidings.geometry[0]) <= 200


def test_its_right_of_way_is_excluded_land_and_no_plots(plan: geoplan.Plan) -> None:
    land = shapely.buffer(plan.sidings.geometry[0], 7.99, cap_style="flat")
    within = plan.land[plan.land.intersects(land)].assign(m2=lambda f: f.intersection(land).area)
    by_kind = within.groupby("kind")["m2"].sum()
    assert by_kind["excluded"] == pytest.approx(land.area, rel=0.02)
    assert by_kind.get("plot", 0.0) < 0.1


def test_the_package_holds_it_and_gives_it_back(plan: geoplan.Plan, tmp_path: Path) -> None:
    saved = geoplan.load(plan.save(tmp_path / "plan"))
    assert saved.sidings["siding_id"].tolist() == ["S"]
    assert saved.sidings["length_m"][0] == pytest.approx(plan.sidings.length[0])
    assert saved.sidings.geometry[0].equals(plan.sidings.geometry[0])


def test_a_plan_without_sidings_writes_no_such_layer(tmp_path: Path) -> None:
    plan = geoplan.run(write_park(tmp_path / "park"))
    folder = plan.save(tmp_path / "plan")
    assert "sidings" not in pyogrio.list_layers(folder / "plan.gpkg")[:, 0]
    assert geoplan.load(folder).sidings.empty
    assert "Railway sidings, length" not in [figure.title for figure in land_figures(plan)]


def test_the_map_draws_it_as_a_railway_for_investors_too(plan: geoplan.Plan) -> None:
    for audience in ("planner", "investor"):
        table = gate_features(plan_for(plan, audience)).table
        (siding,) = table[table["noun"] == "Siding"].itertuples()
        assert (siding.look, siding.subject, siding.row_m) == ("rail", "S", 16.0)
        assert siding.geometry.equals(plan.sidings.geometry[0])


def test_the_report_tells_its_length(plan: geoplan.Plan) -> None:
    told = {figure.title: figure.value for figure in land_figures(plan)}
    assert told["Railway sidings, length"] == f"{plan.sidings.length[0] / 1000:.2f}"


def test_the_drawing_has_a_layer_of_it(plan: geoplan.Plan, tmp_path: Path) -> None:
    write_dxf(plan, tmp_path / "plan.dxf")
    space = ezdxf.readfile(tmp_path / "plan.dxf").modelspace()
    (line,) = space.query('LWPOLYLINE[layer=="SIDINGS"]')
    drawn = shapely.LineString([point[:2] for point in line.get_points()])
    assert drawn.length == pytest.approx(plan.sidings.length[0])
    assert not line.closed


def test_a_plan_is_made_again_with_it_and_refused_once_it_lies_elsewhere(
    folder: Path, plan: geoplan.Plan
) -> None:
    again = geoplan.run(folder / "park.toml", previous=plan)
    assert again.allocation["plot_ids"].equals(plan.allocation["plot_ids"])
    before = (folder / "sidings.geojson").read_bytes()
    write_siding(folder, (900, 220), (680, 250), (560, 350))
    with pytest.raises(GeoplanError, match="they lie elsewhere") as refused:
        geoplan.run(folder / "park.toml", previous=plan)
    assert refused.value.problems[0].ids == ("S",)
    (folder / "sidings.geojson").write_bytes(before)


def test_kml_has_a_folder_of_sidings_only_where_there_are_any(
    plan: geoplan.Plan, tmp_path: Path
) -> None:
    folder = "<Folder><name>Sidings</name>"
    write_kml(plan, tmp_path / "with.kml")
    assert folder in (tmp_path / "with.kml").read_text(encoding="utf-8")
    write_kml(replace(plan, sidings=no_sidings()), tmp_path / "without.kml")
    assert folder not in (tmp_path / "without.kml").read_text(encoding="utf-8")
