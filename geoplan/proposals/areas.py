"""Areas of the plots that one plot is split into."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoplan.config import SubdivideSettings
from geoplan.subdivide.strips import FRONTAGE_SPARE_M
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]

ASKED = ("area_ha", "area_min_ha", "area_max_ha", "frontage_min_m")
"""Columns of the portfolio that areas depend on."""
DIGITS = 6
"""Decimals of hectares in a setting: to 0.01 m2."""


def shared_out(
    asked: Floats, total_ha: float, depth_m: float, settings: SubdivideSettings
) -> tuple[Floats, float] | None:
    """Share a plot out among projects: each as it wishes, or changed by least.

    Parameters
    ----------
    asked : ndarray, shape (projects, 4)
        The columns :data:`ASKED` of the portfolio.
    total_ha : float
        Area of the plot.
    depth_m : float
        Of the plot, behind the front along which it is cut.
    settings : SubdivideSettings
        ``plot_min_ha, frontage_min_m``.

    Returns
    -------
    areas_ha : ndarray, shape (projects,)
    rest_ha : float
        Area of one more plot, or 0.
        None instead of both where the projects cannot have their areas there.

    Examples
    --------
    Two who would take 1 ha of 2.1 ha leave too little for a plot, so they take all of it.

    >>> asked = np.array([[1.0, 0.9, 1.2, 30.0]] * 2)
    >>> shared_out(asked, 2.1, 100.0, SubdivideSettings())[0].round(9).tolist()
    [1.05, 1.05]
    """
    least, most = _limits(asked, depth_m, settings)
    if (least > most).any():
        return None
    wanted = np.clip(asked[:, 0], least, most)
    wish_ha = float(wanted.sum())
    front_ha = (settings.frontage_min_m + FRONTAGE_SPARE_M) * depth_m / M2_PER_HA
    rest_min_ha = max(settings.plot_min_ha, front_ha)
    given_ha = wish_ha
    if wish_ha + rest_min_ha > total_ha:
        ways = [
            total
            for total in (total_ha, total_ha - rest_min_ha)
            if least.sum() <= total <= most.sum()
        ]
        if not ways:
            return None
        given_ha = min(ways, key=lambda total: abs(total - wish_ha))
    areas = _moved(wanted, given_ha - wish_ha, least, most)
    if given_ha == total_ha:
        areas[-1] = total_ha - areas[:-1].sum()
        return areas, 0.0
    return areas, total_ha - float(areas.sum())


def _limits(asked: Floats, depth_m: float, settings: SubdivideSettings) -> tuple[Floats, Floats]:
    """Least and greatest areas, a front on the street counted."""
    _, least, most, front_m = asked.T
    front_m = np.fmax(front_m, settings.frontage_min_m)
    return np.maximum(least, (front_m + FRONTAGE_SPARE_M) * depth_m / M2_PER_HA), most


def _moved(wanted: Floats, change_ha: float, least: Floats, most: Floats) -> Floats:
    """Spread a change over areas by the room that each has; round where that keeps the limits."""
    room = most - wanted if change_ha >= 0 else wanted - least
    areas = wanted if change_ha == 0 else wanted + change_ha * room / room.sum()
    rounded = areas.round(DIGITS)
    return np.where((rounded >= least) & (rounded <= most), rounded, areas)
