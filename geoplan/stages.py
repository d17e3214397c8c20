"""The stages in one another's words: sites become layouts, strips units, answers areas to cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.pose import Posed, pose, welcome
from geoplan.allocate.problem import TRANSPORT, Assignment
from geoplan.allocate.solve import Solution, solve
from geoplan.allocate.weights import weighed
from geoplan.config import Scenario
from geoplan.errors import shown
from geoplan.haulage import compared_work, with_flows
from geoplan.site import Finding, Site
from geoplan.site.checks import locks_of
from geoplan.site.roadside import reached_by_roads
from geoplan.site.surroundings import Surroundings, rail_land, surroundings
from geoplan.subdivide.demand import Demand, market_demand, spread_demand
from geoplan.subdivide.plots import Pieces, divided, equal_pieces
from geoplan.subdivide.regroup import regrouped, relocked
from geoplan.subdivide.stage import LaidOut, lay_out, take_over
from geoplan.subdivide.street_classes import classed_plots
from geoplan.subdivide.strips import Strips, whole_plots
from geoplan.units import M2_PER_HA

Progress = Callable[[str], None]
Integers = NDArray[np.intp]
Names = NDArray[np.object_]

MARKET_REST_HA = 1e-6


@dataclass(frozen=True)
class Units:
    """What the allocator is to fill: strips, or given plots; locks of several plots are one.

    Attributes
    ----------
    table : GeoDataFrame
        One row a unit.
    of_strip : ndarray of int
        Unit of each strip.
    streets : GeoDataFrame, optional
        Centrelines and ``row_m``, where ways along them are to be known.
    """

    table: gpd.GeoDataFrame
    of_strip: Integers
    streets: gpd.GeoDataFrame | None = None


@dataclass(frozen=True)
class Allotted:
    """The answer, and the problem it answers; without a portfolio there is neither."""

    posed: Posed | None
    solution: Solution | None

    @property
    def assignment(self) -> Assignment:
        """Who stands where; nobody, where nobody was asked."""
        if self.solution is None:
            return Assignment(np.empty(0, dtype=np.intp), np.empty(0))
        return self.solution.assignment


def _asking(scenario: Scenario, site: Site) -> pd.DataFrame | None:
    """Return the portfolio that plots are sought for, if any."""
    return None if scenario.subdivide.mode == "grid" else site.projects


def spz_distances(scenario: Scenario) -> dict[int, float]:
    """Distance that each hazard class, 1-5, keeps from receptors, m."""
    return dict(enumerate(scenario.norm_profile.spz.distance_m, start=1))


def laid_out_on(site: Site, scenario: Scenario) -> LaidOut:
    """Lay out streets and strips, or take over those of a cadastre."""
    if scenario.subdivide.mode == "given":
        return take_over(
            site.zones, site.exclusions, site.gates, site.roads, site.plots, scenario.subdivide
        )
    return lay_out(
        site.zones,
        site.exclusions,
        site.gates,
        _demands(site, scenario),
        scenario.subdivide,
        roads=site.roads,
        favoured=rail_land(site, rail_reach_m=scenario.allocate.rail_reach_m),
    )


def regrouped_on(site: Site, scenario: Scenario, laid_out: LaidOut) -> tuple[Site, LaidOut]:
    """Merge and split given plots as the planner has accepted it."""
    settings = scenario.subdivide
    if not settings.merge_plots and not settings.split_plots:
        return site, laid_out
    locks = {} if site.projects is None else locks_of(site.projects, site.plots)
    network = laid_out.street_land  # the same before and after
    plots = regrouped(site.plots, site.zones, network, settings, locks=locks)
    projects = None if site.projects is None else relocked(site.projects, settings)
    strips = classed_plots(whole_plots(plots, site.zones, network), laid_out.streets)
    return replace(site, plots=plots, projects=projects), replace(laid_out, strips=strips)


def around_units(
    site: Site, scenario: Scenario, units: gpd.GeoDataFrame, *, reach_m: float = 0.0
) -> Surroundings:
    """Gather what stands around pieces of land, at the distances of norms and settings.

    Parameters
    ----------
    site : Site
    scenario : Scenario
    units : GeoDataFrame
        Polygons in the working CRS.
    reach_m : float
        Units of land that are nearer to each other than this are told with their distance.

    Returns
    -------
    Surroundings
    """
    around = surroundings(
        site,
        units,
        spz_distance_m=spz_distances(scenario),
        rail_reach_m=scenario.allocate.rail_reach_m,
        reach_m=reach_m,
    )
    return _reached(around, site, scenario, units)


def plots_in_time(plots: gpd.GeoDataFrame, site: Site, scenario: Scenario) -> gpd.GeoDataFrame:
    """Let plots wait for the existing roads that they lie along, as the units before them."""
    if "available_year" not in site.roads or site.roads["available_year"].isna().all():
        return plots
    own, none = plots[["available_year"]].reset_index(drop=True), np.empty(0, dtype=np.intp)
    around = Surroundings(pd.DataFrame(own), none, none, np.empty(0))
    facts = _reached(around, site, scenario, plots).facts
    return plots.assign(available_year=facts["available_year"].to_numpy())


def _reached(
    around: Surroundings, site: Site, scenario: Scenario, units: gpd.GeoDataFrame
) -> Surroundings:
    settings = scenario.subdivide
    front_m = settings.frontage_min_m
    return reached_by_roads(around, site, units, row_m=settings.rows_m, front_min_m=front_m)


def _demands(site: Site, scenario: Scenario) -> dict[str, Demand]:
    """Ask of each plotted zone what the portfolio, or the market, would have there."""
    zones = site.zones[site.zones["use"].isin(scenario.subdivide.plotted_uses)]
    zones = zones.reset_index(drop=True)
    room_ha = zones.area.to_numpy() / M2_PER_HA
    projects = _asking(scenario, site)
    if projects is None:
        return dict(zip(zones["zone_id"], market_demand(room_ha, scenario.subdivide), strict=True))
    # A zone has other streets than those that it lies along.
    around = around_units(replace(site, roads=site.roads.iloc[:0]), scenario, zones)
    table = pd.DataFrame(zones[["zone_id", "use"]])
    spread = spread_demand(
        projects["area_ha"].to_numpy(dtype=float),
        projects["area_min_ha"].to_numpy(dtype=float),
        projects["area_max_ha"].to_numpy(dtype=float),
        welcome(projects, table, around, scenario.norm_profile),
        room_ha,
    )
    return dict(zip(zones["zone_id"], spread, strict=True))


def units_of(site: Site, scenario: Scenario, strips: Strips) -> Units:
    """Make units of strips; given plots are whole, and those of one lock go together."""
    table = strips.table.rename(columns={"strip_id": "unit_id"})
    if scenario.subdivide.mode != "given":
        return Units(table.assign(divisible=True), np.arange(len(strips)))
    holders = {} if site.projects is None else locks_of(site.projects, site.plots)
    kept_by = table["unit_id"].map({plot: names[0] for plot, names in holders.items()})
    kept_by = kept_by.astype(object)  # numbers, where nobody keeps any
    group = kept_by.fillna(table["unit_id"])
    market = table["unit_id"].map(site.plots.set_index("plot_id")["market"])
    table = table.assign(kept_by=kept_by, on_market=market == "for sale", divisible=False)
    merged = table.dissolve(group.to_numpy(), sort=False, aggfunc="first")
    for name in ("area_ha", "front_m", "plot_area_min_ha", "plot_area_max_ha"):
        merged[name] = table[name].groupby(group.to_numpy(), sort=False).sum()
    names = table["unit_id"].groupby(group.to_numpy(), sort=False).agg(";".join)
    of_strip = pd.Index(merged.index).get_indexer(group)
    return Units(merged.assign(unit_id=names).reset_index(drop=True), of_strip)


def posed_on(site: Site, scenario: Scenario, units: Units) -> Posed | None:
    """Pose the problem of placing every project on units of land; None without a portfolio."""
    projects = _asking(scenario, site)
    if projects is None:
        return None
    norms, settings = scenario.norm_profile, scenario.allocate
    reach_m = max(*norms.spz.distance_m, settings.apart_m, settings.near_m)
    around = around_units(site, scenario, units.table, reach_m=reach_m)
    table = pd.DataFrame(units.table.drop(columns="geometry"))
    utilities = pd.DataFrame(site.utilities.drop(columns="geometry"))
    posed = pose(
        projects, table, around, utilities, norms, apart_m=settings.apart_m, near_m=settings.near_m
    )
    if len(site.flows) and units.streets is not None:
        posed = with_flows(posed, units.table, units.streets, site.gates, site.flows)
    return replace(posed, problem=weighed(posed.problem, settings.objective))


def transport_told(
    scenario: Scenario, site: Site, units: Units | None, allotted: Allotted
) -> dict[str, float]:
    """Tell what transport work an allocation has, and would have otherwise; tonne-kilometres.

    See :func:`geoplan.haulage.compared_work`; ``least`` is the proven bound.
    """
    posed, solution = allotted.posed, allotted.solution
    if posed is None or solution is None:
        return {}
    sites = None if units is None else sites_of(site, units.table)
    told = compared_work(posed, scenario.allocate, solution.assignment, solution.blind, sites)
    for stage in solution.stages:
        if stage.name == TRANSPORT:
            told["least"] = 0.0 - stage.bound
    return {name: round(figure, 3) for name, figure in told.items()}


def sites_of(site: Site, units: pd.DataFrame) -> tuple[Names, Names] | None:
    """Tell which site each project and each unit is of; None where there is but one."""
    if site.projects is None or not site.origin:
        return None
    zone, project = site.origin["zones"], site.origin["projects"]
    if len({*zone.values()}) < 2:
        return None
    of_unit = np.array([zone[name] for name in units["zone_id"]], dtype=object)
    return np.array([project[name] for name in site.projects["project_id"]], dtype=object), of_unit


def told_of_aims(progress: Progress | None) -> Progress:
    """Return what tells of each objective as it is begun."""
    return lambda aim: progress(f"allocate: {aim}") if progress is not None else None


def allotted_on(
    site: Site, scenario: Scenario, units: Units, progress: Progress | None
) -> Allotted:
    """Seek a place for every project on units of land."""
    posed = posed_on(site, scenario, units)
    if posed is None:
        return Allotted(None, None)
    told = told_of_aims(progress)
    solution = solve(posed.problem, scenario.allocate, fixed=posed.fixed, progress=told)
    return Allotted(posed, solution)


def pieces_of(
    strips: Strips, units: Units, allotted: Allotted, scenario: Scenario
) -> tuple[Pieces, Integers]:
    """Areas to cut from each strip, largest first, the market's plots last; and whose they are."""
    if scenario.subdivide.mode == "given":
        whole = Pieces(np.arange(len(strips)), strips.widths.area_m2)
        owner = np.full(len(units.table), -1, dtype=np.intp)
        placed = np.flatnonzero(allotted.assignment.unit >= 0)
        owner[allotted.assignment.unit[placed]] = placed
        return whole, owner[units.of_strip]
    if allotted.posed is None:
        pieces = equal_pieces(strips, scenario.subdivide)
        return pieces, np.full(len(pieces.strip), -1, dtype=np.intp)
    assignment = allotted.assignment
    project = np.flatnonzero(assignment.unit >= 0)
    strip = assignment.unit[project]
    area_m2 = assignment.area_ha[project] * M2_PER_HA
    room_m2 = strips.table["area_ha"].to_numpy() * M2_PER_HA
    rest_m2 = room_m2 - np.bincount(strip, weights=area_m2, minlength=len(strips))
    left = np.flatnonzero(rest_m2 > MARKET_REST_HA * M2_PER_HA)
    least_m2 = strips.table["plot_area_min_ha"].to_numpy()[left] * M2_PER_HA
    most_m2 = strips.table["plot_area_max_ha"].to_numpy()[left] * M2_PER_HA
    market = divided(left, rest_m2[left], least_m2, most_m2, scenario.subdivide)
    all_strips = np.concatenate([strip, market.strip])
    areas = np.concatenate([area_m2, market.area_m2])
    holder = np.concatenate([project, np.full(len(market.strip), -1, dtype=np.intp)])
    order = np.lexsort((holder, -areas, holder < 0, all_strips))
    return Pieces(all_strips[order], areas[order]), holder[order]


def unmet(allotted: Allotted) -> tuple[Finding, ...]:
    """Name the areas asked for that no plot was cut for."""
    if allotted.posed is None:
        return ()
    projects = allotted.posed.asked.projects
    without = projects[allotted.assignment.unit < 0]
    if without.empty:
        return ()
    told = (
        f"{len(without)} of {len(projects)} areas asked for, {without['area_ha'].sum():.2f} of"
        f" {projects['area_ha'].sum():.2f} ha, have no plot: {shown(without['project_id'])}."
    )
    remedy = "'geoplan plan' gives the reason of each."
    return (Finding("warning", "areas asked for", "plots", "", told, remedy),)
