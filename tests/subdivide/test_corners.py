"""Street corners and dead ends: splays where streets meet, the way back, places to turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point
from shapely.affinity import rotate

from geoplan.subdivide.corners import dead_ends, splays, turning_places

NO_GATES = np.empty(0, dtype=object)
ACROSS, ALONG = LineString([(-200, 0), (200, 0)]), LineString([(0, -200), (0, 200)])


def array(*lines: Any) -> Any:
    return np.array(lines, dtype=object)


def land(lines: Any, row_m: Any) -> Any:
    """Right of way with square ends, as wide as stated."""
    half_m = np.broadcast_to(row_m, len(lines)) / 2
    return shapely.union_all(shapely.buffer(lines, half_m, cap_style="flat", join_style="mitre"))


def added(lines: Any, row_m: Any, leg_m: float) -> list[Any]:
    """What splays take beside the streets' land, each corner a polygon."""
    street = land(lines, row_m)
    beside = shapely.union_all(splays(lines, row_m, leg_m)).difference(street)
    return [part for part in shapely.get_parts(beside) if part.area > 1e-6]


def found(lines: Any, gates: Any = NO_GATES) -> list[tuple[float, float, int, float]]:
    ends = dead_ends(lines, gates=gates)
    xy = shapely.get_coordinates(ends.point)
    rows = zip(xy.round(6).tolist(), ends.line.tolist(), ends.length_m.round(6), strict=True)
    return [(x, y, line, float(length_m)) for (x, y), line, length_m in rows]


def test_a_crossing_has_four_splays_at_the_corners_of_the_land() -> None:
    """Streets of 30 m (across) and 20 m (along): corners at x = +-10, y = +-15."""
    corners = added(array(ACROSS, ALONG), [30, 20], 6.0)
    assert [part.area for part in corners] == pytest.approx([18.0] * 4)
    quadrants = {(np.sign(part.centroid.x), np.sign(part.centroid.y)) for part in corners}
    assert len(quadrants) == 4
    (north_east,) = [part for part in corners if part.centroid.x > 0 < part.centroid.y]
    expected = shapely.Polygon([(10, 15), (16, 15), (10, 21)])
    assert north_east.symmetric_difference(expected).area == pytest.approx(0, abs=1e-6)


def test_a_t_has_two_splays_both_on_the_side_of_the_street_that_ends() -> None:
    corners = added(array(ACROSS, LineString([(0, 0), (0, 200)])), [30, 20], 6.0)
    assert [part.area for part in corners] == pytest.approx([18.0] * 2)
    assert all(part.bounds[1] == pytest.approx(15) for part in corners)


@pytest.mark.parametrize("angle_deg", [25, 45, 70, 110, 135])
@pytest.mark.parametrize("turn_deg", [0, 37])
def test_legs_run_along_the_edges_at_any_angle(angle_deg: float, turn_deg: float) -> None:
    """A triangle with two legs of 6 m and the angle between them."""
    other = rotate(ACROSS, angle_deg, origin=(0, 0))
    lines = array(*[rotate(line, turn_deg, origin=(3, 4)) for line in (ACROSS, other)])
    corners = added(lines, 20.0, 6.0)
    area_m2 = 0.5 * 6 * 6 * np.sin(np.radians(angle_deg))
    assert [part.area for part in corners] == pytest.approx([area_m2] * 4)


def test_a_skewed_meeting_of_unequal_streets_has_its_splay_on_the_wide_ones_edge() -> None:
    """At 145 degrees the narrow street's far corner lies behind the meeting."""
    lines = array(ACROSS, rotate(LineString([(0, 0), (300, 0)]), 145, origin=(0, 0)))
    areas = [part.area for part in added(lines, [30, 20], 12.0)]
    assert areas == pytest.approx([72 * np.sin(np.radians(145))] * 2)


@pytest.mark.parametrize("angle_deg", [15, 165])
def test_too_sharp_a_corner_is_left_as_it_is(angle_deg: float) -> None:
    other = rotate(LineString([(0, 0), (200, 0)]), angle_deg, origin=(0, 0))
    assert len(splays(array(ACROSS, other), 20.0, 6.0)) == 0


