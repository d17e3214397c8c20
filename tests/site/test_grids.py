"""Layers that state no CRS: what their numbers tell, and what they contradict."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geoplan.site.grids import recognised, zone_prefix
from tests.site.conftest import CRS, Park, block, frame, only, zones

UTM = pyproj.CRS(CRS)
GAUSS_KRUEGER = pyproj.CRS("EPSG:28412")


def without_crs(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return layer.set_crs(None, allow_override=True)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_zone_prefix_tells_the_crs_of_a_layer_that_states_none(park: Park) -> None:
    park.layer("zones", without_crs(zones().to_crs(GAUSS_KRUEGER)), ".shp")
    site = park.read()
    apart = shapely.hausdorff_distance(site.zones.geometry.to_numpy(), zones().geometry.to_numpy())
    assert apart.max() < 0.001
    message = only(site.findings, "crs-assumed").message
    assert "Pulkovo 1942 / Gauss-Kruger zone 12" in message
    assert "begin with the zone's number 12" in message


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_northings_before_eastings_are_exchanged_and_said(park: Park) -> None:
    turned = zones().set_geometry(
        zones().geometry.map(lambda g: shapely.transform(g, lambda pairs: pairs[:, ::-1]))
    )
    park.layer("zones", without_crs(turned), ".shp")
    site = park.read()
    assert [a.equals(b) for a, b in zip(site.zones.geometry, zones().geometry, strict=True)] == [
        True,
        True,
    ]
    assert only(site.findings, "axis-order").severity == "warning"


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_coordinates_outside_the_working_crs_are_refused_with_their_records(park: Park) -> None:
    far = frame(
        [block(0, 0), block(3_000_000, 0), block(300, 0)],
        None,
        zone_id=["A", "B", "C"],
        use=["green"] * 3,
    )
    park.layer("zones", far, ".shp")
    problem = park.problem()
    assert problem.ids == ("B",)
    assert "do not lie where 'WGS 84 / UTM zone 42N' is used" in problem.cause


def test_prefixes_are_told_from_plain_eastings() -> None:
    assert zone_prefix(np.array([13_250_000.0])) == 13
    assert zone_prefix(np.array([13_050_000.0])) is None  # further out than a zone is wide
    assert zone_prefix(np.array([670_000.0])) is None
    assert zone_prefix(np.array([])) is None


def test_a_crs_that_does_not_say_where_it_is_used_leaves_the_order_to_custom() -> None:
    custom = pyproj.CRS("+proj=tmerc +lat_0=0 +lon_0=71 +x_0=0 +y_0=-5600000 +ellps=krass")
    grid = recognised(np.array([1000.0]), np.array([2000.0]), custom, orders=(True, False))
    assert (grid.north_first, grid.either, grid.zone) == (True, True, None)


def test_a_working_crs_that_falsifies_areas_is_refused_with_a_better_one(park: Park) -> None:
    park.site["crs"] = "EPSG:32640"  # UTM 40N, two zones to the west
    problem = park.problem()
    assert "EPSG:32642" in problem.remedy
    assert "%" in problem.cause
