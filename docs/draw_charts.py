"""Draw what no land shows: capital year by year, and an answer that gets better with more work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from draw_allocation import JOINED, MOVED, PARTED
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from picture_sheet import INK, POINTS_IN, QUIET, TEXT_PT

import geoplan

HIGH_PT = 130
YEARS = range(2026, 2032)
BAR = "#a9c9de"
USD_MAX = 0.25
"""Top of all charts of capital, so that they compare."""


def _axes(width_pt: float, high_pt: float = HIGH_PT) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width_pt / POINTS_IN, high_pt / POINTS_IN))
    axes = figure.add_axes((0.14, 0.16, 0.83, 0.72))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=TEXT_PT, colors=INK, length=2.5)
    return figure, axes


def targets(plan: geoplan.Plan, *, width_pt: float) -> Figure:
    """Draw what flows in by year as bars, and the target as a line on each."""
    figure, axes = _axes(width_pt)
    told = plan.phases.set_index("year").reindex(YEARS)
    axes.bar(list(YEARS), told["inflow_bn_usd"].fillna(0.0), width=0.6, color=BAR)
    for year, target in told["target_bn_usd"].dropna().items():
        axes.hlines(target, year - 0.42, year + 0.42, color=PARTED, linewidth=1.6)
    axes.set_ylim(0, USD_MAX)
    look: dict[str, Any] = {"fontsize": TEXT_PT, "transform": axes.transAxes}
    axes.text(0, 1.04, "bn USD: bars flow in, lines are the target", color=INK, **look)
    return figure


def curves(
    limits: Sequence[int], work: Mapping[int, Sequence[float]], bound: float, *, width_pt: float
) -> Figure:
    """Draw transport work by the work limit for each seed, and what no answer can be below."""
    figure, axes = _axes(width_pt)
    look: dict[str, Any] = {"fontsize": TEXT_PT, "color": INK}
    for (seed, of_seed), colour in zip(work.items(), (JOINED, MOVED), strict=True):
        axes.plot(
            limits, np.divide(of_seed, 1000), color=colour, marker="o", markersize=4, label=seed
        )
    axes.axhline(bound / 1000, color=QUIET, linewidth=1, linestyle=(0, (4, 2)))
    axes.set_xscale("log")
    axes.set_xticks(list(limits), [f"{limit}" for limit in limits])
    axes.set_xticks([], minor=True)
    axes.set_ylim(0, 1.12 * max(max(of_seed) for of_seed in work.values()) / 1000)
    axes.text(0, 1.04, "thousand t km a year, by work_limit", transform=axes.transAxes, **look)
    axes.text(limits[0], 0.92 * bound / 1000, "proven: no answer is below", va="top", **look)
    axes.legend(title="seed", fontsize=TEXT_PT, title_fontsize=TEXT_PT, frameon=False, ncols=2)
    return figure
