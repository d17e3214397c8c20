"""Cutting again: plots that are held stay, and so does every other one that need not give way.

An earlier plan's streets and strips stand. Between held plots each strip leaves free intervals;
these are what tenants are sought for, as strips are in a first plan. Whoever finds an earlier
plot of the right size takes it as it is. Others are cut from a gap between such plots, if there
is one that holds them, and only if there is none is the interval cut again as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.subdivide.coverage import dissolved
from geoplan.subdivide.cuts import widths_of
from geoplan.subdivide.frames import Frame, by_frame
from geoplan.subdivide.plots import Pieces, divided
from geoplan.subdivide.strips import Strips
from geoplan.units import M2_PER_HA

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

SAME_AREA = 1e-4
"""A plot whose area differs by this share from what is asked is the plot that is asked for."""
ROUNDED = 1e-6
"""Plots may miss the least of their strip by this share, for their corners lie on a grid."""
REST_M2 = 0.01


@dataclass(frozen=True)
class Standing:
    """Plots of an earlier plan, and the units that they make for the next one.

    Attributes
    ----------
    plots : GeoDataFrame
        The earlier plots, strip by strip and along each of them.
    unit : ndarray of int, shape (plots,)
        Unit of each plot.
    held : ndarray of bool, shape (units,)
        Units that stay as they are, whatever happens.
    units : GeoDataFrame
        The columns of strips' tables, and ``unit_id``, the unit's own name.
    frames : tuple of Frame
        One for each plot, its strip's.
    """

    plots: gpd.GeoDataFrame
    unit: Integers
    held: NDArray[np.bool_]
    units: gpd.GeoDataFrame
    frames: tuple[Frame, ...]


@dataclass(frozen=True)
class Tenants:
    """Who takes how much of which unit.

    Attributes
    ----------
    unit : ndarray of int, shape (tenants,)
    area_m2 : ndarray, shape (tenants,)
    plot : ndarray of int, shape (tenants,)
        The earlier plot of each, by its position in :attr:`Standing.plots`; -1 for none.
    """

    unit: Integers
    area_m2: Floats
    plot: Integers


@dataclass(frozen=True)
class Recut:
    """What is to be cut, and what stays.

    Attributes
    ----------
    strips : Strips
        Plots that stay, each whole, and the gaps that are cut again; both by the names of the
        strips that they belong to.
    pieces : Pieces
    tenant : ndarray of int, shape (pieces,)
        -1 where nobody takes it.
    plot : ndarray of int, shape (pieces,)
        The earlier plot that stays as it is; -1 for a piece that is cut anew.
    """

    strips: Strips
    pieces: Pieces
    tenant: Integers
    plot: Integers


class _Segment(NamedTuple):
    """Neighbouring plots of a unit: one that stays, or a gap that its tenants share."""

    plots: tuple[int, ...]
    tenants: tuple[int, ...]
    stays: bool


def standing(
    plots: gpd.GeoDataFrame, strips: gpd.GeoDataFrame, keeper: NDArray[np.object_]
) -> Standing:
    """Make units of an earlier plan's plots.

    Parameters
    ----------
    plots : GeoDataFrame
        ``plot_id, strip_id, area_ha`` and outlines.
    strips : GeoDataFrame
        The columns of :data:`geoplan.plan.STRIP_COLUMNS`, of all strips that plots name.
    keeper : ndarray of object, shape (plots,)
        Null where a plot is free; plots of one keeper are one unit.
    """
    strip = pd.Index(strips["strip_id"]).get_indexer(plots["strip_id"])
    frames = frames_of(strips)
    along_m = _along_m(np.asarray(plots.geometry.array, dtype=object), strip, frames)
    order = np.lexsort((plots["plot_id"].to_numpy(str), along_m, strip))
    plots, strip = plots.iloc[order].reset_index(drop=True), strip[order]
    kept = pd.Series(keeper[order], dtype=object)
    free = kept.isna().to_numpy()
    new = np.ones(len(plots), dtype=bool)
    new[1:] = (strip[1:] != strip[:-1]) | ~free[1:] | ~free[:-1]
    run = np.cumsum(new) - 1
    # Plots of one keeper make one unit, which is numbered where the first of them stands.
    first = pd.Series(np.arange(len(plots))).groupby(kept).transform("first")
    run = np.where(free, run, run[first.fillna(0).to_numpy(dtype=int)])
    _, unit = np.unique(run, return_inverse=True)
    units = _units(plots, strips, strip, unit, free)
    held = np.zeros(len(units), dtype=bool)
    held[unit[~free]] = True
    return Standing(plots, unit, held, units, tuple(frames[number] for number in strip))


def frames_of(strips: gpd.GeoDataFrame) -> list[Frame]:
    """Return the frame of each strip of a plan."""
    columns = strips[["direction_rad", "origin_e_m", "origin_n_m"]].to_numpy(dtype=float)
    return [Frame(angle, (east, north)) for angle, east, north in columns.tolist()]


def strip_layer(strips: Strips, plots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Describe strips so that they can be cut again: the layer ``strips`` of a plan.

    Parameters
    ----------
    strips : Strips
    plots : GeoDataFrame
        ``strip_id`` and outlines of the plots that were cut from them.
    """
    table = strips.table.assign(
        direction_rad=[frame.angle_rad for frame in strips.frames],
        origin_e_m=[frame.origin_m[0] for frame in strips.frames],
        origin_n_m=[frame.origin_m[1] for frame in strips.frames],
    )
    used = table[table["strip_id"].isin(plots["strip_id"])].reset_index(drop=True)
    if used.empty:
        return used
    strip = pd.Index(used["strip_id"]).get_indexer(plots["strip_id"])
    outlines = dissolved(np.asarray(plots.geometry.array, dtype=object), strip)
    drawn = gpd.GeoDataFrame(used.drop(columns="geometry"), geometry=outlines, crs=plots.crs)
    return drawn.assign(area_ha=shapely.area(outlines) / M2_PER_HA)


