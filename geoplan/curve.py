"""What one objective costs the other: the allocations between the two extremes, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoplan.allocate.barrier import Barrier
from geoplan.allocate.front import Front, FrontPoint, front_of
from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import NEAR, TRANSPORT, wished
from geoplan.config import Scenario, checked_objective
from geoplan.errors import GeoplanError, Problem
from geoplan.site import Site
from geoplan.stages import Progress, laid_out_on, posed_on, regrouped_on, units_of
from geoplan.tables import manifest_of

Ids = NDArray[np.object_]

POINT_COLUMNS = (
    "point", "value_a", "bound_a", "gap_a", "value_b", "bound_b", "gap_b", "floor_a", "status",
    "placed", "unplaced", "added_a", "left_out_a", "elsewhere_a", "added_b", "left_out_b",
    "elsewhere_b",
)  # fmt: skip
POINTS_MIN, POINTS_MAX = 2, 101
"""Points that may be asked for."""


@dataclass(frozen=True, eq=False)
class Curve:
    """The trade-off of two objectives, called a and b.

    Attributes
    ----------
    name, notice : str
        The park's name and what must be said with it.
    between : tuple of str
        The objectives.
    points : DataFrame
        Columns :data:`POINT_COLUMNS`, from the end that is best at a to the end that is best at
        b. ``bound_b`` is the proven most of b for whoever has ``value_a`` of a, ``bound_a`` the
        most of a with ``value_b`` of b; gaps are relative to them. ``added_a`` and
        ``left_out_a`` name, joined by ``;``, who has land here and not at the end that is best
        at a, and who has it there and not here; ``elsewhere_a`` counts who has it in both, on
        other strips or plots. Likewise ``_b``.
    limit : DataFrame
        ``a, b``: corners of the region that any allocation can be in, as proven; left of the
        first corner the limit is level, below the last one it is upright.
    dropped : DataFrame
        ``value_a, value_b, why`` (``dominated`` or ``repeated``): found, and not on the curve.
    manifest : mapping
        Inputs, settings and versions that it was made from.
    """

    name: str
    notice: str
    between: tuple[str, str]
    points: pd.DataFrame
    limit: pd.DataFrame
    dropped: pd.DataFrame
    manifest: Mapping[str, Any]


def scenario_between(
    scenario: Scenario, between: tuple[str, str], time_limit_s: float | None
) -> Scenario:
    """Return a scenario whose objectives are the two that are to be traded.

    Raises
    ------
    GeoplanError
        If a name is no objective, both are the same, or the time is none.
    """
    first, second = (checked_objective(name, "tradeoff, between") for name in between)
    for name in (first, second):
        if name == TRANSPORT:
            cause = "transport work depends on who stands beside whom, and has no exact trade-off."
            remedy = "Plan with it as an objective; the report says what it costs to ignore flows."
            raise GeoplanError([Problem("tradeoff, between", cause, remedy)])
    if first == second:
        cause = f"{first} cannot be traded for itself."
        raise GeoplanError([Problem("tradeoff, between", cause, "Name two objectives.")])
    update: dict[str, Any] = {"objective": (first, second)}
    if time_limit_s is not None:
        if not time_limit_s > 0:
            cause = f"a point cannot be sought in {time_limit_s:g} s."
            raise GeoplanError([Problem("tradeoff, time limit", cause, "Give more than 0 s.")])
        update["time_limit_s"] = float(time_limit_s)
    allocate = scenario.allocate.model_copy(update=update)
    return scenario.model_copy(update={"allocate": allocate})


def curve_of(
    site: Site, scenario: Scenario, *, points: int, progress: Progress | None = None
) -> Curve:
    """Lay out the land, and trade the scenario's two objectives on it.

    Parameters
    ----------
    site : Site
    scenario : Scenario
        As :func:`scenario_between` returns it.
    points : int
        Floors and ends; answers to sums that are as good as any join them.
    progress : callable, optional
        Told what is begun.

    Raises
    ------
    GeoplanError
        If there are too few or too many points, nobody asks for land, or an objective counts
        wishes where nobody has any.
    """
    if not POINTS_MIN <= points <= POINTS_MAX:
        remedy = f"Give {POINTS_MIN} to {POINTS_MAX}."
        raise GeoplanError([Problem("tradeoff, points", f"{points} cannot be sought.", remedy)])
    told = progress or (lambda _: None)
    told("subdivide")
    laid_out = laid_out_on(site, scenario)
    site, laid_out = regrouped_on(site, scenario, laid_out)
    posed = posed_on(site, scenario, units_of(site, scenario, laid_out.strips))
    first, second = scenario.allocate.objective
    if posed is None:
        cause = "nobody asks for land, so there is nothing to trade."
        raise GeoplanError([Problem("tradeoff", cause, "Name [portfolio] projects.")])
    if NEAR in (first, second) and not wished(posed.problem):
        cause = "nobody in the portfolio wishes to stand near somebody."
        raise GeoplanError([Problem("tradeoff, between", cause, "Name another objective.")])
    front = front_of(
        posed.problem, scenario.allocate, (first, second), points=points, fixed=posed.fixed,
        progress=told,
    )  # fmt: skip
    manifest = dict(manifest_of(site, scenario, laid_out, ()))
    manifest["tradeoff"] = {"between": [first, second], "points": points}
    limit = pd.DataFrame(front.barrier.outline(), columns=["a", "b"], dtype=float)
    return Curve(
        site.name, site.notice, (first, second), _points(front, posed), limit, _dropped(front),
        manifest,
    )  # fmt: skip


def _points(front: Front, posed: Posed) -> pd.DataFrame:
    ids = posed.asked.projects["project_id"].to_numpy(dtype=object)
    ends = front.points[0], front.points[-1]
    rows = [
        _row(number, point, front.barrier, ids)
        | _against(point, ends[0], ids, "a")
        | _against(point, ends[1], ids, "b")
        for number, point in enumerate(front.points, start=1)
    ]
    return pd.DataFrame(rows, columns=list(POINT_COLUMNS))


def _row(number: int, point: FrontPoint, barrier: Barrier, ids: Ids) -> dict[str, Any]:
    value_a, value_b = point.value
    # What is proven of a value holds of one that is a rounding error away, too.
    bound_a = max(barrier.most_a(value_b), value_a)
    bound_b = max(barrier.most_b(value_a), value_b)
    return {
        "point": number,
        "value_a": value_a,
        "bound_a": bound_a,
        "gap_a": _gap(value_a, bound_a),
        "value_b": value_b,
        "bound_b": bound_b,
        "gap_b": _gap(value_b, bound_b),
        "floor_a": np.nan if point.floor is None else point.floor,
        "status": str(point.status),
        "placed": int((point.assignment.unit >= 0).sum()),
        "unplaced": _joined(ids, point.assignment.unit < 0),
    }


def _against(point: FrontPoint, end: FrontPoint, ids: Ids, side: str) -> dict[str, Any]:
    """Say who stands otherwise than at an end."""
    here, there = point.assignment.unit, end.assignment.unit
    return {
        f"added_{side}": _joined(ids, (here >= 0) & (there < 0)),
        f"left_out_{side}": _joined(ids, (here < 0) & (there >= 0)),
        f"elsewhere_{side}": int(((here >= 0) & (there >= 0) & (here != there)).sum()),
    }


def _joined(ids: Ids, who: NDArray[np.bool_]) -> str:
    return ";".join(sorted(ids[who]))


def _gap(value: float, bound: float) -> float:
    return max(bound - value, 0.0) / max(abs(bound), 1e-9)


def _dropped(front: Front) -> pd.DataFrame:
    rows = [
        (*point.value, why)
        for why, points in (("dominated", front.dominated), ("repeated", front.repeated))
        for point in points
    ]
    return pd.DataFrame(rows, columns=["value_a", "value_b", "why"])
