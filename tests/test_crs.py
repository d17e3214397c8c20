from __future__ import annotations

import geopandas as gpd
import pyproj
import pytest
import shapely

from geoplan.crs import check_areas, working_crs
from geoplan.errors import GeoplanError

ASTANA = shapely.box(670_000, 5_676_000, 672_000, 5_678_000)
LOCAL = "+proj=tmerc +lat_0=0 +lon_0=71.5 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs"


def refusal(text: str) -> str:
    with pytest.raises(GeoplanError) as refused:
        working_crs(text)
    (problem,) = refused.value.problems
    assert problem.where == "[site] crs"
    assert problem.remedy
    return problem.cause


@pytest.mark.parametrize(
    "text", ["EPSG:32642", "EPSG:28412", LOCAL, pyproj.CRS("EPSG:32642").to_wkt()]
)
def test_epsg_wkt_and_proj_text_are_understood(text: str) -> None:
    crs = working_crs(text)
    assert crs == pyproj.CRS.from_user_input(text)
    assert len(crs.axis_info) == 2


def test_heights_of_a_compound_crs_are_dropped() -> None:
    assert working_crs("EPSG:32642+5773").to_epsg() == 32642


@pytest.mark.parametrize("text", ["EPSG:999999", "QazTRF", "", "PROJCS[" + "x" * 200])
def test_an_unknown_crs_is_refused_in_a_short_sentence(text: str) -> None:
    cause = refusal(text)
    assert "no CRS that PROJ knows" in cause
    assert len(cause) < 200


@pytest.mark.parametrize("text", ["EPSG:4326", "EPSG:4284"])
def test_degrees_are_refused(text: str) -> None:
    assert "degrees" in refusal(text)


@pytest.mark.parametrize("text", ["EPSG:3857", "ESRI:102100"])
def test_web_mercator_is_refused_by_name(text: str) -> None:
    cause = refusal(text)
    assert "Web Mercator" in cause
    assert "2.5 times too large at Astana" in cause


def test_feet_are_refused() -> None:
    assert "US survey foot" in refusal("EPSG:2263")


@pytest.mark.parametrize("text", ["EPSG:4978", "EPSG:5773"])
def test_a_crs_that_is_not_a_plane_is_refused(text: str) -> None:
    assert "not a projected CRS" in refusal(text)


def in_crs(crs: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[ASTANA], crs="EPSG:32642").to_crs(crs)


@pytest.mark.parametrize("crs", ["EPSG:32642", "EPSG:28412", LOCAL])
def test_areas_that_hold_are_accepted(crs: str) -> None:
    zones = in_crs(crs)
    check_areas(zones)
    assert zones.area.sum() == pytest.approx(4e6, rel=0.005)


@pytest.mark.parametrize(("crs", "share"), [("EPSG:3395", "+153"), ("EPSG:32640", "+")])
def test_a_crs_that_falsifies_areas_is_refused_with_both_figures(crs: str, share: str) -> None:
    zones = in_crs(crs)
    with pytest.raises(GeoplanError) as refused:
        check_areas(zones)
    (problem,) = refused.value.problems
    assert f"{zones.area.sum() / 1e4:,.2f} ha" in problem.cause
    assert "400.0" in problem.cause
    assert f"({share}" in problem.cause
    assert "EPSG:32642" in problem.remedy


def test_holes_do_not_count_as_area() -> None:
    ring = ASTANA.difference(shapely.box(670_500, 5_676_500, 671_500, 5_677_500))
    for polygon in (ring, ring.reverse()):
        check_areas(gpd.GeoDataFrame(geometry=[polygon], crs="EPSG:32642"))
    assert ring.area == 3e6


def test_long_edges_do_not_count_as_errors_of_area() -> None:
    sliver = shapely.Polygon([(670_000, 5_676_000), (670_000, 5_686_000), (669_999.9, 5_681_000)])
    check_areas(gpd.GeoDataFrame(geometry=[sliver], crs="EPSG:32642"))
    assert sliver.area == pytest.approx(500)
