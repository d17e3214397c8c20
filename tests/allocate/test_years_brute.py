"""Plots and years together: the problem with capacities per year against every plot and year.

The allocator sees nobody's year, only who may start when at the latest. That no better choice of
plot *and* year is lost by it is what these instances show.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from geoplan.allocate.solve import solve
from geoplan.config import AllocateSettings
from geoplan.site.infrastructure import capacity_in, steps_of
from tests.allocate.tables import posed, projects

NEVER = 9_999
SETTINGS = AllocateSettings(objective=("investment",), gap=0.0, time_limit_s=20)


def drawn_case(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, list]]:
    """Up to five projects, three whole plots, and a utility that grows once or twice."""
    count = int(rng.integers(2, 6))
    first = 2026 + rng.integers(0, 3, count)
    portfolio = projects(
        count,
        invest_bn_kzt=rng.integers(1, 9, count).astype(float).tolist(),
        power_mw=rng.integers(0, 4, count).astype(float).tolist(),
        start_year=first.tolist(),
        area_min_ha=0.5,
        area_max_ha=1.5,
    )
    latest = (first + rng.integers(0, 3, count)).tolist()
    portfolio["start_year_max"] = pd.Series(latest, dtype="Int64")
    years = sorted(rng.choice([2027, 2028, 2029], int(rng.integers(1, 3)), replace=False).tolist())
    steps = ";".join(f"{year}:{float(rng.integers(1, 5))!r}:I-{year}" for year in years)
    own = float(rng.integers(0, 4))
    total = own + sum(step.amount for step in steps_of(steps))
    utility = pd.DataFrame(
        {"utility_id": ["PW"], "kind": ["power_mw"], "capacity": [total], "capacity_added": [steps]}
    )
    land = {
        "available_year": rng.choice([2026, 2027, 2028], 3).tolist(),
        "supplied_from_power_mw": rng.choice([2026.0, 2027.0], 3).tolist(),
    }
    return portfolio, utility, land


def best_by_brute_force(
    portfolio: pd.DataFrame, utility: pd.DataFrame, land: dict[str, list]
) -> float:
    """Try every plot and every year for every project."""
    rows = portfolio.to_dict("records")
    steps, total = steps_of(utility["capacity_added"][0]), float(utility["capacity"][0])
    choices = []
    for row in rows:
        own: list[tuple[int, int]] = [(-1, NEVER)]
        for plot, ready in enumerate(land["available_year"]):
            if row["power_mw"] > 0:
                ready = max(ready, land["supplied_from_power_mw"][plot])
            window = range(int(row["start_year"]), int(row["start_year_max"]) + 1)
            own += [(plot, year) for year in window if year >= ready]
        choices.append(own)
    best = 0.0
    for answer in itertools.product(*choices):
        plots = [plot for plot, _ in answer if plot >= 0]
        worth = sum(
            row["invest_bn_kzt"] for row, (p, _) in zip(rows, answer, strict=True) if p >= 0
        )
        if worth <= best or len(set(plots)) < len(plots):
            continue
        drawn = [
            sum(row["power_mw"] for row, (_, y) in zip(rows, answer, strict=True) if y <= now)
            for now in range(2026, 2032)
        ]
        if all(
            used <= capacity_in(total, steps, now) + 1e-9
            for used, now in zip(drawn, range(2026, 2032), strict=True)
        ):
            best = worth
    return best


@pytest.mark.parametrize("seed", range(6))
def test_no_choice_of_plots_and_years_places_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(20):
        portfolio, utility, land = drawn_case(rng)
        problem = posed(
            portfolio,
            3,
            given=utility,
            service_power_mw=["PW"] * 3,
            divisible=False,
            area_ha=1.0,
            **land,
        ).problem
        solution = solve(problem, SETTINGS)
        assert solution.stages[0].value == pytest.approx(
            best_by_brute_force(portfolio, utility, land)
        )
