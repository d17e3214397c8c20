"""From a scenario to a plan: the stages joined, timed and signed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.advice import advice, advice_on
from geoplan.audit import audit
from geoplan.balance import balance_of
from geoplan.changes import changes_between
from geoplan.comparison import Comparison, compared
from geoplan.config import Scenario, at_move_price, load_scenario
from geoplan.errors import GeoplanError, Problem, Problems, nearest_name
from geoplan.gains import Moves, reasons_of_moves
from geoplan.moves import planned_on_given, planned_with_moves
from geoplan.naming import named_as_before, retired_ids
from geoplan.plan import PlanLayers, no_proposals
from geoplan.proposals import proposals
from geoplan.publish import GEOPACKAGE_NAME, read_plan, report_html, save, write_text
from geoplan.rerun import (
    Rerun,
    asked_before,
    drawn_land,
    held_plots,
    laid_out_before,
    locked_as_before,
    planned_again,
    recut,
    sold_before,
)
from geoplan.site import Finding, Site, findings_frame, read_site
from geoplan.stages import (
    Allotted,
    Progress,
    Units,
    allotted_on,
    laid_out_on,
    pieces_of,
    posed_on,
    regrouped_on,
    spz_distances,
    units_of,
    unmet,
)
from geoplan.subdivide.keep import strip_layer
from geoplan.subdivide.plots import Subdivision, cut, named_as_strips
from geoplan.subdivide.quality import graded
from geoplan.subdivide.stage import LaidOut
from geoplan.tables import (
    allocation_table,
    capacity_table,
    manifest_of,
    no_projects,
    stated_plots,
)
from geoplan.unchanged import roads_mark

if TYPE_CHECKING:
    import folium
    import geopandas as gpd

Integers = NDArray[np.intp]


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
        told = row.iloc[0].to_dict()
        if pd.isna(told.get("waiting")):
            told.pop("waiting", None)  # who has a plot, or has withdrawn, waits for nothing
        return told | advice_on(self, project_id)


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


def run(
    scenario: str | Path | Scenario,
    *,
    previous: str | Path | PlanLayers | None = None,
    move_price_bn_kzt: float | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Make a plan: read, subdivide, allocate, cut, audit.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A scenario file, or one already loaded.
    previous : str, Path or PlanLayers, optional
        An earlier plan of the same land, or its folder, to plan again from: its streets stay,
        plots of those who have a contract or name their plot stay as they are, and strips are
        cut again only where they must be. :attr:`PlanLayers.changes` tells what became of it.
    move_price_bn_kzt : float, optional
        Taken instead of the scenario's ``[allocate] move_price_bn_kzt``.
    progress : callable, optional
        Told the name of each stage as it begins.

    Returns
    -------
    Plan

    Raises
    ------
    GeoplanError
        If scenario, layers or portfolio cannot be used, or the earlier plan is of other land,
        with all their problems.
    """
    clock = _Clock(progress)
    with clock.stage("read"):
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario)
        if move_price_bn_kzt is not None:
            scenario = at_move_price(scenario, move_price_bn_kzt)
        earlier = previous if isinstance(previous, PlanLayers | None) else load(previous)
        site = read_site(scenario, drawn=None if earlier is None else earlier.plots["plot_id"])
    if earlier is None:
        cut_land = _afresh(site, scenario, clock)
    elif scenario.subdivide.mode == "given":
        cut_land = _afresh(locked_as_before(site, earlier), scenario, clock, earlier)
    else:
        cut_land = _again(site, scenario, earlier, clock)
    with clock.stage("audit"):
        plan = _assembled(scenario, cut_land)
        if earlier is not None:
            why = reasons_of_moves(cut_land.moves)
            held = _why_held(earlier, site)
            plan = replace(plan, changes=changes_between(earlier, plan, held, why))
        if isinstance(previous, str | Path):
            digest = sha256((Path(previous) / GEOPACKAGE_NAME).read_bytes()).hexdigest()
            plan = replace(plan, manifest={**plan.manifest, "previous": digest})
    with clock.stage("explain"):
        said = advice(plan, cut_land.site, scenario, cut_land.allotted)
        plan = replace(plan, reasons=said.reasons, remedies=said.remedies, margins=said.margins)
    return _audited(plan, site, clock)


