"""Strips: bands of land one plot deep along a street, with what they can hold.

A strip has one width for each x of its frame, so plots are intervals of x. Where the street
ends before the strip does, the tail behind belongs to the strip's end plot if it is small;
a larger one goes to the strip behind it, or stays residual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoplan.config import SubdivideSettings
from geoplan.subdivide.bands import divided_at, of_one_width, polygons_of
from geoplan.subdivide.blocks import FILM_M, block_ids, numbered
from geoplan.subdivide.coverage import holder
from geoplan.subdivide.cuts import Widths, widths_of
from geoplan.subdivide.demand import plot_area_max_m2, plot_area_min_m2
from geoplan.subdivide.frames import Frame, by_frame
from geoplan.subdivide.fronts import ON_STREET_M, fronts
from geoplan.subdivide.layout import Layout, Piece, cells
from geoplan.subdivide.overlays import overlaid
from geoplan.units import M2_PER_HA

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

TAIL_SHARE = 0.25
"""Largest tail that an end plot takes, as a share of the strip's least plot."""
NARROW_M = 1.0
"""Loose land that borders a strip over less is not worth taking in."""
LINKED_M = 0.05
"""A street that reaches as far into a band crosses it: a link, or a splayed corner."""
FRONTAGE_SPARE_M = 0.05
"""Kept above the least frontage, so that rounding to the grid never takes it below."""
ABSORBED_DEPTH = 1.7
"""A strip takes in land behind it while it grows no deeper than this many times."""


@dataclass(frozen=True)
class Strips:
    """Strips of a site, with the geometry that cuts need.

    Attributes
    ----------
    table : GeoDataFrame
        ``strip_id, block_id, zone_id, use, area_ha, depth_m, front_m, plot_area_min_ha,
        plot_area_max_ha`` and the outline, in the working CRS.
    parts : ndarray of Polygon
        Outlines in the strips' frames; a strip may have several that lie side by side.
    part_strip : ndarray of int
        Strip of each part.
    frames : tuple of Frame
        One for each strip.
    widths : Widths
        In the strips' frames.
    """

    table: gpd.GeoDataFrame
    parts: Geometries
    part_strip: Integers
    frames: tuple[Frame, ...]
    widths: Widths

    def __len__(self) -> int:
        return len(self.table)

    def world_parts(self) -> Geometries:
        """Parts in the working CRS, shape (parts,)."""
        return in_world(self.parts, self.part_strip, self.frames)


def in_world(geometries: Geometries, strip: Integers, frames: Sequence[Frame]) -> Geometries:
    """Turn geometries from their strips' frames into the working CRS.

    Parameters
    ----------
    geometries : ndarray of geometry
    strip : ndarray of int
        Strip of each geometry.
    frames : sequence of Frame
        One for each strip; a park has few different ones.
    """
    world = np.empty(len(geometries), dtype=object)
    for frame, mine in by_frame(frames, strip):
        world[mine] = frame.to_world(geometries[mine])
    return world


@dataclass(frozen=True)
class Carved:
    """Strips of one piece, in the frame of its layout.

    Attributes
    ----------
    piece : Piece
    frame : Frame
    parts : ndarray of Polygon
    part_strip : ndarray of int, shape (parts,)
    front_m : ndarray, shape (strips, 2)
        From and to which x the street runs.
    tail_m2 : ndarray, shape (strips,)
        The larger of the areas left and right of that.
    """

    piece: Piece
    frame: Frame
    parts: Geometries
    part_strip: Integers
    front_m: Floats
    tail_m2: Floats

    def world_parts(self) -> Geometries:
        """Parts in the working CRS, shape (parts,)."""
        world: Geometries = self.frame.to_world(self.parts)
        return world


