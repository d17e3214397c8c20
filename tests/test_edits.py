"""Files of changes: read, refused with all their faults, made by the command, kept, taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import geoplan
from geoplan.decisions import digest_of
from geoplan.edits import decided, read_changes
from geoplan.errors import GeoplanError

from .small_park import PROJECTS, write_park
from .small_park import geoplan as command


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a scenario and its plan in ``out``; A-1 has a contract."""
    folder = tmp_path_factory.mktemp("edited")
    write_park(folder)
    header, *rows = PROJECTS.splitlines()
    states = ["contract" if row.startswith("A-1") else "application" for row in rows]
    lines = [f"{header},status", *(f"{r},{s}" for r, s in zip(rows, states, strict=True))]
    (folder / "projects.csv").write_text("\n".join(lines), encoding="utf-8")
    geoplan.run(folder / "park.toml").save(folder / "out")
    return folder


@pytest.fixture(scope="module")
def plan(park: Path) -> geoplan.Plan:
    """Return the plan."""
    return geoplan.load(park / "out")


def changes_on(plan: geoplan.Plan, *changes: dict[str, Any]) -> dict[str, Any]:
    """Return a file's content."""
    of = {"name": plan.name, "digest": digest_of(plan)}
    return {"geoplan_changes": 1, "plan": of, "changes": list(changes)}


def pin(project: str, plot: str) -> dict[str, Any]:
    return {"pin": {"project_id": project, "plot_id": plot}}


def of_project(kind: str, project: str) -> dict[str, Any]:
    return {kind: {"project_id": project}}


def of_plot(kind: str, plot: str) -> dict[str, Any]:
    return {kind: {"plot_id": plot}}


@pytest.fixture
def refused(tmp_path: Path, plan: geoplan.Plan) -> Callable[..., str]:
    """Return a function that has changes refused, and returns what was said."""

    def refusing(*changes: dict[str, Any], on: geoplan.Plan = plan) -> str:
        path = tmp_path / "changes.json"
        path.write_text(json.dumps(changes_on(on, *changes)), encoding="utf-8")
        with pytest.raises(GeoplanError) as error:
            decided(plan, read_changes(path), path.name)
        return str(error.value)

    return refusing


def plots_of(plan: geoplan.Plan) -> dict[str, str]:
    held = plan.plots.dropna(subset="project_id")
    return dict(zip(held["project_id"], held["plot_id"], strict=True))


def free_plots(plan: geoplan.Plan) -> list[str]:
    return plan.plots.loc[plan.plots["project_id"].isna(), "plot_id"].tolist()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is not valid JSON"),
        ("[" * 100_000, "it is not valid JSON"),
        ("[]", "it is no file of changes"),
        ('{"name": "some web page"}', "it is no file of changes"),
        ('{"geoplan_changes": 2, "plan": {"name": "", "digest": ""}, "changes": []}', "1"),
        ('{"geoplan_changes": 1, "changes": [{}], "more": 1}', "Did you mean"),
        (
            '{"geoplan_changes": 1, "plan": {"name": "", "digest": ""}, "changes": [{}]}',
            "one thing",
        ),
    ],
)
def test_what_is_no_file_of_changes_is_refused_in_a_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "changes.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GeoplanError) as error:
        read_changes(path)
    told = str(error.value)
    assert said in told or "unknown setting" in told
    assert "changes.json" in told


def test_all_faults_of_a_file_are_told_at_once(plan: geoplan.Plan, refused) -> None:
    plots, free = plots_of(plan), free_plots(plan)
    told = refused(
        pin("A-9", free[0]),
        pin("A-1", "nowhere"),
        pin("A-3", free[1]),
        of_project("withdraw", "A-3"),
        pin("A-5", plots["A-4"]),
        pin("A-4", plots["A-4"]),
        of_project("unpin", "A-1"),
        of_plot("on_market", free[0]),
    )
    assert "no project 'A-9'. Did you mean" in told
    assert "no plot 'nowhere'" in told
    assert "project 'A-3' is changed twice" in told
    assert f"plot '{plots['A-4']}' is for A-4 and A-5" in told
    assert "'A-1' is not pinned by an earlier change" in told
    assert f"'{free[0]}' is not off the market by an earlier change" in told


def test_contracts_rules_and_holders_bar_changes_that_names_alone_allow(
    plan: geoplan.Plan, refused
) -> None:
    plots = plots_of(plan)
    free, other = [plot for plot in free_plots(plan) if plot.startswith("P-")][:2]
    told = refused(
        pin("A-1", free),
        pin("A-4", plots["A-3"]),
        pin("A-6", other),
        of_plot("off_market", plots["A-5"]),
    )
    assert f"A-1 stays on {plots['A-1']} (contract) and cannot be moved" in told
    assert f"A-4 cannot have plot '{plots['A-3']}': it is not one that lies in a zone" in told
    assert f"A-6 cannot have plot '{other}': it is not one that offers the area" in told
    assert f"plot '{plots['A-5']}' cannot be taken off the market: A-5 has it" in told


