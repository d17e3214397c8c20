"""Which plots of a plan each project could have, and which rule first bars it from the others.

Every plot is a unit of its own, taken as it is; the rules are the allocator's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.rules import Asked, applied
from geoplan.config import AllocateSettings, NormProfile
from geoplan.decisions import Decisions, decisions_of
from geoplan.plan import STRIP_COLUMNS, PlanLayers
from geoplan.rerun import held_plots
from geoplan.site import CONTRACTS, Site
from geoplan.site.schema import YEAR_COLUMNS
from geoplan.site.surroundings import surroundings
from geoplan.subdivide.keep import standing

NOT_WITHDRAWN = "application"


@dataclass(frozen=True)
class Fits:
    """What bars projects from plots.

    Attributes
    ----------
    rules : tuple of str
        Names of the allocator's rules, in its order.
    says : tuple of str
        What each of them says of a plot that it lets a project have.
    barred : ndarray of int, shape (projects, plots)
        0 where the project could stand, else 1 + the number of the first rule that bars it.
    units : DataFrame
        The plots as the rules see them, in the plan's order.
    """

    rules: tuple[str, ...]
    says: tuple[str, ...]
    barred: NDArray[np.int64]
    units: pd.DataFrame


def can_tell(plan: PlanLayers) -> bool:
    """Tell whether a plan has all that rules ask for: settings, norms, a whole portfolio."""
    said = "norms" in plan.manifest and "allocate" in plan.manifest.get("settings", {})
    asked = set(CONTRACTS["projects"].columns.columns) - set(YEAR_COLUMNS)
    return said and asked.issubset(plan.projects) and set(STRIP_COLUMNS).issubset(plan.strips)


def fits(plan: PlanLayers, decisions: Decisions, *, of: pd.Series[bool] | None = None) -> Fits:
    """Apply the allocator's rules to every project and every plot.

    Whoever is pinned by a decision may be put elsewhere, and who has withdrawn could come back:
    these two bar nobody here.

    Parameters
    ----------
    plan : PlanLayers
        That knows its settings; see :func:`can_tell`.
    decisions : Decisions
    of : Series of bool, optional
        Which projects of the portfolio are asked about; else all.

    Returns
    -------
    Fits
    """
    projects = movable(plan, decisions)
    units = plot_units(plan, projects, decisions)
    asked = projects if of is None else projects[of.to_numpy(dtype=bool)]
    asked = asked.assign(status=asked["status"].replace("withdrawn", NOT_WITHDRAWN))
    norms = NormProfile.model_validate(plan.manifest["norms"])
    rules = applied(Asked(asked.reset_index(drop=True), units, norms))
    barred = np.zeros((len(asked), len(units)), dtype=np.int64)
    for number, rule in reversed(list(enumerate(rules, start=1))):
        barred[np.asarray(rule.forbidden)] = number
    names, says = ([rule.name for rule in rules], [rule.said_of(1) for rule in rules])
    return Fits(tuple(names), tuple(says), barred, units)


def movable(plan: PlanLayers, decisions: Decisions) -> pd.DataFrame:
    """Return the portfolio with what is decided about it, but for the pins."""
    projects = plan.projects
    pinned = projects["project_id"].isin(decisions_of(plan).pinned)
    gone = projects["project_id"].isin(decisions.withdrawn)
    return projects.assign(
        plot_id=projects["plot_id"].mask(pinned),
        status=projects["status"].mask(gone, "withdrawn"),
    )


def plot_units(plan: PlanLayers, projects: pd.DataFrame, decisions: Decisions) -> pd.DataFrame:
    """Make a unit of each plot, with all that rules ask of land, in the plan's order."""
    own = plan.plots["plot_id"].to_numpy(dtype=object)
    stands = standing(plan.plots, plan.strips, own)
    place = pd.Series(stands.unit, index=stands.plots["plot_id"].to_numpy()).loc[own].to_numpy()
    table = stands.units.iloc[place].reset_index(drop=True)
    settings = AllocateSettings.model_validate(plan.manifest["settings"]["allocate"])
    # A plan has all the layers that a site's surroundings are made of.
    around = surroundings(
        cast("Site", plan),
        table,
        spz_distance_m=plan.spz_distance_m,
        rail_reach_m=settings.rail_reach_m,
        reach_m=0.0,
    )
    held = held_plots(plan.plots, projects, off_market=decisions.off_market)
    market, taken = plan.plots["market"], plan.plots["project_id"].notna()
    back = (
        taken | (market == "for sale") | plan.plots["plot_id"].isin(decisions_of(plan).off_market)
    )
    offered = back & (held["why"] == "")
    return pd.concat([pd.DataFrame(table.drop(columns="geometry")), around.facts], axis=1).assign(
        divisible=False,
        available_year=plan.plots["available_year"].to_numpy(),  # roads count, too
        kept_by=held["keeper"].to_numpy(dtype=object),
        on_market=offered.to_numpy(dtype=bool),
    )
