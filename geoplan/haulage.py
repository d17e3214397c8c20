"""Goods on the street network: flows as allocator and plan know them, and what they cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.allocate.flows import Flows
from geoplan.allocate.model import Limits
from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import (
    TRANSPORT,
    AllocationProblem,
    Assignment,
    only,
    sending,
    value_of,
)
from geoplan.allocate.relocation import relocated
from geoplan.config import AllocateSettings
from geoplan.site.flows import FLOW_COLUMNS, flow_table
from geoplan.subdivide.network import middles_of_fronts, ways_m

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Ids = NDArray[np.object_]

M_PER_KM = 1000.0
OWN_FRONT_SHARE = 1.0 / 3.0
"""Mean distance of two places on a front, of its length."""
DETOUR = 2.0
"""Where there is no way, it counts as so many times the longest one."""
HAUL_COLUMNS = (*FLOW_COLUMNS, "km")


def no_hauls() -> pd.DataFrame:
    """Return the flows of a plan for which none was asked."""
    return flow_table().assign(km=pd.Series(dtype="float64"))


def with_flows(
    posed: Posed, units: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, gates: gpd.GeoDataFrame,
    flows: pd.DataFrame,
) -> Posed:  # fmt: skip
    """Add flows to a problem, with the ways between its units along the streets.

    Parameters
    ----------
    posed : Posed
    units : GeoDataFrame
        Strips or plots, in the problem's order: ``front_m, divisible``. Goods leave a unit in the
        middle of its front; two projects on one unit are a third of it from each other.
    streets : GeoDataFrame
        Centrelines and ``row_m``.
    gates : GeoDataFrame
        ``gate_id``.
    flows : DataFrame
        Columns :data:`geoplan.site.flows.FLOW_COLUMNS`. Each counts in full, whatever its years.
    """
    km = _all_km(streets, units, gates)
    count = len(units)
    finite = km[np.isfinite(km)]
    km = np.where(np.isfinite(km), km, DETOUR * float(finite.max(initial=0.0)))
    own = np.where(units["divisible"], units["front_m"], 0.0).astype(float)
    between = km[:count, :count].copy()
    np.fill_diagonal(between, OWN_FRONT_SHARE * own / M_PER_KM)
    problem = posed.problem
    rows = pd.Index(posed.asked.projects["project_id"].astype(str))
    doors = pd.Index(gates["gate_id"].astype(str))
    ends = [_ends(flows[name], rows, doors) for name in ("from_id", "to_id")]
    tonnes = flows["t_year"].to_numpy(dtype=float)
    (one, door), (other, other_door) = ends
    both = (one >= 0) & (other >= 0)
    low, high = np.minimum(one, other)[both], np.maximum(one, other)[both]
    key, at = np.unique(low * problem.projects + high, return_inverse=True)
    summed = np.bincount(at, weights=tonnes[both], minlength=len(key)).astype(np.float64)
    to_gate = np.zeros((problem.projects, len(gates)))
    for project, gate in ((one, other_door), (other, door)):
        mine = (project >= 0) & (gate >= 0)
        np.add.at(to_gate, (project[mine], gate[mine]), tonnes[mine])
    cost = to_gate @ km[count:, :count]
    first, second = np.divmod(key, max(problem.projects, 1))
    sent = Flows(first.astype(np.intp), second.astype(np.intp), summed, between)
    elsewhere = -cost[problem.pair_project, problem.pair_unit]
    return replace(posed, problem=sending(problem, sent, elsewhere))


def _ends(names: pd.Series[Any], rows: pd.Index, doors: pd.Index) -> tuple[Integers, Integers]:
    """Rows of the projects and of the gates that are named, -1 for the others."""
    text = pd.Index(names.astype(str))
    project = rows.get_indexer(text).astype(np.intp)
    return project, np.where(project < 0, doors.get_indexer(text), -1).astype(np.intp)


def _all_km(streets: gpd.GeoDataFrame, land: gpd.GeoDataFrame, gates: gpd.GeoDataFrame) -> Floats:
    """Ways between pieces of land, then gates, km; infinite where there is none."""
    lines = np.asarray(streets.geometry.array, dtype=object)
    doors = np.asarray(gates.geometry.array, dtype=object)
    shapes = np.asarray(land.geometry.array, dtype=object)
    if not len(lines):
        return ways_m(lines, np.concatenate([shapes, doors])) / M_PER_KM
    places = middles_of_fronts(lines, streets["row_m"].to_numpy(dtype=float), shapes)
    return ways_m(lines, np.concatenate([places, doors])) / M_PER_KM


def hauls(
    flows: pd.DataFrame,
    plots: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Measure flows from plot to plot, as they are cut.

    Parameters
    ----------
    flows : DataFrame
        Columns :data:`geoplan.site.flows.FLOW_COLUMNS`.
    plots : GeoDataFrame
        ``project_id``; who has several plots sends from the first by id.
    streets, gates : GeoDataFrame

    Returns
    -------
    DataFrame
        The flows both ends of which have their place, with ``km`` along the streets; null where
        there is no way. Columns :data:`HAUL_COLUMNS`.
    """
    ends = pd.concat([flows["from_id"], flows["to_id"]]).astype(str)
    held = _first_plots(plots)
    held = held[held["project_id"].astype(str).isin(ends)]
    names = pd.Index([*held["project_id"].astype(str), *gates["gate_id"].astype(str)])
    row = [names.get_indexer(flows[name].astype(str)) for name in ("from_id", "to_id")]
    there = (row[0] >= 0) & (row[1] >= 0)
    if not there.any():
        return no_hauls()
    km = _all_km(streets, held, gates)[row[0][there], row[1][there]]
    table = pd.DataFrame(flows[there]).reset_index(drop=True)
    table["km"] = np.where(np.isfinite(km), km.round(6), np.nan)
    return table


