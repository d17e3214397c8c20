"""Pieces and blocks: what zones leave for plots once streets and exclusions are taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.subdivide.coverage import near
from geoplan.subdivide.layout import Layout, Piece
from geoplan.subdivide.ways import TOUCH_M
from geoplan.units import M2_PER_HA

REACH = 1.5
"""A local street is carried on to the backbone over this many rights of way at most."""

FILM_M = 1e-6
"""Anything thinner is rounding."""


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
    # Grown a little, else a film of rounding along the edge ties what a street divides.
    wider = shapely.buffer(street_land, FILM_M, join_style="mitre")
    others = shapely.union_all(exclusions.geometry.array)
    plotted = zones[zones["use"].isin(settings.plotted_uses)]
    free = [
        shapely.difference(shape, shapely.union_all([near(wider, shape), near(others, shape)]))
        for shape in plotted.geometry
    ]
    parts, zone = shapely.get_parts(free, return_index=True)
    big = shapely.area(parts) >= settings.plot_min_ha * M2_PER_HA
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


def leftovers(
    pieces: Sequence[Piece],
    strip_land: NDArray[np.object_],
    street_land: Any,
    settings: SubdivideSettings,
) -> tuple[list[Piece], list[Piece]]:
    """Find the land that strips leave and that a street could serve.

    Parameters
    ----------
    pieces : sequence of Piece
    strip_land : ndarray of Polygon
        The strips, in the working CRS.
    street_land : Polygon or MultiPolygon
        Right of way of the network.
    settings : SubdivideSettings

    Returns
    -------
    leftovers : list of Piece
        Parts that may hold a plot and lie on a street, as pieces of their own.
    pieces : list of Piece
        The pieces without them.
    """
    # Grown a little, else films of rounding between strips hang on what is left.
    wider = np.asarray(shapely.buffer(strip_land, FILM_M, join_style="mitre"), dtype=object)
    tree = shapely.STRtree(wider)
    found: list[Piece] = []
    kept: list[Piece] = []
    for piece in pieces:
        street = shapely.buffer(near(street_land, piece.polygon), FILM_M, join_style="mitre")
        taken = shapely.union_all([*wider[tree.query(piece.polygon)], street])
        parts = shapely.get_parts(shapely.difference(piece.polygon, taken))
        parts = parts[shapely.area(parts) >= settings.plot_min_ha * M2_PER_HA]
        rest = [replace(piece, polygon=p, fronted=_on_street(p, street_land)) for p in parts]
        rest = [part for part in rest if part.fronted.length >= settings.street_local_m]
        found += rest
        without = shapely.difference(piece.polygon, shapely.union_all([p.polygon for p in rest]))
        kept.append(replace(piece, polygon=without))
    return found, kept


def _on_street(polygon: Any, street_land: Any) -> Any:
    """Part of a boundary that lies on street land."""
    xy = [shapely.get_coordinates(ring) for ring in shapely.get_rings(polygon)]
    ends = np.concatenate([np.stack([r[:-1], r[1:]], axis=1) for r in xy])
    edges = np.asarray(shapely.linestrings(ends), dtype=object)
    middle = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    if shapely.is_empty(street_land):
        return shapely.MultiLineString()
    shapely.prepare(street_land)  # only the first argument of dwithin is looked up prepared
    return shapely.multilinestrings(edges[shapely.dwithin(street_land, middle, TOUCH_M)])


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
    met = [_met(start, -direction, backbone, reach_m), _met(stop, direction, backbone, reach_m)]
    return np.asarray(shapely.linestrings(np.stack(met, axis=1)), dtype=object)


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
    """Give things their numbers within their zones, in a given order.

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
