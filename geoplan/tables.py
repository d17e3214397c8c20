"""A plan's tables: who has which plot, what is drawn on, what it was all made from."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.explain import reasons
from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import TRANSPORT, Assignment
from geoplan.allocate.solve import StageResult
from geoplan.config import Scenario
from geoplan.plan import ALLOCATION_COLUMNS, PLOT_COLUMNS, STATED_COLUMNS
from geoplan.site import Site
from geoplan.subdivide.stage import LaidOut

Integers = NDArray[np.intp]

VERSIONED = (
    "geoplan",
    "geopandas",
    "shapely",
    "pyproj",
    "pandas",
    "numpy",
    "folium",
    "highspy",
    "networkx",
)
MARKET_OF_STATUS = {
    "application": "optioned",
    "review": "optioned",
    "reservation": "reserved",
    "contract": "sold",
    "construction": "sold",
    "operation": "sold",
}
"""A plot's market state by its project's place in the lifecycle."""
OCCUPATION_OF_STATUS = {"construction": "transitional", "operation": "occupied"}


def no_projects() -> pd.DataFrame:
    """Return a portfolio that nobody has applied to."""
    return pd.DataFrame({"project_id": pd.Series(dtype="str")})


def stated_plots(
    plots: gpd.GeoDataFrame, owner: Integers, site: Site, projects: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Give plots their project and their three states.

    Parameters
    ----------
    plots : GeoDataFrame
        As cut; a plot that was given keeps the states that the cadastre has, while nobody
        takes it.
    owner : ndarray of int, shape (plots,)
        Row of each plot's project, -1 where it is free.
    site : Site
    projects : DataFrame
    """
    taken = owner >= 0
    row = np.where(taken, owner, 0)
    columns = ("project_id", "status")
    ids, status = (
        projects[name].to_numpy(dtype=object)[row] if len(projects) else np.full(len(row), None)
        for name in columns
    )
    year = plots["zone_id"].map(site.zones.set_index("zone_id")["available_year"]).astype("Int64")
    by_year = ["raw" if pd.isna(y) else "serviced" if y <= site.year else "planned" for y in year]
    given = site.plots.set_index("plot_id").reindex(plots["plot_id"])
    market = given["market"].fillna("for sale").to_numpy(dtype=object)
    occupation = given["occupation"].fillna("vacant").to_numpy(dtype=object)
    servicing = given["servicing"].to_numpy(dtype=object)
    held = pd.Series(status, index=plots.index, dtype=object).where(taken)
    stated = plots.assign(
        market=held.map(MARKET_OF_STATUS).fillna(pd.Series(market, index=plots.index)),
        occupation=held.map(OCCUPATION_OF_STATUS).fillna(pd.Series(occupation, index=plots.index)),
        servicing=np.where(pd.isna(servicing), by_year, servicing),
        available_year=year,
        project_id=pd.Series(ids, index=plots.index, dtype=object).where(taken).astype("str"),
    )
    stated = stated.assign(
        cadastral_number=given["cadastral_number"].to_numpy(dtype=object),
        price_mln_kzt=_prices(stated, given, site),
    )
    told = [name for name in STATED_COLUMNS if stated[name].notna().any()]
    return stated[[*PLOT_COLUMNS, *told, "geometry"]]


def _prices(plots: pd.DataFrame, given: pd.DataFrame, site: Site) -> NDArray[np.float64]:
    """Return the price of each plot on offer, million KZT: its own, else by its zone's."""
    per_ha = plots["zone_id"].map(site.zones.set_index("zone_id")["price_mln_kzt_ha"])
    by_zone = (per_ha.astype("float64") * plots["area_ha"]).round(3).to_numpy()
    own = given["price_mln_kzt"].to_numpy(dtype="float64")
    offered = plots["project_id"].isna() & (plots["market"] == "for sale")
    return np.where(offered, np.where(np.isnan(own), by_zone, own), np.nan)


def in_order(projects: pd.DataFrame) -> list[str]:
    """Ids in the order in which projects are offered land.

    The greatest priority first; then the greatest investment, the most jobs, and the id.

    >>> asked = {"priority": [1.0, 2.0], "invest_bn_kzt": [9.0, 1.0], "jobs": [5, 5]}
    >>> in_order(pd.DataFrame({"project_id": ["A", "B"], **asked}))
    ['B', 'A']
    """
    keys = ["priority", "invest_bn_kzt", "jobs", "project_id"]
    ordered = projects.sort_values(keys, ascending=[False, False, False, True], kind="stable")
    return [str(name) for name in ordered["project_id"]]


