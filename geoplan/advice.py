"""What would place those who have no land, asked of a finished plan."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geoplan.allocate.kept import Kept
from geoplan.allocate.margins import margin_table, no_margins
from geoplan.allocate.misses import no_reasons, reason_table
from geoplan.allocate.remedies import no_remedies, remedy_table
from geoplan.config import Scenario
from geoplan.plan import PlanLayers
from geoplan.site import Site
from geoplan.site.schema import ID_SEPARATOR
from geoplan.stages import Allotted, around_units
from geoplan.subdivide.keep import standing
from geoplan.tables import MARKET_OF_STATUS, no_projects

PLOTS_MAX = 1_000
"""Parks of more plots get no remedies: distances of all their land would take too long."""
FOR_SALE, SOLD = "for sale", "sold"
COLUMNS = (
    "unit_id",
    "zone_id",
    "use",
    "area_ha",
    "depth_m",
    "plot_area_min_ha",
    "plot_area_max_ha",
    "divisible",
    "kept_by",
    "on_market",
    "market",
    "place",
)
STREET_CLASS = "street_class"
"""A column that strips of plans made before it was told do not have."""


@dataclass(frozen=True)
class Advice:
    """What is said of those without land.

    Attributes
    ----------
    reasons : DataFrame
        Columns :data:`geoplan.allocate.misses.REASON_COLUMNS`: what bars each, rule by rule.
    remedies : DataFrame
        Columns :data:`geoplan.allocate.remedies.REMEDY_COLUMNS`: the least changes that would
        place each, proven.
    margins : DataFrame
        Columns :data:`geoplan.allocate.margins.MARGIN_COLUMNS`: what more of each scarce
        capacity is worth.
    """

    reasons: pd.DataFrame
    remedies: pd.DataFrame
    margins: pd.DataFrame


def advice(plan: PlanLayers, site: Site, scenario: Scenario, allotted: Allotted) -> Advice:
    """Ask a finished plan why some have no land, and what would give it to them.

    Reasons and margins are those of the allocation. Remedies are held against the plots as
    they are drawn: each is held, and what is free between them is what a later plan would give
    away.

    Parameters
    ----------
    plan : PlanLayers
    site : Site
        What the plan was made from, as read, but that given plots are regrouped.
    scenario : Scenario
    allotted : Allotted
        What the plan was cut for.
    """
    posed, assignment = allotted.posed, allotted.assignment
    if posed is None or (assignment.unit >= 0).all():
        return Advice(no_reasons(), no_remedies(), no_margins())
    remedies = no_remedies()
    if len(plan.plots) <= PLOTS_MAX:
        remedies = remedy_table(kept_by(plan, site, scenario), accepted=plan.proposals)
    reasons, margins = (table(posed, assignment) for table in (reason_table, margin_table))
    return Advice(reasons, remedies, margins)


def advice_on(plan: PlanLayers, project_id: str) -> dict[str, list[str]]:
    """Return what a plan says of one project: its ``barred_by``, ``remedies`` and ``margins``.

    Parameters
    ----------
    plan : PlanLayers
    project_id : str

    Returns
    -------
    dict of str to list of str
        Sentences; what there is nothing to say of is left out.
    """
    own = plan.remedies[plan.remedies["project_id"] == project_id].drop_duplicates("rank")
    named = plan.margins["project_ids"].astype(str).str.split(ID_SEPARATOR)
    concerned = [project_id in names for names in named]
    said = {
        "barred_by": plan.reasons.loc[plan.reasons["project_id"] == project_id, "text"].tolist(),
        "remedies": own["text"].tolist(),
        "margins": plan.margins.loc[concerned, "text"].tolist(),
    }
    return {name: texts for name, texts in said.items() if texts}


def kept_by(plan: PlanLayers, site: Site, scenario: Scenario) -> Kept:
    """Take a plan as the ground on which changes are tried: everybody keeps his plot.

    What a later plan would be offered are the stretches of free plots between those that are
    held. Where plots are not given, neighbours could also be cut again, as far as no contract
    and no ``plot_id`` holds them.

    Parameters
    ----------
    plan : PlanLayers
    site : Site
        What it was made from, as read.
    scenario : Scenario
    """
    projects = no_projects() if site.projects is None else site.projects
    live = projects[projects["status"] != "withdrawn"]
    firm = live["plot_id"].notna() | (live["status"].map(MARKET_OF_STATUS) == SOLD)
    owned = _owned(plan.plots, live)
    held = owned["holder"].notna() | (owned["market"] != FOR_SALE)
    loose = owned["holder"].isin(live.loc[~firm, "project_id"])
    if scenario.subdivide.mode == "given":
        units = _plots(plan, owned)
        again = units[units["kept_by"].isin(live.loc[~firm, "project_id"])]
        sharers: list[tuple[str, ...]] = [(name,) for name in again["kept_by"]]
    else:
        units = _stretches(plan, owned, held)[0]
        wide, groups = _stretches(plan, owned, held & ~loose)
        shared = [bool(group) for group in groups]
        again, sharers = wide[shared], [group for group in groups if group]
    again = again.assign(kept_by=None, on_market=True)
    row = {name: number for number, name in enumerate(projects["project_id"])}
    first = len(units)
    return _joined(
        site,
        scenario,
        projects,
        gpd.GeoDataFrame(pd.concat([units, again], ignore_index=True), crs=plan.plots.crs),
        {first + i: tuple(row[name] for name in group) for i, group in enumerate(sharers)},
    )


def _owned(plots: gpd.GeoDataFrame, live: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give each plot its holder, and a name to whoever or whatever holds it."""
    holder = plots["project_id"].astype(object)
    holder = holder.where(holder.isin(live["project_id"]), None)
    of_project = "project " + holder.astype("str")
    key = of_project.where(holder.notna(), "plot " + plots["plot_id"].astype("str"))
    return plots.assign(holder=holder, key=key)


