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
from geoplan.subdivide.coverage import clipped
from geoplan.subdivide.demand import Demand, placeable_m2
from geoplan.subdivide.frames import Frame, segments
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

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
ON_EDGE_M = 0.01
SCORE_DIGITS = 3


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
class _Trials:
    """Layouts with the strips that they would give.

    Attributes
    ----------
    layouts : list of Layout
    layout : ndarray of int, shape (strips,)
        Layout of each strip, ascending.
    depth_m, usable_m2 : ndarray, shape (strips,)
        Depth, and area that can be sold.
    """

    layouts: list[Layout]
    layout: Integers
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
        trials = _trials(piece, wanted, origin_m)
        scores = _scores_m2(trials, demand, wanted)
        layouts.append(trials.layouts[int(np.argmax(scores))])
        tried += len(scores)
        median += float(np.median(scores)) / M2_PER_HA
        best += float(scores.max()) / M2_PER_HA
    return Search(tuple(layouts), tried, median, best)


def _scores_m2(trials: _Trials, demand: Demand, settings: SubdivideSettings) -> Floats:
    """Area that could be placed and, at a lower weight, all that can be sold; by layout."""
    count = len(trials.layouts)
    sold = np.bincount(trials.layout, trials.usable_m2, minlength=count)
    placed = placeable_m2(demand, trials.layout, trials.depth_m, trials.usable_m2, count, settings)
    # Rounded, else the order of adding up decides between layouts that are equally good.
    return np.asarray((placed + SALEABLE_WEIGHT * sold).round(SCORE_DIGITS))


def _trials(piece: Piece, settings: SubdivideSettings, origin_m: tuple[float, float]) -> _Trials:
    layouts: list[Layout] = []
    strips: list[tuple[Integers, Floats, Floats]] = []
    angles = _directions(piece) if settings.axis_deg is None else _given_axis(settings.axis_deg)
    angles = angles[: settings.layouts_max]
    each = settings.layouts_max // len(angles)
    for angle in angles:
        frame = Frame(float(angle), origin_m)
        land, fronted = frame.to_local(piece.polygon), frame.to_local(piece.fronted)
        found = _layouts(land, fronted, frame, settings, most=each)
        if found:
            layout, depth_m, usable_m2 = _strips_of(found, land, fronted, settings)
            strips.append((layout + len(layouts), depth_m, usable_m2))
            layouts += found
    if not layouts:
        none = np.empty(0)
        return _Trials(
            [_no_layout(Frame(float(angles[0]), origin_m))], none.astype(int), none, none
        )
    return _Trials(layouts, *(np.concatenate(columns) for columns in zip(*strips, strict=True)))


def _no_layout(frame: Frame) -> Layout:
    """Leave land as it is that is too narrow for a street and a plot."""
    none = np.empty(0)
    return Layout(frame, np.empty((0, 2)), none, none, (-np.inf, np.inf))


def _given_axis(bearing_deg: float) -> Floats:
    """Turn a bearing, clockwise from north, into an angle counter-clockwise from east."""
    return np.array([np.mod(np.radians(90.0 - bearing_deg), np.pi)])


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
    ways = _ways_to_stack(y_max - y_min, below=below, above=above, settings=settings)
    if len(ways) > most:
        ways = ways[np.unique(np.linspace(0, len(ways) - 1, most).round().astype(np.intp))]
    stacked = []
    for low, rows, high, mix in ways.tolist():
        free_m = y_max - y_min - rows * settings.street_local_m
        depths = _mixes(low + 2 * rows + high, low)[mix] * free_m
        stacked.append(_stacked(depths, (low, rows, high), y_min, crosses, frame, settings))
    sided = list(_one_sided(land, frame, settings))
    return [*sided[: most - len(stacked)], *stacked]


