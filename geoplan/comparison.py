"""Two plans side by side: what is placed, what the land is for, who has moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.plan import PlanLayers
from geoplan.units import M2_PER_HA

SAME_SHARE = 0.999
"""Who has at least this share of his land in common in both plans has not moved."""
CHANGES = ("new", "gone", "withdrawn", "moved", "placed", "unplaced", "waiting", "kept")
"""What becomes of a project from one plan to the other, what matters most first."""
SIDES = ("a", "b")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two plans side by side; columns end in ``_a`` and ``_b``, or are called so.

    Attributes
    ----------
    names, labels : tuple of str
        The parks' names, and what the plans are called (their folders).
    figures : DataFrame
        ``figure, unit, a, b, difference``: projects placed, investment, jobs, land.
    balance : DataFrame
        ``kind, area_ha_a, area_ha_b, difference_ha, share_a, share_b``.
    streets : DataFrame
        ``class, length_km_a, length_km_b, difference_km``.
    capacities : DataFrame
        ``utility_id, kind`` and ``capacity, used, free`` of both; null where a plan lacks one.
    objectives : DataFrame
        ``aim`` and ``value, bound, gap`` of both; null where a plan did not have the aim.
    projects : DataFrame
        ``project_id, name, change`` (one of :data:`CHANGES`), ``plot_ids_a, plot_ids_b,
        area_ha_a, area_ha_b, common_share`` (of the land, null where either has none),
        ``invest_bn_kzt``.
    """

    names: tuple[str, str]
    labels: tuple[str, str]
    figures: pd.DataFrame
    balance: pd.DataFrame
    streets: pd.DataFrame
    capacities: pd.DataFrame
    objectives: pd.DataFrame
    projects: pd.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """How many projects of each change there are."""
        found = self.projects["change"].value_counts()
        return {change: int(found.get(change, 0)) for change in CHANGES}


def compared(a: PlanLayers, b: PlanLayers, *, labels: tuple[str, str] = ("A", "B")) -> Comparison:
    """Put two plans side by side.

    Parameters
    ----------
    a, b : PlanLayers
        Of the same park or not; projects are known by their ids, land by its outlines.
    labels : tuple of str
        What the plans are to be called.
    """
    return Comparison(
        (a.name, b.name),
        labels,
        _figures(a, b),
        _balance(a, b),
        _streets(a, b),
        _capacities(a, b),
        _objectives(a, b),
        _projects(a, b),
    )


def _figures(a: PlanLayers, b: PlanLayers) -> pd.DataFrame:
    one, other = (_totals(plan) for plan in (a, b))
    rows = [(figure, unit, one[figure, unit], other[figure, unit]) for figure, unit in one]
    table = pd.DataFrame(rows, columns=["figure", "unit", "a", "b"])
    return table.assign(difference=table["b"] - table["a"])


def _totals(plan: PlanLayers) -> dict[tuple[str, str], float]:
    """Add up one plan, by title and unit."""
    table, asked = plan.allocation, plan.projects
    placed = table.loc[table["status"] == "placed", "project_id"]
    mine = asked[asked["project_id"].isin(placed)]
    free = plan.plots["project_id"].isna()
    return {
        ("Projects", ""): float(len(asked)),
        ("Projects placed", ""): float(len(placed)),
        ("Investment placed", "bn KZT"): _sum(mine, "invest_bn_kzt"),
        ("Jobs placed", ""): _sum(mine, "jobs"),
        ("Area given to projects", "ha"): _sum(table, "area_ha"),
        ("Gross area of the zones", "ha"): float(plan.zones.area.sum()) / M2_PER_HA,
        ("Plots", ""): float(len(plan.plots)),
        ("Plots", "ha"): _sum(plan.plots, "area_ha"),
        ("Free plots", ""): float(free.sum()),
        ("Free plots", "ha"): _sum(plan.plots[free], "area_ha"),
        ("Streets, length", "km"): _sum(plan.streets, "length_m") / 1000,
        ("Errors", ""): float((plan.findings["severity"] == "error").sum()),
        ("Warnings", ""): float((plan.findings["severity"] == "warning").sum()),
    }


def _sum(table: pd.DataFrame, column: str) -> float:
    return float(table[column].sum()) if column in table else 0.0


def _balance(a: PlanLayers, b: PlanLayers) -> pd.DataFrame:
    one, other = (
        plan.balance[plan.balance["zone_id"] == "all"].set_index("kind")[["area_ha", "share"]]
        for plan in (a, b)
    )
    table = _joined(one, other).fillna(0.0)
    table = table.assign(difference_ha=table["area_ha_b"] - table["area_ha_a"])
    columns = ["area_ha_a", "area_ha_b", "difference_ha", "share_a", "share_b"]
    return table[columns].reset_index(names="kind")


