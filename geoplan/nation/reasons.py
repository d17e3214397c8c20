"""Why projects have no plot in any park, and what is missing for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.config import UTILITIES, UTILITY_KINDS
from geoplan.errors import shown
from geoplan.nation.choosing import Choice, barring
from geoplan.nation.land import ParkLand
from geoplan.nation.rounds import Standing
from geoplan.pipeline import Plan
from geoplan.publish.programme.tables import LACK_COLUMNS
from geoplan.site.national import Nation
from geoplan.site.schema import ID_SEPARATOR

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]
PARKS_SHOWN = 4
LAND = "land_ha"
FIT = "fit"
UNITS = {LAND: "ha", FIT: "projects", **{kind: unit for kind, (_, unit) in UTILITIES.items()}}
NAMES = {LAND: "free land", **{kind: label.lower() for kind, (label, _) in UTILITIES.items()}}


@dataclass(frozen=True)
class Lack:
    """What one park lacks for one project.

    Attributes
    ----------
    park : int
    cause : str
        What bars it there by its rules: empty text if amounts alone do.
    short : mapping of str to float
        Amounts short: kinds of utilities, ``land_ha``; ``fit`` where these would do.
    """

    park: int
    cause: str
    short: Mapping[str, float]


def lacks_of(
    nation: Nation, standing: Standing, choice: Choice, projects: Integers
) -> dict[int, list[Lack]]:
    """Tell what each park that projects would go to lacks for them.

    Parameters
    ----------
    nation : Nation
    standing : Standing
        At the end, with a plan for every park.
    choice : Choice
    projects : ndarray of int
        Their rows.

    Returns
    -------
    dict
        By row, in the order of the parks.
    """
    found: dict[int, list[Lack]] = {row: [] for row in projects.tolist()}
    for park, (land, plan) in enumerate(zip(standing.lands, standing.made, strict=True)):
        rows = projects[standing.welcome[projects, park]]
        asked, needs = nation.projects.iloc[rows], choice.needs[:, rows]
        open_, causes = _open_land(asked, land, needs)
        amounts = _short(asked, needs, plan, pd.DataFrame(open_, columns=list(land.zones)))
        for row, cause, short in zip(rows.tolist(), causes, amounts, strict=True):
            found[row].append(Lack(park, cause, {} if cause else short or {FIT: 1.0}))
    return found


def _open_land(asked: pd.DataFrame, land: ParkLand, needs: Floats) -> tuple[Booleans, list[str]]:
    """Ask a park's rules who may have land in which zones.

    Returns
    -------
    ndarray of bool, shape (projects, zones)
    list of str
        What bars each project in all zones; empty text where there is one left.
    """
    open_ = np.ones((len(asked), len(land.zones)), dtype=bool)
    cause = np.full(len(asked), "plotted land", dtype=object)
    for name, mask in barring(asked, land, needs):
        cause[open_.any(axis=1)] = name
        open_ &= ~mask
    cause[open_.any(axis=1)] = ""
    return open_, cause.tolist()


def _short(
    asked: pd.DataFrame, needs: Floats, plan: Plan, open_: pd.DataFrame
) -> list[dict[str, float]]:
    """Tell what of a park's plan each project is short of, its land in open zones alone."""
    free = plan.plots[plan.plots["project_id"].isna()].groupby("zone_id")["area_ha"].sum()
    free_ha = open_.to_numpy() @ free.reindex(open_.columns).fillna(0.0).to_numpy()
    over = {LAND: asked["area_min_ha"].to_numpy(dtype=float) - free_ha}
    left = plan.capacities.groupby("kind")["free"].sum().reindex(list(UTILITY_KINDS))
    for kind, need, limit in zip(UTILITY_KINDS, needs, left.fillna(np.inf), strict=True):
        over[kind] = np.where(need > 0, need - limit, 0.0)
    return [
        {kind: float(amount[at]) for kind, amount in over.items() if amount[at] > 0}
        for at in range(len(asked))
    ]


