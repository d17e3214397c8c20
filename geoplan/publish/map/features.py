"""The plan's layers as the map draws them: a geometry, how it looks and what it says.

Each function returns a GeoDataFrame with the columns ``look`` (which style draws it), ``caption``
(lines shown when pointed at; the first is the heading) and ``label`` (written on the map).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.plan import PlanLayers
from geoplan.publish.map.passport import HAZARD_CLASSES
from geoplan.units import M2_PER_HA

CIRCLE_SEGMENTS = 16


def zone_features(plan: PlanLayers) -> gpd.GeoDataFrame:
    """Zones, drawn by use."""
    zones = plan.zones
    area_ha = zones.geometry.area / M2_PER_HA
    heading = _joined("Zone", zones["zone_id"], _column(zones, "name"))
    detail = _joined(zones["use"], _number(area_ha, "ha", 2))
    return _features(zones, zones["use"], heading, detail, label=zones["zone_id"])


def land_features(plan: PlanLayers) -> gpd.GeoDataFrame:
    """Land that is neither plot nor street nor excluded, drawn by kind."""
    elsewhere = ["plot", "street", "excluded"]  # layers of their own
    land = plan.land[~plan.land["kind"].isin(elsewhere)]
    detail = _joined("zone", land["zone_id"], _number(land["area_ha"], "ha", 3))
    return _features(land, land["kind"], _capital(land["kind"]), detail)


def exclusion_features(plan: PlanLayers) -> gpd.GeoDataFrame:
    """Land that cannot be plotted, with its buffer, drawn by kind."""
    exclusions = plan.exclusions
    kind = _column(exclusions, "kind").fillna("exclusion")
    area_ha = exclusions.geometry.area / M2_PER_HA
    heading = _joined(_capital(kind), exclusions["exclusion_id"])
    return _features(exclusions, kind, heading, _number(area_ha, "ha", 2))


def street_features(plan: PlanLayers) -> gpd.GeoDataFrame:
    """Street land, and over it the centrelines by class."""
    land = plan.land[plan.land["kind"] == "street"]
    streets = plan.streets
    heading = _joined(_capital(streets["class"]), "street", streets["street_id"])
    width = _joined("right of way", _number(streets["row_m"], "m", 1))
    length = _joined("length", _number(streets["length_m"], "m", 0))
    lines = _features(streets, streets["class"], heading, _joined(width, length, sep=", "))
    return pd.concat([_features(land, "land", "", ""), lines], ignore_index=True)


def gate_features(plan: PlanLayers) -> gpd.GeoDataFrame:
    """Gates; a rail gate may be the line of its siding."""
    gates = plan.gates
    kind = _column(gates, "kind").fillna("road")
    heading = _joined(_capital(kind), "gate", gates["gate_id"])
    return _features(gates, kind, heading, "", label=_capital(kind) + " gate")


def utility_features(plan: PlanLayers) -> gpd.GeoDataFrame:
    """Utilities where they come from: a point, or the land that one serves."""
    utilities = plan.utilities
    capacities = plan.capacities.reindex(columns=["utility_id", "used"])
    used = capacities.set_index("utility_id")["used"]
    supply = _number(utilities["capacity"], "", 1) + _split_unit(utilities["kind"])
    taken = _number(utilities["utility_id"].map(used), "used", 1)
    heading = _joined(utilities["kind"].map(_utility_name), utilities["utility_id"])
    return _features(utilities, utilities["kind"], heading, _joined(supply, taken, sep=", "))


def receptor_features(plan: PlanLayers) -> gpd.GeoDataFrame:
    """Housing, recreation and what else must be kept away from."""
    receptors = plan.receptors
    heading = _joined("Receptor", receptors["receptor_id"])
    label = _capital(receptors["kind"])
    return _features(receptors, receptors["kind"], heading, receptors["kind"], label=label)


def spz_features(plan: PlanLayers) -> gpd.GeoDataFrame:
    """Lines at the sanitary distances around all receptors, one for each hazard class.

    A receptor with a distance of its own (``distance_m``) has one line at that distance.
    """
    receptors = plan.receptors
    own = pd.to_numeric(_column(receptors, "distance_m"), errors="coerce")
    rows = []
    common = receptors.geometry[own.isna()]
    distances = sorted(plan.spz_distance_m.items(), key=lambda pair: -pair[1])
    for hazard, distance_m in distances if len(common) else ():
        ring = common.buffer(distance_m, quad_segs=CIRCLE_SEGMENTS).union_all().boundary
        rows.append((f"Sanitary distance, class {HAZARD_CLASSES[hazard]}", distance_m, ring))
    for index in receptors.index[own.notna()]:
        ring = receptors.geometry[index].buffer(own[index], quad_segs=CIRCLE_SEGMENTS).boundary
        rows.append((f"Distance of {receptors['receptor_id'][index]}", own[index], ring))
    frame = gpd.GeoDataFrame(
        {
            "heading": pd.Series([row[0] for row in rows], dtype=object),
            "distance_m": pd.Series([row[1] for row in rows], dtype=float),
        },
        geometry=gpd.GeoSeries([row[2] for row in rows], crs=plan.zones.crs),
    )
    frame = frame[~frame.geometry.is_empty]
    distance = _number(frame["distance_m"], "m", 0)
    short = frame["heading"].str.replace("Sanitary distance, ", "", regex=False)
    return _features(frame, "ring", frame["heading"], distance, label=_joined(distance, short))


def finding_features(plan: PlanLayers) -> gpd.GeoDataFrame:
    """Give findings a look by severity; those without a place are left to the report."""
    findings = plan.findings[plan.findings.geometry.notna() & ~plan.findings.geometry.is_empty]
    heading = _joined(_capital(findings["severity"]), findings["rule"], findings["subject"])
    detail = findings["message"].astype(str) + "\n" + findings["remedy"].fillna("").astype(str)
    return _features(findings, findings["severity"], heading, detail)


FEATURES: dict[str, Callable[[PlanLayers], gpd.GeoDataFrame]] = {
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


def _features(
    frame: gpd.GeoDataFrame,
    look: pd.Series[Any] | str,
    heading: pd.Series[Any] | str,
    detail: pd.Series[Any] | str,
    *,
    label: pd.Series[Any] | str = "",
) -> gpd.GeoDataFrame:
    table = pd.DataFrame(
        {"look": look, "heading": heading, "detail": detail, "label": label}, index=frame.index
    ).astype(str)
    table["caption"] = (table.pop("heading") + "\n" + table.pop("detail")).str.strip()
    return gpd.GeoDataFrame(table, geometry=frame.geometry).reset_index(drop=True)


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return an optional column, null where the layer has none."""
    return frame[name] if name in frame.columns else pd.Series(None, frame.index, dtype=object)


