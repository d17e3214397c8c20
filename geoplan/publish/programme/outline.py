"""Where the country and its parks lie on the programme's page: schematic, not for measuring."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OUTLINE = (
    (87.3, 49.2), (86.7, 48.6), (85.8, 48.4), (85.6, 47.5), (85.1, 47.0), (83.1, 47.2),
    (82.4, 45.5), (81.9, 45.2), (80.0, 44.9), (80.5, 44.3), (80.8, 43.2), (80.2, 42.9),
    (80.2, 42.2), (79.2, 42.8), (77.6, 42.9), (76.0, 42.9), (74.8, 43.0), (74.2, 43.2),
    (73.6, 43.0), (73.4, 42.5), (71.9, 42.8), (71.2, 42.7), (70.9, 42.2), (69.1, 41.4),
    (68.6, 40.7), (68.0, 41.0), (66.7, 41.1), (66.5, 42.0), (66.0, 42.0), (66.1, 43.0),
    (64.9, 43.7), (63.2, 43.6), (62.0, 43.5), (61.1, 44.3), (58.6, 45.6), (56.0, 45.0),
    (56.0, 41.3), (55.4, 41.3), (54.8, 42.0), (54.1, 42.3), (52.9, 42.1), (52.5, 41.8),
    (52.7, 42.5), (51.9, 42.9), (51.2, 43.1), (50.8, 44.1), (50.2, 44.4), (51.2, 44.5),
    (51.2, 45.2), (52.8, 45.4), (53.1, 46.3), (53.0, 46.9), (52.0, 46.8), (51.2, 47.0),
    (50.0, 46.6), (49.1, 46.3), (48.5, 46.6), (48.6, 47.1), (48.1, 47.7), (47.3, 47.7),
    (46.5, 48.4), (47.0, 49.2), (46.8, 49.4), (47.5, 50.4), (48.6, 49.9), (48.7, 50.6),
    (50.8, 51.7), (52.4, 51.7), (54.5, 50.9), (55.7, 50.6), (56.8, 51.1), (58.4, 51.1),
    (59.6, 50.6), (61.4, 50.8), (61.6, 51.3), (60.0, 51.9), (61.0, 52.5), (60.9, 52.8),
    (61.8, 53.0), (61.2, 53.8), (61.4, 54.1), (65.2, 54.4), (66.8, 54.8), (68.2, 55.0),
    (69.0, 55.4), (70.8, 55.3), (71.2, 54.2), (72.2, 54.4), (73.5, 54.0), (73.5, 53.5),
    (74.4, 53.6), (76.8, 54.4), (76.5, 53.9), (77.9, 53.3), (80.1, 50.8), (80.7, 51.3),
    (81.9, 50.8), (83.4, 51.0), (84.3, 50.3), (85.1, 50.1), (85.5, 49.6), (86.8, 49.8),
)  # fmt: skip
"""Kazakhstan's border: rough points, longitude and latitude to a tenth of a degree."""
WATERS = (
    (
        (73.8, 45.4), (74.1, 46.0), (75.0, 46.7), (76.5, 46.7), (78.1, 46.6), (79.2, 46.7),
        (78.9, 46.3), (77.2, 46.4), (75.5, 46.5), (74.9, 46.1), (74.4, 45.7),
    ),
    ((60.2, 46.2), (60.8, 46.7), (61.6, 46.7), (61.9, 46.3), (61.1, 46.2)),
    ((83.5, 48.1), (84.1, 48.2), (84.9, 47.9), (84.3, 47.8)),
)  # fmt: skip
"""Lakes to find one's way by: Balkhash, the northern Aral and Zaysan, as roughly."""

WIDTH = 1000.0
"""Of the picture, in its own units; the page scales it."""
PARALLELS = (43.0, 53.0)
MERIDIAN = 67.0
_EDGE = 24.0
_NEAR_DEGREES = 1.0


class Country(NamedTuple):
    """The picture: its height, its lines, and where the parks are; x to the right, y down."""

    height: float
    outline: list[list[float]]
    waters: list[list[list[float]]]
    x: list[float]
    y: list[float]


def projected(lon: Any, lat: Any) -> Floats:
    """Project places as Albers has it: areas keep their proportions.

    Parameters
    ----------
    lon, lat : array_like
        Degrees.

    Returns
    -------
    ndarray, shape (n, 2)
        In units of the Earth's radius, y up.
    """
    first, second = np.radians(PARALLELS)
    n = (np.sin(first) + np.sin(second)) / 2
    c = np.cos(first) ** 2 + 2 * n * np.sin(first)
    radius = np.sqrt(np.maximum(c - 2 * n * np.sin(np.radians(np.asarray(lat, float))), 0)) / n
    turn = n * np.radians(np.asarray(lon, float) - MERIDIAN)
    return np.column_stack([radius * np.sin(turn), -radius * np.cos(turn)])


def country(parks: gpd.GeoDataFrame) -> Country:
    """Draw the country and put its parks into it.

    The picture holds outline and parks. Where no park lies in or near the country, it holds the
    parks alone.

    Parameters
    ----------
    parks : GeoDataFrame
        Points in degrees.

    Returns
    -------
    Country
        ``outline`` and ``waters`` are empty where they would mean nothing.
    """
    lon, lat = parks.geometry.x.to_numpy(), parks.geometry.y.to_numpy()
    places = projected(lon, lat)
    border = np.array(OUTLINE)
    low, high = border.min(axis=0) - _NEAR_DEGREES, border.max(axis=0) + _NEAR_DEGREES
    here = bool(((low <= np.c_[lon, lat]) & (np.c_[lon, lat] <= high)).all(axis=1).any())
    rings = [np.array(ring) for ring in (OUTLINE, *WATERS)] if here or not len(parks) else []
    lines = [projected(*ring.T) for ring in rings]
    every = np.vstack([places, *lines])
    corner, far = every.min(axis=0), every.max(axis=0)
    width, height = np.maximum(far - corner, 1e-3)
    scale = (WIDTH - 2 * _EDGE) / max(width, height)

    def drawn(points: Floats) -> list[list[float]]:
        across = _EDGE + (points[:, 0] - corner[0]) * scale
        down = _EDGE + (far[1] - points[:, 1]) * scale
        rounded: list[list[float]] = np.round(np.column_stack([across, down]), 1).tolist()
        return rounded

    outline, *waters = [drawn(line) for line in lines] or [[]]
    x, y = zip(*drawn(places), strict=True) if len(parks) else ((), ())
    return Country(round(height * scale + 2 * _EDGE, 1), outline, waters, list(x), list(y))