def divide(
    scenario: str | Path | Scenario, *, mode: str | None = None, progress: Progress | None = None
) -> Plan:
    """Divide land alone: streets, strips and plots, and nobody is given any of them.

    In mode ``to-measure`` the portfolio says which areas are cut, each where all rules would
    let its project stand (``asked_ha`` tells for which need a plot was cut); in ``grid`` plots
    have the wanted size; in ``given`` they are the cadastre's. The latter two read no portfolio.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A scenario file, or one already loaded.
    mode : str, optional
        Taken instead of a scenario file's ``[subdivide] mode``.
    progress : callable, optional
        Told the name of each stage as it begins.

    Returns
    -------
    Plan
        With an empty allocation, and all plots free.

    Raises
    ------
    GeoplanError
        If scenario, layers or portfolio cannot be used, with all their problems.
    """
    clock = _Clock(progress)
    with clock.stage("read"):
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario, mode=mode)
        elif mode is not None:
            raise TypeError("a scenario that is loaded already has its mode")
        if scenario.subdivide.mode != "to-measure":
            scenario = scenario.model_copy(update={"portfolio": None})
        site = read_site(scenario)
    cut_land = _afresh(site, scenario, clock)
    with clock.stage("audit"):
        plan = _assembled(scenario, cut_land, given_away=False)
    return _audited(plan, site, clock, unmet(cut_land.allotted))


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


def compare(a: str | Path | PlanLayers, b: str | Path | PlanLayers) -> Comparison:
    """Put two plans side by side.

    Parameters
    ----------
    a, b : str, Path or PlanLayers
        Plans, or the folders that they are saved in.

    Returns
    -------
    Comparison
        Frames: figures, balance, streets, capacities, objectives, projects.

    Raises
    ------
    GeoplanError
        If a folder holds no plan.
    """
    problems, plans = Problems(), []
    for each in (a, b):
        try:
            plans.append(each if isinstance(each, PlanLayers) else load(each))
        except GeoplanError as error:
            problems.take(error)
    problems.raise_any()
    names = [letter if isinstance(each, PlanLayers) else str(each) for letter, each in
             zip("AB", (a, b), strict=True)]  # fmt: skip
    return compared(plans[0], plans[1], labels=(names[0], names[1]))


@dataclass(frozen=True)
class _CutLand:
    """The stages' results: streets and strips, the land cut, and whose its pieces are.

    The site is the one given, but that given plots are regrouped.
    """

    site: Site
    laid_out: LaidOut
    land: Subdivision
    allotted: Allotted
    holder: Integers
    again: Rerun | None = None
    moves: Moves | None = None
    proposed: gpd.GeoDataFrame | None = None


def _afresh(
    site: Site, scenario: Scenario, clock: _Clock, earlier: PlanLayers | None = None
) -> _CutLand:
    moves: Moves | None = None
    with clock.stage("subdivide"):
        laid_out = laid_out_on(site, scenario)
        site, laid_out = regrouped_on(site, scenario, laid_out)
        units = units_of(site, scenario, laid_out.strips)
    with clock.stage("allocate"):
        posed = None if earlier is None else posed_on(site, scenario, units)
        if earlier is None or posed is None:
            allotted = allotted_on(site, scenario, units, clock.progress)
        else:
            allotted, moves = planned_on_given(posed, scenario.allocate, earlier, clock.progress)
        proposed = _proposed(site, scenario, laid_out, units, allotted)
    with clock.stage("subdivide"):
        pieces, holder = pieces_of(laid_out.strips, units, allotted, scenario)
        land = cut(
            site.zones,
            site.exclusions,
            laid_out.street_parts,
            laid_out.strips,
            pieces,
            scenario.subdivide,
        )
        if scenario.subdivide.mode == "given":
            land = named_as_strips(land)
    return _CutLand(site, laid_out, land, allotted, holder, moves=moves, proposed=proposed)


