"""The stage as a whole: zones and a demand in, streets and strips out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.subdivide.blocks import FILM_M, REACH, leftovers, local_streets, pieces_of
from geoplan.subdivide.corners import dead_ends, splays, turning_places
from geoplan.subdivide.demand import Demand
from geoplan.subdivide.layout import Layout, Piece
from geoplan.subdivide.overlays import overlaid
from geoplan.subdivide.right_of_way import NETWORK_TOUCH_M, StreetLand, street_land
from geoplan.subdivide.search import Search, search_layouts
from geoplan.subdivide.street_classes import classed_plots, classed_strips
from geoplan.subdivide.streets import (
    Ground,
    backbone,
    existing,
    ground,
    links,
    not_along,
    street_frame,
)
from geoplan.subdivide.strips import Carved, Strips, carve, strips_of, whole_plots

ROUNDS = 3
"""Land that a layout leaves is laid out anew, in directions of its own, so many times less one."""


@dataclass(frozen=True)
class LaidOut:
    """Streets and strips of a site, before any plot is cut.

    Attributes
    ----------
    streets : GeoDataFrame
        ``street_id, class, row_m, length_m`` and centrelines.
    street_parts : ndarray of Polygon
        Right of way of the one network, on passable land, in parts that end where zones do.
    strips : Strips
    layouts_tried : int
        Layouts that the search rated.
    score_median, score_best : float
        What the median and the best layouts could place and sell, in weighted hectares.
    """

    streets: gpd.GeoDataFrame
    street_parts: NDArray[np.object_]
    strips: Strips
    layouts_tried: int
    score_median: float
    score_best: float

    @property
    def street_land(self) -> Any:
        """Right of way as one Polygon or MultiPolygon."""
        return StreetLand(self.street_parts).land


@dataclass(frozen=True)
class _Plotted:
    """A piece with its layout; once carved, its strips and the streets that they lie at."""

    piece: Piece
    layout: Layout
    streets: Any = None
    strips: Carved | None = None

    def carved_again(
        self, network: StreetLand, settings: SubdivideSettings, favoured: Any
    ) -> tuple[_Plotted, list[Piece]]:
        """Carve where streets have changed, and find what the strips leave for a further round."""
        streets = network.near(self.piece.polygon)
        if self.strips and shapely.equals_exact(streets, self.streets, normalize=True):
            return self, []
        strips = carve(self.piece, self.layout, streets, settings, favoured=favoured)
        found = leftovers(self.piece, strips.world_parts(), streets, settings)
        without = self.piece
        if found:
            # Grown a little more than what it was cut out with: no film shall tie strips together.
            rest = shapely.union_all([part.polygon for part in found])
            wider = shapely.buffer(rest, 2 * FILM_M, join_style="mitre")
            left = overlaid(shapely.difference, without.polygon, wider)
            without = replace(without, polygon=left)
        return _Plotted(without, self.layout, streets, strips), found


def lay_out(
    zones: gpd.GeoDataFrame,
    exclusions: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    demands: Mapping[str, Demand],
    settings: SubdivideSettings,
    *,
    roads: gpd.GeoDataFrame | None = None,
    favoured: Any = None,
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
    roads : GeoDataFrame, optional
        ``class, row_m`` and centrelines of streets that exist: they stay and are built upon.
    favoured : Polygon or MultiPolygon, optional
        Land with an advantage of its own; see :func:`geoplan.subdivide.strips.carve`.

    Returns
    -------
    LaidOut
    """
    land = ground(zones, exclusions, gates)
    streets = _main_streets(land, settings, roads)
    network = street_land(streets, land.passable_zones)
    fresh = pieces_of(zones, exclusions, network, settings)
    zone_m2 = _zone_m2(fresh)
    plotted: list[_Plotted] = []
    searches: list[Search] = []
    known: dict[bytes, NDArray[np.object_]] = {}
    for _ in range(ROUNDS):
        asked = [demands[p.zone_id].scaled(p.polygon.area / zone_m2[p.zone_id]) for p in fresh]
        searches.append(search_layouts(fresh, asked, settings, origin_m=_origin_m(zones)))
        streets = _with_local(streets, fresh, searches[-1].layouts, land, settings)
        network = _paved(streets, land, settings, known).reached(land.gates, zones)
        plotted += map(_Plotted, fresh, searches[-1].layouts)
        carved = [piece.carved_again(network, settings, favoured) for piece in plotted]
        plotted = [piece for piece, _ in carved]
        fresh = [found for _, left in carved for found in left]
        if not fresh:
            break
    strips = strips_of([piece.strips for piece in plotted if piece.strips], settings, zones.crs)
    streets = _numbered(_along(streets, network))
    strips = classed_strips(strips, streets, settings)
    return LaidOut(streets, network.parts, strips, *_effort(searches))


