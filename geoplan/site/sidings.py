"""Railway sidings: the planner's rough centreline becomes straights and arcs that trains can run.

A siding's right of way is an exclusion of the kind :data:`SIDING`: it is land of the zones, but
neither plot nor street. It is no street land, for a plot does not front it and no lorry drives on
it; and streets cross it only where the record says so (``crossable``: a level crossing).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.errors import nearest_name
from geoplan.site.columns import record_names
from geoplan.site.findings import Remarks

Floats = NDArray[np.float64]

SIDING = "siding"
"""Kind of the exclusion that a siding's right of way is."""
RAIL = "rail"
SAGITTA_M = 0.05
"""An arc is drawn in chords that lie no farther from it."""
GATE_TOUCH_M = 5.0
"""A siding whose end is this near its gate meets it."""
STRAIGHT_RAD = 1e-4
"""A corner that turns by less needs no arc: a centimetre on a hundred metres."""
ROUNDING_M = 1e-6


class TooClose(NamedTuple):
    """A straight that has no room for the arcs at its ends.

    Attributes
    ----------
    corner : int
        The corner that turns more, counted from 1 at the siding's first bend.
    other : int
        The corner at the straight's other end; 0 where that is the siding's end.
    xy : tuple of float
        Where the corner is.
    turn_deg : float
        By how much it turns.
    straight_m, needed_m : float
        Length of the straight, and what the arcs take of it.
    radius_m : float
        The greatest radius that would fit.
    """

    corner: int
    other: int
    xy: tuple[float, float]
    turn_deg: float
    straight_m: float
    needed_m: float
    radius_m: float


def rounded(xy: Floats, radius_m: float) -> Floats:
    """Round the corners of a line: straight, arc, straight, each tangent to the next.

    Parameters
    ----------
    xy : ndarray, shape (points, 2)
        A rough centreline, whose straights have room for the arcs; see :func:`too_close`.
    radius_m : float

    Returns
    -------
    ndarray, shape (points, 2)
        Every point of an arc lies on its circle; chords are off it by :data:`SAGITTA_M` at most.

    Examples
    --------
    >>> line = rounded(np.array([[0.0, 0], [300, 0], [300, 300]]), 200.0)
    >>> line[:2].round(3).tolist(), line[-2:].round(3).tolist()
    ([[0.0, 0.0], [100.0, 0.0]], [[300.0, 200.0], [300.0, 300.0]])
    >>> centre = np.array([100.0, 200.0])
    >>> np.hypot(*(line[1:-1] - centre).T).round(6).min()
    np.float64(200.0)
    """
    xy = _without_repeats(xy)
    ahead, turn = _headings(xy)
    reach_m = radius_m * np.tan(np.abs(turn) / 2)
    most = 2 * np.arccos(1 - min(SAGITTA_M / radius_m, 1.0))
    parts = [xy[:1]]
    for corner, (way, bend) in enumerate(zip(ahead[:-1], turn, strict=True)):
        if abs(bend) < STRAIGHT_RAD:
            parts.append(xy[corner + 1 : corner + 2])
            continue
        begin = xy[corner + 1] - reach_m[corner] * way
        side = np.array([-way[1], way[0]]) * np.sign(bend)
        steps = np.linspace(0.0, bend, int(np.ceil(abs(bend) / most)) + 1)
        cos, sin = np.cos(steps), np.sin(steps)
        # From the centre to the arc's begin is the side's opposite, turned step by step.
        spoke = np.stack([-side[0] * cos + side[1] * sin, -side[0] * sin - side[1] * cos], axis=1)
        parts.append(begin + radius_m * (side + spoke))
    parts.append(xy[-1:])
    return _without_repeats(np.concatenate(parts))


def too_close(xy: Floats, radius_m: float) -> Iterator[TooClose]:
    """Find the straights of a rough centreline that are too short for arcs of a radius.

    Examples
    --------
    >>> [found] = too_close(np.array([[0.0, 0], [300, 0], [300, 150]]), 200.0)
    >>> found.corner, found.other, round(found.radius_m, 6)
    (1, 0, 150.0)
    """
    xy = _without_repeats(xy)
    _, turn = _headings(xy)
    tangent = np.concatenate([[0.0], np.tan(np.abs(turn) / 2), [0.0]])
    straight_m = np.hypot(*np.diff(xy, axis=0).T)
    for number, length_m in enumerate(straight_m.tolist()):
        both = float(tangent[number] + tangent[number + 1])
        if radius_m * both > length_m + ROUNDING_M:
            corner, other = number, number + 1
            if tangent[other] > tangent[corner]:
                corner, other = other, corner
            turn_deg = float(np.degrees(abs(turn[corner - 1])))
            last = len(xy) - 1
            at = (float(xy[corner, 0]), float(xy[corner, 1]))
            other = 0 if other in {0, last} else other
            needed_m, fits_m = radius_m * both, length_m / both
            yield TooClose(corner, other, at, turn_deg, length_m, needed_m, fits_m)


