"""What a page of a plan carries: all its data as one tree of plain values."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.plan import ALLOCATION_COLUMNS, PlanLayers
from geoplan.publish.map.colours import Colouring, colour_by_sector, colour_by_state
from geoplan.publish.map.features import FEATURES, label_points
from geoplan.publish.map.passport import PLOT_FIELDS, PROJECT_FIELDS, coded_fields
from geoplan.publish.map.payload import MAP_CRS, coded_column, coded_degrees, coded_shapes

Bounds = tuple[tuple[float, float], tuple[float, float]]


def page_content(plan: PlanLayers) -> dict[str, Any]:
    """Gather what the page shows.

    Returns
    -------
    dict
        ``title``, ``notice``, ``bounds``, ``layers`` (by name, lowest first), ``plots``,
        ``projects``, ``colourings`` and ``figures``; shapes and columns coded as in
        :mod:`geoplan.publish.map.payload`.
    """
    projects = plan.projects.reindex(columns=_all_columns(plan.projects, "project_id", "sector"))
    colourings = (colour_by_sector(plan.plots, projects), colour_by_state(plan.plots))
    middle = plan.zones.union_all().centroid
    return {
        "title": plan.name,
        "notice": plan.notice,
        "bounds": park_bounds(plan),
        "layers": {name: _layer(make(plan), middle) for name, make in FEATURES.items()},
        "plots": _plots(plan.plots, projects),
        "projects": _projects(projects, plan.allocation),
        "colourings": [_colouring(colouring) for colouring in colourings],
        "figures": _figures(plan),
    }


def park_bounds(plan: PlanLayers) -> Bounds:
    """Return the zones' corners: south-west and north-east, as latitude and longitude."""
    west, south, east, north = (float(side) for side in plan.zones.to_crs(MAP_CRS).total_bounds)
    return ((south, west), (north, east))


def _layer(features: gpd.GeoDataFrame, middle: shapely.Point) -> dict[str, Any]:
    labelled = features[features["label"] != ""]
    points = label_points(labelled, middle)
    return {
        "shapes": coded_shapes(features.geometry),
        "look": coded_column(features["look"]),
        "caption": coded_column(features["caption"].where(features["caption"] != "")),
        "labels": {"text": labelled["label"].tolist(), **_coded_points(points)},
    }


def _plots(plots: gpd.GeoDataFrame, projects: pd.DataFrame) -> dict[str, Any]:
    row_of_project = pd.Series(np.arange(len(projects)), projects["project_id"])
    project = plots["project_id"].map(row_of_project).fillna(-1).astype(int)
    return {
        "shapes": coded_shapes(plots.geometry),
        "points": _coded_points(plots.geometry.representative_point()),
        "fields": coded_fields(plots, PLOT_FIELDS),
        "project": project.tolist(),
    }


def _projects(projects: pd.DataFrame, allocation: pd.DataFrame) -> dict[str, Any]:
    columns = _all_columns(allocation, *ALLOCATION_COLUMNS)
    answers = allocation.reindex(columns=columns).set_index("project_id")
    answers = answers.reindex(projects["project_id"])
    return {
        "fields": coded_fields(projects, PROJECT_FIELDS),
        "count": len(projects),
        "unplaced": np.flatnonzero(answers["status"] == "unplaced").tolist(),
        "reason": coded_column(answers["reason"].replace("", None)),
    }


def _all_columns(table: pd.DataFrame, *needed: str) -> list[str]:
    """Return a table's columns and those it lacks: without a portfolio, tables have none."""
    return [*table.columns, *(name for name in needed if name not in table.columns)]


def _coded_points(points: gpd.GeoSeries) -> dict[str, list[int]]:
    xy = shapely.get_coordinates(points.to_crs(MAP_CRS).array)
    return {"x": coded_degrees(xy[:, 0]), "y": coded_degrees(xy[:, 1])}


def _colouring(colouring: Colouring) -> dict[str, Any]:
    return {
        "key": colouring.key,
        "title": colouring.title,
        "entries": list(colouring.entries),
        "codes": list(colouring.entry_of_plot),
    }


def _figures(plan: PlanLayers) -> list[dict[str, str]]:
    """Return the few numbers that stand under the title."""
    plots_ha = float(plan.plots["area_ha"].sum())
    zones_ha = float(plan.land["area_ha"].sum())
    status = plan.allocation.get("status", pd.Series(dtype=object))
    placed = int((status == "placed").sum())
    severity = plan.findings["severity"].value_counts()
    shown = [
        f"{severity[name]} {name}{'s' if severity[name] > 1 else ''}"
        for name in ("error", "warning")
        if name in severity
    ]
    return [
        {"label": "Zones", "value": f"{_grouped(zones_ha, 1)} ha"},
        {"label": "Plots", "value": f"{_grouped(len(plan.plots))} on {_grouped(plots_ha, 1)} ha"},
        {
            "label": "Projects placed",
            "value": f"{_grouped(placed)} of {_grouped(len(plan.projects))}",
        },
        {"label": "Findings", "value": ", ".join(shown) or "no errors"},
    ]


def _grouped(number: float, digits: int = 0) -> str:
    """Write a number with thin spaces between thousands.

    >>> _grouped(12345.67, 1).replace(chr(0x2009), "_")
    '12_345.7'
    """
    return f"{number:,.{digits}f}".replace(",", "\u2009")
