"""The bundled park over the years: one command, and its report answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import geoplan
from geoplan.pipeline import Plan
from tests.small_park import geoplan as command

ROOT = Path(__file__).parents[2]
ASTANA = ROOT / "layers" / "astana"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """Run the command of the README; return the folder, and what it said."""
    folder = tmp_path_factory.mktemp("years") / "out"
    ended = command(
        "plan", ASTANA / "park2_years.toml", "--out", folder, "-q", "--json", folder=ROOT
    )
    assert ended.returncode == 0, ended.stderr
    return folder, json.loads(ended.stdout)


@pytest.fixture(scope="module")
def plan(out: tuple[Path, dict[str, object]]) -> Plan:
    return geoplan.load(out[0])


def test_the_script_makes_the_files_that_are_bundled(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ASTANA / "make_park2_years.py", tmp_path], check=True)
    bundled = ASTANA / "park2_years"
    made = {path.name: path.read_bytes() for path in sorted(tmp_path.iterdir())}
    assert made == {path.name: path.read_bytes() for path in sorted(bundled.iterdir())}


def test_the_command_answers_what_when_how_far_and_what_to_bring_forward(
    out: tuple[Path, dict[str, object]],
) -> None:
    folder, told = out
    answers = told["years"]
    assert isinstance(answers, list)
    starts = ("projects start from", "wait for infrastructure", "Of the target of", "Missing to")
    for words in (*starts, "To bring forward first: INF-"):
        assert any(words in answer for answer in answers), words
    page = (folder / "report.html").read_text("utf-8")
    assert 'id="years"' in page
    assert 'id="deadlines"' in page


def test_no_finding_is_an_error_and_no_year_is_overdrawn(plan: Plan) -> None:
    assert not (plan.findings["severity"] == "error").any()
    table = plan.phase_capacities
    assert (table["used"] <= table["capacity"] * (1 + 1e-6)).all()
    assert len(plan.infrastructure) == 14
    assert plan.notice.startswith("Schematic")


def test_windows_and_infrastructure_hold_for_everybody_placed(plan: Plan) -> None:
    placed = plan.allocation[plan.allocation["status"] == "placed"]
    both = placed.merge(plan.projects, on="project_id", suffixes=("", "_wish"))
    assert (both["start_year"] >= both["start_year_wish"]).all()
    assert (both["start_year"] <= both["start_year_max"]).all()
    ready = plan.zones.set_index("zone_id")["available_year"]
    assert (both["start_year"].to_numpy() >= ready[both["zone_id"]].to_numpy()).all()
    year = plan.infrastructure.set_index("infrastructure_id")["effective_year"]
    for wish, start, names in zip(
        both["start_year_wish"], both["start_year"], both["waits_for"].fillna(""), strict=True
    ):
        assert all(wish < year[name] <= start for name in names.split(";") if name)


def test_every_window_that_ends_too_early_names_what_it_waits_for(plan: Plan) -> None:
    unplaced = plan.allocation[plan.allocation["status"] != "placed"]
    assert len(unplaced)
    late = unplaced[unplaced["reason"].str.contains("available in")]
    assert len(late)
    assert late["reason"].str.contains(r"it waits for INF-\d\d \(20\d\d\)").all()


def test_the_slider_follows_the_years_chosen(
    out: tuple[Path, dict[str, object]], plan: Plan
) -> None:
    from geoplan.publish.map.content import project_table

    table = project_table(plan).set_index("project_id")
    chosen = plan.allocation.set_index("project_id")["start_year"].dropna()
    assert (table.loc[chosen.index, "start_year"] == chosen).all()
