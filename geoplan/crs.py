"""The working CRS: metric, and near equal-area where the park lies.

Areas decide what a plan is worth, so a CRS that would falsify them is refused with the
figures instead of being used. At Astana, UTM zone 42N errs by -0.009 % and Pulkovo 1942 /
Gauss-Krueger zone 12 by +0.07 %, but Web Mercator by a factor of 2.54.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyproj
import shapely

from geoplan.errors import GeoplanError, Problem
from geoplan.units import M2_PER_HA

if TYPE_CHECKING:
    import geopandas as gpd

WHERE = "[site] crs"
AREA_ERROR_SHARE_MAX = 0.005
"""Planar area may differ from the area on the ellipsoid by so much: UTM errs by as much only
beyond its own zone, so that a greater error is a mistaken CRS and not a property of a good one."""

EDGE_PIECE_MAX_M = 100.0
"""A geodesic of this length leaves the straight line in UTM by less than 0.01 mm."""

PIECES_MAX = 200_000
"""A park's edges are never so long that they need as many; a mistaken corner's may be."""

_METRIC_EXAMPLE = 'Name a metric one that fits the place; at Astana crs = "EPSG:32642" (UTM 42N).'
_WEB_MERCATOR_METHOD = "Popular Visualisation Pseudo Mercator"


def working_crs(text: str) -> pyproj.CRS:
    """Parse the working CRS and refuse one that areas cannot be measured in.

    Parameters
    ----------
    text : str
        EPSG code, WKT or PROJ text.

    Returns
    -------
    pyproj.CRS
        Projected, in metres, two-dimensional.

    Raises
    ------
    GeoplanError
        If PROJ does not know it, or it is geographic, Web Mercator, not projected, or in a
        unit other than the metre.

    Examples
    --------
    >>> working_crs("EPSG:32642").name
    'WGS 84 / UTM zone 42N'
    >>> working_crs("EPSG:4326")
    Traceback (most recent call last):
        ...
    geoplan.errors.GeoplanError: [site] crs: 'WGS 84' counts in degrees, which have no area. \
Name a metric one that fits the place; at Astana crs = "EPSG:32642" (UTM 42N).
    """
    try:
        crs = pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise _refused(
            f"'{_short(text)}' is no CRS that PROJ knows ({_last_reason(error)}).",
            "Give an EPSG code, WKT or PROJ text; the latter two also for a CRS too new for PROJ.",
        ) from None
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    cause = _why_not(crs)
    if cause:
        raise _refused(cause, _METRIC_EXAMPLE)
    return crs.to_2d()


def check_areas(zones: gpd.GeoDataFrame) -> None:
    """Refuse a working CRS whose plane areas are not the areas on the ground.

    Parameters
    ----------
    zones : GeoDataFrame
        Valid polygons in the working CRS, in metres.

    Raises
    ------
    GeoplanError
        If the zones' area in the plane and on the ellipsoid (Karney's geodesic area, through
        ``pyproj.Geod``) differ by more than :data:`AREA_ERROR_SHARE_MAX`.
    """
    planar_m2 = float(shapely.area(zones.geometry.to_numpy()).sum())
    ellipsoidal_m2 = _ellipsoidal_area_m2(zones)
    error_share = planar_m2 / ellipsoidal_m2 - 1
    if abs(error_share) <= AREA_ERROR_SHARE_MAX:
        return
    better = zones.estimate_utm_crs()
    raise _refused(
        f"in '{zones.crs.name}' the zones measure {planar_m2 / M2_PER_HA:,.2f} ha, but on the "
        f"ellipsoid {ellipsoidal_m2 / M2_PER_HA:,.2f} ha ({error_share:+.2%}).",
        f"Choose a CRS made for the place, such as {better.to_string()} ({better.name}); if the "
        "place itself looks wrong, check the CRS that the zones' file states.",
    )


def _ellipsoidal_area_m2(zones: gpd.GeoDataFrame) -> float:
    geodetic = zones.crs.geodetic_crs
    # An edge is straight in the plane, not on the ellipsoid: short pieces follow it there.
    piece_m = max(EDGE_PIECE_MAX_M, float(zones.geometry.length.sum()) / PIECES_MAX)
    pieces = zones.geometry.segmentize(piece_m)
    degrees = shapely.orient_polygons(pieces.to_crs(geodetic).to_numpy())
    geod = geodetic.get_geod()
    return float(sum(abs(geod.geometry_area_perimeter(polygon)[0]) for polygon in degrees))


def _why_not(crs: pyproj.CRS) -> str | None:
    if crs.is_geographic:
        return f"'{crs.name}' counts in degrees, which have no area."
    operation = crs.coordinate_operation
    if operation is not None and operation.method_name == _WEB_MERCATOR_METHOD:
        return f"'{crs.name}' is Web Mercator: areas would be 2.5 times too large at Astana."
    if not crs.is_projected:
        return f"'{crs.name}' is not a projected CRS."
    units = {axis.unit_name for axis in crs.axis_info}
    if units - {"metre", "meter"}:
        return f"'{crs.name}' counts in {', '.join(sorted(units))}, not in metres."
    return None


def _refused(cause: str, remedy: str) -> GeoplanError:
    return GeoplanError([Problem(WHERE, cause, remedy)])


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


def _last_reason(error: Exception) -> str:
    return str(error).rsplit(": ", maxsplit=1)[-1].rstrip(")")