def waiting_ranks(projects: pd.DataFrame, placed: NDArray[np.bool_]) -> pd.Series[Any]:
    """Rank those who wait for land, from 1; null for who has a plot or has withdrawn."""
    waits = ~placed & (projects["status"] != "withdrawn").to_numpy(dtype=bool)
    rank = {name: number for number, name in enumerate(in_order(projects[waits]), start=1)}
    return projects["project_id"].map(rank).astype("Int64")


def allocation_table(
    projects: pd.DataFrame, plots: gpd.GeoDataFrame, posed: Posed | None, assignment: Assignment
) -> pd.DataFrame:
    """Say for each project where it stands, or why it does not."""
    ids = projects["project_id"]
    if posed is None:
        why = "No allocation was asked for: plots were cut to a grid."
        nothing = {"status": "unplaced", "plot_ids": "", "area_ha": 0.0, "zone_id": ""}
        table = pd.DataFrame({"project_id": ids, **nothing, "reason": why})
        table["waiting"] = pd.array([None] * len(table), dtype="Int64")
        return table[list(ALLOCATION_COLUMNS)]
    held = plots[plots["project_id"].notna()].sort_values("plot_id").groupby("project_id")
    return pd.DataFrame(
        {
            "project_id": ids,
            "status": np.where(assignment.unit >= 0, "placed", "unplaced"),
            "plot_ids": _told_of(ids, held["plot_id"].agg(";".join)),
            "area_ha": assignment.area_ha.round(6),
            "zone_id": _told_of(ids, held["zone_id"].first()),
            "reason": reasons(posed, assignment),
            "waiting": waiting_ranks(projects, assignment.unit >= 0),
        }
    )


def _told_of(ids: pd.Series[str], told: pd.Series[str]) -> pd.Series[str]:
    """Look up each id; an empty text where nothing is told of it, also where nothing is at all."""
    return ids.map(told.to_dict()).astype("str").fillna("")


def capacity_table(site: Site, posed: Posed | None, assignment: Assignment) -> pd.DataFrame:
    """Add up what each utility gives to those placed."""
    table = pd.DataFrame(site.utilities[["utility_id", "kind", "capacity"]])
    used = np.zeros(len(table))
    if posed is not None:
        placed = np.flatnonzero(assignment.unit >= 0)
        unit, projects = assignment.unit[placed], posed.asked.projects
        for index, (utility_id, kind) in enumerate(
            zip(table["utility_id"], table["kind"], strict=True)
        ):
            serving = posed.asked.units[f"service_{kind}"] == utility_id
            served = serving.to_numpy(dtype=bool)[unit]
            used[index] = projects[kind].to_numpy(dtype=float)[placed][served].sum()
    return table.assign(used=used, free=table["capacity"] - used).reset_index(drop=True)


def manifest_of(
    site: Site, scenario: Scenario, laid_out: LaidOut, stages: Sequence[StageResult]
) -> Mapping[str, Any]:
    """Say what the plan was made from and how good it is proved to be."""
    versions = {name: metadata.version(name) for name in VERSIONED}
    solver = [
        {
            "aim": stage.name,
            "status": str(stage.status),
            # Work is told as it is, the least that is proven to be needed as its bound.
            "objective": 0.0 - stage.value if stage.name == TRANSPORT else stage.value,
            "bound": 0.0 - stage.bound if stage.name == TRANSPORT else stage.bound,
            "gap": stage.gap,
        }
        for stage in stages
        if stage.asked
    ]
    first = (
        {name: solver[0][name] for name in ("status", "objective", "bound", "gap")}
        if solver
        else {}
    )
    return {
        "inputs": dict(site.inputs),
        "settings": scenario.model_dump(mode="json", exclude_none=True),
        "norms": scenario.norm_profile.model_dump(mode="json"),
        "versions": {"python": platform.python_version(), **versions},
        "seed": scenario.allocate.seed,
        **first,
        "solver": solver,
        "layout_search": {
            "layouts_tried": laid_out.layouts_tried,
            "score_median_ha": laid_out.score_median,
            "score_best_ha": laid_out.score_best,
        },
    }
