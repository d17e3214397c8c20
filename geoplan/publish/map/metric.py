"""The plan's own measure of length and area, so that the page measures as the plan does."""

from __future__ import annotations

from typing import Any

import pyproj

Bounds = tuple[tuple[float, float], tuple[float, float]]


def plan_metric(crs: pyproj.CRS, bounds: Bounds) -> dict[str, Any]:
    """Return how the plan's areas relate to those on the ellipsoid.

    Parameters
    ----------
    crs : CRS
        The plan's, in metres.
    bounds : pair of (latitude, longitude)
        South-west and north-east corner of the park.

    Returns
    -------
    dict
        ``crs``, its name, and ``areal``: a square metre of the plan for each on the ellipsoid,
        amid the park. Lengths relate as its root, exactly so where the CRS keeps angles.

    Examples
    --------
    >>> utm = pyproj.CRS("EPSG:32642")
    >>> plan_metric(utm, ((51.1, 71.4), (51.2, 71.6)))
    {'crs': 'WGS 84 / UTM zone 42N', 'areal': 0.999950768}
    """
    (south, west), (north, east) = bounds
    middle = (west + east) / 2, (south + north) / 2
    factors = pyproj.Proj(crs).get_factors(*middle)
    return {"crs": crs.name, "areal": round(float(factors.areal_scale), 9)}
