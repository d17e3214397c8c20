"""The stage as a whole: zones and a demand in, streets and strips out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.config import SubdivideSettings
from geoplan.subdivide.blocks import local_streets, pieces_of
from geoplan.subdivide.demand import Demand
from geoplan.subdivide.layout import Piece, search_layouts
from geoplan.subdivide.streets import (
    NETWORK_TOUCH_M,
    backbone,
    ground,
    links,
    network_parts,
    street_frame,
    street_land,
)
from geoplan.subdivide.strips import Strips, carve


@dataclass(frozen=True)
class LaidOut:
    """Streets and strips of a site, before any plot is cut.

    Attributes
    ----------
    streets : GeoDataFrame
        ``street_id, class, row_m, length_m`` and centrelines.
    street_land : Polygon or MultiPolygon
        Right of way of all streets, on passable land.
    strips : Strips
    layouts_tried : int
        Layouts that the search rated.
    score_median, score_best : float
        What the median and the best layouts could place and sell, in weighted hectares.
    """

    streets: gpd.GeoDataFrame
    street_land: Any
    strips: Strips
    layouts_tried: int
    score_median: float
    score_best: float


def lay_out(
    zones: gpd.GeoDataFrame,
    exclusions: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    demands: Mapping[str, Demand],
    settings: SubdivideSettings,
) -> LaidOut:
    """Lay out streets and strips.

    Parameters
    ----------
    zones : GeoDataFrame
        ``zone_id``, ``use``; polygons in a metric CRS.
    exclusions : GeoDataFrame
        ``crossable``; polygons with their buffers applied.
    gates : GeoDataFrame
        ``kind``; points or lines. Streets reach all but rail gates.
    demands : mapping of str to Demand
        What is asked of each plotted zone.
    settings : SubdivideSettings

    Returns
    -------
    LaidOut
    """
    land = ground(zones, exclusions, gates)
    main = backbone(land, settings)
    # Gates are tied to the backbone before the land is divided, so that no strip lies in the way.
    main = _with(main, links(main, land, settings))
    main_land = street_land(main, land.passable)
    pieces = pieces_of(zones, exclusions, main_land, settings)
    bounds = zones.total_bounds
    origin_m = (
        float(round((bounds[0] + bounds[2]) / 2)),
        float(round((bounds[1] + bounds[3]) / 2)),
    )
    search = search_layouts(pieces, _shares(pieces, demands), settings, origin_m=origin_m)
    centrelines = shapely.union_all(np.asarray(main.geometry.array, dtype=object))
    local = [
        local_streets(piece, layout, centrelines, settings)
        for piece, layout in zip(pieces, search.layouts, strict=True)
    ]
    lines = np.concatenate([np.empty(0, dtype=object), *local])
    streets = _with(main, street_frame(lines, "local", settings.street_local_m, zones.crs))
    streets = _with(streets, links(streets, land, settings))
    right_of_way = street_land(streets, land.passable)
    network = street_land(_reached(streets, land.gates, zones), land.passable)
    strips = carve(pieces, search.layouts, network, settings, zones.crs)
    return LaidOut(
        _numbered(streets),
        right_of_way,
        strips,
        search.tried,
        search.score_median,
        search.score_best,
    )


def _shares(pieces: Sequence[Piece], demands: Mapping[str, Demand]) -> list[Demand]:
    """Share the demand of a zone among its pieces by their area."""
    zone_m2: dict[str, float] = {}
    for piece in pieces:
        zone_m2[piece.zone_id] = zone_m2.get(piece.zone_id, 0.0) + piece.polygon.area
    return [
        demands[piece.zone_id].scaled(piece.polygon.area / zone_m2[piece.zone_id])
        for piece in pieces
    ]


def _with(streets: gpd.GeoDataFrame, more: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if more.empty:
        return streets
    if streets.empty:
        return more.reset_index(drop=True)
    return gpd.GeoDataFrame(pd.concat([streets, more], ignore_index=True), crs=streets.crs)


def _reached(streets: gpd.GeoDataFrame, gates: Any, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the streets that a gate reaches; without gates, the longest network of each land part."""
    lines = np.asarray(streets.geometry.array, dtype=object)
    part = network_parts(lines)
    if not len(lines):
        return streets
    if len(gates):
        at_gate = shapely.dwithin(lines, shapely.union_all(gates), NETWORK_TOUCH_M)
        return streets[np.isin(part, part[at_gate])]
    lands = shapely.get_parts(shapely.union_all(zones.geometry.array))
    length_m = np.bincount(part, weights=streets.length)
    line, land = shapely.STRtree(lands).query(lines, predicate="intersects")
    kept = [
        max(np.unique(part[line[land == index]]), key=lambda number: length_m[number])
        for index in np.unique(land)
    ]
    return streets[np.isin(part, kept)]


def _numbered(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Number streets by class, from north-west to south-east."""
    order_of = {"main": 0, "collector": 1, "local": 2}
    rank = streets["class"].map(order_of).to_numpy(dtype=int)
    bounds = streets.geometry.bounds
    order = np.lexsort((bounds["minx"].round(1), -bounds["maxy"].round(1), rank))
    ordered = streets.iloc[order].reset_index(drop=True)
    letters = ordered["class"].map({"main": "M", "collector": "C", "local": "L"})
    number = ordered.groupby("class").cumcount() + 1
    return gpd.GeoDataFrame(
        {
            "street_id": [f"{a}{n:02d}" for a, n in zip(letters, number, strict=True)],
            "class": ordered["class"],
            "row_m": ordered["row_m"],
            "length_m": ordered.length,
        },
        geometry=ordered.geometry,
        crs=streets.crs,
    )