def cut_again(earlier: Standing, tenants: Tenants, settings: SubdivideSettings) -> Recut:
    """Find plots for tenants, and leave as many earlier plots as they are as it can.

    Parameters
    ----------
    earlier : Standing
    tenants : Tenants
        Those of a unit fit it: they fill it, or leave room for a plot.
    settings : SubdivideSettings
        How what is left of a gap is divided for the market.
    """
    count = len(earlier.units)
    rows, of_unit = (_grouped(unit, count) for unit in (earlier.unit, tenants.unit))
    segments = [
        segment
        for unit in range(count)
        for segment in _segments(earlier, tenants, unit, rows[unit], of_unit[unit])
    ]
    area_m2 = earlier.plots.area.to_numpy()
    pieces = [_pieces(segment, area_m2, tenants, earlier, settings) for segment in segments]
    counts = [len(areas) for areas, _ in pieces]
    strip = np.repeat(np.arange(len(segments)), counts)
    stays = np.array([s.plots[0] if s.stays else -1 for s in segments], dtype=np.intp)
    return Recut(
        _strips(segments, earlier),
        Pieces(strip, np.concatenate([np.empty(0), *[areas for areas, _ in pieces]])),
        np.concatenate([np.empty(0, np.intp), *[tenant for _, tenant in pieces]]),
        stays[strip],
    )


def _grouped(owner: Integers, count: int) -> list[list[int]]:
    """List what each owner 0, 1, 2, ... has, by position."""
    groups: list[list[int]] = [[] for _ in range(count)]
    for position, number in enumerate(owner.tolist()):
        groups[number].append(position)
    return groups


def _along_m(shapes: Geometries, strip: Integers, frames: Sequence[Frame]) -> Floats:
    """Where plots lie along their strips, by x of their middles."""
    along = np.empty(len(shapes))
    for frame, mine in by_frame(frames, strip):
        local = frame.coordinates_to_local(shapely.get_coordinates(shapely.centroid(shapes[mine])))
        along[mine] = local[:, 0]
    return along