def test_who_is_locked_by_the_portfolio_is_not_moved_by_a_change(
    plan: geoplan.Plan, tmp_path: Path
) -> None:
    own = plots_of(plan)["A-3"]
    locked = plan.projects["plot_id"].mask(plan.projects["project_id"] == "A-3", own)
    plan = replace(plan, projects=plan.projects.assign(plot_id=locked))
    moved = written(tmp_path, plan, pin("A-3", free_plots(plan)[0]))
    with pytest.raises(GeoplanError, match=f"A-3 stays on {own} .named in plot_id."):
        decided(plan, read_changes(moved), "x")
    stays = read_changes(written(tmp_path, plan, pin("A-3", own)))
    assert decided(plan, stays, "x").pinned == {}  # the portfolio's lock is enough


def test_changes_of_another_plan_are_refused_and_those_of_a_forebear_are_not(
    park: Path, plan: geoplan.Plan, refused, tmp_path: Path
) -> None:
    other = geoplan.amend(
        park / "out", changes=written(tmp_path, plan, of_project("withdraw", "A-3"))
    )
    assert "made on another plan" in refused(of_project("withdraw", "A-1"), on=other)
    late = read_changes(written(tmp_path, plan, of_project("withdraw", "A-1")))
    assert set(decided(other, late, "x").withdrawn) == {"A-1", "A-3"}


def written(folder: Path, plan: geoplan.Plan, *changes: dict[str, Any]) -> Path:
    path = folder / "changes.json"
    path.write_text(json.dumps(changes_on(plan, *changes)), encoding="utf-8")
    return path


def fitting_plot(plan: geoplan.Plan, project: str) -> str:
    """Return a plot of somebody else that the project may have, by the allocator's rules."""
    from geoplan.decisions import decisions_of
    from geoplan.fits import fits

    row = plan.projects["project_id"].tolist().index(project)
    fit = plan.plots["plot_id"][fits(plan, decisions_of(plan)).barred[row] == 0]
    return next(plot for plot in fit if plots_of(plan).get(project) != plot)


def test_changes_hold_in_later_plans_until_they_are_taken_back(
    park: Path, plan: geoplan.Plan, tmp_path: Path
) -> None:
    folder = tmp_path / "park"
    shutil.copytree(park, folder)
    plots, to = plots_of(plan), fitting_plot(plan, "A-3")
    off = next(plot for plot in free_plots(plan) if plot != to)
    made = [pin("A-3", to), of_project("withdraw", "A-5"), of_plot("off_market", off)]
    path = written(tmp_path, plan, *made)
    ended = command("allocate", "--from", "out", "--changes", path, "--json", "-q", folder=folder)
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert said["pinned"] == [f"A-3 to {to}"]
    assert any(line.startswith("A-3: ") and "planner" in line for line in said["changed_why"])

    def holds(now: geoplan.Plan) -> None:
        assert plots_of(now)["A-3"] == to
        assert plots_of(now)["A-1"] == plots["A-1"]
        assert "A-5" not in plots_of(now)
        state = now.plots.set_index("plot_id").loc[off]
        assert state["market"] == "not marketable"
        assert pd.isna(state["project_id"])
        assert not (now.findings["severity"] == "error").any()

    holds(geoplan.load(folder / "out"))
    # Planned again in either way: the portfolio's file says nothing of it, the plan does.
    again = geoplan.amend(folder / "out").save(folder / "next")
    last = geoplan.run(folder / "park.toml", previous=again)
    holds(last)
    last.save(folder / "last")

    back = [of_project("unpin", "A-3"), of_project("reinstate", "A-5"), of_plot("on_market", off)]
    freed = geoplan.amend(folder / "last", changes=written(tmp_path, last, *back))
    assert "A-5" in plots_of(freed)
    assert freed.manifest["decisions"] == {"pinned": {}, "withdrawn": [], "off_market": []}
    assert freed.projects.set_index("project_id")["plot_id"].isna().all()
    assert (freed.plots["market"] != "not marketable").all()


def test_a_plan_whose_scenario_is_gone_or_changed_says_so(park: Path, tmp_path: Path) -> None:
    folder = tmp_path / "moved"
    shutil.copytree(park, folder)
    text = (folder / "park.toml").read_text(encoding="utf-8")
    (folder / "park.toml").write_text(f"{text}# later\n", encoding="utf-8")
    changed = command("allocate", "--from", "out", folder=folder)
    assert changed.returncode == 2
    assert "has been changed since" in changed.stderr
    (folder / "park.toml").rename(folder / "other.toml")
    with pytest.raises(GeoplanError, match="the plan's scenario is gone"):
        geoplan.amend(folder / "out")
    named = geoplan.amend(folder / "out", scenario=folder / "other.toml")
    assert named.manifest["replan"]["moves"] == 0
    assert named.manifest["scenario"]["file"] == (folder / "other.toml").as_posix()
