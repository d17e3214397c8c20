"""The section on planning again: who moved, what that gained, and what is proven."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from geoplan.publish.columns import objective_titled
from geoplan.publish.formats import number

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers


class Case(NamedTuple):
    """A way to plan again: its value, and the bound proven for it."""

    title: str
    value: float | None
    bound: float | None


class Replan(NamedTuple):
    """What the report says of planning again."""

    aim: str
    unit: str
    verdict: str
    proof: str
    cases: tuple[Case, ...]
    moved: list[dict[str, str]]


def replan_of(plan: PlanLayers) -> Replan | None:
    """Arrange what the manifest and the change log say of moves; None for a plan made afresh."""
    told = plan.manifest.get("replan")
    if not told:
        return None
    title, unit = objective_titled(str(told["aim"]))
    moves, unmoved, free = int(told["moves"]), told["unmoved"], told["free_moves"]
    stages = list(plan.manifest.get("solver", ()))
    bound = stages[0].get("bound") if stages else None
    decided = f"This plan, {_counted(moves)}"
    cases = (
        Case("Nobody moves", unmoved["value"], unmoved["bound"]),
        Case(decided, told["value"], bound),
        Case("Moving costs nothing (on strips, before plots are cut)", free["value"],
             free["bound"]),
    )  # fmt: skip
    log, who = plan.changes, {*told["moved"], *told["displaced"]}
    mine = log[(log["subject"] == "project") & log["id"].isin(who)]
    moved = [{str(key): str(cell) for key, cell in row.items()} for row in mine.to_dict("records")]
    return Replan(title, unit, verdict_of(told), _proof(told, unit), cases, moved)


def verdict_of(told: Mapping[str, Any]) -> str:
    """Say in a sentence who moved, and what that gained.

    >>> told = {"aim": "investment", "move_price": "inf", "moves": 0, "could_have_moved": 9}
    >>> verdict_of(told | {"gainers": [], "gain": 0.0, "displaced": {}})
    'Nobody moves, of 9 who could have; a move had no price that could be paid.'
    """
    unit = objective_titled(str(told["aim"]))[1]
    moves, price = int(told["moves"]), float(told["move_price"])
    priced = f"a move had to gain more than {price:g} {unit}"
    if math.isinf(price):
        priced = "a move had no price that could be paid"
    elif price == 0:
        priced = "moves cost nothing"
    lost = len(told["displaced"])
    others = f" Beside them {lost} could not stay where they were." if lost else ""
    if not moves:
        return f"Nobody moves, of {told['could_have_moved']} who could have; {priced}.{others}"
    return (
        f"{_counted(moves).capitalize()}, of {told['could_have_moved']} who"
        f" could have; that gains {told['gain']:.3f} {unit}, and {priced}.{others}"
    )


def _proof(told: Mapping[str, Any], unit: str) -> str:
    """Say how much better the trade of gain and moves could be."""
    price, moves, bound = float(told["move_price"]), int(told["moves"]), told["net_bound"]
    most = told["free_moves"]["bound"] - told["unmoved"]["value"]
    could = f"All moves together could gain {number(max(most, 0.0), 3)} {unit} at most."
    if math.isinf(price) or bound is None:
        return could
    net = told["value"] - price * moves
    missed = max(bound - net, 0.0)
    if missed < 0.5e-3:
        return f"{could} At that price no plan is better: this is proven."
    return f"{could} At that price no plan is better by more than {number(missed, 3)} {unit} net."


def _counted(moves: int) -> str:
    if moves <= 1:
        return "one project moves" if moves else "nobody moves"
    return f"{moves} projects move"
