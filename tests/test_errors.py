from __future__ import annotations

import pytest

from geoplan.errors import GeoplanError, Problem, Problems, closest, nearest_name, shown


def test_a_problem_reads_where_ids_cause_remedy() -> None:
    problem = Problem("zones", "the ring is open.", "Close it.", ("A", "B"))
    assert str(problem) == "zones [A, B]: the ring is open. Close it."


def test_an_error_lists_every_problem_on_a_line_of_its_own() -> None:
    error = GeoplanError([Problem("zones", "a.", "b."), Problem("gates", "c.", "")])
    assert str(error).splitlines() == ["zones: a. b.", "gates: c."]


def test_problems_are_raised_together_and_in_order() -> None:
    problems = Problems()
    problems.raise_any()
    problems.add("zones", "first.", "r.", [7])
    problems.take(GeoplanError([Problem("gates", "second.", "r.")]))
    with pytest.raises(GeoplanError) as raised:
        problems.raise_any()
    assert [p.where for p in raised.value.problems] == ["zones", "gates"]
    assert raised.value.problems[0].ids == ("7",)


def test_long_lists_of_ids_are_cut_and_counted() -> None:
    assert shown(range(8)) == "0, 1, 2, 3, 4, 5, 6, 7"
    assert shown(range(9)) == "0, 1, 2, 3, 4, 5, 6, 7 and 1 more"


def test_the_nearest_name_is_found_whatever_the_case() -> None:
    assert closest("AREA_HA", ["area_ha", "name"]) == "area_ha"
    assert closest("nothing alike", ["area_ha", "name"]) is None
    assert nearest_name("prodction", ["production", "green"]) == "Did you mean 'production'?"


def test_without_a_near_name_the_known_ones_are_listed_but_not_hundreds() -> None:
    assert nearest_name("xyz", ["b", "a"]) == "Known names: a, b."
    assert nearest_name("xyz", [f"P-{n:03}" for n in range(150)]).endswith("and 126 more.")
