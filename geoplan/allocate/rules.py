"""Rules: each says which projects may not stand on which units, and on what ground.

To add a rule, write one more function that returns a :class:`Rule` and name it in `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from geoplan.config import UTILITY_KINDS, NormProfile
from geoplan.units import M2_PER_HA

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Mask = NDArray[np.bool_]
ROMAN = ("I", "II", "III", "IV", "V")
ROUNDED = 2e-4
"""Share by which the area of a whole plot may miss the limits of a project."""
CELLS_AT_ONCE = 4_000_000
"""Projects times units that a rule is applied to at once."""
UNCLASSED = 6
"""Stands for a project without a hazard class: less dangerous than class V."""


class Blocks:
    """A rule's mask, made when and where it is looked at: as a whole it may not fit in memory.

    Parameters
    ----------
    mask_of : callable
        Makes the rows of so many projects, from one on, to before another.
    shape : tuple of int
        (projects, units)
    """

    def __init__(self, mask_of: Callable[[int, int], Mask], shape: tuple[int, int]) -> None:
        self.shape = shape
        self._mask_of = mask_of
        self._rows = rows_at_once(shape[1])
        self._from = -1
        self._block: Mask = np.zeros((0, shape[1]), dtype=bool)

    def __getitem__(self, at: int | np.integer | tuple[int, int]) -> Mask:
        """Return a project's row, or a part of it."""
        project, *units = at if isinstance(at, tuple) else (at,)
        begin = int(project) // self._rows * self._rows
        if begin != self._from:
            end = min(begin + self._rows, self.shape[0])
            self._block, self._from = self._mask_of(begin, end), begin
        return np.asarray(self._block[(int(project) - begin, *units)])

    def __array__(self, dtype: DTypeLike | None = None, *, copy: bool | None = None) -> Mask:
        """Return the whole mask."""
        return np.asarray(self._mask_of(0, self.shape[0]), dtype=dtype or bool)


