"""Work on the bundled park's map comes back as a plan, exactly as it was decided."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

import geoplan
from geoplan.config import load_scenario
from geoplan.decisions import decisions_of
from geoplan.fits import fits
from geoplan.rerun import held_plots
from geoplan.site import read_site
from geoplan.stages import Units, posed_on
from geoplan.subdivide.keep import standing

from ..small_park import geoplan as command
from .planned import ROOT, SCENARIO, Planned

CONTRACTED = ("contract", "construction", "operation")


@pytest.fixture(scope="module")
def plan(planned: Planned) -> geoplan.Plan:
    return geoplan.load(planned.folder)


def test_fits_are_the_pairs_that_the_allocator_would_consider(plan: geoplan.Plan) -> None:
    scenario = load_scenario(SCENARIO)
    site = read_site(scenario, drawn=plan.plots["plot_id"])
    stands = standing(plan.plots, plan.strips, plan.plots["plot_id"].to_numpy(dtype=object))
    held = held_plots(plan.plots, site.projects).set_axis(plan.plots["plot_id"])
    held = held.loc[stands.units["unit_id"]]
    table = stands.units.assign(
        divisible=False,
        kept_by=held["keeper"].to_numpy(dtype=object),
        on_market=(held["why"] == "").to_numpy(),
    )
    posed = posed_on(site, scenario, Units(table, np.arange(len(table))))
    eligible = np.zeros((len(plan.projects), len(table)), dtype=bool)
    eligible[posed.problem.pair_project, posed.problem.pair_unit] = True
    eligible = eligible[:, pd.Index(table["unit_id"]).get_indexer(plan.plots["plot_id"])]

    found = fits(plan, decisions_of(plan))
    told = found.barred == 0
    # Who is held has his own land and no other, whatever the rules say of it.
    own = plan.projects["project_id"].to_numpy(str)[:, None] == plan.plots["project_id"].fillna(
        ""
    ).to_numpy(str)
    assert (told == eligible)[~own].all()
    assert (eligible & ~own).sum() > 100
    assert len(np.unique(found.barred)) > 5


class Planner:
    """Somebody at the map."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page, self.errors, self.requests = page, [], []
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector("[data-ready]")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def go_to(self, plot_id: str) -> None:
        self.page.evaluate("(id) => geoplan.plan.visit(geoplan.plan.plotOf(id))", plot_id)


@pytest.fixture(scope="module")
def cases(plan: geoplan.Plan) -> dict[str, str]:
    """Choose whom to pin, move and withdraw, and which plot to take off the market."""
    status = plan.projects.set_index("project_id")["status"]
    free_to_move = status.index[~status.isin(CONTRACTED)]
    holder = plan.plots.set_index("plot_id")["project_id"]
    barred = pd.DataFrame(
        fits(plan, decisions_of(plan)).barred, index=status.index, columns=plan.plots["plot_id"]
    )
    taken = holder[holder.notna() & holder.isin(free_to_move)]
    for project in free_to_move:
        to = [plot for plot in taken.index if barred.loc[project, plot] == 0]
        others = [plot for plot in to if holder[plot] != project]
        if others:
            break
    rest = [name for name in free_to_move if name not in {project, holder[others[0]]}]
    contracted = status.index[status.isin(CONTRACTED)][0]
    return {
        "mover": project,
        "to": others[0],
        "leaves": holder[others[0]],
        "pinned": rest[0],
        "withdrawn": rest[1],
        "contracted": contracted,
        "off": holder.index[holder.isna()][-1],
    }


def test_what_is_decided_on_the_map_is_what_the_next_plan_holds(
    plan: geoplan.Plan, planned: Planned, cases: dict[str, str], browser: Browser, tmp_path: Path
) -> None:
    where = plan.plots.dropna(subset="project_id").set_index("project_id")["plot_id"]
    context = browser.new_context(viewport={"width": 1400, "height": 900}, offline=True)
    planner = Planner(context.new_page(), planned.folder / "map.html")
    planner.press("Work on the plan")
    planner.go_to(where[cases["contracted"]])
    assert "It has a contract, so it cannot be moved." in planner.page.inner_text(".geoplan-work")
    assert not planner.page.get_by_role("button", name="Move to another plot").count()
    planner.go_to(where[cases["pinned"]])
    planner.press("Pin to this plot")
    planner.go_to(where[cases["withdrawn"]])
    planner.press("It withdraws")
    planner.go_to(cases["off"])
    planner.press("Take off the market")
    planner.go_to(where[cases["mover"]])
    planner.press("Move to another plot")
    planner.page.get_by_label("Id of a plot").fill(where[cases["contracted"]])
    assert "has a contract" in planner.page.inner_text(".geoplan-edit output")
    planner.page.get_by_label("Id of a plot").fill(cases["to"])
    assert f"{cases['leaves']} has to give way" in planner.page.inner_text(".geoplan-edit output")
    planner.page.get_by_label("Id of a plot").press("Enter")
    with planner.page.expect_download() as download:
        planner.press("Download")
    changes = tmp_path / "changes.json"
    download.value.save_as(changes)

    # A file goes on where it was left: loaded again, it is the same file.
    second = Planner(context.new_page(), planned.folder / "map.html")
    second.press("Work on the plan")
    second.press("Changes")
    second.page.get_by_label("Load a file of changes").set_input_files(changes)
    second.page.wait_for_selector(".geoplan-changes li:nth-child(4)")
    content = second.page.evaluate("geoplan.plan.edits.content()")
    assert content == json.loads(changes.read_text(encoding="utf-8"))
    assert planner.errors == second.errors == []
    assert len(planner.requests) == len(second.requests) == 1
    context.close()

    out = tmp_path / "next"
    ended = command(
        "allocate", "--from", planned.folder, "--changes", changes, "--out", out, "-q", folder=ROOT
    )
    assert ended.returncode == 0, ended.stderr
    now = geoplan.load(out)
    place = now.plots.dropna(subset="project_id").set_index("project_id")["plot_id"]
    assert place[cases["mover"]] == cases["to"]
    assert place[cases["pinned"]] == where[cases["pinned"]]
    assert cases["withdrawn"] not in place.index
    assert place.get(cases["leaves"]) != cases["to"]
    assert now.plots.set_index("plot_id")["market"][cases["off"]] == "not marketable"
    status = plan.projects.set_index("project_id")["status"]
    contracted = [name for name in status.index[status.isin(CONTRACTED)] if name in where]
    assert (place[contracted] == where[contracted]).all()
    with (out / "changes.csv").open(encoding="utf-8-sig", newline="") as file:
        log = {row["id"]: row for row in csv.DictReader(file) if row["subject"] == "project"}
    assert log[cases["mover"]]["why"] == "pinned by the planner"
    assert log[cases["pinned"]]["why"] == "pinned by the planner"
    assert log[cases["withdrawn"]]["why"].startswith("withdrawn")
    assert (
        f"{cases['to']} is given to {cases['mover']} by the planner" in log[cases["leaves"]]["why"]
    )
    assert not (now.findings["severity"] == "error").any()
