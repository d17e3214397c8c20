"""The plan year by year: who starts when, what that waits for, and what flows in.

A project starts in its window, as early as its land, its utilities and their capacities allow;
see :mod:`geoplan.allocate.phasing`. Its capital is spent evenly over the years of building.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.phasing import Phasing, YearLimit, drawn, phased
from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import LOAD_NOISE, Assignment
from geoplan.allocate.rules import column, last_start
from geoplan.config import UTILITY_KINDS, Scenario, TargetSettings
from geoplan.plan import YEARS_OF_ALLOCATION
from geoplan.site import Site
from geoplan.site.infrastructure import ADDED, capacity_in, ids_in, steps_of
from geoplan.site.schema import ID_SEPARATOR

Integers = NDArray[np.intp]
Floats = NDArray[np.float64]

NO_YEAR = -1
DIGITS = 9
PHASE_COLUMNS = (
    "year",
    "projects",
    "projects_total",
    "invest_bn_kzt",
    "invest_total_bn_kzt",
    "jobs",
    "jobs_total",
    "area_ha",
    "area_total_ha",
    "served_ha",
    "infrastructure",
    "infrastructure_bn_kzt",
    "inflow_bn_kzt",
    "inflow_bn_usd",
    "target_bn_usd",
    "missing_bn_usd",
)
PHASE_CAPACITY_COLUMNS = ("year", "utility_id", "kind", "capacity", "used", "free")
INFRASTRUCTURE_COLUMNS = (
    "infrastructure_id",
    "name",
    "serves",
    "utility_id",
    "capacity",
    "year",
    "effective_year",
    "cost_bn_kzt",
    "depends_on",
    "waiting",
    "waiting_bn_kzt",
    "waiting_ids",
)


@dataclass(frozen=True)
class Years:
    """When everybody starts.

    Attributes
    ----------
    year : ndarray of int, shape (projects,)
        :data:`NO_YEAR` for who has no land.
    wish : ndarray of int, shape (projects,)
        First year of each window; the site's where none is stated.
    waits_for : tuple of str, one for each project
        Ids of infrastructure that comes after the wish and before the start, joined by ``;``.
    proven : bool
        Whether no other years are better.
    """

    year: Integers
    wish: Integers
    waits_for: tuple[str, ...]
    proven: bool


def years_matter(site: Site, scenario: Scenario) -> bool:
    """Tell whether infrastructure, windows or targets ask for a plan year by year."""
    return chosen_matter(site) or (scenario.targets is not None and site.projects is not None)


def chosen_matter(site: Site) -> bool:
    """Tell whether there are years to choose: infrastructure or windows."""
    if site.projects is None:
        return False
    return site.infrastructure is not None or bool(site.projects["start_year_max"].notna().any())


def chosen_years(site: Site, posed: Posed, assignment: Assignment) -> Years:
    """Choose the year of everybody who has land.

    Parameters
    ----------
    site : Site
    posed : Posed
        Its units have the years of this site.
    assignment : Assignment
        An answer to it.

    Returns
    -------
    Years
    """
    projects, units = posed.asked.projects, posed.asked.units
    wish = column(projects, "start_year", float(site.year))
    placed = np.flatnonzero(assignment.unit >= 0)
    unit = assignment.unit[placed]
    ready = column(units, "available_year", -np.inf)[unit]
    for kind in UTILITY_KINDS:
        needs = projects[kind].to_numpy(dtype=float)[placed] > 0
        supplied = units[f"supplied_from_{kind}"].to_numpy(dtype=float)[unit]
        ready = np.where(needs & np.isfinite(supplied), np.maximum(ready, supplied), ready)
    first = np.maximum(wish[placed], ready)
    last, limits = last_start(projects)[placed], _limits(site, posed, placed, unit)
    horizon = max([float(site.year), *first.tolist(), *(each.until + 1.0 for each in limits)])
    last = np.where(np.isinf(last), horizon, last)
    # Who is locked to land that comes too late starts when he must, and the audit says so.
    phasing = Phasing(
        np.minimum(first, last).astype(np.intp),
        last.astype(np.intp),
        projects["invest_bn_kzt"].to_numpy(dtype=float)[placed],
        projects["jobs"].to_numpy(dtype=float)[placed],
        tuple(limits),
    )
    answer = phased(phasing)
    year = np.full(len(projects), NO_YEAR, dtype=np.intp)
    year[placed] = answer.year
    short = {int(placed[i]): names for i, names in _short(site, phasing, answer.year).items()}
    waits = _waits(site, posed, assignment, wish, year, short)
    return Years(year, wish.astype(np.intp), waits, answer.proven)


def _limits(site: Site, posed: Posed, placed: Integers, unit: Integers) -> list[YearLimit]:
    """List what utilities have in the years before they grow."""
    if ADDED not in site.utilities:
        return []
    limits = []
    for row in site.utilities.to_dict("records"):
        steps = steps_of(row[ADDED])
        if not steps:
            continue
        who, load = _drawing(posed, placed, unit, row)
        for year in sorted({step.year for step in steps}):
            limit = capacity_in(float(row["capacity"]), steps, year - 1)
            limits.append(YearLimit(str(row["utility_id"]), year - 1, limit, who, load))
    return limits


def _drawing(
    posed: Posed, placed: Integers, unit: Integers, utility: Mapping[Any, Any]
) -> tuple[Integers, Floats]:
    """Tell who of those placed draws on a utility, and how much."""
    kind = str(utility["kind"])
    serving = (posed.asked.units[f"service_{kind}"] == utility["utility_id"]).to_numpy(dtype=bool)
    demand = posed.asked.projects[kind].to_numpy(dtype=float)[placed]
    who = np.flatnonzero(serving[unit] & (demand > 0))
    return who, demand[who]


def _short(site: Site, phasing: Phasing, year: Integers) -> dict[int, set[str]]:
    """Name what must add to utilities before each could start, for who waits for that."""
    adds: dict[tuple[str, int], set[str]] = {}
    for row in site.utilities.to_dict("records") if phasing.limits else ():
        for step in steps_of(row[ADDED]):
            adds.setdefault((str(row["utility_id"]), step.year - 1), set()).add(step.name)
    found: dict[int, set[str]] = {}
    for limit in phasing.limits:
        free = limit.limit - drawn(limit, year)
        for project, load in zip(limit.project.tolist(), limit.load.tolist(), strict=True):
            waited = phasing.first[project] <= limit.until < year[project]
            if waited and load > free + LOAD_NOISE * max(limit.limit, 1.0):
                found.setdefault(project, set()).update(adds[limit.utility, limit.until])
    return found


def _waits(
    site: Site,
    posed: Posed,
    assignment: Assignment,
    wish: Floats,
    year: Integers,
    short: Mapping[int, set[str]],
) -> tuple[str, ...]:
    """Name what comes between wish and start: for land, for supply, for capacity that is short."""
    built = site.infrastructure
    if built is None:
        return ("",) * len(year)
    table = built.table
    comes = {
        str(name): int(when)
        for name, when in zip(table["infrastructure_id"], table["effective_year"], strict=True)
    }
    units, projects = posed.asked.units.to_dict("records"), posed.asked.projects
    told = []
    for project, unit in enumerate(assignment.unit.tolist()):
        if unit < 0:
            told.append("")
            continue
        land, kinds = units[unit], [k for k in UTILITY_KINDS if projects[k].iloc[project] > 0]
        names = {*ids_in(land["served_by"]), *short.get(project, ())}
        for kind in kinds:
            names.update(ids_in(land[f"served_by_{kind}"]))
        late = sorted((comes[n], n) for n in names if wish[project] < comes[n] <= year[project])
        told.append(ID_SEPARATOR.join(name for _, name in late))
    return tuple(told)


def with_years(allocation: pd.DataFrame, years: Years) -> pd.DataFrame:
    """Add the years chosen to an allocation, :data:`geoplan.plan.YEARS_OF_ALLOCATION`."""
    chosen = pd.array(years.year, dtype="Int64")
    start = pd.Series(chosen, index=allocation.index).mask(years.year == NO_YEAR)
    waits = pd.Series(list(years.waits_for), index=allocation.index, dtype="str")
    return allocation.assign(**dict(zip(YEARS_OF_ALLOCATION, (start, waits), strict=True)))


def inflow_by_year(
    projects: pd.DataFrame, years: Years, targets: TargetSettings
) -> dict[int, float]:
    """Spread the capital of those placed evenly over their years of building, bn KZT.

    >>> asked = pd.DataFrame({"invest_bn_kzt": [6.0, 4.0]})
    >>> chosen = Years(np.array([2026, NO_YEAR]), np.array([2026, 2026]), ("", ""), True)
    >>> inflow_by_year(asked, chosen, TargetSettings(build_years=3))
    {2026: 2.0, 2027: 2.0, 2028: 2.0}
    """
    usual = pd.Series(targets.build_years, index=projects.index)
    lasts = projects.get("build_years", usual)
    inflow: dict[int, float] = {}
    for start, invest, length in zip(
        years.year.tolist(), projects["invest_bn_kzt"], lasts.fillna(usual), strict=True
    ):
        for year in range(start, start + int(length)) if start != NO_YEAR else ():
            inflow[year] = inflow.get(year, 0.0) + float(invest) / int(length)
    return dict(sorted(inflow.items()))


def phase_table(
    site: Site, posed: Posed, years: Years, plots: pd.DataFrame, targets: TargetSettings
) -> pd.DataFrame:
    """Tell the plan year by year.

    Returns
    -------
    DataFrame
        Columns :data:`PHASE_COLUMNS`: who starts, with what; what has started in all; land that
        is served by then; infrastructure that comes, and its cost; capital that flows in, in KZT
        and at the stated rate in USD, its target, and what is missing to it (negative where there
        is more). What is not stated is null.
    """
    projects, year = posed.asked.projects, years.year
    inflow = inflow_by_year(projects, years, targets)
    built = None if site.infrastructure is None else site.infrastructure.table
    comes = [] if built is None else built["effective_year"].astype(int).tolist()
    named = {*year[year != NO_YEAR].tolist(), *inflow, *targets.inflow_bn_usd, *comes}
    span = range(min(named), max(named) + 1) if named else range(0)
    area_ha = plots["area_ha"].to_numpy(dtype=float)
    served = column(plots, "available_year", -np.inf)
    sums = (
        ("invest_bn_kzt", "invest_total_bn_kzt", projects["invest_bn_kzt"].to_numpy(dtype=float)),
        ("jobs", "jobs_total", projects["jobs"].to_numpy(dtype=float)),
        ("area_ha", "area_total_ha", _given_ha(projects, plots)),
    )
    rows = []
    for now in span:
        new, all_ = year == now, (year != NO_YEAR) & (year <= now)
        row: dict[str, Any] = {"year": now, "projects": int(new.sum())}
        row["projects_total"] = int(all_.sum())
        for name, total, values in sums:
            row[name] = round(float(values[new].sum()), DIGITS)
            row[total] = round(float(values[all_].sum()), DIGITS)
        row["served_ha"] = round(float(area_ha[served <= now].sum()), DIGITS)
        rows.append(row | _built_in(built, now) | _money(inflow.get(now, 0.0), now, targets))
    return _typed_phases(pd.DataFrame(rows, columns=list(PHASE_COLUMNS)))


def _given_ha(projects: pd.DataFrame, plots: pd.DataFrame) -> Floats:
    held = plots[plots["project_id"].notna()].groupby("project_id")["area_ha"].sum()
    return projects["project_id"].map(held).fillna(0.0).to_numpy(dtype=float)


def _built_in(built: pd.DataFrame | None, year: int) -> dict[str, Any]:
    if built is None:
        return {"infrastructure": "", "infrastructure_bn_kzt": 0.0}
    now = built[built["effective_year"] == year]
    return {
        "infrastructure": ID_SEPARATOR.join(now["infrastructure_id"].astype(str)),
        "infrastructure_bn_kzt": round(float(now["cost_bn_kzt"].sum()), DIGITS),
    }


def _money(inflow: float, year: int, targets: TargetSettings) -> dict[str, Any]:
    rate, target = targets.kzt_per_usd, targets.inflow_bn_usd.get(year)
    usd = None if rate is None else round(inflow / rate, DIGITS)
    missing = None if usd is None or target is None else round(target - usd, DIGITS)
    return {
        "inflow_bn_kzt": round(inflow, DIGITS),
        "inflow_bn_usd": usd,
        "target_bn_usd": target,
        "missing_bn_usd": missing,
    }


def _typed_phases(table: pd.DataFrame) -> pd.DataFrame:
    whole = {"year", "projects", "projects_total", "jobs", "jobs_total"}
    kinds = {name: "int64" if name in whole else "float64" for name in PHASE_COLUMNS}
    return table.astype(kinds | {"infrastructure": "str"})


def phase_capacity_table(
    site: Site, posed: Posed, assignment: Assignment, years: Years, phases: pd.DataFrame
) -> pd.DataFrame:
    """Tell what each utility has and gives in each year, :data:`PHASE_CAPACITY_COLUMNS`.

    Before a utility supplies it has nothing.
    """
    placed = np.flatnonzero(assignment.unit >= 0)
    unit, rows = assignment.unit[placed], []
    for utility in site.utilities.to_dict("records"):
        who, load = _drawing(posed, placed, unit, utility)
        steps = steps_of(utility.get(ADDED))
        since = utility["available_year"]
        for now in phases["year"].tolist():
            there = pd.isna(since) or since <= now
            has = capacity_in(float(utility["capacity"]), steps, now) if there else 0.0
            used = round(float(load[years.year[placed][who] <= now].sum()), DIGITS)
            free = round(has - used, DIGITS)
            rows.append((now, str(utility["utility_id"]), utility["kind"], has, used, free))
    table = pd.DataFrame(rows, columns=list(PHASE_CAPACITY_COLUMNS))
    return table.sort_values("year", kind="stable").reset_index(drop=True)


def infrastructure_table(site: Site, posed: Posed | None, years: Years | None) -> pd.DataFrame:
    """Tell of each infrastructure project when it comes, and who waits for it.

    Returns
    -------
    DataFrame
        Columns :data:`INFRASTRUCTURE_COLUMNS`; without a column where there is none.
    """
    if site.infrastructure is None:
        return pd.DataFrame()
    table = site.infrastructure.table
    waiting: dict[str, list[int]] = {}
    for project, names in enumerate(years.waits_for if years is not None else ()):
        for name in ids_in(names):
            waiting.setdefault(name, []).append(project)
    who = [waiting.get(str(name), []) for name in table["infrastructure_id"]]
    asked = pd.DataFrame() if posed is None else posed.asked.projects
    invest = asked["invest_bn_kzt"].to_numpy(dtype=float) if len(asked) else np.empty(0)
    ids = asked["project_id"].to_numpy(dtype=str) if len(asked) else np.empty(0, dtype=str)
    told = table.assign(
        waiting=[len(each) for each in who],
        waiting_bn_kzt=[round(float(invest[each].sum()), DIGITS) for each in who],
        waiting_ids=pd.Series([ID_SEPARATOR.join(ids[each]) for each in who], dtype="str"),
    )
    return told[list(INFRASTRUCTURE_COLUMNS)]
