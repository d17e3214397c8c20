"""Who moves when land is planned again: plot by plot, at the price that a move has.

The allocator sees strips, on which somebody may stay and yet lose his plot when the strip is cut
again. What counts here is the plot: whoever does not keep his exact plot has moved.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import Assignment
from geoplan.allocate.replan import (
    at_price,
    bounded,
    deciding,
    in_turn,
    replan,
    restated,
    staying,
    worth_moving,
)
from geoplan.allocate.solve import Solution, StageResult, solve
from geoplan.allocate.status import SolveStatus
from geoplan.config import AllocateSettings, Scenario
from geoplan.gains import Moves, displaced_from, gainers_of
from geoplan.plan import PlanLayers
from geoplan.rerun import Rerun, recut, staying_on, stood_before
from geoplan.site import Site
from geoplan.stages import Allotted, Progress, allotted_on, posed_on, told_of_aims
from geoplan.tables import in_order

Integers = NDArray[np.intp]
Ids = frozenset[str]

TRIES = 40
"""Times that a set of those who may move is tried, at most."""
PATIENCE = 4
"""Times the time limit that seeking whom to move may take, a last resort like that one."""
WIDER = 16
"""Units of land with whose standing projects a set is widened, at most."""
SAME = 1e-9


@dataclass(frozen=True)
class _Tried:
    """What comes of it if some may move and all others stay."""

    again: Rerun
    allotted: Allotted
    moved: Ids
    net: float

    @property
    def merit(self) -> tuple[float, int]:
        """What is to be greatest: the net value; then, that fewer move."""
        return round(self.net, 6), -len(self.moved)

    @property
    def first(self) -> StageResult:
        """The first objective's stage."""
        return _solution(self.allotted).stages[0]


@dataclass
class _Search:
    """Tries who may move; answers are remembered by who they are."""

    again: Rerun
    site: Site
    scenario: Scenario
    ids: NDArray[np.object_]
    stood: Ids
    turn: tuple[list[str], list[str]]
    known: dict[Ids, _Tried] = field(default_factory=dict)
    begun_s: float = field(default_factory=time.monotonic)

    @property
    def late(self) -> bool:
        """Whether the search has taken longer than anybody would wait."""
        return time.monotonic() - self.begun_s > PATIENCE * self.scenario.allocate.time_limit_s

    def tried(self, unlocked: Iterable[str]) -> _Tried:
        """Let some move, at the price, and leave all others on their plots."""
        may_move = frozenset(unlocked)
        if may_move not in self.known:
            self.known[may_move] = self._tried(may_move)
        return self.known[may_move]

    def _tried(self, may_move: Ids) -> _Tried:
        owner, settings = self.again.earlier.plots["project_id"], self.scenario.allocate
        mine = self.again.stays.where(
            self.again.stays.notna(), owner.where(owner.isin(self.stood - may_move))
        )
        again = staying_on(self.again.earlier, self.again.held, mine)
        posed = posed_on(self.site, self.scenario, again.units)
        if posed is None:
            raise TypeError("without a portfolio nobody moves")
        price, problem = settings.move_price_bn_kzt, posed.problem
        if may_move and 0 < price < np.inf:
            before = staying(problem, stood_before(again, posed), posed.fixed)
            own = np.isin(self.ids, sorted(may_move)) & (before.unit >= 0)
            before = Assignment(np.where(own, before.unit, -1), before.area_ha)
            solution = at_price(problem, settings, before, price=price, fixed=posed.fixed)[0]
        else:
            solution = solve(problem, settings, fixed=posed.fixed)
        answer = Allotted(posed, _taken_in_turn(posed, settings, solution, self.turn))
        moved = self.stood - self._kept(again, answer)
        paid = price * len(moved) if moved else 0.0
        return _Tried(again, answer, moved, _solution(answer).stages[0].value - paid)

    def _kept(self, again: Rerun, allotted: Allotted) -> Ids:
        """Who has the plot that he had."""
        found = recut(again, allotted, self.scenario)
        held = (found.plot >= 0) & (found.tenant >= 0)
        who = self.ids[found.tenant[held]]
        had = again.standing.plots["project_id"].to_numpy(dtype=object)[found.plot[held]]
        return frozenset(who[who == had])


