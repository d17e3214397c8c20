"""From a scenario to a plan: the stages joined, timed and signed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.pose import Posed, pose, welcome
from geoplan.allocate.problem import Assignment
from geoplan.allocate.solve import Solution, solve
from geoplan.audit import audit
from geoplan.balance import balance_of
from geoplan.config import Scenario, load_scenario
from geoplan.errors import GeoplanError, Problem, nearest_name
from geoplan.plan import PlanLayers
from geoplan.publish import read_plan, report_html, save, write_text
from geoplan.site import Finding, Site, findings_frame, read_site
from geoplan.site.checks import locks_of
from geoplan.site.surroundings import rail_land, surroundings
from geoplan.subdivide.demand import Demand, market_demand, spread_demand
from geoplan.subdivide.plots import (
    Pieces,
    Subdivision,
    cut,
    divided,
    equal_pieces,
    named_as_strips,
)
from geoplan.subdivide.quality import graded
from geoplan.subdivide.stage import LaidOut, lay_out, take_over
from geoplan.subdivide.strips import Strips
from geoplan.tables import (
    allocation_table,
    capacity_table,
    manifest_of,
    no_projects,
    stated_plots,
)
from geoplan.units import M2_PER_HA

if TYPE_CHECKING:
    import folium

Progress = Callable[[str], None]
Integers = NDArray[np.intp]

MARKET_REST_HA = 1e-6


@dataclass(frozen=True, eq=False)
class Plan(PlanLayers):
    """A plan as a notebook has it: its layers and tables, a map, and a way to save it."""

    def map(self) -> folium.Map:
        """Draw the plan; a notebook shows the result."""
        from geoplan.publish.map import plan_map

        return plan_map(self)

    def save(self, directory: str | Path, *, progress: Progress | None = None) -> Path:
        """Write all files of the plan, all or nothing; see :func:`geoplan.publish.save`."""
        return save(self, Path(directory), progress=progress)

    def save_map(self, path: str | Path) -> Path:
        """Write the map alone."""
        from geoplan.publish.map import map_html

        return write_text(map_html(self), Path(path))

    def save_report(self, path: str | Path) -> Path:
        """Write the report alone."""
        return write_text(report_html(self), Path(path))

    def audited(self) -> list[Finding]:
        """Check the plan again; see :func:`geoplan.audit.audit`."""
        return audit(self)

    def explained(self, project_id: str) -> dict[Any, Any]:
        """Say where a project stands, or why it has no plot.

        Raises
        ------
        GeoplanError
            If the plan knows no such project.
        """
        row = self.allocation[self.allocation["project_id"] == project_id]
        if row.empty:
            known = self.allocation["project_id"].astype(str)
            cause = f"the plan has no project '{project_id}'."
            raise GeoplanError([Problem("allocation", cause, nearest_name(project_id, known))])
        return row.iloc[0].to_dict()


@dataclass
class _Clock:
    """Seconds of each stage, and word of each beginning."""

    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        if self.progress is not None:
            self.progress(name)
        begun = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun


def run(scenario: str | Path | Scenario, *, progress: Progress | None = None) -> Plan:
    """Make a plan: read, subdivide, allocate, cut, audit.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A scenario file, or one already loaded.
    progress : callable, optional
        Told the name of each stage as it begins.

    Returns
    -------
    Plan

    Raises
    ------
    GeoplanError
        If scenario, layers or portfolio cannot be used, with all their problems.
    """
    clock = _Clock(progress)
    with clock.stage("read"):
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario)
        site = read_site(scenario)
    with clock.stage("subdivide"):
        laid_out = _laid_out(site, scenario)
        units = _units(site, scenario, laid_out.strips)
    with clock.stage("allocate"):
        allotted = _allotted(site, scenario, units, progress)
    with clock.stage("subdivide"):
        pieces, holder = _pieces(laid_out.strips, units, allotted, scenario)
        land = cut(
            site.zones,
            site.exclusions,
            laid_out.street_land,
            laid_out.strips,
            pieces,
            scenario.subdivide,
        )
        if scenario.subdivide.mode == "given":
            land = named_as_strips(land)
    with clock.stage("audit"):
        plan = _assembled(site, scenario, laid_out, land, allotted, holder)
        findings = [*site.findings, *audit(plan)]
        plan = replace(plan, findings=findings_frame(findings, site.crs))
    seconds = {name: round(value, 3) for name, value in clock.seconds.items()}
    return replace(plan, manifest={**plan.manifest, "stage_seconds": seconds})


def check(scenario: str | Path) -> Site:
    """Read a scenario and everything it names, and do nothing else.

    Raises
    ------
    GeoplanError
        With every problem of scenario, layers and portfolio.
    """
    return read_site(load_scenario(scenario))


def load(directory: str | Path) -> Plan:
    """Read a saved plan back.

    Raises
    ------
    GeoplanError
        If the folder holds no plan.
    """
    layers = read_plan(Path(directory))
    return Plan(**{name: getattr(layers, name) for name in PlanLayers.__dataclass_fields__})


@dataclass(frozen=True)
class _Units:
    """What the allocator is to fill: strips, or given plots; locks of several plots are one.

    Attributes
    ----------
    table : GeoDataFrame
        One row a unit.
    of_strip : ndarray of int
        Unit of each strip.
    """

    table: gpd.GeoDataFrame
    of_strip: Integers


@dataclass(frozen=True)
class _Allotted:
    """The answer, and the problem it answers; without a portfolio there is neither."""

    posed: Posed | None
    solution: Solution | None

    @property
    def assignment(self) -> Assignment:
        if self.solution is None:
            return Assignment(np.empty(0, dtype=np.intp), np.empty(0))
        return self.solution.assignment


def _asking(scenario: Scenario, site: Site) -> pd.DataFrame | None:
    """Return the portfolio that plots are sought for, if any."""
    return None if scenario.subdivide.mode == "grid" else site.projects


def _spz(scenario: Scenario) -> dict[int, float]:
    return dict(enumerate(scenario.norm_profile.spz.distance_m, start=1))


def _laid_out(site: Site, scenario: Scenario) -> LaidOut:
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


def _demands(site: Site, scenario: Scenario) -> dict[str, Demand]:
    """Ask of each plotted zone what the portfolio, or the market, would have there."""
    zones = site.zones[site.zones["use"].isin(scenario.subdivide.plotted_uses)]
    zones = zones.reset_index(drop=True)
    room_ha = zones.area.to_numpy() / M2_PER_HA
    projects = _asking(scenario, site)
    if projects is None:
        return dict(zip(zones["zone_id"], market_demand(room_ha, scenario.subdivide), strict=True))
    around = surroundings(
        site,
        zones,
        spz_distance_m=_spz(scenario),
        rail_reach_m=scenario.allocate.rail_reach_m,
        reach_m=0.0,
    )
    table = pd.DataFrame(zones[["zone_id", "use"]])
    spread = spread_demand(
        projects["area_ha"].to_numpy(dtype=float),
        projects["area_min_ha"].to_numpy(dtype=float),
        projects["area_max_ha"].to_numpy(dtype=float),
        welcome(projects, table, around, scenario.norm_profile),
        room_ha,
    )
    return dict(zip(zones["zone_id"], spread, strict=True))


def _units(site: Site, scenario: Scenario, strips: Strips) -> _Units:
    """Make units of strips; given plots are whole, and those of one lock go together."""
    table = strips.table.rename(columns={"strip_id": "unit_id"})
    if scenario.subdivide.mode != "given":
        return _Units(table.assign(divisible=True), np.arange(len(strips)))
    holders = {} if site.projects is None else locks_of(site.projects, site.plots)
    kept_by = table["unit_id"].map({plot: names[0] for plot, names in holders.items()})
    group = kept_by.fillna(table["unit_id"])
    market = table["unit_id"].map(site.plots.set_index("plot_id")["market"])
    table = table.assign(kept_by=kept_by, on_market=market == "for sale", divisible=False)
    merged = table.dissolve(group.to_numpy(), sort=False, aggfunc="first")
    for name in ("area_ha", "front_m", "plot_area_min_ha", "plot_area_max_ha"):
        merged[name] = table[name].groupby(group.to_numpy(), sort=False).sum()
    names = table["unit_id"].groupby(group.to_numpy(), sort=False).agg(";".join)
    of_strip = pd.Index(merged.index).get_indexer(group)
    return _Units(merged.assign(unit_id=names).reset_index(drop=True), of_strip)


def _allotted(
    site: Site, scenario: Scenario, units: _Units, progress: Progress | None
) -> _Allotted:
    projects = _asking(scenario, site)
    if projects is None:
        return _Allotted(None, None)
    norms = scenario.norm_profile
    around = surroundings(
        site,
        units.table,
        spz_distance_m=_spz(scenario),
        rail_reach_m=scenario.allocate.rail_reach_m,
        reach_m=max(*norms.spz.distance_m, scenario.allocate.apart_m),
    )
    table = pd.DataFrame(units.table.drop(columns="geometry"))
    utilities = pd.DataFrame(site.utilities.drop(columns="geometry"))
    posed = pose(projects, table, around, utilities, norms, apart_m=scenario.allocate.apart_m)

    def told(objective: str) -> None:
        if progress is not None:
            progress(f"allocate: {objective}")

    solution = solve(posed.problem, scenario.allocate, fixed=posed.fixed, progress=told)
    return _Allotted(posed, solution)


def _pieces(
    strips: Strips, units: _Units, allotted: _Allotted, scenario: Scenario
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
    market = divided(left, rest_m2[left], least_m2, scenario.subdivide)
    all_strips = np.concatenate([strip, market.strip])
    areas = np.concatenate([area_m2, market.area_m2])
    holder = np.concatenate([project, np.full(len(market.strip), -1, dtype=np.intp)])
    order = np.lexsort((holder, -areas, holder < 0, all_strips))
    return Pieces(all_strips[order], areas[order]), holder[order]


def _assembled(
    site: Site,
    scenario: Scenario,
    laid_out: LaidOut,
    land: Subdivision,
    allotted: _Allotted,
    holder: Integers,
) -> Plan:
    projects = no_projects() if site.projects is None else site.projects
    plots = graded(land.plots, land.land, laid_out.streets, site.gates)
    plots = stated_plots(plots, holder[plots["piece"].to_numpy()], site, projects)
    stages = () if allotted.solution is None else allotted.solution.stages
    return Plan(
        name=site.name,
        notice=site.notice,
        zones=land.zones,
        exclusions=site.exclusions,
        gates=site.gates,
        utilities=site.utilities,
        receptors=site.receptors,
        streets=laid_out.streets,
        land=land.land,
        plots=plots,
        projects=projects,
        allocation=allocation_table(projects, plots, allotted.posed, allotted.assignment),
        capacities=capacity_table(site, allotted.posed, allotted.assignment),
        balance=balance_of(land.land, scenario.norm_profile),
        findings=findings_frame([], site.crs),
        spz_distance_m=_spz(scenario),
        manifest=manifest_of(site, scenario, laid_out, stages),
    )
