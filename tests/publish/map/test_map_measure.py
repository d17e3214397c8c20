"""Measuring on the map agrees with the plan."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from geoplan.plan import PlanLayers
from geoplan.publish.map.content import park_bounds
from geoplan.publish.map.metric import plan_metric

from .conftest import OpenMap

CORNERS = """(() => {
    const { shapes } = plan.data.plots;
    const from = shapes.vertexStart[shapes.ringStart[PLOT]];
    const to = shapes.vertexStart[shapes.ringStart[PLOT + 1]];
    return Array.from({ length: to - from }, (_, i) => (
        geoplan.toLatLng(shapes.x[from + i], shapes.y[from + i])));
})()"""


def corners(opened: OpenMap, plot: int) -> list[dict[str, float]]:
    """Return where in the window the corners of a plot lie."""
    points = CORNERS.replace("PLOT", str(plot))
    return opened.ask(f"{points}.map((corner) => map.latLngToContainerPoint(corner))")


def numbers(text: str) -> list[float]:
    """Return the numbers of a text; a thin space sets thousands apart."""
    return [float(each) for each in re.findall(r"[\d.]+", text.replace("\u2009", ""))]


def readout(opened: OpenMap) -> str:
    return opened.page.inner_text(".geoplan-measure output")


@pytest.fixture
def opened(open_map: Callable[..., OpenMap], plan: PlanLayers) -> OpenMap:
    return open_map(plan)


@pytest.mark.parametrize("crs", ["EPSG:32642", "EPSG:28412", "+proj=laea +lat_0=51 +lon_0=71"])
def test_areas_and_lengths_are_those_of_the_plan_in_its_own_crs(
    open_map: Callable[..., OpenMap], plan: PlanLayers, crs: str
) -> None:
    frames = {name: value for name, value in vars(plan).items() if hasattr(value, "to_crs")}
    plan = replace(plan, **{name: frame.to_crs(crs) for name, frame in frames.items()})
    opened = open_map(plan)
    assert opened.ask("plan.data.metric") == plan_metric(plan.zones.crs, park_bounds(plan))
    for plot in (0, 117, 239):
        shape = plan.plots.geometry.iloc[plot]
        ring = CORNERS.replace("PLOT", str(plot))
        area_ha = opened.ask(f"geoplan.areaHa(plan.data.metric, {ring})")
        assert area_ha == pytest.approx(shape.area / 10_000, rel=5e-4)
        length_m = opened.ask(f"geoplan.lengthM(plan.data.metric, [...{ring}, {ring}[0]])")
        assert length_m == pytest.approx(shape.length, rel=5e-4)


def test_clicks_near_the_corners_measure_the_plot(opened: OpenMap) -> None:
    opened.page.click("[data-tool=measure]")
    ring = corners(opened, 7)
    for corner in ring:
        opened.page.mouse.click(corner["x"] + 2, corner["y"] - 3)
    opened.page.keyboard.press("Enter")
    length_m, area_ha = numbers(readout(opened))
    plot = opened.plan.plots.iloc[7]
    sides = sorted([plot["frontage_m"], plot["depth_m"]])
    assert any(length_m == pytest.approx(sum(sides) + side, rel=1e-3) for side in sides)
    assert area_ha == pytest.approx(plot["area_ha"], rel=1e-3)
    assert numbers(opened.page.inner_text(".geoplan-measure-label")) == [length_m, area_ha]
    assert "UTM zone 42N" in opened.page.inner_text(".geoplan-measure p")
    assert opened.page.locator(".leaflet-popup").count() == 0
    assert opened.errors == []
    assert len(opened.requests) == 1


def test_a_double_click_ends_and_the_next_click_begins_anew(opened: OpenMap) -> None:
    zoom = opened.ask("map.getZoom()")
    opened.page.click("[data-tool=measure]")
    opened.page.mouse.click(500, 640)
    opened.page.mouse.dblclick(700, 640)
    ended = readout(opened)
    opened.page.mouse.move(800, 600)
    assert readout(opened) == ended
    assert opened.ask("[plan.measure.points.length, plan.measure.done]") == [2, True]
    assert opened.ask("map.getZoom()") == zoom
    opened.page.mouse.click(600, 600)
    assert opened.ask("plan.measure.points.length") == 1


def test_the_line_runs_along_with_the_pointer_and_keys_undo_clear_and_leave(
    opened: OpenMap,
) -> None:
    button = opened.page.locator("[data-tool=measure]")
    button.click()
    opened.page.mouse.click(500, 640)
    opened.page.mouse.move(600, 640)
    [length_m] = numbers(readout(opened))
    opened.page.mouse.move(700, 640)
    assert numbers(readout(opened)) == [pytest.approx(2 * length_m, rel=0.01)]
    opened.page.keyboard.press("Space")
    assert opened.ask("plan.measure.points.length") == 2
    opened.page.keyboard.press("Backspace")
    assert opened.ask("plan.measure.points.length") == 1
    opened.page.keyboard.press("Escape")
    assert opened.ask("plan.measure.points.length") == 0
    assert button.get_attribute("aria-pressed") == "true"
    opened.page.keyboard.press("Escape")
    assert opened.ask("plan.tool") is None
    assert button.get_attribute("aria-pressed") == "false"
    assert opened.page.locator(".geoplan-measure").is_hidden()
    opened.page.mouse.click(*opened.pixel_of_plot(3))
    opened.page.wait_for_selector(".geoplan-passport")


def test_another_tool_that_takes_the_pointer_ends_measuring(opened: OpenMap) -> None:
    opened.page.click("[data-tool=measure]")
    opened.page.mouse.click(500, 640)
    opened.ask("(plan.tool = 'other', plan.tell('tool'))")
    assert opened.ask("plan.measure.points.length") == 0
    assert opened.page.locator(".geoplan-measure").is_hidden()
