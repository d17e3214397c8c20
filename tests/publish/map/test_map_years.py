"""The years below the map: what is served and what runs by each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geoplan.plan import PlanLayers

from .conftest import OpenMap
from .test_map_browser import colour_at

YEARS = [2026, 2027, 2028]


def phased(plan: PlanLayers) -> PlanLayers:
    """Return the plan with land that is served a year at a time; one plot says no year."""
    years = pd.array(np.resize(YEARS, len(plan.plots)), dtype="Int64")
    years[5] = None
    return replace(plan, plots=plan.plots.assign(available_year=years))


@pytest.fixture
def opened(open_map: Callable[..., OpenMap], plan: PlanLayers) -> OpenMap:
    return open_map(phased(plan))


def told(opened: OpenMap) -> list[str]:
    return opened.page.locator(".geoplan-year dd").all_inner_texts()


def expected(plan: PlanLayers, year: int) -> list[str]:
    """Return what the plan itself says of a year."""
    placed = plan.projects[plan.projects["project_id"].isin(plan.plots["project_id"])]
    runs = placed[placed["start_year"] <= year]
    served = int((plan.plots["available_year"].fillna(0) <= year).sum())
    return [
        f"{served} of {len(plan.plots)}",
        f"{len(runs)} of {len(placed)}",
        f"{round(runs['invest_bn_kzt'].sum(), 1):g} bn KZT",
    ]


def test_the_slider_goes_through_the_years_by_keyboard_and_says_so(opened: OpenMap) -> None:
    slider = opened.page.get_by_label("All years", exact=True)
    assert slider.get_attribute("aria-valuetext") == "all years"
    whole = expected(opened.plan, 9999)
    assert told(opened) == whole
    slider.focus()
    opened.page.keyboard.press("Home")
    slider = opened.page.get_by_label("Land that is served and projects that run by 2026")
    assert slider.get_attribute("aria-valuetext") == "2026"
    assert told(opened) == expected(opened.plan, 2026)
    opened.page.keyboard.press("ArrowRight")
    assert opened.ask("plan.year") == 2027
    assert told(opened) == expected(opened.plan, 2027)
    centre = opened.ask("map.getCenter()")
    opened.page.keyboard.press("End")
    assert opened.ask("[plan.year, plan.shown, plan.painted]") == [None, None, None]
    assert told(opened) == whole
    assert opened.ask("map.getCenter()") == centre
    assert opened.errors == []
    assert len(opened.requests) == 1


def test_land_to_come_fades_and_projects_to_come_leave_their_plots_reserved(
    opened: OpenMap,
) -> None:
    plots = opened.plan.plots
    start = plots["project_id"].map(opened.plan.projects.set_index("project_id")["start_year"])
    start = start.astype(float)
    opened.ask("plan.showYear(2027)")
    opened.page.wait_for_timeout(100)
    served = plots["available_year"].astype(float).fillna(0) <= 2027
    assert opened.ask("[...plan.shown]") == served.astype(int).tolist()
    opened.ask("map.setZoom(17, {animate: false})")

    def colour(plot: int) -> str:
        opened.ask(
            f"map.panTo(geoplan.toLatLng(plan.data.plots.points.x[{plot}],"
            f" plan.data.plots.points.y[{plot}]), {{animate: false}})"
        )
        x, y = opened.pixel_of_plot(plot)
        # Beside the point itself, for a hatch crosses the plot.
        return max(colour_at(opened, x + dx, y) for dx in range(-30, -20))

    runs = int((served & (start <= 2027)).to_numpy().nonzero()[0][0])
    waits = int((served & (start > 2027)).to_numpy().nonzero()[0][0])
    entry = opened.ask(f"plan.colouring().entries[plan.colouring().codes[{runs}]].colour")
    assert colour(runs) == entry
    assert colour(waits) == "#e6e1d6"


def test_years_and_the_other_filters_add_up_and_other_colours_keep_the_year(
    opened: OpenMap,
) -> None:
    opened.ask("plan.showYear(2026)")
    opened.page.locator(".geoplan-legend-entries button").first.click()
    largest = opened.ask("[...plan.colouring().codes].map((code) => code === 0)")
    served = opened.plan.plots["available_year"].fillna(0) <= 2026
    both = [int(a and b) for a, b in zip(largest, served, strict=True)]
    assert opened.ask("[...plan.shown]") == both
    opened.ask("plan.colourBy('phase')")
    assert opened.ask("[...plan.shown]") == served.astype(int).tolist()
    waiting = opened.ask(
        "[...plan.painted.codes].filter((c) => c === plan.colouring().entries.length).length"
    )
    start = opened.plan.plots["project_id"].map(
        opened.plan.projects.set_index("project_id")["start_year"]
    )
    assert waiting == int((start > 2026).sum())


def test_playing_steps_from_the_first_year_and_can_be_stopped(opened: OpenMap) -> None:
    opened.page.clock.install()
    opened.page.get_by_role("button", name="Play the years").click()
    assert opened.ask("plan.year") == YEARS[0]
    opened.page.clock.run_for(1300)
    assert opened.ask("plan.year") == YEARS[1]
    opened.page.get_by_role("button", name="Pause").click()
    opened.page.clock.run_for(5000)
    assert opened.ask("plan.year") == YEARS[1]


def test_a_plan_of_one_year_has_no_slider(
    open_map: Callable[..., OpenMap], plan: PlanLayers
) -> None:
    projects = plan.projects.assign(start_year=pd.array([2026] * len(plan.projects), "Int64"))
    opened = open_map(replace(plan, projects=projects))
    assert opened.page.locator(".geoplan-year").count() == 0
    assert opened.errors == []
