"""Cutting: areas per strip in, plots and the whole land partition out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.subdivide.chords import Chords, divided_faces
from geoplan.subdivide.coverage import absorbed, dissolved, faces_of, holder, shared_edges
from geoplan.subdivide.frames import Frame, by_frame
from geoplan.subdivide.strips import Strips
from geoplan.units import M2_PER_HA

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

KIND_OF_USE = {
    "production": "residual",
    "logistics": "residual",
    "services": "services",
    "utilities": "utilities",
    "green": "green",
    "reserve": "reserve",
}
"""What land is when neither plot, street nor exclusion lies on it."""

SLIVER = 3.0
"""A face thinner than this many cells of the grid is rounding."""
SPECK_M2 = 1.0
"""What a strip loses is no plot if it is smaller."""


ROUNDING = 1e-9


@dataclass(frozen=True)
class Pieces:
    """Areas to cut from strips, from the left end of each strip to its right.

    Attributes
    ----------
    strip : ndarray of int, shape (plots,)
        Ascending.
    area_m2 : ndarray, shape (plots,)
        The areas of a strip add up to the strip's own.
    """

    strip: Integers
    area_m2: Floats


@dataclass(frozen=True)
class Subdivision:
    """The land after cutting.

    Attributes
    ----------
    zones : GeoDataFrame
        The zones as the partition draws them: on the grid, with every shared vertex.
    land : GeoDataFrame
        ``land_id, kind, zone_id, area_ha``: a valid coverage of the zones.
    plots : GeoDataFrame
        ``plot_id, zone_id, block_id, strip_id, use, area_ha, frontage_m, depth_m`` and
        ``piece``, the index into the areas that were asked for.
    """

    zones: gpd.GeoDataFrame
    land: gpd.GeoDataFrame
    plots: gpd.GeoDataFrame


def equal_pieces(strips: Strips, settings: SubdivideSettings) -> Pieces:
    """Divide each strip into plots of the wanted size, as far as its least plot allows."""
    area_m2 = strips.table["area_ha"].to_numpy() * M2_PER_HA
    least = strips.table["plot_area_min_ha"].to_numpy() * M2_PER_HA
    most = strips.table["plot_area_max_ha"].to_numpy() * M2_PER_HA
    return divided(np.arange(len(strips)), area_m2, least, most, settings)


def divided(
    strip: Integers, area_m2: Floats, least_m2: Floats, most_m2: Floats, settings: SubdivideSettings
) -> Pieces:
    """Divide areas into plots of ``market_plot_ha``; ``remainder`` says who gets what is left.

    Parameters
    ----------
    strip : ndarray of int, shape (areas,)
        Ascending.
    area_m2, least_m2, most_m2 : ndarray, shape (areas,)
        Each area, and the least and the greatest plot of its strip; where the wanted size is
        outside them, the nearer of them is the wanted size.
    settings : SubdivideSettings

    Examples
    --------
    Of 2.7 ha, plots of 1 ha leave 0.7 ha: a plot of its own, the last one's, or everybody's.

    >>> for remainder in ("market", "last", "spread"):
    ...     settings = SubdivideSettings(market_plot_ha=1.0, remainder=remainder)
    ...     pieces = divided(np.array([0]), *np.array([[27e3], [5e3], [5e4]]), settings)
    ...     print((pieces.area_m2 / 1e4).round(2).tolist())
    [1.0, 1.0, 0.7]
    [1.0, 1.7]
    [0.9, 0.9, 0.9]
    """
    wanted_m2 = np.clip(settings.market_plot_ha * M2_PER_HA, least_m2, np.fmax(least_m2, most_m2))
    fit = np.maximum(np.floor(area_m2 / least_m2 + ROUNDING), 1)
    even = np.clip(np.ceil(area_m2 / most_m2 - ROUNDING), 1, fit)
    if settings.remainder == "spread":
        count = np.clip(np.rint(area_m2 / wanted_m2), even, fit).astype(np.intp)
        return Pieces(np.repeat(strip, count), np.repeat(area_m2 / count, count))
    count = np.maximum(np.floor(area_m2 / wanted_m2 + ROUNDING), 1)
    rest_m2 = np.maximum(area_m2 - count * wanted_m2, 0.0)
    plots = count + ((rest_m2 >= least_m2) & (settings.remainder == "market"))
    last_m2 = area_m2 - (plots - 1) * wanted_m2
    # A last plot that would be too broad is shared among all of its strip.
    broad = (last_m2 > most_m2 * (1 + ROUNDING)) & (even > 1)
    plots = np.where(broad, even, plots).astype(np.intp)
    each_m2 = np.where(broad | (plots == 1), area_m2 / plots, wanted_m2)
    pieces = np.repeat(each_m2, plots)
    pieces[np.cumsum(plots) - 1] = area_m2 - (plots - 1) * each_m2
    return Pieces(np.repeat(strip, plots), pieces)


def cut(
    zones: gpd.GeoDataFrame,
    exclusions: gpd.GeoDataFrame,
    street_land: Any,
    strips: Strips,
    pieces: Pieces,
    settings: SubdivideSettings,
) -> Subdivision:
    """Cut strips and partition the zones into plots, streets and all other land.

    Parameters
    ----------
    zones, exclusions : GeoDataFrame
        In the working CRS; where zones overlap, the first one keeps the land.
    street_land : Polygon or MultiPolygon, or ndarray of them
        Right of way of all streets.
    strips : Strips
    pieces : Pieces
        Areas to cut from each strip.
    settings : SubdivideSettings
    """
    outlines = [
        np.asarray(zones.geometry.array, dtype=object),
        np.asarray(exclusions.geometry.array, dtype=object),
        shapely.get_parts(street_land),
        strips.world_parts(),
    ]
    faces = faces_of(np.concatenate(outlines), precision_m=settings.precision_m)
    inside = shapely.point_on_surface(faces)
    zone = holder(inside, outlines[0])
    faces, inside, zone = faces[zone >= 0], inside[zone >= 0], zone[zone >= 0]
    part = holder(inside, outlines[3])
    strip = np.append(strips.part_strip, -1)[part]
    kind = _kinds(inside, zones["use"].to_numpy()[zone], outlines[1], outlines[2], strip >= 0)
    belongs = absorbed(faces, zone, width_m=SLIVER * settings.precision_m)
    strip, kind = strip[belongs], kind[belongs]
    merged, first = _merged(faces, strip, zone, kind)
    strip, kind, zone_of = strip[first], kind[first], zone[first]
    torn = _torn_off(merged, strip)
    strip[torn], kind[torn] = -1, _of_use(zones["use"].to_numpy()[zone_of[torn]])
    used, place = np.unique(zone, return_inverse=True)
    drawn, drawn_zone = shapely.get_parts(dissolved(faces, place), return_index=True)
    parts, face, interval = divided_faces(
        np.concatenate([merged, drawn]),
        np.append(strip, np.full(len(drawn), -1)),
        strips.frames,
        _chords(strips, pieces),
        precision_m=settings.precision_m,
    )
    own = face < len(merged)
    face = face[own]
    piece = np.searchsorted(pieces.strip, strip[face]) + interval[own]
    piece[strip[face] < 0] = -1
    land, piece = _land(parts[own], kind[face], zones["zone_id"].to_numpy()[zone_of[face]], piece)
    land = land.set_crs(zones.crs)
    redrawn = _redrawn(zones.iloc[used], _gathered(parts[~own], drawn_zone))
    return Subdivision(redrawn, land, _plots(land, piece, strips, pieces))


def _redrawn(zones: gpd.GeoDataFrame, outlines: Geometries) -> gpd.GeoDataFrame:
    """Give zones the outlines that the partition has left them."""
    table = zones.drop(columns="geometry").reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=list(outlines), crs=zones.crs)


def _chords(strips: Strips, pieces: Pieces) -> Chords:
    """Cuts between the pieces of each strip; none at a strip's end."""
    first = np.searchsorted(pieces.strip, pieces.strip)
    total = np.cumsum(pieces.area_m2)
    x = strips.widths.cut_x_m(pieces.strip, total - (total[first] - pieces.area_m2[first]))
    inner = pieces.strip[1:] == pieces.strip[:-1]
    return Chords(pieces.strip[:-1][inner], x[:-1][inner])


