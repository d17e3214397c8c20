"""The printed sheet: in day colours, at the scale that it names, and undone afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from geoplan.plan import PlanLayers

from .conftest import OpenMap

MM_PER_PX = 25.4 / 96
PAPERS_PT = {
    ("A4", "landscape"): (842, 595),
    ("A3", "portrait"): (842, 1191),
}


@pytest.fixture
def opened(open_map: Callable[..., OpenMap], plan: PlanLayers) -> OpenMap:
    return open_map(plan)


def ask_for(opened: OpenMap, **answers: str) -> None:
    """Answer the dialog of the tool; the browser's own command is called in its place."""
    opened.page.evaluate("window.print = () => {}")
    opened.page.click("[data-tool=print]")
    for name, value in answers.items():
        opened.page.select_option(f".geoplan-ask [name={name}]", value)
    opened.page.get_by_role("button", name="Print", exact=True).click()
    opened.page.wait_for_selector("dialog", state="detached")


def begin(opened: OpenMap) -> None:
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")


def end(opened: OpenMap) -> None:
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")


@pytest.mark.parametrize("paper", PAPERS_PT)
def test_the_sheet_is_one_page_of_the_paper_asked_for(
    opened: OpenMap, paper: tuple[str, str]
) -> None:
    ask_for(opened, paper=paper[0], way=paper[1])
    document = opened.page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", document)
    assert [tuple(round(float(side)) for side in box) for box in boxes] == [PAPERS_PT[paper]]
    assert opened.errors == []
    assert len(opened.requests) == 1


def test_the_sheet_has_title_legend_scale_and_north_and_no_panels(opened: OpenMap) -> None:
    opened.ask("plan.showYear(2027)")
    begin(opened)
    page = opened.page
    assert page.inner_text("body > header h1") == opened.plan.name
    assert opened.plan.notice in page.inner_text("body > header")
    legend = page.locator("body > aside .geoplan-legend-entries bdi").all_inner_texts()
    assert legend == opened.ask("plan.colouring().entries.map(({label}) => label)")
    assert "run by 2027" in page.inner_text("body > aside")
    assert "Road gate" in page.inner_text("body > aside")
    assert page.locator(".leaflet-control-scale").is_visible()
    assert page.locator(".geoplan-north").is_visible()
    for hidden in (".geoplan-panel", ".geoplan-bar", ".leaflet-control-layers", ".geoplan-foot"):
        assert page.locator(hidden).is_hidden()
    boxes = [page.locator(f"body > {tag}").bounding_box() for tag in ("main", "aside", "footer")]
    sheet = page.locator("body").bounding_box()
    assert all(box["y"] + box["height"] <= sheet["height"] + 1 for box in boxes)
    assert all(box["x"] + box["width"] <= sheet["width"] + 1 for box in boxes)
    assert_scale_holds(opened)


def assert_scale_holds(opened: OpenMap) -> None:
    """Assert that the park lies on the sheet at the scale that is named there."""
    named = opened.page.inner_text("body > footer").replace("\u2009", "")
    scale = int(re.search(r"1:(\d+) on A4", named)[1])
    points = opened.plan.plots.geometry.representative_point()
    metres = points.iloc[0].distance(points.iloc[239])
    (ax, ay), (bx, by) = opened.pixel_of_plot(0), opened.pixel_of_plot(239)
    paper_mm = ((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5 * MM_PER_PX
    assert paper_mm * scale / 1000 == pytest.approx(metres, rel=0.005)
    size = opened.ask("map.getSize()")
    for corner in opened.ask("plan.data.bounds.map((c) => map.latLngToContainerPoint(c))"):
        assert 0 < corner["x"] < size["x"]
        assert 0 < corner["y"] < size["y"]


def test_it_is_day_on_paper_and_the_screen_is_as_before_afterwards(opened: OpenMap) -> None:
    opened.page.click("[data-tool=theme]")
    opened.page.locator(".geoplan-legend-entries button").first.click()
    state = "[plan.theme, map.getCenter(), map.getZoom(), map.getSize(), [...plan.shown]]"
    before = opened.ask(state)
    html = "document.body.children.length"
    children = opened.page.evaluate(html)
    begin(opened)
    assert opened.page.evaluate("document.body.dataset.theme") == "day"
    paper = """[...document.querySelector('.geoplan-picture').getContext('2d')
        .getImageData(3, 3, 1, 1).data]"""
    assert opened.page.evaluate(paper) == [255, 255, 255, 255]
    x, y = (2.5 * side for side in opened.pixel_of_plot(0))
    entry = opened.ask("plan.colouring().codes[0] && 'faded'")
    data = f"""[...document.querySelector('.geoplan-picture').getContext('2d')
        .getImageData({round(x) - 12}, {round(y) - 12}, 1, 1).data]"""
    assert entry == "faded"
    assert opened.page.evaluate(data) != [255, 255, 255, 255]
    end(opened)
    assert opened.ask(state) == before
    assert opened.page.evaluate("document.body.dataset.theme") == "night"
    assert opened.page.evaluate(html) == children
    assert opened.page.locator(".geoplan-picture").count() == 0
    assert opened.errors == []


def test_what_the_map_shows_can_be_printed_instead_of_the_park(opened: OpenMap) -> None:
    ask_for(opened, extent="sight")
    opened.ask("map.setView(map.getCenter(), 17, {animate: false})")
    centre = opened.ask("map.containerPointToLatLng([650, 400])")
    begin(opened)
    assert opened.ask(f"map.getBounds().contains([{centre['lat']}, {centre['lng']}])")
    assert opened.ask("plan.data.bounds.every((c) => map.getBounds().contains(c))") is False
