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
from geoplan.subdivide.frames import segments
from geoplan.subdivide.layout import Layout, Piece
from geoplan.subdivide.overlays import overlaid
from geoplan.subdivide.right_of_way import StreetLand
from geoplan.subdivide.ways import TOUCH_M
from geoplan.units import M2_PER_HA

REACH = 1.5
"""A local street is carried on to the backbone over this many rights of way at most."""

FILM_M = 2e-5
"""Anything thinner is rounding: overlays may fall back on coordinates of 1e-5 m."""


def pieces_of(
    zones: gpd.GeoDataFrame,
    exclusions: gpd.GeoDataFrame,
    streets: StreetLand,
    settings: SubdivideSettings,
) -> list[Piece]:
    """Take streets and exclusions out of the plotted zones.

    Parts too small for a single plot are left out; the plan accounts for them as residual.

    Returns
    -------
    list of Piece
        By zone, from the largest part to the smallest.
    """
    excluded = np.asarray(exclusions.geometry.array, dtype=object)
    tree = shapely.STRtree(excluded)
    plotted = zones[zones["use"].isin(settings.plotted_uses)]
    found: list[Piece] = []
    for zone_id, use, shape in zip(
        plotted["zone_id"], plotted["use"], plotted.geometry, strict=True
    ):
        street = streets.near(shape)
        others = [near(excluded[index], shape) for index in np.sort(tree.query(shape))]
        parts = shapely.get_parts(overlaid(shapely.difference, shape, _grown([street, *others])))
        area_m2 = shapely.area(parts)
        order = np.argsort(-area_m2, kind="stable")
        found += [
            Piece(str(zone_id), str(use), parts[i], _on_street(parts[i], street))
            for i in order[area_m2[order] >= settings.plot_min_ha * M2_PER_HA]
        ]
    return found


def _grown(taken: Sequence[Any]) -> Any:
    """Unite land, each part a little grown: else a film of rounding ties what it divides."""
    return shapely.union_all(
        shapely.buffer(np.array(taken, dtype=object), FILM_M, join_style="mitre")
    )


def leftovers(
    piece: Piece,
    strips: NDArray[np.object_],
    street: Any,
    settings: SubdivideSettings,
) -> list[Piece]:
    """Find the land that strips leave and that a street could serve.

    Parameters
    ----------
    piece : Piece
    strips : ndarray of Polygon
        The strips of the piece, in the working CRS.
    street : Polygon or MultiPolygon
        Right of way of the network around it.
    settings : SubdivideSettings

    Returns
    -------
    list of Piece
        Parts that may hold a plot and lie on a street, as pieces of their own.
    """
    least_m2 = settings.plot_min_ha * M2_PER_HA
    paved_m2 = shapely.area(overlaid(shapely.intersection, piece.polygon, street))
    if piece.polygon.area - paved_m2 - shapely.area(strips).sum() < least_m2:
        return []
    grown = _grown([*strips, street])
    parts = shapely.get_parts(overlaid(shapely.difference, piece.polygon, grown))
    parts = parts[shapely.area(parts) >= least_m2]
    rest = [replace(piece, polygon=part, fronted=_on_street(part, street)) for part in parts]
    return [part for part in rest if part.fronted.length >= settings.street_local_m]


def _on_street(polygon: Any, street_land: Any) -> Any:
    """Part of a boundary that lies on street land."""
    if shapely.is_empty(street_land):
        return shapely.MultiLineString()
    ends, _ = segments(np.array([polygon], dtype=object))
    shapely.prepare(street_land)  # only the first argument of dwithin is looked up prepared
    on = shapely.dwithin(street_land, shapely.points(ends.mean(axis=1)), TOUCH_M)
    return shapely.multilinestrings(np.asarray(shapely.linestrings(ends[on]), dtype=object))


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


def block_ids(bounds_m: NDArray[np.float64], zone_id: NDArray[np.object_]) -> NDArray[np.object_]:
    """Name blocks by zone, from north-west to south-east: ``P1-B01``.

    Parameters
    ----------
    bounds_m : ndarray, shape (blocks, 4)
    zone_id : ndarray of str, shape (blocks,)
    """
    order = np.lexsort((bounds_m[:, 0].round(1), -bounds_m[:, 3].round(1), zone_id))
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
