"""Streets are taken out of bands even where an overlay in full precision gives up."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoplan.subdivide import strips


def test_a_finer_grid_stands_in_where_the_overlay_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    bands = np.array([shapely.box(0, 0, 100, 50), shapely.box(200, 0, 300, 50)])
    street = shapely.box(40, -10, 60, 60)
    whole = strips._without(bands, street)
    difference = shapely.difference

    def giving_up(a, b, grid_size=None):
        if grid_size is None:
            raise shapely.errors.GEOSException("TopologyException: found non-noded intersection")
        return difference(a, b, grid_size=grid_size)

    monkeypatch.setattr(strips.shapely, "difference", giving_up)
    again = strips._without(bands, street)
    assert shapely.equals_exact(whole, again, tolerance=1e-5, normalize=True).all()
