"""What must hold of every subdivision, measured on its geometry and on nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoplan.config import SubdivideSettings
from geoplan.subdivide.demand import market_demand
from geoplan.subdivide.plots import Pieces, Subdivision, cut, equal_pieces
from geoplan.subdivide.stage import LaidOut, lay_out
from tests.subdivide.parks import Park

SETTINGS = SubdivideSettings(mode="grid")
ROOMY_RADIUS_M = 100.0
"""Land that holds a circle of this radius holds a square of more than 2 ha."""


@dataclass(frozen=True)
class Divided:
    """A park after the whole stage in grid mode."""

    laid_out: LaidOut
    pieces: Pieces
    result: Subdivision


def divided(park: Park, settings: SubdivideSettings = SETTINGS) -> Divided:
    """Run the stage as the pipeline does without a portfolio."""
    plotted = park.zones[park.zones["use"].isin(settings.plotted_uses)]
    demands = market_demand(plotted.area.to_numpy() / 1e4, settings)
    by_zone = dict(zip(plotted["zone_id"], demands, strict=True))
    laid_out = lay_out(park.zones, park.exclusions, park.gates, by_zone, settings)
    pieces = equal_pieces(laid_out.strips, settings)
    result = cut(
        park.zones, park.exclusions, laid_out.street_parts, laid_out.strips, pieces, settings
    )
    return Divided(laid_out, pieces, result)


def broken(park: Park, run: Divided, settings: SubdivideSettings = SETTINGS) -> list[str]:
    """Name what does not hold; an empty list is a sound subdivision."""
    return [
        *_land(park, run),
        *_plots(run, settings),
        *_fronts(park, run, settings),
        *_areas(run),
        *_room(park, run, settings),
    ]


def _land(park: Park, run: Divided) -> list[str]:
    land, drawn = run.result.land, run.result.zones
    shapes = np.asarray(land.geometry.array, dtype=object)
    given = shapely.union_all(park.zones.geometry.array).area
    faults = []
    if not shapely.coverage_is_valid(shapes):
        faults.append("land is no valid coverage")
    if abs(shapely.area(shapes).sum() - drawn.area.sum()) > 1e-9 * drawn.area.sum():
        faults.append("land and the zones of the plan differ in area")
    rounding_m2 = SETTINGS.precision_m * park.zones.length.sum()
    if abs(drawn.area.sum() - given) > max(1e-6 * given, rounding_m2):
        faults.append(f"zones were {given:.3f} m2 and are {drawn.area.sum():.3f}")
    if not land["land_id"].is_unique:
        faults.append("land ids repeat")
    if set(drawn["zone_id"]) != set(land["zone_id"]):
        faults.append("land names other zones than there are")
    if (shapely.get_type_id(shapes) != shapely.GeometryType.POLYGON).any():
        faults.append("land in several parts")
    return faults


def _plots(run: Divided, settings: SubdivideSettings) -> list[str]:
    plots = run.result.plots
    faults = []
    small = plots["area_ha"] < settings.plot_min_ha * (1 - 2e-4)
    if small.any():
        faults.append(f"plots below the minimum: {plots['area_ha'][small].round(4).tolist()}")
    if not plots["plot_id"].is_unique:
        faults.append("plot ids repeat")
    if not plots["piece"].is_unique:
        counts = plots["piece"].value_counts()
        several = plots[plots["piece"].isin(counts.index[counts > 1])]
        faults.append(f"pieces in several parts: {several['area_ha'].round(6).tolist()}")
    return faults


def reached_street_land(park: Park, run: Divided) -> Any:
    """Street land of networks at a gate, else the largest in each part of the land."""
    land = run.result.land
    streets = np.asarray(land.geometry[land["kind"] == "street"].array, dtype=object)
    if not len(streets):
        return shapely.MultiPolygon()
    left, right = shapely.STRtree(streets).query(streets, predicate="intersects")
    along = shapely.length(shapely.intersection(streets[left], streets[right])) > 0.01
    pairs = (left[along], right[along])
    joined = coo_array((np.ones(along.sum()), pairs), shape=(len(streets),) * 2)
    part = connected_components(joined, directed=False)[1]
    if len(park.gates):
        at_gate = shapely.dwithin(streets, shapely.union_all(park.gates.geometry.array), 1.0)
        return shapely.union_all(streets[np.isin(part, part[at_gate])])
    area_m2 = np.bincount(part, weights=shapely.area(streets))
    bodies = shapely.get_parts(shapely.union_all(np.asarray(land.geometry.array, dtype=object)))
    street, body = shapely.STRtree(bodies).query(
        shapely.point_on_surface(streets), predicate="intersects"
    )
    kept = {max(set(part[street[body == b]]), key=lambda p: area_m2[p]) for b in set(body)}
    return shapely.union_all(streets[np.isin(part, sorted(kept))])


def _fronts(park: Park, run: Divided, settings: SubdivideSettings) -> list[str]:
    plots = run.result.plots
    if plots.empty:
        return []
    network = reached_street_land(park, run)
    front_m = shapely.length(shapely.intersection(
        np.asarray(plots.geometry.array, dtype=object), shapely.boundary(network)
    ))  # fmt: skip
    short = front_m < settings.frontage_min_m - 0.01
    if short.any():
        told = plots["frontage_m"].to_numpy()[short].round(2).tolist()
        return [
            f"{short.sum()} of {len(short)} fronts: {front_m[short].round(2).tolist()} ({told})"
        ]
    return []


def _areas(run: Divided) -> list[str]:
    """Each area asked for is there, once."""
    asked = run.pieces.area_m2
    got = np.zeros(len(asked))
    np.add.at(got, run.result.plots["piece"].to_numpy(), run.result.plots["area_ha"] * 1e4)
    off = np.abs(got - asked) > 2e-4 * asked
    if off.any():
        pairs = zip(asked[off].round(2).tolist(), got[off].round(2).tolist(), strict=True)
        return [f"asked and cut: {list(pairs)}"]
    return []


def _room(park: Park, run: Divided, settings: SubdivideSettings) -> list[str]:
    """Without gates, each part of the park that is plainly roomy has plots."""
    plotted = park.zones[park.zones["use"].isin(settings.plotted_uses)]
    taken = shapely.union_all(park.exclusions.geometry.array)
    if len(park.gates):
        return []
    faults = []
    inside = shapely.point_on_surface(np.asarray(run.result.plots.geometry.array, dtype=object))
    for body in shapely.get_parts(shapely.union_all(park.zones.geometry.array)):
        room = [part for zone in plotted.geometry for part in _polygons((zone & body) - taken)]
        radius = max((shapely.maximum_inscribed_circle(p, 1.0).length for p in room), default=0)
        if radius >= ROOMY_RADIUS_M and not shapely.intersects(inside, body).any():
            faults.append(f"{body.area / 1e4:.2f} ha with room of {radius:.0f} m have no plot")
    return faults


def _polygons(shape: Any) -> list[Any]:
    return [part for part in shapely.get_parts(shape) if part.area > 0]
