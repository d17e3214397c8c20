"""Land cut for those who are placed on it: afresh, or again from an earlier plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geoplan.config import Scenario
from geoplan.gains import Moves
from geoplan.moves import planned_on_given, planned_with_moves
from geoplan.naming import named_as_before
from geoplan.pipeline.clock import Clock
from geoplan.plan import PlanLayers
from geoplan.proposals import proposals
from geoplan.rerun import (
    Rerun,
    drawn_land,
    laid_out_before,
    locked_as_before,
    planned_again,
    recut,
)
from geoplan.site import Site
from geoplan.stages import (
    Allotted,
    Progress,
    Units,
    allotted_on,
    laid_out_on,
    pieces_of,
    posed_on,
    regrouped_on,
    units_of,
)
from geoplan.subdivide.plots import Subdivision, cut, named_as_strips
from geoplan.subdivide.stage import LaidOut


@dataclass(frozen=True)
class CutLand:
    """The stages' results.

    Attributes
    ----------
    site : Site
        The one given, but that given plots are regrouped.
    laid_out : LaidOut
        Streets and strips.
    land : Subdivision
        The land cut; each plot knows the piece that it was cut as.
    allotted : Allotted
        Who stands where.
    holder : ndarray of int, shape (pieces,)
        Row of each piece's project, -1 where it is free.
    asked_ha : ndarray of float, shape (pieces,), optional
        The need that each free piece was cut for; NaN where it was cut for none.
    again : Rerun, optional
        The earlier plan whose streets these are.
    moves : Moves, optional
        Who has moved since, where an earlier plan says who stood where.
    proposed : GeoDataFrame, optional
        Merges and splits of given plots for those who have none.
    units : Units, optional
        What was allotted.
    """

    site: Site
    laid_out: LaidOut
    land: Subdivision
    allotted: Allotted
    holder: NDArray[np.intp]
    asked_ha: NDArray[np.float64] | None = None
    again: Rerun | None = None
    moves: Moves | None = None
    proposed: gpd.GeoDataFrame | None = None
    units: Units | None = None


def cut_land(site: Site, scenario: Scenario, earlier: PlanLayers | None, clock: Clock) -> CutLand:
    """Subdivide, allocate and cut; in an earlier plan's streets if there is one.

    A cadastre is its own streets and plots: there, an earlier plan only says who stood where.

    Parameters
    ----------
    site : Site
    scenario : Scenario
    earlier : PlanLayers or None
    clock : Clock

    Raises
    ------
    GeoplanError
        If the earlier plan is of other land, or plots are claimed twice.
    """
    if earlier is None:
        return _afresh(site, scenario, None, clock)
    if scenario.subdivide.mode == "given":
        return _afresh(locked_as_before(site, earlier), scenario, earlier, clock)
    return _again(site, scenario, earlier, clock)


def left_free(done: CutLand) -> CutLand:
    """Leave all plots free, each with the need that it was cut for.

    What the solver has proven of the areas cut stays known.
    """
    asked_ha = np.full(len(done.holder), np.nan)
    if done.site.projects is not None:
        cut_for = done.holder >= 0
        areas_ha = done.site.projects["area_ha"].to_numpy(dtype=float)
        asked_ha[cut_for] = areas_ha[done.holder[cut_for]]
    return replace(
        done,
        site=replace(done.site, projects=None),
        allotted=replace(done.allotted, posed=None),
        holder=np.full(len(done.holder), -1, dtype=np.intp),
        asked_ha=asked_ha,
    )


def _afresh(site: Site, scenario: Scenario, earlier: PlanLayers | None, clock: Clock) -> CutLand:
    with clock.stage("subdivide"):
        laid_out = laid_out_on(site, scenario)
        site, laid_out = regrouped_on(site, scenario, laid_out)
        units = replace(units_of(site, scenario, laid_out.strips), streets=laid_out.streets)
    with clock.stage("allocate"):
        allotted, moves = _placed(site, scenario, units, earlier, clock.progress)
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
    return CutLand(
        site, laid_out, land, allotted, holder, moves=moves, proposed=proposed, units=units
    )


def _placed(
    site: Site,
    scenario: Scenario,
    units: Units,
    earlier: PlanLayers | None,
    progress: Progress | None,
) -> tuple[Allotted, Moves | None]:
    """Place everybody; on given plots, those of an earlier plan move only where that pays."""
    posed = None if earlier is None else posed_on(site, scenario, units)
    if earlier is None or posed is None:
        return allotted_on(site, scenario, units, progress), None
    return planned_on_given(posed, scenario.allocate, earlier, progress)


def _proposed(
    site: Site, scenario: Scenario, laid_out: LaidOut, units: Units, allotted: Allotted
) -> gpd.GeoDataFrame | None:
    """Propose merges and splits of given plots for those who have none."""
    if scenario.subdivide.mode != "given" or allotted.posed is None:
        return None
    return proposals(
        site, scenario, units.table, laid_out.street_land, allotted.posed, allotted.assignment
    )


def _again(site: Site, scenario: Scenario, earlier: PlanLayers, clock: Clock) -> CutLand:
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
    return CutLand(
        site, laid_out, land, allotted, cutting.tenant, again=again, moves=moves, units=again.units
    )
