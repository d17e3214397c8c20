"""What axe-core finds amiss with a page: the rules that it breaks, and how many elements do."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.browser import CLICKS, WINDOW, interactive_s, page_of

FADED_MS = 400
"""Colours of what fades in are told wrongly before."""

LEGEND = """\
`axe rules`: rules of axe-core, all that it has, which the page of 200 plots breaks, as it opens
or with a plot's popup; `axe elements`: how many elements do; `axe broken`: which rules."""


@cache
def axe() -> str:
    """Return axe-core's script, which the package carries."""
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def broken_rules(path: Path) -> dict[str, Any]:
    """Open a page, and ask axe-core before and after a plot's popup is opened.

    Returns
    -------
    dict
        ``axe_rules`` and ``axe_elements``, counts; ``axe_broken``, the rules' names. Empty if
        the page is not drawn or no popup opens.
    """
    found: dict[str, set[str]] = defaultdict(set)
    with page_of([], []) as page:
        page.goto(path.as_uri(), wait_until="commit")
        if interactive_s(page) is None:
            return {}
        _ask(page, found)
        if not open_popup(page):
            return {}
        _ask(page, found)
    return {
        "axe_rules": len(found),
        "axe_elements": sum(map(len, found.values())),
        "axe_broken": ", ".join(sorted(found)) or "none",
    }


def _ask(page: Page, found: dict[str, set[str]]) -> None:
    page.wait_for_timeout(FADED_MS)
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(axe())
    told = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    for rule in told["violations"]:
        found[rule["id"]] |= {str(node["target"]) for node in rule["nodes"]}


def open_popup(page: Page) -> bool:
    """Click around the middle until a plot is hit; tell whether one was."""
    for step in range(4 * CLICKS):
        page.mouse.click(0.55 * WINDOW["width"] + 7 * step, 0.5 * WINDOW["height"] - 11 * step)
        page.wait_for_timeout(FADED_MS)
        if page.locator(".leaflet-popup").count():
            return True
    return False