def rows_at_once(units: int) -> int:
    """Projects that rules are applied to at once, on so many units."""
    return max(CELLS_AT_ONCE // max(units, 1), 1)


@dataclass(frozen=True)
class Rule:
    """A rule applied to a portfolio and units.

    Attributes
    ----------
    name : str
        Short, as findings and reasons cite it.
    verbs : tuple of str
        Verb of what it asks for: of one unit, of several.
    asks : str
        What it asks for, behind the verb: "one strip lies ..., none lies ..., two lie ...".
    source : str
        Norm or setting that it comes from.
    forbidden : ndarray of bool or Blocks, shape (projects, units)
        Blocks stand for the array: one row, one cell, or as an array all of it.
    """

    name: str
    verbs: tuple[str, str]
    asks: str
    source: str
    forbidden: Mask | Blocks

    def said_of(self, units: int) -> str:
        """Say what the rule asks of so many units ("none" counts as one)."""
        return f"{self.verbs[units > 1]} {self.asks}"


@dataclass(frozen=True)
class Asked:
    """What the rules look at.

    Attributes
    ----------
    projects : DataFrame
        The portfolio.
    units : DataFrame
        ``use, area_ha, depth_m, plot_area_min_ha, plot_area_max_ha, divisible``, ``kept_by``
        (id of the project that is locked there, else null), ``on_market``, and the facts of
        :class:`geoplan.site.surroundings.Surroundings`.
    norms : NormProfile
    """

    projects: pd.DataFrame
    units: pd.DataFrame
    norms: NormProfile

    def of(self, begin: int, end: int) -> Asked:
        """Return the same of some projects."""
        return replace(self, projects=self.projects.iloc[begin:end])


def withdrawn(asked: Asked) -> Rule:
    """Forbid all land to a withdrawn application."""
    gone = (asked.projects["status"] == "withdrawn").to_numpy(dtype=bool)
    mask = np.repeat(gone[:, None], len(asked.units), axis=1)
    asks = "asked for, as the application is withdrawn"
    return Rule("withdrawn", ("is", "are"), asks, "portfolio", mask)


def lock(asked: Asked) -> Rule:
    """Keep a locked project on its own land, and every other project off it."""
    own = own_land(asked)
    taken = asked.units["kept_by"].notna().to_numpy(dtype=bool)
    locked = np.asarray(own.any(axis=1))
    mask = (taken[None, :] | locked[:, None]) & ~own
    return Rule("lock", ("is", "are"), "free of another's lock", "plots", mask)


def market(asked: Asked) -> Rule:
    """Keep projects to land that is for sale, unless they are locked there."""
    offered = asked.units["on_market"].to_numpy(dtype=bool)
    mask = ~(offered[None, :] | own_land(asked))
    return Rule("market", ("is", "are"), "for sale", "plots", mask)


def zone_use(asked: Asked) -> Rule:
    """Keep a project to zones of its own use, if it names one."""
    wanted = asked.projects["use"].fillna("").to_numpy(dtype=object)
    uses = pd.Index(asked.units["use"].to_numpy(dtype=object)).unique()
    given = uses.get_indexer(asked.units["use"].to_numpy(dtype=object))
    mask = (uses.get_indexer(wanted)[:, None] != given[None, :]) & (wanted != "")[:, None]
    return Rule("zone use", ("lies", "lie"), "in a zone of the use it needs", "zoning", mask)


def area_fit(asked: Asked) -> Rule:
    """Ask for a plot of the project's size, with the frontage and proportions of plots there."""
    least, most = area_limits(asked)
    asks = "the area that it needs, with the frontage and proportions of a plot"
    return Rule("area", ("offers", "offer"), asks, "[subdivide]", least > most)


def rail(asked: Asked) -> Rule:
    """Keep a project that needs rail within reach of a siding."""
    need = asked.projects["rail"].to_numpy(dtype=bool)
    has = asked.units["rail"].to_numpy(dtype=bool)
    mask = need[:, None] & ~has[None, :]
    return Rule("rail", ("has", "have"), "a siding within reach", "[allocate] rail_reach_m", mask)


def hazard_zone(asked: Asked) -> Rule:
    """Keep a hazard class out of zones that take less dangerous classes only."""
    limit = column(asked.units, "hazard_max", 1.0)
    mask = hazard_classes(asked.projects)[:, None] < limit[None, :]
    asks = "in a zone that takes its hazard class"
    return Rule("hazard", ("lies", "lie"), asks, "zoning", mask)


def protection(asked: Asked) -> Rule:
    """Keep a hazard class at its sanitary distance from receptors."""
    hazard = hazard_classes(asked.projects)
    allowed = asked.units["class_min"].to_numpy(dtype=float)
    mask = (hazard[:, None] < allowed[None, :]) & (hazard < UNCLASSED)[:, None]
    asks = "far enough from housing and other receptors for its hazard class"
    return Rule("sanitary distance", ("lies", "lie"), asks, asked.norms.spz.source, mask)


def servicing_year(asked: Asked) -> Rule:
    """Keep a project off land that is not yet available when it starts."""
    start = last_start(asked.projects)
    ready = column(asked.units, "available_year", -np.inf)
    mask = start[:, None] < ready[None, :]
    return Rule("year", ("is", "are"), "available by its start year", "zones", mask)


def served(asked: Asked) -> Rule:
    """Ask for a utility of each kind that is needed, supplying by the start year.

    A kind of which the site has no utility at all is not planned here, and asks for nothing.
    """
    mask = np.zeros((len(asked.projects), len(asked.units)), dtype=bool)
    start = last_start(asked.projects)
    for kind in UTILITY_KINDS:
        supplied_from = asked.units[f"supplied_from_{kind}"].to_numpy(dtype=float)
        needs = asked.projects[kind].to_numpy(dtype=float) > 0
        late = (start[:, None] < supplied_from[None, :]) | (supplied_from == np.inf)[None, :]
        mask |= needs[:, None] & late
    asks = "every utility that it needs by its start year"
    return Rule("utilities", ("has", "have"), asks, "utilities", mask)


RULES: tuple[Callable[[Asked], Rule], ...] = (
    withdrawn,
    lock,
    market,
    zone_use,
    area_fit,
    rail,
    hazard_zone,
    protection,
    servicing_year,
    served,
)


def own_land(asked: Asked) -> Mask:
    """Tell which units each project is locked to, (projects, units)."""
    mask = np.zeros((len(asked.projects), len(asked.units)), dtype=bool)
    holder = holders(asked)
    held = np.flatnonzero(holder >= 0)
    mask[holder[held], held] = True
    return mask


def holders(asked: Asked) -> Integers:
    """Project that is locked to each unit, -1 where none of these is, (units,)."""
    ids = pd.Index(asked.projects["project_id"].to_numpy(dtype=object))
    holder = ids.get_indexer(pd.Index(asked.units["kept_by"].to_numpy(dtype=object)))
    live = np.append(asked.projects["status"] != "withdrawn", [False]).astype(bool)
    return np.where(live[holder], holder, -1)


def column(frame: pd.DataFrame, name: str, missing: float) -> Floats:
    """Return a nullable column as numbers, with a number for what is missing."""
    filled = frame[name].astype("Float64").fillna(missing)
    return np.asarray(filled, dtype=np.float64)


def last_start(projects: pd.DataFrame) -> Floats:
    """Year by which each project starts at the latest; infinite where it does not say."""
    start = column(projects, "start_year", np.inf)
    if "start_year_max" not in projects:
        return start
    latest = column(projects, "start_year_max", np.nan)
    return np.where(np.isnan(latest), start, latest)


def hazard_classes(projects: pd.DataFrame) -> Floats:
    """Hazard classes, 1-5, and 6 where a project has none."""
    return column(projects, "hazard_class", UNCLASSED)


def area_bounds(asked: Asked) -> tuple[Floats, Floats]:
    """All that limits a plot's area on a unit, ha.

    Returns
    -------
    lower : ndarray, shape (3, projects, units)
        The project's least area, the least of plots there, and the area that stands behind the
        project's least frontage.
    upper : ndarray, shape (3, projects, units)
        The project's greatest area, the greatest of plots there, and the unit's own area.
    """
    shape = (3, len(asked.projects), len(asked.units))
    lower, upper = np.empty(shape), np.empty(shape)
    for into, bounds in zip((lower, upper), _bounds(asked, *_everywhere(asked)), strict=True):
        for rows, bound in zip(into, bounds, strict=True):
            rows[:] = bound
    return lower, upper


def area_bounds_of(asked: Asked, project: int) -> tuple[Floats, Floats]:
    """All that limits the area of one project's plot on each unit, ha, both (3, units).

    See Also
    --------
    area_bounds : the same of all projects.
    """
    lower, upper = area_bounds(asked.of(project, project + 1))
    return lower[:, 0], upper[:, 0]


def area_limits(asked: Asked) -> tuple[Floats, Floats]:
    """Least and greatest area of each project on each unit, ha, both (projects, units).

    The least is above the greatest where the unit cannot take the project. A unit that is not
    divisible is taken whole, and surveys round: its area may miss a limit by a little.
    """
    return pair_limits(asked, *_everywhere(asked))


def pair_limits(asked: Asked, project: Integers, unit: Integers) -> tuple[Floats, Floats]:
    """Least and greatest area, as :func:`area_limits`, of pairs of project and unit only."""
    lower, upper = _bounds(asked, project, unit)
    least = np.maximum(np.maximum(*lower[:2]), lower[2])
    most = np.minimum(np.minimum(*upper[:2]), upper[2])
    room = np.broadcast_to(upper[2], least.shape)
    whole = ~asked.units["divisible"].to_numpy(dtype=bool)[unit]
    fits = (least * (1 - ROUNDED) <= room) & (room <= most * (1 + ROUNDED))
    return np.where(whole, np.where(fits, room, np.inf), least), np.where(whole, room, most)


def _everywhere(asked: Asked) -> tuple[Integers, Integers]:
    return np.arange(len(asked.projects))[:, None], np.arange(len(asked.units))[None, :]


def _bounds(
    asked: Asked, project: Integers, unit: Integers
) -> tuple[tuple[Floats, Floats, Floats], tuple[Floats, Floats, Floats]]:
    units, projects = asked.units, asked.projects
    depth_m = units["depth_m"].to_numpy(dtype=float)
    frontage_m = column(projects, "frontage_min_m", 0.0)
    lower = (
        projects["area_min_ha"].to_numpy(dtype=float)[project],
        units["plot_area_min_ha"].to_numpy(dtype=float)[unit],
        frontage_m[project] * depth_m[unit] / M2_PER_HA,
    )
    upper = (
        projects["area_max_ha"].to_numpy(dtype=float)[project],
        units["plot_area_max_ha"].to_numpy(dtype=float)[unit],
        units["area_ha"].to_numpy(dtype=float)[unit],
    )
    return lower, upper


def applied(asked: Asked) -> tuple[Rule, ...]:
    """Apply every rule, each where and when its mask is looked at."""
    shape = (len(asked.projects), len(asked.units))
    return tuple(
        replace(rule(asked.of(0, 0)), forbidden=Blocks(_mask_of(rule, asked), shape))
        for rule in RULES
    )


def _mask_of(rule: Callable[[Asked], Rule], asked: Asked) -> Callable[[int, int], Mask]:
    def mask_of(begin: int, end: int) -> Mask:
        return np.asarray(rule(asked.of(begin, end)).forbidden)

    return mask_of


def is_sensitive(projects: pd.DataFrame, norms: NormProfile) -> Mask:
    """Tell which projects are receptors themselves: as stated, else by sector."""
    by_sector = projects["sector"].isin(norms.spz.sensitive_sectors)
    stated = projects["sensitive"].astype("boolean")
    return np.asarray(stated.fillna(by_sector.astype("boolean")), dtype=bool)
