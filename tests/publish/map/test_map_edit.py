"""Working on the plan: whatever an input says, by keyboard, on a phone; and who may not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import geoplan
from geoplan.decisions import Decisions, digest_of, with_decisions
from geoplan.publish.map import content, fits, plan_map

from ...small_park import write_park
from ..hostile import HOSTILE
from .conftest import OpenMap
from .sample import sample_plan

STRANGE = (
    "__proto__",
    "constructor",
    '"><img src=x onerror=window.hacked=1>',
    "A;B{n}",
    "</script>",
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> geoplan.Plan:
    """Return the plan of a small park; one of its projects goes without."""
    return geoplan.run(write_park(tmp_path_factory.mktemp("edit") / "park"))


@pytest.fixture(scope="module")
def hostile(small: geoplan.Plan) -> geoplan.Plan:
    """Return the plan with ids and names that would do something if they were not text."""
    ids = dict(zip(small.projects["project_id"], STRANGE, strict=False))
    plots = {
        old: f"{old}{text}" for old, text in zip(small.plots["plot_id"], HOSTILE, strict=False)
    }
    names = [HOSTILE[number] for number in range(len(small.projects))]
    return replace(
        small,
        projects=small.projects.assign(
            project_id=small.projects["project_id"].replace(ids), name=names
        ),
        plots=small.plots.assign(
            plot_id=small.plots["plot_id"].replace(plots),
            project_id=small.plots["project_id"].replace(ids),
        ),
        allocation=small.allocation.assign(project_id=small.allocation["project_id"].replace(ids)),
    )


def begin(opened: OpenMap) -> None:
    opened.page.get_by_role("button", name="Work on the plan").click()


def first_movable(opened: OpenMap) -> int:
    """Return a project that has a plot and could have another."""
    return opened.ask(
        "[...Array(plan.data.projects.count).keys()]"
        ".find((one) => plan.plotsOf(one).length && plan.edits.fitting(one).length)"
    )


def test_names_are_text_in_all_that_working_shows(
    hostile: geoplan.Plan, open_map: Callable[..., OpenMap], tmp_path: Path
) -> None:
    opened = open_map(hostile)
    begin(opened)
    project = first_movable(opened)
    opened.ask(f"plan.visit(plan.plotsOf({project})[0])")
    opened.page.get_by_role("button", name="Move to another plot").click()
    opened.page.locator(".geoplan-edit li button").first.click()
    opened.ask("plan.visit(plan.data.plots.project.indexOf(-1))")
    opened.page.get_by_role("button", name="Take off the market").click()
    unplaced = opened.page.locator(".geoplan-unplaced")
    unplaced.locator("summary").click()
    unplaced.get_by_role("button", name="It withdraws").first.click()
    opened.page.get_by_role("button", name="Changes", exact=True).click()
    said = opened.page.inner_text(".geoplan-changes")
    name = hostile.projects["name"].iloc[project]
    assert hostile.projects["project_id"].iloc[project] in said
    assert name in said
    with opened.page.expect_download() as download:
        opened.page.get_by_role("button", name="Download changes.json").click()
    made = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert made["plan"]["digest"] == digest_of(hostile)
    assert [next(iter(change)) for change in made["changes"]] == ["pin", "off_market", "withdraw"]
    assert made["changes"][0]["pin"]["project_id"] == hostile.projects["project_id"].iloc[project]
    assert opened.page.evaluate("window.hacked") is None
    assert opened.page.locator("img, iframe").count() == 0
    assert opened.errors == []
    assert len(opened.requests) == 1


def test_a_plot_is_chosen_by_keys_and_given_up_by_escape(
    small: geoplan.Plan, open_map: Callable[..., OpenMap]
) -> None:
    opened = open_map(small, width=390, height=800)
    page = opened.page
    page.locator("[data-tool=edit]").focus()
    page.keyboard.press("Enter")
    project = first_movable(opened)
    opened.ask(f"plan.visit(plan.plotsOf({project})[0])")
    move = page.get_by_role("button", name="Move to another plot")
    move.focus()
    page.keyboard.press("Enter")
    assert opened.ask("document.activeElement.matches('.geoplan-edit input')")
    page.keyboard.press("Escape")
    assert opened.ask(
        "plan.tool === null && plan.edits.picking === null && plan.filters.size === 0"
    )
    opened.ask(f"plan.visit(plan.plotsOf({project})[0])")
    page.get_by_role("button", name="Move to another plot").last.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    (change,) = opened.ask("plan.edits.list")
    assert change["plots"] == [opened.ask("plan.selected")]
    assert opened.ask("document.activeElement.closest('.leaflet-popup') !== null")
    # Nobody leaves by mistake while changes are not saved.
    assert opened.ask("!dispatchEvent(new Event('beforeunload', {cancelable: true}))")
    page.get_by_role("button", name="Undo").press("Enter")
    assert opened.ask("dispatchEvent(new Event('beforeunload', {cancelable: true}))")
    assert opened.ask("plan.edits.list.length") == 0
    assert opened.errors == []


def test_files_that_cannot_be_taken_say_why(
    small: geoplan.Plan, open_map: Callable[..., OpenMap]
) -> None:
    opened = open_map(small)
    free = small.plots["plot_id"][
        small.plots["project_id"].isna() & (small.plots["zone_id"] == "P")
    ]
    of = {"geoplan_changes": 1, "plan": {"digest": digest_of(small)}}
    for content_of_file, said in (
        ("{", "This is no file of changes."),
        ({"geoplan_changes": 1, "changes": []}, "These changes were made on another plan."),
        (of | {"changes": [{"pin": {"project_id": "A-9", "plot_id": "x"}}]},
         "The plan does not have A-9, x."),
        (of | {"changes": [{"pin": {"project_id": "A-6", "plot_id": free.iloc[0]}}]}, "too small"),
        (of | {"changes": [{"toString": {}}]}, "This is no file of changes."),
        (of | {"changes": [None, {"withdraw": None}]}, "This is no file of changes."),
        (of | {"changes": [{"withdraw": None}]}, "The plan does not have"),
    ):  # fmt: skip
        text = content_of_file if isinstance(content_of_file, str) else json.dumps(content_of_file)
        told = opened.ask(f"plan.edits.load({json.dumps(text)})")
        assert said in told[0]
    assert opened.ask("plan.edits.list.length") == 0
    assert opened.errors == []


def test_earlier_decisions_are_shown_and_can_be_taken_back(
    small: geoplan.Plan, open_map: Callable[..., OpenMap]
) -> None:
    held = small.plots.dropna(subset="project_id").iloc[0]
    free = small.plots["plot_id"][small.plots["project_id"].isna()].iloc[0]
    decided = Decisions({held["project_id"]: held["plot_id"]}, (), (free,))
    opened = open_map(with_decisions(small, decided))
    begin(opened)
    opened.page.get_by_role("button", name="Changes", exact=True).click()
    for _ in range(2):
        opened.page.get_by_role("button", name="Take that back").first.click()
    made = opened.ask("plan.edits.content().changes")
    assert made == [
        {"unpin": {"project_id": held["project_id"]}},
        {"on_market": {"plot_id": free}},
    ]
    assert opened.errors == []


def test_large_plans_take_ids_without_saying_which_fit(
    small: geoplan.Plan, open_map: Callable[..., OpenMap], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fits, "PAIRS_MOST", 10)
    opened = open_map(small)
    begin(opened)
    opened.ask("plan.picker.begin(plan.projectOf('A-1'))")
    assert "geoplan checks that" in opened.page.inner_text(".geoplan-edit output")
    free = small.plots["plot_id"][small.plots["project_id"].isna()].iloc[0]
    opened.page.get_by_label("Id of a plot").fill(free)
    opened.page.get_by_label("Id of a plot").press("Enter")
    assert opened.ask("plan.edits.list.length") == 1
    assert opened.errors == []


def test_investors_and_plans_without_settings_have_no_such_tool(
    small: geoplan.Plan, open_map: Callable[..., OpenMap]
) -> None:
    assert "edit" not in content.page_content(small, audience="investor")
    assert np.asarray(content.page_content(small)["edit"]["barred"]).size
    opened = open_map(sample_plan(60))
    assert opened.page.locator("[data-tool=edit], [data-tab=changes]").count() == 0
    assert opened.errors == []
    assert plan_map(small).payload == plan_map(small).payload