def _merged(
    faces: Geometries, strip: Integers, zone: Integers, kind: NDArray[np.object_]
) -> tuple[Geometries, Integers]:
    """Dissolve faces by strip, and where there is none by zone and kind.

    Returns
    -------
    merged : ndarray of Polygon
    first : ndarray of int, shape (merged,)
        One of the faces that each consists of.
    """
    _, kind_code = np.unique(kind.astype(str), return_inverse=True)
    place = np.where(strip >= 0, 0, zone)
    key = ((strip + 1) * (zone.max(initial=0) + 1) + place) * (kind_code.max(initial=0) + 1)
    _, first, label = np.unique(key + kind_code, return_index=True, return_inverse=True)
    merged, of = shapely.get_parts(dissolved(faces, label), return_index=True)
    return merged, first[of]


def _torn_off(merged: Geometries, strip: Integers) -> NDArray[np.bool_]:
    """Find specks that a strip falls apart into where it is thinner than the grid: no plots."""
    several = np.bincount(strip + 1)[strip + 1] > 1
    found: NDArray[np.bool_] = several & (strip >= 0) & (shapely.area(merged) < SPECK_M2)
    return found


def _gathered(parts: Geometries, owner: Integers) -> Geometries:
    """Make multipolygons of the parts of each owner 0, 1, 2, ..., where it has several."""
    whole = np.asarray(shapely.multipolygons(parts, indices=owner), dtype=object)
    single = np.bincount(owner) == 1
    whole[single] = shapely.get_geometry(whole[single], 0)
    return whole