@given(
    angle_deg=st.floats(25, 155),
    row_m=st.tuples(st.floats(8, 40), st.floats(8, 40)),
    leg_m=st.floats(2, 12),
)
def test_joined_to_the_streets_a_splay_leaves_neither_hole_nor_film(
    angle_deg: float, row_m: tuple[float, float], leg_m: float
) -> None:
    lines = array(*[LineString([(-999, 0), (999, 0)])] * 2)
    lines[1] = rotate(lines[1], angle_deg, origin=(0, 0))
    joined = shapely.union_all([land(lines, list(row_m)), *splays(lines, list(row_m), leg_m)])
    assert isinstance(joined, shapely.Polygon)
    assert len(joined.interiors) == 0
    # Opening and closing by a centimetre changes corners only: no film, no crack.
    closed = joined.buffer(0.01, join_style="mitre").buffer(-0.01, join_style="mitre")
    assert closed.symmetric_difference(joined).area < 0.01


def test_streets_are_splayed_alike_whether_they_are_noded_or_not() -> None:
    lines = array(ACROSS, ALONG, LineString([(100, 0), (100, 200)]))
    noded = shapely.get_parts(shapely.union_all(lines))
    whole, parts = (shapely.union_all(splays(x, 20.0, 6.0)) for x in (lines, noded))
    assert len(splays(lines, 20.0, 6.0)) == 6
    assert whole.symmetric_difference(parts).area == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("gap_m", [-0.01, 0.01])
def test_an_end_that_misses_the_other_street_by_a_centimetre_meets_it(gap_m: float) -> None:
    lines = array(ACROSS, LineString([(0, gap_m), (0, 200)]))
    areas = [part.area for part in added(lines, 20.0, 6.0)]
    assert areas == pytest.approx([18.0] * 2, abs=0.1)
    assert [end[:2] for end in found(lines)] == [(-200, 0), (200, 0), (0, 200)]


def test_a_bend_is_no_meeting() -> None:
    bent = LineString([(0, 0), (100, 0), (100, 100)])
    assert len(splays(array(bent), 20.0, 6.0)) == 0
    assert len(splays(shapely.linestrings([bent.coords[:2], bent.coords[1:]]), 20.0, 6.0)) == 0


def test_an_arm_shorter_than_a_leg_and_half_a_row_is_none() -> None:
    """16 m are needed for legs of 6 m beside 20 m streets."""
    assert len(splays(array(ACROSS, LineString([(0, 0), (0, 15.9)])), 20.0, 6.0)) == 0
    assert len(splays(array(ACROSS, LineString([(0, 0), (0, 16.1)])), 20.0, 6.0)) == 2


def test_an_arm_that_bends_beside_a_corner_has_no_splay_there() -> None:
    crooked = LineString([(0, 0), (0, 12), (40, 12), (40, 200)])
    assert len(splays(array(ACROSS, crooked), 20.0, 6.0)) == 0


def test_streets_side_by_side_are_splayed_on_the_outer_sides_only() -> None:
    """Streets that end 8 m apart have no land between them to splay."""
    lines = array(ACROSS, LineString([(0, 0), (0, 200)]), LineString([(8, 0), (8, 200)]))
    corners = added(lines, 20.0, 6.0)
    assert sorted(part.centroid.x for part in corners) == pytest.approx([-12, 20])


def test_streets_staggered_on_two_sides_keep_all_their_splays() -> None:
    lines = array(ACROSS, LineString([(0, 0), (0, 200)]), LineString([(8, 0), (8, -200)]))
    assert len(added(lines, 20.0, 6.0)) == 4


@pytest.mark.parametrize("apart_m", [0.0, 0.3])
def test_streets_that_share_a_stretch_are_one_as_wide_as_the_wider(apart_m: float) -> None:
    """On paper or but for the hand that drew them: 0.3 m off after 100 m."""
    drawn = LineString([(-100, -apart_m), (100, apart_m)])
    corners = added(array(ACROSS, drawn, ALONG), [30, 20, 20], 6.0)
    assert [part.area for part in corners] == pytest.approx([18.0] * 4, abs=0.1)


def test_a_ring_meets_a_street_at_its_own_start() -> None:
    ring = LineString([(0, 0), (200, 0), (200, 200), (0, 200), (0, 0)])
    lines = array(ring, LineString([(-200, 0), (0, 0)]))
    assert len(splays(lines, 20.0, 6.0)) == 2
    assert found(lines) == [(-200, 0, 1, 200)]
    assert found(array(ring)) == []


