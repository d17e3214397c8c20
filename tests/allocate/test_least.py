"""The least change of a size is the least: held against every size in steps of a tenth."""

from __future__ import annotations

import numpy as np
import pytest

from geoplan.allocate.least import Room, Size, sizes_that_fit
from geoplan.allocate.rules import ROUNDED

TENTH = 0.1


def room(**given: float | bool) -> Room:
    usual = {
        "area_ha": 2.0,
        "rest_min_ha": 0.4,
        "depth_m": 100.0,
        "plot_min_ha": 0.4,
        "plot_max_ha": 5.0,
        "divisible": True,
    }
    return Room(**(usual | given))  # type: ignore[arg-type]


def fits(least: int, most: int, front: int, land: Room) -> bool:
    """Tell whether some area in tenths of a hectare would do; a front of 1 m makes 0.01 ha."""
    low = max(least, round(10 * land.plot_min_ha), front * land.depth_m / 1000)
    high = min(most, round(10 * land.plot_max_ha))
    whole, rest = round(10 * land.area_ha), round(10 * min(land.rest_min_ha, land.area_ha))
    others = range(round(10 * land.least_ha), round(10 * land.most_ha) + 1)
    for mine in range(1, whole + 1):
        if not low - 1e-9 <= mine <= high:
            continue
        for theirs in others:
            left = whole - mine - theirs
            if left == 0 or left >= rest:
                return True
    return False


def cases(count: int) -> list[tuple[Size, Room]]:
    random = np.random.default_rng(7)
    found = []
    for _ in range(count):
        area, rest, plot_max = random.integers(8, 40), random.integers(1, 9), random.integers(5, 40)
        others = int(random.integers(0, area))
        spread = int(random.integers(0, 10)) if others else 0
        land = room(
            area_ha=area / 10,
            rest_min_ha=rest / 10,
            plot_min_ha=rest / 10,
            plot_max_ha=plot_max / 10,
            least_ha=others / 10,
            most_ha=(others + spread) / 10,
        )
        least = int(random.integers(1, 30))
        most = least + int(random.integers(0, 12))
        found.append((Size(least / 10, most / 10, 0.0), land))
    return found


@pytest.mark.parametrize("case", range(0, 400, 100))
def test_the_least_area_is_the_greatest_that_fits_and_the_greatest_area_the_least(
    case: int,
) -> None:
    told = 0
    for size, land in cases(400)[case : case + 100]:
        least, most = round(10 * size.least_ha), round(10 * size.most_ha)
        found = sizes_that_fit(size, land)
        if fits(least, most, 0, land):
            assert found == [size]
            continue
        smaller = [n for n in range(1, least) if fits(n, most, 0, land)]
        larger = [n for n in range(most + 1, 60) if fits(least, n, 0, land)]
        expected = [(max(smaller) / 10, size.most_ha)] if smaller else []
        expected += [(size.least_ha, min(larger) / 10)] if larger else []
        assert [(round(f.least_ha, 9), round(f.most_ha, 9)) for f in found] == expected
        told += len(found)
    assert told > 20


def test_a_front_is_shortened_with_the_area_behind_it() -> None:
    # 150 m of front 100 m deep make 1.5 ha; 1 ha is free.
    found = sizes_that_fit(Size(0.8, 2.0, 150.0), room(least_ha=1.0, most_ha=1.0))
    assert found == [Size(0.8, 2.0, 100.0)]
    assert sizes_that_fit(Size(1.2, 2.0, 150.0), room(area_ha=1.0)) == [Size(1.0, 2.0, 100.0)]


def test_what_is_left_below_a_plot_is_no_room() -> None:
    assert sizes_that_fit(Size(0.5, 0.6, 0.0), room(least_ha=1.8, most_ha=2.0)) == []


def test_a_plot_is_taken_whole_give_or_take_the_rounding() -> None:
    plot = room(divisible=False, area_ha=1.0, rest_min_ha=0.0, plot_min_ha=1.0, plot_max_ha=1.0)
    assert sizes_that_fit(Size(0.9, 1.1, 0.0), plot) == [Size(0.9, 1.1, 0.0)]
    assert sizes_that_fit(Size(1.0001, 1.1, 0.0), plot) == [Size(1.0001, 1.1, 0.0)]
    (smaller,) = sizes_that_fit(Size(1.3, 1.5, 0.0), plot)
    assert smaller == Size(1.0 / (1 - ROUNDED), 1.5, 0.0)
    (larger,) = sizes_that_fit(Size(0.5, 0.7, 0.0), plot)
    assert larger == Size(0.5, 1.0 / (1 + ROUNDED), 0.0)


def test_a_plot_that_somebody_has_takes_nobody_else() -> None:
    plot = room(divisible=False, area_ha=1.0, rest_min_ha=0.0, least_ha=1.0, shared=True)
    assert sizes_that_fit(Size(0.9, 1.1, 0.0), plot) == []
