"""Checks of the land: pieces, plots, streets and their balance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geoplan.audit.audited import (
    AREA_CHOSEN_TOLERANCE,
    GATE_REACH_M,
    LENGTH_TOLERANCE_M,
    ROUNDING,
    Audited,
    among,
    length_along,
    numbers_of,
    outlines,
    plot_errors,
)
from geoplan.errors import shown
from geoplan.site.findings import Finding, Severity
from geoplan.units import M2_PER_HA

AREA_TOLERANCE = 1e-9
"""Relative difference of land and zones."""


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
    yield from plot_errors("frontage", plots, cut_off, told, remedy, severity=severity)
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    merge = "Merge it with a neighbour."
    yield from plot_errors("parts", plots, ~single, "It is not one polygon.", merge)
    small = measured_ha < settings.plot_min_ha * (1 - AREA_CHOSEN_TOLERANCE)
    told = f"It measures {{measured_ha:.4f}} ha, less than {settings.plot_min_ha:g} ha."
    yield from plot_errors("sliver", plots, small, told, merge, severity=severity)
    stated_off = np.abs(numbers_of(plots["area_ha"]) - measured_ha) > ROUNDING * measured_ha
    told = "Its area_ha says {area_ha:.4f} ha; it measures {measured_ha:.4f} ha."
    yield from plot_errors("area", plots, stated_off, told, "Correct area_ha, or plan again.")
    known = among(shapes, outlines(plan.land[plan.land["kind"] == "plot"]))
    told = "The layer 'land' has no piece of kind plot with this outline."
    yield from plot_errors(
        "outline", plots, ~known, told, "Edit neither layer by hand; plan again."
    )
    repeated = plots["plot_id"][plots["plot_id"].duplicated()].drop_duplicates()
    if len(repeated):
        told = "These ids stand for more than one plot."
        yield Finding("error", "ids", "plots", shown(repeated), told, "Give each plot its own id.")


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
