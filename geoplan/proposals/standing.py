"""Whether projects could stand on plots that there are not yet: the allocator's rules say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.allocate.pose import Posed, pose
from geoplan.allocate.problem import Assignment, pairs_of
from geoplan.config import UTILITIES, Scenario
from geoplan.site import Site
from geoplan.stages import around_units
from geoplan.subdivide.coverage import near
from geoplan.subdivide.strips import whole_plots

Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]

TIGHT = 1e-9


@dataclass(frozen=True)
class Draft:
    """A proposal in the making.

    Attributes
    ----------
    kind : str
        ``merge`` or ``split``.
    units : tuple of int
        Positions of the plots that it changes.
    projects : tuple of int
        Positions of those whom it is for, in the order of the new plots; a last plot may be
        nobody's.
    areas_ha : tuple of float
        Areas that a split's setting names.
    table : GeoDataFrame
        The new plots as units.
    loads : mapping of str to float
        What the projects draw from each utility there.
    remark : str
        Which utilities would be short.
    """

    kind: str
    units: tuple[int, ...]
    projects: tuple[int, ...]
    areas_ha: tuple[float, ...]
    table: gpd.GeoDataFrame
    loads: dict[str, float] = field(default_factory=dict)
    remark: str = ""


@dataclass(frozen=True)
class Planned:
    """An allocation on given plots, as proposals are held against it.

    Attributes
    ----------
    site : Site
    scenario : Scenario
    units : GeoDataFrame
        The plots as units, in the order in which they were posed.
    street_land : Polygon or MultiPolygon
    posed : Posed
    assignment : Assignment
    """

    site: Site
    scenario: Scenario
    units: gpd.GeoDataFrame
    street_land: Any
    posed: Posed
    assignment: Assignment

    def as_units(self, ids: Sequence[str], shapes: Sequence[Any]) -> gpd.GeoDataFrame:
        """Make units of new plots, as they would be made of given ones."""
        plots = gpd.GeoDataFrame({"plot_id": ids}, geometry=list(shapes), crs=self.site.crs)
        street = near(self.street_land, shapely.GeometryCollection(list(shapes)))
        table = whole_plots(plots, self.site.zones, street).table
        return table.rename(columns={"strip_id": "unit_id"}).assign(
            kept_by=None, on_market=True, divisible=False
        )

    def posed_on(self, units: gpd.GeoDataFrame) -> Posed:
        """Pose the whole portfolio on other units, by the same rules but for distances."""
        norms, settings = self.scenario.norm_profile, self.scenario.allocate
        around = around_units(self.site, self.scenario, units)
        table = pd.DataFrame(units.drop(columns="geometry"))
        utilities = pd.DataFrame(self.site.utilities.drop(columns="geometry"))
        projects = self.posed.asked.projects
        return pose(projects, table, around, utilities, norms, apart_m=settings.apart_m)


def loads_of(planned: Planned, draft: Draft) -> dict[str, float] | None:
    """Add up what projects would draw from each utility on their new plots.

    Returns
    -------
    dict of str to float, or None
        None where a rule keeps one of them off its plot.
    """
    posed = planned.posed_on(draft.table)
    problem = posed.problem
    projects = np.array(draft.projects, dtype=np.intp)
    allowed = np.zeros((problem.projects, problem.units), dtype=bool)
    allowed[problem.pair_project, problem.pair_unit] = True
    if not allowed[projects, np.arange(len(projects))].all():
        return None
    unit = np.full(problem.projects, -1, dtype=np.intp)
    unit[projects] = np.arange(len(projects))
    return drawn(posed, unit)


def drawn(posed: Posed, unit: Integers) -> dict[str, float]:
    """Add up what projects draw from each utility; `unit` is that of each project, or -1."""
    pairs = pairs_of(posed.problem, unit)
    return {
        each.name: float(each.load[np.isin(each.pair, pairs)].sum())
        for each in posed.problem.capacities
    }


def barred(planned: Planned, drafts: Sequence[Draft], project: int) -> Booleans:
    """Tell which units are too near to those who are placed, or whom a draft is for.

    A plot that is split counts as a whole, as a strip does: what is near it is near its parts.

    Returns
    -------
    ndarray of bool, shape (units,)
    """
    home: dict[int, tuple[int, ...]] = {
        int(p): (int(u),) for p, u in enumerate(planned.assignment.unit) if u >= 0
    }
    home |= {p: draft.units for draft in drafts for p in draft.projects}
    mask = np.zeros(len(planned.units), dtype=bool)
    for rule in planned.posed.problem.separations:
        for group, others, here, there in (
            (rule.first, rule.second, rule.left, rule.right),
            (rule.second, rule.first, rule.right, rule.left),
        ):
            if project in group:
                near_by = [unit for other in others.tolist() for unit in home.get(other, ())]
                mask[here[np.isin(there, near_by)]] = True
    return mask


def shortages(planned: Planned, draft: Draft, used: dict[str, float]) -> str:
    """Say which utilities the projects of a draft would overload; empty if none.

    Parameters
    ----------
    planned : Planned
    draft : Draft
    used : dict of str to float
        What is drawn from each utility already.
    """
    utilities = planned.site.utilities
    told = []
    for name, kind, limit in zip(
        utilities["utility_id"], utilities["kind"], utilities["capacity"], strict=True
    ):
        needs = draft.loads.get(name, 0.0)
        left = max(limit - used.get(name, 0.0), 0.0)
        if needs > left + TIGHT:
            label, unit = UTILITIES[kind][0].lower(), UTILITIES[kind][1]
            told.append(
                f"{name} is short of {label}: {left:.10g} of {limit:.10g} {unit} is free, and"
                f" {needs:.10g} {unit} is needed."
            )
    return " ".join(told)
