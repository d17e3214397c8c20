"""Years are chosen as early as capacities allow: the program against brute force, and by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from geoplan.allocate.phasing import Phased, Phasing, YearLimit, drawn, phased

TOLERANCE = 1e-6


def aims_of(phasing: Phasing, year: np.ndarray) -> tuple[float, float, float]:
    """What waiting costs, aim by aim."""
    waits = year - phasing.first
    return (
        float((phasing.invest * waits).sum()),
        float((phasing.jobs * waits).sum()),
        float(waits.sum()),
    )


def best_by_brute_force(phasing: Phasing) -> tuple[float, float, float]:
    """Try every year of every window."""
    windows = [range(a, b + 1) for a, b in zip(phasing.first, phasing.last, strict=True)]
    found = []
    for years in itertools.product(*windows):
        year = np.array(years, dtype=np.intp)
        if all(drawn(each, year) <= each.limit + TOLERANCE for each in phasing.limits):
            found.append(aims_of(phasing, year))
    return min(found)


def drawn_case(rng: np.random.Generator) -> Phasing:
    """A few projects with windows, and utilities that grow, of which the latest years suffice."""
    count = int(rng.integers(1, 6))
    first = 2026 + rng.integers(0, 3, count)
    last = first + rng.integers(0, 4, count)
    limits = []
    for number in range(int(rng.integers(0, 3))):
        project = np.flatnonzero(rng.random(count) < 0.8)
        load = rng.integers(1, 6, len(project)).astype(float)
        limit = 0.0
        for until in sorted(rng.choice([2026, 2027, 2028, 2029], 2, replace=False).tolist()):
            least = float(load[last[project] <= until].sum())
            limit = max(limit, least + float(rng.integers(0, 4)))
            limits.append(YearLimit(f"U{number}", until, limit, project, load))
    return Phasing(
        first.astype(np.intp),
        last.astype(np.intp),
        rng.integers(0, 5, count).astype(float),
        rng.integers(0, 3, count).astype(float),
        tuple(limits),
    )


@pytest.mark.parametrize("seed", range(24))
def test_no_other_years_are_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(100):
        phasing = drawn_case(rng)
        answer = phased(phasing)
        assert answer.proven
        assert (answer.year >= phasing.first).all()
        assert (answer.year <= phasing.last).all()
        for limit in phasing.limits:
            assert drawn(limit, answer.year) <= limit.limit + TOLERANCE
        assert aims_of(phasing, answer.year) == pytest.approx(best_by_brute_force(phasing))


def two(limit: float, last: int = 2028) -> Phased:
    """Two projects of 3 MW each, worth 5 and 2 bn KZT, that may start from 2026 on."""
    both = np.array([0, 1])
    limits = (YearLimit("PW", 2026, limit, both, np.array([3.0, 3.0])),)
    windows = np.array([2026, 2026]), np.array([last, last])
    return phased(Phasing(*windows, np.array([5.0, 2.0]), np.array([1.0, 9.0]), limits))


def test_everybody_starts_at_once_where_that_is_possible() -> None:
    assert two(6.0).year.tolist() == [2026, 2026]


def test_who_invests_less_waits_until_the_utility_has_grown_and_no_longer() -> None:
    assert two(3.0).year.tolist() == [2026, 2027]


def test_who_cannot_wait_does_not_though_the_utility_is_too_small() -> None:
    assert two(3.0, last=2026).year.tolist() == [2026, 2026]


def test_the_same_windows_give_the_same_years() -> None:
    rng = np.random.default_rng(99)
    cases = [drawn_case(rng) for _ in range(20)]
    assert all((phased(case).year == phased(case).year).all() for case in cases)
