"""What must hold of every plan, checked on the plan itself and on nothing else.

The audit trusts no stage: it measures the geometry and adds up the tables that were written.
Each check is a function that returns findings; `CHECKS` names them all. A broken invariant is
an error; a norm or a wish that is missed is a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.audit.audited import (
    AREA_CHOSEN_TOLERANCE,
    GATE_REACH_M,
    LENGTH_TOLERANCE_M,
    Audited,
    Mask,
    Shapes,
    among,
    length_along,
    outlines,
)
from geoplan.config import UTILITY_KINDS
from geoplan.errors import shown
from geoplan.plan import PlanLayers
from geoplan.site.findings import Finding, Severity
from geoplan.units import M2_PER_HA

AREA_TOLERANCE = 1e-9
"""Relative difference of land and zones."""
ROUNDING = 1e-6
NEEDS = {"chosen area", "use", "hazard", "year", "rail", "sanitary distance", "apart"}
"""Rules about what a project needs, which may change while its contract holds."""


def audit(plan: PlanLayers) -> list[Finding]:
    """Check a plan.

    Parameters
    ----------
    plan : PlanLayers
        As made, or as read back from its folder.

    Returns
    -------
    list of Finding
        Errors where an invariant is broken, warnings where a norm or a wish is missed.
    """
    audited = Audited(plan)
    found = [finding for check in CHECKS for finding in check(audited)]
    return [_excused(finding, audited) for finding in found]


def _excused(finding: Finding, audited: Audited) -> Finding:
    """Turn into a warning what a project has broken that stays, whatever it needs."""
    by_contract = finding.subject in audited.kept_by_contract
    if finding.rule not in NEEDS or not (by_contract or finding.subject in audited.locked):
        return finding
    if finding.subject in audited.off_choice:
        return finding
    told = f"{finding.message} It stays {'by contract' if by_contract else 'as it is locked'}."
    remedy = "Amend the contract or the application, or free the plot."
    return replace(finding, severity="warning", message=told, remedy=remedy)


def _errors(
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


def _number(column: Any) -> NDArray[np.float64]:
    """Read a column as numbers; nulls become NaN, which no comparison holds for."""
    return np.asarray(column.astype("Float64").to_numpy(dtype=float, na_value=np.nan))


def coverage(audited: Audited) -> Iterable[Finding]:
    """Find land that overlaps, lies in another zone than it says, or does not fill the zones."""
    land, zones = audited.plan.land, audited.plan.zones
    shapes = outlines(land)
    remedy = "Do not edit land by hand; plan again."
    if not shapely.coverage_is_valid(shapes):
        edges = shapely.coverage_invalid_edges(shapes)
        ids = shown(land["land_id"][~shapely.is_empty(edges)])
        told = "These pieces of land overlap, or do not share the vertices of their common edge."
        yield Finding("error", "coverage", "land", ids, told, remedy, shapely.union_all(edges))
    own_zone = np.asarray(zones.set_index("zone_id").geometry.reindex(land["zone_id"]).array)
    shapely.prepare(own_zone)
    outside = ~shapely.intersects(own_zone, shapely.point_on_surface(shapes))
    if outside.any():
        told = "These pieces of land do not lie in the zone that they name."
        yield Finding("error", "zone", "land", shown(land["land_id"][outside]), told, remedy)
    land_ha, zone_ha = (shapely.area(s).sum() / M2_PER_HA for s in (shapes, outlines(zones)))
    if abs(land_ha - zone_ha) > AREA_TOLERANCE * zone_ha:
        told = f"Land adds up to {land_ha:.6f} ha, the zones to {zone_ha:.6f} ha."
        yield Finding("error", "conservation", "land", "", told, remedy)


def usable_plots(audited: Audited) -> Iterable[Finding]:
    """Find plots without frontage on the network, in several parts, too small, or not land."""
    plan, settings = audited.plan, audited.cutting
    plots, shapes = plan.plots, outlines(plan.plots)
    if not len(plots):
        told = "The land yields no plot at all."
        remedy = "Lower plot_min_ha or frontage_min_m, or check that zones have a plotted use."
        yield Finding("error", "no plots", "plots", "", told, remedy)
        return
    measured_ha, front_m = shapely.area(shapes) / M2_PER_HA, length_along(shapes, audited.network)
    plots, least_m = plots.assign(front_m=front_m, measured_ha=measured_ha), settings.frontage_min_m
    # What a cadastre gives is not the plan's to mend: there, these are worth a warning.
    severity: Severity = "warning" if settings.mode == "given" else "error"
    cut_off = front_m < least_m - LENGTH_TOLERANCE_M
    told = f"{{front_m:.1f}} m of it front a street of the network; {least_m:g} m are required."
    remedy = "Merge it with a neighbour, or extend a street."
    yield from _errors("frontage", plots, cut_off, told, remedy, severity=severity)
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    merge = "Merge it with a neighbour."
    yield from _errors("parts", plots, ~single, "It is not one polygon.", merge)
    small = measured_ha < settings.plot_min_ha * (1 - AREA_CHOSEN_TOLERANCE)
    told = f"It measures {{measured_ha:.4f}} ha, less than {settings.plot_min_ha:g} ha."
    yield from _errors("sliver", plots, small, told, merge, severity=severity)
    stated_off = np.abs(_number(plots["area_ha"]) - measured_ha) > ROUNDING * measured_ha
    told = "Its area_ha says {area_ha:.4f} ha; it measures {measured_ha:.4f} ha."
    yield from _errors("area", plots, stated_off, told, "Correct area_ha, or plan again.")
    known = among(shapes, outlines(plan.land[plan.land["kind"] == "plot"]))
    told = "The layer 'land' has no piece of kind plot with this outline."
    yield from _errors("outline", plots, ~known, told, "Edit neither layer by hand; plan again.")
    repeated = plots["plot_id"][plots["plot_id"].duplicated()].drop_duplicates()
    if len(repeated):
        told = "These ids stand for more than one plot."
        yield Finding("error", "ids", "plots", shown(repeated), told, "Give each plot its own id.")


def allotment(audited: Audited) -> Iterable[Finding]:
    """Find tables that disagree on who has which plot, and reasons that are missing."""
    plan, table = audited.plan, audited.plan.allocation
    held: dict[str, set[str]] = {}
    for project, plot in plan.plots[["project_id", "plot_id"]].dropna().to_numpy(dtype=str):
        held.setdefault(project, set()).add(plot)
    placed = table[table["status"] == "placed"]
    plot_ids = placed["plot_ids"].str.split(";").map(set)
    stated = dict(zip(placed["project_id"], plot_ids, strict=True))
    differ = [name for name in {**held, **stated} if held.get(name) != stated.get(name)]
    if differ:
        told = "Plots and allocation name different plots for these projects."
        remedy = "Plan again, or edit both tables alike."
        yield Finding("error", "allotment", "allocation", shown(differ), told, remedy)
    if strangers := sorted(set(held) - set(plan.projects["project_id"])):
        told = "These projects hold plots, but the portfolio does not know them."
        remedy = "Add them to the portfolio, or free their plots."
        yield Finding("error", "portfolio", "plots", shown(strangers), told, remedy)
    explained = (table["reason"].fillna("") != "").to_numpy(dtype=bool)
    wrong = table["project_id"][explained == (table["status"] == "placed").to_numpy(dtype=bool)]
    if len(wrong):
        told = "Each unplaced project needs a reason, and no placed one may have any."
        yield Finding("error", "reasons", "allocation", shown(wrong), told, "Plan again.")


def promises(audited: Audited) -> Iterable[Finding]:
    """Find projects with another area than was chosen or asked for, and locks that do not hold."""
    placed = audited.placed
    if placed.empty:
        return
    measured, chosen = audited.areas_ha["measured"], audited.areas_ha["chosen"]
    table = audited.plan.projects.set_index("project_id").loc[measured.index]
    slack = 1 + AREA_CHOSEN_TOLERANCE
    off = measured.index.isin(audited.off_choice)
    outside = (measured < table["area_min_ha"] / slack) | (measured > table["area_max_ha"] * slack)
    for project in measured.index[off | outside]:
        least, most = table.loc[project, ["area_min_ha", "area_max_ha"]]
        told = f"It has {measured[project]:.4f} ha, and can use {least:g} to {most:g} ha."
        if project in audited.off_choice:
            told = (
                f"It has {measured[project]:.4f} ha, but {chosen[project]:.4f} ha were chosen for"
                f" it and it can use {least:g} to {most:g} ha."
            )
        yield Finding("error", "chosen area", "projects", str(project), told, "Plan again.")
    active = audited.plan.projects[audited.plan.projects["status"] != "withdrawn"]
    locks = active.set_index("project_id")["plot_id"].dropna()
    for project, plot_ids in locks.items():
        has = set(placed["plot_id"][placed["project_id"] == project])
        if has != set(plot_ids.split(";")):
            told = f"It is locked to {plot_ids}, but has {shown(sorted(has)) or 'no plot'}."
            remedy = "Plan again, or take plot_id out of the portfolio."
            yield Finding("error", "lock", "projects", str(project), told, remedy)


def capacities(audited: Audited) -> Iterable[Finding]:
    """Find utilities that give more than they have, and demand that none accounts for."""
    table = audited.plan.capacities
    over = table[table["used"] > table["capacity"] * (1 + ROUNDING)]
    for name, kind, used, limit in over[["utility_id", "kind", "used", "capacity"]].to_numpy():
        told = (
            f"{used:g} {kind} are drawn, but it has {limit:g}.{_of_those_who_stay(audited, kind)}"
        )
        remedy = "Raise its capacity, or move a project to another service area."
        yield Finding("error", "capacity", "utilities", str(name), told, remedy)
    placed = audited.placed.drop_duplicates("project_id")
    for kind in UTILITY_KINDS if len(placed) else ():
        of_kind = table["kind"] == kind
        if not of_kind.any():
            continue
        demand, used = float(placed[kind].sum()), float(table["used"][of_kind].sum())
        if abs(demand - used) > ROUNDING * max(demand, 1.0):
            told = f"Placed projects need {demand:g}, but the utilities account for {used:g}."
            remedy = "Check that a utility of this kind serves every plot, and plan again."
            yield Finding("error", "supply", "utilities", kind, told, remedy)


def _of_those_who_stay(audited: Audited, kind: str) -> str:
    """Name those who draw on utilities of a kind and stay where they are, if any do."""
    placed = audited.placed.drop_duplicates("project_id")
    stays = placed["project_id"].isin(audited.locked | audited.kept_by_contract)
    drawing = placed[stays & (placed[kind] > 0)]
    if drawing.empty:
        return ""
    need, ids = f"{drawing[kind].sum():g}", shown(sorted(drawing["project_id"]))
    return f" Those who are locked or stay by contract ({ids}) need {need} of this kind."


def places(audited: Audited) -> Iterable[Finding]:
    """Find projects in a zone of another use, hazard class or year, or too far from a siding."""
    placed = audited.placed
    if placed.empty:
        return
    gates = audited.plan.gates
    sidings = shapely.union_all(outlines(gates[gates["kind"] == "rail"]))
    # Without a siding the distance is NaN, and no comparison holds.
    siding_m = shapely.distance(outlines(placed), sidings)
    has = [f"its nearest is {m:.0f} m away" if m >= 0 else "there is none" for m in siding_m]
    placed, reach_m = placed.assign(siding=has), audited.allotting.rail_reach_m
    far = ~(siding_m <= reach_m + LENGTH_TOLERANCE_M)
    move = "Plan again, or change the zone."
    use = placed["use_project"]
    rules: tuple[tuple[str, Any, str, str], ...] = (
        ("use", use.notna() & (use != placed["use_zone"]),
         "Project {project_id} is for {use_project}, but zone {zone_id} for {use_zone}.", move),
        ("hazard", _number(placed["hazard_class"]) < _number(placed["hazard_max"]),
         "Project {project_id} has hazard class {hazard_class}, but zone {zone_id} takes class"
         " {hazard_max} and milder ones only.", move),
        ("year", _number(placed["start_year"]) < _number(placed["available_year_zone"]),
         "Project {project_id} starts in {start_year}, but zone {zone_id} is available from"
         " {available_year_zone}.", move),
        ("rail", placed["rail"].to_numpy(dtype=bool) & far,
         f"Project {{project_id}} needs a siding within {reach_m:g} m (rail_reach_m);"
         " {siding}.", "Plan again, or lay a siding there."),
        ("withdrawn", placed["status"] == "withdrawn",
         "Project {project_id} is withdrawn, but holds this plot.", "Free the plot."),
    )  # fmt: skip
    for rule, wrong, told, remedy in rules:
        yield from _errors(rule, placed, wrong, told, remedy)


def sanitary(audited: Audited) -> Iterable[Finding]:
    """Find hazardous projects too near receptors and plants that are receptors themselves."""
    placed, norms, receptors = audited.placed, audited.norms.spz, audited.plan.receptors
    if placed.empty:
        return
    hazard, own_m = _number(placed["hazard_class"]), _number(receptors["distance_m"])
    by_sector = placed["sector"].isin(norms.sensitive_sectors).astype("boolean")
    sensitive = placed["sensitive"].astype("boolean").fillna(by_sector).to_numpy(dtype=bool)
    names = ("receptor " + receptors["receptor_id"].astype("str")).to_numpy(dtype=str)
    for number, far_m in enumerate(norms.distance_m, start=1):
        least_m = np.where(np.isnan(own_m), far_m, own_m)
        guarded = [_Guarded(names, outlines(receptors), least_m)]
        if number <= norms.sensitive_against_class_max:
            guarded.append(_Guarded.plots(placed[sensitive], far_m))
        mine, why = placed[hazard == number], f"hazard class {number} keeps"
        for guard in guarded:
            yield from _too_near(mine, guard, "sanitary distance", why)


def separations(audited: Audited) -> Iterable[Finding]:
    """Find projects too near those that they ask to stand apart from."""
    placed, apart_m = audited.placed, audited.allotting.apart_m
    if placed.empty:
        return
    for project, names in placed.set_index("project_id")["apart"].dropna().items():
        mine = placed[placed["project_id"] == project]
        others = placed[placed["project_id"].isin(names.split(";"))]
        guard = _Guarded.plots(others, apart_m)
        yield from _too_near(mine, guard, "apart", "they are to stand apart by")


@dataclass(frozen=True)
class _Guarded:
    """What others keep a distance from: its names, shapes and that distance in metres."""

    names: NDArray[np.str_]
    shapes: Shapes
    least_m: NDArray[np.float64]

    @classmethod
    def plots(cls, plots: gpd.GeoDataFrame, least_m: float) -> _Guarded:
        return cls(_named(plots), outlines(plots), np.full(len(plots), float(least_m)))


def _named(plots: gpd.GeoDataFrame) -> NDArray[np.str_]:
    return np.asarray("project " + plots["project_id"].astype("str"), dtype=str)


def _too_near(plots: gpd.GeoDataFrame, guarded: _Guarded, rule: str, why: str) -> Iterator[Finding]:
    reach_m = np.maximum(guarded.least_m - LENGTH_TOLERANCE_M, 0.0)
    shapes = outlines(plots)
    tree = shapely.STRtree(shapes)
    other, mine = tree.query(guarded.shapes, predicate="dwithin", distance=reach_m)
    counts = (guarded.least_m[other] > 0) & (_named(plots)[mine] != guarded.names[other])
    other, mine = other[counts], mine[counts]
    near = plots.iloc[mine].assign(
        other=guarded.names[other],
        least_m=guarded.least_m[other],
        away_m=shapely.distance(shapes[mine], guarded.shapes[other]),
    )
    told = f"Project {{project_id}} is {{away_m:.0f}} m from {{other}}; {why} {{least_m:g}} m."
    yield from _errors(rule, near, np.ones(len(near), dtype=bool), told, "Plan again.")


def balance(audited: Audited) -> Iterable[Finding]:
    """Find a land balance that does not add up the land, or misses the norm profile."""
    table, land = audited.plan.balance, audited.plan.land
    whole = table[table["zone_id"] == "all"].set_index("kind")
    measured_ha = (land.area / M2_PER_HA).groupby(land["kind"]).sum()
    off_ha = whole["area_ha"].sub(measured_ha, fill_value=0.0).abs()
    for kind in off_ha.index[off_ha > ROUNDING * measured_ha.sum()]:
        told = (
            f"The balance has {whole['area_ha'].get(kind, 0.0):.4f} ha of {kind},"
            f" the land {measured_ha.get(kind, 0.0):.4f} ha."
        )
        yield Finding("error", "balance sum", "balance", str(kind), told, "Plan again.")
    missed = whole[whole["ok"].astype("boolean").eq(other=False).fillna(value=False)]
    for kind, row in missed.iterrows():
        wanted = f"{row['norm_min']:.1%} to {row['norm_max']:.1%}"
        told = f"{row['share']:.1%} of the park is land of kind {kind}; the norms want {wanted}."
        remedy = "Change the zoning or the street widths, or choose another norm profile."
        yield Finding("warning", "balance", "balance", str(kind), told, remedy)


def access(audited: Audited) -> Iterable[Finding]:
    """Find streets outside the network, gates and land that it does not reach."""
    land, zones = audited.plan.land, audited.plan.zones
    streets = land[land["kind"] == "street"]
    reached = among(outlines(streets), audited.network)
    for name, shape in streets.loc[~reached, ["land_id", "geometry"]].to_numpy():
        told = "This street is cut off from the network of the gates, or from the largest one."
        remedy = "Add a gate or a bridge, or mark what lies between as crossable."
        yield Finding("warning", "access", "land", str(name), told, remedy, shape)
    roads = audited.plan.gates[audited.plan.gates["kind"] != "rail"]
    away_m = shapely.distance(outlines(roads), shapely.union_all(outlines(streets)))
    for row, name in enumerate(roads["gate_id"]):
        # An empty street layer is at no distance at all.
        if not away_m[row] <= GATE_REACH_M:
            told = "No street of the park reaches this gate."
            remedy = "Draw it on the zones' edge, or free the land between it and them."
            shape = roads.geometry.iloc[row]
            yield Finding("warning", "access", "gates", str(name), told, remedy, shape)
    plotted = zones["use"].isin(audited.cutting.plotted_uses)
    empty = zones[plotted & ~zones["zone_id"].isin(audited.plan.plots["zone_id"])]
    for name, shape in empty[["zone_id", "geometry"]].to_numpy():
        told = "This zone yields no plot: no street reaches it, or it is too small or too narrow."
        remedy = "Merge it with a neighbour, or give it a gate; its land counts as residual."
        yield Finding("warning", "no plots", "zones", str(name), told, remedy, shape)
    yield from _idle(audited, zones.loc[plotted, "zone_id"], empty["zone_id"])


def _idle(audited: Audited, plotted: pd.Series[Any], told_of: pd.Series[Any]) -> Iterable[Finding]:
    """Find residual land that is large enough for a plot, in plotted zones that have some."""
    land, least_ha = audited.plan.land, audited.cutting.plot_min_ha
    idle = land[(land["kind"] == "residual") & (land["area_ha"] >= least_ha)]
    idle = idle[idle["zone_id"].isin(plotted) & ~idle["zone_id"].isin(told_of)]
    for row in idle.to_dict("records"):
        told = f"{row['area_ha']:.2f} ha of zone {row['zone_id']} hold no plot: no street of the"
        told += " network reaches them, or they are too narrow."
        remedy = "Give them a gate, a bridge or a road, or zone them as green."
        shape = row["geometry"]
        yield Finding("warning", "idle land", "land", str(row["land_id"]), told, remedy, shape)


def proof(audited: Audited) -> Iterable[Finding]:
    """Find an allocation that is further from the optimum than wanted, or not repeatable."""
    wanted = audited.allotting.gap
    for stage in audited.plan.manifest.get("solver", ()):
        aim, gap = str(stage["aim"]), stage["gap"]
        # JSON has no word for infinity: a gap that is null was never bounded.
        if gap is None or not gap <= wanted * (1 + ROUNDING):
            proven = gap is not None and np.isfinite(gap)
            so_far = f"within {gap:.2%}" if proven else "at no known distance"
            told = f"The optimum is proven to be {so_far}; within {wanted:.2%} was wanted."
            remedy = "Raise work_limit and time_limit_s in [allocate]."
            yield Finding("warning", "gap", "allocation", aim, told, remedy)
        if stage["status"] == "time limit":
            told = "The time limit ended the search, so that another run may end elsewhere."
            remedy = "Raise time_limit_s, or lower work_limit, in [allocate]."
            yield Finding("warning", "repeatability", "allocation", aim, told, remedy)


CHECKS: tuple[Callable[[Audited], Iterable[Finding]], ...] = (
    coverage,
    usable_plots,
    allotment,
    promises,
    capacities,
    places,
    sanitary,
    separations,
    balance,
    access,
    proof,
)
