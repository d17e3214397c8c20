"""A plan under audit: what several checks need of it, measured on the plan alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoplan.config import AllocateSettings, NormProfile, SubdivideSettings
from geoplan.plan import PlanLayers
from geoplan.site.findings import Finding, Severity
from geoplan.units import M2_PER_HA

ROUNDING = 1e-6
"""Relative difference of sums that are the same."""
LENGTH_TOLERANCE_M = 0.01
GATE_REACH_M = 1.0
"""A gate this near street land is served by it."""

AREA_CHOSEN_TOLERANCE = 2e-4
"""Relative difference between a plot and the area chosen for it."""
BINDING = {"contract", "construction", "operation", "sold"}
"""Reasons of the change log for which a project stays, whatever it needs by now."""

Integers = NDArray[np.intp]
Mask = NDArray[np.bool_]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Audited:
    """A plan with what several checks need of it."""

    plan: PlanLayers

    @cached_property
    def norms(self) -> NormProfile:
        """The norm profile that the plan was made with."""
        return NormProfile.model_validate(self.plan.manifest["norms"])

    @cached_property
    def cutting(self) -> SubdivideSettings:
        """The subdivision's settings."""
        return SubdivideSettings.model_validate(self.plan.manifest["settings"]["subdivide"])

    @cached_property
    def allotting(self) -> AllocateSettings:
        """The allocation's settings."""
        return AllocateSettings.model_validate(self.plan.manifest["settings"]["allocate"])

    @cached_property
    def placed(self) -> gpd.GeoDataFrame:
        """Plots with a project: its columns have ``_project`` behind, the zone's ``_zone``."""
        plots, projects = self.plan.plots, self.plan.projects
        zones = self.plan.zones[["zone_id", "use", "hazard_max", "available_year"]]
        held = plots[plots["project_id"].isin(projects["project_id"])]
        held = held.merge(self._timed(projects), on="project_id", suffixes=("", "_project"))
        return held.merge(zones, on="zone_id", how="left", suffixes=("", "_zone"))

    def _timed(self, projects: pd.DataFrame) -> pd.DataFrame:
        """Return the portfolio with the years chosen; where none was, with those asked for."""
        if "start_year" not in self.plan.allocation or projects.empty:
            return projects
        chosen = self.plan.allocation.set_index("project_id")["start_year"].astype("Int64")
        start = projects["project_id"].map(chosen).astype("Int64").fillna(projects["start_year"])
        return projects.assign(start_year=start)

    @cached_property
    def kept_by_contract(self) -> frozenset[str]:
        """Projects that were kept where they stood for their contract, and their plots."""
        log = self.plan.changes
        kept = log[(log["subject"] == "project") & (log["change"] == "kept")]
        kept = kept[kept["why"].isin(BINDING)]
        plots = (plot for joined in kept["to"] for plot in str(joined).split(";"))
        return frozenset([*kept["id"], *plots])

    @cached_property
    def locked(self) -> frozenset[str]:
        """Projects that the portfolio locks to plots, and the plots that they have of these."""
        projects = self.plan.projects
        live = projects[projects["plot_id"].notna() & (projects["status"] != "withdrawn")]
        locks = dict(zip(live["project_id"], live["plot_id"], strict=True))
        holders = zip(self.placed["plot_id"], self.placed["project_id"], strict=True)
        held = (plot for plot, name in holders if plot in str(locks.get(name, "")).split(";"))
        return frozenset([*locks, *held])

    @cached_property
    def areas_ha(self) -> pd.DataFrame:
        """Areas of each project that has plots: as ``measured`` on them, and as ``chosen``."""
        measured = (self.placed.area / M2_PER_HA).groupby(self.placed["project_id"]).sum()
        chosen = self.plan.allocation.set_index("project_id")["area_ha"].reindex(measured.index)
        return pd.DataFrame({"measured": measured, "chosen": chosen})

    @cached_property
    def off_choice(self) -> frozenset[str]:
        """Projects whose plots have another area than was chosen for them."""
        table = self.areas_ha
        off_ha = (table["measured"] - table["chosen"]).abs()
        return frozenset(table.index[off_ha > AREA_CHOSEN_TOLERANCE * table["chosen"]])

    @cached_property
    def network(self) -> Shapes:
        """Street land that a gate reaches; without gates, the largest in each part of the park."""
        land = self.plan.land
        streets = outlines(land[land["kind"] == "street"])
        if not len(streets):
            return streets
        part = joined_along_edges(streets)
        gates = self.plan.gates
        roads = outlines(gates[gates["kind"] != "rail"])
        if len(roads):
            at_gate = shapely.dwithin(streets, shapely.union_all(roads), GATE_REACH_M)
            return streets[np.isin(part, part[at_gate])]
        area_m2 = np.bincount(part, weights=shapely.area(streets))
        bodies = shapely.get_parts(shapely.union_all(outlines(self.plan.zones)))
        street, body = shapely.STRtree(bodies).query(shapely.point_on_surface(streets))
        kept = {max(set(part[street[body == b]]), key=lambda p: area_m2[p]) for b in set(body)}
        return streets[np.isin(part, sorted(kept))]