def _first_plots(plots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep of each project the first plot by id: there its goods come and go."""
    held = plots[plots["project_id"].notna()].sort_values("plot_id")
    return held.drop_duplicates("project_id")


def compared_work(
    posed: Posed,
    settings: AllocateSettings,
    now: Assignment,
    blind: Assignment | None,
    sites: tuple[Ids, Ids] | None,
) -> dict[str, float]:
    """Tell the transport work of an allocation, and what it would be otherwise.

    Parameters
    ----------
    posed : Posed
    settings : AllocateSettings
    now : Assignment
    blind : Assignment or None
        Where everybody would stand if flows were ignored.
    sites : tuple or None
        Site of each project and of each unit, where there are several.

    Returns
    -------
    dict
        Tonne-kilometres a year, ways taken from the middles of strips: ``now``; ``blind``, with
        the same projects placed; and ``alone``, from there, if each project moves on its own
        site's land alone, and minds nobody but its own site's projects and the gates.
    """
    problem = posed.problem
    told = {"now": -value_of(problem, TRANSPORT, now)}
    if blind is None:
        return told
    told["blind"] = -value_of(problem, TRANSPORT, blind)
    if sites is not None:
        mine = _within_sites(problem, blind, sites[0], sites[1])
        limits = Limits(0.0, settings.work_limit, settings.time_limit_s, settings.seed)
        found = relocated(mine, blind, {}, limits).assignment
        told["alone"] = -value_of(problem, TRANSPORT, found)
    return told


def _within_sites(
    problem: AllocationProblem, stands: Assignment, of_project: Ids, of_unit: Ids
) -> AllocationProblem:
    """Keep what flows within one site, and the pairs of a project with its own site's land."""
    own = of_project[problem.pair_project] == of_unit[problem.pair_unit]
    own |= stands.unit[problem.pair_project] == problem.pair_unit
    flows = problem.flows
    within = of_project[flows.first] == of_project[flows.second]
    few = Flows(flows.first[within], flows.second[within], flows.t_year[within], flows.km)
    return only(replace(problem, flows=few), own)


def straight_lines(
    table: pd.DataFrame, plots: gpd.GeoDataFrame, gates: gpd.GeoDataFrame
) -> gpd.GeoSeries:
    """Draw flows as straight lines from the middle of a plot or gate to that of the other.

    Parameters
    ----------
    table : DataFrame
        ``from_id, to_id``, each with its place.
    plots, gates : GeoDataFrame
    """
    held = _first_plots(plots)
    middle = pd.concat(
        [
            pd.Series(held.representative_point().to_numpy(), index=held["project_id"].astype(str)),
            pd.Series(gates.centroid.to_numpy(), index=gates["gate_id"].astype(str)),
        ]
    )
    ends = [middle[table[name].astype(str)].to_numpy() for name in ("from_id", "to_id")]
    xy = np.stack([shapely.get_coordinates(end) for end in ends], axis=1)
    return gpd.GeoSeries(shapely.linestrings(xy), crs=plots.crs)
