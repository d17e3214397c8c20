"""Polygons are overlaid even where full precision gives up, or where they cross themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from geoplan.subdivide.overlays import GRID_M, overlaid

STREET = shapely.box(40, -10, 50, 60)
HAIR_M = 3.3e-5
CROSSED = shapely.Polygon(
    [(0, 0), (50, 0), (50 - HAIR_M, 30), (50, 50.36), (50 + 3 * HAIR_M, 0), (100, 0), (100, 50),
     (0, 50)]
)  # fmt: skip
"""Land with a cut a hair wide, whose sides cross at its ends."""
DOUBLED = shapely.MultiPolygon([shapely.box(40, -10, 46, 60), shapely.box(44, -10, 50, 60)])
"""Streets that overlap themselves."""


def test_what_full_precision_can_do_is_done_in_full_precision() -> None:
    bands = np.array([shapely.box(0, 0, 100, 50), shapely.box(200, 0, 300, 50)])
    left = overlaid(shapely.difference, bands, STREET)
    assert shapely.equals_exact(left, shapely.difference(bands, STREET)).all()


def test_a_grid_stands_in_where_full_precision_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    bands = np.array([shapely.box(0, 0, 100, 50), shapely.box(200, 0, 300, 50)])
    whole = shapely.difference(bands, STREET)
    difference = shapely.difference

    def giving_up(one: Any, other: Any, grid_size: float | None = None) -> Any:
        if grid_size is None:
            raise shapely.errors.GEOSException("TopologyException: found non-noded intersection")
        return difference(one, other, grid_size=grid_size)

    monkeypatch.setattr(shapely, "difference", giving_up)
    again = overlaid(shapely.difference, bands, STREET)
    assert shapely.equals_exact(whole, again, tolerance=GRID_M, normalize=True).all()


@pytest.mark.parametrize(
    ("land", "street"), [(CROSSED, STREET), (shapely.box(0, 0, 100, 50), DOUBLED)]
)
def test_land_that_crosses_itself_is_overlaid_all_the_same(
    land: shapely.Geometry, street: shapely.Geometry
) -> None:
    for grid_m in (None, GRID_M):
        with pytest.raises(shapely.errors.GEOSException):
            shapely.difference(np.array([land]), street, grid_size=grid_m)
    (left,) = overlaid(shapely.difference, np.array([land]), street)
    assert left.is_valid
    assert left.area == pytest.approx(100 * 50 - 10 * 50, abs=0.01)
    inside = overlaid(shapely.intersection, land, street)
    assert inside.area == pytest.approx(10 * 50, abs=0.01)