def strips_of(carved: Sequence[Carved], settings: SubdivideSettings, crs: Any) -> Strips:
    """Join the strips of all pieces, and name them and their blocks.

    Parameters
    ----------
    carved : sequence of Carved
    settings : SubdivideSettings
    crs : CRS
        The working CRS.
    """
    counts = [len(c.front_m) for c in carved]
    offset = (np.cumsum(counts) - counts).astype(np.intp)
    parts = np.concatenate([np.empty(0, dtype=object), *[c.parts for c in carved]])
    part_strip = np.concatenate(
        [np.empty(0, np.intp), *[c.part_strip + o for c, o in zip(carved, offset, strict=True)]]
    )
    piece_of = np.repeat(np.arange(len(carved)), counts)
    frames = tuple(carved[piece].frame for piece in piece_of.tolist())
    widths = widths_of(parts, part_strip, len(piece_of))
    front = np.concatenate([np.empty((0, 2)), *[c.front_m for c in carved]])
    tail_m2 = np.concatenate([np.empty(0), *[c.tail_m2 for c in carved]])
    world = _world(parts, part_strip, frames, settings)
    pieces = [c.piece for c in carved]
    table = _table(pieces, piece_of, world, widths, front, tail_m2, settings)
    return Strips(
        gpd.GeoDataFrame(table, geometry=world, crs=crs), parts, part_strip, frames, widths
    )


def whole_plots(plots: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, network_land: Any) -> Strips:
    """Take each given plot as a strip that holds one plot: itself.

    Parameters
    ----------
    plots : GeoDataFrame
        ``plot_id`` and polygons in the working CRS.
    zones : GeoDataFrame
        ``zone_id, use``; plots whose inner point lies in none are left out.
    network_land : Polygon or MultiPolygon
        Right of way of the street network; depth is area over the frontage on it.
    """
    shapes = np.asarray(plots.geometry.array, dtype=object)
    zone = holder(shapely.point_on_surface(shapes), np.asarray(zones.geometry.array, dtype=object))
    shapes, zone, inside = shapes[zone >= 0], zone[zone >= 0], zone >= 0
    street = shapely.buffer(network_land, ON_STREET_M)
    shapely.prepare(street)
    front_m = shapely.length(shapely.intersection(shapely.boundary(shapes), street))
    area_ha = shapely.area(shapes) / M2_PER_HA
    table = {
        "strip_id": plots["plot_id"].to_numpy(dtype=object)[inside],
        "block_id": _blocks(shapes, zones["zone_id"].to_numpy(dtype=object)[zone]),
        "zone_id": zones["zone_id"].to_numpy(dtype=object)[zone],
        "use": zones["use"].to_numpy(dtype=object)[zone],
        "area_ha": area_ha,
        "depth_m": area_ha * M2_PER_HA / np.maximum(front_m, ON_STREET_M),
        "front_m": front_m,
        "plot_area_min_ha": area_ha,
        "plot_area_max_ha": area_ha,
    }
    number = np.arange(len(shapes))
    return Strips(
        gpd.GeoDataFrame(table, geometry=list(shapes), crs=plots.crs),
        shapes,
        number,
        (Frame(0.0, (0.0, 0.0)),) * len(shapes),
        widths_of(shapes, number, len(shapes)),
    )


def _table(
    pieces: Sequence[Piece],
    piece_of: Integers,
    world: Geometries,
    widths: Widths,
    front: Floats,
    tail_m2: Floats,
    settings: SubdivideSettings,
) -> dict[str, Any]:
    zone_id = np.array([piece.zone_id for piece in pieces], dtype=object)[piece_of]
    bounds = shapely.bounds(world).reshape(-1, 4)
    order = np.lexsort((bounds[:, 0].round(1), -bounds[:, 3].round(1), zone_id))
    depth_m = widths.width_max_m
    least = plot_area_min_m2(depth_m, settings) + FRONTAGE_SPARE_M * depth_m + tail_m2
    return {
        "strip_id": numbered(zone_id, order, "S"),
        "block_id": _blocks(world, zone_id),
        "zone_id": zone_id,
        "use": np.array([piece.use for piece in pieces], dtype=object)[piece_of],
        "area_ha": widths.area_m2 / M2_PER_HA,
        "depth_m": depth_m,
        "front_m": front[:, 1] - front[:, 0],
        "plot_area_min_ha": least / M2_PER_HA,
        "plot_area_max_ha": plot_area_max_m2(depth_m, settings) / M2_PER_HA,
    }


