"""The stages' results put together to a plan: its layers, tables and manifest."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geoplan.allocate.problem import flowing
from geoplan.balance import balance_of
from geoplan.changes import changes_between
from geoplan.config import Scenario
from geoplan.decisions import PINNED, decided_reasons, decisions_of
from geoplan.gains import Moves, reasons_of_moves
from geoplan.haulage import hauls, no_hauls
from geoplan.naming import retired_ids
from geoplan.pipeline.land import CutLand
from geoplan.pipeline.plan import Plan
from geoplan.pipeline.years import in_years
from geoplan.plan import PlanLayers, no_proposals
from geoplan.rerun import NAMED, asked_before, held_now, sold_before
from geoplan.site import Site, findings_frame
from geoplan.site.schema import YEAR_COLUMNS
from geoplan.stages import plots_in_time, spz_distances, transport_told
from geoplan.subdivide.keep import strip_layer
from geoplan.subdivide.quality import graded
from geoplan.tables import (
    allocation_table,
    capacity_table,
    manifest_of,
    no_projects,
    stated_plots,
)
from geoplan.unchanged import roads_mark


def assembled(scenario: Scenario, done: CutLand) -> Plan:
    """Join the stages' results to a plan that is yet to be explained and audited.

    Parameters
    ----------
    scenario : Scenario
    done : CutLand
    """
    site, land, again, allotted = done.site, done.land, done.again, done.allotted
    projects = no_projects() if site.projects is None else _stated(site.projects)
    plots = plots_in_time(_plots(done, projects), site, scenario)
    strips = strip_layer(done.laid_out.strips, plots) if again is None else again.earlier.strips
    plan = Plan(
        name=site.name,
        notice=site.notice,
        zones=land.zones,
        exclusions=site.exclusions,
        gates=site.gates,
        utilities=site.utilities,
        receptors=site.receptors,
        streets=done.laid_out.streets,
        strips=strips,
        land=land.land,
        plots=plots,
        projects=projects,
        allocation=allocation_table(projects, plots, allotted.posed, allotted.assignment),
        capacities=capacity_table(site, allotted.posed, allotted.assignment),
        balance=balance_of(land.land, scenario.norm_profile),
        proposals=no_proposals(site.crs) if done.proposed is None else done.proposed,
        findings=findings_frame([], site.crs),
        spz_distance_m=spz_distances(scenario),
        manifest=_manifest(scenario, done),
        flows=_flows(done, plots),
    )
    return in_years(plan, scenario, done)


def _stated(projects: pd.DataFrame) -> pd.DataFrame:
    """Leave out columns of years that nobody states anything in."""
    silent = [name for name in YEAR_COLUMNS if name in projects and projects[name].isna().all()]
    return projects.drop(columns=silent)


def changes_since(
    earlier: PlanLayers, plan: PlanLayers, site: Site, moves: Moves | None
) -> pd.DataFrame:
    """List what became of an earlier plan; see :func:`geoplan.changes.changes_between`.

    Parameters
    ----------
    earlier, plan : PlanLayers
    site : Site
        With the portfolio as it was read: it says which earlier plots were held.
    moves : Moves or None
    """
    held, decisions = held_now(earlier, site), decisions_of(earlier)
    why = pd.Series(held["why"].to_numpy(), index=earlier.plots["plot_id"].to_numpy())
    pinned = why.index.isin(list(decisions.holder_of()))
    why = why.mask((why == NAMED) & pinned, PINNED)
    reasons = reasons_of_moves(moves) | decided_reasons(earlier, decisions)
    return changes_between(earlier, plan, why, reasons)


def _plots(done: CutLand, projects: pd.DataFrame) -> gpd.GeoDataFrame:
    """Measure the plots, and say whose they are and in which state."""
    site, land = done.site, done.land
    piece = land.plots["piece"].to_numpy()
    plots = graded(land.plots, land.land, done.laid_out.streets, site.gates)
    plots = plots.assign(asked_ha=np.nan if done.asked_ha is None else done.asked_ha[piece])
    plots = stated_plots(plots, done.holder[piece], site, projects)
    return plots if done.again is None else sold_before(asked_before(plots, done.again), done.again)


def _flows(done: CutLand, plots: gpd.GeoDataFrame) -> pd.DataFrame:
    if not len(done.site.flows):
        return no_hauls()
    return hauls(done.site.flows, plots, done.laid_out.streets, done.site.gates)


def _manifest(scenario: Scenario, done: CutLand) -> dict[str, Any]:
    solution = done.allotted.solution
    stages = () if solution is None else solution.stages
    manifest = dict(manifest_of(done.site, scenario, done.laid_out, stages))
    manifest["roads"] = roads_mark(done.site)
    posed = done.allotted.posed
    if solution is not None and posed is not None and flowing(posed.problem):
        manifest["transport"] = transport_told(scenario, done.site, done.units, done.allotted)
    if done.again is not None:
        manifest["retired_ids"] = retired_ids(done.again, done.land)
    if done.moves is not None:
        manifest["replan"] = done.moves.record()
    return manifest
