"""Strips and plots of land small enough to be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoplan.config import SubdivideSettings
from geoplan.subdivide.frames import Frame
from geoplan.subdivide.layout import Layout, Piece
from geoplan.subdivide.plots import equal_pieces
from geoplan.subdivide.strips import Strips, carve, strips_of
from tests.subdivide.invariants import broken, divided
from tests.subdivide.parks import CRS, park

SETTINGS = SubdivideSettings(mode="grid")
NONE = np.empty(0)
FREE = (-np.inf, np.inf)


def carved(
    land: shapely.Geometry,
    streets: shapely.Geometry,
    bands: list[tuple[float, float]],
    settings: SubdivideSettings = SETTINGS,
) -> Strips:
    """Strips of land in a frame that is the working CRS."""
    layout = Layout(Frame(0.0, (0.0, 0.0)), np.array(bands, dtype=float), NONE, NONE, FREE)
    piece = Piece("A", "production", land, shapely.MultiLineString())
    return strips_of([carve(piece, layout, streets, settings)], settings, CRS)


def test_a_street_through_a_block_makes_two_strips() -> None:
    """200 m x 100 m, a street of 20 m through the middle: two strips of 200 m x 40 m."""
    land, street = shapely.box(0, 0, 200, 100), shapely.box(0, 40, 200, 60)
    table = carved(land, street, [(0, 40), (60, 100)]).table.sort_values("strip_id")
    assert table["strip_id"].tolist() == ["A-S01", "A-S02"]
    assert table["block_id"].tolist() == ["A-B01", "A-B02"]
    assert table["area_ha"].tolist() == pytest.approx([0.8, 0.8])
    assert table["depth_m"].tolist() == [40, 40]
    assert table["front_m"].tolist() == [200, 200]
    # 0.3 ha, and 0.05 m of front more than the least for rounding.
    assert table["plot_area_min_ha"].tolist() == pytest.approx([0.3002] * 2)
    assert table["plot_area_max_ha"].tolist() == pytest.approx([0.64] * 2)
    assert [g.bounds for g in table.geometry] == [(0, 60, 200, 100), (0, 0, 200, 40)]


@pytest.mark.parametrize(
    ("wanted_ha", "remainder", "areas_ha"),
    [
        (1.0, "market", [0.4, 0.4]),
        (0.5, "market", [0.5, 0.3]),
        (0.35, "market", [0.35, 0.45]),
        (0.5, "last", [0.4, 0.4]),
        (0.35, "last", [0.35, 0.45]),
        (0.5, "spread", [0.4, 0.4]),
        (0.1, "spread", [0.8 / 3] * 3),
    ],
)
def test_plots_have_the_wanted_size_and_the_rest_goes_where_the_setting_says(
    wanted_ha: float, remainder: str, areas_ha: list[float]
) -> None:
    """A strip of 0.8 ha, 40 m deep: the least plot has a little over 0.25 ha, the greatest 0.64."""
    update = {"market_plot_ha": wanted_ha, "remainder": remainder, "plot_min_ha": 0.25}
    settings = SETTINGS.model_copy(update=update)
    land, street = shapely.box(0, 0, 200, 40), shapely.box(0, -20, 200, 0)
    strips = carved(land, street, [(0, 40)], settings)
    found = equal_pieces(strips, settings).area_m2 / 1e4
    assert found.tolist() == pytest.approx(areas_ha)


def test_tails_beyond_the_street_are_kept_up_to_a_quarter_of_the_least_plot() -> None:
    """Front of 200 m, tails of 1,000 m2 each, the least plot 3,000 m2: 750 m2 stay on each side."""
    land = shapely.Polygon([(0, 0), (200, 0), (240, 50), (-40, 50)])
    strips = carved(land, shapely.box(0, -20, 200, 0), [(0, 50)])
    assert strips.table["area_ha"].tolist() == pytest.approx([1.15], abs=2e-4)
    assert strips.table["front_m"].tolist() == pytest.approx([200], abs=0.04)
    # The end plot has its tail besides 0.3 ha, and 50 m x 0.05 m for rounding.
    assert strips.table["plot_area_min_ha"].tolist() == pytest.approx(
        [0.3 + 0.075 + 0.00025], abs=2e-4
    )


def test_small_tails_belong_to_the_end_plots() -> None:
    land = shapely.Polygon([(0, 0), (200, 0), (220, 50), (-20, 50)])
    strips = carved(land, shapely.box(0, -20, 200, 0), [(0, 50)])
    assert strips.table["area_ha"].tolist() == pytest.approx([1.1])


def test_a_street_along_a_part_of_the_edge_is_a_front_for_that_part() -> None:
    """The edge is one straight line; the street along it ends after 120 of 200 m."""
    strips = carved(shapely.box(0, 0, 200, 50), shapely.box(0, -20, 120, 0), [(0, 50)])
    assert strips.table["front_m"].tolist() == pytest.approx([120], abs=0.03)
    # 120 m x 50 m and a quarter of 0.3 ha beyond.
    assert strips.table["area_ha"].tolist() == pytest.approx([0.675], abs=2e-4)


@pytest.mark.parametrize(("front_m", "strips"), [(29, 0), (31, 1)])
def test_a_strip_needs_the_least_frontage(front_m: float, strips: int) -> None:
    land = shapely.box(0, 0, front_m, 80)
    settings = SETTINGS.model_copy(update={"plot_min_ha": 0.1})
    assert len(carved(land, shapely.box(0, -20, front_m, 0), [(0, 80)], settings)) == strips


@pytest.mark.parametrize(("front_m", "strips"), [(49, 0), (51, 1)])
def test_a_deep_strip_needs_a_front_in_proportion(front_m: float, strips: int) -> None:
    """150 m deep at 3 : 1 is 50 m wide."""
    land = shapely.box(0, 0, front_m, 150)
    assert len(carved(land, shapely.box(0, -20, front_m, 0), [(0, 150)])) == strips


def test_a_street_across_a_band_parts_it() -> None:
    """A link of 20 m in the middle of 300 m: two strips of 140 m."""
    link = shapely.box(0, -20, 300, 0) | shapely.box(140, 0, 160, 60)
    strips = carved(shapely.box(0, 0, 300, 60), link, [(0, 60)])
    assert strips.table["area_ha"].tolist() == pytest.approx([0.84, 0.84])


def test_land_behind_a_strip_is_taken_in_while_the_strip_stays_shallow() -> None:
    """20 m of loose land behind 50 m go in (1.4 of the depth), 50 m do not (2.0)."""
    street = shapely.box(0, -20, 200, 0)
    shallow = carved(shapely.box(0, 0, 200, 70), street, [(0, 50), (50, 70)])
    assert shallow.table["area_ha"].tolist() == pytest.approx([1.4])
    assert shallow.table["depth_m"].tolist() == pytest.approx([70])
    deep = carved(shapely.box(0, 0, 200, 100), street, [(0, 50), (50, 100)])
    assert deep.table["area_ha"].tolist() == pytest.approx([1.0])


def test_land_behind_a_gap_is_not_taken_in() -> None:
    """A pond of 60 m lies between the strip and the land behind: a plot there could be in two."""
    land = shapely.box(0, 0, 200, 70) - shapely.box(70, 50, 130, 55)
    strips = carved(land, shapely.box(0, -20, 200, 0), [(0, 50), (50, 70)])
    assert strips.table["area_ha"].tolist() == pytest.approx([1.0])


def test_of_two_fronts_of_a_band_the_longer_counts() -> None:
    """Arms of 120 m and 80 m on the street: the longer one, and a quarter of 0.4 ha beyond."""
    land = shapely.box(0, 0, 300, 100) - shapely.box(120, 0, 220, 60)
    strips = carved(land, shapely.box(0, -20, 300, 0), [(0, 100)])
    assert strips.table["front_m"].tolist() == pytest.approx([120], abs=0.03)
    assert strips.table["area_ha"].tolist() == pytest.approx([1.2 + 0.25 / 3], abs=2e-4)


def test_a_band_with_a_hole_is_parted_so_that_each_cut_is_one_segment() -> None:
    """A pond 60 m wide in a band of 300 m: strips of 120 m on both sides, none behind it."""
    land = shapely.box(0, 0, 300, 60) - shapely.box(120, 20, 180, 40)
    strips = carved(land, shapely.box(0, -20, 300, 0), [(0, 60)])
    bounds = shapely.bounds(strips.parts)
    assert np.sort(strips.table["area_ha"])[-2:] == pytest.approx([0.72, 0.72])
    chords = shapely.linestrings([[(x, -1), (x, 61)] for x in range(5, 300, 10)])
    for strip in range(len(strips)):
        whole = shapely.union_all(strips.parts[strips.part_strip == strip])
        assert (shapely.get_num_geometries(shapely.intersection(chords, whole)) <= 1).all()
    assert (bounds[:, 2] > bounds[:, 0]).all()


def test_two_zones_with_a_gate_at_both_ends_of_their_boundary() -> None:
    """Two zones of 400 m x 75 m, a main street of 30 m between them: strips of 400 m x 60 m.

    Each holds two plots of 1 ha, 166.67 m long, and what they leave: 0.4 ha, 66.67 m long.
    """
    given = park(
        [shapely.box(0, 0, 400, 75), shapely.box(0, 75, 400, 150)],
        uses=["production", "logistics"],
        gates=[shapely.Point(0, 75), shapely.Point(400, 75)],
    )
    run = divided(given)
    assert broken(given, run) == []
    streets = run.laid_out.streets
    assert streets["class"].tolist() == ["main"]
    assert streets["street_id"].tolist() == ["M01"]
    assert streets["length_m"].tolist() == pytest.approx([400])
    area_ha = run.result.land.groupby("kind")["area_ha"].sum()
    assert area_ha.to_dict() == pytest.approx({"street": 1.2, "plot": 4.8}, abs=1e-6)
    plots = run.result.plots
    assert plots["zone_id"].value_counts().to_dict() == {"Z1": 3, "Z2": 3}
    sizes = sorted(plots["area_ha"])
    assert sizes == pytest.approx([0.4, 0.4, 1, 1, 1, 1], abs=1e-5)
    assert sorted(plots["frontage_m"]) == pytest.approx([66.667] * 2 + [166.667] * 4, abs=0.01)
    assert plots["depth_m"].tolist() == pytest.approx([60] * 6, abs=0.01)


def test_one_gate_makes_the_boundary_a_collector() -> None:
    given = park(
        [shapely.box(0, 0, 400, 75), shapely.box(0, 75, 400, 150)], gates=[shapely.Point(0, 75)]
    )
    run = divided(given)
    assert run.laid_out.streets["class"].tolist() == ["collector"]
    # It ends at the far edge of the park, in a place to turn.
    assert run.laid_out.street_land.area == pytest.approx(400 * 24 + 25 * (25 - 24))


def test_land_that_one_layout_leaves_is_laid_out_in_its_own_direction() -> None:
    """An L: what lies behind the strips of one arm is served from the street at its foot."""
    ell = shapely.box(0, 0, 800, 800) - shapely.box(400, 400, 800, 800)
    run = divided(park([ell]))
    residual = run.result.land.query("kind == 'residual'")["area_ha"].sum()
    assert residual <= 0.03 * 48
