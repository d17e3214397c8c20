"""Checks of the distances between projects, and to receptors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.audit.audited import (
    LENGTH_TOLERANCE_M,
    Audited,
    Integers,
    Shapes,
    numbers_of,
    outlines,
    plot_errors,
)
from geoplan.site.findings import Finding


def sanitary(audited: Audited) -> Iterable[Finding]:
    """Find hazardous projects too near receptors and plants that are receptors themselves."""
    placed, norms, receptors = audited.placed, audited.norms.spz, audited.plan.receptors
    if placed.empty:
        return
    hazard, own_m = numbers_of(placed["hazard_class"]), numbers_of(receptors["distance_m"])
    by_sector = placed["sector"].isin(norms.sensitive_sectors).astype("boolean")
    sensitive = placed["sensitive"].astype("boolean").fillna(by_sector).to_numpy(dtype=bool)
    names = ("receptor " + receptors["receptor_id"].astype("str")).to_numpy(dtype=str)
    for number, far_m in enumerate(norms.distance_m, start=1):
        least_m = np.where(np.isnan(own_m), far_m, own_m)
        guarded = [_Guarded(names, outlines(receptors), least_m)]
        if number <= norms.sensitive_against_class_max:
            guarded.append(_Guarded.plots(placed[sensitive], far_m))
        mine, why = placed[hazard == number], f"hazard class {number} keeps"
        for guard in guarded:
            yield from _too_near(mine, guard, "sanitary distance", why)


def separations(audited: Audited) -> Iterable[Finding]:
    """Find projects too near those that they ask to stand apart from."""
    placed, apart_m = audited.placed, audited.allotting.apart_m
    if placed.empty:
        return
    others = pd.DataFrame({"named": placed["project_id"], "other": np.arange(len(placed))})
    named = placed["apart"].reset_index(drop=True).str.split(";").explode().dropna()
    pairs = named.rename("named").rename_axis("mine").reset_index().merge(others, on="named")
    pairs = pairs[["mine", "other"]].drop_duplicates().sort_values(["mine", "other"])
    mine, other = pairs["mine"].to_numpy(), pairs["other"].to_numpy()
    guard = _Guarded.plots(placed, apart_m)
    near = shapely.dwithin(guard.shapes[mine], guard.shapes[other], guard.reach_m[other])
    told = "they are to stand apart by"
    yield from _told_near(placed, mine[near], guard, other[near], "apart", told)


@dataclass(frozen=True)
class _Guarded:
    """What others keep a distance from: its names, shapes and that distance in metres."""

    names: NDArray[np.str_]
    shapes: Shapes
    least_m: NDArray[np.float64]

    @classmethod
    def plots(cls, plots: gpd.GeoDataFrame, least_m: float) -> _Guarded:
        return cls(_named(plots), outlines(plots), np.full(len(plots), float(least_m)))

    @property
    def reach_m(self) -> NDArray[np.float64]:
        """Distance up to which others are too near for sure."""
        return np.maximum(self.least_m - LENGTH_TOLERANCE_M, 0.0)


def _named(plots: gpd.GeoDataFrame) -> NDArray[np.str_]:
    return np.asarray("project " + plots["project_id"].astype("str"), dtype=str)


def _too_near(plots: gpd.GeoDataFrame, guarded: _Guarded, rule: str, why: str) -> Iterator[Finding]:
    tree = shapely.STRtree(outlines(plots))
    other, mine = tree.query(guarded.shapes, predicate="dwithin", distance=guarded.reach_m)
    yield from _told_near(plots, mine, guarded, other, rule, why)


def _told_near(
    plots: gpd.GeoDataFrame, mine: Integers, guarded: _Guarded, other: Integers, rule: str, why: str
) -> Iterator[Finding]:
    """One finding for each pair of a plot and what it is too near to, itself excepted."""
    counts = (guarded.least_m[other] > 0) & (_named(plots)[mine] != guarded.names[other])
    other, mine = other[counts], mine[counts]
    near = plots.iloc[mine].assign(
        other=guarded.names[other],
        least_m=guarded.least_m[other],
        away_m=shapely.distance(outlines(plots)[mine], guarded.shapes[other]),
    )
    told = f"Project {{project_id}} is {{away_m:.0f}} m from {{other}}; {why} {{least_m:g}} m."
    yield from plot_errors(rule, near, np.ones(len(near), dtype=bool), told, "Plan again.")
