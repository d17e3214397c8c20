"""What moves gain, and why each one moved: in figures for the manifest, in words for the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import Assignment
from geoplan.allocate.replan import CHOSEN
from geoplan.allocate.solve import StageResult
from geoplan.config import unit_of
from geoplan.errors import shown

LOCKS = {"withdrawn", "lock", "market", "area"}
"""Rules that do not tell why a plot no longer suits the one who has it; areas are told apart."""


@dataclass(frozen=True)
class Moves:
    """What planning again has decided about those who stood somewhere.

    Attributes
    ----------
    aim : str
        The first objective.
    price : float
        What a move must gain, in its unit; may be infinite.
    stood : frozenset of str
        Who could have stayed, and is not held there.
    moved : frozenset of str
        Those of them who did not keep their plots.
    gainers : tuple of str
        Who has a plot now, and would have none if nobody had moved.
    displaced : mapping of str to str
        Who could not stay, and why.
    first, unmoved, free : StageResult
        The first objective as decided, where nobody moves, and where moving costs nothing.
    net_bound : float
        No plan's value, less the price of its moves, is above it.
    """

    aim: str
    price: float
    stood: frozenset[str]
    moved: frozenset[str]
    gainers: tuple[str, ...]
    displaced: Mapping[str, str]
    first: StageResult
    unmoved: StageResult
    free: StageResult
    net_bound: float

    @property
    def gain(self) -> float:
        """What the moves are worth, before their price."""
        return self.first.value - self.unmoved.value

    def record(self) -> dict[str, Any]:
        """Say it for the manifest."""
        return {
            "aim": self.aim,
            "move_price": self.price if np.isfinite(self.price) else "inf",
            "could_have_moved": len(self.stood),
            "moves": len(self.moved),
            "moved": sorted(self.moved),
            "gainers": list(self.gainers),
            "displaced": dict(sorted(self.displaced.items())),
            "gain": self.gain,
            "value": self.first.value,
            "unmoved": {"value": self.unmoved.value, "bound": self.unmoved.bound},
            "free_moves": {"value": self.free.value, "bound": self.free.bound},
            "net_bound": self.net_bound,
        }


def gainers_of(ids: NDArray[np.object_], now: Assignment, unmoved: Assignment) -> tuple[str, ...]:
    """Tell who has a place that he would not have if nobody had moved."""
    return tuple(sorted(ids[(now.unit >= 0) & (unmoved.unit < 0)]))


def displaced_from(
    posed: Posed, before: Assignment, stays: Assignment, plots: pd.DataFrame
) -> dict[str, str]:
    """Say why those cannot stay who stood somewhere and may not any more."""
    projects, told = posed.asked.projects, {}
    held_ha = plots["area_ha"].groupby(plots["project_id"]).sum()
    lost = (before.unit >= 0) & (stays.unit < 0) & (posed.fixed.unit < 0)
    for row in np.flatnonzero(lost).tolist():
        project, unit = projects.iloc[row], int(before.unit[row])
        name, area = str(project["project_id"]), float(before.area_ha[row])
        area = float(held_ha.get(name, area))
        least, most = float(project["area_min_ha"]), float(project["area_max_ha"])
        broken = [
            rule.said_of(1)
            for rule in posed.rules
            if rule.name not in LOCKS and rule.forbidden[row, unit]
        ]
        if not least * (1 - CHOSEN) <= area <= most * (1 + CHOSEN):
            why = f"it needs {least:g} to {most:g} ha now, and its plot has {area:.2f} ha"
        elif all(rule.forbidden[row, unit] for rule in posed.rules if rule.name == "area"):
            why = "its plot no longer has the frontage or the proportions that it needs"
        elif broken:
            why = f"its plot no longer {'; nor '.join(broken)}"
        else:
            why = "with those who stay before it, a capacity or a distance would be broken"
        told[name] = why
    return told


def reasons_of_moves(moves: Moves | None) -> dict[str, str]:
    """Say why each one moved, by project, for the change log."""
    if moves is None:
        return {}
    return {**{name: _paid(moves) for name in sorted(moves.moved)}, **moves.displaced}


def _paid(moves: Moves) -> str:
    """Say what the moves gained together.

    A single gain cannot be told apart: moves make room for each other.
    """
    count, unit = len(moves.moved), unit_of(moves.aim)
    who = f", and {shown(moves.gainers)} {_has(moves.gainers)} room" if moves.gainers else ""
    if moves.price == 0 or moves.gain <= 0:
        return f"so the allocation is better as a whole{who}"
    together = "its move gains" if count == 1 else f"{count} moves together gain"
    return f"{together} {moves.gain:.3f} {unit}, at a price of {moves.price:g} each{who}"


def _has(names: tuple[str, ...]) -> str:
    return "has" if len(names) == 1 else "have"
