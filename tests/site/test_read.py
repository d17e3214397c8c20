from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest
import shapely

from geoplan.config import LAYERS
from geoplan.site import CONTRACTS
from tests.site.conftest import CRS, Park, at, block, frame, plots, zones

PROJECTS = "project_id,area_ha\n007,1.5\n8,2\n"


def whole_park(park: Park) -> None:
    park.site |= {"name": "Park", "notice": "Schematic", "year": 2027}
    park.layer("zones", zones(available_year=[2026, 2028], hazard_max=[2, 4]))
    park.layer("exclusions", frame([block(0, 0, 10, 10)], exclusion_id=["X"], kind=["water"]))
    gates = [shapely.Point(at((0, 50))[0]), shapely.LineString(at((400, 0), (400, 100)))]
    park.layer("gates", frame(gates, gate_id=["N", "R"], kind=["road", "rail"]))
    park.layer("utilities", frame([block(0, 0)], utility_id=["U"], kind=["power_mw"], capacity=[9]))
    park.layer("receptors", frame([block(900, 0)], receptor_id=["H"], kind=["housing"]))
    road = shapely.LineString(at((0, 50), (400, 50)))
    park.layer("roads", frame([road], road_id=["R1"]))
    siding = shapely.LineString(at((400, 0), (400, 100)))
    park.layer("sidings", frame([siding], siding_id=["S"], gate_id=["R"], crossable=[True]))
    park.layer("plots", plots())
    park.projects(PROJECTS)


def test_a_whole_park_is_read_without_a_finding(park: Park) -> None:
    whole_park(park)
    site = park.read()
    assert (site.name, site.notice, site.year) == ("Park", "Schematic", 2027)
    assert site.crs.to_epsg() == 32642
    assert site.findings == ()
    assert {name: len(getattr(site, name)) for name in LAYERS} == {
        "zones": 2,
        "exclusions": 2,
        "gates": 2,
        "utilities": 1,
        "receptors": 1,
        "roads": 1,
        "sidings": 1,
        "plots": 2,
    }
    assert site.zones.geometry.area.tolist() == pytest.approx([20_000, 20_000])
    assert site.projects is not None
    assert site.projects["project_id"].tolist() == ["007", "8"]


def test_every_layer_has_the_columns_and_types_of_its_contract(park: Park) -> None:
    whole_park(park)
    site = park.read()
    for name in (*LAYERS, "projects"):
        layer = getattr(site, name)
        columns = CONTRACTS[name].columns.columns
        geometry = [] if name == "projects" else ["geometry"]
        assert list(layer.columns) == [*columns, *geometry]
        types = {column: str(layer[column].dtype) for column in columns}
        assert types == {column: c.metadata["dtype"] for column, c in columns.items()}
        assert isinstance(layer.index, pd.RangeIndex)


def test_layers_that_the_scenario_leaves_out_are_empty_but_whole(park: Park) -> None:
    site = park.read()
    assert site.projects is None
    for name in LAYERS[1:]:
        layer = getattr(site, name)
        columns = CONTRACTS[name].columns.columns
        assert layer.empty
        assert layer.crs == site.crs
        assert list(layer.columns) == [*columns, "geometry"]
        types = {column: str(layer[column].dtype) for column in columns}
        assert types == {column: c.metadata["dtype"] for column, c in columns.items()}


def test_empty_optional_layers_are_read(park: Park) -> None:
    gates = frame([shapely.Point(at((0, 0))[0])], gate_id=["N"])
    park.layer("gates", gates.iloc[:0])
    assert park.read().gates.empty


def test_a_geojson_without_features_needs_no_columns(park: Park) -> None:
    empty = '{"type": "FeatureCollection", "features": []}'
    (park.folder / "gates.geojson").write_text(empty, encoding="utf-8")
    park.site["gates"] = "gates.geojson"
    park.layer("zones", zones())
    assert park.read().gates.empty


def test_records_without_any_column_lack_their_ids(park: Park) -> None:
    shape = shapely.geometry.mapping(shapely.Point(71.5, 51.1))
    park.features("gates", {"properties": {}, "geometry": shape})
    park.layer("zones", zones())
    causes = [problem.cause for problem in park.problems()]
    assert any(cause.startswith("there is no column 'gate_id'") for cause in causes)


