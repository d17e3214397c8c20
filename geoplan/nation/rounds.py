"""Round by round: who is without a plot is offered to parks that have something left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.allocate.status import SolveStatus
from geoplan.config import UTILITY_KINDS, AllocateSettings
from geoplan.nation.choosing import PLOTTABLE_SHARE, Choice, choices, welcome_in, worth_of
from geoplan.nation.land import ParkLand, park_land
from geoplan.nation.parks import Planner, task_of
from geoplan.nation.sharing import LAST_RESORT_S, Supply, bound_of, shared_out
from geoplan.pipeline import Plan
from geoplan.site.national import Nation

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]
Objects = NDArray[np.object_]
Progress = Callable[[str], None]

CHOOSING_GAP_SHARE = 0.5
"""Of the gap that is enough for the whole, what sharing out may take."""
MERIT_DIGITS = 9
COSTS_MORE = "It would cost others there more than it brings."


@dataclass(frozen=True)
class Round:
    """What one round came to.

    Attributes
    ----------
    number : int
        From 1.
    parks_planned : int
    offered : int
        Projects that parks were planned with besides those standing there.
    placed : int
        Projects that have a plot at its end.
    value : float
        What these are worth.
    """

    number: int
    parks_planned: int
    offered: int
    placed: int
    value: float


@dataclass(eq=False)
class Standing:
    """How things stand between rounds.

    Attributes
    ----------
    lands : tuple of ParkLand
    welcome : ndarray of bool, shape (projects, parks)
        Where projects would go.
    plans : list of Plan
        One a park; those of parks that nobody has been offered yet are missing until the end.
    home : ndarray of int, shape (projects,)
        Park of each project that has a plot, -1 where it has none.
    placed_in : ndarray of int, shape (projects,)
        The round that placed it, 0 where none did.
    refused : ndarray of bool, shape (projects, parks)
        Parks whose plan had no place for a project that was offered.
    why : mapping of (int, int) to str
        What the park's plan said of each that it refused: by project and park.
    bound : float
    status : SolveStatus
        Of sharing out.
    """

    lands: tuple[ParkLand, ...]
    welcome: Booleans
    plans: list[Plan | None]
    home: Integers
    placed_in: Integers
    refused: Booleans
    why: dict[tuple[int, int], str] = field(default_factory=dict)
    bound: float = np.inf
    status: SolveStatus = SolveStatus.OPTIMAL
    rounds: list[Round] = field(default_factory=list)

    @property
    def made(self) -> list[Plan]:
        """Plans of all parks: the first round makes one of each."""
        return [plan for plan in self.plans if plan is not None]


def rounds_of(nation: Nation, plan_parks: Planner, progress: Progress) -> Standing:
    """Share projects out, plan the parks, and offer again, until nothing changes.

    Parameters
    ----------
    nation : Nation
    plan_parks : callable
    progress : callable
        Told where the work is.
    """
    programme = nation.programme
    progress("share out")
    lands = tuple(park_land(park) for park in nation.parks)
    welcome = welcome_in(
        nation.projects,
        [park.park_id for park in nation.parks],
        [park.region for park in nation.parks],
    )
    choice = choices(nation.projects, lands, welcome, aim=programme.aim)
    standing = _nobody(nation, lands, welcome)
    standing.bound = _bound(nation, choice, lands)
    for number in range(1, programme.programme.rounds_max + 1):
        goal = _goals(nation, standing, choice)
        if number > 1 and not (goal >= 0).any():
            break
        _planned(nation, standing, goal, plan_parks, progress, number)
    return standing


def _nobody(nation: Nation, lands: tuple[ParkLand, ...], welcome: Booleans) -> Standing:
    count = len(nation.projects)
    return Standing(
        lands,
        welcome,
        [None] * len(nation.parks),
        np.full(count, -1, dtype=np.intp),
        np.zeros(count, dtype=np.intp),
        np.zeros((count, len(nation.parks)), dtype=bool),
    )


def _settings(nation: Nation) -> AllocateSettings:
    """How projects are shared out: by one aim, closer than the whole has to be."""
    programme = nation.programme
    return AllocateSettings(
        objective=(programme.aim,),
        gap=programme.programme.gap * CHOOSING_GAP_SHARE,
        work_limit=programme.allocate.work_limit,
        time_limit_s=LAST_RESORT_S,
        seed=programme.allocate.seed,
    )


def _regions(nation: Nation) -> Integers:
    """Give each park the number of its region, shape (parks,)."""
    names = [park.region for park in nation.parks]
    known = list(dict.fromkeys(names))
    return np.array([known.index(name) for name in names], dtype=np.intp)


def _bound(nation: Nation, choice: Choice, lands: Sequence[ParkLand]) -> float:
    """Bound what any plan of the programme could be worth: all land, and least areas."""
    least = nation.projects["area_min_ha"].to_numpy(dtype=float)
    capacity = np.array([land.capacity for land in lands])
    supply = Supply(choice.zone_ha, choice.rail_ha, capacity)
    return bound_of(choice, least, supply, _regions(nation), _settings(nation))


def _goals(nation: Nation, standing: Standing, choice: Choice) -> Integers:
    """Choose a park for each project that has no plot, as far as there is one; else -1."""
    park = choice.unit_park[choice.pair_unit]
    open_ = (standing.home < 0)[choice.pair_project]
    open_ &= ~standing.refused[choice.pair_project, park]
    offered = replace(
        choice,
        pair_project=choice.pair_project[open_],
        pair_unit=choice.pair_unit[open_],
        pair_zones=choice.pair_zones[open_],
    )
    wanted = nation.projects["area_ha"].to_numpy(dtype=float)
    left, settings = _left(nation, standing, choice), _settings(nation)
    goal, status = shared_out(offered, wanted, left, _regions(nation), settings)
    standing.status = max(standing.status, status, key=list(SolveStatus).index)
    return goal


def _left(nation: Nation, standing: Standing, choice: Choice) -> Supply:
    """Free plots by zone where a park is planned, an estimate elsewhere; and free capacities.

    Along rail it is an estimate throughout, less what those there who need rail have asked for.
    """
    unit_ha = [areas * PLOTTABLE_SHARE for areas in choice.zone_ha]
    capacity = np.array([land.capacity for land in standing.lands])
    for unit, park in enumerate(choice.unit_park.tolist()):
        plan, land = standing.plans[park], standing.lands[park]
        if plan is None:
            continue
        free = plan.plots[plan.plots["project_id"].isna()]
        area = free.groupby("zone_id")["area_ha"].sum()
        zones = np.array(land.zones)[land.use == choice.unit_use[unit]]
        unit_ha[unit] = area.reindex(zones).fillna(0.0).to_numpy(dtype=float)
    wanted = nation.projects["area_ha"].to_numpy(dtype=float)
    there = np.where(choice.by_rail & (standing.home >= 0), wanted, 0.0)
    rail_ha = choice.rail_ha * PLOTTABLE_SHARE
    uses = nation.projects["use"].to_numpy(dtype=object)
    for unit, park in enumerate(choice.unit_park.tolist()):
        mine = (standing.home == park) & (uses == choice.unit_use[unit])
        rail_ha[unit] = max(rail_ha[unit] - there[mine].sum(), 0.0)
    for park, plan in enumerate(standing.plans):
        if plan is not None:
            of_kind = plan.capacities.groupby("kind")["free"].sum()
            there = of_kind.reindex(list(UTILITY_KINDS)).to_numpy(dtype=float)
            capacity[park] = np.where(np.isnan(capacity[park]), np.nan, np.maximum(there, 0.0))
    return Supply(unit_ha, rail_ha, capacity)


def _planned(
    nation: Nation,
    standing: Standing,
    goal: Integers,
    plan_parks: Planner,
    progress: Progress,
    number: int,
) -> None:
    """Plan the parks that projects are offered to, and keep each plan that is better."""
    asked = sorted({*goal[goal >= 0].tolist()})
    if number == 1:
        asked = list(range(len(nation.parks)))
    members = [np.flatnonzero((standing.home == park) | (goal == park)) for park in asked]
    tasks = [
        task_of(nation.parks[park], nation.projects.iloc[mine])
        for park, mine in zip(asked, members, strict=True)
    ]

    def told(done: int) -> None:
        stands = int((standing.home >= 0).sum())
        progress(f"round {number}: {done} of {len(tasks)} parks planned, {stands} projects placed")

    told(0)
    plans = plan_parks(tasks, told)
    worth = _worth(nation)
    for park, mine, plan in zip(asked, members, plans, strict=True):
        _kept(nation, standing, park, mine, plan, worth, number)
    placed = standing.home >= 0
    value = float(worth[placed].sum())
    offered = int((goal >= 0).sum())
    standing.rounds.append(Round(number, len(tasks), offered, int(placed.sum()), value))
    progress(f"round {number}: {int(placed.sum())} of {len(placed)} projects placed")


def _worth(nation: Nation) -> Floats:
    return worth_of(nation.projects, nation.programme.aim)


def _kept(
    nation: Nation,
    standing: Standing,
    park: int,
    mine: Integers,
    plan: Plan,
    worth: Floats,
    number: int,
) -> None:
    """Take a park's new plan if it is worth more; else whoever was new to it is refused."""
    ids = nation.projects["project_id"].to_numpy(dtype=object)[mine]
    told = plan.allocation.set_index("project_id").reindex(ids)
    placed = (told["status"] == "placed").to_numpy(dtype=bool)
    stood = standing.home[mine] == park
    reasons = told["reason"].mask(placed, COSTS_MORE).to_numpy(dtype=object)
    better = _merit(worth[mine][placed]) > _merit(worth[mine][stood])
    if standing.plans[park] is not None and not better:
        _refused(standing, park, mine[~stood], reasons[~stood])
        return
    standing.plans[park] = plan
    _refused(standing, park, mine[~placed], reasons[~placed])
    standing.home[mine] = np.where(placed, park, -1)
    first = placed & ~stood
    standing.placed_in[mine[first]] = number
    standing.placed_in[mine[~placed]] = 0


def _refused(standing: Standing, park: int, projects: Integers, reasons: Objects) -> None:
    standing.refused[projects, park] = True
    told = zip(projects.tolist(), reasons.tolist(), strict=True)
    standing.why.update({(project, park): str(reason) for project, reason in told})


def _merit(worth: Floats) -> tuple[float, int]:
    return round(float(worth.sum()), MERIT_DIGITS), len(worth)
