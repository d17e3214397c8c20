"""Odd land, each piece with its outcome: how many plots, and where the land went."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from tests.subdivide.invariants import Divided, broken, divided
from tests.subdivide.parks import Park, circle, comb, park, star

RIVER = shapely.box(290, -1, 310, 401)
FIELD = shapely.box(0, 0, 600, 400)
GATE = shapely.Point(0, 90)
SPIKED = shapely.Polygon(
    [(0, 0), (400, 0), (400, 150), (1400, 150.5), (400, 151), (400, 300), (0, 300)]
)
BOW_TIE = shapely.make_valid(shapely.Polygon([(0, 0), (600, 400), (600, 0), (0, 400)]))
ELL = FIELD - shapely.box(300, 200, 600, 400)
U = shapely.box(0, 0, 900, 600) - shapely.box(300, 200, 600, 600)

GOLDEN: dict[str, tuple[Park, int, float]] = {
    # name: park, plots at least, residual share at most
    "rectangle": (park([FIELD], gates=[GATE]), 20, 0.001),
    "square of 4 ha": (park([shapely.box(0, 0, 200, 200)]), 4, 0.001),
    "bow-tie": (park([BOW_TIE]), 9, 0.10),
    "comb": (park([comb(1400, 600, 4)]), 45, 0.01),
    "ring": (park([circle(400, 64) - circle(150, 32)]), 30, 0.06),
    "U": (park([U]), 35, 0.01),
    "L": (park([ELL]), 14, 0.03),
    "big L": (park([shapely.box(0, 0, 800, 800) - shapely.box(400, 400, 800, 800)]), 40, 0.03),
    "trapezoid": (park([shapely.Polygon([(0, 0), (900, 0), (700, 400), (150, 400)])]), 24, 0.03),
    "triangle": (park([shapely.Polygon([(0, 0), (800, 0), (0, 600)])]), 18, 0.03),
    "star": (park([star(500, 5)]), 26, 0.095),
    "circle of 20,000 vertices": (park([circle(300, 20_000)]), 22, 0.05),
    "spike": (park([SPIKED]), 9, 0.01),
    "narrow strip": (park([shapely.box(0, 0, 300, 60)]), 1, 0.001),
    "bridged river": (park([FIELD], pipelines=[RIVER], gates=[GATE]), 18, 0.03),
}
"""Land that yields plots."""


def shares(run: Divided) -> dict[str, float]:
    land = run.result.land
    by_kind: dict[str, float] = (
        land.groupby("kind")["area_ha"].sum() / land["area_ha"].sum()
    ).to_dict()
    return by_kind


@pytest.mark.parametrize("name", GOLDEN)
def test_odd_land_gives_sound_plots(name: str) -> None:
    given, plots_min, residual_max = GOLDEN[name]
    run = divided(given)
    assert broken(given, run) == []
    assert len(run.result.plots) >= plots_min
    assert shares(run).get("residual", 0.0) <= residual_max


@pytest.mark.parametrize(
    "land",
    [shapely.box(0, 0, 2000, 15), shapely.box(0, 0, 20, 20), shapely.box(0, 0, 54, 54)],
    ids=["sliver of 2000 m x 15 m", "20 m x 20 m", "just below the least plot"],
)
def test_land_too_small_for_a_plot_is_all_residual(land: Any) -> None:
    given = park([land])
    run = divided(given)
    assert broken(given, run) == []
    assert run.result.plots.empty
    assert shares(run) == {"residual": pytest.approx(1.0)}


def test_a_river_without_a_bridge_leaves_the_far_bank_residual() -> None:
    given = park([FIELD], water=[RIVER], gates=[GATE])
    run = divided(given)
    assert broken(given, run) == []
    inside = shapely.point_on_surface(run.result.plots.geometry.array)
    assert len(inside) >= 9
    assert (shapely.get_x(inside) < 672_000 + 290).all()
    far = run.result.land.cx[672_320:, :]
    assert set(far["kind"]) <= {"residual", "excluded"}
    assert shares(run)["excluded"] == pytest.approx(20 / 600, rel=1e-4)


def test_a_bridge_opens_the_far_bank() -> None:
    given = park([FIELD], pipelines=[RIVER], gates=[GATE])
    x = shapely.get_x(shapely.point_on_surface(divided(given).result.plots.geometry.array))
    assert (x < 672_290).any()
    assert (x > 672_310).any()


def test_zones_that_touch_in_a_point_are_parks_of_their_own() -> None:
    given = park([shapely.box(0, 0, 250, 250), shapely.box(250, 250, 500, 500)])
    run = divided(given)
    assert broken(given, run) == []
    assert set(run.result.plots["zone_id"]) == {"Z1", "Z2"}


def test_a_gate_that_no_street_can_reach_gives_no_plots_and_no_streets() -> None:
    given = park([FIELD], gates=[shapely.Point(-300, 90)])
    run = divided(given)
    assert broken(given, run) == []
    assert run.result.plots.empty
    assert run.laid_out.streets.empty
    assert shares(run) == {"residual": pytest.approx(1.0)}


def test_a_rail_gate_needs_no_street() -> None:
    with_rail = park([FIELD], gates=[shapely.Point(-300, 90)], gate_kind="rail")
    assert len(divided(with_rail).result.plots) == len(divided(park([FIELD])).result.plots)
