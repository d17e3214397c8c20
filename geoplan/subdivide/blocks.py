"""Pieces and blocks: what zones leave for plots once streets and exclusions are taken out."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.subdivide.layout import Layout, Piece
from geoplan.subdivide.streets import TOUCH_M

REACH = 1.5
"""A local street is carried on to the backbone over this many rights of way at most."""


def pieces_of(
    zones: gpd.GeoDataFrame,
    exclusions: gpd.GeoDataFrame,
    street_land: Any,
    settings: SubdivideSettings,
) -> list[Piece]:
    """Take streets and exclusions out of the plotted zones.

    Parts too small for a single plot are left out; the plan accounts for them as residual.

    Returns
    -------
    list of Piece
        By zone, from the largest part to the smallest.
    """
    taken = shapely.union_all([street_land, *exclusions.geometry.array])
    plotted = zones[zones["use"].isin(settings.plotted_uses)]
    free = shapely.difference(np.asarray(plotted.geometry.array, dtype=object), taken)
    parts, zone = shapely.get_parts(free, return_index=True)
    big = shapely.area(parts) >= settings.plot_min_ha * 1e4
    parts, zone = parts[big], zone[big]
    order = np.lexsort((-shapely.area(parts), zone))
    return [
        Piece(
            str(plotted["zone_id"].iloc[zone[i]]),
            str(plotted["use"].iloc[zone[i]]),
            parts[i],
            _on_street(parts[i], street_land),
        )
        for i in order
    ]


def _on_street(polygon: Any, street_land: Any) -> Any:
    """Part of a boundary that lies on street land."""
    xy = [shapely.get_coordinates(ring) for ring in shapely.get_rings(polygon)]
    edges = shapely.linestrings(np.concatenate([np.stack([r[:-1], r[1:]], axis=1) for r in xy]))
    middle = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    if shapely.is_empty(street_land):
        return shapely.MultiLineString()
    return shapely.multilinestrings(edges[shapely.dwithin(middle, street_land, TOUCH_M)])


def local_streets(
    piece: Piece, layout: Layout, backbone: Any, settings: SubdivideSettings
) -> NDArray[np.object_]:
    """Centrelines of a layout's rows and cross streets, carried on to the backbone.

    Parameters
    ----------
    piece : Piece
    layout : Layout
    backbone : MultiLineString
        Centrelines of main streets and collectors, in the working CRS.

    Returns
    -------
    ndarray of LineString
        In the working CRS.
    """
    land = layout.frame.to_local(piece.polygon)
    x_min, y_min, x_max, y_max = shapely.bounds(land)
    rows = [[(x_min - 1, y), (x_max + 1, y)] for y in layout.rows_m]
    low, high = max(layout.span_m[0], y_min - 1), min(layout.span_m[1], y_max + 1)
    crosses = [[(x, low), (x, high)] for x in layout.crosses_m] if high - low > TOUCH_M else []
    if not rows and not crosses:
        return np.array([], dtype=object)
    lines = shapely.linestrings(np.array([*rows, *crosses], dtype=float))
    inside = shapely.get_parts(shapely.intersection(land, lines))
    inside = inside[shapely.length(inside) >= settings.frontage_min_m]
    carried = _carried_on(inside, layout.frame.to_local(backbone), REACH * settings.street_main_m)
    world: NDArray[np.object_] = layout.frame.to_world(carried)
    return world


def _carried_on(lines: NDArray[np.object_], backbone: Any, reach_m: float) -> NDArray[np.object_]:
    """Lengthen both ends of straight lines to the first street they meet within reach."""
    if not len(lines) or shapely.is_empty(backbone):
        return lines
    ends = shapely.get_coordinates(shapely.get_point(lines, np.array([[0], [-1]])))
    start, stop = ends[: len(lines)], ends[len(lines) :]
    direction = (stop - start) / np.hypot(*(stop - start).T)[:, None]
    return shapely.linestrings(
        np.stack(
            [_met(start, -direction, backbone, reach_m), _met(stop, direction, backbone, reach_m)],
            axis=1,
        )
    )


def _met(
    xy_m: NDArray[np.float64], direction: NDArray[np.float64], backbone: Any, reach_m: float
) -> NDArray[np.float64]:
    rays = shapely.linestrings(np.stack([xy_m, xy_m + reach_m * direction], axis=1))
    crossing = shapely.intersection(rays, backbone)
    hit = ~shapely.is_empty(crossing)
    met = xy_m.copy()
    nearest = shapely.shortest_line(crossing[hit], shapely.points(xy_m[hit]))
    met[hit] = shapely.get_coordinates(shapely.get_point(nearest, 0))
    return met


def block_ids(
    pieces_land: NDArray[np.object_], zone_id: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Name blocks by zone, from north-west to south-east: ``P1-B01``."""
    bounds = shapely.bounds(pieces_land)
    order = np.lexsort((bounds[:, 0].round(1), -bounds[:, 3].round(1), zone_id))
    return numbered(zone_id, order, "B")


def numbered(
    zone_id: NDArray[np.object_], order: NDArray[np.intp], letter: str
) -> NDArray[np.object_]:
    """Number what lies in each zone in a given order.

    >>> numbered(np.array(["P1", "P1", "P2"], object), np.array([1, 0, 2]), "S").tolist()
    ['P1-S02', 'P1-S01', 'P2-S01']
    """
    names = np.empty(len(zone_id), dtype=object)
    count: dict[str, int] = {}
    for index in order:
        zone = str(zone_id[index])
        count[zone] = count.get(zone, 0) + 1
        names[index] = f"{zone}-{letter}{count[zone]:02d}"
    return names
