"""An allocation in which everybody keeps his place: the ground on which changes are tried.

Land is told in three ways: what somebody holds, what is free, and land that its holders would
have if their plots were cut again beside one more. All three are units of one table, so that
the rules, the utilities and the distances of each are known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.least import Room, Size
from geoplan.allocate.pose import Posed, pose
from geoplan.allocate.rules import (
    Rule,
    column,
    hazard_classes,
    is_sensitive,
    last_start,
    pair_limits,
)
from geoplan.config import UTILITY_KINDS, NormProfile
from geoplan.site.surroundings import Surroundings

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]
Index = int | np.integer | Sequence[int] | Integers


class Sparse:
    """Figures of some pairs and one for all others, read like a matrix that need not fit in memory.

    Parameters
    ----------
    row, column : ndarray of int
        Pairs that have figures of their own.
    figure : ndarray
    columns : int
    other : float
        Figure of all other pairs.
    """

    def __init__(
        self, row: Integers, column: Integers, figure: Floats, *, columns: int, other: float
    ) -> None:
        self._columns = columns
        # No pair asked for has the last key, so that a search always ends on one.
        key = np.append(np.asarray(row) * columns + column, np.iinfo(np.int64).max)
        self._key, first = np.unique(key, return_index=True)
        self._figure = np.append(figure, other)[first]
        self._other = other

    def __getitem__(self, at: tuple[Index, Index]) -> Floats:
        """Return the figures of pairs: of one row and column, or of one and several."""
        asked = np.asarray(at[0], dtype=np.int64) * self._columns + np.asarray(at[1], np.int64)
        place = np.searchsorted(self._key, asked)
        return np.where(self._key[place] == asked, self._figure[place], self._other)


class Fits:
    """Who keeps all rules but locks on a unit, read like a matrix; rules are asked row by row."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    def __getitem__(self, at: tuple[Index, Index]) -> Booleans:
        """Tell of pairs: of one project and unit, or of one and several."""
        projects = np.asarray(at[0], dtype=np.intp)
        if projects.ndim:
            return np.array([self[project, at[1]] for project in projects], dtype=bool)
        barred = [rule.forbidden[int(projects)][at[1]] for rule in self._rules]
        return np.asarray(~np.logical_or.reduce(barred), dtype=bool)


