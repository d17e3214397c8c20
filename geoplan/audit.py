"""What must hold of every plan, checked on the plan itself and on nothing else.

The audit trusts no stage: it measures the geometry and adds up the tables that were written.
Each check is a function that returns findings; `CHECKS` names them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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

from geoplan.config import UTILITY_KINDS, NormProfile, SubdivideSettings
from geoplan.errors import shown
from geoplan.plan import PlanLayers
from geoplan.site.findings import Finding

AREA_TOLERANCE = 1e-9
"""Relative difference of land and zones."""
AREA_CHOSEN_TOLERANCE = 2e-4
"""Relative difference between a plot and the area chosen for it."""
LENGTH_TOLERANCE_M = 0.01
ROUNDING = 1e-6
GATE_REACH_M = 1.0


@dataclass(frozen=True)
class Audited:
    """A plan with what several checks need of it."""

    plan: PlanLayers

    @cached_property
    def norms(self) -> NormProfile:
        """The norm profile that the plan was made with."""
        return NormProfile.model_validate(self.plan.manifest["norms"])

    @cached_property
    def settings(self) -> SubdivideSettings:
        """The subdivision's settings."""
        return SubdivideSettings.model_validate(self.plan.manifest["settings"]["subdivide"])

    @cached_property
    def placed(self) -> gpd.GeoDataFrame:
        """Plots with a project, and that project's columns."""
        plots = self.plan.plots[self.plan.plots["project_id"].notna()]
        return plots.merge(self.plan.projects, on="project_id", suffixes=("", "_project"))

    @cached_property
    def network(self) -> Any:
        """Street land that a gate reaches; without gates, the largest in each part of the land."""
        land = self.plan.land
        streets = np.asarray(land.geometry[land["kind"] == "street"].array, dtype=object)
        if not len(streets):
            return shapely.MultiPolygon()
        part = _joined_along_edges(streets)
        gates = self.plan.gates
        roads = np.asarray(gates.geometry[gates["kind"] != "rail"].array, dtype=object)
        if len(roads):
            at_gate = shapely.dwithin(streets, shapely.union_all(roads), GATE_REACH_M)
            return shapely.union_all(streets[np.isin(part, part[at_gate])])
        area = np.bincount(part, weights=shapely.area(streets))
        bodies = shapely.get_parts(shapely.union_all(land.geometry.array))
        street, body = shapely.STRtree(bodies).query(shapely.point_on_surface(streets))
        kept = {max(set(part[street[body == b]]), key=lambda p: area[p]) for b in set(body)}
        return shapely.union_all(streets[np.isin(part, sorted(kept))])


def audit(plan: PlanLayers) -> list[Finding]:
    """Check a plan.

    Returns
    -------
    list of Finding
        Errors where an invariant is broken, warnings where a norm or a wish is missed.
    """
    audited = Audited(plan)
    return [finding for check in CHECKS for finding in check(audited)]


def _joined_along_edges(polygons: NDArray[np.object_]) -> NDArray[np.intp]:
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    shared = shapely.length(shapely.intersection(polygons[left], polygons[right]))
    along = shared > LENGTH_TOLERANCE_M
    links = coo_array((np.ones(along.sum()), (left[along], right[along])), shape=(len(polygons),) * 2)
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.intp)


def coverage(audited: Audited) -> Iterable[Finding]:
    """Land has no overlap, no gap inside and shares its vertices."""
    land = audited.plan.land
    shapes = np.asarray(land.geometry.array, dtype=object)
    if not shapely.coverage_is_valid(shapes):
        faults = shapely.coverage_invalid_edges(shapes)
        bad = land["land_id"][~shapely.is_empty(faults)]
        yield Finding(
            "error",
            "coverage",
            "land",
            shown(bad),
            "These pieces of land overlap or do not share their vertices.",
            "Do not edit land by hand; plan again.",
            shapely.union_all(faults),
        )
    land_m2, zone_m2 = shapely.area(shapes).sum(), audited.plan.zones.area.sum()
    if abs(land_m2 - zone_m2) > AREA_TOLERANCE * zone_m2:
        yield Finding(
            "error",
            "conservation",
            "land",
            "",
            f"Land adds up to {land_m2 / 1e4:.6f} ha, the zones to {zone_m2 / 1e4:.6f} ha.",
            "Plan again; if it stays, report it with the scenario.",
        )


