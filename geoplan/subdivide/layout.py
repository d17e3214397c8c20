"""Layouts of one piece of land: bands along a direction, and the search for good ones.

A layout lays local streets along x of a frame and fills the land between them with bands,
each one plot deep and facing a street. Many are tried (direction, number of streets, mix of
depths); what counts is what they could place of the demand, then how much land they sell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.subdivide.demand import Demand, placeable_m2
from geoplan.subdivide.frames import Frame, segments
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]

DIRECTIONS_TRIED = 3
EDGES_MAX = 500
"""Edges compared to find directions: the longest; an outline may have many thousands."""
DEPTH_RATIOS = (1.0, 1.35, 1.75, 2.3, 3.0)
"""Deepest band to shallowest band of a layout."""
DEPTH_MAX_M = 330.0
SALEABLE_WEIGHT = 0.3
"""A hectare that can be sold later counts as much of one that is asked for now."""
SQUARER = 0.45
"""The search wants plots this much squarer than the limit: packing then has room to move."""
CENTRE_M = 1e-6


@dataclass(frozen=True)
class Piece:
    """A connected part of a plotted zone that backbone and exclusions leave.

    Attributes
    ----------
    zone_id, use : str
    polygon : Polygon
        In the working CRS.
    fronted : MultiLineString
        The part of its boundary that lies on a street of the backbone.
    """

    zone_id: str
    use: str
    polygon: Any
    fronted: Any


@dataclass(frozen=True)
class Layout:
    """Bands and streets of one piece, in its frame.

    Attributes
    ----------
    frame : Frame
    bands_m : ndarray, shape (bands, 2)
        Lower and upper y of each band of plots.
    rows_m : ndarray, shape (rows,)
        y of the local streets' centrelines.
    crosses_m : ndarray, shape (crosses,)
        x of the cross streets' centrelines.
    span_m : tuple of float
        y from and to which cross streets run; infinite where they go on to the backbone.
    """

    frame: Frame
    bands_m: Floats
    rows_m: Floats
    crosses_m: Floats
    span_m: tuple[float, float]


@dataclass(frozen=True)
class Rated:
    """A layout with the strips it would give: their depths and areas that can be sold."""

    layout: Layout
    depth_m: Floats
    usable_m2: Floats


@dataclass(frozen=True)
class Search:
    """The layouts chosen for all pieces, and what the search for them did.

    Attributes
    ----------
    layouts : tuple of Layout
        One for each piece.
    tried : int
        Layouts rated.
    score_median, score_best : float
        Score in hectares, summed over the pieces, of their median and of their best layouts:
        what the search gained.
    """

    layouts: tuple[Layout, ...]
    tried: int
    score_median: float
    score_best: float


def search_layouts(
    pieces: Sequence[Piece],
    demands: Sequence[Demand],
    settings: SubdivideSettings,
    *,
    origin_m: tuple[float, float],
) -> Search:
    """Choose the best layout of each piece for its share of the demand.

    Parameters
    ----------
    pieces : sequence of Piece
    demands : sequence of Demand
        What is asked of each piece.
    settings : SubdivideSettings
    origin_m : tuple of float
        Origin of all frames, near the land.
    """
    wanted = settings.model_copy(
        update={"depth_to_frontage_max": SQUARER * settings.depth_to_frontage_max}
    )
    layouts: list[Layout] = []
    tried, median, best = 0, 0.0, 0.0
    for piece, demand in zip(pieces, demands, strict=True):
        rated = _rate(piece, wanted, origin_m)
        scores = np.array([_score_m2(option, demand, wanted) for option in rated])
        layouts.append(rated[int(np.argmax(scores))].layout)
        tried += len(rated)
        median += float(np.median(scores)) / M2_PER_HA
        best += float(scores.max()) / M2_PER_HA
    return Search(tuple(layouts), tried, median, best)


def _score_m2(rated: Rated, demand: Demand, settings: SubdivideSettings) -> float:
    """Area that could be placed and, at a lower weight, all that can be sold."""
    placed = placeable_m2(demand, rated.depth_m, rated.usable_m2, settings)
    return placed + SALEABLE_WEIGHT * float(rated.usable_m2.sum())


def _rate(piece: Piece, settings: SubdivideSettings, origin_m: tuple[float, float]) -> list[Rated]:
    rated: list[Rated] = []
    angles = _directions(piece)
    each = max(1, settings.layouts_max // len(angles))
    for angle in angles:
        frame = Frame(float(angle), origin_m)
        land, fronted = frame.to_local(piece.polygon), frame.to_local(piece.fronted)
        layouts = _layouts(land, fronted, frame, settings, most=each)
        rated.extend(_rated(layouts, land, fronted, settings))
    return rated or [_no_layout(Frame(float(angles[0]), origin_m))]


def _no_layout(frame: Frame) -> Rated:
    """Leave land as it is that is too narrow for a street and a plot."""
    none = np.empty(0)
    return Rated(Layout(frame, np.empty((0, 2)), none, none, (-np.inf, np.inf)), none, none)


def _directions(piece: Piece) -> Floats:
    """Directions worth trying: those of the longest edges, fronted ones first."""
    lines = [shapely.boundary(piece.polygon), piece.fronted, piece.fronted]
    ends, _ = segments(np.array([line for line in lines if not shapely.is_empty(line)]))
    run = ends[:, 1] - ends[:, 0]
    angle = np.mod(np.arctan2(run[:, 1], run[:, 0]), np.pi)
    length = np.hypot(run[:, 0], run[:, 1])
    longest = np.argsort(-length, kind="stable")[:EDGES_MAX]
    angle, length = angle[longest], length[longest]
    chosen: list[float] = []
    weight = length.copy()
    while len(chosen) < DIRECTIONS_TRIED and weight.max() > 0.05 * length.sum():
        near = np.abs(np.mod(angle[:, None] - angle[None, :] + np.pi / 2, np.pi) - np.pi / 2) < 0.05
        best = int(np.argmax(near @ weight * (weight > 0)))
        chosen.append(float(angle[best]))
        weight[near[best]] = 0.0
    return np.array(chosen or [float(angle[np.argmax(length)])])


def _layouts(
    land: Any, fronted: Any, frame: Frame, settings: SubdivideSettings, *, most: int
) -> list[Layout]:
    """Stack bands in all ways that fit, and choose evenly among them where they are too many.

    They come from few streets to many, so an even choice tries all numbers of streets.
    """
    x_min, y_min, x_max, y_max = shapely.bounds(land)
    below, above, sideways = _fronted_sides(land, fronted)
    crosses = _crosses(x_min, x_max, sideways=sideways, settings=settings)
    stacks = list(_stacks(y_max - y_min, below=below, above=above, settings=settings))
    if len(stacks) > most:
        chosen = np.unique(np.linspace(0, len(stacks) - 1, most).round().astype(int))
        stacks = [stacks[index] for index in chosen]
    stacked = [
        _stacked(depths, counts, y_min, crosses, frame, settings) for depths, counts in stacks
    ]
    return [*_one_sided(land, frame, settings), *stacked]


def _stacks(
    height_m: float, *, below: bool, above: bool, settings: SubdivideSettings
) -> Iterator[tuple[Floats, tuple[int, int, int]]]:
    """Depths of bands that fill a height, with the counts (low, rows, high) of what they face."""
    row_m, shallowest_m = settings.street_local_m, depth_min_m(settings)
    low_options = (1, 0) if below else (0,)
    high_options = (1, 0) if above else (0,)
    most_rows = int(height_m // (2 * shallowest_m + row_m)) + 1
    for rows, low, high in product(range(most_rows + 1), low_options, high_options):
        bands = low + 2 * rows + high
        free_m = height_m - rows * row_m
        # Where the mean depth is out of range, some band's is.
        if bands == 0 or not bands * shallowest_m <= free_m <= bands * DEPTH_MAX_M:
            continue
        depths = _mixes(bands, low) * free_m
        fits = (depths.min(axis=1) >= shallowest_m) & (depths.max(axis=1) <= DEPTH_MAX_M)
        for chosen in depths[fits]:
            yield chosen, (low, rows, high)


def depth_min_m(settings: SubdivideSettings) -> float:
    """Depth at which the smallest plot allowed is as wide as its proportion allows."""
    return float(np.sqrt(settings.plot_min_ha * M2_PER_HA / settings.frontage_to_depth_max))


def _one_sided(land: Any, frame: Frame, settings: SubdivideSettings) -> Iterator[Layout]:
    """One band with its street along the lower or the upper edge: all that narrow land holds."""
    _, y_min, _, y_max = shapely.bounds(land)
    row_m, none = settings.street_local_m, np.empty(0)
    if not depth_min_m(settings) <= y_max - y_min - row_m <= DEPTH_MAX_M:
        return
    for band, street in (
        ((y_min + row_m, y_max), y_min + row_m / 2),
        ((y_min, y_max - row_m), y_max - row_m / 2),
    ):
        yield Layout(frame, np.array([band]), np.array([street]), none, (-np.inf, np.inf))


_SHAPES = ("rising", "falling", "across", "middle")


@lru_cache(maxsize=1024)
def _mixes(bands: int, low: int) -> Floats:
    """Shares of the height for every ratio and shape, each mix once, shape (mixes, bands)."""
    shares = np.stack([_depths(bands, low, r, s) for r, s in product(DEPTH_RATIOS, _SHAPES)])
    _, first = np.unique(shares.round(9), axis=0, return_index=True)
    return shares[np.sort(first)]


def _depths(bands: int, low: int, ratio: float, shape: str) -> Floats:
    """Shares of the height: graded over the bands, or one side of each street deeper."""
    step = np.linspace(0.0, 1.0, bands) if bands > 1 else np.zeros(1)
    if shape == "falling":
        step = step[::-1]
    elif shape == "across":
        step = ((np.arange(bands) + low) % 2).astype(float)
    elif shape == "middle":
        step = 1 - np.abs(2 * step - 1)
    depths: Floats = ratio**step
    depths /= depths.sum()
    return depths


def _stacked(
    depths: Floats,
    counts: tuple[int, int, int],
    y_min: float,
    crosses: Floats,
    frame: Frame,
    settings: SubdivideSettings,
) -> Layout:
    """Stack bands upwards; a street follows the bands low, low + 2, low + 4, ..."""
    low, rows, high = counts
    row_m = settings.street_local_m
    after = np.zeros(len(depths))
    after[low : low + 2 * rows : 2] = row_m
    top = y_min + np.cumsum(depths) + np.cumsum(after) - after
    bands = np.stack([top - depths, top], axis=1)
    streets = top[after > 0] + row_m / 2
    span = (
        (-np.inf if low else streets[0], np.inf if high else streets[-1])
        if rows
        else (-np.inf, np.inf)
    )
    ties_nothing = rows == 0 and not (low and high)
    return Layout(frame, bands, streets, crosses[:0] if ties_nothing else crosses, span)


def _fronted_sides(land: Any, fronted: Any) -> tuple[bool, bool, bool]:
    """Tell whether streets pass below, above, and beside the land (in its frame)."""
    if shapely.is_empty(fronted):
        return False, False, False
    ends, _ = segments(np.array([fronted]))
    run = np.abs(ends[:, 1] - ends[:, 0])
    level = run[:, 1] < 0.4 * run[:, 0]
    middle = ends.mean(axis=1)
    x_min, y_min, x_max, y_max = shapely.bounds(land)
    upper = middle[:, 1] > (y_min + y_max) / 2
    wide = 0.3 * (x_max - x_min)
    below = run[level & ~upper, 0].sum() > wide
    above = run[level & upper, 0].sum() > wide
    beside = run[~level, 1].sum() > 0.5 * (y_max - y_min)
    return bool(below), bool(above), bool(beside)


def _crosses(x_min: float, x_max: float, *, sideways: bool, settings: SubdivideSettings) -> Floats:
    """Evenly spaced cross streets: blocks of limited length, and one at least to tie the rows."""
    length, row_m = x_max - x_min, settings.street_local_m
    count = int(np.ceil((length + row_m) / (settings.block_length_max_m + row_m))) - 1
    if not sideways:
        count = max(count, 1)
    block = (length - count * row_m) / (count + 1)
    crosses = x_min + block + np.arange(count) * (block + row_m) + row_m / 2
    return np.asarray(crosses, dtype=np.float64)


def cells(layout: Layout, land: Any, settings: SubdivideSettings) -> NDArray[np.object_]:
    """Boxes of the bands, divided where a cross street runs through them, in the frame."""
    x_min, _, x_max, _ = shapely.bounds(land)
    boxes = shapely.box(*_cell_edges(layout, x_min, x_max, settings).T)
    return np.asarray(boxes, dtype=object)


def _cell_edges(layout: Layout, x_min: float, x_max: float, settings: SubdivideSettings) -> Floats:
    """Lower x, lower y, upper x and upper y of each cell, shape (cells, 4)."""
    half = settings.street_local_m / 2
    left = np.concatenate([[x_min - 1.0], layout.crosses_m + half])
    right = np.concatenate([layout.crosses_m - half, [x_max + 1.0]])
    middle = layout.bands_m.mean(axis=1)
    divided = (middle > layout.span_m[0]) & (middle < layout.span_m[1])
    columns = np.where(divided, len(left), 1)
    band = np.repeat(np.arange(len(columns)), columns)
    column = np.arange(len(band)) - np.repeat(np.cumsum(columns) - columns, columns)
    return np.stack(
        [
            left[column],
            layout.bands_m[band, 0],
            np.where(divided[band], right[column], right[-1]),
            layout.bands_m[band, 1],
        ],
        axis=1,
    )


def _rated(
    layouts: Sequence[Layout], land: Any, fronted: Any, settings: SubdivideSettings
) -> list[Rated]:
    if not layouts:
        return []
    x_min, _, x_max, _ = shapely.bounds(land)
    edges = [_cell_edges(layout, x_min, x_max, settings) for layout in layouts]
    owner = np.repeat(np.arange(len(layouts)), [len(e) for e in edges])
    boxes = shapely.box(*np.concatenate(edges).T)
    parts, box = shapely.get_parts(shapely.intersection(land, boxes), return_index=True)
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, owner = parts[polygonal], owner[box[polygonal]]
    half = settings.street_local_m / 2
    rows = [np.concatenate([y.rows_m - half, y.rows_m + half]) for y in layouts]
    front_m = _front_m(parts, owner, rows, fronted)
    bounds = shapely.bounds(parts)
    depth_m = bounds[:, 3] - bounds[:, 1]
    usable = np.minimum(shapely.area(parts), front_m * depth_m)
    enough = np.maximum(settings.frontage_min_m, depth_m / settings.depth_to_frontage_max)
    usable = np.where(
        (front_m >= enough) & (usable >= settings.plot_min_ha * M2_PER_HA), usable, 0.0
    )
    sold = usable > 0
    return [
        Rated(layout, depth_m[mine & sold], usable[mine & sold])
        for index, layout in enumerate(layouts)
        if (mine := owner == index).any()
    ]


def _front_m(
    parts: NDArray[np.object_], owner: NDArray[np.intp], rows: Sequence[Floats], fronted: Any
) -> Floats:
    """Length along x of each part's edges on a street, shape (parts,)."""
    ends, part = segments(parts)
    middle = ends.mean(axis=1)
    run = np.abs(ends[:, 1] - ends[:, 0])
    level = run[:, 1] < 0.4 * run[:, 0]
    on_row = np.zeros(len(ends), dtype=bool)
    for index, row in enumerate(rows):
        if len(row):
            mine = level & (owner[part] == index)
            on_row[mine] = np.abs(middle[mine, 1][:, None] - row).min(axis=1) < CENTRE_M
    rest = level & ~on_row
    if not shapely.is_empty(fronted):
        shapely.prepare(fronted)
        on_row[rest] = shapely.dwithin(shapely.points(middle[rest]), fronted, 0.01)
    front_m = np.bincount(part[on_row], weights=run[on_row, 0], minlength=len(parts))
    return front_m.astype(np.float64)
