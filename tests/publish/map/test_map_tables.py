"""The tables of the dock: what they show, and how they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from geoplan.plan import PlanLayers

from .conftest import OpenMap
from .dock import clean, column, foot, head, numbers, show, sort, speak
from .sample import sample_plan

Opening = Callable[..., OpenMap]


@pytest.fixture
def opened(open_map: Opening, plan: PlanLayers) -> OpenMap:
    return open_map(plan)


def test_only_rows_in_view_are_in_the_page_and_all_can_be_reached(opened: OpenMap) -> None:
    show(opened, "Plots")
    grid = opened.page.get_by_role("grid", name="Plots")
    ids = opened.plan.plots["plot_id"].tolist()
    assert grid.get_attribute("aria-rowcount") == str(len(ids) + 2)
    shown = column(opened, "Plot")
    assert shown == ids[: len(shown)]
    assert len(shown) < 40
    opened.page.locator(".geoplan-scroller").evaluate("(box) => { box.scrollTop = 1e6; }")
    opened.page.wait_for_selector(f'[aria-rowindex="{len(ids) + 1}"]')
    shown = column(opened, "Plot")
    assert shown == ids[-len(shown) :]
    top = opened.page.locator(".geoplan-grid thead th").first.bounding_box()["y"]
    box = opened.page.locator(".geoplan-scroller").bounding_box()
    assert top == pytest.approx(box["y"], abs=2)
    assert clean(opened)


def test_sorting_puts_numbers_by_value_texts_by_language_and_nothing_last(
    open_map: Opening, plan: PlanLayers
) -> None:
    jobs = plan.projects["jobs"].copy()
    jobs.iloc[:3] = pd.NA
    names = ["Жібек", "Әсем", "Қамба", "P10", "P2", "ёлка"]
    projects = plan.projects.assign(jobs=jobs).head(6).assign(name=names)
    opened = open_map(replace(plan, projects=projects))
    speak(opened, "kk", {"Language": "Тіл"})
    show(opened, "Projects")
    want = [str(number) for number in sorted(jobs.iloc[3:6])]
    sort(opened, "Jobs")
    assert column(opened, "Jobs") == [*want, "", "", ""]
    assert head(opened, "Jobs").get_attribute("aria-sort") == "ascending"
    sort(opened, "Jobs")
    assert column(opened, "Jobs") == [*want[::-1], "", "", ""]
    assert head(opened, "Jobs").get_attribute("aria-sort") == "descending"
    sort(opened, "Name")
    assert head(opened, "Jobs").get_attribute("aria-sort") == "none"
    shown = column(opened, "Name")
    assert shown.index("P2") < shown.index("P10")
    assert shown.index("Әсем") < shown.index("Жібек") < shown.index("Қамба")


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        (">5", lambda value: value > 5),
        ("<= 1.5", lambda value: value <= 1.5),
        ("1-3", lambda value: 1 <= value <= 3),
        ("1,5 – 2", lambda value: 1.5 <= value <= 2),
        ("what", lambda value: value == value),
    ],
)
def test_ranges_filter_numbers_and_sums_follow(
    opened: OpenMap, asked: str, holds: Callable[[pd.Series], pd.Series]
) -> None:
    show(opened, "Projects")
    opened.page.get_by_role("button", name="Filter columns").click()
    field = opened.page.get_by_label("Filter: Investment")
    field.fill(asked)
    wanted = opened.plan.projects[holds_each(opened.plan.projects["invest_bn_kzt"], holds)]
    assert opened.page.inner_text(".geoplan-controls [role=status]").startswith(f"{len(wanted)} of")
    sums = [("Investment", "invest_bn_kzt"), ("Jobs", "jobs"), ("Power", "power_mw")]
    for title, name in sums:
        assert numbers([foot(opened, title).removeprefix("Σ ")]) == pytest.approx(
            [float(wanted[name].sum())]
        )
    assert field.get_attribute("aria-invalid") == str(asked == "what").lower()


def holds_each(values: pd.Series, holds: Callable[[float], bool]) -> pd.Series:
    return values.map(holds).astype(bool)


def test_texts_are_found_in_any_column_and_chosen_in_one(opened: OpenMap) -> None:
    show(opened, "Projects")
    projects = opened.plan.projects
    opened.page.get_by_label("Filter the table").fill("PHARMA MED")
    pharma = projects[projects["sector"] == "pharma_medical"]
    assert set(column(opened, "Project")) <= set(pharma["project_id"])
    assert opened.ask("plan.grid.rows.length") == len(pharma) > 0
    opened.page.get_by_label("Filter the table").fill(f"{projects['power_mw'].iloc[7]:g}")
    assert projects["project_id"].iloc[7] in column(opened, "Project")
    opened.page.get_by_label("Filter the table").fill("")
    opened.page.get_by_role("button", name="Filter columns").click()
    opened.page.get_by_label("Filter: State").select_option("unplaced")
    assert column(opened, "Project") == [f"PU{i:04d}" for i in range(4)]
    assert column(opened, "Waiting list, place") == ["1", "2", "3", "4"]
    assert set(column(opened, "Why it has no plot")) == {opened.plan.allocation["reason"].iloc[-1]}
    opened.page.locator("[data-row]").first.click()
    reason = opened.plan.allocation["reason"].iloc[-1]
    assert opened.page.inner_text(".geoplan-detail") == f"Why it has no plot: {reason}"
    assert "PU0000" in opened.page.evaluate("document.activeElement.innerText")
    opened.page.get_by_label("Filter: Plots").fill("no such plot")
    assert column(opened, "Project") == []
    # Whoever puts the filters away has all rows again.
    opened.page.get_by_role("button", name="Filter columns").click()
    assert opened.ask("plan.grid.rows.length") == len(projects)


def test_a_row_opens_its_plot_and_a_plot_marks_its_row(opened: OpenMap) -> None:
    show(opened, "Plots")
    opened.page.locator("[data-row='3']").click()
    ids = opened.plan.plots["plot_id"]
    assert opened.page.inner_text(".geoplan-passport h2") == f"Plot {ids[3]}"
    assert opened.page.locator("[data-row='3']").get_attribute("aria-selected") == "true"
    popup = opened.page.locator(".leaflet-popup").bounding_box()
    dock = opened.page.locator(".geoplan-dock").bounding_box()
    assert popup["y"] + popup["height"] <= dock["y"]
    opened.page.locator("[data-row='4']").hover()
    assert opened.ask("plan.hovered") == 4
    opened.ask("plan.visit(200)")
    row = opened.page.locator("[data-row='200']")
    assert row.get_attribute("aria-selected") == "true"
    box = row.bounding_box()
    assert dock["y"] < box["y"]
    assert box["y"] + box["height"] <= 900
    show(opened, "Projects")
    project = opened.plan.plots["project_id"][200]
    marked = opened.page.locator("[aria-selected=true][data-row]")
    assert marked.count() == int(not pd.isna(project))
    opened.page.keyboard.press("Escape")
    opened.ask("map.closePopup()")
    assert marked.count() == 0
    assert clean(opened)


def test_a_projects_row_shows_all_its_plots(open_map: Opening, plan: PlanLayers) -> None:
    plots = plan.plots.copy()
    plots.loc[[0, 239], "project_id"] = "PU0000"
    opened = open_map(replace(plan, plots=plots))
    show(opened, "Projects")
    opened.page.get_by_label("Filter the table").fill("PU0000")
    ids = plots["plot_id"]
    assert column(opened, "Plots") == [f"{ids[0]}, {ids[239]}"]
    assert column(opened, "Area given, ha") == ["1.2"]
    opened.page.locator("[data-row]").click()
    assert opened.page.inner_text(".geoplan-passport h2") == f"Plot {ids[0]}"
    inside = "[0, 239].every((i) => map.getBounds().contains(plan.data.plots.shapes.bounds(i)))"
    assert opened.ask(inside)


def test_findings_and_streets_are_shown_on_the_map(opened: OpenMap) -> None:
    show(opened, "Findings")
    assert column(opened, "Severity") == ["Error", "Warning", "Note"]
    opened.page.locator("[data-row='2']").click()  # it has no place
    assert opened.page.locator(".leaflet-popup").count() == 0
    for row, words in enumerate(opened.plan.findings["message"].head(2)):
        opened.page.locator(f"[data-row='{row}']").click()
        assert words in opened.page.locator(".leaflet-popup").last.inner_text()
    assert opened.ask("plan.shows('findings')")
    show(opened, "Streets")
    street = opened.plan.streets.iloc[5]
    opened.page.locator("[data-row='5']").click()
    heading = opened.page.locator(".leaflet-popup strong").last.inner_text()
    assert heading == f"{street['class'].capitalize()} street {street['street_id']}"


def test_the_map_can_show_the_tables_plots_only(opened: OpenMap) -> None:
    show(opened, "Projects")
    opened.page.get_by_role("button", name="Only these on the map").click()
    opened.page.get_by_role("button", name="Filter columns").click()
    opened.page.get_by_label("Filter: Jobs").fill(">100")
    many = opened.plan.projects.query("jobs > 100")["project_id"]
    wanted = opened.plan.plots["project_id"].isin(many).astype(int).tolist()
    assert opened.ask("[...plan.shown]") == wanted
    opened.page.get_by_role("button", name="Close", exact=True).click()
    opened.page.get_by_role("button", name="Only plots of the table are shown").click()
    assert opened.ask("plan.shown") is None
    assert opened.page.locator(".geoplan-reminder").count() == 0
    show(opened, "Projects")
    pressed = opened.page.get_by_role("button", name="Only these on the map")
    assert pressed.get_attribute("aria-pressed") == "false"


def test_keys_walk_through_rows_open_one_and_come_back(opened: OpenMap) -> None:
    show(opened, "Plots")
    focused = "document.activeElement.getAttribute('aria-rowindex')"
    press = opened.page.keyboard.press
    opened.page.locator("thead button[tabindex='0']").focus()
    press("ArrowRight")
    assert opened.page.evaluate("document.activeElement.textContent") == "Project"
    press("ArrowDown")
    assert opened.page.evaluate(focused) == "2"
    press("End")
    assert opened.page.evaluate(focused) == str(len(opened.plan.plots) + 1)
    press("ArrowUp")
    press("Enter")
    assert opened.plan.plots["plot_id"].iloc[-2] in opened.page.inner_text(".geoplan-passport h2")
    assert opened.page.evaluate("!!document.activeElement.closest('.leaflet-popup')")
    press("Escape")
    assert opened.page.evaluate(focused) == str(len(opened.plan.plots))
    press("Home")
    press("ArrowUp")
    assert opened.page.evaluate("document.activeElement.closest('thead') !== null")
    stops = opened.page.locator(".geoplan-grid [tabindex='0']").count()
    assert stops == 2  # the heads and the rows are a stop each


def test_columns_can_be_hidden_and_the_table_remembers(opened: OpenMap) -> None:
    show(opened, "Plots")
    opened.page.get_by_role("button", name="Filter columns").click()
    opened.page.get_by_label("Filter: Sector").select_option("food")
    assert opened.ask("plan.grid.rows.length") < len(opened.plan.plots)
    opened.page.get_by_role("button", name="Columns", exact=True).click()
    opened.page.get_by_label("Sector", exact=True).uncheck()
    assert opened.ask("plan.grid.rows.length") == len(opened.plan.plots)
    opened.page.keyboard.press("Escape")
    sort(opened, "Frontage, m")
    show(opened, "Projects")
    show(opened, "Plots")
    heads = opened.page.locator("thead th").all_inner_texts()
    assert not any(title.startswith("Sector") for title in heads)
    assert heads[0].startswith("Plot")
    assert head(opened, "Frontage, m").get_attribute("aria-sort") == "ascending"


def test_labels_follow_the_language(opened: OpenMap) -> None:
    show(opened, "Plots")
    speak(
        opened,
        "ru",
        {
            "Plot": "Участок",
            "Plots": "Участки",
            "Area": "Площадь",
            "ha": "га",
            "food": "пища",
            "Save as CSV": "Сохранить CSV",
            "Tables and charts": "Таблицы",
        },
    )
    heads = opened.page.locator("thead th").all_inner_texts()
    assert heads[0] == "Участок"
    assert "Площадь, га" in heads
    assert opened.page.get_by_role("button", name="Сохранить CSV").is_visible()
    assert opened.page.locator("[data-tool=tables]").get_attribute("title") == "Таблицы"
    opened.page.get_by_label("Filter the table").fill("пища")
    assert set(column(opened, "Sector")) == {"пища"}
    assert set(column(opened, "Площадь, га")) == {"0,6"}


def test_on_a_phone_the_dock_is_large_the_ids_stay_and_a_row_shows_the_map(
    open_map: Opening, plan: PlanLayers
) -> None:
    opened = open_map(plan, width=390, height=800)
    show(opened, "Plots")
    assert opened.page.locator(".geoplan-dock").bounding_box()["height"] > 500
    opened.page.locator(".geoplan-scroller").evaluate("(box) => { box.scrollLeft = 600; }")
    cell = opened.page.locator("[data-row='2'] td").first
    assert cell.bounding_box()["x"] == pytest.approx(0, abs=1)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    cell.click()
    assert not opened.page.locator(".geoplan-dock").is_visible()
    assert opened.plan.plots["plot_id"].iloc[2] in opened.page.inner_text(".geoplan-passport h2")
    assert clean(opened)


def test_a_long_table_answers_at_once(open_map: Opening) -> None:
    opened = open_map(sample_plan(20_000))
    show(opened, "Plots")
    took_ms = opened.ask(
        "((start) => { plan.grid.sortBy('name'); plan.grid.sift.sought = 'food';"
        "plan.grid.changed(); plan.grid.go(1e9); return performance.now() - start; })"
        "(performance.now())"
    )
    assert took_ms < 3_000  # generous, for machines that are shared: alone it takes 0.1 s
    assert opened.page.locator(".geoplan-grid tr").count() < 60
    last = opened.page.evaluate("document.activeElement.getAttribute('aria-rowindex')")
    assert int(last) == opened.ask("plan.grid.rows.length") + 1
    assert clean(opened)


def test_rows_beyond_the_tallest_element_are_reached_exactly(opened: OpenMap) -> None:
    show(opened, "Plots")
    count = len(opened.plan.plots)
    opened.ask(f"(plan.grid.rows = Uint32Array.from({{length: 1e6}}, (_, i) => i % {count}))")
    opened.ask("plan.grid.refresh()")
    for place in (999_999, 0, 500_000, 500_001, 123_456, 999_998):
        opened.ask(f"plan.grid.go({place})")
        line = opened.page.locator("[data-row]:focus")
        assert line.get_attribute("aria-rowindex") == str(place + 2)
        assert line.get_attribute("data-row") == str(place % count)
        top = opened.page.locator("thead th").first.bounding_box()
        foot_top = opened.page.locator("tfoot td").first.bounding_box()["y"]
        box = line.bounding_box()
        assert top["y"] + top["height"] - 3 <= box["y"] <= foot_top - box["height"] + 3


def test_ranges_hold_their_ends_and_nonsense_is_refused(opened: OpenMap) -> None:
    inside = {
        "1-3": [1, 3],
        "-5–-1": [-5, -1],
        ">5": [5.1],
        ">=5": [5],
        "≤2,5": [2.5],
        "1 000": [1000],
    }
    outside = {
        "1-3": [0.9, 3.1],
        "-5–-1": [0],
        ">5": [5],
        ">=5": [4.9],
        "≤2,5": [2.6],
        "1 000": [1],
    }
    for asked, wanted in ((inside, True), (outside, False)):
        for text, values in asked.items():
            answers = opened.page.evaluate(
                "([text, values]) => values.map(geoplan.readRange(text))", [text, values]
            )
            assert answers == [wanted] * len(values)
    for text in ("", "5-", "1.2.3", ">1-3", "<script>", "> "):
        assert opened.page.evaluate("(text) => geoplan.readRange(text)", text) is None
