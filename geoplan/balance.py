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
        ``zone_id, kind, area_ha, share, norm_min, norm_max, ok``: first the whole park, called
        ``all``, with every kind of land, then each zone with the kinds that it has. ``ok`` is
        null without a norm. Shares of a zone add up to 1.
    """
    areas = land.pivot_table(
        index="zone_id", columns="kind", values="area_ha", aggfunc="sum", fill_value=0.0
    )
    areas = areas.reindex(columns=list(LAND_KINDS), fill_value=0.0).sort_index()
    zone_ids = [ALL, *areas.index]
    by_zone = np.vstack([areas.sum().to_numpy(), areas.to_numpy()])
    table = pd.DataFrame(
        {
            "zone_id": pd.Series(np.repeat(zone_ids, len(LAND_KINDS)), dtype="str"),
            "kind": pd.Series(list(LAND_KINDS) * len(zone_ids), dtype="str"),
            "area_ha": by_zone.ravel(),
            "share": (by_zone / by_zone.sum(axis=1, keepdims=True)).ravel(),
        }
    )
    whole = np.arange(len(table)) < len(LAND_KINDS)
    for name in ("min", "max"):
        limits = {kind: getattr(norm, name) for kind, norm in norms.balance.items()}
        table[f"norm_{name}"] = table["kind"].map(limits).astype(float).where(whole)
    inside = table["share"].between(table["norm_min"], table["norm_max"])
    table["ok"] = inside.astype("boolean").mask(table["norm_min"].isna())
    return table[whole | (table["area_ha"] > 0)].reset_index(drop=True)
