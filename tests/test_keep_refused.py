"""Planning again from an earlier plan of which the land or the pins are not those of today."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import geoplan
from geoplan.errors import GeoplanError

from .small_park import SCENARIO, box, write_layer, write_park
from .small_park import geoplan as command


def test_a_pin_on_a_plot_under_anothers_contract_is_refused(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    first = geoplan.run(scenario)
    plot = first.allocation.set_index("project_id")["plot_ids"]["A-1"]
    table = pd.read_csv(tmp_path / "projects.csv").assign(status="application", plot_id="")
    table.loc[table["project_id"] == "A-1", "status"] = "contract"
    table.loc[table["project_id"] == "A-2", "plot_id"] = plot
    table.to_csv(tmp_path / "projects.csv", index=False)
    with pytest.raises(GeoplanError, match=f"pins A-2 to plot '{plot}', which A-1 holds"):
        geoplan.run(scenario, previous=first)


def test_a_pin_on_a_plot_that_is_not_there_is_refused(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    first = geoplan.run(scenario)
    table = pd.read_csv(tmp_path / "projects.csv").assign(plot_id="")
    table.loc[table["project_id"] == "A-2", "plot_id"] = "no such plot"
    table.to_csv(tmp_path / "projects.csv", index=False)
    with pytest.raises(GeoplanError, match="no plot 'no such plot'"):
        geoplan.run(scenario, previous=first)


def test_all_that_differs_of_the_land_is_named_at_once(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    first = geoplan.run(scenario)
    zones = gpd.read_file(tmp_path / "zones.geojson").to_crs("EPSG:32642")
    zones = zones.set_geometry([box(0, 0, 500, 390), box(500, 0, 900, 400)], crs=zones.crs)
    write_layer(zones.assign(use=["production", "services"]), tmp_path / "zones.geojson")
    pond = {"exclusion_id": ["POND"], "kind": ["water"]}
    pond_layer = gpd.GeoDataFrame(pond, geometry=[box(50, 50, 90, 90)], crs="EPSG:32642")
    write_layer(pond_layer, tmp_path / "exclusions.geojson")
    text = SCENARIO.replace("[portfolio]", 'exclusions = "exclusions.geojson"\n\n[portfolio]')
    scenario.write_text(text + "street_local_m = 16\n", encoding="utf-8")
    with pytest.raises(GeoplanError) as refused:
        geoplan.run(scenario, previous=first)
    found = {(problem.where, problem.ids) for problem in refused.value.problems}
    assert found == {
        ("[subdivide] street_local_m", ()),
        ("zones", ("P",)),
        ("zones", ("L",)),
        ("exclusions", ("POND",)),
    }
    assert all("--from" in problem.remedy for problem in refused.value.problems)


def test_a_plan_of_another_site_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    geoplan.run(write_park(tmp_path)).save(tmp_path / "first")
    elsewhere = gpd.read_file(tmp_path / "zones.geojson").to_crs("EPSG:32642")
    elsewhere = elsewhere.set_geometry(elsewhere.translate(2_000, 0))
    write_layer(elsewhere, tmp_path / "zones.geojson")
    ended = command("plan", "park.toml", "--out", "out", "--from", "first", folder=tmp_path)
    assert ended.returncode == 2
    assert "zones [P, L]: they lie elsewhere than in the earlier plan." in ended.stderr
    assert "without --from" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_without_a_plan_is_refused(tmp_path: Path) -> None:
    write_park(tmp_path)
    ended = command("plan", "park.toml", "--out", "out", "--from", "nowhere", folder=tmp_path)
    assert ended.returncode == 2
    assert "nowhere" in ended.stderr


def test_roads_of_the_earlier_plan_stay_and_new_ones_are_refused(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    with_roads = SCENARIO.replace("[portfolio]", 'roads = "roads.gpkg"\n\n[portfolio]')
    scenario.write_text(with_roads, encoding="utf-8")
    west, south, east, _ = box(0, 150, 900, 400).bounds
    along = shapely.LineString([(west, south), (east, south)])
    across = shapely.LineString([(west + 130, south), (west + 130, south + 200)])
    roads = gpd.GeoDataFrame(
        {"road_id": ["R-1", "R-2"]}, geometry=[along, across], crs="EPSG:32642"
    )
    roads.iloc[:1].to_file(tmp_path / "roads.gpkg")
    first = geoplan.run(scenario)
    assert set(geoplan.run(scenario, previous=first).changes["change"]) == {"kept"}
    roads.to_file(tmp_path / "roads.gpkg")
    with pytest.raises(GeoplanError, match=r"roads \[R-2\]: the earlier plan has no street"):
        geoplan.run(scenario, previous=first)
