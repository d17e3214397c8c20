"""A road across a river is no bridge, and the planner is told so."""

from __future__ import annotations

import geopandas as gpd
import shapely

from geoplan.site.crossings import cut_roads

CRS = "EPSG:32642"
RIVER = shapely.box(90, -50, 110, 250)


def exclusions(shapes: list[shapely.Polygon], crossable: list[bool]) -> gpd.GeoDataFrame:
    ids = [f"E{number}" for number in range(len(shapes))]
    return gpd.GeoDataFrame({"exclusion_id": ids, "crossable": crossable}, geometry=shapes, crs=CRS)


def roads(*ends: tuple[float, float]) -> gpd.GeoDataFrame:
    lines = [shapely.LineString([(0, y), (x, y)]) for x, y in ends]
    ids = [f"R{number}" for number in range(len(lines))]
    return gpd.GeoDataFrame({"road_id": ids}, geometry=lines, crs=CRS)


def test_a_road_over_water_is_named_with_the_length_that_is_lost() -> None:
    (found,) = cut_roads(roads((300, 50), (80, 100)), exclusions([RIVER], [False]))
    assert (found.subject, found.severity) == ("R0", "warning")
    assert "exclusion E0 over 20 m" in found.message
    assert found.geometry.equals(shapely.LineString([(90, 50), (110, 50)]))


def test_a_bridge_of_its_own_is_no_finding() -> None:
    bridge = shapely.box(90, 40, 110, 60)
    split = exclusions([RIVER - bridge, bridge], [False, True])
    assert not list(cut_roads(roads((300, 50)), split))


def test_a_road_that_ends_at_the_bank_is_no_finding() -> None:
    assert not list(cut_roads(roads((90, 50), (90.5, 60)), exclusions([RIVER], [False])))