def named_as_strips(subdivision: Subdivision) -> Subdivision:
    """Call plots, and their land, by the names of their strips: given plots keep their own."""
    plots, land = subdivision.plots, subdivision.land
    names = dict(zip(plots["plot_id"], plots["strip_id"], strict=True))
    depth_m = plots["area_ha"] * M2_PER_HA / plots["frontage_m"].where(plots["frontage_m"] > 0)
    return replace(
        subdivision,
        land=land.assign(land_id=land["land_id"].replace(names)),
        plots=plots.assign(plot_id=plots["strip_id"], depth_m=depth_m),
    )


def _kinds(
    inside: Geometries,
    use: NDArray[np.object_],
    exclusions: Geometries,
    streets: Geometries,
    in_strip: NDArray[np.bool_],
) -> NDArray[np.object_]:
    kind = _of_use(use)
    kind[holder(inside, exclusions) >= 0] = "excluded"
    kind[holder(inside, streets) >= 0] = "street"
    kind[in_strip] = "plot"  # last: a given plot stays whole, whatever lies on it
    return kind


def _of_use(use: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.array([KIND_OF_USE[name] for name in use], dtype=object)


def _land(
    parts: Geometries, kind: NDArray[np.object_], zone_id: NDArray[np.object_], piece: Integers
) -> tuple[gpd.GeoDataFrame, Integers]:
    """Name land, in the order of its kinds and names; pieces in the same order."""
    inside = shapely.get_coordinates(shapely.point_on_surface(parts))
    frame = gpd.GeoDataFrame(
        {
            "land_id": grid_references(zone_id, inside),
            "kind": kind,
            "zone_id": zone_id,
            "area_ha": shapely.area(parts) / M2_PER_HA,
        },
        geometry=parts,
    )
    order = np.lexsort((frame["land_id"].to_numpy(str), kind.astype(str)))
    return frame.iloc[order].reset_index(drop=True), piece[order]


def grid_references(zone_id: NDArray[np.object_], xy_m: Floats) -> NDArray[np.object_]:
    """Name land by where it lies: zone, easting and northing in tens of metres.

    A reference stays the same while the land does, whatever changes around it. Where two
    fall on one cell of ten metres, the second takes a letter.

    >>> grid_references(np.array(["P1"], object), np.array([[672123.4, 5678949.9]])).tolist()
    ['P1-7212-7894']
    """
    cell = np.floor(xy_m / 10).astype(np.int64) % 10_000
    cells = zip(zone_id, cell.tolist(), strict=True)
    plain = pd.Series([f"{z}-{e:04d}-{n:04d}" for z, (e, n) in cells])
    order = np.lexsort((xy_m[:, 1], xy_m[:, 0]))
    repeat = plain.iloc[order].groupby(plain.iloc[order]).cumcount().sort_index().to_numpy()
    names: NDArray[np.object_] = plain.to_numpy(dtype=object, copy=True)
    for index in np.flatnonzero(repeat):
        names[index] += chr(ord("a") + repeat[index]) if repeat[index] < 26 else f"-{repeat[index]}"
    return names


def _plots(
    land: gpd.GeoDataFrame, piece: Integers, strips: Strips, pieces: Pieces
) -> gpd.GeoDataFrame:
    geometry = np.asarray(land.geometry.array, dtype=object)
    streets = (land["kind"] == "street").to_numpy()
    frontage = shared_edges(geometry).length_to(streets)
    rows = np.flatnonzero(piece >= 0)
    strip = pieces.strip[piece[rows]]
    table = strips.table.iloc[strip]
    return gpd.GeoDataFrame(
        {
            "plot_id": land["land_id"].to_numpy()[rows],
            "zone_id": land["zone_id"].to_numpy()[rows],
            "block_id": table["block_id"].to_numpy(),
            "strip_id": table["strip_id"].to_numpy(),
            "use": table["use"].to_numpy(),
            "area_ha": land["area_ha"].to_numpy()[rows],
            "frontage_m": frontage[rows],
            "depth_m": _depths(geometry[rows], strip, strips.frames),
            "piece": piece[rows],
        },
        geometry=list(geometry[rows]),
        crs=land.crs,
    )


def _depths(plots: Geometries, strip: Integers, frames: tuple[Frame, ...]) -> Floats:
    depth = np.empty(len(plots))
    for frame, mine in by_frame(frames, strip):
        bounds = shapely.bounds(frame.to_local(plots[mine]))
        depth[mine] = bounds[:, 3] - bounds[:, 1]
    return depth
