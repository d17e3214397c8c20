"""What holds of every subdivision holds of parks drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoplan.config import SubdivideSettings
from geoplan.subdivide.plots import Pieces, cut
from tests.subdivide.conftest import whole_stage
from tests.subdivide.invariants import SETTINGS, Divided, broken, divided
from tests.subdivide.parks import CRS, Park, T, park, random_park

COARSE = SubdivideSettings(
    mode="grid",
    plot_min_ha=0.8,
    frontage_min_m=45,
    depth_to_frontage_max=2.0,
    street_local_m=14,
    street_collector_m=30,
    market_plot_ha=2.5,
    block_length_max_m=350,
    layouts_max=60,
)


class Drawn:
    """Choices made by Hypothesis, which shrinks them."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def real(self, low: float, high: float) -> float:
        return self.draw(st.floats(low, high, allow_subnormal=False))

    def whole(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def one_of(self, options: Sequence[T]) -> T:
        return self.draw(st.sampled_from(options))


@st.composite
def parks(draw: st.DrawFn) -> Park:
    return random_park(Drawn(draw))


def wkb(run: Divided) -> list[Any]:
    layers = (run.result.land, run.result.plots, run.result.zones, run.laid_out.streets)
    tables = [layer.drop(columns="geometry").to_csv() for layer in layers]
    return [*(shapely.to_wkb(layer.geometry.array).tolist() for layer in layers), *tables]


@whole_stage()
@given(parks())
def test_every_park_is_divided_soundly(drawn: Park) -> None:
    assert broken(drawn, divided(drawn)) == []


@pytest.mark.parametrize("seed", range(12))
def test_other_settings_are_kept_as_well(seed: int) -> None:
    drawn = random_park(Seeded(seed))
    assert broken(drawn, divided(drawn, COARSE), COARSE) == []


@pytest.mark.parametrize("seed", range(6))
def test_inputs_are_left_alone_and_the_same_input_gives_the_same_bytes(seed: int) -> None:
    drawn = random_park(Seeded(seed))
    before = [layer.to_wkb() for layer in (drawn.zones, drawn.exclusions, drawn.gates)]
    first, second = divided(drawn), divided(drawn)
    after = [layer.to_wkb() for layer in (drawn.zones, drawn.exclusions, drawn.gates)]
    assert all(a.equals(b) for a, b in zip(before, after, strict=True))
    assert wkb(first) == wkb(second)


class Seeded:
    """Choices of a seeded generator."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)

    def real(self, low: float, high: float) -> float:
        return float(self.generator.uniform(low, high))

    def whole(self, low: int, high: int) -> int:
        return int(self.generator.integers(low, high + 1))

    def one_of(self, options: Sequence[T]) -> T:
        return options[int(self.generator.integers(len(options)))]


def unequal_pieces(run: Divided, seed: int) -> Pieces:
    """Areas as projects ask for them: any that the strip's least plot allows."""
    generator = np.random.default_rng(seed)
    table = run.laid_out.strips.table
    strip: list[int] = []
    area_ha: list[float] = []
    for index, (room_ha, least_ha) in enumerate(
        zip(table["area_ha"], table["plot_area_min_ha"], strict=True)
    ):
        count = max(1, int(room_ha / least_ha / generator.uniform(1, 2)))
        spare_ha = room_ha - count * least_ha
        area_ha += (least_ha + spare_ha * generator.dirichlet(np.ones(count))).tolist()
        strip += [index] * count
    return Pieces(np.array(strip, dtype=np.intp), np.array(area_ha) * 1e4)


@pytest.mark.parametrize("seed", range(6000, 6010))
def test_unequal_areas_are_cut_as_they_were_asked_for(seed: int) -> None:
    drawn = random_park(Seeded(seed))
    run = divided(drawn)
    pieces = unequal_pieces(run, seed)
    assert (run.laid_out.strips.table.eval("area_ha - plot_area_min_ha") > -1e-9).all()
    result = cut(
        drawn.zones,
        drawn.exclusions,
        run.laid_out.street_parts,
        run.laid_out.strips,
        pieces,
        SETTINGS,
    )
    assert broken(drawn, Divided(run.laid_out, pieces, result)) == []
    assert len(result.plots) == len(pieces.strip)


def test_a_park_without_plotted_zones_has_land_but_no_plots() -> None:
    green = park([shapely.box(0, 0, 300, 200), shapely.box(300, 0, 500, 200)], uses=["green"] * 2)
    run = divided(green)
    assert run.result.plots.empty
    assert set(run.result.land["kind"]) == {"green"}
    assert run.result.land.crs == CRS
