"""The plan's layers as the map draws them: shapes, how they look and what they say.

Each function returns a :class:`Drawn`; the page puts its captions together from what stands
there, in the language that it is read in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.plan import PlanLayers
from geoplan.publish.map.known import UTILITY_NAMES, UTILITY_UNITS
from geoplan.publish.map.tables import HAZARD_CLASSES, Field
from geoplan.publish.map.words import N_
from geoplan.units import M2_PER_HA

CIRCLE_SEGMENTS = 16
MEETS_M = 1.0
"""A siding's line that ends this near to a gate ends at it."""
STREET_WORDS = {
    "main": N_("Main street"),
    "collector": N_("Collector street"),
    "local": N_("Local street"),
}
GATE_WORDS = {"road": N_("Road gate"), "rail": N_("Rail gate"), "port": N_("Port gate")}
SEVERITY_WORDS = {"error": N_("Error"), "warning": N_("Warning"), "info": N_("Note")}
LAND_WORDS = {
    "green": N_("Green land"),
    "utilities": N_("Utilities land"),
    "services": N_("Services"),
    "reserve": N_("Reserve"),
    "residual": N_("Residual land"),
    "street": N_("Street land"),
}


@dataclass(frozen=True)
class Drawn:
    """One layer of the page.

    Attributes
    ----------
    table : GeoDataFrame
        ``look`` (which style draws it), ``noun`` (what it is, a word that the page translates),
        ``subject`` (its id or name), ``label`` (written on the map) and what `fields` name;
        all but ``look`` may be null.
    fields : tuple of Field
        Lines of its caption under noun and subject.
    """

    table: gpd.GeoDataFrame
    fields: tuple[Field, ...] = ()


def zone_features(plan: PlanLayers) -> Drawn:
    """Zones, drawn by use."""
    zones = plan.zones
    table = _table(
        zones,
        look=zones["use"],
        noun=N_("Zone"),
        subject=zones["zone_id"],
        label=zones["zone_id"],
        name=_column(zones, "name"),
        use=zones["use"],
        area_ha=zones.geometry.area / M2_PER_HA,
        available_year=_column(zones, "available_year"),
    )
    fields = (
        Field("name", ""),
        Field("use", N_("Use"), worded=True),
        Field("area_ha", N_("Area"), N_("ha"), 2),
        Field("available_year", N_("Available from"), grouped=False),
    )
    return Drawn(table, fields)


def land_features(plan: PlanLayers) -> Drawn:
    """Land that is neither plot nor street nor excluded, drawn by kind."""
    elsewhere = ["plot", "street", "excluded"]  # layers of their own
    land = plan.land[~plan.land["kind"].isin(elsewhere)]
    table = _table(
        land,
        look=land["kind"],
        noun=_worded(land["kind"], LAND_WORDS),
        zone_id=land["zone_id"],
        area_ha=land["area_ha"],
    )
    return Drawn(table, (Field("zone_id", N_("Zone")), Field("area_ha", N_("Area"), N_("ha"), 3)))


def exclusion_features(plan: PlanLayers) -> Drawn:
    """Land that cannot be plotted, with its buffer, drawn by kind."""
    exclusions = plan.exclusions
    kind = _column(exclusions, "kind").fillna(N_("exclusion"))
    table = _table(
        exclusions,
        look=kind,
        noun=_capital(kind),
        subject=exclusions["exclusion_id"],
        area_ha=exclusions.geometry.area / M2_PER_HA,
    )
    return Drawn(table, (Field("area_ha", N_("Area"), N_("ha"), 2),))


