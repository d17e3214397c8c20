"""The bundled park's map, opened from the disk as a planner would."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from .planned import Planned


@dataclass
class Visit:
    """What a planner saw on the map."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    drawn: int = 0
    painted: list[bool] = field(default_factory=list)
    passports: dict[str, str] = field(default_factory=dict)
    found: str = ""


PIXEL = """(plot) => {{
    const {{x, y}} = {map}.plan.data.plots.points;
    const point = {map}.latLngToContainerPoint(geoplan.toLatLng(x[plot], y[plot]));
    return [point.x, point.y];
}}"""
ALPHA = """([x, y]) => {
    const canvas = document.querySelector('canvas[data-part="plots"]');
    const box = canvas.getBoundingClientRect(), scale = canvas.width / box.width;
    const [column, row] = [(x - box.left) * scale, (y - box.top) * scale].map(Math.round);
    return canvas.getContext("2d").getImageData(column, row, 1, 1).data[3];
}"""


def look_around(page: Page, path: Path, project_name: str) -> Visit:
    """Open the map from the disk; click some plots, search a project."""
    visit = Visit()
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.on("console", lambda m: visit.errors.append(m.text) if m.type == "error" else None)
    page.on("request", lambda request: visit.requests.append(request.url))
    page.set_default_timeout(15_000)

    def opened() -> str:
        page.goto(path.as_uri())
        page.wait_for_selector("[data-ready]")
        # The page's map is a constant of the name that its element has.
        return page.locator("main").get_attribute("id")

    name = opened()
    visit.drawn = page.evaluate(f"{name}.plan.plotsDrawn")
    count = page.evaluate(f"{name}.plan.data.plots.shapes.count")
    ids = [page.evaluate(f"{name}.plan.plotId({plot})") for plot in range(count)]
    points = [page.evaluate(PIXEL.format(map=name), index) for index in range(len(ids))]
    visit.painted = [page.evaluate(ALPHA, point) > 0 for point in points]
    for index in range(0, len(ids), 40):
        # Anew each time: a popup moves the map into view.
        opened()
        page.mouse.click(*points[index])
        visit.passports[ids[index]] = page.inner_text(".geoplan-passport")
    opened()
    page.fill("input[type=search]", project_name)
    page.press("input[type=search]", "Enter")
    visit.found = page.inner_text(".geoplan-passport")
    return visit


@pytest.fixture(scope="session")
def visit(browser: Browser, planned: Planned, given: pd.DataFrame) -> Visit:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, offline=True)
    seen = look_around(context.new_page(), planned.folder / "map.html", given["name"]["IP2-063"])
    context.close()
    return seen


def test_the_map_shows_every_plot_offline_without_an_error(
    visit: Visit, planned: Planned, plots: gpd.GeoDataFrame
) -> None:
    assert visit.errors == []
    assert set(visit.requests) == {(planned.folder / "map.html").as_uri()}
    assert visit.drawn == len(plots)
    assert visit.painted == [True] * len(plots)


def test_a_click_on_a_plot_opens_its_passport(
    visit: Visit, plots: gpd.GeoDataFrame, given: pd.DataFrame
) -> None:
    assert len(visit.passports) >= 4
    holder = plots.set_index("plot_id")["project_id"]
    kinds = Counter()
    for plot_id, text in visit.passports.items():
        assert plot_id in text
        held = not pd.isna(holder[plot_id])
        kinds[held] += 1
        if held:
            assert given["name"][holder[plot_id]] in text
            assert given["sector"][holder[plot_id]].replace("_", " ") in text
    assert kinds[True] >= 2


def test_searching_a_project_by_name_opens_its_passport(
    visit: Visit, placed: gpd.GeoDataFrame, given: pd.DataFrame
) -> None:
    row = placed[placed["project_id"] == "IP2-063"].iloc[0]
    assert row["plot_id"] in visit.found
    assert given["name"]["IP2-063"] in visit.found
