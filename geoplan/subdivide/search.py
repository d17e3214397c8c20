"""The search for good layouts.

Many are tried (direction, number of streets, mix of depths); what counts is what they could
place of the demand, then how much land they sell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.subdivide.demand import Demand
from geoplan.subdivide.frames import Frame, segments
from geoplan.subdivide.layout import Layout, Piece, layouts_of, no_layout
from geoplan.subdivide.rating import Trials, scores_m2, strips_held
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

DIRECTIONS_TRIED = 3
EDGES_MAX = 500
"""Edges compared to find directions: the longest; an outline may have many thousands."""
SQUARER = 0.45
"""The search wants plots this much squarer than the limit: packing then has room to move."""


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
        scores = scores_m2(trials, demand, wanted)
        layouts.append(trials.layouts[int(np.argmax(scores))])
        tried += len(scores)
        median += float(np.median(scores)) / M2_PER_HA
        best += float(scores.max()) / M2_PER_HA
    return Search(tuple(layouts), tried, median, best)


def _trials(piece: Piece, settings: SubdivideSettings, origin_m: tuple[float, float]) -> Trials:
    layouts: list[Layout] = []
    strips: list[tuple[Integers, Floats, Floats]] = []
    angles = _directions(piece) if settings.axis_deg is None else _given_axis(settings.axis_deg)
    angles = angles[: settings.layouts_max]
    each = settings.layouts_max // len(angles)
    for angle in angles:
        frame = Frame(float(angle), origin_m)
        land, fronted = frame.to_local(piece.polygon), frame.to_local(piece.fronted)
        found = layouts_of(land, fronted, frame, settings, most=each)
        if found:
            layout, depth_m, usable_m2 = strips_held(found, land, fronted, settings)
            strips.append((layout + len(layouts), depth_m, usable_m2))
            layouts += found
    if not layouts:
        none = np.empty(0)
        return Trials([no_layout(Frame(float(angles[0]), origin_m))], none.astype(int), none, none)
    return Trials(layouts, *(np.concatenate(columns) for columns in zip(*strips, strict=True)))


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
