"""Land along existing roads: it can be reached from the year in which its road is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.config import UTILITY_KINDS
from geoplan.site.given import Site
from geoplan.site.infrastructure import TIMED_COLUMNS, ids_in
from geoplan.site.schema import ID_SEPARATOR
from geoplan.site.surroundings import Surroundings, supply_facts

BESIDE_M = 0.5
"""Land whose edge is this near a road's right of way lies along it."""


def reached_by_roads(
    around: Surroundings,
    site: Site,
    units: gpd.GeoDataFrame,
    *,
    row_m: Mapping[str, float],
    front_min_m: float,
) -> Surroundings:
    """Let land wait for the roads that it lies along.

    A corner lies along two of them and waits for both: which one its gate will be on is not known
    before it is drawn.

    Parameters
    ----------
    around : Surroundings
        Of these units.
    site : Site
    units : GeoDataFrame
        Polygons in the working CRS.
    row_m : mapping of str to float
        Right of way by class, m, of roads that state none.
    front_min_m : float
        So much of an edge makes a front.
    """
    if "available_year" not in site.roads or site.roads["available_year"].isna().all():
        return around
    roads = site.roads[site.roads["available_year"].notna()]
    facts = around.facts.assign(road_ids=pd.Series([None] * len(units), dtype="str"))
    edges = shapely.boundary(np.asarray(units.geometry.array, dtype=object))
    for row in roads.to_dict("records"):
        width_m = row_m[row["class"]] if pd.isna(row["row_m"]) else float(row["row_m"])
        land = shapely.buffer(row["geometry"], width_m / 2 + BESIDE_M, cap_style="flat")
        along = shapely.length(shapely.intersection(edges, land)) >= front_min_m
        facts = _waiting(_noted(facts, along, row["road_id"]), along, row)
    return replace(around, facts=facts)


def retimed(units: pd.DataFrame, site: Site) -> pd.DataFrame:
    """Tell units their years anew, for another time of the infrastructure around them.

    Parameters
    ----------
    units : DataFrame
        With the facts of :class:`Surroundings` and ``zone_id``.
    site : Site
        The same land, with other years.
    """
    zones = site.zones.set_index("zone_id")
    names = [name for name in ("available_year", *TIMED_COLUMNS) if name in units]
    facts = units.assign(
        **{name: zones[name].reindex(units["zone_id"]).to_numpy() for name in names}
    )
    facts["available_year"] = facts["available_year"].astype("Int64")
    if "road_ids" in units:
        roads = site.roads[site.roads["available_year"].notna()]
        listed = [set(ids_in(names)) for names in units["road_ids"]]
        for row in roads.to_dict("records"):
            facts = _waiting(facts, np.array([row["road_id"] in each for each in listed]), row)
    for kind in UTILITY_KINDS:
        of_kind = site.utilities[site.utilities["kind"] == kind]
        facts = facts.assign(**supply_facts(units[f"service_{kind}"], of_kind, kind))
    return facts


def _noted(facts: pd.DataFrame, along: Any, road_id: str) -> pd.DataFrame:
    names = [
        ID_SEPARATOR.join([*ids_in(listed), road_id]) if here else listed
        for listed, here in zip(facts["road_ids"], along, strict=True)
    ]
    return facts.assign(road_ids=pd.Series(names, index=facts.index, dtype="str"))


def _waiting(facts: pd.DataFrame, along: Any, road: Mapping[Any, Any]) -> pd.DataFrame:
    """Let some units wait for one road."""
    own, year = facts["available_year"].astype("Int64"), int(road["available_year"])
    later = along & (own.fillna(0) < year).to_numpy(dtype=bool)
    timed = facts.assign(available_year=own.mask(later, year))
    if "served_by" not in timed:
        return timed
    both = [
        ID_SEPARATOR.join(dict.fromkeys([*ids_in(by), *ids_in(road["served_by"])])) or None
        if here
        else by
        for by, here in zip(timed["served_by"], along, strict=True)
    ]
    waits = timed["waits_for"].astype(object).mask(later, road["waits_for"])
    return timed.assign(
        served_by=pd.Series(both, index=timed.index, dtype="str"), waits_for=waits.astype("str")
    )
