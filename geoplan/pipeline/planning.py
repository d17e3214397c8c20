"""The ways to a plan: all of it, the land alone, or no more than reading what it needs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from geoplan.advice import advice
from geoplan.audit import audit
from geoplan.config import Scenario, at_move_price, load_scenario
from geoplan.decisions import (
    DECISIONS,
    LINEAGE,
    Decisions,
    as_decided,
    decisions_of,
    lapsed,
    with_decisions,
)
from geoplan.pipeline.assembly import assembled, changes_since
from geoplan.pipeline.clock import Clock
from geoplan.pipeline.land import cut_land, left_free
from geoplan.pipeline.plan import Plan
from geoplan.pipeline.saved import load, package_digest, scenario_record
from geoplan.plan import PlanLayers
from geoplan.site import Finding, Site, findings_frame, read_site
from geoplan.stages import Progress, unmet


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
    clock, written = Clock(progress), scenario
    with clock.stage("read"):
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario)
        if move_price_bn_kzt is not None:
            scenario = at_move_price(scenario, move_price_bn_kzt)
        earlier = previous if isinstance(previous, PlanLayers | None) else load(previous)
    plan = planned(scenario, earlier, clock)
    told: dict[str, Any] = {}
    if isinstance(written, str | Path):
        told["scenario"] = scenario_record(Path(written))
    if isinstance(previous, str | Path):
        told["previous"] = package_digest(Path(previous))
    return replace(plan, manifest={**plan.manifest, **told})


def planned(
    scenario: Scenario,
    earlier: PlanLayers | None,
    clock: Clock,
    decisions: Decisions | None = None,
) -> Plan:
    """Make a plan of a scenario that is loaded; see :func:`run`.

    Parameters
    ----------
    scenario : Scenario
    earlier : PlanLayers or None
    clock : Clock
    decisions : Decisions, optional
        What holds besides the portfolio; that of the earlier plan if nothing else is said.
    """
    with clock.stage("read"):
        site = read_site(scenario, drawn=None if earlier is None else earlier.plots["plot_id"])
        if earlier is not None:
            asked = lapsed(decisions or decisions_of(earlier), site.projects)
            earlier = with_decisions(earlier, asked)
            drawn = site.plots if scenario.subdivide.mode == "given" else earlier.plots
            site = as_decided(site, asked, {*drawn["plot_id"], *scenario.subdivide.new_plot_ids})
    return planned_on(site, scenario, earlier, clock)


def planned_on(site: Site, scenario: Scenario, earlier: PlanLayers | None, clock: Clock) -> Plan:
    """Make a plan of a site that is read; see :func:`run`.

    Parameters
    ----------
    site : Site
    scenario : Scenario
    earlier : PlanLayers or None
    clock : Clock
    """
    done = cut_land(site, scenario, earlier, clock)
    with clock.stage("assemble"):
        plan = assembled(scenario, done)
        if earlier is not None:
            past = {name: earlier.manifest[name] for name in (DECISIONS, LINEAGE)}
            plan = replace(
                plan,
                changes=changes_since(earlier, plan, site, done.moves),
                manifest={**plan.manifest, **past},
            )
    with clock.stage("explain"):
        said = advice(plan, done.site, scenario, done.allotted)
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
    clock = Clock(progress)
    with clock.stage("read"):
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario, mode=mode)
        elif mode is not None:
            raise TypeError("a scenario that is loaded already has its mode")
        if scenario.subdivide.mode != "to-measure":
            scenario = scenario.model_copy(update={"portfolio": None})
        site = read_site(scenario)
    done = cut_land(site, scenario, None, clock)
    with clock.stage("assemble"):
        plan = assembled(scenario, left_free(done))
    return _audited(plan, site, clock, unmet(done.allotted))


def check(scenario: str | Path) -> Site:
    """Read a scenario and everything it names, and do nothing else.

    Raises
    ------
    GeoplanError
        With every problem of scenario, layers and portfolio.
    """
    return read_site(load_scenario(scenario))


def _audited(plan: Plan, site: Site, clock: Clock, findings: tuple[Finding, ...] = ()) -> Plan:
    """Add what was found in reading and is found in the audit, and the time that all of it took."""
    with clock.stage("audit"):
        told = [*site.findings, *findings, *audit(plan)]
        plan = replace(plan, findings=findings_frame(told, site.crs))
    seconds = {name: round(value, 3) for name, value in clock.seconds.items()}
    return replace(plan, manifest={**plan.manifest, "stage_seconds": seconds})
