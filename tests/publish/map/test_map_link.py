"""The address of the page keeps what is shown; day and night."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from geoplan.plan import PlanLayers

from ..hostile import HOSTILE
from .conftest import OpenMap

STATE = """({
    lang: document.documentElement.lang, theme: plan.theme, by: plan.colouringKey, year: plan.year,
    zones: plan.shows('zones'), findings: plan.shows('findings'),
    plot: plan.selected === null ? null : plan.plotId(plan.selected), zoom: map.getZoom(),
})"""
REST_MS = 450


@pytest.fixture
def opened(open_map: Callable[..., OpenMap], plan: PlanLayers) -> OpenMap:
    return open_map(plan)


def address(opened: OpenMap) -> str:
    """Return the address once it has been written."""
    opened.page.wait_for_timeout(REST_MS)
    return opened.page.url


def reopen(opened: OpenMap, url: str) -> None:
    opened.page.goto("about:blank")
    opened.page.goto(url)
    opened.page.wait_for_selector("[data-ready]")


def test_a_link_restores_all_that_was_shown(opened: OpenMap) -> None:
    opened.page.evaluate(
        """() => {
            const replace = history.replaceState.bind(history);
            window.written = 0;
            history.replaceState = (...all) => { window.written += 1; replace(...all); };
        }"""
    )
    plot = 100
    opened.ask("plan.speak('ru')")
    opened.page.click("[data-tool=theme]")
    opened.ask("plan.colourBy('phase')")
    opened.ask("plan.showYear(2027)")
    opened.ask("(map.removeLayer(plan.layers.zones), map.addLayer(plan.layers.findings), 0)")
    opened.ask(f"(plan.visit({plot}), 0)")
    opened.ask("map.setZoom(16.25, {animate: false}) && 0")
    url = address(opened)
    assert opened.page.evaluate("window.written") == 1
    before = opened.ask(STATE)
    assert before["plot"] == opened.plan.plots["plot_id"].iloc[plot]
    centre = opened.ask("map.getCenter()")
    reopen(opened, url)
    assert opened.ask(STATE) == before
    assert opened.ask(f"map.distance(map.getCenter(), {centre})") < 1
    assert opened.page.locator(".geoplan-passport").count() == 1
    assert opened.errors == []


def test_what_is_usual_is_not_told_by_the_address(opened: OpenMap) -> None:
    plain = address(opened)
    assert "#" not in plain
    opened.ask("plan.showYear(2027)")
    assert address(opened) == f"{plain}#year=2027"
    opened.ask("plan.showYear(null)")
    assert address(opened) == plain


def test_a_new_address_in_the_open_page_is_followed(opened: OpenMap) -> None:
    plot = str(opened.plan.plots["plot_id"].iloc[60])
    opened.page.evaluate(f"window.location.hash = 'by=state&plot={plot}'")
    opened.page.wait_for_selector(".geoplan-passport")
    assert plot in opened.page.inner_text(".geoplan-passport h2")
    opened.page.evaluate("window.location.hash = 'theme=night'")
    opened.page.wait_for_function("document.body.dataset.theme === 'night'")
    assert opened.ask("[plan.colouringKey, plan.selected]") == ["sector", None]


def test_the_passport_gives_a_link_by_clipboard_or_as_text(opened: OpenMap) -> None:
    plot = 30
    wanted = f"plot={opened.plan.plots['plot_id'].iloc[plot]}"
    define = "Object.defineProperty(navigator, 'clipboard', {configurable: true, value: %s})"
    opened.page.evaluate(
        define % "{ writeText: (text) => { window.copied = text; return Promise.resolve(); } }"
    )
    opened.ask(f"(plan.visit({plot}), 0)")
    opened.page.get_by_role("button", name="Link to this plot").click()
    opened.page.get_by_role("button", name="Link copied").wait_for()
    assert wanted in opened.page.evaluate("window.copied").split("#")[1]
    opened.page.evaluate(define % "undefined")
    opened.ask(f"(map.closePopup(), plan.visit({plot}), 0)")
    opened.page.get_by_role("button", name="Link to this plot").click()
    field = opened.page.get_by_role("textbox", name="Link to this plot")
    assert wanted in field.input_value()
    chosen = "document.activeElement.selectionEnd - document.activeElement.selectionStart"
    assert opened.page.evaluate(chosen) == len(field.input_value())


def test_an_address_made_to_harm_does_nothing(opened: OpenMap) -> None:
    usual = opened.ask(STATE)
    texts = (*HOSTILE, "__proto__", "toString", "constructor", "", "NaN_NaN_NaN", "1e999_51_71")
    names = ("lang", "theme", "by", "year", "view", "plot")
    harmed = opened.page.evaluate(
        """async ([names, texts]) => {
            for (const text of texts) {
                window.location.hash = new URLSearchParams(names.map((name) => [name, text]));
                await new Promise((done) => setTimeout(done, 1));
            }
            window.location.hash = new URLSearchParams([['layers', '__proto__.plots.constructor']]);
            await new Promise((done) => setTimeout(done, 50));
            return [window.hacked, document.querySelectorAll('iframe, body img, body link').length];
        }""",
        [names, texts],
    )
    assert harmed == [None, 0]
    assert opened.ask("plan.shows('plots') && !plan.shows('zones')")
    opened.page.evaluate("window.location.hash = ''")
    opened.page.wait_for_timeout(100)
    assert opened.ask(STATE) == usual
    reopen(opened, opened.page.url.split("#")[0] + "#%E0%A4%A&view=99_0_0&lang=__proto__&plot=%00")
    assert opened.ask(STATE) == usual
    assert opened.errors == []


def test_the_theme_follows_the_system_until_it_is_chosen(opened: OpenMap) -> None:
    button = opened.page.locator("[data-tool=theme]")
    assert button.get_attribute("aria-pressed") == "false"
    opened.page.emulate_media(color_scheme="dark")
    reopen(opened, opened.page.url)
    assert opened.ask("plan.theme") == "night"
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert opened.ask("plan.theme") == "day"
    assert opened.page.evaluate("document.body.dataset.theme") == "day"
    reopen(opened, address(opened))
    assert opened.ask("plan.theme") == "day"
