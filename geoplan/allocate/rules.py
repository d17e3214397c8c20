"""Rules: each says which projects may not stand on which units, and on what ground.

To add a rule, write one more function that returns a :class:`Rule` and name it in `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.config import UTILITY_KINDS, NormProfile

Mask = NDArray[np.bool_]
ROMAN = ("I", "II", "III", "IV", "V")


@dataclass(frozen=True)
class Rule:
    """A rule applied to a portfolio and units.

    Attributes
    ----------
    name : str
        Short, as findings and reasons cite it.
    says : str
        What it asks for, as the end of "no strip ...".
    source : str
        Norm or setting that it comes from.
    forbidden : ndarray of bool, shape (projects, units)
    """

    name: str
    says: str
    source: str
    forbidden: Mask


@dataclass(frozen=True)
class Asked:
    """What the rules look at.

    Attributes
    ----------
    projects : DataFrame
        The portfolio.
    units : DataFrame
        ``use, area_ha, depth_m, front_m, plot_area_min_ha, plot_area_max_ha, divisible`` and
        the facts of :class:`geoplan.site.surroundings.Surroundings`.
    norms : NormProfile
    """

    projects: pd.DataFrame
    units: pd.DataFrame
    norms: NormProfile


def _column(frame: pd.DataFrame, name: str, missing: float) -> NDArray[np.float64]:
    return frame[name].astype("Float64").fillna(missing).to_numpy(dtype=float)


def withdrawn(asked: Asked) -> Rule:
    """A withdrawn application asks for no land."""
    gone = (asked.projects["status"] == "withdrawn").to_numpy(dtype=bool)
    mask = np.repeat(gone[:, None], len(asked.units), axis=1)
    return Rule("withdrawn", "is asked for: the application is withdrawn", "portfolio", mask)


def zone_use(asked: Asked) -> Rule:
    """A project stands in a zone of its own use."""
    wanted = asked.projects["use"].fillna("").to_numpy(dtype=str)
    given = asked.units["use"].to_numpy(dtype=str)
    mask = (wanted[:, None] != given[None, :]) & (wanted != "")[:, None]
    return Rule("zone use", "lies in a zone of its use", "zoning", mask)


def area_fit(asked: Asked) -> Rule:
    """A plot of the project's size can be cut from the unit, with its frontage and proportions."""
    least, most = area_limits(asked)
    return Rule("area", "can give a plot of its area and proportions", "[subdivide]", least > most)


def rail(asked: Asked) -> Rule:
    """A project that needs rail stands within reach of a siding."""
    need = asked.projects["rail"].to_numpy(dtype=bool)
    has = asked.units["rail"].to_numpy(dtype=bool)
    mask = need[:, None] & ~has[None, :]
    return Rule("rail", "has a siding within reach", "[allocate] rail_reach_m", mask)


def hazard_zone(asked: Asked) -> Rule:
    """A zone takes hazard classes down to its own limit only."""
    hazard = _column(asked.projects, "hazard_class", 6.0)
    limit = _column(asked.units, "hazard_max", 1.0)
    mask = hazard[:, None] < limit[None, :]
    return Rule("hazard", "lies in a zone that takes its hazard class", "zoning", mask)


def protection(asked: Asked) -> Rule:
    """A hazard class keeps its sanitary distance from receptors."""
    hazard = _column(asked.projects, "hazard_class", 6.0)
    allowed = asked.units["class_min"].to_numpy(dtype=float)
    mask = (hazard[:, None] < allowed[None, :]) & (hazard < 6)[:, None]
    source = asked.norms.spz.source
    return Rule("sanitary distance", "keeps its distance from housing and other receptors", source, mask)


def servicing_year(asked: Asked) -> Rule:
    """A project does not start before its land is available."""
    start = _column(asked.projects, "start_year", np.inf)
    ready = _column(asked.units, "available_year", -np.inf)
    return Rule("year", "is available by its start year", "zones", start[:, None] < ready[None, :])


def served(asked: Asked) -> Rule:
    """A demand is met only where a utility of its kind serves the land."""
    mask = np.zeros((len(asked.projects), len(asked.units)), dtype=bool)
    for kind in UTILITY_KINDS:
        serving = asked.units[f"service_{kind}"]
        if serving.notna().any():
            needs = asked.projects[kind].to_numpy(dtype=float) > 0
            mask |= needs[:, None] & serving.isna().to_numpy()[None, :]
    return Rule("utilities", "is served by every utility that it needs", "utilities", mask)


RULES: tuple[Callable[[Asked], Rule], ...] = (
    withdrawn,
    zone_use,
    area_fit,
    rail,
    hazard_zone,
    protection,
    servicing_year,
    served,
)


def area_limits(asked: Asked) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and greatest area of each project on each unit, ha, both (projects, units).

    The project's own limits are narrowed by what the unit's depth allows; a frontage of the
    project's own asks for as much area as stands behind it.
    """
    units, projects = asked.units, asked.projects
    frontage = _column(projects, "frontage_min_m", 0.0)
    depth_ha_per_m = units["depth_m"].to_numpy(dtype=float) / 1e4
    least = np.maximum(
        projects["area_min_ha"].to_numpy(dtype=float)[:, None],
        units["plot_area_min_ha"].to_numpy(dtype=float)[None, :],
    )
    least = np.maximum(least, frontage[:, None] * depth_ha_per_m[None, :])
    most = np.minimum(
        projects["area_max_ha"].to_numpy(dtype=float)[:, None],
        units["plot_area_max_ha"].to_numpy(dtype=float)[None, :],
    )
    room = units["area_ha"].to_numpy(dtype=float)[None, :]
    whole = ~units["divisible"].to_numpy(dtype=bool)[None, :]
    least = np.where(whole, np.where((least <= room) & (room <= most), room, np.inf), least)
    most = np.where(whole, room, np.minimum(most, room))
    return least, most


def applied(asked: Asked) -> tuple[Rule, ...]:
    """Apply every rule."""
    return tuple(rule(asked) for rule in RULES)


def is_sensitive(projects: pd.DataFrame, norms: NormProfile) -> NDArray[np.bool_]:
    """Tell which projects are receptors themselves: as stated, else by sector."""
    by_sector = projects["sector"].isin(norms.spz.sensitive_sectors)
    stated = projects["sensitive"].astype("boolean")
    return np.asarray(stated.fillna(by_sector.astype("boolean")), dtype=bool)