def planned_with_moves(
    again: Rerun, site: Site, scenario: Scenario, progress: Progress | None
) -> tuple[Rerun, Allotted, Moves | None]:
    """Place everybody on an earlier plan's land, and let those move whose moving pays.

    Nobody moves where that cannot pay: the bound of all plans says so. Otherwise those move whom
    the best trade on strips would move, and where their strips are too broken up for that, their
    neighbours; each of them then stays after all if that costs nothing.

    Parameters
    ----------
    again : Rerun
        Where only those who are held stay.
    site : Site
    scenario : Scenario
        ``[allocate] move_price_bn_kzt`` is the price.
    progress : callable or None

    Returns
    -------
    Rerun
        With those staying who were not to move.
    Allotted
    Moves or None
        None without a portfolio.
    """
    found = allotted_on(site, scenario, again.units, progress)
    if found.posed is None or found.solution is None:
        return again, found, None
    posed, free = found.posed, found.solution
    settings = deciding(posed.problem, scenario.allocate)
    price = settings.move_price_bn_kzt
    scenario = scenario.model_copy(update={"allocate": settings})
    before = stood_before(again, posed)
    stays = staying(posed.problem, before, posed.fixed)
    ids = posed.asked.projects["project_id"].to_numpy(dtype=object)
    stood, turn = frozenset(ids[stays.unit >= 0]), _turns(posed, again.earlier)
    search = _Search(again, site, scenario, ids, stood, turn)
    unmoved = search.tried(())
    most = max(free.stages[0].bound, unmoved.first.value)
    best, net_bound = _decided(search, posed, free, stays, most, progress)
    if search.late:
        best = replace(best, allotted=_out_of_time(best.allotted))
    told = bounded(_solution(best.allotted), most, net_bound, price=price, moves=len(best.moved))
    allotted = replace(best.allotted, solution=told)
    summary = Moves(
        aim=settings.objective[0],
        price=price,
        stood=stood,
        moved=best.moved,
        gainers=gainers_of(ids, best.allotted.assignment, unmoved.allotted.assignment),
        displaced=displaced_from(posed, before, stays, again.earlier.plots),
        first=told.stages[0],
        unmoved=unmoved.first,
        free=free.stages[0],
        net_bound=net_bound,
    )
    return best.again, allotted, summary


def planned_on_given(
    posed: Posed, settings: AllocateSettings, earlier: PlanLayers, progress: Progress | None
) -> tuple[Allotted, Moves]:
    """Place everybody on given plots, and let those move whose moving pays.

    Parameters
    ----------
    posed : Posed
        Units are whole plots, called as the cadastre calls them.
    settings : AllocateSettings
    earlier : PlanLayers
    progress : callable or None
    """
    then = earlier.allocation.set_index("project_id")["plot_ids"]
    ids = posed.asked.projects["project_id"]
    unit = pd.Index(posed.asked.units["unit_id"]).get_indexer(ids.map(then).fillna(""))
    live = (posed.asked.projects["status"] != "withdrawn").to_numpy(dtype=bool)
    unit = np.where(live, unit, -1).astype(np.intp)
    area = np.where(unit >= 0, posed.problem.unit_area_ha[unit], 0.0) if len(unit) else np.zeros(0)
    before, price = Assignment(unit, area), settings.move_price_bn_kzt
    settings = deciding(posed.problem, settings)
    told = told_of_aims(progress)
    done = replan(posed.problem, settings, before, price=price, fixed=posed.fixed, progress=told)
    names = ids.to_numpy(dtype=object)
    solution = _taken_in_turn(posed, settings, done.solution, _turns(posed, earlier))
    summary = Moves(
        aim=settings.objective[0],
        price=price,
        stood=frozenset(names[done.standing.unit >= 0]),
        moved=frozenset(names[done.moved]),
        gainers=gainers_of(names, solution.assignment, done.unmoved.assignment),
        displaced=displaced_from(posed, before, done.standing, earlier.plots),
        first=solution.stages[0],
        unmoved=done.unmoved.stages[0],
        free=done.free.stages[0],
        net_bound=done.net_bound,
    )
    return Allotted(posed, solution), summary


def _decided(
    search: _Search,
    posed: Posed,
    free: Solution,
    stays: Assignment,
    most: float,
    progress: Progress | None,
) -> tuple[_Tried, float]:
    """Tell who moves; and what no plan's value, less the price of its moves, is above.

    `free` is the answer where moving costs nothing, and `most` bounds every plan's value.
    """
    settings, unmoved = search.scenario.allocate, search.tried(())
    price = settings.move_price_bn_kzt
    net_bound = max(unmoved.first.bound, most - price)
    if price == 0:
        good = _as_good(unmoved, free, settings)
        return unmoved if good else search.tried(search.stood), net_bound
    if worth_moving(_solution(unmoved.allotted), most, price):
        return _best_trade(search, posed, stays, net_bound, progress)
    return unmoved, net_bound


