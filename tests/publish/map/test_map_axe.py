"""What axe-core finds amiss in the page: nothing, whatever is open and whoever reads it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources

import pytest

from geoplan.plan import PlanLayers
from geoplan.publish.map import explored_map, plan_map

from .conftest import OpenMap
from .two_plans import two_plans

Opening = Callable[..., OpenMap]


@cache
def axe() -> str:
    """Return axe-core's script, which the package carries."""
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def amiss(opened: OpenMap) -> list[str]:
    """Return what axe-core finds: rule, elements and what it says of the first."""
    opened.page.wait_for_timeout(400)  # colours of what fades in are told wrongly
    if not opened.page.evaluate("typeof window.axe === 'object'"):
        opened.page.evaluate(axe())
    found = opened.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{rule['id']}: {[node['target'] for node in rule['nodes'][:4]]} "
        f"{rule['nodes'][0]['failureSummary']}"
        for rule in found["violations"]
    ]


def pick(opened: OpenMap, plot: int = 0) -> None:
    opened.ask(f"plan.visit({plot}) && 0")


def unfold(opened: OpenMap) -> None:
    opened.page.evaluate(
        "document.querySelectorAll('details').forEach((box) => { box.open = true; })"
    )


def walk(opened: OpenMap) -> dict[str, list[str]]:
    """Open one thing after the other, and tell what is amiss with each."""
    page = opened.page
    told = {"first view": amiss(opened)}
    unfold(opened)
    told["sections"] = amiss(opened)
    pick(opened)
    told["passport"] = amiss(opened)
    opened.ask("map.closePopup() && 0")
    for tab in opened.ask(
        "geoplan.tabs.filter(({ available = () => true }) => available(plan)).map(({ key }) => key)"
    ):
        opened.ask(f"geoplan.openDock(plan, {tab!r})")
        told[f"dock, {tab}"] = amiss(opened)
    opened.ask("geoplan.closeDock(plan)")
    for tool in opened.page.locator(".geoplan-bar [data-tool]").all():
        key = tool.get_attribute("data-tool")
        if key in ("tables", "theme"):
            continue
        tool.click()
        told[f"tool, {key}"] = amiss(opened)
        if page.locator("dialog[open]").count():
            page.keyboard.press("Escape")
        else:
            tool.click()
    return told


@pytest.mark.parametrize(
    ("theme", "width", "height"), [("day", 1400, 900), ("night", 1400, 900), ("day", 390, 800)]
)
def test_axe_finds_nothing_amiss_in_any_state(
    open_map: Opening, plan: PlanLayers, theme: str, width: int, height: int
) -> None:
    opened = open_map(plan, width=width, height=height)
    opened.ask(f"plan.wear({theme!r})")
    assert {state: found for state, found in walk(opened).items() if found} == {}
    assert opened.errors == []


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_axe_finds_nothing_amiss_in_other_languages(
    open_map: Opening, plan: PlanLayers, language: str
) -> None:
    opened = open_map(plan)
    opened.page.get_by_label("Language").select_option(language)
    unfold(opened)
    pick(opened)
    opened.ask("geoplan.openDock(plan)")
    assert amiss(opened) == []
    assert opened.page.evaluate("document.documentElement.lang") == language


def test_axe_finds_nothing_amiss_with_two_plans_or_one_layer(
    open_drawn: Callable[..., OpenMap],
) -> None:
    earlier, later = two_plans()
    for width in (1400, 390):
        opened = open_drawn(plan_map(later, against=earlier), later, width=width)
        told = {"first view": amiss(opened)}
        unfold(opened)
        told["what differs"] = amiss(opened)
        opened.ask("geoplan.openDock(plan, 'moves')")
        told["moves"] = amiss(opened)
        opened.ask("plan.earlier.visit(3) && 0")
        told["passport of the earlier plan"] = amiss(opened)
        assert {state: found for state, found in told.items() if found} == {}
    opened = open_drawn(explored_map(later, "streets"), later)
    pick(opened)
    assert amiss(opened) == []
