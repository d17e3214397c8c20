"""Land and lists that the benchmarks divide; all of it made up."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray

CRS = "EPSG:32642"
CORNER_M = (672_000.0, 5_677_000.0)
"""Coordinates as large as those of real land."""

OUTLINE_M = (
    (0, 0),
    (1480, -130),
    (2330, 240),
    (2590, 1060),
    (2140, 1790),
    (1490, 1930),
    (1400, 1390),
    (930, 1300),
    (690, 1760),
    (60, 1480),
    (-260, 690),
)
"""A concave outline: a bay in the north, no two edges parallel."""

PLOTTED_SHARE = 0.85
"""Share of a lattice's land that becomes plots; only sizes the lattice."""


def concave_zone(area_ha: float) -> Any:
    """Scale the concave outline to an area.

    >>> round(concave_zone(400).area / 1e4, 6)
    400.0
    """
    outline = shapely.Polygon(OUTLINE_M)
    scale = float(np.sqrt(area_ha * 1e4 / outline.area))
    scaled = shapely.affinity.scale(outline, scale, scale, origin=(0, 0))
    return shapely.affinity.translate(scaled, *CORNER_M)


def unequal_areas_ha(count: int, total_ha: float, *, seed: int = 7) -> list[float]:
    """Draw areas like those that investors ask for: lognormal, between 0.4 and 15 ha.

    >>> areas = unequal_areas_ha(10, 60.0)
    >>> len(areas), abs(sum(areas) - 60.0) < 0.2
    (10, True)
    """
    draw = np.random.default_rng(seed).standard_normal(count)
    areas = np.exp(0.85 * draw)
    for _ in range(50):
        areas = np.clip(areas * total_ha / areas.sum(), 0.4, 15.0)
    return [float(area) for area in areas.round(2)]


def lattice(plots: int, *, plot_ha: float, zone_plots: int) -> gpd.GeoDataFrame:
    """Lay out crooked four-sided zones side by side that hold about so many plots.

    Parameters
    ----------
    plots : int
        Wanted in all zones together.
    plot_ha : float
        Size of one plot.
    zone_plots : int
        Plots of one zone, about.

    Returns
    -------
    GeoDataFrame
        ``zone_id, use``.
    """
    zones = max(1, round(plots / zone_plots))
    rows = max(1, int(np.sqrt(zones)))
    columns = -(-zones // rows)
    side_m = np.sqrt(plots * plot_ha / PLOTTED_SHARE * 1e4 / (rows * columns))
    shape = (rows + 1, columns + 1)
    step = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1)
    moved = np.random.default_rng(1).uniform(-0.04, 0.04, (*shape, 2))
    xy: NDArray[np.float64] = ((step + moved) * side_m * (1.1, 1 / 1.1) + CORNER_M).round(2)
    corners = np.stack([xy[:-1, :-1], xy[:-1, 1:], xy[1:, 1:], xy[1:, :-1]], axis=2)
    polygons = np.asarray(shapely.polygons(corners.reshape(-1, 4, 2)), dtype=object)
    names = [f"Z{number:05d}" for number in range(1, len(polygons) + 1)]
    return gpd.GeoDataFrame({"zone_id": names, "use": "production"}, geometry=polygons, crs=CRS)