def _streets(a: PlanLayers, b: PlanLayers) -> pd.DataFrame:
    one, other = (
        (plan.streets["length_m"].groupby(plan.streets["class"]).sum() / 1000).to_frame("length_km")
        for plan in (a, b)
    )
    table = _joined(one, other).fillna(0.0)
    table = table.assign(difference_km=table["length_km_b"] - table["length_km_a"])
    return table.reset_index(names="class")


def _capacities(a: PlanLayers, b: PlanLayers) -> pd.DataFrame:
    columns = ["kind", "capacity", "used", "free"]
    one, other = (plan.capacities.set_index("utility_id")[columns] for plan in (a, b))
    table = _joined(one, other)
    table.insert(0, "kind", table["kind_a"].fillna(table["kind_b"]))
    return table.drop(columns=["kind_a", "kind_b"]).reset_index(names="utility_id")


def _objectives(a: PlanLayers, b: PlanLayers) -> pd.DataFrame:
    return _joined(_solved(a.manifest), _solved(b.manifest)).reset_index(names="aim")


def _solved(manifest: Mapping[str, Any]) -> pd.DataFrame:
    stages = list(manifest.get("solver", ()))
    # JSON has no infinity: a bound or gap that is null was never proven.
    rows = [[stage.get(key) for key in ("objective", "bound", "gap")] for stage in stages]
    aims = [str(stage.get("aim", "")) for stage in stages]
    return pd.DataFrame(rows, index=aims, columns=["value", "bound", "gap"], dtype=float)


def _joined(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Join two tables by their index, the first one's order first."""
    names = [*one.index, *other.index.difference(one.index, sort=False)]
    sides = [
        table.reindex(names).add_suffix(f"_{side}")
        for table, side in zip((one, other), SIDES, strict=True)
    ]
    pairs = [f"{column}_{side}" for column in one.columns for side in SIDES]
    return pd.concat(sides, axis=1)[pairs]


def _projects(a: PlanLayers, b: PlanLayers) -> pd.DataFrame:
    one, other = (_places(plan) for plan in (a, b))
    table = _joined(one, other)
    texts = ["plot_ids_a", "plot_ids_b"]
    table[texts] = table[texts].fillna("")
    in_a, in_b = table.index.isin(one.index), table.index.isin(other.index)
    had, has = table["plot_ids_a"] != "", table["plot_ids_b"] != ""
    common = _common_share(a, b).reindex(table.index).where(had & has)
    stays = common.fillna(0.0) >= SAME_SHARE
    left = table.index.isin(b.withdrawn) & ~table.index.isin(a.withdrawn)
    change = pd.Series("waiting", index=table.index, dtype=object)
    for word, holds in (
        ("unplaced", had & ~has), ("placed", ~had & has), ("moved", had & has & ~stays),
        ("kept", had & has & stays), ("withdrawn", left), ("new", ~in_a), ("gone", ~in_b),
    ):  # fmt: skip
        change = change.mask(holds, word)
    known = pd.concat([_asked(b), _asked(a)])
    known = known[~known.index.duplicated()].reindex(table.index)
    found = pd.DataFrame(
        {
            "project_id": table.index.astype("str"),
            "name": known["name"].to_numpy(dtype=object),
            "change": change.to_numpy(dtype=object),
            **{column: table[column].to_numpy() for column in table.columns},
            "common_share": common.to_numpy(dtype=float),
            "invest_bn_kzt": known["invest_bn_kzt"].to_numpy(dtype=float),
        }
    )
    rank = found["change"].map({change: place for place, change in enumerate(CHANGES)})
    order = np.lexsort((found["project_id"].to_numpy(str), rank.to_numpy()))
    return found.iloc[order].reset_index(drop=True)


def _places(plan: PlanLayers) -> pd.DataFrame:
    """Return plots and area of each project, by its id; no plots where it has none."""
    table = plan.allocation.set_index("project_id")[["plot_ids", "area_ha", "status"]]
    placed = table["status"] == "placed"
    return table.assign(plot_ids=table["plot_ids"].where(placed, ""))[["plot_ids", "area_ha"]]


def _asked(plan: PlanLayers) -> pd.DataFrame:
    table = plan.projects.set_index("project_id")
    return table.reindex(columns=["name", "invest_bn_kzt"])


def _common_share(a: PlanLayers, b: PlanLayers) -> pd.Series[float]:
    """Share of the larger of each project's two pieces of land that both plans give it."""
    one = _land(a.plots)
    other = _land(b.plots.to_crs(a.plots.crs))
    both = one.index.intersection(other.index)
    left, right = (np.asarray(land.loc[both].array, dtype=object) for land in (one, other))
    larger = np.maximum(shapely.area(left), shapely.area(right))
    shared = shapely.area(shapely.intersection(left, right))
    return pd.Series(np.divide(shared, larger, out=np.zeros_like(shared), where=larger > 0), both)


def _land(plots: gpd.GeoDataFrame) -> gpd.GeoSeries:
    held = plots[plots["project_id"].notna()]
    return held[["project_id", "geometry"]].dissolve("project_id").geometry
