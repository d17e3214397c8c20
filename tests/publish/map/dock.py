"""What a reader does with the dock of tables, and what stands there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import Locator

from .conftest import OpenMap


def show(opened: OpenMap, tab: str) -> None:
    """Open the dock at a tab, as a reader does."""
    if not opened.page.locator(".geoplan-dock").is_visible():
        opened.page.locator("[data-tool=tables]").click()
    opened.page.get_by_role("tab", name=tab, exact=True).click()


def column(opened: OpenMap, title: str) -> list[str]:
    """Return the cells of a column that are in the page."""
    return opened.page.evaluate(
        """(title) => {
            const table = document.querySelector('.geoplan-grid');
            const at = [...table.tHead.rows[0].cells]
                .findIndex((cell) => cell.firstChild.textContent === title);
            const rows = [...table.querySelectorAll('[data-row]')];
            return rows.map((row) => row.cells[at].textContent);
        }""",
        title,
    )


def head(opened: OpenMap, title: str) -> Locator:
    return opened.page.get_by_role("columnheader").filter(has_text=re.compile(rf"^{title}"))


def sort(opened: OpenMap, title: str) -> None:
    head(opened, title).get_by_role("button").click()


def foot(opened: OpenMap, title: str) -> str:
    place = head(opened, title).evaluate("(cell) => cell.cellIndex")
    return opened.page.locator(".geoplan-grid tfoot td").nth(place).inner_text()


def numbers(texts: Sequence[str]) -> list[float]:
    return [float(text.replace("\u2009", "")) for text in texts]


def speak(opened: OpenMap, language: str, words: dict[str, str]) -> None:
    """Give the page these translations, and no others, and turn to the language."""
    known = {"en": list(words), language: list(words.values())}
    opened.page.evaluate("(known) => { geoplan.plan.data.words = known; }", known)
    opened.page.locator(".geoplan-bar select").select_option(language)


def clean(opened: OpenMap) -> bool:
    hacked = opened.page.evaluate("window.hacked")
    return (hacked, opened.errors, len(opened.requests)) == (None, [], 1)
