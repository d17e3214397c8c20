"""Closed-form cuts leave the area that was asked for, as clipping measures it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.subdivide.cuts import widths_of


def clipped_m2(polygon: shapely.Geometry, x: float) -> float:
    """Area left of a vertical line, by GEOS."""
    x_min, y_min, _, y_max = polygon.bounds
    return polygon.intersection(
        shapely.box(x_min - 1, y_min - 1, max(x, x_min - 1), y_max + 1)
    ).area


@st.composite
def strips(draw: st.DrawFn) -> shapely.Polygon:
    """A polygon that each vertical line meets in one segment: two broken lines over x."""
    x = sorted(draw(st.sets(st.integers(0, 500), min_size=2, max_size=12)))
    heights = st.floats(0, 120, allow_subnormal=False)
    low = [draw(heights) for _ in x]
    up = [a + 1 + draw(heights) for a in low]
    outline = [*zip(x, low, strict=True), *reversed(list(zip(x, up, strict=True)))]
    return shapely.Polygon(outline)


def test_a_rectangle_is_cut_in_proportion() -> None:
    widths = widths_of(np.array([shapely.box(0, 0, 200, 100)]), np.array([0]), 1)
    assert widths.area_m2.tolist() == [20_000]
    assert widths.width_max_m.tolist() == [100]
    x = widths.cut_x_m(np.zeros(5, int), np.array([0.0, 5_000, 10_000, 15_000, 20_000]))
    assert x.tolist() == [0, 50, 100, 150, 200]


def test_a_triangle_is_cut_at_the_root() -> None:
    """Width grows as x, so area does as x squared / 2."""
    triangle = shapely.Polygon([(0, 0), (200, 0), (200, 200)])
    widths = widths_of(np.array([triangle]), np.array([0]), 1)
    x = widths.cut_x_m(np.zeros(4, int), np.array([200.0, 5_000, 12_800, 20_000]))
    assert x == pytest.approx([20, 100, 160, 200], abs=1e-9)
    assert widths.area_left_m2(np.zeros(2, int), np.array([100.0, 150])) == pytest.approx(
        [5_000, 11_250]
    )


def test_a_trapezoid_is_cut_through_both_its_tails() -> None:
    """Tails of 50 m x 100 m / 2 on both sides of a middle of 100 m x 100 m."""
    trapezoid = shapely.Polygon([(0, 0), (200, 0), (150, 100), (50, 100)])
    widths = widths_of(np.array([trapezoid]), np.array([0]), 1)
    x = widths.cut_x_m(np.zeros(3, int), np.array([2_500.0, 7_500, 12_500]))
    assert x == pytest.approx([50, 100, 150], abs=1e-9)


def test_a_strip_of_two_parts_is_as_wide_as_both_together() -> None:
    """Land behind a strip adds to its width where it lies."""
    parts = np.array([shapely.box(0, 0, 100, 50), shapely.box(40, 50, 60, 100)])
    widths = widths_of(parts, np.array([0, 0]), 1)
    assert widths.area_m2.tolist() == [6_000]
    assert widths.width_max_m.tolist() == [100]
    x = widths.cut_x_m(np.zeros(3, int), np.array([2_000.0, 3_000, 4_000]))
    assert x.tolist() == [40, 50, 60]


def test_areas_out_of_range_give_the_ends() -> None:
    widths = widths_of(np.array([shapely.box(10, 0, 30, 5)]), np.array([0]), 1)
    assert widths.cut_x_m(np.zeros(2, int), np.array([-5.0, 1_000])).tolist() == [10, 30]
    assert widths.area_left_m2(np.zeros(2, int), np.array([-5.0, 1_000])).tolist() == [0, 100]


def test_upright_edges_may_lean_by_rounding() -> None:
    """The left edge goes back and forth by less than a hundredth of a millimetre."""
    noisy = shapely.Polygon([(0, 10), (77, 10), (77, 62), (-1e-6, 48), (-9.5e-7, 46), (0, 10)])
    widths = widths_of(np.array([noisy]), np.array([0]), 1)
    assert widths.area_m2 == pytest.approx([noisy.area], abs=1e-3)
    x = widths.cut_x_m(np.array([0]), np.array([1_000.0]))
    assert clipped_m2(noisy, float(x[0])) == pytest.approx(1_000, abs=1e-3)


def test_no_strips_have_no_widths() -> None:
    widths = widths_of(np.empty(0, dtype=object), np.empty(0, dtype=np.intp), 0)
    assert widths.area_m2.shape == widths.width_max_m.shape == (0,)


@settings(deadline=None)
@given(st.lists(strips(), min_size=1, max_size=4), st.data())
def test_cuts_agree_with_clipping(polygons: list[shapely.Polygon], data: st.DataObject) -> None:
    """All strips are cut in one pass, and none feels its neighbours."""
    widths = widths_of(np.array(polygons), np.arange(len(polygons)), len(polygons))
    assert widths.area_m2 == pytest.approx(shapely.area(polygons), rel=1e-9)
    share = [data.draw(st.floats(0.0, 1.0)) for _ in polygons]
    wanted = np.array(share) * shapely.area(polygons)
    x = widths.cut_x_m(np.arange(len(polygons)), wanted)
    measured = [clipped_m2(polygon, at) for polygon, at in zip(polygons, x, strict=True)]
    assert measured == pytest.approx(wanted, abs=1e-5)
    assert widths.area_left_m2(np.arange(len(polygons)), x) == pytest.approx(wanted, abs=1e-5)