def reason_of(nation: Nation, lacks: Iterable[Lack], text: Mapping[str, object]) -> str:
    """Say in one sentence or a few why a project has no plot.

    Parameters
    ----------
    nation : Nation
    lacks : iterable of Lack
        Of all parks that it would go to.
    text : mapping
        The project's ``regions``, ``park_ids`` and ``status``.
    """
    if text["status"] == "withdrawn":
        return "The application is withdrawn."
    scope = _scope(text)
    groups: dict[str, list[Lack]] = {}
    for lack in lacks:
        groups.setdefault(lack.cause or " and ".join(NAMES.get(k, k) for k in lack.short), [])
        groups[lack.cause or " and ".join(NAMES.get(k, k) for k in lack.short)].append(lack)
    if not groups:
        return f"{scope}: no park is in these regions and also among these parks."
    told = [_sentence(nation, cause, those) for cause, those in groups.items()]
    return f"{scope}: {'; '.join(told)}."


def _scope(text: Mapping[str, object]) -> str:
    for name in ("park_ids", "regions"):
        named = text[name]
        if isinstance(named, str) and named:
            return shown(named.split(ID_SEPARATOR), most=PARKS_SHOWN)
    return "All parks"


def _sentence(nation: Nation, cause: str, lacks: list[Lack]) -> str:
    names = [nation.parks[lack.park].park_id for lack in lacks]
    have = "has" if len(names) == 1 else "have"
    if lacks[0].cause:
        return f"{shown(names, most=PARKS_SHOWN)} {have} no {cause.removeprefix('a ')}"
    if FIT in lacks[0].short:
        return f"no plan of {shown(names, most=PARKS_SHOWN)} has a strip left that takes it"
    least = min(lacks, key=lambda lack: (max(lack.short.values()), lack.park))
    amounts = " and ".join(
        f"{amount:,.2f} {UNITS[kind]} of {NAMES[kind]}" for kind, amount in least.short.items()
    )
    are = "is" if len(names) == 1 else "are"
    where = nation.parks[least.park].park_id
    those = shown(names, most=PARKS_SHOWN)
    return f"{those} {are} short, {where} by the least: {amounts}"


def lack_table(nation: Nation, lacks: Mapping[int, list[Lack]]) -> pd.DataFrame:
    """Add up by region what those without a plot lack in the park that lacks least for each.

    Parameters
    ----------
    nation : Nation
    lacks : mapping of int to list of Lack
        Of each project without a plot.
    """
    parts: dict[tuple[str, str], list[tuple[int, Lack]]] = {}
    for project, those in lacks.items():
        possible = [lack for lack in those if not lack.cause]
        if not possible:
            continue
        least = min(possible, key=lambda lack: (len(lack.short), max(lack.short.values())))
        region = nation.parks[least.park].region
        named = nation.projects["regions"].iloc[project]
        anywhere = not (isinstance(named, str) and named)
        for kind in least.short:
            parts.setdefault(("" if anywhere else region, kind), []).append((project, least))
    rows = [_lack_row(nation, region, kind, those) for (region, kind), those in parts.items()]
    table = pd.DataFrame(rows, columns=list(LACK_COLUMNS))
    order = ["invest_bn_kzt", "region", "kind"]
    return table.sort_values(order, ascending=[False, True, True]).reset_index(drop=True)


def _lack_row(
    nation: Nation, region: str, kind: str, those: list[tuple[int, Lack]]
) -> dict[str, object]:
    """One row: whoever waits needs his whole demand but what is free, which counts once."""
    projects = [project for project, _ in those]
    asked = nation.projects.iloc[projects]
    by_park: dict[int, list[tuple[int, float]]] = {}
    for project, lack in those:
        by_park.setdefault(lack.park, []).append((project, lack.short[kind]))
    amount = 0.0
    for mine in by_park.values():
        demand = [_demand(nation, kind, project) for project, _ in mine]
        free = max(need - short for need, (_, short) in zip(demand, mine, strict=True))
        amount += float(len(mine)) if kind == FIT else sum(demand) - max(free, 0.0)
    most = max(by_park, key=lambda park: (len(by_park[park]), -park))
    return {
        "region": region,
        "kind": kind,
        "amount": round(amount, 6),
        "unit": UNITS[kind],
        "park_id": nation.parks[most].park_id,
        "projects": len(projects),
        "project_ids": ID_SEPARATOR.join(asked["project_id"]),
        "invest_bn_kzt": round(float(asked["invest_bn_kzt"].sum()), 6),
    }


def _demand(nation: Nation, kind: str, project: int) -> float:
    name = {LAND: "area_min_ha", FIT: "area_min_ha"}.get(kind, kind)
    return float(nation.projects[name].iloc[project])