def laid(sidings: gpd.GeoDataFrame, radius_m: float, remarks: Remarks) -> gpd.GeoDataFrame:
    """Lay sidings along their rough centrelines.

    Parameters
    ----------
    sidings : GeoDataFrame
        ``siding_id`` and (multi)lines in the working CRS; not modified.
    radius_m : float
        Radius of all arcs, the least that the norm profile allows.
    remarks : Remarks
        Takes down lines in several pieces and corners that no arc of that radius fits.

    Returns
    -------
    GeoDataFrame
        The same with LineStrings of straights and arcs.
    """
    lines = shapely.line_merge(np.asarray(sidings.geometry.array, dtype=object))
    single = shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING
    several = shapely.get_type_id(lines) == shapely.GeometryType.MULTILINESTRING
    ids = record_names(sidings["siding_id"]).to_numpy(dtype=object)
    if several.any():
        remedy = "Draw each siding as one line, and a branch as a siding of its own."
        remarks.problem("the line is in several pieces or branches.", remedy, ids[several])
    for row in np.flatnonzero(single):
        xy = shapely.get_coordinates(lines[row])
        found = list(too_close(xy, radius_m))
        for fault in found:
            remarks.problem(_said(fault, radius_m), _remedy(fault), [ids[row]])
        if not found:
            lines[row] = shapely.linestrings(rounded(xy, radius_m))
    return sidings.set_geometry(gpd.GeoSeries(lines, index=sidings.index, crs=sidings.crs))


def check_gates(sidings: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, remarks: Remarks) -> None:
    """Note sidings whose gate is not there or no railway's, and warn of those that miss it."""
    rail = gates[gates["kind"] == RAIL].set_index("gate_id").geometry
    for siding, gate, line in zip(
        sidings["siding_id"], sidings["gate_id"], sidings.geometry, strict=True
    ):
        if pd.isna(gate):
            continue
        if gate not in rail.index:
            known = gate in set(gates["gate_id"])
            cause = f"gate '{gate}' is no railway gate." if known else f"there is no gate '{gate}'."
            remarks.problem(cause, nearest_name(str(gate), rail.index), [siding])
            continue
        ends = shapely.get_point(line, [0, -1])
        off_m = float(shapely.distance(ends, rail[gate]).min())
        if off_m > GATE_TOUCH_M:
            remarks.warning(
                "siding gate",
                f"no end of it meets gate {gate}: {off_m:.0f} m are between.",
                "Draw the line up to the gate, or name another gate.",
                subject=str(siding),
                geometry=line,
            )


def with_tracks(
    exclusions: gpd.GeoDataFrame, sidings: gpd.GeoDataFrame, remarks: Remarks
) -> gpd.GeoDataFrame:
    """Add the right of way of sidings to the exclusions.

    Parameters
    ----------
    exclusions : GeoDataFrame
        With their buffers applied; not modified.
    sidings : GeoDataFrame
        ``siding_id, row_m, crossable`` and laid lines.
    remarks : Remarks
        Of the sidings: takes down ids that exclusions have already.
    """
    if sidings.empty:
        return exclusions
    both = sidings["siding_id"][sidings["siding_id"].isin(exclusions["exclusion_id"])]
    if len(both):
        cause = "exclusions have these ids, and a siding's land is an exclusion too."
        remarks.problem(cause, "Rename the one or the other.", both)
    half_m = sidings["row_m"].to_numpy(dtype=float) / 2
    land = shapely.buffer(
        sidings.geometry.array, half_m, cap_style="flat", join_style="mitre", mitre_limit=2.0
    )
    tracks = gpd.GeoDataFrame(
        {
            "exclusion_id": sidings["siding_id"],
            "kind": pd.Series([SIDING] * len(sidings), dtype="str"),
            "buffer_m": np.zeros(len(sidings)),
            "crossable": sidings["crossable"].astype("bool"),
        },
        geometry=list(land),
        crs=exclusions.crs,
    )
    return tracks if exclusions.empty else pd.concat([exclusions, tracks], ignore_index=True)


def _without_repeats(xy: Floats) -> Floats:
    step_m = np.hypot(*np.diff(xy, axis=0).T)
    kept: Floats = xy[np.concatenate([[True], step_m > ROUNDING_M])]
    return kept


def _headings(xy: Floats) -> tuple[Floats, Floats]:
    """Give unit vectors along the straights, and by how much each corner turns left, rad."""
    step = np.diff(xy, axis=0)
    ahead = step / np.hypot(*step.T)[:, None]
    before, after = ahead[:-1], ahead[1:]
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return ahead, np.arctan2(cross, (before * after).sum(axis=1))


def _said(fault: TooClose, radius_m: float) -> str:
    end = f"corner {fault.other}" if fault.other else "its end"
    return (
        f"corner {fault.corner} at ({fault.xy[0]:.0f}, {fault.xy[1]:.0f}) turns by"
        f" {fault.turn_deg:.0f} degrees, and {fault.straight_m:.0f} m to {end} are too short for"
        f" arcs of {radius_m:g} m, which take {fault.needed_m:.0f} m: a radius of"
        f" {np.floor(fault.radius_m):.0f} m would fit."
    )


def _remedy(fault: TooClose) -> str:
    return (
        "Lengthen that straight or turn less; where trains may run so narrow, set [rail]"
        f" siding_radius_min_m = {np.floor(fault.radius_m):.0f} in the norm profile."
    )