def _units(
    plots: gpd.GeoDataFrame,
    strips: gpd.GeoDataFrame,
    strip: Integers,
    unit: Integers,
    free: NDArray[np.bool_],
) -> gpd.GeoDataFrame:
    """Describe units as strips are described."""
    _, first = np.unique(unit, return_index=True)
    of_strip, is_free = strip[first], free[first]
    outlines = dissolved(np.asarray(plots.geometry.array, dtype=object), unit)
    table = pd.DataFrame(strips.drop(columns="geometry").iloc[of_strip]).reset_index(drop=True)
    area_ha = shapely.area(outlines) / M2_PER_HA
    share = area_ha / table["area_ha"]
    least = np.where(is_free, table["plot_area_min_ha"] * (1 - ROUNDED), area_ha)
    number = pd.Series(of_strip[is_free]).groupby(of_strip[is_free]).cumcount() + 1
    several = np.bincount(of_strip[is_free], minlength=len(strips)) > 1
    parts = np.zeros(len(first), dtype=np.intp)
    parts[is_free] = np.where(several[of_strip[is_free]], number, 0)
    held_ids = plots["plot_id"].groupby(unit).agg(";".join)
    names = [
        held if not own else f"{of} part {part}" if part else of
        for held, own, of, part in zip(held_ids, is_free, table["strip_id"], parts, strict=True)
    ]
    table = table.assign(
        unit_id=names,
        area_ha=area_ha,
        front_m=table["front_m"] * share,
        plot_area_min_ha=least,
        plot_area_max_ha=np.where(is_free, table["plot_area_max_ha"], area_ha),
    )
    return gpd.GeoDataFrame(table, geometry=outlines, crs=plots.crs)


def _segments(
    earlier: Standing, tenants: Tenants, unit: int, plots: list[int], mine: list[int]
) -> list[_Segment]:
    """Divide one unit into plots that stay and gaps that are cut again."""
    if earlier.held[unit] or not mine:
        return [_Segment((plot,), tuple(mine), stays=True) for plot in plots]
    area_m2 = earlier.plots.area.to_numpy()
    taken = _as_they_are(area_m2, tenants, plots, mine)
    movers = [t for t in mine if t not in taken.values()]
    movers.sort(key=lambda t: (-tenants.area_m2[t], t))
    least_m2 = float(earlier.units["plot_area_min_ha"].iloc[unit]) * M2_PER_HA
    gaps = _gaps(plots, taken)
    fitted = _fitted(
        [float(area_m2[gap].sum()) for gap in gaps], tenants.area_m2[movers].tolist(), least_m2
    )
    if fitted is None:
        return [_Segment(tuple(plots), _in_order(mine, tenants, plots), stays=False)]
    segments = [_Segment((plot,), (who,), stays=True) for plot, who in taken.items()]
    for number, gap in enumerate(gaps):
        inside = [t for t, where in zip(movers, fitted, strict=True) if where == number]
        if inside:
            segments.append(_Segment(tuple(gap), _in_order(inside, tenants, gap), stays=False))
        else:
            segments.extend(_Segment((plot,), (), stays=True) for plot in gap)
    return sorted(segments, key=lambda segment: plots.index(segment.plots[0]))


def _as_they_are(
    area_m2: Floats, tenants: Tenants, plots: list[int], mine: list[int]
) -> dict[int, int]:
    """Find tenants who take an earlier plot as it is: their own first, else one of their size."""
    taken: dict[int, int] = {}
    for who in mine:
        own = int(tenants.plot[who])
        if own in plots and own not in taken and _same(area_m2[own], tenants.area_m2[who]):
            taken[own] = who
    for who in mine:
        if who not in taken.values():
            fits = (p for p in plots if p not in taken and _same(area_m2[p], tenants.area_m2[who]))
            if (plot := next(fits, None)) is not None:
                taken[plot] = who
    return taken


def _same(plot_m2: float, asked_m2: float) -> bool:
    return bool(abs(plot_m2 - asked_m2) <= SAME_AREA * asked_m2)


def _gaps(plots: list[int], taken: dict[int, int]) -> list[list[int]]:
    """Find the runs of neighbouring plots that nobody takes as they are."""
    gaps: list[list[int]] = [[]]
    for plot in plots:
        if plot in taken:
            gaps.append([])
        else:
            gaps[-1].append(plot)
    return [gap for gap in gaps if gap]


