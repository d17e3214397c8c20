"""Layouts of one piece of land: bands along a direction, stacked in all ways that fit.

A layout lays local streets along x of a frame and fills the land between them with bands,
each one plot deep and facing a street.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.subdivide.frames import Frame, segments
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

DEPTH_RATIOS = (1.0, 1.35, 1.75, 2.3, 3.0)
"""Deepest band to shallowest band of a layout."""
DEPTH_MAX_M = 330.0


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


def no_layout(frame: Frame) -> Layout:
    """Leave land as it is that is too narrow for a street and a plot."""
    none = np.empty(0)
    return Layout(frame, np.empty((0, 2)), none, none, (-np.inf, np.inf))


def layouts_of(
    land: Any, fronted: Any, frame: Frame, settings: SubdivideSettings, *, most: int
) -> list[Layout]:
    """Stack bands in all ways that fit, and choose evenly among them where they are too many.

    They come from few streets to many, so an even choice tries all numbers of streets.

    Parameters
    ----------
    land, fronted : Polygon, MultiLineString
        A piece and its front on the streets that there are, in the frame.
    frame : Frame
    settings : SubdivideSettings
    most : int
        Layouts wanted at most.
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
    boxes = shapely.box(*cell_edges(layout, x_min, x_max, settings).T)
    return np.asarray(boxes, dtype=object)


def cell_edges(layout: Layout, x_min: float, x_max: float, settings: SubdivideSettings) -> Floats:
    """Divide the bands of a layout where a cross street runs through them.

    Parameters
    ----------
    layout : Layout
    x_min, x_max : float
        From and to where its land reaches.
    settings : SubdivideSettings

    Returns
    -------
    ndarray, shape (cells, 4)
        Lower x, lower y, upper x and upper y of each cell.
    """
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