def usable_plots(audited: Audited) -> Iterable[Finding]:
    """Every plot has its frontage on the network, is in one part, and is no sliver."""
    plots, settings = audited.plan.plots, audited.settings
    shapes = np.asarray(plots.geometry.array, dtype=object)
    if not len(plots):
        yield Finding(
            "error",
            "no plots",
            "plots",
            "",
            "The land yields no plot at all.",
            "Lower plot_min_ha or frontage_min_m, or check that zones have a plotted use.",
        )
        return
    fronts = _length_along(shapes, audited.network)
    for index in np.flatnonzero(fronts < settings.frontage_min_m - LENGTH_TOLERANCE_M):
        yield Finding(
            "error",
            "frontage",
            "plots",
            str(plots["plot_id"].iloc[index]),
            f"{fronts[index]:.1f} m front a street that a gate reaches;"
            f" {settings.frontage_min_m:g} m are required.",
            "Merge it with a neighbour, or extend a street.",
            shapes[index],
        )
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    small = shapely.area(shapes) / 1e4 < settings.plot_min_ha * (1 - AREA_CHOSEN_TOLERANCE)
    for index in np.flatnonzero(~single | small):
        yield Finding(
            "error",
            "sliver",
            "plots",
            str(plots["plot_id"].iloc[index]),
            "It is in several parts." if not single[index] else
            f"It has {shapes[index].area / 1e4:.4f} ha, less than {settings.plot_min_ha:g} ha.",
            "Merge it with a neighbour.",
            shapes[index],
        )  # fmt: skip
    repeated = plots["plot_id"][plots["plot_id"].duplicated()]
    if len(repeated):
        yield Finding(
            "error", "ids", "plots", shown(repeated), "Plot ids stand twice.", "Name plots once."
        )


def _length_along(shapes: NDArray[np.object_], network: Any) -> NDArray[np.float64]:
    parts = shapely.get_parts(network)
    length = np.zeros(len(shapes))
    if len(parts):
        plot, part = shapely.STRtree(parts).query(shapes, predicate="intersects")
        shared = shapely.length(shapely.intersection(shapes[plot], shapely.boundary(parts[part])))
        np.add.at(length, plot, shared)
    return length


def allotment(audited: Audited) -> Iterable[Finding]:
    """Tables agree on who has which plot; areas are those chosen and within limits."""
    plan = audited.plan
    table = plan.allocation
    held = audited.placed.groupby("project_id")["plot_id"].agg(";".join)
    stated = table[table["status"] == "placed"].set_index("project_id")["plot_ids"]
    differ = sorted(set(held.items()) ^ set(stated.items()))
    if differ:
        yield Finding(
            "error",
            "allotment",
            "allocation",
            shown(dict.fromkeys(project for project, _ in differ)),
            "Plots and allocation name different plots for these projects.",
            "Plan again, or edit both tables alike.",
        )
    reason = table["reason"].fillna("") != ""
    wrong = table["project_id"][reason == (table["status"] == "placed")]
    if len(wrong):
        yield Finding(
            "error",
            "reasons",
            "allocation",
            shown(wrong),
            "An unplaced project has a reason, a placed one has none; here it is otherwise.",
            "Plan again.",
        )
    yield from _areas(audited)


def _areas(audited: Audited) -> Iterable[Finding]:
    measured = audited.placed.assign(measured_ha=audited.placed.area / 1e4)
    by_project = measured.groupby("project_id").agg(
        measured_ha=("measured_ha", "sum"),
        least=("area_min_ha", "first"),
        most=("area_max_ha", "first"),
    )
    chosen = audited.plan.allocation.set_index("project_id")["area_ha"].reindex(by_project.index)
    given = by_project["measured_ha"]
    off = (given - chosen).abs() > AREA_CHOSEN_TOLERANCE * chosen
    slack = 1 + AREA_CHOSEN_TOLERANCE
    outside = (given < by_project["least"] / slack) | (given > by_project["most"] * slack)
    for project in by_project.index[off | outside]:
        row = by_project.loc[project]
        yield Finding(
            "error",
            "area",
            "plots",
            str(project),
            f"Its plot has {row['measured_ha']:.4f} ha; chosen were {chosen[project]:.4f} ha"
            f" within {row['least']:.2f} to {row['most']:.2f} ha.",
            "Cut the plot again.",
        )


def capacities(audited: Audited) -> Iterable[Finding]:
    """No utility gives more than it has."""
    for row in audited.plan.capacities.itertuples():
        if row.used > row.capacity * (1 + ROUNDING):
            yield Finding(
                "error",
                "capacity",
                "utilities",
                str(row.utility_id),
                f"{row.used:.3f} {row.kind} are drawn, {row.capacity:.3f} are there.",
                "Raise its capacity, or move a project to another service area.",
            )
    total = audited.plan.capacities.groupby("kind")["used"].sum()
    for kind in UTILITY_KINDS:
        if kind in total.index:
            demand = audited.placed.drop_duplicates("project_id")[kind].sum()
            if abs(demand - total[kind]) > ROUNDING * max(demand, 1.0):
                yield Finding(
                    "error",
                    "capacity",
                    "utilities",
                    kind,
                    f"Placed projects need {demand:.3f}, the table accounts for {total[kind]:.3f}.",
                    "Plan again.",
                )


def places(audited: Audited) -> Iterable[Finding]:
    """Use, hazard class and year of zone and project go together."""
    zones = audited.plan.zones.set_index("zone_id")[["hazard_max"]].astype("Float64")
    placed = audited.placed.join(zones, on="zone_id", rsuffix="_zone")
    hazard = placed["hazard_class"].astype("Float64")
    faults = {
        "use": placed["use_project"].notna() & (placed["use_project"] != placed["use"]),
        "hazard": (hazard < placed["hazard_max"]).fillna(value=False),
        "year": (placed["start_year"].astype("Float64") < placed["available_year"].astype("Float64"))
        .fillna(value=False),
    }  # fmt: skip
    for rule, wrong in faults.items():
        for row in placed[wrong.to_numpy(dtype=bool)].itertuples():
            yield Finding(
                "error",
                rule,
                "plots",
                str(row.plot_id),
                f"Zone {row.zone_id} does not take project {row.project_id}: its {rule} differs.",
                "Place the project in another zone, or change the zone.",
                row.geometry,
            )


