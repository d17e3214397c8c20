"""What stands around pieces of land: all that allocation needs to know of geometry.

What must be far is measured from the nearest point of the land, and what must be near from the
farthest, so a rule that holds for a strip holds for every plot that is cut from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.config import UTILITY_KINDS
from geoplan.site.given import Site
from geoplan.site.infrastructure import TIMED_COLUMNS

Geometries = NDArray[np.object_]

ROUNDING_M = 0.01
NO_CLASS = 6
"""Stands for "not even class V" where a receptor's own distance reaches the land."""


@dataclass(frozen=True)
class Surroundings:
    """Facts about units of land, by position.

    Attributes
    ----------
    facts : DataFrame
        ``hazard_max`` and ``available_year`` of the unit's zone (nullable), ``rail``,
        ``class_min`` (most dangerous class, 1-5, that keeps its distance from all
        receptors; 6 if none does), ``receptor_id`` (what forbids the next class),
        ``too_near_m_1`` to ``too_near_m_5`` (metres by which the unit is too near to a receptor
        for each class, 0 where it is far enough) and
        ``service_<kind>`` (the utility that serves the unit, null if none does) and
        ``supplied_from_<kind>`` (year; infinite where the site has such utilities but none
        serves the unit, minus infinite where the kind is not planned at all). Where there is
        infrastructure also ``served_by`` and ``waits_for`` of its land, and ``served_by_<kind>``
        and ``waits_for_<kind>`` of its utilities.
    left, right : ndarray of int
        Pairs of units (each pair once, left < right) within ``reach_m`` of each other.
    distance_m : ndarray
        Distance of each pair.
    """

    facts: pd.DataFrame
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    distance_m: NDArray[np.float64]


def surroundings(
    site: Site,
    units: gpd.GeoDataFrame,
    *,
    spz_distance_m: Mapping[int, float],
    rail_reach_m: float,
    reach_m: float,
) -> Surroundings:
    """Find out what stands around units of land.

    Parameters
    ----------
    site : Site
    units : GeoDataFrame
        ``zone_id`` and polygons in the working CRS.
    spz_distance_m : mapping of int to float
        Distance that each hazard class (1-5) keeps from receptors.
    rail_reach_m : float
        Land that lies within this distance of a rail gate or a siding as a whole
        has rail.
    reach_m : float
        Pairs of units farther apart are left out.
    """
    shapes = np.asarray(units.geometry.array, dtype=object)
    timed = [name for name in TIMED_COLUMNS if name in site.zones]
    facts = site.zones.set_index("zone_id")[["hazard_max", "available_year", *timed]]
    facts = facts.reindex(units["zone_id"].to_numpy()).reset_index(drop=True)
    # The whole of a unit, so that whatever is cut from it is within reach too.
    served = shapely.buffer(rail_land(site, rail_reach_m=rail_reach_m), ROUNDING_M)
    facts["rail"] = shapely.covered_by(shapes, served)
    facts["class_min"], facts["receptor_id"] = _classes(shapes, site.receptors, spz_distance_m)
    for number, short_m in enumerate(_too_near_m(shapes, site.receptors, spz_distance_m), start=1):
        facts[f"too_near_m_{number}"] = short_m
    for kind in UTILITY_KINDS:
        of_kind = site.utilities[site.utilities["kind"] == kind]
        facts[f"service_{kind}"] = serving_each(shapes, of_kind)
        facts = facts.assign(**supply_facts(facts[f"service_{kind}"], of_kind, kind))
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=reach_m)
    once = left < right
    left, right = left[once], right[once]
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    return Surroundings(facts, left, right, shapely.distance(shapes[left], shapes[right]))


def rail_land(site: Site, *, rail_reach_m: float) -> Any:
    """Land within reach of a rail gate or a siding: a (multi)polygon, empty where there is none."""
    gates = site.gates.geometry[site.gates["kind"] == "rail"].array
    tracks = shapely.union_all([*gates, *site.sidings.geometry.array])
    return shapely.buffer(tracks, rail_reach_m)