def _again(site: Site, scenario: Scenario, earlier: PlanLayers, clock: _Clock) -> _CutLand:
    with clock.stage("subdivide"):
        again = planned_again(site, scenario, earlier)
    with clock.stage("allocate"):
        again, allotted, moves = planned_with_moves(again, site, scenario, clock.progress)
    with clock.stage("subdivide"):
        cutting = recut(again, allotted, scenario)
        laid_out = laid_out_before(again, cutting)
        zones, exclusions = drawn_land(again, site)
        land = cut(
            zones,
            exclusions,
            laid_out.street_parts,
            cutting.strips,
            cutting.pieces,
            scenario.subdivide,
        )
        land = named_as_before(land, again, cutting, precision_m=scenario.subdivide.precision_m)
    return _CutLand(site, laid_out, land, allotted, cutting.tenant, again, moves)


def _proposed(
    site: Site, scenario: Scenario, laid_out: LaidOut, units: Units, allotted: Allotted
) -> gpd.GeoDataFrame | None:
    """Propose merges and splits of given plots for those who have none."""
    if scenario.subdivide.mode != "given" or allotted.posed is None:
        return None
    return proposals(
        site, scenario, units.table, laid_out.street_land, allotted.posed, allotted.assignment
    )


def _why_held(earlier: PlanLayers, site: Site) -> pd.Series[str]:
    held = held_plots(earlier.plots, site.projects)
    return pd.Series(held["why"].to_numpy(), index=earlier.plots["plot_id"].to_numpy())


def _assembled(scenario: Scenario, done: _CutLand, *, given_away: bool = True) -> Plan:
    """Join the results to a plan; land that is not given away has no projects either."""
    site, land, again = done.site, done.land, done.again
    asking = no_projects() if site.projects is None else site.projects
    projects = asking if given_away else no_projects()
    holder = done.holder[land.plots["piece"].to_numpy()]
    plots = graded(land.plots, land.land, done.laid_out.streets, site.gates)
    plots = plots.assign(asked_ha=_asked_ha(asking, holder, given_away=given_away))
    if again is not None:
        plots = asked_before(plots, again)
    owner = holder if given_away else np.full(len(holder), -1, dtype=np.intp)
    plots = stated_plots(plots, owner, site, projects)
    if again is not None:
        plots = sold_before(plots, again)
    solution, nobody = done.allotted.solution, Allotted(None, None)
    allotted = done.allotted if given_away else nobody
    strips = done.laid_out.strips
    manifest = dict(manifest_of(site, scenario, done.laid_out, solution.stages if solution else ()))
    manifest["roads"] = roads_mark(site)
    if again is not None:
        manifest["retired_ids"] = retired_ids(again, land)
    if done.moves is not None:
        manifest["replan"] = done.moves.record()
    proposed = no_proposals(site.crs) if done.proposed is None else done.proposed
    return Plan(
        name=site.name,
        notice=site.notice,
        zones=land.zones,
        exclusions=site.exclusions,
        gates=site.gates,
        utilities=site.utilities,
        receptors=site.receptors,
        streets=done.laid_out.streets,
        strips=strip_layer(strips, plots) if again is None else again.earlier.strips,
        land=land.land,
        plots=plots,
        projects=projects,
        allocation=allocation_table(projects, plots, allotted.posed, allotted.assignment),
        capacities=capacity_table(site, allotted.posed, allotted.assignment),
        balance=balance_of(land.land, scenario.norm_profile),
        proposals=proposed,
        findings=findings_frame([], site.crs),
        spz_distance_m=spz_distances(scenario),
        manifest=manifest,
    )


def _asked_ha(asking: pd.DataFrame, holder: Integers, *, given_away: bool) -> NDArray[np.float64]:
    """Tell which need each free plot was cut for; those given away have their project's."""
    asked = np.full(len(holder), np.nan)
    cut_for = holder >= 0
    if cut_for.any() and not given_away:
        asked[cut_for] = asking["area_ha"].to_numpy(dtype=float)[holder[cut_for]]
    return asked


def _audited(plan: Plan, site: Site, clock: _Clock, findings: tuple[Finding, ...] = ()) -> Plan:
    """Add what was found in reading and is found in the audit, and the time that all of it took."""
    with clock.stage("audit"):
        told = [*site.findings, *findings, *audit(plan)]
        plan = replace(plan, findings=findings_frame(told, site.crs))
    seconds = {name: round(value, 3) for name, value in clock.seconds.items()}
    return replace(plan, manifest={**plan.manifest, "stage_seconds": seconds})