def distances(audited: Audited) -> Iterable[Finding]:
    """Hazard classes keep their distance from receptors and from sensitive plants."""
    placed, norms = audited.placed, audited.norms.spz
    hazard = placed["hazard_class"].astype("Float64").fillna(9).to_numpy(dtype=float)
    shapes = np.asarray(placed.geometry.array, dtype=object)
    by_sector = placed["sector"].isin(norms.sensitive_sectors).astype("boolean")
    sensitive = placed["sensitive"].astype("boolean").fillna(by_sector).to_numpy(dtype=bool)
    receptors = audited.plan.receptors
    for number in range(1, 6):
        mine = np.flatnonzero(hazard == number)
        far_m = norms.distance_m[number - 1]
        targets = [
            (str(r.receptor_id), r.geometry, far_m if pd.isna(r.distance_m) else r.distance_m)
            for r in receptors.itertuples()
        ]
        if number <= norms.sensitive_against_class_max:
            others = np.flatnonzero(sensitive)
            names = placed["project_id"].to_numpy(dtype=str)
            targets += [(names[o], shapes[o], far_m) for o in others]
        yield from _too_near(placed, shapes, mine, targets)


def _too_near(
    placed: gpd.GeoDataFrame,
    shapes: NDArray[np.object_],
    mine: NDArray[np.intp],
    targets: list[tuple[str, Any, float]],
) -> Iterable[Finding]:
    names = placed["project_id"].to_numpy(dtype=str)
    for name, shape, least_m in targets:
        away = shapely.distance(shapes[mine], shape)
        for index in mine[(away < least_m - LENGTH_TOLERANCE_M) & (names[mine] != name)]:
            yield Finding(
                "error",
                "sanitary distance",
                "plots",
                str(placed["plot_id"].iloc[index]),
                f"Project {names[index]} stands {shapely.distance(shapes[index], shape):.0f} m from"
                f" {name}; its hazard class keeps {least_m:.0f} m.",
                "Place it elsewhere.",
                shapes[index],
            )


def balance(audited: Audited) -> Iterable[Finding]:
    """The land balance keeps to the norm profile."""
    table = audited.plan.balance
    for row in table[(table["zone_id"] == "all") & (table["ok"] == False)].itertuples():  # noqa: E712
        yield Finding(
            "warning",
            "balance",
            "balance",
            str(row.kind),
            f"{row.kind} is {row.share:.1%} of the park; the norm profile wants"
            f" {row.norm_min:.0%} to {row.norm_max:.0%}.",
            "Change the zoning or the street widths, or state other norms.",
        )


def access(audited: Audited) -> Iterable[Finding]:
    """Streets form one network that the gates reach."""
    land = audited.plan.land
    streets = land[land["kind"] == "street"]
    inside = shapely.point_on_surface(streets.geometry.array)
    shapely.prepare(audited.network)
    for row in streets[~shapely.intersects(inside, audited.network)].itertuples():
        yield Finding(
            "warning",
            "access",
            "land",
            str(row.land_id),
            "No gate reaches this street.",
            "Add a gate or a bridge, or mark what lies between as crossable.",
            row.geometry,
        )
    zones = audited.plan.zones
    plotted = zones[zones["use"].isin(audited.settings.plotted_uses)]
    empty = plotted[~plotted["zone_id"].isin(audited.plan.plots["zone_id"])]
    for row in empty.itertuples():
        yield Finding(
            "warning",
            "no plots",
            "zones",
            str(row.zone_id),
            "This zone yields no plot: no street reaches it, or it is too small or narrow.",
            "Its land is accounted for as residual; merge it with a neighbour or give it a gate.",
            row.geometry,
        )


def proof(audited: Audited) -> Iterable[Finding]:
    """The allocation is as good as was asked for, and repeatable."""
    wanted = audited.plan.manifest["settings"]["allocate"]["gap"]
    for stage in audited.plan.manifest.get("solver", ()):
        if stage["gap"] > wanted * (1 + ROUNDING):
            yield Finding(
                "warning",
                "gap",
                "allocation",
                stage["aim"],
                f"The best proven distance to the optimum is {stage['gap']:.2%}, not {wanted:.2%}.",
                "Raise work_limit and time_limit_s in [allocate].",
            )
        if stage["status"] == "time limit":
            yield Finding(
                "warning",
                "repeatability",
                "allocation",
                stage["aim"],
                "The time limit ended the search, so another run may end elsewhere.",
                "Raise time_limit_s, or lower work_limit.",
            )


CHECKS: tuple[Callable[[Audited], Iterable[Finding]], ...] = (
    coverage,
    usable_plots,
    allotment,
    capacities,
    places,
    distances,
    balance,
    access,
    proof,
)