def _world(
    parts: Geometries, part_strip: Integers, frames: Sequence[Frame], settings: SubdivideSettings
) -> Geometries:
    """Outlines of whole strips in the working CRS."""
    whole = np.empty(len(frames), dtype=object)
    whole[part_strip] = parts
    several = np.flatnonzero(np.bincount(part_strip, minlength=len(frames)) > 1)
    for strip in several:
        mine = parts[part_strip == strip]
        whole[strip] = shapely.union_all(mine, grid_size=settings.precision_m)
    return in_world(whole, np.arange(len(frames)), frames)


def _blocks(world: Geometries, zone_id: NDArray[np.object_]) -> NDArray[np.object_]:
    """Name the block of each strip: strips that touch share one."""
    if not len(world):
        return np.empty(0, dtype=object)
    touching = shapely.STRtree(world).query(world, predicate="dwithin", distance=2 * ON_STREET_M)
    graph = coo_array((np.ones(touching.shape[1], bool), tuple(touching)), shape=(len(world),) * 2)
    block = connected_components(graph, directed=False)[1]
    _, first, block = np.unique(block, return_index=True, return_inverse=True)
    bounds = shapely.bounds(world)
    whole = np.tile([np.inf, np.inf, -np.inf, -np.inf], (len(first), 1))
    np.minimum.at(whole[:, :2], block, bounds[:, :2])
    np.maximum.at(whole[:, 2:], block, bounds[:, 2:])
    return block_ids(whole, zone_id[first])[block]


def carve(
    piece: Piece,
    layout: Layout,
    streets: Any,
    settings: SubdivideSettings,
    *,
    favoured: Any = None,
) -> Carved:
    """Carve a piece into strips along the streets of its layout.

    Parameters
    ----------
    piece : Piece
    layout : Layout
    streets : Polygon or MultiPolygon
        Right of way of the one street network near the piece, in the working CRS; only what
        lies on it is frontage.
    settings : SubdivideSettings
    favoured : Polygon or MultiPolygon, optional
        Land with an advantage of its own, such as a siding within reach: a strip that it
        covers in part is divided at its edge, so that one of the two has it as a whole.
    """
    land, streets = layout.frame.to_local(piece.polygon), layout.frame.to_local(streets)
    parts = of_one_width(polygons_of(_bands(layout, land, streets, settings)))
    if favoured is not None and len(parts):
        parts = divided_at(parts, layout.frame.to_local(favoured), settings)
    front = fronts(parts, streets)
    kept, loose = _trimmed(parts, front, settings)
    parts, part_strip, front = _usable(kept, loose, settings)
    tail_m2 = _tails(widths_of(parts, part_strip, len(front)), front).max(axis=1)
    return Carved(piece, layout.frame, parts, part_strip, front, tail_m2)


def _bands(layout: Layout, land: Any, streets: Any, settings: SubdivideSettings) -> Geometries:
    """Bands of a layout on its land, without the streets that cross them."""
    boxes = cells(layout, land, settings)
    shapely.prepare(land)
    broken = ~shapely.covers(land, boxes)
    boxes[broken] = overlaid(shapely.intersection, land, boxes[broken])
    # Bands touch their streets all along; only what reaches into a band matters.
    shapely.prepare(streets)
    inner = shapely.buffer(boxes, -LINKED_M, join_style="mitre")
    linked = shapely.intersects(streets, inner)
    # Grown a little, else a film of rounding along the land's edge ties what a street divides.
    wider = shapely.buffer(streets, FILM_M, join_style="mitre")
    boxes[linked] = overlaid(shapely.difference, boxes[linked], wider)
    return boxes


def _tails(widths: Widths, front: Floats) -> Floats:
    """Area left and right of each strip's front, shape (strips, 2), m2."""
    strip = np.arange(len(front))
    left = widths.area_left_m2(strip, front[:, 0])
    right = widths.area_m2 - widths.area_left_m2(strip, front[:, 1])
    tails: Floats = np.maximum(np.stack([left, right], axis=1), 0.0)
    return tails


