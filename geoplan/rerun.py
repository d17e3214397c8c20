"""Planning again from an earlier plan: what is held, and what those who come are to fill."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import Assignment
from geoplan.config import Scenario
from geoplan.decisions import NOT_MARKETABLE, OFF_MARKET, decisions_of
from geoplan.errors import Problems
from geoplan.plan import PlanLayers
from geoplan.site import Site
from geoplan.site.checks import locks_of
from geoplan.stages import Allotted, Units
from geoplan.subdivide.keep import Recut, Standing, Tenants, cut_again, standing
from geoplan.subdivide.stage import LaidOut
from geoplan.tables import MARKET_OF_STATUS
from geoplan.unchanged import check_same_land
from geoplan.units import M2_PER_HA

Integers = NDArray[np.intp]

SOLD = "sold"
NAMED = "named in plot_id"


@dataclass(frozen=True)
class Rerun:
    """An earlier plan as the ground of the next one.

    Attributes
    ----------
    earlier : PlanLayers
    held : DataFrame
        One row an earlier plot, in their order: ``keeper`` (the project that keeps it, null
        where there is none) and ``why`` (empty where the plot is free).
    stays : Series of str
        Who stays on each earlier plot: its keeper, or whoever else is not to move.
    standing : Standing
    """

    earlier: PlanLayers
    held: pd.DataFrame
    stays: pd.Series[str]
    standing: Standing

    @property
    def units(self) -> Units:
        """What the allocator is to fill: free land, and the plots of those who stay."""
        plots, first = self.standing.plots, np.unique(self.standing.unit, return_index=True)[1]
        row = pd.Index(self.earlier.plots["plot_id"]).get_indexer(plots["plot_id"])[first]
        table = self.standing.units.drop(columns="strip_id")
        # Whoever stands there may stay, whatever the grid has taken from his plot's area.
        taken = plots["area_ha"].where(plots["project_id"].notna()).groupby(self.standing.unit)
        least, most = table["plot_area_min_ha"], table["plot_area_max_ha"]
        table = table.assign(
            plot_area_min_ha=np.fmin(least, taken.min().to_numpy()),
            plot_area_max_ha=np.fmax(most, taken.max().to_numpy()),
            kept_by=self.stays.to_numpy(dtype=object)[row],
            on_market=(self.held["why"] == "").to_numpy()[row],
            divisible=True,
        )
        return Units(table, np.arange(len(table)), self.earlier.streets)


def held_plots(
    plots: pd.DataFrame, projects: pd.DataFrame | None, *, off_market: Collection[str] = ()
) -> pd.DataFrame:
    """Tell which earlier plots stay as they are, and for whom.

    A plot is held for a project that names it in ``plot_id``, or that has it and a contract (or
    more); a plot that is sold is held even where no project has it. Whoever names other plots,
    has withdrawn or is no longer in the portfolio holds nothing.

    Parameters
    ----------
    plots : DataFrame
        ``plot_id, market, project_id`` of the earlier plan.
    projects : DataFrame or None
        ``project_id, status, plot_id``: the portfolio as it is now, if there is one.
    off_market : collection of str, optional
        Plots that are held for nobody, unless somebody keeps them.

    Returns
    -------
    DataFrame
        ``keeper`` and ``why``, in the order of `plots`.

    Raises
    ------
    GeoplanError
        Where a project names a plot that another one has a contract for.
    """
    if projects is None:
        projects = pd.DataFrame({"project_id": [], "status": [], "plot_id": []}, dtype="str")
    live = projects[projects["status"] != "withdrawn"].set_index("project_id")
    pins = {plot: names[0] for plot, names in locks_of(projects, None).items()}
    settled = set(live.index) - set(pins.values())
    owner = plots["project_id"].where(plots["project_id"].isin(settled))
    status = owner.map(live["status"])
    contracted = (status.map(MARKET_OF_STATUS) == SOLD) | (
        (plots["market"] == SOLD) & (owner.notna() | plots["project_id"].isna())
    )
    pinned = plots["plot_id"].map(pins)
    problems = Problems()
    for plot_id, name, holds in zip(plots["plot_id"], pinned, owner.where(contracted), strict=True):
        if pd.notna(name) and pd.notna(holds) and name != holds:
            cause = f"plot_id pins {name} to plot '{plot_id}', which {holds} holds by contract."
            problems.add("projects", cause, "Free the plot from one of the two.", [name, holds])
    problems.raise_any()
    keeper = pinned.astype(object).where(pinned.notna(), owner.where(contracted)).astype(object)
    word = status.where(status.map(MARKET_OF_STATUS) == SOLD, SOLD)
    why = word.where(contracted, "").where(pinned.isna(), NAMED)
    why = why.mask((why == "") & plots["plot_id"].isin(off_market), OFF_MARKET)
    return pd.DataFrame({"keeper": keeper.where(keeper.notna(), None), "why": why})


def held_now(earlier: PlanLayers, site: Site) -> pd.DataFrame:
    """Tell which plots of an earlier plan stay as they are, by the portfolio and all decisions."""
    return held_plots(earlier.plots, site.projects, off_market=decisions_of(earlier).off_market)


def planned_again(site: Site, scenario: Scenario, earlier: PlanLayers) -> Rerun:
    """Take an earlier plan as the ground of the next one.

    Raises
    ------
    GeoplanError
        If land or settings are not those of the earlier plan, or plots are claimed twice.
    """
    check_same_land(site, scenario, earlier)
    held = held_now(earlier, site)
    return staying_on(earlier, held, held["keeper"])


def staying_on(earlier: PlanLayers, held: pd.DataFrame, stays: pd.Series[str]) -> Rerun:
    """Take an earlier plan as the ground of the next one, given who stays on each plot."""
    # A plot that is held for nobody is a unit of its own, by its own name.
    own = ("plot " + earlier.plots["plot_id"].astype("str")).where(held["why"] != "")
    unit = ("project " + stays.astype("str")).where(stays.notna(), own).astype(object)
    unit = unit.where(unit.notna(), None)
    stands = standing(earlier.plots, earlier.strips, unit.to_numpy(dtype=object))
    return Rerun(earlier, held, stays, stands)


def locked_as_before(site: Site, earlier: PlanLayers) -> Site:
    """Lock those who have a contract to the cadastre's plots that they have.

    Raises
    ------
    GeoplanError
        If the cadastre no longer has such a plot, or gives it to somebody else.
    """
    if site.projects is None:
        return site
    held = held_now(earlier, site)
    contracted = held["keeper"].notna() & (held["why"] != NAMED)
    holders = dict(
        zip(earlier.plots["plot_id"][contracted], held["keeper"][contracted], strict=True)
    )
    problems, known = Problems(), set(site.plots["plot_id"])
    claims = locks_of(site.projects, site.plots)
    for plot_id, name in sorted(holders.items()):
        if plot_id not in known:
            cause = f"plot '{plot_id}', which {name} holds by contract, is no longer there."
            problems.add("plots", cause, "Put it back, or plan afresh, without --from.", [name])
        if others := [other for other in claims.get(plot_id, []) if other != name]:
            cause = f"plot '{plot_id}' is locked, but {name} holds it by contract."
            problems.add("plots", cause, "Free the plot from one of the two.", [*others, name])
    problems.raise_any()
    kept = site.plots["plot_id"].map(holders)
    own = site.plots["project_id"].astype(object)
    return replace(site, plots=site.plots.assign(project_id=own.where(kept.isna(), kept)))


def laid_out_before(again: Rerun, cutting: Recut) -> LaidOut:
    """Return the earlier plan's streets with the strips that are to be cut now."""
    land, search = again.earlier.land, again.earlier.manifest.get("layout_search", {})
    streets = np.asarray(land.geometry[land["kind"] == "street"].array, dtype=object)
    return LaidOut(
        again.earlier.streets,
        streets,
        cutting.strips,
        int(search.get("layouts_tried", 0)),
        float(search.get("score_median_ha", 0.0)),
        float(search.get("score_best_ha", 0.0)),
    )


