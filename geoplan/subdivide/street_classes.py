"""The best class of street that strips and plots front: heavy vehicles keep off local streets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.site.schema import STREET_CLASSES
from geoplan.subdivide.frames import by_frame
from geoplan.subdivide.fronts import ON_STREET_M, fronts
from geoplan.subdivide.strips import Strips

Geometries = NDArray[np.object_]

ENTRANCE_M = 6.0
"""A plot fronts a street over as much at least: the width of a driveway (fire access of 6 m and
more: Kazakh rules, as secondary sources have them)."""
FRONT_MISSED_SHARE = 1 / 3
"""So much of the least frontage a strip's front may be off a street that counts as its own, so
that every plot of it still lies on that street."""


def classed_strips(
    strips: Strips, streets: gpd.GeoDataFrame, settings: SubdivideSettings
) -> Strips:
    """Tell of each strip the best class of street that runs along all of its front.

    Plots are cut anywhere in a strip, so a corner on a better street does not count.

    Parameters
    ----------
    strips : Strips
    streets : GeoDataFrame
        ``class``, ``row_m`` and centrelines.
    settings : SubdivideSettings

    Returns
    -------
    Strips
        Their table has ``street_class``, one of :data:`geoplan.site.schema.STREET_CLASSES`.
    """
    missed_m = FRONT_MISSED_SHARE * settings.frontage_min_m
    front_m = strips.table["front_m"].to_numpy(dtype=float)
    found = np.full(len(strips), STREET_CLASSES[-1], dtype=object)
    for name, rows in reversed(list(_rows_of_way(streets, settings.corner_splay_m))):
        along_m = _along_m(strips, rows)
        found[(along_m > 0) & (along_m >= front_m - missed_m)] = name
    return replace(strips, table=strips.table.assign(street_class=found))


def classed_plots(strips: Strips, streets: gpd.GeoDataFrame) -> Strips:
    """Tell of each given plot the best class of street that it has an entrance on.

    Parameters
    ----------
    strips : Strips
        Of :func:`geoplan.subdivide.strips.whole_plots`.
    streets : GeoDataFrame
        ``class``, ``row_m`` and centrelines.
    """
    table = strips.table
    edges = shapely.boundary(np.asarray(table.geometry.array, dtype=object))
    found = np.full(len(table), STREET_CLASSES[-1], dtype=object)
    for name, rows in reversed(list(_rows_of_way(streets, 0.0))):
        found[front_on(edges, rows) >= ENTRANCE_M] = name
    return replace(strips, table=table.assign(street_class=found))


def front_on(edges: Geometries, rows: Geometries) -> NDArray[np.float64]:
    """Length of outlines that lies on rights of way, m.

    Parameters
    ----------
    edges : ndarray of LineString
    rows : ndarray of Polygon
        A little wider than the streets are.
    """
    edge, row = shapely.STRtree(rows).query(edges, predicate="intersects")
    length_m = np.zeros(len(edges))
    for number in np.unique(edge):
        near = shapely.union_all(rows[row[edge == number]])
        length_m[number] = shapely.length(shapely.intersection(edges[number], near))
    return length_m


def rights_of_way(streets: gpd.GeoDataFrame, *, wider_m: float = 0.0) -> Geometries:
    """Right of way of each street, a little wider than it is."""
    half_m = streets["row_m"].to_numpy(dtype=float) / 2 + 2 * ON_STREET_M + wider_m
    lines = np.asarray(streets.geometry.array, dtype=object)
    return np.asarray(shapely.buffer(lines, half_m, cap_style="flat"), dtype=object)


def _rows_of_way(streets: gpd.GeoDataFrame, splay_m: float) -> Iterator[tuple[str, Geometries]]:
    """Yield the classes above the least, each with the land of its streets and better ones.

    Corners are splayed: as much beside a street is still its front.
    """
    for number, name in enumerate(STREET_CLASSES[:-1], start=1):
        of_class = streets[streets["class"].isin(STREET_CLASSES[:number])]
        if len(of_class):
            yield name, rights_of_way(of_class, wider_m=splay_m)


def _along_m(strips: Strips, rows: Geometries) -> NDArray[np.float64]:
    """How far each strip runs along rights of way, m."""
    along_m = np.zeros(len(strips))
    tree = shapely.STRtree(rows)
    outlines = np.asarray(strips.table.geometry.array, dtype=object)
    strip, _ = tree.query(outlines, predicate="intersects")
    met = np.isin(strips.part_strip, strip)
    parts, owner = strips.parts[met], strips.part_strip[met]
    for frame, mine in by_frame(strips.frames, owner):
        _, near = tree.query(outlines[np.unique(owner[mine])], predicate="intersects")
        land = shapely.union_all(rows[np.unique(near)])
        front = fronts(parts[mine], frame.to_local(land))
        np.maximum.at(along_m, owner[mine], front[:, 1] - front[:, 0])
    return along_m
