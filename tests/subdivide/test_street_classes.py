"""The class of street that strips and given plots front, on land worked out by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoplan.config import SubdivideSettings
from geoplan.subdivide.frames import Frame
from geoplan.subdivide.layout import Layout, Piece
from geoplan.subdivide.street_classes import classed_plots, classed_strips
from geoplan.subdivide.strips import Strips, carve, strips_of, whole_plots
from tests.subdivide.parks import CRS

SETTINGS = SubdivideSettings(mode="grid")
NONE = np.empty(0)


def strips_along(*bands: tuple[float, float]) -> Strips:
    """Bands of land 300 m long, between a street below y = 0 and one above y = 100."""
    land = shapely.box(0, 0, 300, 100)
    streets = shapely.union(shapely.box(-50, -20, 400, 0), shapely.box(-50, 100, 400, 120))
    layout = Layout(Frame(0.0, (0.0, 0.0)), np.array(bands), NONE, NONE, (-np.inf, np.inf))
    piece = Piece("A", "logistics", land, shapely.MultiLineString())
    return strips_of([carve(piece, layout, streets, SETTINGS)], SETTINGS, CRS)


def street(street_class: str, *xy: tuple[float, float], row_m: float = 20.0) -> dict[str, object]:
    return {"class": street_class, "row_m": row_m, "geometry": shapely.LineString(xy)}


def layer(*streets: dict[str, object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(list(streets), geometry="geometry", crs=CRS)


def classes(strips: Strips) -> dict[float, str]:
    """Class of each strip by its lower edge."""
    lows = shapely.bounds(strips.table.geometry.array)[:, 1].tolist()
    return dict(zip(lows, strips.table["street_class"], strict=True))


BELOW = ((-50.0, -10.0), (400.0, -10.0))
ABOVE = ((-50.0, 110.0), (400.0, 110.0))


def test_a_strip_has_the_class_of_the_street_along_its_front() -> None:
    strips = strips_along((0, 50), (50, 100))
    found = classed_strips(strips, layer(street("main", *BELOW), street("local", *ABOVE)), SETTINGS)
    assert classes(found) == {0: "main", 50: "local"}


def test_a_collector_at_a_strips_end_is_not_its_street() -> None:
    """Of a strip at a local street only the corner plot lies at the collector across its end."""
    strips = strips_along((0, 50), (50, 100))
    streets = layer(
        street("local", *BELOW),
        street("collector", *ABOVE),
        street("collector", (310, -50), (310, 150)),
    )
    assert classes(classed_strips(strips, streets, SETTINGS)) == {0: "local", 50: "collector"}


@pytest.mark.parametrize(("until", "found"), [(295, "main"), (250, "local")])
def test_all_of_a_front_counts_but_for_a_splay(until: float, found: str) -> None:
    strips = strips_along((0, 100))
    streets = layer(
        street("main", (-50, -10), (until, -10)), street("local", (until, -10), (400, -10))
    )
    assert classes(classed_strips(strips, streets, SETTINGS)) == {0: found}


def test_main_and_collector_together_make_a_collector_front() -> None:
    strips = strips_along((0, 100))
    streets = layer(
        street("main", (-50, -10), (150, -10)), street("collector", (150, -10), (400, -10))
    )
    assert classes(classed_strips(strips, streets, SETTINGS)) == {0: "collector"}


def test_a_given_plot_needs_an_entrance_on_a_street_only() -> None:
    zones = gpd.GeoDataFrame(
        {"zone_id": ["A"], "use": ["logistics"]}, geometry=[shapely.box(0, 0, 300, 100)], crs=CRS
    )
    shapes = [
        shapely.box(0, 0, 100, 100),
        shapely.box(100, 0, 200, 100),
        shapely.box(200, 0, 300, 100),
    ]
    plots = gpd.GeoDataFrame({"plot_id": ["W", "M", "E"]}, geometry=shapes, crs=CRS)
    streets = layer(street("main", (-50, -10), (105, -10)), street("local", *BELOW))
    strips = whole_plots(plots, zones, shapely.box(-50, -20, 400, 0))
    found = classed_plots(strips, streets).table.set_index("strip_id")["street_class"]
    assert found.to_dict() == {"W": "main", "M": "local", "E": "local"}
    streets = layer(street("main", (-50, -10), (107, -10)), street("local", *BELOW))
    found = classed_plots(strips, streets).table.set_index("strip_id")["street_class"]
    assert found["M"] == "main"