def test_no_leg_and_no_streets_have_no_splays() -> None:
    assert len(splays(array(ACROSS, ALONG), 20.0, 0.0)) == 0
    assert len(splays(NO_GATES, 20.0, 6.0)) == 0
    assert len(splays(array(ACROSS), 20.0, 6.0)) == 0


def test_a_cul_de_sac_is_as_long_as_the_way_back_to_the_junction() -> None:
    lines = array(ACROSS, LineString([(50, 0), (50, 200)]))
    assert found(lines, shapely.points([[-200, 0], [200, 0.9]])) == [(50, 200, 1, 200)]


def test_streets_end_to_end_are_one_dead_end() -> None:
    """120 m north, then 80 m east, then 30 m of a bent line: 230 m back to the junction."""
    lines = array(
        ACROSS,
        LineString([(50, 0), (50, 120)]),
        LineString([(130, 120), (50, 120)]),
        LineString([(130, 120), (130, 140), (140, 140)]),
    )
    assert found(lines, shapely.points([[-200, 0], [200, 0]])) == [(140, 140, 3, 230)]


def test_a_branch_ends_the_way_back() -> None:
    lines = array(ACROSS, LineString([(50, 0), (50, 200)]), LineString([(50, 150), (150, 150)]))
    gates = shapely.points([[-200, 0], [200, 0]])
    assert found(lines, gates) == [(50, 200, 1, 50), (150, 150, 2, 100)]


def test_a_gate_beside_a_street_ends_the_way_back() -> None:
    gate = np.array([LineString([(60, 0.5), (60, 90)]), Point(-200, 0)], dtype=object)
    assert found(array(ACROSS), gate) == [(200, 0, 0, 140)]


def test_a_street_that_nothing_joins_is_a_dead_end_twice() -> None:
    assert found(array(ALONG)) == [(0, -200, 0, 400), (0, 200, 0, 400)]


def test_no_streets_have_no_dead_ends() -> None:
    ends = dead_ends(NO_GATES, gates=NO_GATES)
    assert (len(ends.point), len(ends.line), len(ends.length_m)) == (0, 0, 0)
    assert len(turning_places(ends, NO_GATES, side_m=15, longer_than_m=150)) == 0


@given(st.lists(st.floats(10, 300), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_and_direction_of_streets_change_no_dead_end(lengths: Any, random: Any) -> None:
    """A comb: teeth of these lengths on one street, each of its own two pieces."""
    lines = [LineString([(-100, 0), (100 * len(lengths), 0)])]
    for place, length_m in enumerate(lengths):
        lines += [
            LineString([(100 * place, 0), (100 * place, length_m / 3)]),
            LineString([(100 * place, length_m / 3), (100 * place, length_m)]),
        ]
    random.shuffle(lines)
    lines = [line if random.random() < 0.5 else line.reverse() for line in lines]
    gates = shapely.points([[-100, 0], [100 * len(lengths), 0]])
    ends = dead_ends(np.array(lines, dtype=object), gates=gates)
    assert sorted(ends.length_m) == pytest.approx(sorted(lengths))


def test_only_a_dead_end_that_is_too_long_has_a_place_to_turn() -> None:
    lines = array(ACROSS, LineString([(50, 0), (50, 200)]), LineString([(-50, 0), (-50, 150)]))
    ends = dead_ends(lines, gates=shapely.points([[-200, 0], [200, 0]]))
    (square,) = turning_places(ends, lines, side_m=24, longer_than_m=150)
    assert square.equals(shapely.box(38, 176, 62, 200))


@pytest.mark.parametrize("turn_deg", [0, 30, 200])
@pytest.mark.parametrize("reverse", [True, False])
def test_a_turning_place_lies_along_its_street(turn_deg: float, reverse: bool) -> None:
    street = LineString([(0, 0), (100, 0), (100, 100)])
    lines = array(rotate(street.reverse() if reverse else street, turn_deg, origin=(0, 0)))
    ends = dead_ends(lines, gates=array(Point(0, 0)))
    (square,) = turning_places(ends, lines, side_m=20, longer_than_m=0)
    expected = rotate(shapely.box(90, 80, 110, 100), turn_deg, origin=(0, 0))
    assert square.symmetric_difference(expected).area == pytest.approx(0, abs=1e-6)
    assert square.exterior.is_ccw
