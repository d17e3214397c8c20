"""What a page of a plan carries: all its data as one tree of plain values."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.errors import GeoplanError, Problem
from geoplan.plan import ALLOCATION_COLUMNS, PlanLayers
from geoplan.publish.map.against import LAYERS, differences, shared_colourings
from geoplan.publish.map.audience import PLANNER, plan_for
from geoplan.publish.map.colours import Colouring, colourings_of
from geoplan.publish.map.features import FEATURES, Drawn, label_points
from geoplan.publish.map.figures import figures_of
from geoplan.publish.map.fits import editing
from geoplan.publish.map.flows import flow_features
from geoplan.publish.map.ledgers import ledgers
from geoplan.publish.map.metric import plan_metric
from geoplan.publish.map.passport import PLOT_FIELDS, PROJECT_FIELDS
from geoplan.publish.map.payload import MAP_CRS, coded_points, coded_shapes, coded_texts
from geoplan.publish.map.supply import supply_of_plots
from geoplan.publish.map.tables import coded_fields
from geoplan.publish.map.words import LANGUAGES, catalogues
from geoplan.site.schema import ID_SEPARATOR

FLOWS = "flows"
"""The layer that only plans with flows have."""
Bounds = tuple[tuple[float, float], tuple[float, float]]

NOT_COMPARED = Problem(
    "map",
    "what differs between two plans is for planners alone.",
    "Leave out the other plan, or make the map for planners.",
)


def page_content(
    plan: PlanLayers,
    *,
    against: PlanLayers | None = None,
    audience: str = PLANNER,
    language: str = LANGUAGES[0],
) -> dict[str, Any]:
    """Gather what the page shows.

    Parameters
    ----------
    plan : PlanLayers
    against : PlanLayers, optional
        An earlier plan, which the page then lays beside this one.
    audience : str
        Who reads it; the plan is cut down to what is theirs before anything is coded.
    language : str
        In which the page opens.

    Returns
    -------
    dict
        ``title``, ``notice``, ``bounds``, ``audience``, ``language``, ``words`` (see
        :func:`~geoplan.publish.map.words.catalogues`), ``layers`` (by name, lowest first),
        ``plots``, ``projects``, ``supply``, ``colourings``, ``figures`` and ``ledgers``; shapes
        and columns coded as in :mod:`geoplan.publish.map.payload`. With an earlier plan also
        ``against``: the like of it, and what differs.

    Raises
    ------
    GeoplanError
        If there is no such audience, or it may not compare plans.
    """
    plan = plan_for(plan, audience)
    if against is not None and audience != PLANNER:
        raise GeoplanError([NOT_COMPARED])
    projects = project_table(plan)
    middle = shapely.centroid(shapely.union_all(plan.zones.geometry.array))
    content: dict[str, Any] = {
        "title": plan.name,
        "notice": plan.notice,
        "bounds": park_bounds(plan),
        "audience": audience,
        "language": language,
        "words": catalogues(),
        "layers": {name: _layer(make(plan), middle) for name, make in FEATURES.items()},
        "plots": _plots(plan.plots, projects),
        "projects": {"count": len(projects), "fields": coded_fields(projects, PROJECT_FIELDS)},
        "colourings": [_colouring(each) for each in colourings_of(plan.plots, projects)],
        "figures": figures_of(plan, audience),
        "supply": supply_of_plots(plan),
        "metric": plan_metric(plan.zones.crs, park_bounds(plan)),
        "ledgers": ledgers(plan),
    }
    if len(plan.flows):
        content["layers"][FLOWS] = _layer(flow_features(plan), middle)
    if audience == PLANNER and against is None:
        content["edit"] = editing(plan)
    return content if against is None else content | _beside(plan, projects, against, middle)


def _beside(
    plan: PlanLayers, projects: pd.DataFrame, earlier: PlanLayers, middle: shapely.Point
) -> dict[str, Any]:
    """Return what the page of two plans has besides, and the colourings that both share."""
    portfolio = project_table(earlier)
    colourings, codes = shared_colourings((earlier.plots, portfolio), (plan.plots, projects))
    told = differences(earlier, plan)
    return {
        "colourings": [_colouring(each) for each in colourings],
        "ledgers": ledgers(plan) | {"moves": told["projects"], "recut": told["plots"]},
        "against": {
            "title": earlier.name,
            "sums": told["sums"],
            "layers": {name: _layer(FEATURES[name](earlier), middle) for name in LAYERS},
            "plots": _plots(earlier.plots, portfolio),
            "projects": {
                "count": len(portfolio),
                "fields": coded_fields(portfolio, PROJECT_FIELDS),
            },
            "codes": codes,
        },
    }


def park_bounds(plan: PlanLayers) -> Bounds:
    """Return the zones' corners: south-west and north-east, as latitude and longitude."""
    west, south, east, north = (float(side) for side in plan.zones.to_crs(MAP_CRS).total_bounds)
    return ((south, west), (north, east))


