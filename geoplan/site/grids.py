"""Which grid plain numbers are in: order of axes, zone prefix, and whether that fits the place.

Surveyors write X for north and Y for east, and eastings of Gauss-Krueger with the zone's number
before them (12 672 226 is 672 226 in zone 12); geographic systems write X for east. Numbers are
therefore tried in each order, and held against where the working CRS is meant to be used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyproj

PLACE_MARGIN_DEG = 3.0
"""Land may lie so far beyond the area that a CRS is made for: half a zone of six degrees."""

RETURN_MAX_M = 1.0
"""Points that are brought to degrees and back come no farther from where they were."""

MOST_SHARE = 0.5
"""A grid fits when more than this share of the points lies where it is used."""

GK_EPSG = 28400
"""With the zone's number added: Pulkovo 1942 / Gauss-Krueger, zones 2 to 32."""

_ZONE_M = 1_000_000.0
_GK_ZONES = range(2, 33)
_EASTING_MIN_M, _EASTING_MAX_M = 100_000.0, 900_000.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """What numbers were taken for.

    Attributes
    ----------
    crs : pyproj.CRS
        The CRS that they are in.
    north_first : bool
        Whether the first number is the northing.
    zone : int or None
        Zone of Gauss-Krueger that the eastings' prefix names, where the working CRS does not.
    placed : ndarray of bool, shape (n,)
        Whether each point lies where the CRS and the working CRS are used.
    either : bool
        Whether the other order would fit as well.
    """

    crs: pyproj.CRS
    north_first: bool
    zone: int | None
    placed: npt.NDArray[np.bool_]
    either: bool = False

    @property
    def fits(self) -> bool:
        """Whether most points lie where they can."""
        return float(self.placed.mean()) > MOST_SHARE if len(self.placed) else True


def zone_prefix(east_m: Floats) -> int | None:
    """Tell the zone of Gauss-Krueger that most eastings have before them.

    Parameters
    ----------
    east_m : ndarray of float, shape (n,)
        Metres.

    Returns
    -------
    int or None
        2 to 32; None where the numbers carry no such prefix.

    Examples
    --------
    >>> zone_prefix(np.array([12_672_226.86, 12_674_102.22]))
    12
    >>> zone_prefix(np.array([672_226.86])) is None
    True
    """
    if not len(east_m):
        return None
    middle = float(np.median(east_m))
    zone = int(middle // _ZONE_M)
    inside = _EASTING_MIN_M <= middle - zone * _ZONE_M <= _EASTING_MAX_M
    return zone if zone in _GK_ZONES and inside else None


def recognised(first: Floats, second: Floats, crs: pyproj.CRS, *, orders: tuple[bool, ...]) -> Grid:
    """Find the order of axes, and the CRS, that the numbers fit.

    Parameters
    ----------
    first, second : ndarray of float, shape (n,)
        Coordinates as written, in metres; finite.
    crs : pyproj.CRS
        The working CRS.
    orders : tuple of bool
        Orders to try, the likelier first: whether `first` is the northing.

    Returns
    -------
    Grid
        The first order that fits; where none does, the first.
    """
    tried = [_in_order(first, second, crs, north_first=order) for order in orders]
    fitting = [grid for grid in tried if grid.fits]
    if not fitting:
        return tried[0]
    best = fitting[0]
    return Grid(best.crs, best.north_first, best.zone, best.placed, either=len(fitting) > 1)


def _in_order(first: Floats, second: Floats, crs: pyproj.CRS, *, north_first: bool) -> Grid:
    north, east = (first, second) if north_first else (second, first)
    plain = Grid(crs, north_first, None, in_place(north, east, crs, crs))
    zone = zone_prefix(east)
    if plain.fits or zone is None:
        return plain
    prefixed = pyproj.CRS.from_epsg(GK_EPSG + zone)
    return Grid(prefixed, north_first, zone, in_place(north, east, prefixed, crs))


def in_place(
    north: Floats, east: Floats, crs: pyproj.CRS, working: pyproj.CRS
) -> npt.NDArray[np.bool_]:
    """Tell points that lie where their CRS and the working CRS are used.

    Parameters
    ----------
    north, east : ndarray of float, shape (n,)
        Coordinates in `crs`.
    crs, working : pyproj.CRS

    Returns
    -------
    ndarray of bool, shape (n,)
        True for finite points of CRS that do not say where they are used.
    """
    # One datum is as good as another here: they differ by metres, the margin is of degrees.
    to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = to_degrees.transform(east, north)
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    inside: npt.NDArray[np.bool_] = np.isfinite(lon) & np.isfinite(lat)
    # Far beyond its grid a projection repeats itself, and the way back leads elsewhere.
    back = to_degrees.transform(lon, lat, direction="INVERSE")
    inside &= np.hypot(back[0] - east, back[1] - north) <= RETURN_MAX_M
    for area in (crs.area_of_use, working.area_of_use):
        if area is None or area.west > area.east:
            continue
        inside &= (lon >= area.west - PLACE_MARGIN_DEG) & (lon <= area.east + PLACE_MARGIN_DEG)
        inside &= (lat >= area.south - PLACE_MARGIN_DEG) & (lat <= area.north + PLACE_MARGIN_DEG)
    return inside


def prefix_words(grid: Grid) -> str:
    """Say which zone prefix decided a CRS; empty where none did."""
    if grid.zone is None:
        return ""
    return f", for eastings begin with the zone's number {grid.zone}"
