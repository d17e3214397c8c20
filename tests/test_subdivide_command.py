"""Land divided alone: the files of a plan, with nobody on its plots."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import geoplan
from geoplan.errors import GeoplanError

from .small_park import CRS, SCENARIO, SOUTH_M, WEST_M, box, content, write_layer, write_park
from .small_park import geoplan as command

NO_PORTFOLIO = SCENARIO.replace("[portfolio]", "").replace('projects = "projects.csv"\n', "")
FILES = {
    "allocation.csv",
    "manifest.json",
    "map.html",
    "plan.gpkg",
    "register.xlsx",
    "report.html",
}


def divided(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a park's folder."""
    return command("subdivide", "park.toml", "--out", "out", "--json", *options, folder=folder)


def test_areas_asked_for_are_cut_and_all_plots_are_left_free(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    ended = divided(tmp_path, "-q")
    assert ended.returncode == 0, ended.stderr
    made, planned = geoplan.load(tmp_path / "out"), geoplan.run(scenario)
    plots = made.plots
    assert plots["project_id"].isna().all()
    assert set(plots["market"]) == {"for sale"}
    assert set(plots["occupation"]) == {"vacant"}
    # The very plots that a plan would cut, each with the area that somebody asked for there.
    assert plots["plot_id"].tolist() == planned.plots["plot_id"].tolist()
    wanted = planned.projects.set_index("project_id")["area_ha"]
    asked = planned.plots["project_id"].map(wanted)
    pd.testing.assert_series_equal(plots["asked_ha"], asked, check_names=False)
    assert made.allocation.empty
    assert made.projects.empty
    summary = json.loads(ended.stdout)
    assert summary["plots"] == summary["plots_free"] == len(plots)
    assert summary["plots_cut_to_measure"] == asked.notna().sum()
    assert "projects" not in summary


def test_what_could_not_be_cut_is_a_warning_with_its_name(tmp_path: Path) -> None:
    made = geoplan.divide(write_park(tmp_path))
    (found,) = made.findings[made.findings["rule"] == "areas asked for"].to_dict("records")
    assert found["severity"] == "warning"
    assert "A-6" in found["message"]
    assert not (made.findings["severity"] == "error").any()


def test_a_grid_needs_no_portfolio_and_the_option_overrides_the_mode(tmp_path: Path) -> None:
    write_park(tmp_path)
    (tmp_path / "park.toml").write_text(NO_PORTFOLIO + "market_plot_ha = 2.0\n", encoding="utf-8")
    (tmp_path / "projects.csv").unlink()
    assert divided(tmp_path).returncode == 2
    ended = divided(tmp_path, "--mode", "grid")
    assert ended.returncode == 0, ended.stderr
    made = geoplan.load(tmp_path / "out")
    assert made.plots["area_ha"].median() == pytest.approx(2.0, rel=0.25)
    assert made.plots["asked_ha"].isna().all()
    assert made.manifest["settings"]["subdivide"]["mode"] == "grid"


def test_a_grid_does_not_even_read_a_portfolio(tmp_path: Path) -> None:
    write_park(tmp_path)
    (tmp_path / "projects.csv").write_text("no,such,columns\n1,2,3\n", encoding="utf-8")
    ended = divided(tmp_path, "--mode", "grid")
    assert ended.returncode == 0, ended.stderr
    assert "projects.csv" not in geoplan.load(tmp_path / "out").manifest["inputs"]


def test_plots_of_a_cadastre_are_taken_as_they_are(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    shapes = [box(100 * n, 90, 100 * n + 100, 190) for n in range(4)]
    states = ["sold", "reserved", "for sale", "for sale"]
    plots = gpd.GeoDataFrame(
        {"plot_id": ["K-1", "K-2", "K-3", "K-4"], "market": states}, geometry=shapes, crs=CRS
    )
    plots.to_file(tmp_path / "plots.gpkg")
    street = shapely.LineString([(WEST_M, SOUTH_M + 200), (WEST_M + 500, SOUTH_M + 200)])
    road = gpd.GeoDataFrame({"road_id": ["R"], "class": ["local"]}, geometry=[street], crs=CRS)
    road.to_file(tmp_path / "roads.gpkg")
    gate = shapely.Point(WEST_M, SOUTH_M + 200)
    gates = gpd.GeoDataFrame({"gate_id": ["G"], "kind": ["road"]}, geometry=[gate], crs=CRS)
    write_layer(gates, tmp_path / "gates.geojson")
    layers = 'plots = "plots.gpkg"\nroads = "roads.gpkg"\n\n[portfolio]'
    scenario.write_text(SCENARIO.replace("[portfolio]", layers), encoding="utf-8")
    ended = divided(tmp_path, "--mode", "given")
    assert ended.returncode == 0, ended.stderr
    made = geoplan.load(tmp_path / "out").plots.set_index("plot_id").loc[plots["plot_id"]]
    assert made["market"].tolist() == states
    assert made["project_id"].isna().all()
    assert made["rectangularity"].tolist() == pytest.approx([1.0] * 4, abs=1e-4)
    assert made["frontage_m"].tolist() == pytest.approx([100.0] * 4, abs=0.01)
    off = shapely.hausdorff_distance(made.geometry.array, plots.geometry.array)
    assert off.max() <= 0.005  # GeoJSON has degrees, so the zone is off by a millimetre or two


def test_an_unknown_mode_is_refused_in_a_sentence(tmp_path: Path) -> None:
    write_park(tmp_path)
    ended = divided(tmp_path, "--mode", "hexagons")
    assert ended.returncode == 2
    assert "to-measure" in ended.stderr
    with pytest.raises(GeoplanError, match="mode"):
        geoplan.divide(tmp_path / "park.toml", mode="hexagons")


def test_a_loaded_scenario_has_its_own_mode(tmp_path: Path) -> None:
    from geoplan.config import load_scenario

    loaded = load_scenario(write_park(tmp_path), mode="grid")
    assert geoplan.divide(loaded).plots["asked_ha"].isna().all()
    with pytest.raises(TypeError, match="already has its mode"):
        geoplan.divide(loaded, mode="grid")


def test_the_folder_is_a_plans_and_every_other_command_takes_it(tmp_path: Path) -> None:
    write_park(tmp_path)
    assert divided(tmp_path, "-q").returncode == 0
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == FILES
    with (out / "allocation.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["project_id", "status", "plot_ids", "area_ha", "zone_id", "reason", "waiting"]
        ]
    for arguments in (
        ("audit", "out"),
        ("map", "out", "--out", "map.html"),
        ("report", "out", "--out", "report.html"),
    ):
        ended = command(*arguments, folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
    for page in ("map.html", "report.html"):
        assert (tmp_path / page).read_bytes() == (out / page).read_bytes()


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    for name in ("one", "two"):
        geoplan.divide(scenario).save(tmp_path / name)
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    assert {name for name in one if one[name] != two[name]} <= {"manifest.json"}


def test_a_plan_from_land_divided_alone_gives_its_plots_away(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    land = geoplan.divide(scenario)
    plan = geoplan.run(scenario, previous=land)
    changes = plan.changes
    assert set(changes["change"][changes["subject"] == "strip"]) == {"kept"}
    assert plan.plots["plot_id"].tolist() == land.plots["plot_id"].tolist()
    fresh = geoplan.run(scenario)
    assert (plan.allocation["status"] == fresh.allocation["status"]).all()
    assert plan.plots["asked_ha"][plan.plots["project_id"].notna()].isna().all()