def outlines(frame: gpd.GeoDataFrame) -> Shapes:
    """Geometries of a layer as an array."""
    return np.asarray(frame.geometry.array, dtype=object)


def joined_along_edges(polygons: Shapes) -> Integers:
    """Tell which polygons hang together along edges: the number of each one's group."""
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    shared_m = shapely.length(shapely.intersection(polygons[left], polygons[right]))
    along = shared_m > LENGTH_TOLERANCE_M
    count = len(polygons)
    links = coo_array((np.ones(along.sum()), (left[along], right[along])), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.intp)


def among(shapes: Shapes, others: Shapes) -> Mask:
    """Tell which shapes are, corner by corner, one of the others."""
    known = set(shapely.to_wkb(shapely.normalize(others)))
    return np.array([wkb in known for wkb in shapely.to_wkb(shapely.normalize(shapes))], dtype=bool)


def length_along(shapes: Shapes, network: Shapes) -> NDArray[np.float64]:
    """Length of each shape's edge that is an edge of the network's land, m."""
    edges = _edges(network)
    shape, edge = shapely.STRtree(edges).query(shapes, predicate="intersects")
    shared_m = shapely.length(shapely.intersection(edges[edge], shapes[shape]))
    along_m = np.bincount(shape, weights=shared_m, minlength=len(shapes))
    return along_m.astype(float)


def _edges(polygons: Shapes) -> Shapes:
    """Straight edges of polygons, one by one, so that a tree finds the few near a plot."""
    rings = shapely.get_rings(polygons)
    xy_m, ring = shapely.get_coordinates(rings, return_index=True)
    on = ring[:-1] == ring[1:]  # not from one ring's end to the next ring's start
    return np.asarray(shapely.linestrings(np.stack([xy_m[:-1][on], xy_m[1:][on]], axis=1)))


def plot_errors(
    rule: str,
    plots: gpd.GeoDataFrame,
    wrong: Mask,
    message: str,
    remedy: str,
    *,
    severity: Severity = "error",
) -> Iterator[Finding]:
    """One finding for each plot at fault; its columns fill the gaps in `message`."""
    for row in plots[np.asarray(wrong, dtype=bool)].to_dict("records"):
        plot_id, told = str(row["plot_id"]), message.format_map(row)
        yield Finding(severity, rule, "plots", plot_id, told, remedy, row["geometry"])


def numbers_of(column: Any) -> NDArray[np.float64]:
    """Read a column as numbers; nulls become NaN, which no comparison holds for."""
    return np.asarray(column.astype("Float64").to_numpy(dtype=float, na_value=np.nan))
