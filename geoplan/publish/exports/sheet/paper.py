"""Sizes of paper, scales, and what fits where on the sheet."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoplan.errors import GeoplanError, Problem

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers

MM_PER_INCH = 25.4
MM_PER_M = 1000.0
PAPERS = {
    "A4": (297.0, 210.0),
    "A3": (420.0, 297.0),
    "A2": (594.0, 420.0),
    "A1": (841.0, 594.0),
    "A0": (1189.0, 841.0),
}
"""Paper -> width and height in millimetres, landscape (ISO 216)."""

_MARGIN_MM = 10.0
_PANEL_SHARE = 0.235
_CLEAR_SHARE = 0.04  # of the map's frame, kept free on each side
_ROUND = (1.0, 2.0, 2.5, 5.0)

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Layout:
    """Where things stand on the page, in millimetres from its lower left corner.

    Attributes
    ----------
    paper : str
    width_mm, height_mm : float
    frame_mm, panel_mm : tuple of float
        Left, bottom, width and height of the map and of what is told beside it.
    scale : int
        Metres on the ground for a metre on paper.
    middle_m : tuple of float
        What is shown in the middle of the frame, in the working CRS.
    """

    paper: str
    width_mm: float
    height_mm: float
    frame_mm: Box
    panel_mm: Box
    scale: int
    middle_m: tuple[float, float]

    @property
    def type_pt(self) -> float:
        """Size of the running text: larger paper is read from farther away."""
        return float(round(7.0 * (self.height_mm / PAPERS["A3"][1]) ** 0.6, 2))

    @property
    def bounds_m(self) -> Box:
        """West, south, east and north of what the frame shows."""
        half_e, half_n = (self.ground_m(size) / 2 for size in self.frame_mm[2:])
        east, north = self.middle_m
        return east - half_e, north - half_n, east + half_e, north + half_n

    def ground_m(self, paper_mm: float) -> float:
        """Return the length on the ground of one on paper."""
        return paper_mm * self.scale / MM_PER_M


def laid_out(plan: PlanLayers, *, paper: str, scale: int | None) -> Layout:
    """Lay the sheet out.

    Parameters
    ----------
    plan : PlanLayers
    paper : str
        A key of :data:`PAPERS`.
    scale : int, optional
        By default the largest round one at which all zones fit.

    Raises
    ------
    GeoplanError
        If the zones do not fit.
    """
    problem = sheet_problem(plan, paper=paper, scale=scale)
    if problem is not None:
        raise GeoplanError([problem])
    frame, panel = _boxes(paper)
    width, height = PAPERS[paper]
    west, south, east, north = _bounds(plan)
    middle = ((west + east) / 2, (south + north) / 2)
    chosen = scale if scale is not None else largest_round_scale(plan, paper)
    return Layout(paper, width, height, frame, panel, chosen, middle)


def sheet_problem(plan: PlanLayers, *, paper: str, scale: int | None) -> Problem | None:
    """Say why the plan cannot be printed so, if it cannot."""
    if paper not in PAPERS:
        return Problem("--paper", f"'{paper}' is not known.", f"Known: {', '.join(PAPERS)}.")
    if not len(plan.zones):
        return Problem("zones", "there are none, hence nothing to print.", "Plan land first.")
    if scale is None or (scale > 0 and scale >= _least_scale(plan, paper)):
        return None
    best = largest_round_scale(plan, paper)
    cause = f"at 1:{scale} the zones do not fit on {paper}."
    return Problem("--scale", cause, f"Take 1:{best} or larger paper.")


def largest_round_scale(plan: PlanLayers, paper: str) -> int:
    """Return the least of 1, 2, 2.5 and 5 times powers of ten at which all zones fit."""
    least = _least_scale(plan, paper)
    return next(scale for scale in _round_scales() if scale >= least)


def _round_scales() -> Iterator[int]:
    power = 100
    while True:
        for factor in _ROUND:
            yield round(factor * power)
        power *= 10


def _least_scale(plan: PlanLayers, paper: str) -> float:
    (_, _, width, height), _ = _boxes(paper)
    west, south, east, north = _bounds(plan)
    free = 1 - 2 * _CLEAR_SHARE
    return max((east - west) / (free * width), (north - south) / (free * height)) * MM_PER_M


def _boxes(paper: str) -> tuple[Box, Box]:
    width, height = PAPERS[paper]
    panel = math.floor(width * _PANEL_SHARE)
    inner = height - 2 * _MARGIN_MM
    frame = (_MARGIN_MM, _MARGIN_MM, width - 2 * _MARGIN_MM - panel, inner)
    return frame, (width - _MARGIN_MM - panel, _MARGIN_MM, float(panel), inner)


def _bounds(plan: PlanLayers) -> Box:
    west, south, east, north = (float(value) for value in plan.zones.total_bounds)
    return west, south, east, north