def _capital(text: pd.Series[Any]) -> pd.Series[Any]:
    return text.astype(str).str.replace("_", " ").str.capitalize()


def _number(values: pd.Series[Any], unit: str, digits: int) -> pd.Series[Any]:
    """Write numbers with a unit; nulls become null."""
    texts = [f"{v:,.{digits}f} {unit}".strip().replace(",", "\u2009") for v in values.astype(float)]
    return pd.Series(texts, values.index, dtype=object).where(values.notna(), None)


def _joined(*parts: pd.Series[Any] | str, sep: str = " ") -> pd.Series[Any]:
    """Join words row by row, leaving nulls out."""
    index = next(part.index for part in parts if isinstance(part, pd.Series))
    columns = [part if isinstance(part, pd.Series) else pd.Series(part, index) for part in parts]
    rows = zip(*columns, strict=True)
    texts = [sep.join(str(word) for word in row if pd.notna(word)) for row in rows]
    return pd.Series(texts, index, dtype=object)


UTILITY_WORDS = {
    "power_mw": ("Power", "MW"),
    "water_m3d": ("Water", "m³/day"),
    "wastewater_m3d": ("Waste water", "m³/day"),
    "gas_m3h": ("Gas", "m³/h"),
    "heat_gcalh": ("Heat", "Gcal/h"),
}


def _utility_name(kind: str) -> str:
    return UTILITY_WORDS[kind][0]


def _split_unit(kinds: pd.Series[Any]) -> pd.Series[Any]:
    return kinds.map(lambda kind: f" {UTILITY_WORDS[kind][1]}")