@dataclass(frozen=True)
class Kept:
    """Who stands where, and the land that is left.

    Attributes
    ----------
    projects : DataFrame
        The portfolio.
    units : DataFrame
        As :func:`geoplan.allocate.pose.pose` takes them; ``kept_by`` names the holder of land
        that is held, and ``place`` is what people call a unit.
    around : Surroundings
        Of these units.
    utilities : DataFrame
        ``utility_id, kind, capacity``.
    norms : NormProfile
    apart_m : float
    home : ndarray of int, shape (projects,)
        The unit that each project holds, -1 for none.
    again : mapping of int to tuple of int
        Units that could be cut again, each with the projects that would share it; their own
        plots are units too. All other units without ``kept_by`` are free.
    """

    projects: pd.DataFrame
    units: pd.DataFrame
    around: Surroundings
    utilities: pd.DataFrame
    norms: NormProfile
    apart_m: float
    home: Integers
    again: Mapping[int, tuple[int, ...]]

    @cached_property
    def posed(self) -> Posed:
        """The problem on all these units; every holder is locked to his."""
        return self.posed_with(self.projects, self.utilities)

    def posed_with(
        self, projects: pd.DataFrame, utilities: pd.DataFrame, *, freed: tuple[int, ...] = ()
    ) -> Posed:
        """Pose the problem with other projects or utilities, and some holders unlocked."""
        units = self.units
        if freed:
            kept_by = units["kept_by"].to_numpy(dtype=object).copy()
            kept_by[self.home[list(freed)]] = None
            units = units.assign(kept_by=pd.Series(kept_by, dtype=object, index=units.index))
        return pose(projects, units, self.around, utilities, self.norms, apart_m=self.apart_m)

    @cached_property
    def waiting(self) -> Integers:
        """Projects that have no land and still want some."""
        live = (self.projects["status"] != "withdrawn").to_numpy(dtype=bool)
        return np.flatnonzero((self.home < 0) & live)

    @cached_property
    def on_offer(self) -> Integers:
        """Units that a project could be given: free ones first, then those to be cut again."""
        held = self.units["kept_by"].notna().to_numpy(dtype=bool)
        again = np.isin(np.arange(len(held)), list(self.again))
        return np.concatenate([np.flatnonzero(~held & ~again), np.flatnonzero(again)])

    @cached_property
    def near_m(self) -> Sparse:
        """Distance of each two units, infinite beyond reach, (units, units)."""
        around, own = self.around, np.arange(len(self.units))
        return Sparse(
            np.concatenate([around.left, around.right, own]),
            np.concatenate([around.right, around.left, own]),
            np.concatenate([around.distance_m, around.distance_m, np.zeros(len(own))]),
            columns=len(own),
            other=np.inf,
        )

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by their names."""
        return {rule.name: rule for rule in self.posed.rules}

    @cached_property
    def fits_rules(self) -> Fits:
        """Whether each project keeps all rules but locks on each unit, (projects, units)."""
        return Fits([rule for name, rule in self.rules.items() if name != "lock"])

    @cached_property
    def needs(self) -> Floats:
        """What each project draws, by kind of utility, shape (kinds, projects)."""
        return np.stack([self.projects[kind].to_numpy(dtype=float) for kind in UTILITY_KINDS])

    @cached_property
    def source(self) -> Integers:
        """Row of the utility that serves each unit, -1 for none, shape (kinds, units)."""
        rows = pd.Index(self.utilities["utility_id"].astype(object))
        facts = self.posed.asked.units
        served = [facts[f"service_{kind}"].to_numpy(dtype=object) for kind in UTILITY_KINDS]
        return np.stack([rows.get_indexer(pd.Index(name, dtype=object)) for name in served])

    @cached_property
    def capacity(self) -> Floats:
        """Capacity of each utility."""
        return self.utilities["capacity"].to_numpy(dtype=float)

    def drawn(self, home: Integers) -> Floats:
        """Add up what projects draw from each utility at home, shape (utilities,)."""
        used = np.zeros(len(self.utilities))
        placed = np.flatnonzero(home >= 0)
        for needs, source in zip(self.needs, self.source, strict=True):
            from_ = source[home[placed]]
            np.add.at(used, from_[from_ >= 0], needs[placed][from_ >= 0])
        return used

    @cached_property
    def used(self) -> Floats:
        """What is drawn from each utility as things are."""
        return self.drawn(self.home)

    def moved(self, unit: int) -> Integers:
        """Homes of all if a unit is cut again: those who share it stand on it."""
        if unit not in self._moved:
            home = self.home.copy()
            home[list(self.again.get(unit, ()))] = unit
            self._moved[unit] = home
        return self._moved[unit]

    def drawn_if(self, unit: int) -> Floats:
        """Add up what is drawn if a unit is cut again for those who share it."""
        if unit not in self._drawn_if:
            again = bool(self.again.get(unit))
            self._drawn_if[unit] = self.drawn(self.moved(unit)) if again else self.used
        return self._drawn_if[unit]

    @cached_property
    def _moved(self) -> dict[int, Integers]:
        return {}

    @cached_property
    def _drawn_if(self) -> dict[int, Floats]:
        return {}

    @cached_property
    def rooms(self) -> list[Room]:
        """Each unit's room, with nobody on it."""
        names = ("area_ha", "plot_area_min_ha", "depth_m", "plot_area_max_ha", "divisible")
        return [
            Room(area, least if whole else 0.0, depth, least, most, whole)
            for area, least, depth, most, whole in zip(
                *(self.units[name].tolist() for name in names), strict=True
            )
        ]

    @cached_property
    def sizes(self) -> list[Size]:
        """What each project asks of its plot."""
        front = column(self.projects, "frontage_min_m", 0.0).tolist()
        areas = (self.projects[name].tolist() for name in ("area_min_ha", "area_max_ha"))
        return [Size(*size) for size in zip(*areas, front, strict=True)]

    @cached_property
    def limits_ha(self) -> tuple[Sparse, Sparse]:
        """Least and greatest area of those who share a unit to be cut again, (projects, units)."""
        project = np.array([each for sharers in self.again.values() for each in sharers], np.intp)
        unit = np.array([unit for unit, sharers in self.again.items() for _ in sharers], np.intp)
        least, most = pair_limits(self.posed.asked, project, unit)
        count = len(self.units)
        return (
            Sparse(project, unit, least, columns=count, other=np.inf),
            Sparse(project, unit, most, columns=count, other=0.0),
        )

    @cached_property
    def start(self) -> Floats:
        """Year by which each project starts at the latest; infinite where it does not say."""
        return last_start(self.projects)

    @cached_property
    def ready(self) -> Floats:
        """Year from which each unit is available."""
        return column(self.posed.asked.units, "available_year", -np.inf)

    @cached_property
    def supplied_from(self) -> Floats:
        """Year from which each unit is supplied, shape (kinds, units)."""
        facts = self.posed.asked.units
        years = [facts[f"supplied_from_{kind}"].to_numpy(dtype=float) for kind in UTILITY_KINDS]
        return np.stack(years)

    @cached_property
    def classes(self) -> Integers:
        """Hazard classes, 6 for none."""
        return hazard_classes(self.projects).astype(np.intp)

    @cached_property
    def hazard_max(self) -> Floats:
        """Most dangerous class that each unit's zone takes."""
        return column(self.posed.asked.units, "hazard_max", 1.0)

    @cached_property
    def class_min(self) -> Floats:
        """Most dangerous class that keeps its distance from receptors on each unit."""
        return self.posed.asked.units["class_min"].to_numpy(dtype=float)

    @cached_property
    def sensitive(self) -> Booleans:
        """Whether each project is a receptor itself."""
        return is_sensitive(self.projects, self.norms)

    @cached_property
    def apart_from(self) -> list[set[int]]:
        """Projects that each one is to stand apart from, whichever of two asks for it."""
        number = {name: row for row, name in enumerate(self.projects["project_id"])}
        found: list[set[int]] = [set() for _ in number]
        for row, named in enumerate(self.projects["apart"].fillna("").astype(str)):
            for name in filter(None, (part.strip() for part in named.split(";"))):
                found[row].add(number[name])
                found[number[name]].add(row)
        return found
