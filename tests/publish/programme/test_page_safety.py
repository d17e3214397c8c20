"""Hostile texts and broken rules: what the page must not do, whatever its tables hold."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest

from geoplan.errors import GeoplanError
from geoplan.publish.programme.page import programme_html
from geoplan.publish.programme.tables import ProgrammeTables

from ..conftest import Opened
from ..hostile import HOSTILE
from ..map.test_map_axe import axe
from .sample import many, sample_programme

Opening = Callable[..., Opened]
MARKUP = ":is(script, img, iframe, object, style, base, link, meta, math, template, noscript)"
KEPT = ("status", "project_status", "kind", "unit", "geometry", "crs", "use")
IDS = ("park_id", "project_id", "project_ids", "plot_ids")


def hostile_programme() -> ProgrammeTables:
    """Return a programme all of whose texts are hostile; parks and projects keep their ids."""
    drawn = many(len(HOSTILE), 2 * len(HOSTILE))
    tables = {}
    for name in ("parks", "projects", "sectors", "regions", "lacks"):
        table = getattr(drawn, name).copy()
        for place, column in enumerate(table.columns):
            if column in (*KEPT, *IDS) or pd.api.types.is_numeric_dtype(table[column]):
                continue
            texts = [HOSTILE[(row + place) % len(HOSTILE)] for row in range(len(table))]
            table[column] = pd.Series(texts, table.index, dtype=object)
        tables[name] = table
    tables["parks"]["park_id"] = [f"{text}{row}" for row, text in enumerate(HOSTILE)]
    unit = pd.Series([HOSTILE[0]] * len(tables["lacks"]), dtype=object)
    tables["lacks"] = tables["lacks"].assign(
        kind=HOSTILE[7], unit=unit, park_id=tables["parks"]["park_id"].iloc[7]
    )
    manifest = drawn.manifest | {"objective": HOSTILE[0], "unit": HOSTILE[7]}
    return replace(
        drawn, name="".join(HOSTILE), notice="".join(HOSTILE), manifest=manifest, **tables
    )


def test_texts_in_every_table_stay_text(open_page: Opening) -> None:
    programme = hostile_programme()
    opened = open_page(programme, planned=list(programme.parks["park_id"]))
    page = opened.page
    for more in page.locator(".more").all():
        while more.is_visible():
            more.click()
    told = page.evaluate("document.body.textContent")
    for row in range(len(HOSTILE)):
        page.evaluate(f"document.querySelector('#parks [data-park=\"{row}\"]').focus()")
        href = page.locator("#parks .card a").get_attribute("href")
        assert re.fullmatch(r"parks/[^/?#:\"<>\s]+/map\.html", href)
    missing = [
        text for text in HOSTILE if text[:150].replace("_", " ") not in told.replace("_", " ")
    ]
    assert missing == []
    page.get_by_label("Language").select_option("ru")
    page.get_by_role("button", name="USD", exact=True).click()
    assert page.locator(f"main {MARKUP}").count() == 0
    assert page.locator(f"header {MARKUP}").count() == 0
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("Object.prototype.polluted") is None
    assert "GEOPLAN_HACKED" not in os.environ
    assert opened.errors == []
    assert len(opened.requests) == 1


def test_the_page_names_nothing_elsewhere_and_runs_one_script() -> None:
    html = programme_html(sample_programme())
    assert re.findall(r"<script(?![^>]*json)[^>]*>", html) == ["<script>"]
    assert re.search(r"\s(src|href)=", html.split("<script", maxsplit=1)[0]) is None
    assert re.search(r"default-src 'none'; script-src 'sha256-[\w+/=]+';", unescape(html))


def test_a_language_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(GeoplanError, match="en, ru, kk"):
        programme_html(sample_programme(), language="de")


def amiss(opened: Opened) -> list[str]:
    """Return what axe-core finds: rule, elements and what it says of the first."""
    if not opened.page.evaluate("typeof window.axe === 'object'"):
        opened.page.evaluate(axe())
    found = opened.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{rule['id']}: {[node['target'] for node in rule['nodes'][:4]]} "
        f"{rule['nodes'][0]['failureSummary']}"
        for rule in found["violations"]
    ]


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_axe_finds_nothing_amiss(open_page: Opening, language: str, width: int) -> None:
    opened = open_page(many(30, 700), language=language, width=width)
    assert amiss(opened) == []
    opened.page.locator("#parks .park[tabindex='0']").focus()
    opened.page.evaluate("geoplan.page.region = 'Astana'; geoplan.page.draw()")
    assert amiss(opened) == []
    assert opened.errors == []


def test_axe_finds_nothing_amiss_without_targets_lacks_or_proof(open_page: Opening) -> None:
    drawn = sample_programme()
    projects = drawn.projects[drawn.projects["status"] == "placed"]
    bare = replace(
        drawn,
        notice="",
        manifest={},
        projects=projects,
        lacks=drawn.lacks.iloc[:0],
        years=drawn.years.assign(target_bn_usd=np.nan),
    )
    opened = open_page(bare)
    assert amiss(opened) == []
    assert "No targets are stated." in opened.page.inner_text("#years")
    assert "Every project has a plot." in opened.page.inner_text("#missing")
    assert opened.errors == []
