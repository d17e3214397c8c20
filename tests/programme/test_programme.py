"""A programme from its file to its folder: in this process."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import geoplan as library

from .made_programme import files_of, geoplan, write_programme


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("programme")
    told: list[str] = []
    return library.programme(write_programme(folder), progress=told.append), told


def test_every_project_stands_or_is_told_why_not(made) -> None:
    projects = made[0].projects
    placed = projects["status"] == "placed"
    assert 6 <= placed.sum() < len(projects)
    assert (projects.loc[placed, "reason"] == "").all()
    assert projects.loc[placed, "plot_ids"].ne("").all()
    waiting = projects[~placed]
    assert waiting["reason"].str.contains("MW of power").any()
    assert waiting["reason"].str.contains("K2|K3").all()
    assert waiting["waiting"].notna().all()


def test_who_names_a_region_stands_there(made) -> None:
    projects = made[0].projects
    named = projects[(projects["status"] == "placed") & (projects["regions"] == "South")]
    assert len(named)
    assert set(named["region"]) == {"South"}


def test_no_park_gives_more_than_it_has_and_every_audit_is_clean(made) -> None:
    programme = made[0]
    assert (programme.capacities["free"] >= -1e-9).all()
    assert (programme.parks["errors"] == 0).all()
    held = programme.plots["project_id"].dropna()
    assert set(held) == set(
        programme.projects.loc[programme.projects["status"] == "placed", "project_id"]
    )


def test_the_value_is_below_the_bound_and_adds_up(made) -> None:
    programme = made[0]
    placed = programme.projects["status"] == "placed"
    value = programme.projects.loc[placed, "invest_bn_kzt"].sum()
    assert programme.manifest["value"] == pytest.approx(value)
    assert value <= programme.manifest["bound"] + 1e-9
    assert programme.manifest["bound"] < programme.projects["invest_bn_kzt"].sum()
    assert programme.parks["invest_bn_kzt"].sum() == pytest.approx(value)
    assert programme.years["planned_bn_kzt"].sum() == pytest.approx(value)
    assert programme.sectors["placed_bn_kzt"].sum() == pytest.approx(value)
    assert programme.regions["placed_bn_kzt"].sum() == pytest.approx(value)
    assert programme.rounds["value"].iloc[-1] == pytest.approx(value)


def test_inflow_is_told_at_the_rate_beside_its_target(made) -> None:
    years = made[0].years.set_index("year")
    assert years.loc[2026, "target_bn_usd"] == 0.01
    assert years.loc[2026, "planned_bn_usd"] == pytest.approx(
        years.loc[2026, "planned_bn_kzt"] / 500
    )
    assert years.index.tolist() == [2026, 2027, 2028]


def test_progress_tells_round_parks_and_placed(made) -> None:
    assert "round 1: 4 of 4 parks planned, 0 projects placed" in made[1]
    assert any(text.endswith("of 12 projects placed") for text in made[1])


def test_the_command_writes_all_files_alike_each_time(tmp_path: Path) -> None:
    file = write_programme(tmp_path)
    done = geoplan("programme", file, "--out", tmp_path / "one", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["projects"] == 12
    assert told["projects_placed"] + len(told["projects_unplaced"]) == 12
    again = geoplan("programme", file, "--out", tmp_path / "two", "-q")
    assert again.returncode == 0, again.stderr
    assert again.stderr == ""
    one, two = files_of(tmp_path / "one"), files_of(tmp_path / "two")
    assert one == two
    assert {"allocation.csv", "programme.gpkg", "parks/K0/map.html", "parks/K3/plan.gpkg"} <= set(
        one
    )
    assert '<html lang="en">' in one["programme.html"].decode()
    allocation = pd.read_csv(tmp_path / "one" / "allocation.csv")
    assert allocation.columns.tolist()[:3] == ["project_id", "status", "park_id"]
    plots = gpd.read_file(tmp_path / "one" / "programme.gpkg", layer="plots")
    assert plots.crs.to_epsg() == 4326
    assert set(plots["park_id"]) == {"K0", "K1", "K2", "K3"}
    audited = geoplan("audit", tmp_path / "one" / "parks" / "K0", "-q")
    assert audited.returncode == 0, audited.stdout
    without = geoplan(
        "programme", file, "--out", tmp_path / "two", "--no-plans", "--language", "ru", "-q"
    )
    assert without.returncode == 0, without.stderr
    assert '<html lang="ru">' in (tmp_path / "two" / "programme.html").read_text("utf-8")
    assert not (tmp_path / "two" / "parks").exists()


def test_a_park_may_have_a_scenario_of_its_own(tmp_path: Path) -> None:
    file = write_programme(tmp_path)
    own = gpd.read_file(tmp_path / "zones.geojson")
    own[own["park_id"] == "K0"].to_file(tmp_path / "own.geojson", driver="GeoJSON")
    own[own["park_id"] != "K0"].to_file(tmp_path / "zones.geojson", driver="GeoJSON")
    (tmp_path / "own.toml").write_text(
        '[site]\nname = "Own"\ncrs = "EPSG:32642"\nzones = "own.geojson"\n'
        '[portfolio]\nprojects = "none.csv"\n[subdivide]\nlayouts_max = 20\n'
    )
    parks = pd.read_csv(tmp_path / "parks.csv").assign(scenario=["own.toml", "", "", ""])
    parks.to_csv(tmp_path / "parks.csv", index=False)
    programme = library.programme(file)
    assert programme.plans["K0"].name == "Own"
    assert (programme.projects["park_id"] == "K0").any()
