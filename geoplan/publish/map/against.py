"""An earlier plan within the page of a later one, and what differs between them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.comparison import Comparison, compared
from geoplan.plan import PlanLayers
from geoplan.publish.map.colours import Colouring, Numbers, colourings_of
from geoplan.publish.map.tables import Field, coded_fields
from geoplan.publish.map.words import N_

LAYERS = ("land", "streets")
"""What the page shows of the earlier plan besides its plots."""
SAME_M = 0.01
"""Outlines whose corners are within this distance are the same."""
UNCHANGED = ("kept", "waiting")

FIGURES = {
    ("Projects", ""): (N_("Projects"), "", 0),
    ("Projects placed", ""): (N_("Projects placed"), "", 0),
    ("Investment placed", "bn KZT"): (N_("Investment placed"), N_("bn KZT"), 1),
    ("Jobs placed", ""): (N_("Jobs placed"), "", 0),
    ("Area given to projects", "ha"): (N_("Area given to projects"), N_("ha"), 1),
    ("Plots", ""): (N_("Plots"), "", 0),
    ("Free plots", "ha"): (N_("Free plots"), N_("ha"), 1),
    ("Streets, length", "km"): (N_("Streets, length"), N_("km"), 2),
}
"""The comparison's figures that the page tells: words, unit and decimals."""
CHANGE_WORDS = {
    "new": N_("new in the portfolio"),
    "gone": N_("no longer in the portfolio"),
    "withdrawn": N_("withdrawn"),
    "moved": N_("moved"),
    "placed": N_("placed now"),
    "unplaced": N_("placed no more"),
}
PLOT_WORDS = {"new": N_("new"), "gone": N_("gone"), "changed": N_("changed")}
PROJECT_FIELDS = (
    Field("project_id", N_("Project")),
    Field("name", N_("Name")),
    Field("change", N_("Change"), worded=True),
    Field("plot_ids_a", N_("Plots before")),
    Field("plot_ids_b", N_("Plots after")),
    Field("area_ha_a", N_("Area before"), N_("ha"), 4),
    Field("area_ha_b", N_("Area after"), N_("ha"), 4),
    Field("invest_bn_kzt", N_("Investment"), N_("bn KZT"), 3),
)
PLOT_FIELDS = (
    Field("plot_id", N_("Plot")),
    Field("change", N_("Change"), worded=True),
    Field("area_ha_a", N_("Area before"), N_("ha"), 4),
    Field("area_ha_b", N_("Area after"), N_("ha"), 4),
    Field("project_id_a", N_("Project before")),
    Field("project_id_b", N_("Project after")),
)


def shared_colourings(
    earlier: tuple[pd.DataFrame, pd.DataFrame], later: tuple[pd.DataFrame, pd.DataFrame]
) -> tuple[list[Colouring], list[Numbers]]:
    """Colour the plots of two plans so that one colour means one thing in both.

    Parameters
    ----------
    earlier, later : pair of DataFrame
        Plots and projects of each plan.

    Returns
    -------
    colourings : list of Colouring
        Of the later plan's plots; an entry that only the earlier plan has counts none.
    codes : list of array of int64 (plots,)
        The entries of the earlier plan's plots in each of them.
    """
    sides = (_marked("a", *earlier), _marked("b", *later))
    plots, projects = (pd.concat(tables, ignore_index=True) for tables in zip(*sides, strict=True))
    first = len(earlier[0])
    area_ha = later[0]["area_ha"].to_numpy(dtype=float)
    found, codes = [], []
    for each in colourings_of(plots, projects):
        codes.append(each.entry_of_plot[:first])
        entry_of_plot = each.entry_of_plot[first:]
        count = np.bincount(entry_of_plot, minlength=len(each.entries))
        hectares = np.bincount(entry_of_plot, weights=area_ha, minlength=len(each.entries))
        entries = tuple(
            entry | {"count": int(number), "area_ha": round(float(area), 4)}
            for entry, number, area in zip(each.entries, count, hectares, strict=True)
        )
        found.append(Colouring(each.key, each.title, entries, entry_of_plot))
    return found, codes


