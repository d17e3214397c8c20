"""Small random parks as records, with every rule in all combinations, and what they mean.

The records are turned into tables for :func:`geoplan.allocate.pose.pose`, and, by rules that are
written a second time here, into a problem for brute force. Areas are square metres.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoplan.allocate.pose import Posed, pose
from geoplan.config import UTILITY_KINDS
from geoplan.site.surroundings import Surroundings
from tests.allocate.brute import INFINITE, NOWHERE, Small
from tests.allocate.tables import NORMS, around, projects, units, utilities

Record = dict[str, Any]

LEAVES_MAX = 1_200
AIMS = ("investment", "jobs", "priority", "near", "area_fit")
SPZ_M = (1000, 500, 300, 100, 50)
SENSITIVE_SECTOR, SENSITIVE_AGAINST = "food", 3
APART_M, NEAR_M = 100, 300
SURVEYED = 2e-4
SWITCHES = (
    "withdrawn",
    "lock",
    "market",
    "zone use",
    "area",
    "rail",
    "main street",
    "hazard",
    "sanitary distance",
    "year",
    "utilities",
    "frontage",
    "rest",
    "capacity",
    "sensitive plants",
    "apart",
    "near",
)
"""Rules that a park has or has not: those of :mod:`geoplan.allocate.rules` by their names, and
those between projects. The area of plots is always a rule; its switch makes limits tight."""
STATED = ("project_id", "status", "use", "sector", "sensitive", "jobs", "rail", "heavy",
          "hazard_class", "start_year")  # fmt: skip
FACTS = ("hazard_max", "available_year", "rail", "class_min")
M2_PER_HA, TENTHS = 10_000, 10
DISTANCES_M = (10, 40, 60, 99.9, 100, 250, 299, 300, 300.1, 450, 700, 999, 1200)


@dataclass
class Park:
    """Records of projects, units and utilities, and distances of pairs of units."""

    has: frozenset[str]
    projects: list[Record]
    units: list[Record]
    utilities: list[Record]
    distance_m: dict[tuple[int, int], float]

    def apart_m(self, one: int, other: int) -> float:
        """Distance of two units; infinite beyond reach."""
        pair = (min(one, other), max(one, other))
        return 0.0 if one == other else self.distance_m.get(pair, INFINITE)


class _Draw:
    """Random choices that read like sentences."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng([7, seed])

    def whole(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def often(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def one_of(self, *things: Any) -> Any:
        return things[self.whole(0, len(things) - 1)]


def drawn_park(seed: int) -> Park:
    """Draw a park of 2 to 6 projects and units; one rule more is switched on than chance does."""
    draw = _Draw(seed)
    share = draw.one_of(0.1, 0.4)
    has = {name for name in SWITCHES if draw.often(share)} | {SWITCHES[seed % len(SWITCHES)]}
    mode = draw.one_of("strips", "both", *(() if "rest" in has else ("plots",)))
    utilities = _utilities(draw, has)
    units = [_unit(draw, has, mode, utilities) for _ in range(draw.whole(2, 6))]
    projects = [_project(draw, has, number) for number in range(draw.whole(2, 6))]
    if "lock" in has:
        for unit in draw.random.permutation(len(units))[: draw.whole(1, 2)]:
            units[unit]["kept_by"] = draw.one_of(*projects)["project_id"]
    pairs = [(u, v) for v in range(len(units)) for u in range(v)]
    distance_m = {pair: draw.one_of(*DISTANCES_M) for pair in pairs if draw.often(0.7)}
    park = Park(frozenset(has), projects, units, utilities, distance_m)
    while len(projects) > 2 and small_of_park(park).leaves() > LEAVES_MAX:
        projects.pop()
    _name_each_other(draw, park)
    return park


def _utilities(draw: _Draw, has: set[str]) -> list[Record]:
    """Up to two of a kind, which supply from a year on; demands are tenths."""
    kinds = ["power_mw", draw.one_of(*UTILITY_KINDS[1:])][: draw.whole(1, 2)]
    return [
        {
            "utility_id": f"{kind}-{number}",
            "kind": kind,
            "capacity": draw.whole(0, 30) if "capacity" in has else 1_000,
            "year": draw.one_of(None, 2026, 2028) if "utilities" in has else None,
        }
        for kind in kinds
        for number in range(draw.whole(1, 2))
        if has & {"capacity", "utilities"}
    ]


def _unit(draw: _Draw, has: set[str], mode: str, utilities: list[Record]) -> Record:
    divisible = draw.often(0.5) if mode == "both" else mode == "strips"
    area_m2 = 1_000 * (draw.whole(8, 45) if divisible else draw.whole(6, 24))
    if not divisible:
        area_m2 += draw.one_of(0, 0, 0, -1, 1, 10, -10)  # surveys round; this much, or too much
    serving = {}
    for kind in UTILITY_KINDS:
        ids = [utility["utility_id"] for utility in utilities if utility["kind"] == kind]
        missing = [None] if "utilities" in has and draw.often(0.3) else []
        serving[kind] = draw.one_of(*(missing or ids)) if ids else None
    return {
        "use": draw.one_of("production", "logistics") if "zone use" in has else "production",
        "area": area_m2,
        "depth_m": draw.one_of(50, 100),
        "plot_min": 1_000 * draw.whole(2, 9) if "rest" in has else 0,
        "plot_max": 1_000 * draw.whole(8, 20) if "area" in has else 1_000_000,
        "divisible": divisible,
        "kept_by": None,
        "on_market": not ("market" in has and draw.often(0.3)),
        "hazard_max": draw.one_of(None, 2, 3, 4, 5) if "hazard" in has else None,
        "available_year": draw.one_of(None, 2026, 2027, 2029) if "year" in has else None,
        "rail": "rail" not in has or draw.often(0.6),
        "street_class": draw.one_of("main", "collector", "local", "local")
        if "main street" in has
        else "local",
        "class_min": draw.whole(1, 6) if "sanitary distance" in has else 1,
        "serving": serving,
    }


def _project(draw: _Draw, has: set[str], number: int) -> Record:
    area_m2 = 1_000 * draw.whole(4, 20)
    tight = bool(has & {"area", "rest"})
    least, most = 1_000 * draw.whole(0, 2 if tight else 5), 1_000 * draw.whole(0, 3 if tight else 8)
    dangerous = has & {"hazard", "sanitary distance", "sensitive plants"}
    needing = has & {"capacity", "utilities"}
    return {
        "project_id": f"P{number}",
        "status": "withdrawn" if "withdrawn" in has and draw.often(0.3) else "application",
        "use": draw.one_of(None, "production", "logistics") if "zone use" in has else None,
        "sector": draw.one_of("food", "food", "metal") if "sensitive plants" in has else "metal",
        "sensitive": draw.one_of(None, None, None, True, False)
        if "sensitive plants" in has
        else None,
        "area": area_m2,
        "area_min": max(area_m2 - least, 1_000),
        "area_max": area_m2 + most,
        "front_m": draw.one_of(None, 20, 60, 120, 200) if "frontage" in has else None,
        "investment": draw.whole(0, 9),
        "jobs": draw.whole(0, 5),
        "priority": draw.whole(0, 2),
        "rail": "rail" in has and draw.often(0.5),
        "heavy": "main street" in has and draw.often(0.5),
        "hazard_class": draw.one_of(None, 1, 2, 3, 3, 4, 5) if dangerous else None,
        "start_year": draw.one_of(None, 2025, 2026, 2027, 2028)
        if has & {"year", "utilities"}
        else None,
        "needs": {kind: draw.whole(0, 15) if needing else 0 for kind in UTILITY_KINDS},
        "apart": [],
        "near": [],
    }


def _name_each_other(draw: _Draw, park: Park) -> None:
    """Let some wish to stand near, others apart; nobody both."""
    for number, project in enumerate(park.projects):
        for other in park.projects[:number]:
            kind = draw.one_of("apart", "near")
            if kind in park.has and draw.often(0.8):
                one, named = draw.one_of((project, other), (other, project))
                one[kind].append(named["project_id"])


def small_of_park(park: Park, *, without: str = "") -> Small:
    """Tell what a park's records mean, with all its rules or without one of them."""
    live = {p["project_id"]: n for n, p in enumerate(park.projects) if p["status"] != "withdrawn"}
    home: dict[int, int] = {}
    for number, unit in enumerate(park.units):
        if unit["kept_by"] in live and without != "lock":
            home.setdefault(live[unit["kept_by"]], number)
    options, size = [], {}
    for p, project in enumerate(park.projects):
        fitting = [NOWHERE]
        for u, unit in enumerate(park.units):
            limits = _limits(project, unit, without)
            if home.get(p) == u:
                limits = (unit["area"], unit["area"])
            elif limits is None or _barred(park, project, unit) - {without}:
                continue
            fitting.append(u)
            size[p, u] = (*limits, project["area"])
        options.append([home[p]] if p in home else fitting)
    ids = [utility["utility_id"] for utility in park.utilities]
    draws = {}
    for p, u in size:
        needs = park.projects[p]["needs"]
        served = [(kind, name) for kind, name in park.units[u]["serving"].items() if name]
        draws[p, u] = [(ids.index(name), float(needs[kind])) for kind, name in served]
    slack = INFINITE if without == "capacity" else 0.0
    return Small(
        options=options,
        worth={
            name: {(p, u): park.projects[p][name] for p, u in size}
            for name in ("investment", "jobs", "priority")
        },
        size=size,
        room=[unit["area"] for unit in park.units],
        rest=[
            0 if without == "rest" else min(unit["plot_min"], unit["area"]) for unit in park.units
        ],
        shared=[unit["divisible"] for unit in park.units],
        draws=draws,
        limits=[utility["capacity"] + slack for utility in park.utilities],
        clash=lambda a, u, b, v: _at_odds(park, a, b, park.apart_m(u, v), without),
        wishes=[] if without == "near" else _wishes(park),
        near=lambda u, v: park.apart_m(u, v) <= NEAR_M,
        locked=set(home),
    )


def _limits(project: Record, unit: Record, without: str) -> tuple[int, int] | None:
    """Least and greatest area that a project may have on a unit; None if it cannot stand there."""
    front_m = 0 if without == "frontage" else project["front_m"] or 0
    least = max(project["area_min"], unit["plot_min"], front_m * unit["depth_m"])
    most = min(project["area_max"], unit["plot_max"])
    room = unit["area"]
    if without == "area":
        return (room, room) if not unit["divisible"] else (min(least, room), room)
    if unit["divisible"]:
        return (least, min(most, room)) if least <= min(most, room) else None
    return (room, room) if least * (1 - SURVEYED) <= room <= most * (1 + SURVEYED) else None


def _barred(park: Park, project: Record, unit: Record) -> set[str]:
    """Name the rules that keep a project off a unit, whatever their sizes."""
    start = project["start_year"] or INFINITE
    number = project["hazard_class"] or 6
    found = {
        "withdrawn": project["status"] == "withdrawn",
        "lock": unit["kept_by"] is not None,
        "market": not unit["on_market"],
        "zone use": project["use"] not in (None, unit["use"]),
        "rail": project["rail"] and not unit["rail"],
        "main street": project["heavy"] and unit["street_class"] == "local",
        "hazard": number < (unit["hazard_max"] or 1),
        "sanitary distance": number < 6 and number < unit["class_min"],
        "year": start < (unit["available_year"] or 0),
        "utilities": any(
            need > 0 and not _supplies(park, unit, kind, start)
            for kind, need in project["needs"].items()
        ),
    }
    return {name for name, bars in found.items() if bars}


def _supplies(park: Park, unit: Record, kind: str, year: float) -> bool:
    supplied = supplied_from(park, unit, kind)
    return supplied <= year and supplied < INFINITE


def supplied_from(park: Park, unit: Record, kind: str) -> float:
    """Year from which a unit is supplied; beyond all years where it never is."""
    if all(utility["kind"] != kind for utility in park.utilities):
        return -INFINITE
    for utility in park.utilities:
        if utility["utility_id"] == unit["serving"][kind]:
            return float(utility["year"] or -INFINITE)
    return INFINITE


def _at_odds(park: Park, a: int, b: int, apart_m: float, without: str) -> bool:
    one, other = park.projects[a], park.projects[b]
    named = other["project_id"] in one["apart"] or one["project_id"] in other["apart"]
    if named and apart_m < APART_M and without != "apart":
        return True
    if without == "sensitive plants":
        return False
    return any(
        _is_sensitive(exposed)
        and (danger["hazard_class"] or 6) <= SENSITIVE_AGAINST
        and apart_m < SPZ_M[danger["hazard_class"] - 1]
        for danger, exposed in ((one, other), (other, one))
    )


def _is_sensitive(project: Record) -> bool:
    stated = project["sensitive"]
    return bool(project["sector"] == SENSITIVE_SECTOR if stated is None else stated)


def _wishes(park: Park) -> list[tuple[int, int]]:
    number = {project["project_id"]: n for n, project in enumerate(park.projects)}
    named = [(number[p["project_id"]], number[name]) for p in park.projects for name in p["near"]]
    return sorted({(min(pair), max(pair)) for pair in named})


def posed_parks(parks: Sequence[Park]) -> Iterator[Posed]:
    """Pose parks; their tables are made together and handed out in parts, which is faster."""
    portfolio = _portfolio([project for park in parks for project in park.projects])
    land, facts = _land(parks)
    first_project = first_unit = 0
    for park in parks:
        mine = slice(first_project, first_project + len(park.projects))
        here = slice(first_unit, first_unit + len(park.units))
        first_project, first_unit = mine.stop, here.stop
        pairs = np.array(sorted(park.distance_m), dtype=np.intp).reshape(-1, 2)
        distance_m = np.array([park.distance_m[u, v] for u, v in pairs.tolist()], dtype=float)
        rows = [(u["utility_id"], u["kind"], u["capacity"] / TENTHS) for u in park.utilities]
        yield pose(
            portfolio.iloc[mine].reset_index(drop=True),
            land.iloc[here].reset_index(drop=True),
            Surroundings(facts.iloc[here].reset_index(drop=True), *pairs.T, distance_m),
            utilities(*rows),
            NORMS,
            apart_m=APART_M,
            near_m=NEAR_M,
        )


def _portfolio(asking: Sequence[Record]) -> pd.DataFrame:
    areas = {"area_ha": "area", "area_min_ha": "area_min", "area_max_ha": "area_max"}
    return projects(
        len(asking),
        **{name: [project[name] for project in asking] for name in STATED},
        **{name: [project[own] / M2_PER_HA for project in asking] for name, own in areas.items()},
        frontage_min_m=[np.nan if p["front_m"] is None else float(p["front_m"]) for p in asking],
        invest_bn_kzt=[float(project["investment"]) for project in asking],
        priority=[float(project["priority"]) for project in asking],
        **{kind: [p["needs"][kind] / TENTHS for p in asking] for kind in UTILITY_KINDS},
        **{name: ["; ".join(p[name]) or None for p in asking] for name in ("apart", "near")},
    )


def _land(parks: Sequence[Park]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables of all units, and of the facts around them."""
    land = [(park, unit) for park in parks for unit in park.units]
    areas = {"area_ha": "area", "plot_area_min_ha": "plot_min", "plot_area_max_ha": "plot_max"}
    table = units(
        len(land),
        **{
            name: [unit[name] for _, unit in land]
            for name in ("use", "depth_m", "divisible", "street_class")
        },
        **{name: [unit[own] / M2_PER_HA for _, unit in land] for name, own in areas.items()},
    )
    states = {name: [unit[name] for _, unit in land] for name in ("kept_by", "on_market")}
    facts = around(
        len(land),
        **{name: [unit[name] for _, unit in land] for name in FACTS},
        **{f"service_{kind}": [u["serving"][kind] for _, u in land] for kind in UTILITY_KINDS},
        **{
            f"supplied_from_{kind}": [supplied_from(park, unit, kind) for park, unit in land]
            for kind in UTILITY_KINDS
        },
    ).facts
    return table.assign(**states), facts
