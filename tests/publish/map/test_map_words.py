"""The page speaks three languages, all of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import geoplan
from geoplan.errors import GeoplanError
from geoplan.plan import PlanLayers
from geoplan.publish.map import map_html, plan_map
from geoplan.publish.map.words import LANGUAGES, catalogue
from geoplan.site import schema

from ...small_park import write_park
from ..catalogues import count_translated, extracted, in_step, texts_of_scripts
from .conftest import OpenMap
from .two_plans import two_plans

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "geoplan" / "publish" / "map" / "page"
OTHERS = LANGUAGES[1:]


@pytest.mark.parametrize("language", OTHERS)
def test_catalogues_hold_the_texts_of_the_code_and_no_others(language: str, made) -> None:
    assert in_step(made, language), "Run docs/make_words.py and translate what it names."


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_with_its_plurals_and_placeholders(language: str, made) -> None:
    assert count_translated(made, language) > 300


def test_no_text_of_a_script_escapes_the_extraction(made) -> None:
    texts = texts_of_scripts(SCRIPTS)
    assert len(texts) > 150
    assert texts <= extracted(made)


@pytest.mark.parametrize("language", OTHERS)
def test_words_of_the_contracts_are_known_to_every_catalogue(language: str) -> None:
    known = {
        *schema.PROJECT_STATUSES,
        *schema.MARKET_STATES,
        *schema.OCCUPATION_STATES,
        *schema.SERVICING_STATES,
        *schema.ZONE_USES,
        *schema.STREET_CLASSES,
        *(f"{kind.capitalize()} gate" for kind in schema.GATE_KINDS),
        *(kind.capitalize().replace("_", " ") for kind in schema.CROSSABLE_KINDS),
    }
    assert not known - set(catalogue(language))


@pytest.mark.parametrize("language", OTHERS)
def test_words_of_the_bundled_park_are_known_to_every_catalogue(language: str) -> None:
    park = ROOT / "layers" / "astana" / "park2"
    sectors = pd.read_csv(park / "projects.csv")["sector"]
    kinds = [
        kind.capitalize()
        for layer in ("exclusions", "receptors")
        for kind in re.findall(r'"kind": *"(\w+)"', (park / f"{layer}.geojson").read_text())
    ]
    assert len(sectors) == 150
    assert kinds
    told = {word.replace("_", " ") for word in (*sectors, *kinds)}
    assert not told - set(catalogue(language))


# Whatever a reader can see or be read: texts, and names of things; not what inputs say.
_SEEN = """((inputs) => {
  const seen = [];
  const foreign = (node) => node.closest('bdi, option[lang], script, style, [lang=en]:not(html)');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const text = node.data.trim();
    if (text && !foreign(node.parentElement)) seen.push(text);
  }
  document.querySelectorAll('[aria-label], [title], [placeholder]').forEach((node) => {
    if (foreign(node) || node.matches('td')) return; // whose title is its text
    ['aria-label', 'title', 'placeholder'].forEach((name) => {
      if (node.getAttribute(name)) seen.push(node.getAttribute(name));
    });
  });
  // What is set apart as an input's may be a word of ours all the same.
  document.querySelectorAll('bdi:not([lang])').forEach((node) => inputs.push(node.textContent));
  return [seen, inputs];
})([])"""
LATIN = re.compile("[A-Za-z]{4,}")
NAMES = (
    "geoplan",
    "changes.json",
    "Enter",
    "Escape",
    "WGS 84",
    "Sample Park",
    "Demo",
    "Earlier park",
    "Later park",
)
"""What is written in Latin letters in every language."""


def _english(language: str, texts: set[str]) -> Callable[[str], bool]:
    """Return a test of texts: does a reader of the language still see English?"""
    patterns = []
    for text in texts:
        told = catalogue(language)[text]
        forms = told if isinstance(told, list) else [told]
        if text in forms:
            continue  # the same in both
        patterns.append(re.sub(r"\\\{\w+\\\}", r"[^:;]+?", re.escape(text)))
    return re.compile("|".join(patterns)).fullmatch


def _left(sights: list[list[list[str]]], language: str) -> set[str]:
    """Return what is English in sights; what no catalogue has is known by its letters."""
    english = _english(language, set(catalogue(language)))
    ours = {text for own, _ in sights for text in own if LATIN.search(text)}
    return {text for sight in sights for side in sight for text in side if english(text)} | {
        text for text in ours if not any(name in text for name in NAMES)
    }


@pytest.mark.parametrize("language", OTHERS)
def test_a_change_of_language_leaves_no_english(
    language: str, plan: PlanLayers, open_map: Callable[..., OpenMap]
) -> None:
    opened = open_map(plan)
    assert opened.page.locator("html").get_attribute("lang") == "en"
    opened.ask("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    opened.page.locator("[data-tool=measure]").click()
    opened.page.locator("[data-tool=tables]").click()
    english = _english(language, set(catalogue(language)))
    assert sum(map(bool, map(english, opened.ask(_SEEN)[0]))) > 100
    opened.page.get_by_label("Language").select_option(language)
    assert opened.page.locator("html").get_attribute("lang") == language
    opened.page.keyboard.press("Escape")
    sights = [opened.ask(_SEEN)]
    tabs = opened.ask("[...plan.dock.querySelectorAll('[role=tab]')].map((tab) => tab.dataset.tab)")
    for tab in tabs:
        opened.ask(f"geoplan.openDock(plan, '{tab}')")
        sights.append(opened.ask(_SEEN))
    opened.ask("geoplan.closeDock(plan)")
    free, held = opened.ask("[plan.data.plots.project.indexOf(-1), plan.plotOf('P1-001')]")
    for plot in (free, held):
        opened.ask(f"plan.visit({plot})")
        sights.append(opened.ask(_SEEN))
    for layer in ("findings", "receptors", "utilities", "gates", "land", "exclusions", "streets"):
        rows = opened.ask(f"plan.data.layers.{layer}.shapes.count")
        opened.ask(
            f"[...Array({rows}).keys()].forEach((row) => plan.panel.append("
            f"geoplan.featureCaption(plan.data.layers.{layer}, row)))"
        )
    opened.page.locator("[data-tool=print]").click()
    sights.append(opened.ask(_SEEN))
    assert sum(len(own) for own, _ in sights) > 1000
    assert not _left(sights, language)
    assert opened.errors == []
    assert len(opened.requests) == 1


def test_working_on_the_plan_is_told_in_the_readers_language(
    tmp_path: Path, open_map: Callable[..., OpenMap]
) -> None:
    opened = open_map(geoplan.run(write_park(tmp_path / "park")))
    opened.ask("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    opened.page.locator("[data-tool=edit]").click()
    opened.ask("geoplan.openDock(plan, 'changes')")
    for language in OTHERS:
        opened.page.locator(".geoplan-bar select").select_option(language)
        sights = []
        for plot in opened.ask(
            "['free', 'held'].map((kind) => plan.data.plots.project"
            ".findIndex((project) => (project < 0) === (kind === 'free')))"
        ):
            opened.ask(f"plan.visit({plot})")
            sights.append(opened.ask(_SEEN))
        assert not _left(sights, language)
    assert opened.errors == []


def test_two_plans_are_compared_in_the_readers_language(
    open_drawn: Callable[..., OpenMap],
) -> None:
    earlier, later = two_plans()
    opened = open_drawn(plan_map(later, against=earlier), later)
    opened.ask("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    for language in OTHERS:
        opened.page.locator(".geoplan-bar select").select_option(language)
        sights = []
        for tab in ("moves", "recut"):
            opened.ask(f"(geoplan.openDock(plan, '{tab}'), plan.visit(0))")
            sights.append(opened.ask(_SEEN))
        assert not _left(sights, language)
    assert opened.errors == []


def test_the_page_opens_in_the_language_that_it_was_made_in(
    plan: PlanLayers, open_drawn: Callable[..., OpenMap]
) -> None:
    opened = open_drawn(plan_map(plan, language="kk"), plan)
    assert opened.page.locator("html").get_attribute("lang") == "kk"
    assert opened.page.get_by_text("Негізгі көрсеткіштер").is_visible()
    assert opened.ask("geoplan.formatNumber(1234.5, { digits: 1 })") == "1\u00a0234,5"
    # The address says more than the file: whoever sends a link has chosen.
    opened.page.goto(f"{opened.page.url.split('#')[0]}#lang=ru")
    opened.page.reload()
    opened.page.get_by_text("Основные показатели").wait_for()
    assert opened.ask("[1, 2, 5].map((n) => geoplan.tn('{n} row', '{n} rows', n))") == [
        "1 строка",
        "2 строки",
        "5 строк",
    ]
    assert opened.errors == []


def test_sentences_that_stay_english_say_so(
    plan: PlanLayers, open_drawn: Callable[..., OpenMap]
) -> None:
    opened = open_drawn(plan_map(plan, language="ru"), plan)
    reason = opened.page.locator(".geoplan-unplaced p [lang=en]").first
    assert reason.text_content() == "Power: 3.2 MW short in every zone it may use."
    opened.ask("geoplan.openDock(plan, 'findings')")
    assert opened.page.locator("td[lang=en]", has_text="fronts the street").count() == 1


def test_the_markup_has_the_language_before_any_script_runs(plan: PlanLayers) -> None:
    assert '<html lang="ru">' in map_html(plan, language="ru")


def test_a_language_that_nobody_wrote_is_refused(plan: PlanLayers) -> None:
    with pytest.raises(GeoplanError, match="en, ru, kk"):
        plan_map(plan, language="de")
