"""Figures of plots, on land small enough to measure by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoplan.subdivide.coverage import shared_edges
from geoplan.subdivide.quality import corners, gate_distances, rectangularity


def test_rectangularity_of_a_turned_rectangle_is_one():
    turned = shapely.affinity.rotate(shapely.box(0, 0, 80, 30), 33)
    assert rectangularity(np.array([turned]))[0] == pytest.approx(1.0)


def test_a_plot_between_two_streets_at_right_angles_is_a_corner_and_its_neighbour_is_not():
    street = shapely.Polygon(
        [(0, 0), (120, 0), (120, 120), (100, 120), (100, 20), (50, 20), (0, 20)]
    )
    land = np.array(
        [
            street,
            shapely.box(50, 20, 100, 120),
            shapely.Polygon([(0, 20), (50, 20), (50, 120), (0, 120)]),
        ]
    )
    found = corners(shared_edges(land), np.array([True, False, False]))
    assert found.tolist() == [False, True, False]


def test_a_plot_between_two_parallel_streets_is_no_corner():
    land = np.array(
        [shapely.box(0, 0, 50, 20), shapely.box(0, 20, 50, 80), shapely.box(0, 80, 50, 99)]
    )
    found = corners(shared_edges(land), np.array([True, False, True]))
    assert found.tolist() == [False, False, False]


def test_the_way_to_a_gate_follows_the_streets():
    # A street 300 m east from the gate, and one 100 m north from its middle.
    streets = shapely.linestrings([[(0, 0), (300, 0)], [(150, 0), (150, 100)]])
    gates = np.array([shapely.Point(0, 0)])
    places = shapely.points([(300, 10), (160, 100), (40, -5), (0, 0)])
    way = gate_distances(streets, gates, places)
    assert way.tolist() == pytest.approx([310, 260, 45, 0])


def test_a_gate_in_the_middle_of_a_street_is_reached_from_both_sides():
    streets = shapely.linestrings([[(0, 0), (300, 0)]])
    way = gate_distances(
        streets, np.array([shapely.Point(100, 0)]), shapely.points([(0, 0), (250, 0)])
    )
    assert way.tolist() == pytest.approx([100, 150])


def test_streets_that_no_gate_reaches_are_infinitely_far():
    streets = shapely.linestrings([[(0, 0), (100, 0)], [(0, 50), (100, 50)]])
    way = gate_distances(
        streets, np.array([shapely.Point(0, 0)]), shapely.points([(50, 40), (50, 10)])
    )
    assert way.tolist() == pytest.approx([np.inf, 60])
    assert np.isinf(gate_distances(streets, np.empty(0, object), shapely.points([(0, 0)])))[0]