def _stretches(
    plan: PlanLayers, owned: gpd.GeoDataFrame, held: pd.Series[bool]
) -> tuple[gpd.GeoDataFrame, list[tuple[str, ...]]]:
    """Make units as a later plan would, and list whose plots are in each that is not held."""
    key = owned["key"].astype(object).where(held, None)
    stands = standing(owned, plan.strips, key.to_numpy(dtype=object))
    groups: list[list[str]] = [[] for _ in range(len(stands.units))]
    states: list[set[str]] = [set() for _ in groups]
    keeper: list[str | None] = [None] * len(groups)
    for unit, holder, state in zip(
        stands.unit.tolist(), stands.plots["holder"], stands.plots["market"], strict=True
    ):
        states[unit].add(state)
        if holder is not None and stands.held[unit]:
            keeper[unit] = holder
        elif holder is not None:
            groups[unit].append(holder)
    units = stands.units.assign(
        kept_by=pd.Series(keeper, dtype=object),
        on_market=~stands.held,
        market=[min(each) for each in states],
        place=stands.units["strip_id"],
        divisible=True,
    )
    return _told(units), [tuple(dict.fromkeys(group)) for group in groups]


def _plots(plan: PlanLayers, owned: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Make units of given plots; those of one project are one."""
    land = plan.strips.set_index("strip_id").loc[owned["strip_id"]].reset_index(drop=True)
    table = land.assign(
        unit_id=owned["plot_id"].to_numpy(),
        kept_by=owned["holder"].to_numpy(dtype=object),
        market=owned["market"].to_numpy(),
        on_market=(owned["market"] == FOR_SALE).to_numpy(),
        divisible=False,
    )
    key = owned["key"].to_numpy()
    merged = table.dissolve(key, sort=False, aggfunc="first")
    for name in ("area_ha", "plot_area_min_ha", "plot_area_max_ha"):
        merged[name] = table[name].groupby(key, sort=False).sum()
    names = table["unit_id"].groupby(key, sort=False).agg(";".join)
    kept_by = merged["kept_by"].astype(object)
    merged = merged.assign(unit_id=names, place=names, kept_by=kept_by.where(kept_by.notna(), None))
    return _told(merged.reset_index(drop=True))


def _told(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    more = [STREET_CLASS] if STREET_CLASS in units else []
    return units[[*COLUMNS, *more, "geometry"]]


def _joined(
    site: Site,
    scenario: Scenario,
    projects: pd.DataFrame,
    units: gpd.GeoDataFrame,
    again: dict[int, tuple[int, ...]],
) -> Kept:
    settings, norms = scenario.allocate, scenario.norm_profile
    reach_m = max(*norms.spz.distance_m, settings.apart_m)
    around = around_units(site, scenario, units, reach_m=reach_m)
    where = {name: unit for unit, name in enumerate(units["kept_by"]) if name is not None}
    home = projects["project_id"].map(where).fillna(-1).to_numpy(dtype=np.intp)
    utilities = pd.DataFrame(site.utilities.drop(columns="geometry"))
    table = pd.DataFrame(units.drop(columns="geometry"))
    return Kept(projects, table, around, utilities, norms, settings.apart_m, home, again)
