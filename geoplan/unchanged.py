"""Whether the land is still the land that an earlier plan was made of."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.config import Scenario
from geoplan.errors import Problems
from geoplan.plan import PlanLayers
from geoplan.site import Site

Geometries = NDArray[np.object_]

MOVED_M = 0.01
"""Outlines that differ by no more than this along their whole length are the same."""
ROAD_M = 0.5
"""A road this near an earlier street is that street."""
STREETLESS = {"market_plot_ha", "remainder", "layouts_max"}
"""Settings of [subdivide] that say nothing about streets, strips or what a plot must be."""
COST = "_cost_mln_kzt_km"
"""Nor do those whose names end so."""
REMEDY = "Plan afresh, without --from, or put back what the earlier plan was made of."


def check_same_land(site: Site, scenario: Scenario, earlier: PlanLayers) -> None:
    """Refuse an earlier plan that was made of other land, or by other rules of division.

    Outlines are compared, not files: the same land written anew is the same land.

    Parameters
    ----------
    site : Site
    scenario : Scenario
    earlier : PlanLayers

    Raises
    ------
    GeoplanError
        With all that differs: zones, exclusions, gates, roads, the CRS, settings.
    """
    problems = Problems()
    _check_settings(scenario, earlier, problems)
    if not site.crs.equals(earlier.zones.crs, ignore_axis_order=True):
        problems.add("[site] crs", "the earlier plan was drawn in another one.", REMEDY)
        problems.raise_any()
    _check_layer("zones", site.zones, earlier.zones, ("use",), problems)
    _check_layer("exclusions", site.exclusions, earlier.exclusions, ("crossable",), problems)
    _check_layer("gates", site.gates, earlier.gates, ("kind", "row_m"), problems)
    _check_roads(site, earlier, problems)
    problems.raise_any()


def _check_settings(scenario: Scenario, earlier: PlanLayers, problems: Problems) -> None:
    now = scenario.subdivide.model_dump(mode="json", exclude_none=True)
    then = dict(earlier.manifest.get("settings", {})).get("subdivide", {})
    # In a grid the market's plots are all there is: another size of them is another plan.
    known = now.keys() - (set() if scenario.subdivide.mode == "grid" else STREETLESS)
    for name in sorted(name for name in known if not name.endswith(COST)):
        if name in then and then[name] != now[name]:
            cause = f"the earlier plan was made with {then[name]}, and it is {now[name]} now."
            problems.add(f"[subdivide] {name}", cause, REMEDY)


def _check_layer(
    layer: str,
    now: gpd.GeoDataFrame,
    then: gpd.GeoDataFrame,
    columns: tuple[str, ...],
    problems: Problems,
) -> None:
    key = f"{layer.removesuffix('s')}_id"
    left, right = now.set_index(key), then.set_index(key)
    added, gone = left.index.difference(right.index), right.index.difference(left.index)
    for ids, cause in (
        (added, "the earlier plan did not have these."),
        (gone, "the earlier plan had these, and they are gone."),
    ):
        if len(ids):
            problems.add(layer, cause, REMEDY, ids)
    both = left.index.intersection(right.index)
    left, right = left.loc[both], right.loc[both]
    moved = ~_same_outlines(_shapes(left), _shapes(right))
    if moved.any():
        problems.add(layer, "they lie elsewhere than in the earlier plan.", REMEDY, both[moved])
    for column in columns:
        differs = ~_same_values(left[column], right[column])
        if differs.any():
            cause = f"{column} is not what it was in the earlier plan."
            problems.add(layer, cause, REMEDY, both[differs])


def _shapes(frame: gpd.GeoDataFrame) -> Geometries:
    return np.asarray(frame.geometry.array, dtype=object)


def _same_outlines(now: Geometries, then: Geometries) -> NDArray[np.bool_]:
    """Tell which shapes are the same, up to rounding and to corners added along their edges."""
    areal = (shapely.get_dimensions(now) == 2) & (shapely.get_dimensions(then) == 2)
    same = np.empty(len(now), dtype=bool)
    off_m2 = shapely.area(shapely.symmetric_difference(now[areal], then[areal]))
    same[areal] = off_m2 <= MOVED_M * shapely.length(now[areal])
    same[~areal] = shapely.hausdorff_distance(now[~areal], then[~areal]) <= MOVED_M
    return same


def _same_values(now: pd.Series[Any], then: pd.Series[Any]) -> NDArray[np.bool_]:
    one, other = (column.astype(object).where(column.notna(), None) for column in (now, then))
    pairs = zip(one, other, strict=True)
    return np.array([bool(left == right) for left, right in pairs], dtype=bool)


def roads_mark(site: Site) -> str:
    """Sum up where the roads run, to the centimetre; the layer itself is not part of a plan."""
    lines = shapely.normalize(shapely.set_precision(_shapes(site.roads), MOVED_M))
    return sha256(b"".join(sorted(shapely.to_wkb(lines)))).hexdigest()


def _check_roads(site: Site, earlier: PlanLayers, problems: Problems) -> None:
    """Find roads where the earlier plan has no street; streets without a road may be its own."""
    if earlier.manifest.get("roads") == roads_mark(site):
        return
    roads = _shapes(site.roads)
    passable = shapely.difference(
        shapely.union_all(_shapes(site.zones)), shapely.union_all(_shapes(site.exclusions))
    )
    streets = shapely.buffer(shapely.union_all(_shapes(earlier.streets)), ROAD_M)
    inside = shapely.intersection(roads, passable)
    new = shapely.length(shapely.difference(inside, streets)) > ROAD_M
    if new.any():
        cause = "the earlier plan has no street where these run."
        problems.add("roads", cause, REMEDY, site.roads["road_id"][new])
