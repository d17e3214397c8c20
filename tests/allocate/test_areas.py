from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from geoplan.allocate.areas import chosen_areas, missed_ha
from geoplan.allocate.problem import AllocationProblem


def least_misfit(
    limits: list[tuple[float, float, float]], room: float, rest_min: float
) -> tuple[float, bool]:
    """Least sum of |area - wanted| by linear programming, over both ways to use a unit."""
    count = len(limits)
    cost = np.append(np.zeros(count), np.ones(count))
    eye = np.eye(count)
    either_way = np.block([[eye, -eye], [-eye, -eye]])
    wanted = np.array([limit[2] for limit in limits])
    total = np.append(np.ones(count), np.zeros(count))[None, :]
    bounds = [limit[:2] for limit in limits] + [(0, None)] * count
    found = []
    for between in ((room, room), (0.0, room - rest_min)):
        answer = linprog(
            cost,
            A_ub=np.vstack([either_way, total, -total]),
            b_ub=np.concatenate([wanted, -wanted, [between[1], -between[0]]]),
            bounds=bounds,
        )
        if answer.success:
            found.append(float(answer.fun))
    return (min(found), True) if found else (np.inf, False)


def one_unit(
    limits: list[tuple[float, float, float]], room: float, rest: float
) -> AllocationProblem:
    low, high, wanted = (np.array(column) for column in zip(*limits, strict=True))
    count = len(limits)
    return AllocationProblem(
        projects=count,
        units=1,
        pair_project=np.arange(count),
        pair_unit=np.zeros(count, dtype=np.intp),
        area_min_ha=low,
        area_max_ha=high,
        area_wanted_ha=wanted,
        unit_area_ha=np.array([room]),
        unit_rest_min_ha=np.array([rest]),
        divisible=np.array([True]),
        values={},
    )


def test_areas_miss_as_little_as_linear_programming_finds() -> None:
    random = np.random.default_rng(1)
    fitting = 0
    for _ in range(120):
        limits = []
        for wanted in random.uniform(0.3, 2, random.integers(1, 4)):
            low, high = np.sort(random.uniform(0.5, 1.6, 2)) * wanted
            limits.append((float(low), float(high), float(wanted)))
        room, rest = float(random.uniform(0.5, 5)), float(random.uniform(0, 1))
        rest = min(rest, room)
        least, fits = least_misfit(limits, room, rest)
        low, high, wanted = (np.array(column) for column in zip(*limits, strict=True))
        wish = np.clip(wanted, low, high)
        told = missed_ha(*(np.array([np.sum(a)]) for a in (low, high, wish, room, rest)))[0]
        told += np.abs(wish - wanted).sum()
        assert told == pytest.approx(least, abs=1e-7)
        if fits:
            fitting += 1
            area = chosen_areas(one_unit(limits, room, rest), np.zeros(len(limits), dtype=np.intp))
            assert np.abs(area - wanted).sum() == pytest.approx(least, abs=1e-7)
            assert (area >= low - 1e-9).all()
            assert (area <= high + 1e-9).all()
            left = room - area.sum()
            assert abs(left) < 1e-9 or left > rest - 1e-9
    assert 30 < fitting < 110


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (2.0, [1.0, 1.0]),  # as wanted
        (2.2, [1.1, 1.1]),  # 0.2 ha are too little for a plot: both grow
        (2.5, [1.0, 1.0]),  # 0.5 ha are a plot
        (1.8, [0.9, 0.9]),  # both shrink
    ],
)
def test_projects_stretch_together_to_fill_a_strip(room: float, expected: list[float]) -> None:
    problem = one_unit([(0.8, 1.3, 1.0), (0.8, 1.3, 1.0)], room, 0.5)
    assert chosen_areas(problem, np.zeros(2, dtype=np.intp)) == pytest.approx(expected)


def test_a_project_without_a_unit_has_no_area() -> None:
    problem = one_unit([(0.8, 1.3, 1.0), (0.8, 1.3, 1.0)], 5.0, 0.5)
    assert chosen_areas(problem, np.array([-1, 0])).tolist() == [0.0, 1.0]
    assert chosen_areas(problem, np.array([-1, -1])).tolist() == [0.0, 0.0]
