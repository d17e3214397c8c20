from __future__ import annotations

import numpy as np
import pytest
import shapely

from tests.site.conftest import EAST, NORTH, Park, at, block, frame, only, zones


def polygon(*corners: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon(at(*corners))


# A block with a notch whose tip touches its own ring in (100, 0): invalid, and the same land
# either way.
TOUCHING = polygon(
    (0, 0), (100, 0), (200, 0), (200, 100), (150, 100), (100, 0), (50, 100), (0, 100)
)
BOWTIE = polygon((0, 0), (100, 100), (100, 0), (0, 100))


def test_absent_and_empty_geometry_of_zones_is_refused_by_id(park: Park) -> None:
    land = frame(
        [None, shapely.Polygon(), block(0, 0)],
        zone_id=["A", "B", "C"],
        use=["production"] * 3,
    )
    park.layer("zones", land)
    problem = park.problem()
    assert problem.where == "zones (zones.gpkg)"
    assert problem.cause == "there is no geometry."
    assert problem.ids == ("A", "B")
    assert "Draw it" in problem.remedy


def test_heights_are_dropped_and_reported(park: Park) -> None:
    park.layer("zones", frame([shapely.force_3d(block(0, 0), 350)], zone_id=["A"], use=["green"]))
    site = park.read()
    assert not site.zones.geometry.has_z.any()
    finding = only(site.findings, "geometry-flattened")
    assert (finding.severity, finding.layer) == ("info", "zones")
    assert "1 records" in finding.message


def test_a_ring_that_touches_itself_is_repaired_and_reported_with_its_place(park: Park) -> None:
    assert not TOUCHING.is_valid
    park.layer("zones", frame([TOUCHING], zone_id=["A"], use=["production"]))
    site = park.read()
    assert shapely.is_valid(site.zones.geometry.to_numpy()).all()
    assert site.zones.geometry.area.tolist() == pytest.approx([TOUCHING.area])
    finding = only(site.findings, "geometry-repaired")
    assert (finding.severity, finding.layer, finding.subject) == ("warning", "zones", "A")
    assert "Self-intersection" in finding.message
    assert "+0.000 m2" in finding.message
    assert finding.remedy
    assert finding.geometry is not None
    assert finding.geometry.equals(site.zones.geometry[0])


def test_a_bow_tie_is_refused_with_both_areas(park: Park) -> None:
    park.layer("zones", frame([BOWTIE], zone_id=["A"], use=["production"]))
    problem = park.problem()
    assert problem.ids == ("A",)
    assert "Self-intersection" in problem.cause
    assert "from 0.0 to 5,000.0 m2" in problem.cause
    assert "do not cross" in problem.remedy


@pytest.mark.parametrize(("hole_m", "refused"), [(9.0, False), (20.0, True)])
def test_a_repair_may_change_one_percent_of_the_area(
    park: Park, hole_m: float, refused: bool
) -> None:
    # A hole beside its shell adds or takes hole_m ** 2 of 20,000 m2: 0.8 % and 4 % in all.
    hole = shapely.box(EAST + 300, NORTH, EAST + 300 + hole_m, NORTH + hole_m)
    land = shapely.Polygon(block(0, 0).exterior.coords, [hole.exterior.coords])
    park.layer("zones", frame([land], zone_id=["A"], use=["production"]))
    if refused:
        assert "Hole lies outside shell" in park.problem().cause
    else:
        assert only(park.read().findings, "geometry-repaired").subject == "A"


def test_a_collection_is_reduced_to_its_polygons_and_reported(park: Park) -> None:
    inner = shapely.GeometryCollection([block(0, 0), shapely.Point(at((5, 5))[0])])
    line = shapely.LineString(at((0, 0), (9, 9)))
    land = shapely.GeometryCollection([inner, block(300, 0), line])
    park.layer("zones", frame([land], zone_id=["A"], use=["production"]))
    site = park.read()
    assert site.zones.geom_type.tolist() == ["MultiPolygon"]
    assert site.zones.geometry.area.tolist() == pytest.approx([40_000])
    finding = only(site.findings, "geometry-reduced")
    assert (finding.severity, finding.subject) == ("warning", "A")


def test_a_collection_without_polygons_is_refused(park: Park) -> None:
    land = shapely.GeometryCollection([shapely.Point(at((5, 5))[0])])
    park.layer("zones", frame([land], zone_id=["A"], use=["production"]))
    assert park.problem().ids == ("A",)


@pytest.mark.parametrize(
    ("layer", "columns", "geometry", "found"),
    [
        ("zones", {"zone_id": ["A"], "use": ["green"]}, "LINESTRING", "LineString"),
        ("gates", {"gate_id": ["A"]}, "POLYGON", "Polygon"),
        (
            "utilities",
            {"utility_id": ["A"], "kind": ["gas_m3h"], "capacity": [1.0]},
            "LINESTRING",
            "LineString",
        ),
    ],
)
def test_a_geometry_of_the_wrong_type_is_refused(
    park: Park, layer: str, columns: dict[str, list[object]], geometry: str, found: str
) -> None:
    shapes = {"LINESTRING": shapely.LineString(at((0, 0), (9, 9))), "POLYGON": block(0, 0)}
    park.layer(layer, frame([shapes[geometry]], **columns))
    problem = park.problem()
    assert problem.where == f"{layer} ({layer}.gpkg)"
    assert f"the geometry is {found}." in problem.cause
    assert "Allowed here" in problem.remedy
    assert problem.ids == ("A",)


def test_multipolygons_keep_all_their_land_and_single_parts_are_unwrapped(park: Park) -> None:
    two = shapely.MultiPolygon([block(0, 0), block(0, 200)])
    one = shapely.MultiPolygon([block(300, 0)])
    park.layer("zones", zones().set_geometry([two, one]).set_crs("EPSG:32642"))
    read = park.read().zones
    assert read.geom_type.tolist() == ["MultiPolygon", "Polygon"]
    assert read.geometry.area.tolist() == pytest.approx([40_000, 20_000])


def test_a_zone_without_land_is_refused(park: Park) -> None:
    land = zones().set_geometry([block(0, 0, 1000, 0.0009), block(0, 100)]).set_crs("EPSG:32642")
    park.layer("zones", land)
    problem = park.problem()
    assert problem.ids == ("A",)
    assert "measures less than 1 m2" in problem.cause


def test_overlapping_zones_are_refused_with_ids_area_and_place(park: Park) -> None:
    land = zones().set_geometry([block(0, 0), block(190, 0)]).set_crs("EPSG:32642")
    park.layer("zones", land)
    problem = park.problem()
    assert problem.ids == ("A", "B")
    assert "overlap by 1,000.0 m2 near (670195, 5676050)" in problem.cause
    assert "Cut the common land" in problem.remedy


@pytest.mark.parametrize(("overlap_m", "refused"), [(0.009, False), (0.011, True)])
def test_an_overlap_of_up_to_a_square_metre_is_left_to_the_later_stages(
    park: Park, overlap_m: float, refused: bool
) -> None:
    land = zones().set_geometry([block(0, 0), block(200 - overlap_m, 0)]).set_crs("EPSG:32642")
    park.layer("zones", land)
    if refused:
        assert "overlap by 1.1 m2" in park.problem().cause
    else:
        assert park.read().findings == ()


def test_buffers_are_applied_to_exclusions_of_any_type(park: Park) -> None:
    line = shapely.LineString(at((0, 50), (100, 50)))
    point = shapely.Point(at((300, 50))[0])
    both = shapely.GeometryCollection([line, point])
    park.layer(
        "exclusions",
        frame(
            [line, point, block(0, 0), both, block(0, 0)],
            exclusion_id=list("abcde"),
            buffer_m=[10.0, 10.0, 10.0, 10.0, None],
        ),
    )
    read = park.read().exclusions
    assert read.geom_type.tolist() == ["Polygon"] * 3 + ["MultiPolygon", "Polygon"]
    # A circle of 32 sides instead of a round one.
    circle = 16 * 100 * np.sin(2 * np.pi / 32)
    areas = [2000 + circle, circle, 26_000 + circle, 2000 + 2 * circle, 20_000]
    assert read.geometry.area.tolist() == pytest.approx(areas)


@pytest.mark.parametrize(
    "geometry", [shapely.LineString(at((0, 0), (9, 9))), shapely.Point(at((0, 0))[0])]
)
def test_a_line_or_point_without_a_buffer_is_refused(
    park: Park, geometry: shapely.Geometry
) -> None:
    park.layer("exclusions", frame([geometry], exclusion_id=["X"], kind=["pipeline"]))
    problem = park.problem()
    assert problem.where == "exclusions (exclusions.gpkg)"
    assert problem.ids == ("X",)
    assert "buffer_m above zero" in problem.remedy


def test_a_file_without_crs_takes_the_working_one_and_says_so(park: Park) -> None:
    zones().to_file(park.folder / "zones.shp")
    (park.folder / "zones.prj").unlink()
    park.site["zones"] = "zones.shp"
    site = park.read()
    assert site.zones.crs == site.crs
    finding = only(site.findings, "crs-assumed")
    assert (finding.severity, finding.layer) == ("info", "zones")
    assert "UTM zone 42N" in finding.message


def test_geojson_without_crs_is_wgs84(park: Park) -> None:
    path = park.layer("zones", zones().to_crs("EPSG:4326"), ".geojson")
    assert '"crs"' not in path.read_text()
    site = park.read()
    assert site.findings == ()
    assert site.zones.geometry.area.sum() == pytest.approx(40_000, rel=1e-5)


def test_metres_in_geojson_without_crs_are_not_taken_for_degrees(park: Park) -> None:
    ring = at((0, 0), (200, 0), (200, 100), (0, 0))
    park.features(
        "zones",
        {
            "properties": {"zone_id": "A", "use": "green"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        },
    )
    problem = park.problem()
    assert problem.where == "zones (zones.geojson)"
    assert "are not degrees, but the CRS is 'WGS 84'" in problem.cause
    assert "(670000, 5.676e+06)" in problem.cause


def test_degrees_without_crs_are_not_taken_for_metres(park: Park) -> None:
    zones().to_crs("EPSG:4326").to_file(park.folder / "zones.shp")
    (park.folder / "zones.prj").unlink()
    park.site["zones"] = "zones.shp"
    assert "look like degrees" in park.problem().cause


def test_coordinates_that_are_not_finite_are_refused_by_id(park: Park) -> None:
    gates = [shapely.Point(np.inf, 0), shapely.Point(at((0, 0))[0])]
    park.layer("gates", frame(gates, gate_id=["N", "S"]))
    problem = park.problem()
    assert "not finite" in problem.cause
    assert problem.ids == ("N",)


def test_coordinates_beyond_the_working_crs_are_refused_by_id(park: Park) -> None:
    gates = [shapely.Point(71.4, 51.2), shapely.Point(159, 0)]
    park.layer("gates", frame(gates, "EPSG:4326", gate_id=["N", "S"]), ".geojson")
    problem = park.problem()
    assert "is not defined" in problem.cause
    assert problem.ids == ("S",)


def test_a_working_crs_that_falsifies_areas_is_refused_once_the_zones_are_known(
    park: Park,
) -> None:
    park.site["crs"] = "EPSG:3395"
    problem = park.problem()
    assert problem.where == "[site] crs"
    assert "4.00 ha" in problem.cause
    assert "EPSG:32642" in problem.remedy
