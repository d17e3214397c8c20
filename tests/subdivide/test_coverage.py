"""Faces of one noding share their vertices, whatever was drawn."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geoplan.subdivide import coverage
from geoplan.subdivide.coverage import (
    absorbed,
    dissolved,
    faces_between,
    faces_of,
    holder,
    shared_edges,
)
from geoplan.subdivide.plots import grid_references

LEFT, RIGHT = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)


def test_lines_that_cross_make_four_faces() -> None:
    cross = shapely.LineString([(0, 50), (200, 50)])
    faces = faces_of(np.array([LEFT, RIGHT, cross]), precision_m=0.001)
    assert sorted(shapely.area(faces).tolist()) == [5_000] * 4
    assert shapely.coverage_is_valid(faces)


def test_a_line_that_ends_on_an_edge_leaves_a_vertex_in_both_neighbours() -> None:
    outlines = np.array([LEFT, RIGHT, shapely.LineString([(100, 30), (200, 40)])])
    faces = faces_of(outlines, precision_m=0.001)
    assert len(faces) == 3
    assert shapely.coverage_is_valid(faces)


def test_a_spike_that_the_grid_shuts_costs_no_noding_of_all_land(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A needle of 6 m and 0.2 mm into one of 400 squares."""
    corners = product(range(0, 200, 10), repeat=2)
    squares = [shapely.box(x, y, x + 10, y + 10) for x, y in corners]
    needle = shapely.Polygon([(100, 103), (106, 103.0001), (100, 103.0002), (90, 110), (90, 100)])
    noded: list[int] = []
    union_all = shapely.union_all

    def counted(edges: NDArray[np.object_], *, grid_size: float) -> Any:
        noded.append(len(edges))
        return union_all(edges, grid_size=grid_size)

    monkeypatch.setattr(shapely, "union_all", counted)
    faces = faces_of(np.array([*squares, needle]), precision_m=0.001)
    assert len(faces) == 402
    assert shapely.area(faces).sum() == pytest.approx(40_000)
    assert shapely.coverage_is_valid(faces)
    assert 0 < sum(noded) < 20


def test_edges_that_miss_what_they_should_meet_are_noded_there() -> None:
    """A square whose middle line has no vertex to end at, and one far away that needs nothing."""
    square = [[(0, 0), (10, 0)], [(10, 0), (10, 10)], [(10, 10), (0, 10)], [(0, 10), (0, 0)]]
    far = (np.array(square) + 50).tolist()
    edges = np.asarray(shapely.linestrings([*square, [(5, 0), (5, 10)], *far]))
    faces = faces_between(edges, precision_m=0.001)
    assert faces is not None
    assert sorted(shapely.area(faces).tolist()) == [50, 50, 100]
    assert shapely.coverage_is_valid(faces)


def test_noding_all_edges_at_once_gives_the_same_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    outlines = np.array([LEFT, RIGHT, shapely.LineString([(0, 20.0004), (200, 61)])])
    faces = faces_of(outlines, precision_m=0.001)
    monkeypatch.setattr(coverage, "faces_between", lambda *_, **__: None)
    again = faces_of(outlines, precision_m=0.001)
    assert len(again) == len(faces) == 4
    assert set(shapely.normalize(again)) == set(shapely.normalize(faces))


@settings(deadline=None)
@given(st.floats(0, 3.2), st.lists(st.floats(0.02, 0.98), min_size=1, max_size=8))
def test_rounding_leaves_no_film_along_an_oblique_edge(angle: float, at: list[float]) -> None:
    """One long edge against several short ones on it, at any direction, far from the origin."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    cuts = np.unique([0.0, *np.round(at, 3), 1.0]) * 731.7
    below = shapely.box(cuts[:-1], -60, cuts[1:], 1e-6)
    turned = shapely.transform(
        np.array([shapely.box(0, 0, 731.7, 80), *below]), lambda xy: xy @ turn + (672e3, 5677e3)
    )
    faces = faces_of(turned, precision_m=0.001)
    assert len(faces) == len(below) + 1
    assert shapely.coverage_is_valid(faces)
    top = int(np.argmax(shapely.area(faces)))
    others = np.arange(len(faces)) == top
    front = shared_edges(faces).length_to(others)
    assert front[~others].sum() == pytest.approx(731.7, abs=0.02)


def test_each_point_goes_to_the_first_polygon_that_holds_it() -> None:
    points = shapely.points([(50, 50), (100, 50), (150, 50), (250, 50)])
    assert holder(points, np.array([LEFT, RIGHT])).tolist() == [0, 0, 1, -1]


def test_dissolving_keeps_what_neighbours_share() -> None:
    """The two lower squares become one; the vertex under the upper ones' edge stays."""
    squares = np.array([shapely.box(x, y, x + 10, y + 10) for y in (0, 10) for x in (0, 10)])
    merged = dissolved(squares, np.array([0, 0, 1, 2]))
    assert shapely.area(merged).tolist() == [200, 100, 100]
    assert shapely.coverage_is_valid(merged)
    assert (10, 10) in merged[0].exterior.coords


def test_shared_edges_are_measured_once_for_each_pair() -> None:
    squares = np.array([LEFT, RIGHT, shapely.box(0, 100, 100, 130)])
    edges = shared_edges(squares)
    pairs = sorted(
        zip(edges.left.tolist(), edges.right.tolist(), edges.length_m.tolist(), strict=True)
    )
    assert pairs == [(0, 1, 100.0), (0, 2, 100.0)]
    assert edges.length_to(np.array([True, False, False])).tolist() == [0, 100, 100]
    assert edges.length_to(np.array([False, True, True])).tolist() == [200, 0, 0]


def test_shared_edges_are_found_along_holes() -> None:
    pond = shapely.box(40, 40, 60, 60)
    edges = shared_edges(np.array([LEFT - pond, pond]))
    assert edges.length_to(np.array([False, True])).tolist() == [80, 0]


def test_slivers_go_to_the_neighbour_they_lie_along() -> None:
    """Two slivers in a row: the first has one solid neighbour, the second learns from it."""
    faces = np.array(
        [LEFT, shapely.box(100, 0, 100.001, 100), shapely.box(100.001, 0, 100.002, 100)]
    )
    zone = np.zeros(3, dtype=np.intp)
    assert absorbed(faces, zone, width_m=0.003).tolist() == [0, 0, 0]
    assert absorbed(faces, zone, width_m=0.0005).tolist() == [0, 1, 2]


def test_slivers_stay_in_their_zone() -> None:
    faces = np.array([LEFT, shapely.box(100, 0, 100.001, 100)])
    assert absorbed(faces, np.array([0, 1]), width_m=0.003).tolist() == [0, 1]


def test_references_are_unique_and_do_not_depend_on_the_order() -> None:
    """Three pieces within ten metres, one elsewhere."""
    xy = np.array([[672001.0, 5677001.0], [672002.0, 5677001.0], [672009.9, 5677009.9], [5.0, 5.0]])
    zone = np.array(["P1"] * 4, dtype=object)
    names = grid_references(zone, xy)
    assert names.tolist() == ["P1-7200-7700", "P1-7200-7700b", "P1-7200-7700c", "P1-0000-0000"]
    order = np.array([2, 3, 0, 1])
    assert grid_references(zone, xy[order]).tolist() == names[order].tolist()


def test_references_are_unique_beyond_the_alphabet() -> None:
    count = 60
    xy = np.stack([np.linspace(0, 9, count), np.zeros(count)], axis=1)
    names = grid_references(np.array(["P1"] * count, dtype=object), xy)
    assert len(set(names)) == count
