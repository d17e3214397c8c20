"""Streets at a siding: they end at its rails or go round its end; some siding may be crossed."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoplan.config import SubdivideSettings
from geoplan.subdivide.streets import backbone, ground
from tests.subdivide.invariants import broken, divided, reached_street_land
from tests.subdivide.parks import CRS, Park, back, moved, park

SETTINGS = SubdivideSettings()
QUARTERS = [shapely.box(x, y, x + 400, y + 300) for y in (0, 300) for x in (0, 400)]
TRACK = shapely.box(390, 90, 410, 600)
"""From the northern edge to 90 m from the southern one, along the boundary in the middle."""
ROUND_ITS_END = shapely.box(390, 0, 410, 90)


def with_siding(*, crossable: bool, gate: tuple[float, float] = (0, 300)) -> Park:
    """Four quarters of 400 m x 300 m; a siding lies along their north-south boundary."""
    given = park(QUARTERS, gates=[shapely.Point(gate)])
    track = {"exclusion_id": ["S"], "kind": ["siding"], "crossable": [crossable]}
    return replace(given, exclusions=gpd.GeoDataFrame(track, geometry=[moved(TRACK)], crs=CRS))


def main_streets(given: Park) -> shapely.Geometry:
    """Where the backbone runs."""
    streets = backbone(ground(given.zones, given.exclusions, given.gates), SETTINGS)
    return shapely.union_all(back(np.asarray(streets.geometry.array, dtype=object)))


def test_a_boundary_that_meets_the_rails_carries_a_street_up_to_them() -> None:
    lines = main_streets(with_siding(crossable=False))
    assert shapely.intersects(lines, shapely.box(0, 299, 380, 301))
    assert shapely.intersects(lines, shapely.box(420, 299, 800, 301))
    assert shapely.area(shapely.intersection(shapely.buffer(lines, 0.01), TRACK)) == 0


def test_a_level_crossing_is_crossed_and_not_followed() -> None:
    lines = main_streets(with_siding(crossable=True))
    across = shapely.intersection(lines, TRACK)
    assert across.length == pytest.approx(20, abs=0.1)
    assert across.bounds[1] == across.bounds[3] == 300


@pytest.mark.parametrize("gate", [(0.0, 300.0), (800.0, 300.0)])
def test_land_on_both_sides_is_reached_round_the_end(gate: tuple[float, float]) -> None:
    given = with_siding(crossable=False, gate=gate)
    run = divided(given)
    assert broken(given, run) == []
    streets = back(reached_street_land(given, run))
    assert shapely.area(shapely.intersection(streets, TRACK)) < 0.01
    assert shapely.intersects(streets, ROUND_ITS_END)
    for side in (shapely.box(0, 0, 390, 600), shapely.box(410, 0, 800, 600)):
        plots = back(np.asarray(run.result.plots.geometry.array, dtype=object))
        plotted = shapely.area(shapely.intersection(plots, side)).sum()
        assert plotted > 0.75 * side.area