def _trimmed(
    parts: Geometries, front: Floats, settings: SubdivideSettings
) -> tuple[tuple[Geometries, Floats], Geometries]:
    """Cut off tails that are too large; return the fronted parts and the loose rest."""
    bounds = shapely.bounds(parts)
    depth_m = bounds[:, 3] - bounds[:, 1]
    enough = np.maximum(settings.frontage_min_m, depth_m / settings.depth_to_frontage_max)
    fronted = front[:, 1] - front[:, 0] >= enough + FRONTAGE_SPARE_M
    loose = [parts[~fronted]]
    parts, front, bounds, depth_m = (
        parts[fronted],
        front[fronted],
        bounds[fronted],
        depth_m[fronted],
    )
    if not len(parts):
        return (parts, front), np.concatenate(loose)
    strip = np.arange(len(parts))
    widths = widths_of(parts, strip, len(parts))
    tails = _tails(widths, front)
    limit = TAIL_SHARE * plot_area_min_m2(depth_m, settings)
    left_x = widths.cut_x_m(strip, np.maximum(tails[:, 0] - limit, 0.0))
    right_x = widths.cut_x_m(strip, widths.area_m2 - np.maximum(tails[:, 1] - limit, 0.0))
    left_x = np.where(tails[:, 0] > limit, left_x, bounds[:, 0] - 1)
    right_x = np.where(tails[:, 1] > limit, right_x, bounds[:, 2] + 1)
    low, high = bounds[:, 1] - 1, bounds[:, 3] + 1
    inner = shapely.intersection(parts, shapely.box(left_x, low, right_x, high))
    for lo, hi, cut in (
        (bounds[:, 0] - 1, left_x, tails[:, 0] > limit),
        (right_x, bounds[:, 2] + 1, tails[:, 1] > limit),
    ):
        boxes = shapely.box(lo, low, hi, high)[cut]
        loose.append(polygons_of(shapely.intersection(parts[cut], boxes)))
    return (inner, front), np.concatenate(loose)


def _usable(
    fronted: tuple[Geometries, Floats], loose: Geometries, settings: SubdivideSettings
) -> tuple[Geometries, Integers, Floats]:
    """Give loose land to the strip that it lies behind; keep strips that hold a plot."""
    parts, front = fronted
    part_strip = np.arange(len(parts))
    bounds = shapely.bounds(parts).reshape(-1, 4)
    depth_m = bounds[:, 3] - bounds[:, 1]
    most_m = ABSORBED_DEPTH * depth_m
    taken, owners = [], []
    for piece in loose[np.argsort(-shapely.area(loose), kind="stable")] if len(loose) else []:
        strip = _behind(piece, parts, front, most_m - depth_m)
        if strip is not None:
            taken.append(piece)
            owners.append(strip)
            depth_m[strip] += _depth(piece)
    parts = np.concatenate([parts, np.array(taken, dtype=object)])
    part_strip = np.concatenate([part_strip, np.array(owners, dtype=np.intp)])
    if not len(front):
        return parts, part_strip, front
    widths = widths_of(parts, part_strip, len(front))
    least = plot_area_min_m2(widths.width_max_m, settings) + _tails(widths, front).max(axis=1)
    holds = widths.area_m2 >= least + FRONTAGE_SPARE_M * widths.width_max_m
    renumbered = np.cumsum(holds) - 1
    mine = holds[part_strip]
    return parts[mine], renumbered[part_strip[mine]], front[holds]


def _behind(piece: Any, parts: Geometries, front: Floats, spare_m: Floats) -> int | None:
    """Find the strip that borders loose land all along its length, and may grow by it."""
    x_min, _, x_max, _ = shapely.bounds(piece)
    if x_max - x_min < NARROW_M:
        return None
    within = (front[:, 0] <= x_min + 1.0) & (front[:, 1] >= x_max - 1.0)
    within &= _depth(piece) <= spare_m
    candidates = np.flatnonzero(within)
    if not len(candidates):
        return None
    grown = shapely.buffer(piece, ON_STREET_M, cap_style="flat", join_style="mitre")
    common = shapely.intersection(parts[candidates], grown)
    touching, of = shapely.get_parts(common, return_index=True)
    bounds = np.nan_to_num(shapely.bounds(touching))
    shared = np.bincount(of, weights=bounds[:, 2] - bounds[:, 0], minlength=len(candidates))
    best = int(np.argmax(shared))
    if shared[best] < x_max - x_min - 2 * ON_STREET_M:
        return None
    return int(candidates[best])


def _depth(polygon: Any) -> float:
    _, y_min, _, y_max = shapely.bounds(polygon)
    return float(y_max - y_min)