def drawn_land(again: Rerun, site: Site) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return zones and exclusions as the earlier plan has drawn them: every corner on the grid."""
    drawn, land = again.earlier.zones, again.earlier.land
    outlines = drawn.set_index("zone_id").geometry
    zones = site.zones[site.zones["zone_id"].isin(outlines.index)].reset_index(drop=True)
    shapes = outlines.loc[zones["zone_id"]].to_numpy()
    return zones.set_geometry(list(shapes), crs=drawn.crs), land[land["kind"] == "excluded"]


def recut(again: Rerun, allotted: Allotted, scenario: Scenario) -> Recut:
    """Find out what is to be cut for those who were placed; see :func:`cut_again`."""
    assignment = allotted.assignment
    project = np.flatnonzero(assignment.unit >= 0)
    before = project if allotted.posed is None else _first_plots(again, allotted.posed)[project]
    tenants = Tenants(assignment.unit[project], assignment.area_ha[project] * M2_PER_HA, before)
    found = cut_again(again.standing, tenants, scenario.subdivide)
    who = np.append(project, -1)[found.tenant]
    return replace(found, tenant=who)


def _first_plots(again: Rerun, posed: Posed) -> Integers:
    """Earlier plot of each project, by its place in the standing plots; -1 for none."""
    holders = again.standing.plots["project_id"]
    row = pd.Series(np.arange(len(holders)), index=holders)
    row = row[row.index.notna() & ~row.index.duplicated()]
    ids = posed.asked.projects["project_id"]
    return ids.map(row).fillna(-1).to_numpy(dtype=np.intp)


def stood_before(again: Rerun, posed: Posed) -> Assignment:
    """Tell where projects stood, as an answer to the new problem; the fixed stand there."""
    stands, fixed, projects = again.standing, posed.fixed, posed.asked.projects
    plot = _first_plots(again, posed)
    live = (projects["status"] != "withdrawn").to_numpy(dtype=bool)
    area_ha = stands.plots["area_ha"].groupby(stands.plots["project_id"]).sum()
    unit = np.where((plot >= 0) & live, stands.unit[plot], -1)
    unit[(unit >= 0) & stands.held[unit]] = -1  # another's by now
    unit = np.where(fixed.unit >= 0, fixed.unit, unit)
    area = projects["project_id"].map(area_ha).fillna(0.0).to_numpy(dtype=float)
    area = np.where(fixed.unit >= 0, fixed.area_ha, np.where(unit >= 0, area, 0.0))
    return Assignment(unit.astype(np.intp), area)


def asked_before(plots: gpd.GeoDataFrame, again: Rerun) -> gpd.GeoDataFrame:
    """Keep ``asked_ha`` of plots that are what they were: the need that a free plot was cut for."""
    then = again.earlier.plots.set_index("plot_id")["asked_ha"].astype("float64")
    return plots.assign(asked_ha=plots["asked_ha"].fillna(plots["plot_id"].map(then)))


def sold_before(plots: gpd.GeoDataFrame, again: Rerun) -> gpd.GeoDataFrame:
    """Keep plots sold or off the market that were; those that somebody has need no ``asked_ha``."""
    market, then = plots["market"], again.earlier.plots["plot_id"]
    for why, state in ((SOLD, SOLD), (OFF_MARKET, NOT_MARKETABLE)):
        ids = then[(again.held["why"] == why).to_numpy()]
        market = market.mask(plots["plot_id"].isin(ids), state)
    asked_ha = plots["asked_ha"].where(plots["project_id"].isna())
    return plots.assign(market=market, asked_ha=asked_ha)
