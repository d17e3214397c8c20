from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geoplan.errors import GeoplanError
from geoplan.site import inventory
from tests.site.conftest import Park, at, block, frame, only, zones

DEGREES = [[71.43, 51.20], [71.44, 51.20], [71.44, 51.21], [71.43, 51.20]]


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".fgb"])
def test_a_layer_survives_every_vector_format(park: Park, suffix: str) -> None:
    rows = zones(name=["Сарыарқа", "Ә"], available_year=[2026, 2028], hazard_max=[2, 4])
    geojson = suffix == ".geojson"
    written = rows.to_crs("EPSG:4326") if geojson else rows
    if suffix == ".shp":
        written = written.rename(columns=lambda name: name[:10])  # as the format would
    park.layer("zones", written, suffix)
    site = park.read()
    columns = ["zone_id", "use", "name", "available_year", "hazard_max"]
    assert site.zones.sort_values("zone_id")[columns].to_numpy().tolist() == [
        ["A", "production", "Сарыарқа", 2026, 2],
        ["B", "logistics", "Ә", 2028, 4],
    ]
    # RFC 7946 keeps seven decimals of a degree, a centimetre; the other formats keep doubles.
    read = site.zones.sort_values("zone_id").geometry.to_numpy()
    apart = shapely.hausdorff_distance(read, rows.geometry.to_numpy())
    assert apart.max() < (0.02 if geojson else 1e-6)
    assert site.findings == ()


def test_names_cut_by_a_shapefile_are_found(park: Park) -> None:
    exclusion = frame([block(0, 0)], exclusion_=["X"], buffer_m=[1.0])
    park.layer("exclusions", exclusion, ".shp")
    assert park.read().exclusions["exclusion_id"].tolist() == ["X"]


def test_names_are_not_cut_in_other_formats(park: Park) -> None:
    park.layer("exclusions", frame([block(0, 0)], exclusion_=["X"]))
    assert "no column 'exclusion_id'" in park.problem().cause


@pytest.mark.parametrize(("encoding", "rules"), [("utf-8", []), ("cp1251", ["shapefile-encoding"])])
def test_a_shapefile_that_states_no_encoding_keeps_its_letters(
    park: Park, encoding: str, rules: list[str]
) -> None:
    rows = zones(name=["Завод", "Склад"])
    rows.to_file(park.folder / "zones.shp", encoding=encoding)
    (park.folder / "zones.cpg").unlink()
    park.site["zones"] = "zones.shp"
    site = park.read()
    assert site.zones["name"].tolist() == ["Завод", "Склад"]
    assert [f.rule for f in site.findings] == rules


def test_a_shapefile_that_states_a_wrong_encoding_is_refused(park: Park) -> None:
    zones(name=["Завод", "Склад"]).to_file(park.folder / "zones.shp", encoding="cp1251")
    (park.folder / "zones.cpg").write_text("UTF-8")
    park.site["zones"] = "zones.shp"
    problem = park.problem()
    assert problem.where == "zones (zones.shp)"
    assert "not in the encoding that it states" in problem.cause
    assert ".cpg" in problem.remedy


def test_a_shapefile_is_hashed_with_all_its_parts(park: Park) -> None:
    path = park.layer("zones", zones(), ".shp")
    (park.folder / "zones.txt").write_text("no part of it")
    before = park.read().inputs["zones.shp"]
    digest = hashlib.sha256()
    for suffix in (".cpg", ".dbf", ".prj", ".shp", ".shx"):
        digest.update(path.with_suffix(suffix).read_bytes())
    assert before == digest.hexdigest()


def two_layers(folder: Path) -> None:
    zones().to_file(folder / "park.gpkg", layer="land")
    gates = frame([shapely.Point(at((0, 0))[0])], gate_id=["N"])
    gates.to_file(folder / "park.gpkg", layer="doors")


def test_a_file_with_several_layers_needs_one_picked(park: Park) -> None:
    two_layers(park.folder)
    park.site["zones"] = "park.gpkg"
    problem = park.problem()
    assert problem.where == "zones (park.gpkg)"
    assert "the layers land (2 x Polygon), doors (1 x Point)" in problem.cause
    assert '"park.gpkg|land"' in problem.remedy