def _best_trade(
    search: _Search,
    posed: Posed,
    stays: Assignment,
    net_bound: float,
    progress: Progress | None,
) -> tuple[_Tried, float]:
    """Seek whom to move, from the best trade on strips, where only a change of strip counts."""
    settings, ids = search.scenario.allocate, search.ids
    price = settings.move_price_bn_kzt
    guide, priced = at_price(
        posed.problem,
        settings,
        stays,
        price=price,
        fixed=posed.fixed,
        progress=told_of_aims(progress),
    )
    now = guide.assignment.unit
    left = (stays.unit >= 0) & (now != stays.unit)
    entered = np.unique(now[(now >= 0) & (now != stays.unit) & (posed.fixed.unit < 0)])
    beside = (stays.unit >= 0) & np.isin(stays.unit, entered)
    best = max(
        (search.tried(ids[who]) for who in (np.zeros_like(left), left, left | beside)),
        key=lambda tried: tried.merit,
    )
    bound = max(min(net_bound, priced), best.net)
    best = _widened(search, _with_fewest(search, best), posed, stays, bound)
    return best, max(bound, best.net)


def _widened(
    search: _Search, best: _Tried, posed: Posed, stays: Assignment, bound: float
) -> _Tried:
    """Let those of one unit of land move, alone or too, the unit with most free land first.

    A strip that is cleared may have room for a newcomer; and who has to leave may find a place on
    land that is too broken up for him as it is.
    """
    problem, standing = posed.problem, stays.unit >= 0
    used = np.bincount(
        stays.unit[standing], weights=stays.area_ha[standing], minlength=problem.units
    )
    free_ha = np.where(search.again.standing.held, 0.0, problem.unit_area_ha - used)
    units = np.argsort(-np.round(free_ha, 6), kind="stable")[:WIDER]
    for unit in units[free_ha[units] > 0].tolist():
        there = frozenset(search.ids[stays.unit == unit])
        for others in (frozenset[str](), best.moved):
            if search.late or best.net >= bound - SAME * max(abs(bound), 1.0):
                return best
            wider = search.tried(others | there)
            if wider.merit > best.merit:
                best = _with_fewest(search, wider)
    return best


def _with_fewest(search: _Search, best: _Tried) -> _Tried:
    """Let those stay after all whose moving brings nothing, one after another."""
    left = sorted(best.moved)
    if left:
        best = max(best, search.tried(left), key=lambda tried: tried.merit)
    for name in left[:TRIES]:
        if name in best.moved and not search.late:
            other = search.tried(best.moved - {name})
            best = max(best, other, key=lambda tried: tried.merit)
    return best


def _as_good(unmoved: _Tried, found: Solution, settings: AllocateSettings) -> bool:
    """Tell whether an answer is within the gap of what is proven, and places all who can be."""
    answer = unmoved.allotted.assignment
    placed = (answer.unit >= 0) | (found.assignment.unit < 0)
    values = {stage.name: stage.value for stage in _solution(unmoved.allotted).stages}
    stages = (replace(stage, value=values.get(stage.name, 0.0)) for stage in found.stages)
    return bool(placed.all()) and all(stage.gap <= settings.gap + SAME for stage in stages)


def _solution(allotted: Allotted) -> Solution:
    if allotted.solution is None:
        raise TypeError("nobody was asked")
    return allotted.solution


def _out_of_time(allotted: Allotted) -> Allotted:
    """Say that the clock has ended the search: another run may end elsewhere."""
    solution, limit = _solution(allotted), SolveStatus.TIME_LIMIT
    stages = (replace(solution.stages[0], status=limit), *solution.stages[1:])
    return replace(allotted, solution=replace(solution, status=limit, stages=stages))


def _turns(posed: Posed, earlier: PlanLayers) -> tuple[list[str], list[str]]:
    """Who waited, in order, and who has come since, in the opposite one."""
    order = in_order(posed.asked.projects)
    then = earlier.allocation.set_index("project_id")["status"]
    waited = [name for name in order if then.get(name) == "unplaced"]
    return waited, [name for name in reversed(order) if name not in then.index]


def _taken_in_turn(
    posed: Posed, settings: AllocateSettings, solution: Solution, turn: tuple[list[str], list[str]]
) -> Solution:
    """Let those who waited go before newcomers whose place is worth the same."""
    ids = pd.Index(posed.asked.projects["project_id"])
    waiting, newcomers = (ids.get_indexer(names).astype(np.intp) for names in turn)
    newcomers = newcomers[posed.fixed.unit[newcomers] < 0]
    aims = settings.objective
    answer = in_turn(posed.problem, aims, solution.assignment, waiting, newcomers)
    if answer is solution.assignment:
        return solution
    return replace(
        solution, assignment=answer, stages=restated(posed.problem, solution.stages, answer)
    )