def project_table(plan: PlanLayers) -> pd.DataFrame:
    """Return the portfolio with what became of each project.

    Returns
    -------
    DataFrame
        The portfolio's columns, and of the allocation ``state`` (placed, unplaced), ``reason``
        and ``waiting``. Where years were chosen, ``start_year`` is that of who has land, and
        ``waits_for`` the infrastructure before it.
    """
    projects = plan.projects.reindex(columns=_all_columns(plan.projects, "project_id", "sector"))
    columns = _all_columns(plan.allocation, *ALLOCATION_COLUMNS)
    answers = plan.allocation.reindex(columns=columns).set_index("project_id")
    answers = answers.reindex(projects["project_id"])
    told = projects.assign(
        state=answers["status"].to_numpy(),
        reason=answers["reason"].replace("", None).to_numpy(),
        waiting=answers["waiting"].to_numpy(),
    )
    return told if "waits_for" not in answers else _in_years(told, answers)


def _in_years(projects: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Tell the years chosen instead of those asked for, and what they wait for."""
    chosen = answers["start_year"].astype("Int64").reset_index(drop=True)
    waits = answers["waits_for"].replace("", None).str.replace(ID_SEPARATOR, ", ", regex=False)
    return projects.assign(
        start_year=chosen.fillna(projects["start_year"].reset_index(drop=True)).to_numpy(),
        waits_for=waits.to_numpy(),
    )


def _layer(drawn: Drawn, middle: shapely.Point) -> dict[str, Any]:
    table = drawn.table
    labelled = np.flatnonzero(table["label"].notna())
    return {
        "shapes": coded_shapes(table.geometry),
        "look": coded_texts(table["look"].astype(str)),
        "noun": coded_texts(table["noun"]),
        "subject": coded_texts(table["subject"]),
        "label": coded_texts(table["label"]),
        "labelled": labelled,
        "points": coded_points(label_points(table.iloc[labelled], middle)),
        "fields": coded_fields(table, drawn.fields),
    }


def _plots(plots: gpd.GeoDataFrame, projects: pd.DataFrame) -> dict[str, Any]:
    # Categories in the portfolio's order: the page then holds the ids of projects once.
    ids = pd.unique(pd.concat([projects["project_id"], plots["project_id"].dropna()]))
    table = plots.assign(project_id=pd.Categorical(plots["project_id"], ids))
    code = table["project_id"].cat.codes.to_numpy().astype(np.int64)
    return {
        "shapes": coded_shapes(plots.geometry),
        "points": coded_points(plots.geometry.representative_point()),
        "fields": coded_fields(table, PLOT_FIELDS),
        "project": np.where(code < len(projects), code, -1),
    }


def _all_columns(table: pd.DataFrame, *needed: str) -> list[str]:
    """Return a table's columns and those it lacks: without a portfolio, tables have none."""
    return [*table.columns, *(name for name in needed if name not in table.columns)]


def _colouring(colouring: Colouring) -> dict[str, Any]:
    return {
        "key": colouring.key,
        "title": colouring.title,
        "entries": list(colouring.entries),
        "codes": colouring.entry_of_plot,
    }