def test_ids_that_look_like_days_stay_as_they_are(park: Park) -> None:
    gates = frame([shapely.Point(at((0, 0))[0])], gate_id=["2026-11-23"], kind=["road"])
    path = park.folder / "gates.geojson"
    gates.to_crs("EPSG:4326").to_file(path, driver="GeoJSON")
    park.site["gates"] = path.name
    park.layer("zones", zones())
    assert park.read().gates["gate_id"].tolist() == ["2026-11-23"]


def test_inputs_carry_the_sha256_of_their_files(park: Park) -> None:
    whole_park(park)
    inputs = park.read().inputs
    names = [f"{name}.gpkg" for name in LAYERS] + ["projects.csv"]
    assert dict(inputs) == {
        name: hashlib.sha256((park.folder / name).read_bytes()).hexdigest() for name in names
    }


def test_a_file_with_two_layers_is_one_input(park: Park) -> None:
    path = park.layer("zones", zones())
    receptors = frame([block(900, 0)], receptor_id=["H"], kind=["housing"])
    receptors.to_file(path, layer="receptors")
    park.site |= {"zones": "zones.gpkg|zones", "receptors": "zones.gpkg|layername=receptors"}
    site = park.read()
    assert list(site.inputs) == ["zones.gpkg"]
    assert (len(site.zones), len(site.receptors)) == (2, 1)


def test_the_problems_of_all_layers_are_raised_together(park: Park) -> None:
    park.site["crs"] = "EPSG:3857"
    park.layer("zones", zones(use=["production", "farming"]))
    park.site["gates"] = "nowhere.gpkg"
    park.layer("receptors", frame([block(900, 0)], receptor_id=["H"]))
    park.projects("project_id,area_ha\nP,many\n")
    park.columns = {"zoness": {}}
    wheres = [problem.where for problem in park.problems()]
    assert wheres == [
        "[columns]",
        "[site] crs",
        "zones (zones.gpkg)",
        "gates (nowhere.gpkg)",
        "receptors (receptors.gpkg)",
        "projects (projects.csv)",
    ]


def test_a_missing_file_is_named_with_the_nearest_one_there(park: Park) -> None:
    park.layer("zones", zones())
    park.site["zones"] = "zone.gpkg"
    problem = park.problem()
    assert problem.where == "zones (zone.gpkg)"
    assert "no file 'zone.gpkg'" in problem.cause
    assert "Did you mean 'zones.gpkg'?" in problem.remedy


def test_a_missing_folder_is_named(park: Park) -> None:
    park.site["zones"] = "no/where/zones.gpkg"
    assert "no file 'no/where/zones.gpkg'" in park.problem().cause


@pytest.mark.parametrize("name", ["", "."])
def test_a_folder_is_no_layer(park: Park, name: str) -> None:
    park.site["zones"] = name
    problem = park.problem()
    assert "is a folder" in problem.cause
    assert ".gdb" in problem.remedy


def test_a_file_that_may_not_be_read_is_refused(
    park: Park, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_path: Path, _mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    scenario = park.scenario
    monkeypatch.setattr(Path, "open", denied)
    assert scenario.site.zones == "zones.gpkg"
    assert "cannot be read (Permission denied)" in park.problem().cause


def test_a_park_without_zones_is_refused(park: Park) -> None:
    park.layer("zones", zones().iloc[:0])
    assert "no records" in park.problem().cause


def test_layers_in_other_crs_are_brought_into_the_working_one(park: Park) -> None:
    park.layer("zones", zones().to_crs("EPSG:28412"))
    site = park.read()
    assert site.zones.crs == CRS
    assert site.zones.geometry.area.tolist() == pytest.approx([20_000, 20_000], rel=1e-6)
    corners = shapely.get_coordinates(site.zones.geometry.to_numpy())
    assert corners == pytest.approx(shapely.get_coordinates(zones().geometry.to_numpy()), abs=0.01)


def test_reading_twice_gives_the_same(park: Park) -> None:
    whole_park(park)
    first, second = park.read(), park.read()
    for name in LAYERS:
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    assert first.inputs == second.inputs


def test_relative_paths_start_at_the_scenario(
    park: Park, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = park.scenario
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert scenario.site.zones == "zones.gpkg"
    assert len(park.read().zones) == 2