def _classes(
    shapes: Geometries, receptors: gpd.GeoDataFrame, spz_distance_m: Mapping[int, float]
) -> tuple[NDArray[np.intp], list[str | None]]:
    class_min = np.ones(len(shapes), dtype=np.intp)
    binding: list[str | None] = [None] * len(shapes)
    for receptor_id, own_m, shape in zip(
        receptors["receptor_id"], receptors["distance_m"], receptors.geometry, strict=True
    ):
        distance = shapely.distance(shapes, shape)
        if pd.notna(own_m):
            least = np.where(distance < own_m, NO_CLASS, 1)
        else:
            keeps = np.array([distance < spz_distance_m[number] for number in range(1, 6)])
            least = 1 + keeps.sum(axis=0)
        for index in np.flatnonzero(least > class_min):
            binding[index] = str(receptor_id)
        class_min = np.maximum(class_min, least)
    return class_min, binding


def _too_near_m(
    shapes: Geometries, receptors: gpd.GeoDataFrame, spz_distance_m: Mapping[int, float]
) -> NDArray[np.float64]:
    """Metres that each class lacks to its distance from all receptors, shape (5, units)."""
    short = np.zeros((5, len(shapes)))
    for own_m, shape in zip(receptors["distance_m"], receptors.geometry, strict=True):
        distance = shapely.distance(shapes, shape)
        for row, number in enumerate(range(1, 6)):
            keeps_m = spz_distance_m[number] if pd.isna(own_m) else own_m
            short[row] = np.maximum(short[row], keeps_m - distance)
    return short


def serving_each(shapes: Geometries, utilities: gpd.GeoDataFrame) -> Any:
    """Find the utility that serves each unit: the area over most of it, else the nearest point.

    Parameters
    ----------
    shapes : ndarray of Polygon
    utilities : GeoDataFrame
        ``utility_id`` of utilities of one kind; without a place one serves everywhere.

    Returns
    -------
    ndarray of str
        Ids, None where none serves.
    """
    ids = utilities["utility_id"].to_numpy(dtype=object)
    serving = np.full(len(shapes), None, dtype=object)
    if not len(ids):
        return serving
    where = np.asarray(utilities.geometry.array, dtype=object)
    area = shapely.get_dimensions(where) == 2
    everywhere = shapely.is_missing(where)
    points = ~area & ~everywhere
    if points.any():
        distance = np.array([shapely.distance(shapes, point) for point in where[points]])
        serving[:] = ids[points][distance.argmin(axis=0)]
    serving[:] = ids[everywhere][0] if everywhere.any() else serving
    if area.any():
        covered = np.array([_covered(shapes, w) for w in where[area]])
        best = covered.argmax(axis=0)
        served = covered.max(axis=0) > shapely.area(shapes) / 2
        serving[served] = ids[area][best[served]]
    return serving


def _covered(shapes: Geometries, area: Any) -> NDArray[np.float64]:
    """Return how much of each shape lies in an area; most lie in it wholly or not at all."""
    shapely.prepare(area)
    inside = shapely.covers(area, shapes)
    covered = np.where(inside, shapely.area(shapes), 0.0)
    across = shapely.intersects(area, shapes) & ~inside
    covered[across] = shapely.area(shapely.intersection(shapes[across], area))
    return covered


def supply_facts(serving: pd.Series[Any], utilities: gpd.GeoDataFrame, kind: str) -> dict[str, Any]:
    """Tell from when units have a kind of utility, and what they wait for.

    Parameters
    ----------
    serving : Series of str
        The utility that serves each unit.
    utilities : GeoDataFrame
        Those of this kind.
    kind : str

    Returns
    -------
    dict
        Columns of :attr:`Surroundings.facts`.
    """
    facts: dict[str, Any] = {f"supplied_from_{kind}": _supplied_from(serving, utilities)}
    for name in (each for each in TIMED_COLUMNS if each in utilities):
        known = utilities.set_index("utility_id")[name]
        facts[f"{name}_{kind}"] = serving.map(known).astype("str")
    return facts


def _supplied_from(serving: Any, utilities: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Year from which each unit is supplied."""
    if utilities.empty:
        return np.full(len(serving), -np.inf)
    years = utilities.set_index("utility_id")["available_year"].astype("Float64").fillna(-np.inf)
    # A column that holds texts has its missing ones as NaN.
    return np.array([np.inf if pd.isna(name) else float(years[name]) for name in serving])
