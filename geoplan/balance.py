"""The land balance: what kind each hectare is, zone by zone, held against a norm profile."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geoplan.config import LAND_KINDS, NormProfile

ALL = "all"


def balance_of(land: gpd.GeoDataFrame, norms: NormProfile) -> pd.DataFrame:
    """Add up land by kind for each zone and for the whole park.

    Norms are ranges of the whole park's shares; zones have none, for a zone of one use
    cannot keep to the mix of all.

    Parameters
    ----------
    land : GeoDataFrame
        ``kind, zone_id, area_ha``.
    norms : NormProfile

    Returns
    -------
    DataFrame
        ``zone_id, kind, area_ha, share, norm_min, norm_max, ok``; ``ok`` is null without a
        norm. Shares of a zone add up to 1.
    """
    areas = land.groupby(["zone_id", "kind"])["area_ha"].sum().unstack(fill_value=0.0)
    areas = areas.reindex(columns=list(LAND_KINDS), fill_value=0.0).sort_index()
    areas = pd.concat([areas.sum().to_frame(ALL).T, areas])
    table = areas.stack().rename("area_ha").rename_axis(["zone_id", "kind"]).reset_index()
    table["share"] = table["area_ha"] / table.groupby("zone_id")["area_ha"].transform("sum")
    whole = table["zone_id"] == ALL
    table = table[whole | (table["area_ha"] > 0)].reset_index(drop=True)
    for name in ("min", "max"):
        limits = {kind: getattr(norm, name) for kind, norm in norms.balance.items()}
        limit = table["kind"].map(limits).astype(float)
        table[f"norm_{name}"] = limit.where(table["zone_id"] == ALL)
    inside = table["share"].between(table["norm_min"], table["norm_max"])
    table["ok"] = pd.Series(np.where(table["norm_min"].isna(), None, inside), dtype="boolean")
    return table