def street_features(plan: PlanLayers) -> Drawn:
    """Street land, and over it the centrelines by class."""
    land = plan.land[plan.land["kind"] == "street"]
    streets = plan.streets
    lines = _table(
        streets,
        look=streets["class"],
        noun=_worded(streets["class"], STREET_WORDS),
        subject=streets["street_id"],
        row_m=streets["row_m"],
        length_m=streets["length_m"],
    )
    area = _table(land, look="land", noun=LAND_WORDS["street"])
    fields = (
        Field("row_m", N_("Right of way"), N_("m"), 1),
        Field("length_m", N_("Length"), N_("m")),
    )
    return Drawn(pd.concat([area, lines], ignore_index=True), fields)


def gate_features(plan: PlanLayers) -> Drawn:
    """Gates, and the sidings that begin at railway gates; a rail gate may be its siding's line."""
    gates = plan.gates
    kind = _column(gates, "kind").fillna("road")
    noun = _worded(kind, GATE_WORDS)
    label = noun.astype(object).mask(_met(gates, kind), None)
    table = _table(gates, look=kind, noun=noun, subject=gates["gate_id"], label=label)
    return Drawn(table) if plan.sidings.empty else _with_sidings(table, plan.sidings)


def _met(gates: gpd.GeoDataFrame, kind: pd.Series[Any]) -> pd.Series[Any]:
    """Say which lines meet a gate of their kind: its name stands for both."""
    shapes = gates.geometry
    points = shapes[shapes.geom_type == "Point"]
    near = gpd.GeoDataFrame({"kind": kind[points.index]}, geometry=points.buffer(MEETS_M))
    lines = gpd.GeoDataFrame({"kind": kind}, geometry=shapes)[shapes.geom_type != "Point"]
    pairs = lines.sjoin(near)
    met = pairs.index[pairs["kind_left"] == pairs["kind_right"]]
    return pd.Series(gates.index.isin(met), gates.index)


def _with_sidings(gates: gpd.GeoDataFrame, sidings: gpd.GeoDataFrame) -> Drawn:
    noun = N_("Siding")
    table = _table(
        sidings,
        look="rail",
        noun=noun,
        subject=sidings["siding_id"],
        label=noun,
        row_m=sidings["row_m"],
        length_m=sidings["length_m"],
    )
    fields = (
        Field("row_m", N_("Right of way"), N_("m"), 1),
        Field("length_m", N_("Length"), N_("m")),
    )
    return Drawn(pd.concat([gates, table.to_crs(gates.crs)], ignore_index=True), fields)


def utility_features(plan: PlanLayers) -> Drawn:
    """Utilities where they come from: a point, or the land that one serves."""
    utilities = plan.utilities
    balance = plan.capacities.reindex(columns=["utility_id", "used", "free"])
    balance = balance.set_index("utility_id")
    table = _table(
        utilities,
        look=utilities["kind"],
        noun=utilities["kind"].map(UTILITY_NAMES),
        subject=utilities["utility_id"],
        unit=utilities["kind"].map(UTILITY_UNITS),
        capacity=_column(utilities, "capacity"),
        used=utilities["utility_id"].map(balance["used"]),
        free=utilities["utility_id"].map(balance["free"]),
        available_year=_column(utilities, "available_year"),
    )
    fields = (
        Field("capacity", N_("Capacity"), digits=1),
        Field("used", N_("Used"), digits=1),
        Field("free", N_("Free"), digits=1),
        Field("unit", N_("Unit"), worded=True),
        Field("available_year", N_("Available from"), grouped=False),
    )
    return Drawn(table, fields)


def receptor_features(plan: PlanLayers) -> Drawn:
    """Housing, recreation and what else must be kept away from."""
    receptors = plan.receptors
    kind = _capital(receptors["kind"])
    subject = receptors["receptor_id"]
    table = _table(receptors, look=receptors["kind"], noun=kind, subject=subject, label=kind)
    return Drawn(table)