def _effort(searches: list[Search]) -> tuple[int, float, float]:
    """Layouts tried, and the scores of the median and the best ones, of all rounds."""
    return (
        sum(search.tried for search in searches),
        sum(search.score_median for search in searches),
        sum(search.score_best for search in searches),
    )


def _main_streets(
    land: Ground, settings: SubdivideSettings, roads: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Lay out the backbone beside streets that exist, and tie it to the gates."""
    main = backbone(land, settings)
    if roads is not None and len(roads):
        there = existing(roads, land.passable, settings)
        main = _with(there, not_along(main, there))
    # Gates are tied to the backbone before the land is divided, so that no strip lies in the way.
    return _with(main, links(main, land, settings))


def take_over(
    zones: gpd.GeoDataFrame,
    exclusions: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    plots: gpd.GeoDataFrame,
    settings: SubdivideSettings,
) -> LaidOut:
    """Take given plots and existing streets as they are: each plot is a strip of its own.

    Parameters
    ----------
    zones, exclusions, gates, settings
        As for :func:`lay_out`.
    roads : GeoDataFrame
        ``class, row_m`` and centrelines.
    plots : GeoDataFrame
        ``plot_id`` and polygons; those that lie in no zone are left out.
    """
    land = ground(zones, exclusions, gates)
    streets = existing(roads, land.passable, settings)
    shapes = np.asarray(plots.geometry.array, dtype=object)
    free = shapely.difference(land.passable_zones, shapely.union_all(shapes))
    network = street_land(streets, free).reached(land.gates, zones)
    strips = classed_plots(whole_plots(plots, zones, network.land), streets)
    return LaidOut(_numbered(streets), network.parts, strips, 0, 0.0, 0.0)


def _paved(
    streets: gpd.GeoDataFrame,
    land: Ground,
    settings: SubdivideSettings,
    known: dict[bytes, NDArray[np.object_]],
) -> StreetLand:
    """Land of streets with splayed corners and with places to turn at long dead ends."""
    lines = np.asarray(streets.geometry.array, dtype=object)
    splayed = splays(lines, streets["row_m"].to_numpy(), settings.corner_splay_m)
    ends = dead_ends(lines, gates=land.gates, gate_touch_m=NETWORK_TOUCH_M)
    turning = turning_places(
        ends, lines, side_m=settings.turning_place_m, longer_than_m=settings.dead_end_max_m
    )
    more = np.concatenate([splayed, turning])
    return street_land(streets, land.passable_zones, more=more, known=known)


def _zone_m2(pieces: Sequence[Piece]) -> dict[str, float]:
    zone_m2: dict[str, float] = {}
    for piece in pieces:
        zone_m2[piece.zone_id] = zone_m2.get(piece.zone_id, 0.0) + piece.polygon.area
    return zone_m2


def _origin_m(zones: gpd.GeoDataFrame) -> tuple[float, float]:
    bounds = zones.total_bounds
    return (
        float(round((bounds[0] + bounds[2]) / 2)),
        float(round((bounds[1] + bounds[3]) / 2)),
    )


def _with_local(
    streets: gpd.GeoDataFrame,
    pieces: Sequence[Piece],
    layouts: Sequence[Layout],
    land: Ground,
    settings: SubdivideSettings,
) -> gpd.GeoDataFrame:
    """Add the local streets of layouts, and what ties them to the others."""
    there = np.asarray(streets.geometry.array, dtype=object)
    tree = shapely.STRtree(there)
    reach_m = REACH * settings.street_main_m
    local = []
    for piece, layout in zip(pieces, layouts, strict=True):
        found = np.sort(tree.query(shapely.buffer(shapely.envelope(piece.polygon), reach_m)))
        local.append(local_streets(piece, layout, shapely.union_all(there[found]), settings))
    lines = np.concatenate([np.empty(0, dtype=object), *local])
    crs = land.zones.crs
    streets = _with(streets, street_frame(lines, "local", settings.street_local_m, crs))
    return _with(streets, links(streets, land, settings))


def _with(streets: gpd.GeoDataFrame, more: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if more.empty:
        return streets
    if streets.empty:
        return more.reset_index(drop=True)
    return gpd.GeoDataFrame(pd.concat([streets, more], ignore_index=True), crs=streets.crs)


def _along(streets: gpd.GeoDataFrame, network: StreetLand) -> gpd.GeoDataFrame:
    """Keep the streets of the network: others lead nowhere, and their land is better not taken."""
    lines = np.asarray(streets.geometry.array, dtype=object)
    return streets[network.holds(shapely.line_interpolate_point(lines, 0.5, normalized=True))]


def _numbered(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give streets their numbers by class, from north-west to south-east."""
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
