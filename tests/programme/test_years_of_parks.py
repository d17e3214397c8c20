"""Years of a programme are those of its parks' plans."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from geoplan.nation import ProgrammePlan, programme
from tests.years.timed_park import PROJECTS, write_timed

FIRST_YEAR = 2028
PROGRAMME = """\
[programme]
name = "One park"
parks = "parks.csv"
projects = "asked.csv"

[targets]
kzt_per_usd = 500.0
build_years = 3

[subdivide]
layouts_max = 40
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> ProgrammePlan:
    """Plan a park whose infrastructure comes in 2027, but whose zones do not before 2028."""
    folder = tmp_path_factory.mktemp("park")
    write_timed(folder)
    (folder / "parks.csv").write_text(
        "park_id,name,region,crs,lon,lat,available_year,scenario\n"
        f"K,Park,North,,71.4,51.2,{FIRST_YEAR},park.toml\n",
        encoding="utf-8",
    )
    windows = PROJECTS.replace("2026,2026,", "2026,2028,")
    (folder / "asked.csv").write_text(windows, encoding="utf-8")
    (folder / "programme.toml").write_text(PROGRAMME, encoding="utf-8")
    return programme(folder / "programme.toml")


def test_a_project_starts_in_the_year_that_its_park_chose(planned: ProgrammePlan) -> None:
    chosen = planned.plans["K"].allocation.set_index("project_id")["start_year"].dropna()
    told = planned.projects.set_index("project_id")
    placed = told[told["status"] == "placed"]
    assert len(placed) >= 3
    assert placed["start_year"].tolist() == chosen[placed.index].tolist()
    assert set(placed["start_year"]) == {FIRST_YEAR}
    assert told.loc["A-3", "start_year"] == 2026  # it has no window, and no land by then


def test_capital_flows_in_as_its_parks_plans_say(planned: ProgrammePlan) -> None:
    years = planned.years.set_index("year")
    phases = planned.plans["K"].phases.set_index("year")
    assert years["planned_bn_kzt"].sum() == pytest.approx(phases["invest_bn_kzt"].sum())
    assert years.loc[FIRST_YEAR, "projects_started"] == phases.loc[FIRST_YEAR, "projects"]
    assert (years.loc[: FIRST_YEAR - 1, "planned_bn_kzt"] == 0).all()
    assert years.loc[2026, "asked_bn_kzt"] > 0


def test_a_projects_own_years_of_building_come_first(planned: ProgrammePlan) -> None:
    asked = pd.DataFrame(planned.projects)
    placed = asked[asked["status"] == "placed"].set_index("project_id")["invest_bn_kzt"]
    lasts = {"A-1": 1, "A-2": 2}  # as their rows say; the others take the programme's three
    due = sum(invest / lasts.get(str(name), 3) for name, invest in placed.items())
    planned_now = planned.years.set_index("year").loc[FIRST_YEAR, "planned_bn_kzt"]
    assert planned_now == pytest.approx(due)


def test_infrastructure_is_worth_nothing_before_the_parks_first_year(
    planned: ProgrammePlan,
) -> None:
    forward = planned.plans["K"].forward
    assert set(forward["infrastructure_id"]) == {"I-1", "I-2", "I-3"}
    assert (forward["gain_bn_kzt_years"] == 0).all()


def test_passwords_of_databases_are_not_told(tmp_path: Path) -> None:
    from geoplan.config import load_programme
    from geoplan.errors import GeoplanError
    from geoplan.site.national import read_nation

    address = "postgresql://planner:sesame@127.0.0.1:1/park|parks"
    text = PROGRAMME.replace('"parks.csv"', json.dumps(address))
    (tmp_path / "programme.toml").write_text(text, encoding="utf-8")
    (tmp_path / "asked.csv").write_text(PROJECTS, encoding="utf-8")
    settings = load_programme(tmp_path / "programme.toml")
    assert "sesame" not in json.dumps(settings.model_dump(mode="json"))
    with pytest.raises(GeoplanError) as refused:
        read_nation(settings)
    assert "postgresql://planner@127.0.0.1:1/park|parks" in str(refused.value)
    assert "sesame" not in str(refused.value)