def differences(earlier: PlanLayers, later: PlanLayers) -> dict[str, Any]:
    """Say what differs from an earlier plan to a later one.

    Returns
    -------
    dict
        ``sums`` (label, unit, digits, before, after), and as tables ``projects`` and ``plots``.
    """
    comparison = compared(earlier, later)
    return {
        "sums": _sums(comparison),
        "projects": _coded(_projects(comparison), PROJECT_FIELDS),
        "plots": _coded(_plots(earlier, later), PLOT_FIELDS),
    }


def _marked(
    side: str, plots: pd.DataFrame, projects: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Set the ids of one plan's projects apart: the other may say other things of the same."""
    tables = []
    for table in (plots, projects):
        plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore")).astype(object)
        ids = plain["project_id"].map(lambda name: f"{side}{name}", na_action="ignore")
        tables.append(plain.assign(project_id=ids.where(ids.notna(), None)))
    return tables[0], tables[1]


def _sums(comparison: Comparison) -> list[dict[str, Any]]:
    rows = comparison.figures.set_index(["figure", "unit"])[["a", "b"]]
    told = {
        key: (float(a), float(b))
        for key, (a, b) in zip(rows.index, rows.to_numpy(float), strict=True)
    }
    return [
        {
            "label": label,
            "unit": unit,
            "digits": digits,
            "before": round(told[key][0], digits),
            "after": round(told[key][1], digits),
        }
        for key, (label, unit, digits) in FIGURES.items()
    ]


def _coded(table: pd.DataFrame, fields: tuple[Field, ...]) -> dict[str, Any]:
    return {"count": len(table), "fields": coded_fields(table, fields)}


def _projects(comparison: Comparison) -> pd.DataFrame:
    """Return the projects whose place has changed; the comparison has them in order."""
    table = comparison.projects
    table = table[~table["change"].isin(UNCHANGED)].reset_index(drop=True)
    joined = {
        name: table[name].replace("", None).str.replace(";", ", ")
        for name in ("plot_ids_a", "plot_ids_b")
    }
    return pd.DataFrame(table.assign(change=table["change"].map(CHANGE_WORDS), **joined))


def _plots(earlier: PlanLayers, later: PlanLayers) -> pd.DataFrame:
    """Return the plots of which either plan has not the like."""
    sides = [_side(plan.plots.to_crs(later.zones.crs)) for plan in (earlier, later)]
    names = [*sides[0].index, *sides[1].index.difference(sides[0].index, sort=False)]
    one, other = (side.reindex(names) for side in sides)
    here, there = one["area_ha"].notna().to_numpy(), other["area_ha"].notna().to_numpy()
    shapes = [
        shapely.normalize(side["shape"].where(known, None).to_numpy(object))
        for known, side in ((here, one), (there, other))
    ]
    same = shapely.equals_exact(shapes[0], shapes[1], SAME_M)
    holders = [side["project_id"].fillna("").astype(str).to_numpy() for side in (one, other)]
    same &= holders[0] == holders[1]
    change = np.select([~here, ~there, ~same], ["new", "gone", "changed"], "")
    table = pd.DataFrame(
        {
            "plot_id": names,
            "change": pd.Series(change, dtype=object).map(PLOT_WORDS),
            "area_ha_a": one["area_ha"].to_numpy(dtype=float),
            "area_ha_b": other["area_ha"].to_numpy(dtype=float),
            "project_id_a": one["project_id"].to_numpy(dtype=object),
            "project_id_b": other["project_id"].to_numpy(dtype=object),
        }
    )
    differs: pd.Series[bool] = table["change"].notna()
    return table[differs].reset_index(drop=True)


def _side(plots: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return area, holder and shape of each plot, by its id."""
    return pd.DataFrame(
        {
            "area_ha": plots["area_ha"].to_numpy(dtype=float),
            "project_id": plots["project_id"].to_numpy(dtype=object),
            "shape": np.asarray(plots.geometry.array, dtype=object),
        },
        index=pd.Index(plots["plot_id"].astype(object)),
    )
