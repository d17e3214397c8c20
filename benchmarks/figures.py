"""How good a division of land is, measured alike whoever made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]

TOUCH_M = 0.05
FRONT_LEAST_M = 1.0
"""A plot that touches a street along less has no access to it."""
NEAR_WANTED_SHARE = 0.05


def division_figures(job: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """Measure one division.

    Parameters
    ----------
    job : dict
        ``zone`` (WKT) and ``plot_ha`` or ``areas_ha``.
    result : dict
        ``plots``, ``streets``, ``rest`` (hex WKB) and ``asked``, for each plot the index of the
        area that it answers, -1 for none; ``drawn_m2``, if the zone's outline was redrawn.

    Returns
    -------
    dict
        ``plots``, ``access_share``, ``coverage_valid``, ``lost_share`` of the zone as it was
        drawn, ``outline_share`` that redrawing changed, ``rectangularity_median``,
        ``rectangularity_p5``; for a list also ``asked``, ``delivered``, ``error_median``,
        ``error_max``; else ``near_wanted_share``.
    """
    zone = shapely.from_wkt(job["zone"])
    plots, streets, rest = (_shapes(result[name]) for name in ("plots", "streets", "rest"))
    street_land = shapely.union_all(streets)
    # Peers hand over streets that overlap one another; only a redrawn zone claims to be one whole.
    parts = [plots, rest, streets] if "drawn_m2" in result else [plots, rest]
    drawn_m2 = result.get("drawn_m2", zone.area)
    accounted_m2 = shapely.area(plots).sum() + street_land.area + shapely.area(rest).sum()
    whole = shapely.area(plots) / shapely.area(shapely.oriented_envelope(plots))
    figures = {
        "plots": len(plots),
        "access_share": access_share(plots, street_land, zone),
        "coverage_valid": bool(shapely.coverage_is_valid(np.concatenate(parts))),
        "lost_share": abs(float(accounted_m2) / drawn_m2 - 1),
        "outline_share": abs(drawn_m2 / zone.area - 1),
        "rectangularity_median": float(np.median(whole)),
        "rectangularity_p5": float(np.quantile(whole, 0.05)),
    }
    if "areas_ha" in job:
        return figures | list_figures(plots, result["asked"], job["areas_ha"], zone.area)
    off = np.abs(shapely.area(plots) / (job["plot_ha"] * 1e4) - 1)
    return figures | {"near_wanted_share": float((off <= NEAR_WANTED_SHARE).mean())}


def access_share(plots: Geometries, street_land: Any, zone: Any) -> float:
    """Share of plots on the largest connected network; without streets the zone's edge counts.

    Examples
    --------
    >>> plots = np.array([shapely.box(0, 0, 5, 5), shapely.box(0, 5, 5, 9)])
    >>> access_share(plots, shapely.box(0, -2, 5, 0), shapely.box(0, -2, 5, 9))
    0.5
    """
    if shapely.is_empty(street_land):
        network = shapely.boundary(zone)
    else:
        parts = shapely.get_parts(street_land)
        network = parts[np.argmax(shapely.area(parts))]
    near = shapely.buffer(network, TOUCH_M)
    front_m = shapely.length(shapely.intersection(shapely.boundary(plots), near))
    return float((front_m >= FRONT_LEAST_M).mean())


def list_figures(
    plots: Geometries, asked: Sequence[int], areas_ha: Sequence[float], zone_m2: float
) -> dict[str, Any]:
    """Compare plots with the areas they answer; a plot in two parts delivers nothing.

    A method that fills the zone in proportion to the list is held to these proportions.
    """
    wanted_m2 = np.asarray(areas_ha) * 1e4
    of = np.asarray(asked, dtype=np.intp)
    one_piece = shapely.get_num_geometries(plots) == 1
    count = np.bincount(of[of >= 0], minlength=len(wanted_m2))
    good = (of >= 0) & one_piece
    good[of >= 0] &= count[of[of >= 0]] == 1
    found_m2 = shapely.area(plots[good])
    filled = not (of < 0).any() and shapely.area(plots).sum() > 0.9 * zone_m2
    scale = zone_m2 / wanted_m2.sum() if filled else 1.0
    error = np.abs(found_m2 / (wanted_m2[of[good]] * scale) - 1)
    return {
        "asked": len(wanted_m2),
        "delivered": int(good.sum()),
        "error_median": float(np.median(error)) if len(error) else None,
        "error_max": float(error.max()) if len(error) else None,
    }


def _shapes(texts: Sequence[str]) -> Geometries:
    return np.asarray(shapely.from_wkb(np.asarray(texts, dtype=object)), dtype=object)
