"""From an export to the next plan: the command, a saved plan's folder, the bundled example."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import geoplan
from tests.small_park import geoplan as command
from tests.small_park import write_park

ASTANA = Path(__file__).parents[2] / "layers" / "astana"


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a small park and its plan in ``out``."""
    folder = tmp_path_factory.mktemp("park")
    geoplan.run(write_park(folder)).save(folder / "out")
    return folder


def exported(folder: Path, *, without: str = "", **changed: object) -> Path:
    """Write what a platform exports of the small park, A-1 with `changed` fields."""
    rows = pd.read_csv(folder / "projects.csv").to_dict("records")
    path = folder / "export.json"
    rows[0] |= changed
    kept = [row for row in rows if row["project_id"] != without]
    path.write_text(json.dumps(kept), encoding="utf-8")
    return path


def test_a_plan_is_an_earlier_portfolio_too(park, tmp_path):
    made = geoplan.register(exported(park), since=park / "out", out=tmp_path / "p.csv")
    assert made.summary == "0 new, 0 changed, 0 withdrawn, 0 returned, 6 unchanged"
    (tmp_path / "p.csv").unlink()
    geoplan.register(exported(park), since=park / "projects.csv", out=tmp_path / "q.csv")
    geoplan.register(exported(park), since=park / "out", out=tmp_path / "p.csv")
    assert (tmp_path / "p.csv").read_bytes() == (tmp_path / "q.csv").read_bytes()


def test_what_was_decided_on_the_map_is_not_taken_for_the_portfolios(park, tmp_path):
    plan = geoplan.load(park / "out")
    placed = plan.allocation.set_index("project_id")["plot_ids"]
    decided = {"pinned": {"A-1": placed["A-1"]}, "withdrawn": ["A-2"], "off_market": []}
    projects = plan.projects.assign(
        plot_id=plan.projects["plot_id"].mask(plan.projects["project_id"] == "A-1", placed["A-1"]),
        status=plan.projects["status"].mask(plan.projects["project_id"] == "A-2", "withdrawn"),
    )
    folder = tmp_path / "decided"
    replace(plan, projects=projects, manifest={**plan.manifest, "decisions": decided}).save(folder)
    made = geoplan.register(exported(park, status="contract"), since=folder, out=tmp_path / "p.csv")
    assert made.changes.to_numpy().tolist() == [
        ["A-1", "changed", "status", "application", "contract"]
    ]
    assert "plot_id" not in made.portfolio.columns


def test_the_command_tells_and_writes_and_the_next_plan_frees_the_plot(park, tmp_path):
    path = exported(park, without="A-2", status="contract")
    words = ("register", path, "--since", park / "out", "--out", park / "projects.csv")
    ended = command(*words, "--changes", tmp_path / "changes.csv", "--json", folder=park)
    assert ended.returncode == 0, ended.stderr
    result = json.loads(ended.stdout)
    assert result["summary"] == "0 new, 1 changed, 1 withdrawn, 0 returned, 4 unchanged"
    assert result["withdrawn"] == ["A-2"]
    assert len(pd.read_csv(tmp_path / "changes.csv")) == len(result["changes"]) == 2
    assert ended.stderr.splitlines() == [
        "geoplan: read",
        "geoplan: compare",
        "geoplan: write projects.csv",
    ]
    again = command(*words, "-q", folder=park)
    assert (again.returncode, again.stderr) == (0, "")
    before = geoplan.load(park / "out").allocation.set_index("project_id")
    plan = geoplan.run(park / "park.toml", previous=park / "out")
    after = plan.allocation.set_index("project_id")
    assert after.loc["A-2", "status"] == "unplaced"
    assert "withdrawn" in after.loc["A-2", "reason"]
    assert after.loc["A-1", "plot_ids"] == before.loc["A-1", "plot_ids"]


def test_the_command_says_what_it_needs_and_writes_an_example(tmp_path):
    ended = command("register", folder=tmp_path)
    assert ended.returncode == 2
    assert "EXPORT and --out are needed" in ended.stderr
    ended = command("register", "--example", "map.toml", folder=tmp_path)
    assert ended.returncode == 0
    assert '# area_ha = "land.area"' in (tmp_path / "map.toml").read_text(encoding="utf-8")
    assert command("register", "--example", "map.toml", folder=tmp_path).returncode == 2


def test_the_bundled_export_is_what_its_script_makes(tmp_path):
    runpy.run_path(str(ASTANA / "make_platform.py"))["main"](tmp_path)
    made = (tmp_path / "platform_export.json").read_bytes()
    assert made == (ASTANA / "platform_export.json").read_bytes()
    assert "generated" in json.loads(made)["notice"].casefold()


def test_the_bundled_export_gives_the_bundled_next_portfolio(tmp_path):
    made = geoplan.register(
        ASTANA / "platform_export.json",
        columns=ASTANA / "platform.toml",
        since=ASTANA / "park2" / "projects.csv",
        out=tmp_path / "projects.csv",
    )
    assert made.summary == "8 new, 3 changed, 5 withdrawn, 0 returned, 142 unchanged"
    bundled = ASTANA / "park2_next" / "projects.csv"
    assert (tmp_path / "projects.csv").read_bytes() == bundled.read_bytes()
    kept = made.portfolio.set_index("project_id")["priority"].dropna()
    given = pd.read_csv(ASTANA / "park2" / "projects.csv", dtype="str").set_index("project_id")
    assert kept.to_dict() == given["priority"].to_dict(), "the platform has no priorities"