def _ways_to_stack(
    height_m: float, *, below: bool, above: bool, settings: SubdivideSettings
) -> Integers:
    """All ways to fill a height with bands that are neither too shallow nor too deep.

    Returns
    -------
    ndarray of int, shape (ways, 4)
        Bands at a street below; local streets, each between two bands; bands at a street
        above; number of the mix of depths.
    """
    row_m, shallowest_m = settings.street_local_m, depth_min_m(settings)
    most_rows = int(height_m // (2 * shallowest_m + row_m)) + 1
    stacks, least, most = _stacks(most_rows, below=below, above=above)
    free_m = (height_m - stacks[:, 1] * row_m)[:, None]
    fits = (least * free_m >= shallowest_m) & (most * free_m <= DEPTH_MAX_M)
    stack, mix = np.nonzero(fits)
    return np.concatenate([stacks[stack], mix[:, None]], axis=1)


@lru_cache(maxsize=256)
def _stacks(most_rows: int, *, below: bool, above: bool) -> tuple[Integers, Floats, Floats]:
    """Count bands and streets, and find the least and the most share of a band in each mix.

    Returns
    -------
    stacks : ndarray of int, shape (stacks, 3)
        From few streets to many.
    least, most : ndarray, shape (stacks, mixes)
        Zero where a stack has fewer mixes than another.
    """
    low_options, high_options = ((1, 0) if there else (0,) for there in (below, above))
    stacks = [
        (low, rows, high)
        for rows, low, high in product(range(most_rows + 1), low_options, high_options)
        if low + rows + high
    ]
    least = np.zeros((len(stacks), len(DEPTH_RATIOS) * len(_SHAPES)))
    most = np.zeros_like(least)
    for index, (low, rows, high) in enumerate(stacks):
        mixes = _mixes(low + 2 * rows + high, low)
        least[index, : len(mixes)] = mixes.min(axis=1)
        most[index, : len(mixes)] = mixes.max(axis=1)
    return np.array(stacks, dtype=np.intp).reshape(-1, 3), least, most


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


def _strips_of(
    layouts: Sequence[Layout], land: Any, fronted: Any, settings: SubdivideSettings
) -> tuple[Integers, Floats, Floats]:
    """Layout, depth and usable area of every strip that layouts would give and that fits a plot.

    Most cells lie on the land as a whole, and what they hold is arithmetic; only those on its
    edge are cut out.
    """
    x_min, _, x_max, _ = shapely.bounds(land)
    edges = [_cell_edges(layout, x_min, x_max, settings) for layout in layouts]
    layout = np.repeat(np.arange(len(layouts)), [len(e) for e in edges])
    cell = np.concatenate(edges)
    boxes = np.asarray(shapely.box(*cell.T), dtype=object)
    shapely.prepare(land)
    whole = np.flatnonzero(shapely.covers(land, boxes))
    broken = np.setdiff1d(np.flatnonzero(shapely.intersects(land, boxes)), whole)
    parts, of = shapely.get_parts(clipped(land, cell[broken]), return_index=True)
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, of = parts[polygonal], broken[of[polygonal]]
    rows = _row_edges(layouts, settings.street_local_m / 2)
    width_m, height_m = cell[whole, 2] - cell[whole, 0], cell[whole, 3] - cell[whole, 1]
    bounds = shapely.bounds(parts).reshape(-1, 4)
    layout = np.concatenate([layout[whole], layout[of]])
    depth_m = np.concatenate([height_m, bounds[:, 3] - bounds[:, 1]])
    area_m2 = np.concatenate([width_m * height_m, shapely.area(parts)])
    front_m = np.concatenate(
        [
            _box_front_m(cell[whole], layout[: len(whole)], rows, fronted),
            _front_m(parts, layout[len(whole) :], rows, fronted),
        ]
    )
    usable_m2 = np.minimum(area_m2, front_m * depth_m)
    enough = np.maximum(settings.frontage_min_m, depth_m / settings.depth_to_frontage_max)
    sold = (front_m >= enough) & (usable_m2 >= settings.plot_min_ha * M2_PER_HA)
    order = np.flatnonzero(sold)[np.argsort(layout[sold], kind="stable")]
    return layout[order], depth_m[order], usable_m2[order]


@dataclass(frozen=True)
class _RowEdges:
    """Edges of local streets: y of each, in one sorted list that keeps layouts apart."""

    key: Floats
    low_m: float
    span_m: float

    def holds(self, layout: Integers, y_m: Floats) -> NDArray[np.bool_]:
        """Whether a street of a layout has an edge at y."""
        key = layout * self.span_m + np.clip(y_m - self.low_m, 0.0, self.span_m / 2)
        after = np.searchsorted(self.key, key - CENTRE_M)
        found: NDArray[np.bool_] = np.append(self.key, np.inf)[after] < key + CENTRE_M
        return found


def _row_edges(layouts: Sequence[Layout], half_m: float) -> _RowEdges:
    count = [2 * len(layout.rows_m) for layout in layouts]
    y = np.concatenate([np.append(lay.rows_m - half_m, lay.rows_m + half_m) for lay in layouts])
    low_m = float(y.min(initial=np.inf)) - 1.0 if len(y) else 0.0
    span_m = 2 * (float(np.ptp(y)) + 2.0) if len(y) else 1.0
    owner = np.repeat(np.arange(len(layouts)), count)
    return _RowEdges(np.sort(owner * span_m + y - low_m), low_m, span_m)


def _box_front_m(cell: Floats, layout: Integers, rows: _RowEdges, fronted: Any) -> Floats:
    """Length of the lower and upper edges of boxes on a street, shape (boxes,)."""
    middle_m = (cell[:, 0] + cell[:, 2]) / 2
    front_m = np.zeros(len(cell))
    for y in (cell[:, 1], cell[:, 3]):
        on_street = rows.holds(layout, y)
        on_street[~on_street] = _along(fronted, middle_m[~on_street], y[~on_street])
        front_m += np.where(on_street, cell[:, 2] - cell[:, 0], 0.0)
    return front_m


def _along(fronted: Any, x_m: Floats, y_m: Floats) -> NDArray[np.bool_]:
    """Whether points lie on the streets that border the land already."""
    if shapely.is_empty(fronted):
        return np.zeros(len(x_m), dtype=bool)
    shapely.prepare(fronted)
    return np.asarray(shapely.dwithin(fronted, shapely.points(x_m, y_m), ON_EDGE_M))


def _front_m(parts: NDArray[np.object_], layout: Integers, rows: _RowEdges, fronted: Any) -> Floats:
    """Length along x of each part's edges on a street, shape (parts,)."""
    ends, part = segments(parts)
    run = np.abs(ends[:, 1] - ends[:, 0])
    level = run[:, 1] < 0.4 * run[:, 0]
    middle, part, run_m = ends[level].mean(axis=1), part[level], run[level, 0]
    on_street = rows.holds(layout[part], middle[:, 1])
    rest = ~on_street
    on_street[rest] = _along(fronted, *middle[rest].T)
    return np.bincount(part[on_street], run_m[on_street], len(parts)).astype(np.float64)
