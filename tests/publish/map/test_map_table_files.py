"""The files that the dock's tables are saved in: the rows shown, and texts as texts."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from geoplan.plan import PlanLayers
from geoplan.publish.cells import inert

from ..hostile import HOSTILE
from .conftest import OpenMap
from .dock import clean, show, sort
from .sample import sample_plan, with_texts

Opening = Callable[..., OpenMap]

WORDED = {"Market", "Sector", "Use asked for", "Rule", "Severity", "Class"}
"""Titles of columns in words of ours, which are said with spaces."""


@pytest.fixture
def opened(open_map: Opening, plan: PlanLayers) -> OpenMap:
    return open_map(plan)


def hostile_plan() -> PlanLayers:
    """Return a plan with hostile texts wherever a table shows a text, ids included."""
    plan = with_texts(sample_plan(240), HOSTILE)

    def marked(values: pd.Series) -> pd.Series:
        known = {value: i for i, value in enumerate(pd.unique(values.dropna()))}
        named = values.map(
            lambda value: f"{HOSTILE[known[value] % len(HOSTILE)]}{value}", na_action="ignore"
        )
        return named.where(values.notna(), None)

    ids = ["plot_id", "block_id", "strip_id", "zone_id", "project_id", "use"]
    plots = plan.plots.assign(
        **{name: marked(plan.plots[name]) for name in ids},
        cadastral_number=[HOSTILE[row % len(HOSTILE)] for row in range(len(plan.plots))],
    )
    # The same projects in the same order of first appearance, so that all names agree.
    key = dict(zip(plan.plots["project_id"].dropna(), plots["project_id"].dropna(), strict=True))
    projects = plan.projects.assign(
        project_id=plan.projects["project_id"].replace(key),
        investor=[HOSTILE[-1 - row % len(HOSTILE)] for row in range(len(plan.projects))],
        use=HOSTILE[0],
    )
    allocation = plan.allocation.assign(project_id=plan.allocation["project_id"].replace(key))
    streets = plan.streets.assign(street_id=marked(plan.streets["street_id"]))
    findings = plan.findings.assign(
        **{name: HOSTILE[i] for i, name in enumerate(["severity", "rule", "layer"])}
    )
    return replace(
        plan,
        plots=plots,
        projects=projects,
        allocation=allocation,
        streets=streets,
        findings=findings,
    )


def saved(opened: OpenMap, folder: Path) -> list[list[str]]:
    """Save the table that is shown and read it back."""
    with opened.page.expect_download() as waiting:
        opened.page.get_by_role("button", name="Save as CSV").click()
    assert re.fullmatch(r"[\w-]{1,90}\.csv", waiting.value.suggested_filename)
    path = folder / "table.csv"
    waiting.value.save_as(path)
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_hostile_texts_stay_text_in_all_tables_and_their_files(
    open_map: Opening, tmp_path: Path
) -> None:
    plan = hostile_plan()
    opened = open_map(plan)
    wanted = {
        "Plots": (
            plan.plots,
            {
                "Plot": "plot_id",
                "Cadastral number": "cadastral_number",
                "Project": "project_id",
                "Market": "market",
                "Block": "block_id",
            },
        ),
        "Projects": (
            plan.projects,
            {
                "Project": "project_id",
                "Name": "name",
                "Sector": "sector",
                "Investor": "investor",
                "Use asked for": "use",
            },
        ),
        "Findings": (
            plan.findings,
            {
                "Subject": "subject",
                "What was found": "message",
                "Rule": "rule",
                "Severity": "severity",
            },
        ),
        "Streets": (plan.streets, {"Street": "street_id", "Class": "class"}),
    }
    for tab, (frame, columns) in wanted.items():
        show(opened, tab)
        first, *rows = saved(opened, tmp_path)
        assert len(rows) == len(frame)
        assert {len(row) for row in rows} == {len(first)}
        for title, name in columns.items():
            got = [row[first.index(title)] for row in rows]
            texts = ["" if pd.isna(text) else str(text) for text in frame[name]]
            if title in WORDED:
                texts = [text.replace("_", " ") for text in texts]
            assert got == [inert(text) for text in texts]
        tab_markup = opened.page.locator(
            ".geoplan-tab :is(script, img, iframe, svg, style, base, link, meta, a)"
        )
        assert tab_markup.count() == 0
    assert clean(opened)


def test_the_file_has_the_rows_and_columns_that_are_shown(opened: OpenMap, tmp_path: Path) -> None:
    show(opened, "Projects")
    opened.page.get_by_role("button", name="Columns", exact=True).click()
    opened.page.get_by_label("Name", exact=True).uncheck()
    opened.page.keyboard.press("Escape")
    opened.page.get_by_role("button", name="Filter columns").click()
    opened.page.get_by_label("Filter: Investment").fill(">3")
    sort(opened, "Investment")
    sort(opened, "Investment")
    first, *rows = saved(opened, tmp_path)
    wanted = opened.plan.projects.query("invest_bn_kzt > 3")
    wanted = wanted.sort_values("invest_bn_kzt", ascending=False, kind="stable")
    assert [row[0] for row in rows] == wanted["project_id"].tolist()
    assert "Name" not in first
    place = first.index("Investment, bn KZT")
    assert [float(row[place]) for row in rows] == wanted["invest_bn_kzt"].tolist()
