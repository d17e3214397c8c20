"""Files that a disk or an editor has damaged, and figures that no park has."""

from __future__ import annotations

import json
import zipfile

import ezdxf
import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geoplan.site.grids import in_place

from .conftest import CRS, EAST, NORTH, Park, at, block, frame, only, zones


def test_an_archive_whose_content_is_damaged_is_refused(park: Park) -> None:
    path = park.layer("zones", zones(), ".geojson")
    archive = park.folder / "zones.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(path, path.name)
    content = bytearray(archive.read_bytes())
    content[60:80] = bytes(range(100, 120))
    archive.write_bytes(content)
    path.unlink()
    park.site["zones"] = archive.name
    (problem,) = park.problems()
    assert problem.where == "zones (zones.zip)"
    assert "cannot be unpacked" in problem.cause


def test_a_drawing_whose_header_breaks_off_is_refused(park: Park) -> None:
    drawing = ezdxf.new("R2000")
    drawing.modelspace().add_lwpolyline(at((0, 0), (200, 0), (200, 100)), close=True)
    path = park.folder / "zones.dxf"
    drawing.saveas(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[5] = "  9"  # where the group code of the first variable's value stood
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    park.site["zones"] = path.name
    problem = park.problems()[0]
    assert "cannot be read" in problem.cause


def test_a_layer_whose_name_is_not_utf8_is_refused(park: Park) -> None:
    path = park.layer("zones", zones(), ".geojson")
    content = path.read_bytes()
    assert b'"name": "zones"' in content
    path.write_bytes(content.replace(b'"name": "zones"', b'"name": "zon\xf1s"'))
    (problem,) = park.problems()
    assert "cannot be opened" in problem.cause


def test_a_crs_that_cannot_be_read_is_refused(park: Park) -> None:
    path = park.layer("zones", zones(), ".shp")
    prj = path.with_suffix(".prj")
    prj.write_text(prj.read_text().replace('["', "{", 1))
    (problem,) = park.problems()
    assert "CRS" in problem.cause


def test_a_crs_whose_name_is_no_utf_8_is_refused(park: Park) -> None:
    path = park.layer("zones", zones(), ".shp")
    prj = path.with_suffix(".prj")
    prj.write_bytes(prj.read_bytes().replace(b'DATUM["D_', 'DATUM["Датум_'.encode("cp1251"), 1))
    (problem,) = park.problems()
    assert problem.cause == "it states a CRS that PROJ cannot read."


def test_a_buffer_wider_than_any_park_is_refused_without_being_drawn(park: Park) -> None:
    park.layer("exclusions", frame([block(0, 0)], exclusion_id=["X"], buffer_m=[1e200]))
    park.layer("zones", zones())
    (problem,) = park.problems()
    assert "buffer_m must be 1e+12 at most" in problem.cause


def test_true_among_numbers_of_a_geojson_is_refused_by_name(park: Park) -> None:
    shapes = [shapely.geometry.mapping(shape) for shape in zones().to_crs("EPSG:4326").geometry]
    stated = [
        {"zone_id": n, "use": "production", "hazard_max": h} for n, h in (("A", 3), ("B", True))
    ]
    features = zip(stated, shapes, strict=True)
    park.features("zones", *({"properties": p, "geometry": s} for p, s in features))
    (problem,) = park.problems()
    assert problem.cause == "hazard_max is not a number: 'True'."
    assert problem.ids == ("B",)


def test_text_that_is_cut_at_a_zero_character_is_told(park: Park) -> None:
    shape = {"type": "Polygon", "coordinates": [[[71.44, 51.2], [71.442, 51.2], [71.442, 51.202],
                                                 [71.44, 51.2]]]}  # fmt: skip
    properties = {"zone_id": "A", "use": "production", "name": "North\0 and south"}
    park.features("zones", {"properties": properties, "geometry": shape})
    site = park.read()
    assert site.zones["name"].tolist() == ["North"]
    assert "u0000" in only(site.findings, "text-cut").remedy


def test_a_figure_beyond_all_parks_is_refused_by_name(park: Park) -> None:
    park.layer("gates", gates_of(1e300))
    (problem,) = park.problems()
    assert problem.ids == ("G",)
    assert "row_m must be 1e+12 at most, but is 1e+300" in problem.cause


def gates_of(row_m: float) -> gpd.GeoDataFrame:
    point = shapely.Point(EAST, NORTH)
    return gpd.GeoDataFrame({"gate_id": ["G"], "row_m": [row_m]}, geometry=[point], crs=CRS)


@pytest.mark.parametrize("corner", [(1e308, NORTH), (EAST, 567_700_000.0)])
def test_places_that_are_not_on_earth_are_refused(park: Park, corner: tuple[float, float]) -> None:
    far = shapely.Polygon([*at((0, 0), (100, 0)), corner])
    layer = gpd.GeoDataFrame({"exclusion_id": ["W"], "buffer_m": [5.0]}, geometry=[far], crs=CRS)
    park.layer("exclusions", layer)
    (problem,) = park.problems()
    assert problem.ids == ("W",)
    assert "not defined" in problem.cause


def test_a_place_that_a_projection_repeats_is_none() -> None:
    crs = pyproj.CRS(CRS)
    # Once more around the Earth, as two figures written twice may say.
    there = in_place(np.array([NORTH, 567_700_000.0]), np.array([EAST, EAST]), crs, crs)
    assert there.tolist() == [True, False]


def test_json_with_half_a_letter_is_read(park: Park) -> None:
    records = [{"project_id": "P-1", "area_ha": 1, "name": "half \ud800", "use": "production"}]
    (park.folder / "projects.json").write_text(json.dumps(records), encoding="utf-8")
    park.portfolio = "projects.json"
    projects = park.read().projects
    assert projects is not None
    assert projects["name"].tolist() == ["half \ufffd"]


@pytest.mark.parametrize("text", ["[" * 100_000, f'[{{"project_id": {"9" * 5000}}}]'])
def test_json_that_python_does_not_read_is_refused(park: Park, text: str) -> None:
    park.projects(text, name="projects.json")
    (problem,) = park.problems()
    assert "not JSON" in problem.cause


def test_a_flag_among_nulls_is_no_number(park: Park) -> None:
    shape = {"type": "Point", "coordinates": [71.44, 51.2]}
    park.features(
        "gates",
        {"properties": {"gate_id": "G", "row_m": False}, "geometry": shape},
        {"properties": {"gate_id": "H", "row_m": None}, "geometry": shape},
    )
    (problem,) = park.problems()
    assert problem.ids == ("G",)
    assert "row_m is not a number: 'False'" in problem.cause
