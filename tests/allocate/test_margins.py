"""What more of a utility is worth, held against every allocation of small cases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geoplan.allocate.margins import MARGIN_COLUMNS, margin_table
from geoplan.allocate.pose import Posed
from geoplan.allocate.solve import solve
from geoplan.config import AllocateSettings
from tests.allocate.instances import optimum
from tests.allocate.tables import posed, projects, utilities

EXACT = AllocateSettings(objective=("investment",), gap=0.0)


def worth(case: Posed) -> pd.DataFrame:
    table = margin_table(case, solve(case.problem, EXACT, fixed=case.fixed).assignment)
    assert list(table.columns) == list(MARGIN_COLUMNS)
    return table


def park(loads: list[float], invest: list[float], limit: float, **facts: Any) -> Posed:
    """Projects of about 1 ha that draw on one substation."""
    portfolio = projects(len(loads), power_mw=loads, invest_bn_kzt=invest)
    usual: dict[str, Any] = {"given": utilities(("E", "power_mw", limit)), "service_power_mw": "E"}
    return posed(portfolio, 2, **(usual | facts))


def test_a_substation_is_worth_who_it_keeps_out() -> None:
    (row,) = worth(park([1.0, 2.0], [5.0, 3.0], 1.5)).itertuples()
    assert (row.utility_id, row.kind, row.step, row.unit) == ("E", "power_mw", 1.5, "MW")
    assert (row.value_bn_kzt, row.project_ids, row.giving_way) == (3.0, "P2", "")
    assert row.at_most_bn_kzt >= 3.0
    assert row.text.startswith("1.5 MW more at E places 3.00 bn KZT more (P2), ")


def test_where_all_would_fit_the_value_is_proven() -> None:
    (row,) = worth(park([1.0, 1.0], [5.0, 3.0], 1.0)).itertuples()
    assert (row.step, row.value_bn_kzt, row.at_most_bn_kzt) == (1.0, 3.0, 3.0)
    assert row.proven
    assert row.text.endswith("which is proven.")


def test_somebody_may_give_way_to_who_invests_more() -> None:
    # 2 MW serve P1; with half a MW more, or one, P2 takes its place.
    (row,) = worth(park([2.0, 2.5], [3.0, 4.0], 2.0)).itertuples()
    assert (row.step, row.value_bn_kzt) == (1.0, 1.0)
    assert (row.project_ids, row.giving_way) == ("P2", "P1")


def test_a_capacity_that_alone_lets_nobody_in_is_worth_nothing() -> None:
    # Each of 1.5 ha: two strips of 3 ha are full with four of them, power or not.
    portfolio = projects(5, area_min_ha=1.5, area_max_ha=1.5, area_ha=1.5, power_mw=1.0,
                         invest_bn_kzt=[5.0, 4.0, 3.0, 2.0, 1.0])  # fmt: skip
    given = utilities(("E", "power_mw", 4.5))
    (row,) = worth(posed(portfolio, 2, given=given, service_power_mw="E")).itertuples()
    assert (row.step, row.value_bn_kzt, row.project_ids) == (1.0, 0.0, "")
    assert "brings nothing while nobody moves" in row.text


def test_without_want_there_is_no_margin() -> None:
    assert worth(park([1.0, 1.0], [5.0, 3.0], 2.0)).empty


@pytest.mark.parametrize("seed", range(12))
def test_no_margin_is_above_its_bound_and_all_are_what_exchange_with_the_waiting_brings(
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    count = 5
    case = park(
        (random.integers(1, 9, count) / 4).tolist(),
        random.integers(1, 9, count).astype(float).tolist(),
        float(random.integers(2, 10)) / 4,
        area_ha=(random.integers(15, 35, 2) / 10).tolist(),
    )
    table = worth(case)
    (before,) = optimum(case.problem, ("investment",))
    for row in table.itertuples():
        (capacity,) = case.problem.capacities
        raised = replace(capacity, limit=capacity.limit + row.step)
        (after,) = optimum(replace(case.problem, capacities=(raised,)), ("investment",))
        gain = after - before
        assert row.value_bn_kzt <= gain + 1e-6
        assert gain <= row.at_most_bn_kzt + 1e-6
        if row.proven:
            assert row.value_bn_kzt == pytest.approx(gain)
