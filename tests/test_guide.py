"""The guide as it is built: without a warning, and readable without a network."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the pages as ``make guide`` does."""
    folder = tmp_path_factory.mktemp("guide")
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", ROOT / "docs", folder],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert (built.returncode, built.stderr) == (0, "")
    return folder


class Sources(HTMLParser):
    """Gathers what a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        wanted = named.get("src") or (named.get("href") if tag == "link" else None)
        self.found += [wanted] if wanted else []


def test_no_page_fetches_anything_from_elsewhere(guide: Path) -> None:
    pages = sorted(guide.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        sources = Sources()
        sources.feed(page.read_text(encoding="utf-8"))
        assert sources.found
        assert not [each for each in sources.found if re.match(r"(\w+:)?//", each)], page


def test_the_guide_opens_from_the_disk_and_its_search_finds_a_setting(
    guide: Path, browser: Browser
) -> None:
    said: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((guide / "index.html").as_uri())
    page.get_by_role("link", name="The planner’s guide").first.click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("The planner")
    page.goto((guide / "search.html").as_uri() + "?q=move_price_bn_kzt")
    page.locator("#search-results li").first.wait_for()
    assert page.locator("#search-results li", has_text="Settings").count()
    assert said == []
    page.close()


def rules_of_findings() -> set[str]:
    """Gather the rules that the code writes out when it makes a finding."""
    takes = {"Finding": 1, "plot_errors": 0, "warning": 0, "info": 0}
    found = set()
    for path in sorted((ROOT / "geoplan").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = takes.get(name, len(node.args))
            if place < len(node.args) and isinstance(node.args[place], ast.Constant):
                found.add(str(node.args[place].value))
    return found


def test_every_finding_has_its_meaning_in_the_guide() -> None:
    text = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([^`]+)`", " ".join(re.findall(r"(?m)^\|([^|]+)\|", text))))
    rules = rules_of_findings()
    assert len(rules) > 40
    assert rules - told == set()