def spz_features(plan: PlanLayers) -> Drawn:
    """Lines at the sanitary distances around all receptors, one for each hazard class.

    A receptor with a distance of its own (``distance_m``) has one line at that distance.
    """
    receptors = plan.receptors
    own = pd.to_numeric(_column(receptors, "distance_m"), errors="coerce")
    rows = []
    common = receptors.geometry[own.isna()]
    distances = sorted(plan.spz_distance_m.items(), key=lambda pair: -pair[1])
    for hazard, distance_m in distances if len(common) else ():
        reached = shapely.buffer(common.to_numpy(), distance_m, quad_segs=CIRCLE_SEGMENTS)
        ring = shapely.boundary(shapely.union_all(reached))
        rows.append((HAZARD_CLASSES[hazard], distance_m, ring))
    for index in receptors.index[own.notna()]:
        ring = receptors.geometry[index].buffer(own[index], quad_segs=CIRCLE_SEGMENTS).boundary
        rows.append((str(receptors["receptor_id"][index]), own[index], ring))
    frame = gpd.GeoDataFrame(
        {
            "of": pd.Series([row[0] for row in rows], dtype=object),
            "distance_m": pd.Series([row[1] for row in rows], dtype=float),
        },
        geometry=gpd.GeoSeries([row[2] for row in rows], crs=plan.zones.crs),
    )
    frame = frame[~frame.geometry.is_empty]
    table = _table(
        frame,
        look="ring",
        noun=N_("Sanitary distance"),
        subject=frame["of"],
        label=frame["of"],
        distance_m=frame["distance_m"],
    )
    return Drawn(table, (Field("distance_m", N_("Distance"), N_("m")),))


def finding_features(plan: PlanLayers) -> Drawn:
    """Give findings a look by severity; those without a place are left to the tables."""
    findings = plan.findings[plan.findings.geometry.notna() & ~plan.findings.geometry.is_empty]
    table = _table(
        findings,
        look=findings["severity"],
        noun=_worded(findings["severity"], SEVERITY_WORDS),
        subject=findings["rule"].str.cat(findings["subject"].astype(str), sep=" "),
        message=findings["message"],
        remedy=findings["remedy"].replace("", None),
    )
    return Drawn(table, (Field("message", ""), Field("remedy", "")))


FEATURES: dict[str, Callable[[PlanLayers], Drawn]] = {
    "zones": zone_features,
    "receptors": receptor_features,
    "land": land_features,
    "exclusions": exclusion_features,
    "streets": street_features,
    "spz": spz_features,
    "utilities": utility_features,
    "findings": finding_features,
    "gates": gate_features,
}
"""How each layer of the page is made, from the lowest to the highest; plots apart."""


def label_points(features: gpd.GeoDataFrame, towards: shapely.Point) -> gpd.GeoSeries:
    """Return where each label stands: deep inside a polygon, else nearest the park's middle."""
    shapes = np.asarray(features.geometry.array, dtype=object)
    lines = shapely.shortest_line(shapes, towards)
    polygonal = shapely.get_dimensions(shapes) == 2
    lines[polygonal] = shapely.maximum_inscribed_circle(shapes[polygonal])
    points = shapely.get_point(lines, 0)
    return gpd.GeoSeries(points, index=features.index, crs=features.crs)


def _table(frame: gpd.GeoDataFrame, **columns: pd.Series[Any] | str) -> gpd.GeoDataFrame:
    """Put a layer's columns together; those that every layer has are null where not given."""
    given = {"noun": None, "subject": None, "label": None} | columns
    table = pd.DataFrame(given, index=frame.index)
    return gpd.GeoDataFrame(table, geometry=frame.geometry).reset_index(drop=True)


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return an optional column, null where the layer has none."""
    return frame[name] if name in frame.columns else pd.Series(None, frame.index, dtype=object)


def _capital(text: pd.Series[Any]) -> pd.Series[Any]:
    return text.astype(str).str.replace("_", " ").str.capitalize()


def _worded(values: pd.Series[Any], words: Mapping[str, str]) -> pd.Series[Any]:
    """Say the kinds that are known in our words, and others as the input does."""
    return values.map(words).fillna(_capital(values))
