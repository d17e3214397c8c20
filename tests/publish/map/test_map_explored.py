"""One layer on a map of its own, coloured by any column, here and within a notebook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import nbformat
import numpy as np
import pandas as pd
import pytest
import shapely
from nbclient import NotebookClient
from playwright.sync_api import expect

from geoplan.errors import GeoplanError
from geoplan.plan import PlanLayers
from geoplan.publish.map import explored_map
from geoplan.publish.map.explored import LAYER_TITLES

from ..conftest import Opened
from ..hostile import HOSTILE
from .conftest import OPEN_MS, OpenMap

OpeningDrawn = Callable[..., OpenMap]
CELLS = (
    """
from tests.publish.map.sample import sample_plan
from geoplan.publish.map import explored_map, plan_map
plan = sample_plan(60)
""",
    "plan_map(plan)",
    "explored_map(plan, 'streets', colour='class')",
)


def legend(opened: OpenMap) -> dict[str, int]:
    return opened.ask(
        "Object.fromEntries(plan.colouring().entries.map((one) => [one.label, one.count]))"
    )


def test_lines_are_drawn_in_the_colours_of_their_column_and_say_all_columns(
    open_drawn: OpeningDrawn, plan: PlanLayers
) -> None:
    opened = open_drawn(explored_map(plan, "streets", colour="class"), plan)
    assert legend(opened) == plan.streets["class"].value_counts().to_dict()
    middle = plan.streets.to_crs("EPSG:4326").geometry.iloc[1].interpolate(0.3, normalized=True)
    point = opened.ask(f"map.latLngToContainerPoint([{middle.y}, {middle.x}])")
    opened.page.mouse.move(point["x"], point["y"])
    tooltip = opened.page.locator(".leaflet-tooltip")
    expect(tooltip).to_contain_text(plan.streets["street_id"].iloc[1])
    expect(tooltip).to_contain_text("row_m")
    colour = opened.ask("plan.colouring().entries[plan.colouring().codes[1]].colour")
    opened.page.mouse.move(1, 1)
    assert opened.colour_at(point["x"], point["y"]) == colour
    opened.page.get_by_role("button", name="Tables and charts").click()
    expect(opened.page.get_by_role("tab").first).to_have_text("Streets")
    assert opened.errors == []
    assert len(opened.requests) == 1


@pytest.mark.parametrize("name", LAYER_TITLES)
def test_every_layer_can_be_explored_and_gives_the_same_bytes(plan: PlanLayers, name: str) -> None:
    first, second = (explored_map(plan, name).get_root().render() for _ in range(2))
    assert first == second


def odd_frame(plan: PlanLayers) -> gpd.GeoDataFrame:
    """Return points with columns of every sort, hostile texts and places that are missing."""
    count = len(HOSTILE)
    west, south, east, north = plan.zones.to_crs("EPSG:4326").total_bounds
    shapes = shapely.points(np.linspace(west, east, count), np.linspace(south, north, count))
    shapes[1] = None
    return gpd.GeoDataFrame(
        {
            HOSTILE[0]: list(HOSTILE),
            "</script>": np.linspace(0, 1, count),
            "{{7*7}}": pd.to_datetime("2026-01-01") + pd.to_timedelta(range(count), unit="D"),
            "list": [[row] for row in range(count)],
            "long": [10**14 + row for row in range(count)],
            "truth": pd.array([True, False, None] * count, dtype="boolean")[:count],
            "kind": pd.Categorical((["a", "b", None] * count)[:count]),
            "none": None,
            5: 1.5,
        },
        geometry=shapes,
        crs="EPSG:4326",
    )


def test_any_frame_can_be_explored_and_what_it_says_stays_text(
    open_drawn: OpeningDrawn, plan: PlanLayers
) -> None:
    frame = odd_frame(plan)
    opened = open_drawn(explored_map(plan, frame, colour=HOSTILE[0]), plan)
    assert opened.ask("plan.data.plots.shapes.count") == len(frame) - 1
    titles = opened.ask("plan.data.colourings.map(({ title }) => title)")
    assert titles == [HOSTILE[0], "</script>", "truth", "kind"]
    told = opened.ask(
        "[...plan.data.plots.project].map((_, row) => {"
        "  const box = geoplan.passport(plan, row);"
        "  map.getContainer().append(box, geoplan.plotCaption(plan, row));"
        "  return box.querySelector('h2').textContent; })"
    )
    assert told == [text for row, text in enumerate(HOSTILE) if row != 1]
    opened.page.get_by_role("button", name="Tables and charts").click()
    assert "100000000000002" in opened.page.inner_text(".geoplan-grid tbody")
    assert (
        opened.page.locator("main :is(script, img, iframe, style, base, link, meta)").count() == 0
    )
    assert opened.page.evaluate("window.hacked") is None
    assert opened.errors == []
    assert len(opened.requests) == 1


def test_numbers_have_classes_that_hold_them_all(
    plan: PlanLayers, open_drawn: OpeningDrawn
) -> None:
    plots = plan.plots.assign(price=np.arange(len(plan.plots)) ** 2 / 7)
    opened = open_drawn(explored_map(replace(plan, plots=plots), "plots", colour="price"), plan)
    assert opened.ask("plan.plotsDrawn") == len(plots)
    assert opened.page.locator("[data-tool=edit]").count() == 0
    counts = legend(opened)
    assert sum(counts.values()) == len(plots)
    assert set(counts.values()) == {len(plots) // 6}
    codes = opened.ask("[...plan.colouring().codes]")
    assert codes == sorted(codes)


@pytest.mark.parametrize(
    ("layer", "colour", "said"),
    [
        ("street", None, "Did you mean 'streets'"),
        ("plots", "areaha", "Did you mean 'area_ha'"),
        (gpd.GeoDataFrame(geometry=[shapely.Point(1, 1)]), None, "CRS"),
    ],
)
def test_what_is_not_there_is_named(
    plan: PlanLayers, layer: object, colour: str | None, said: str
) -> None:
    with pytest.raises(GeoplanError, match=said):
        explored_map(plan, layer, colour=colour)


def test_a_notebook_shows_maps_at_work(open_file: Callable[..., Opened], tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    root = Path(__file__).parents[3]
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(root)}}).execute()
    shown = [cell.outputs[-1]["data"]["text/html"] for cell in notebook.cells[1:]]
    path = tmp_path / "notebook.html"
    path.write_text("<!DOCTYPE html><title>Notebook</title>" + "".join(shown), encoding="utf-8")
    opened = open_file(path)
    frames = opened.page.main_frame.child_frames
    assert len(frames) == 2
    for frame in frames:
        frame.wait_for_selector("[data-ready]", timeout=OPEN_MS)
        assert frame.evaluate("geoplan.plan.plotsDrawn") > 0
    frames[0].evaluate("geoplan.plan.visit(0) && 0")
    expect(frames[0].locator(".geoplan-passport h2")).to_have_text("Plot P1-001")
    frames[0].get_by_role("button", name="Tables and charts").click()
    expect(frames[0].locator(".geoplan-grid tbody tr").nth(1)).to_be_visible()
    assert frames[1].locator(".geoplan-legend-entries button").count() == 3
    assert opened.errors == []
    assert [url for url in opened.requests if not url.startswith(("file:", "about:"))] == []
