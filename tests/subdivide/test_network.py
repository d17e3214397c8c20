"""Ways along the streets, and where goods leave a piece of land."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoplan.subdivide.network import middles_of_fronts, network_of, ways_m

GRID = np.array(shapely.from_wkt([
    "LINESTRING (0 0, 300 0)", "LINESTRING (0 100, 300 100)",
    "LINESTRING (0 0, 0 100)", "LINESTRING (300 0, 300 100)",
]), dtype=object)  # fmt: skip


def test_ways_go_along_streets_the_shorter_way_round() -> None:
    places = np.asarray(shapely.points([[100, 0], [100, 100], [290, 100]]), dtype=object)
    far = ways_m(GRID, places)
    assert far[0].tolist() == pytest.approx([0, 300, 310])
    assert far[1, 2] == pytest.approx(190)
    assert (far == far.T).all()


def test_the_way_to_the_street_counts_and_lines_are_met_where_they_are_nearest() -> None:
    places = np.asarray(
        [shapely.Point(150, -40), shapely.from_wkt("LINESTRING (320 -500, 320 0)")], dtype=object
    )
    assert ways_m(GRID, places)[0, 1] == pytest.approx(40 + 150 + 20)


def test_there_is_no_way_to_another_network() -> None:
    apart = np.append(GRID, shapely.from_wkt("LINESTRING (900 0, 900 100)"))
    far = ways_m(apart, np.asarray(shapely.points([[0, 0], [900, 0]]), dtype=object))
    assert far[0, 1] == np.inf
    assert far[1, 1] == 0


def test_of_two_streets_between_the_same_crossings_the_shorter_counts() -> None:
    loop = np.asarray(
        shapely.from_wkt(["LINESTRING (0 0, 100 0)", "LINESTRING (0 0, 50 80, 100 0)"]),
        dtype=object,
    )
    assert network_of(loop).from_nodes_m(np.arange(2)).max() == pytest.approx(100)


def test_goods_leave_in_the_middle_of_the_longest_front() -> None:
    corner = np.array([shapely.box(10, 10, 130, 60)], dtype=object)  # on two streets of 20 m
    point = middles_of_fronts(GRID, np.full(4, 20.0), corner)[0]
    assert (round(point.x, 3), point.y) == (70, 0)


def test_land_without_a_front_leaves_by_the_nearest_street() -> None:
    inner = np.array([shapely.box(140, 45, 160, 52)], dtype=object)
    point = middles_of_fronts(GRID, np.full(4, 20.0), inner)[0]
    assert (point.x, point.y) == (150, 0)
