"""Every way to colour plots counts them all, in the order that the matter has."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from geoplan.plan import PlanLayers
from geoplan.publish.map.colours import (
    Colouring,
    colour_by_fit,
    colour_by_hazard,
    colour_by_phase,
    colour_by_use,
    colour_by_year,
    colourings_of,
)
from geoplan.publish.map.palettes import (
    FIT_COLOURS,
    FREE_COLOUR,
    HAZARD_COLOURS,
    MARKET_COLOURS,
    PALE_TO_BLUE,
    PHASE_COLOURS,
    SERVICING_COLOURS,
    UNKNOWN_COLOUR,
    USE_COLOURS,
)

from .sample import sample_plan
from .test_map_colours import VISION, lab

PALETTES = {
    "market": [*MARKET_COLOURS.values(), UNKNOWN_COLOUR],
    "phase": [*PHASE_COLOURS.values(), UNKNOWN_COLOUR, FREE_COLOUR],
    "hazard": [*HAZARD_COLOURS.values(), UNKNOWN_COLOUR, FREE_COLOUR],
    "use": [*USE_COLOURS.values(), UNKNOWN_COLOUR],
    "fit": [*FIT_COLOURS.values(), UNKNOWN_COLOUR, FREE_COLOUR],
    "servicing": [*SERVICING_COLOURS.values(), UNKNOWN_COLOUR],
    "year": [*PALE_TO_BLUE, UNKNOWN_COLOUR],
}


def labels(colouring: Colouring) -> list[str]:
    return [entry["label"] for entry in colouring.entries]


def label_of_plots(colouring: Colouring) -> list[str]:
    return [labels(colouring)[number] for number in colouring.entry_of_plot]


def projects_with(**columns: list[object]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    return pd.DataFrame({"project_id": [f"PR{i}" for i in range(count)], **columns})


def plots_of(*project_ids: str | None, area_ha: float | list[float] = 1.0) -> pd.DataFrame:
    return pd.DataFrame({"project_id": list(project_ids), "area_ha": area_ha})


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("palette", PALETTES)
def test_colours_of_one_legend_stay_apart(palette: str, vision: str) -> None:
    places = [lab(colour, VISION[vision]) for colour in PALETTES[palette]]
    assert min(np.linalg.norm(a - b) for a, b in combinations(places, 2)) >= 10


@pytest.mark.parametrize(
    "colours", [PALE_TO_BLUE, tuple(HAZARD_COLOURS.values())[::-1]], ids=["phase", "hazard"]
)
def test_what_has_an_order_deepens_step_by_step_and_dark_text_stays_legible(
    colours: tuple[str, ...],
) -> None:
    lightness = [lab(colour, VISION["normal"])[0] for colour in colours]
    assert (np.diff(lightness) < -4).all()
    assert min(lightness) >= 51


def test_every_legend_counts_every_plot_and_hectare_and_has_two_entries(plan: PlanLayers) -> None:
    colourings = colourings_of(plan.plots, plan.projects)
    assert [each.key for each in colourings] == ["sector", "state", "phase", "hazard", "use", "fit"]
    for each in colourings:
        count = [entry["count"] for entry in each.entries]
        assert len(count) > 1
        assert np.bincount(each.entry_of_plot).tolist() == count
        hectares = sum(entry["area_ha"] for entry in each.entries)
        assert hectares == pytest.approx(plan.plots["area_ha"].sum())


def test_servicing_and_years_join_when_they_differ() -> None:
    plan = sample_plan(240)
    count = len(plan.plots)
    plots = plan.plots.assign(
        servicing=np.resize(["serviced", "planned"], count),
        available_year=pd.array(np.resize([2028, 2026], count), dtype="Int64"),
    )
    keys = {each.key: labels(each) for each in colourings_of(plots, plan.projects)}
    assert keys["servicing"] == ["planned", "serviced"]
    assert keys["year"] == ["2026", "2028"]


def test_a_plan_whose_plots_are_all_alike_has_one_colouring() -> None:
    plots = plots_of(None, None).assign(market="for sale", use="production")
    assert [labels(each) for each in colourings_of(plots, projects_with(sector=[]))] == [["free"]]


def test_phases_follow_a_project_from_application_to_operation() -> None:
    projects = projects_with(status=["operation", "application", None, "on hold"])
    plots = plots_of("PR0", "PR1", "PR2", "PR3", None)
    colouring = colour_by_phase(plots, projects)
    assert labels(colouring) == ["application", "operation", "on hold", "not stated", "free"]
    assert label_of_plots(colouring)[0] == "operation"


def test_a_project_without_a_hazard_class_is_not_taken_for_free_land() -> None:
    projects = projects_with(hazard_class=pd.array([4, None, 1], dtype="Int64"))
    colouring = colour_by_hazard(plots_of("PR0", "PR1", "PR2", None), projects)
    assert labels(colouring) == ["I", "IV", "no class", "free"]
    assert label_of_plots(colouring) == ["IV", "no class", "I", "free"]


def test_area_fit_adds_the_plots_of_a_project_and_knows_its_bounds() -> None:
    asked = [2.0, 1.0, 1.0, 1.0, 1.0, None, 0.0]
    held = [1.0, 1.0, 1.05, 0.849, 1.15, 1.0002, 1.0, 1.0, 1.0]
    owners = ["PR0", "PR0", "PR1", "PR2", "PR3", "PR4", "PR5", "PR6", None]
    colouring = colour_by_fit(plots_of(*owners, area_ha=held), projects_with(area_ha=asked))
    exact, near, off, far = FIT_COLOURS
    expected = [exact, exact, near, far, off, exact, "not stated", "not stated", "free"]
    assert label_of_plots(colouring) == expected


def test_years_beyond_the_palette_share_the_last_entry_and_the_first_is_deepest() -> None:
    years = pd.array([2034, *range(2026, 2034), None], dtype="Int64")
    colouring = colour_by_year(plots_of(*[None] * len(years)).assign(available_year=years))
    known = [str(year) for year in range(2026, 2031)]
    assert labels(colouring) == [*known, "later", "not stated"]
    assert colouring.entries[0]["colour"] == PALE_TO_BLUE[-1]
    assert colouring.entries[5]["count"] == 4


def test_a_word_of_an_input_that_is_one_of_ours_joins_it() -> None:
    plots = plots_of(None, None).assign(use=["not stated", None])
    assert labels(colour_by_use(plots)) == ["not stated"]


def test_colourings_do_not_depend_on_the_order_of_projects(plan: PlanLayers) -> None:
    turned = replace(plan, projects=plan.projects.iloc[::-1].reset_index(drop=True))
    for one, other in zip(
        colourings_of(plan.plots, plan.projects),
        colourings_of(plan.plots, turned.projects),
        strict=True,
    ):
        assert one.entries == other.entries
        assert (one.entry_of_plot == other.entry_of_plot).all()
