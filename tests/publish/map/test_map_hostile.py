"""Hostile texts in every text of every layer: shown as text, and nothing runs anywhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import geopandas as gpd
import jinja2
import numpy as np
import pandas as pd
import pytest

from geoplan.plan import PlanLayers
from geoplan.publish.map import plan_map
from geoplan.publish.report import report_html

from ..conftest import Opened
from ..hostile import HOSTILE
from .conftest import OpenMap
from .sample import sample_plan

SENTINEL = "GEOPLAN_HACKED"
MARKUP = ":is(script, img, iframe, object, style, base, link, meta, math, template, noscript)"
SAME = {name: name for name in ("placed", "unplaced", "power_mw", "water_m3d")}
CHECKED = {
    "allocation": {"status": SAME},
    "utilities": {"kind": SAME},
    "capacities": {"kind": SAME},
}
"""Columns that no input can put other words into."""
LONG = "Ұ<b>" * 262_144  # a megabyte


@pytest.fixture(autouse=True)
def nothing_runs_in_python() -> Iterator[None]:
    yield
    assert SENTINEL not in os.environ


def is_text(values: pd.Series) -> bool:
    return values.dtype == object or pd.api.types.is_string_dtype(values.dtype)


def hostile_frame(frame: pd.DataFrame, renamed: dict[str, dict[str, str]]) -> pd.DataFrame:
    """Return a frame with as many rows as there are texts, or more, and a text in every cell."""
    times = -(-len(HOSTILE) // max(1, len(frame))) if len(frame) else 0
    long = pd.concat([frame] * times, ignore_index=True) if times > 1 else frame.copy()
    for place, column in enumerate(long.columns):
        values = long[column]
        if column == "geometry" or not is_text(values):
            continue
        is_id = column.endswith("_id")
        texts = [HOSTILE[(row + place) % len(HOSTILE)] for row in range(len(long))]
        told = pd.Series(texts, long.index, dtype=object)
        if is_id:  # rows that were added have ids of their own
            told += [str(row) for row in range(len(long))]
        if column in renamed:
            known = values.map(renamed[column], na_action="ignore").astype(object)
            told = told.where(is_id & (np.arange(len(long)) >= len(frame)), known)
        long[column] = told.where(values.notna(), None)
    return long


def hostile_plan(plots: int = 240) -> PlanLayers:
    """Return a plan all of whose texts are hostile; ids still agree between the layers."""
    plan = sample_plan(plots)
    ids = {
        "plot_id": plan.plots["plot_id"],
        "project_id": plan.projects["project_id"],
        "zone_id": plan.zones["zone_id"],
    }
    renamed = {
        column: {name: f"{HOSTILE[row % len(HOSTILE)]}{row}" for row, name in enumerate(names)}
        for column, names in ids.items()
    }
    layers = {}
    for field in fields(plan):
        frame = getattr(plan, field.name)
        if isinstance(frame, pd.DataFrame):
            known = renamed if field.name in ("plots", "projects", "allocation") else {}
            layers[field.name] = hostile_frame(frame, known | CHECKED.get(field.name, {}))
    for name in ("plots", "zones", "gates"):
        assert isinstance(layers[name], gpd.GeoDataFrame)
    return replace(plan, name="".join(HOSTILE), notice="".join(HOSTILE), **layers)


def unharmed(opened: Opened, *, within: str) -> None:
    assert opened.page.locator(f"{within} {MARKUP}").count() == 0
    assert opened.page.evaluate("window.hacked") is None
    assert opened.page.evaluate("Object.prototype.polluted") is None
    assert opened.errors == []
    assert len(opened.requests) == 1


def test_the_sentinel_is_set_where_a_template_is_read() -> None:
    setting = [text for text in HOSTILE if SENTINEL in text]
    assert len(setting) >= 2
    for text in setting[:2]:
        jinja2.Template(text).render()
        assert os.environ.pop(SENTINEL) == "1"


EVERYTHING = """(() => {
  const box = geoplan.element('div', 'all-told');
  plan.data.plots.project.forEach((_, plot) => {
    box.append(geoplan.passport(plan, plot), geoplan.plotCaption(plan, plot));
  });
  Object.values(plan.data.layers).forEach((layer) => {
    const { count } = layer.shapes;
    for (let row = 0; row < count; row++) box.append(geoplan.featureCaption(layer, row));
  });
  map.getContainer().append(box);
  return box.textContent;
})()"""


def walk(opened: OpenMap) -> str:
    """Open all that shows texts, and return what captions and passports say."""
    page = opened.page
    page.evaluate("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    opened.ask("Object.values(plan.layers).forEach((layer) => map.addLayer(layer))")
    for key in opened.ask("plan.data.colourings.map(({ key }) => key)"):
        opened.ask(f"plan.colourBy({key!r})")
    for key in opened.ask(
        "geoplan.tabs.filter(({ available = () => true }) => available(plan)).map(({ key }) => key)"
    ):
        opened.ask(f"geoplan.openDock(plan, {key!r})")
    for text in (HOSTILE[0], "{{", "🏭"):
        page.locator("input[type=search]").first.fill(text)
    page.mouse.move(*opened.pixel_of_plot(3))
    opened.ask("plan.visit(3) && 0")
    opened.ask("plan.speak('ru')")
    opened.ask("dispatchEvent(new Event('beforeprint'))")
    opened.ask("dispatchEvent(new Event('afterprint'))")
    opened.ask("plan.speak('en')")
    return opened.ask(EVERYTHING)


@pytest.mark.parametrize("compared", [False, True])
def test_texts_in_every_column_of_every_layer_stay_text_in_the_map(
    open_drawn: Callable[..., OpenMap], *, compared: bool
) -> None:
    plan = hostile_plan()
    against = hostile_plan(60) if compared else None
    opened = open_drawn(plan_map(plan, against=against), plan)
    told = walk(opened)
    assert [text for text in HOSTILE if text not in told] == []
    unharmed(opened, within="main")
    unharmed(opened, within=".geoplan-dock")


def test_texts_in_every_column_stay_text_in_the_report(
    open_file: Callable[..., Opened], tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_html(hostile_plan()), encoding="utf-8")
    opened = open_file(path)
    assert HOSTILE[0] in opened.page.inner_text("body")
    unharmed(opened, within="body")


def test_a_name_of_a_megabyte_is_shown_and_found(open_drawn: Callable[..., OpenMap]) -> None:
    plan = sample_plan(60)
    held = int(np.flatnonzero(plan.plots["project_id"].notna())[0])
    row = plan.projects.index[plan.projects["project_id"] == plan.plots["project_id"].iloc[held]][0]
    projects = plan.projects.copy()
    projects.loc[row, "name"] = LONG
    long = replace(plan, projects=projects, name=LONG, notice=LONG)
    opened = open_drawn(plan_map(long), long)
    assert opened.page.evaluate("performance.now()") < 15_000
    opened.ask(f"plan.visit({held}) && 0")
    assert opened.page.inner_text(".geoplan-passport h3").startswith(LONG[:5000])
    unharmed(opened, within="main")