def _fitted(room_m2: list[float], asked_m2: list[float], least_m2: float) -> list[int] | None:
    """Gap of each tenant, the largest first into the gap that it fits best; None if one fits none.

    Each gap is filled, or keeps room for a plot.

    >>> _fitted([20.0, 9.0], [9.0, 6.0], least_m2=3.0), _fitted([8.0], [6.0], least_m2=3.0)
    ([1, 0], None)
    """
    left = list(room_m2)
    chosen = []
    for asked in asked_m2:
        after = [room - asked for room in left]
        good = [
            gap
            for gap, rest in enumerate(after)
            if abs(rest) <= SAME_AREA * asked or rest >= least_m2
        ]
        if not good:
            return None
        best = min(good, key=lambda gap: (after[gap], gap))
        left[best] = max(after[best], 0.0)
        chosen.append(best)
    return chosen


def _in_order(who: list[int], tenants: Tenants, plots: Sequence[int]) -> tuple[int, ...]:
    """Order tenants along a gap: those who stood there as they did, then the largest first."""
    places = {plot: place for place, plot in enumerate(plots)}

    def key(tenant: int) -> tuple[int, float, int]:
        place = places.get(int(tenants.plot[tenant]), len(plots))
        return place, -float(tenants.area_m2[tenant]), tenant

    return tuple(sorted(who, key=key))


def _pieces(
    segment: _Segment,
    area_m2: Floats,
    tenants: Tenants,
    earlier: Standing,
    settings: SubdivideSettings,
) -> tuple[Floats, Integers]:
    """Areas to cut from a segment, its tenants' first, and whose they are."""
    room_m2 = float(area_m2[list(segment.plots)].sum())
    who = np.array(segment.tenants or (-1,), dtype=np.intp)
    if segment.stays:
        return np.array([room_m2]), who[:1]
    asked = tenants.area_m2[who]
    rest_m2 = room_m2 - float(asked.sum())
    if rest_m2 <= max(REST_M2, SAME_AREA * float(asked.min())):
        return asked * room_m2 / float(asked.sum()), who
    unit = earlier.unit[segment.plots[0]]
    least_m2, most_m2 = (
        earlier.units[name].to_numpy()[[unit]] * M2_PER_HA
        for name in ("plot_area_min_ha", "plot_area_max_ha")
    )
    market = divided(np.array([0]), np.array([rest_m2]), least_m2, most_m2, settings)
    nobody = np.full(len(market.area_m2), -1, dtype=np.intp)
    return np.concatenate([asked, market.area_m2]), np.concatenate([who, nobody])


def _strips(segments: list[_Segment], earlier: Standing) -> Strips:
    """Make strips of segments, in the frames of the strips that they belong to."""
    counts = [len(segment.plots) for segment in segments]
    order = np.array([plot for segment in segments for plot in segment.plots], dtype=np.intp)
    shapes = np.asarray(earlier.plots.geometry.array, dtype=object)[order]
    outlines = dissolved(shapes, np.repeat(np.arange(len(segments)), counts))
    first = order[np.cumsum(counts) - counts] if counts else order
    columns = [c for c in earlier.units.columns if c not in {"geometry", "unit_id"}]
    table: dict[str, Any] = dict(
        earlier.units[columns].iloc[earlier.unit[first]].reset_index(drop=True).items()
    )
    # A keeper's plots may lie in several strips: names are the plots' own, not the unit's.
    named = ("strip_id", "block_id", "zone_id", "use")
    table |= {name: earlier.plots[name].to_numpy(dtype=object)[first] for name in named}
    table["area_ha"] = shapely.area(outlines) / M2_PER_HA
    parts, part_strip = shapely.get_parts(outlines, return_index=True)
    frames = tuple(earlier.frames[plot] for plot in first)
    for frame, mine in by_frame(frames, part_strip):
        parts[mine] = frame.to_local(parts[mine])
    return Strips(
        gpd.GeoDataFrame(table, geometry=list(outlines), crs=earlier.plots.crs),
        parts,
        part_strip,
        frames,
        widths_of(parts, part_strip, len(segments)),
    )