def test_an_unknown_layer_is_refused_with_those_there(park: Park) -> None:
    two_layers(park.folder)
    park.site["zones"] = "park.gpkg|lnd"
    problem = park.problem()
    assert "no layer 'lnd'; it has the layers land" in problem.cause
    assert problem.remedy == "Did you mean 'land'?"


def test_a_table_of_styles_beside_the_layer_does_not_count(park: Park) -> None:
    path = park.layer("zones", zones())
    styles = gpd.GeoDataFrame({"styleQML": ["<qml/>"]}, geometry=[None], crs="EPSG:32642")
    styles.to_file(path, layer="layer_styles")
    assert len(park.read().zones) == 2
    assert inventory(path)["layer"].tolist() == ["zones"]


def test_the_inventory_lists_layers_with_their_fields(tmp_path: Path) -> None:
    two_layers(tmp_path)
    listed = inventory(tmp_path / "park.gpkg")
    assert listed.columns.tolist() == ["layer", "geometry", "records", "crs", "fields"]
    assert listed.to_numpy().tolist() == [
        ["land", "Polygon", 2, "EPSG:32642", "zone_id: str, use: str"],
        ["doors", "Point", 1, "EPSG:32642", "gate_id: str"],
    ]


@pytest.mark.parametrize("name", ["nothing.gpkg", "text.gpkg"])
def test_the_inventory_of_what_is_no_vector_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.gpkg").write_text("text")
    with pytest.raises(GeoplanError, match="cannot be opened as a vector file"):
        inventory(tmp_path / name)


def test_a_file_that_gdal_does_not_know_is_refused(park: Park) -> None:
    (park.folder / "zones.gpkg").write_text("text")
    park.site["zones"] = "zones.gpkg"
    problem = park.problem()
    assert problem.where == "zones (zones.gpkg)"
    assert "cannot be opened" in problem.cause
    assert "GDAL" in problem.remedy


def feature(zone_id: str, ring: list[Any]) -> dict[str, Any]:
    return {
        "properties": {"zone_id": zone_id, "use": "production"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.mark.parametrize("ring", [DEGREES[:3], DEGREES[:1]])
def test_a_ring_that_cannot_be_built_is_named_by_its_record(park: Park, ring: list[Any]) -> None:
    park.features("zones", feature("good", DEGREES), feature("bad", ring))
    problem = park.problem()
    assert problem.ids == ("bad",)
    assert problem.where == "zones (zones.geojson)"
    assert "cannot be built" in problem.cause
    assert "Close its rings" in problem.remedy


def test_a_broken_record_is_found_by_streaming_the_file(park: Park) -> None:
    many = pd.concat([zones()] * 500, ignore_index=True)
    many["zone_id"] = [f"Z{n}" for n in range(len(many))]
    path = park.layer("zones", many, ".fgb")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    problem = park.problem()
    assert problem.where == "zones (zones.fgb)"
    assert "damaged at record" in problem.cause
    last = problem.cause.split("after '")[1].split("'")[0]
    assert last in set(many["zone_id"])
    assert problem.ids[0].startswith("record ")
    assert "backup" in problem.remedy


def test_what_gdal_warns_about_becomes_a_finding(park: Park) -> None:
    park.layer("zones", zones())
    with sqlite3.connect(park.folder / "zones.gpkg") as database:
        database.execute("PRAGMA user_version = 990000")
    database.close()
    finding = only(park.read().findings, "gdal-warning")
    assert (finding.severity, finding.layer) == ("info", "zones")
    assert "GDAL says" in finding.message


def test_utilities_may_come_from_a_table_without_geometry(park: Park) -> None:
    (park.folder / "u.csv").write_text("utility_id,kind,capacity\nU,power_mw,5\n")
    park.site["utilities"] = "u.csv"
    utilities = park.read().utilities
    assert utilities["capacity"].tolist() == [5.0]
    assert utilities.geometry.isna().all()


def test_zones_need_geometry(park: Park) -> None:
    (park.folder / "z.csv").write_text("zone_id,use\nA,production\n")
    park.site["zones"] = "z.csv"
    problem = park.problem()
    assert problem.cause == "there is no geometry."
    assert problem.ids == ("A",)
