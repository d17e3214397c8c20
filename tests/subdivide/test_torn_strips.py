"""A speck that the grid tears off a strip is land, and no plot."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoplan.config import SubdivideSettings
from geoplan.subdivide.plots import Subdivision, cut, equal_pieces
from geoplan.subdivide.strips import whole_plots
from geoplan.units import M2_PER_HA

CRS = "EPSG:32642"
STREET = shapely.box(0, 0, 200, 10)
BODY = shapely.box(0, 10, 200, 100)
HAIR_M = 1e-4
"""Far thinner than a cell of the grid."""


def with_head(side_m: float) -> shapely.Geometry:
    """Land with a square head on a neck of a hair."""
    neck = shapely.box(100, 100, 100 + HAIR_M, 101)
    head = shapely.box(100, 101, 100 + side_m, 101 + side_m)
    return shapely.union_all([BODY, neck, head])


def subdivision(strip: shapely.Geometry) -> Subdivision:
    zones = gpd.GeoDataFrame(
        {"zone_id": ["Z"], "use": ["production"]}, geometry=[shapely.box(0, 0, 200, 300)], crs=CRS
    )
    plots = gpd.GeoDataFrame({"plot_id": ["A"]}, geometry=[strip], crs=CRS)
    strips = whole_plots(plots, zones, STREET)
    settings = SubdivideSettings()
    none = gpd.GeoDataFrame({"crossable": []}, geometry=[], crs=CRS)
    return cut(zones, none, STREET, strips, equal_pieces(strips, settings), settings)


def test_a_speck_is_no_plot_and_its_land_is_not_lost() -> None:
    done = subdivision(with_head(0.5))
    assert done.plots["area_ha"].tolist() == pytest.approx([BODY.area / M2_PER_HA])
    assert done.land["area_ha"].sum() == pytest.approx(200 * 300 / M2_PER_HA)
    speck = done.land[np.isclose(done.land["area_ha"], 0.25 / M2_PER_HA)]
    assert len(speck) == 1
    assert speck["kind"].tolist() != ["plot"]


def test_what_is_no_speck_stays_with_its_strip() -> None:
    done = subdivision(with_head(20.0))
    areas = [20.0 * 20.0 / M2_PER_HA, BODY.area / M2_PER_HA]
    assert sorted(done.plots["area_ha"]) == pytest.approx(areas)
