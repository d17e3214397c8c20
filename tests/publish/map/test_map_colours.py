"""Colours say what the legend says, to colour-blind readers as well."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from geoplan.plan import PlanLayers
from geoplan.publish.map.colours import (
    MARKET_COLOURS,
    SECTOR_COLOURS,
    colour_by_sector,
    colour_by_state,
)

# Linear RGB as seen without red and without green cones: Machado, Oliveira and Fernandes,
# "A physiologically-based model for simulation of color vision deficiency", 2009, severity 1.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def lab(colour: str, seen: np.ndarray) -> np.ndarray:
    """Return a colour's place in CIELAB."""
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    ratio = TO_XYZ @ np.clip(seen @ linear, 0, 1) / WHITE
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("colours", [SECTOR_COLOURS, tuple(MARKET_COLOURS.values())])
def test_colours_of_one_legend_stay_apart(vision: str, colours: tuple[str, ...]) -> None:
    places = [lab(colour, VISION[vision]) for colour in colours]
    nearest = min(np.linalg.norm(a - b) for a, b in combinations(places, 2))
    assert nearest >= 12


@pytest.mark.parametrize("colour", SECTOR_COLOURS)
def test_dark_text_can_be_read_on_every_sector(colour: str) -> None:
    assert lab(colour, VISION["normal"])[0] >= 52


def table(sectors: list[str | None]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a plot of one hectare per sector and one more, free, with the projects on them."""
    ids = [f"PR{i}" for i in range(len(sectors))]
    plots = pd.DataFrame({"project_id": [*ids, None], "area_ha": 1.0, "market": "sold"})
    return plots, pd.DataFrame({"project_id": ids, "sector": sectors})


def test_the_largest_sector_comes_first_and_free_land_last() -> None:
    colouring = colour_by_sector(*table(["light_metal", "food", "food", None]))
    assert [entry["label"] for entry in colouring.entries] == [
        "food",
        "light metal",
        "sector not stated",
        "free",
    ]
    assert [entry["count"] for entry in colouring.entries] == [2, 1, 1, 1]
    assert colouring.entry_of_plot.tolist() == [1, 0, 0, 2, 3]


@pytest.mark.parametrize(("sectors", "entries"), [(12, 12), (13, 12), (40, 12)])
def test_what_exceeds_the_palette_shares_one_entry(sectors: int, entries: int) -> None:
    colouring = colour_by_sector(*table([f"sector {i:02d}" for i in range(sectors)]))
    named = [entry for entry in colouring.entries if entry["label"] != "free"]
    assert len(named) == entries
    assert sum(entry["count"] for entry in named) == sectors
    assert len({entry["colour"] for entry in named}) == entries


def test_legends_count_every_plot_and_hectare(plan: PlanLayers) -> None:
    for colouring in (colour_by_sector(plan.plots, plan.projects), colour_by_state(plan.plots)):
        assert sum(entry["count"] for entry in colouring.entries) == len(plan.plots)
        hectares = sum(entry["area_ha"] for entry in colouring.entries)
        assert hectares == pytest.approx(plan.plots["area_ha"].sum())


def test_states_stand_in_the_order_of_a_sale_and_unknown_ones_are_shown() -> None:
    states = ["sold", "for sale", "swapped", None, "reserved"]
    plots = pd.DataFrame({"market": states, "area_ha": 1.0})
    labels = [entry["label"] for entry in colour_by_state(plots).entries]
    assert labels == ["for sale", "reserved", "sold", "swapped", "not stated"]
