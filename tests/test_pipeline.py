"""The library's one call: what it returns, saves, reads back and repeats."""

from __future__ import annotations

import csv
from dataclasses import fields
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import geoplan
from geoplan.config import load_scenario
from geoplan.plan import ALLOCATION_COLUMNS, BALANCE_COLUMNS, LAND_COLUMNS, PLOT_COLUMNS, PlanLayers

from .small_park import SCENARIO, content, write_park

FRAMES = [name for name in (f.name for f in fields(PlanLayers)) if name not in {
    "name", "notice", "spz_distance_m", "manifest",
}]  # fmt: skip
GRID = SCENARIO.replace("[portfolio]", "").replace('projects = "projects.csv"\n', "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("park")
    write_park(folder)
    return folder


@pytest.fixture(scope="module")
def plan(folder: Path) -> geoplan.Plan:
    return geoplan.run(folder / "park.toml")


def assert_same(one: PlanLayers, other: PlanLayers, *, types: bool) -> None:
    for name in FRAMES:
        left, right = getattr(one, name), getattr(other, name)
        assert list(left.columns) == list(right.columns), name
        if isinstance(left, gpd.GeoDataFrame):
            assert (shapely.to_wkb(left.geometry) == shapely.to_wkb(right.geometry)).all(), name
            left, right = (pd.DataFrame(f.drop(columns="geometry")) for f in (left, right))
        left, right = (f.reset_index(drop=True) for f in (left, right))
        if not types:
            left, right = (f.astype(object).where(f.notna(), None) for f in (left, right))
        pd.testing.assert_frame_equal(left, right, check_dtype=types)


def test_a_plan_has_the_columns_of_the_contract(plan: geoplan.Plan) -> None:
    assert list(plan.plots.columns) == [*PLOT_COLUMNS, "geometry"]
    assert list(plan.land.columns) == [*LAND_COLUMNS, "geometry"]
    assert tuple(plan.allocation.columns) == ALLOCATION_COLUMNS
    assert tuple(plan.balance.columns) == BALANCE_COLUMNS
    assert plan.plots.crs.to_epsg() == plan.land.crs.to_epsg() == 32642


def test_running_writes_nothing(folder: Path) -> None:
    before = content(folder)
    geoplan.run(folder / "park.toml")
    assert content(folder) == before


def test_a_scenario_already_loaded_gives_the_same_plan(folder: Path, plan: geoplan.Plan) -> None:
    assert_same(geoplan.run(load_scenario(folder / "park.toml")), plan, types=True)


def test_progress_names_the_stages_in_their_order(folder: Path) -> None:
    told: list[str] = []
    geoplan.run(folder / "park.toml", progress=told.append)
    assert [name for name in told if ":" not in name] == [
        *("read", "subdivide", "allocate"),
        "subdivide",  # plots are cut for those who are placed
        *("assemble", "explain", "audit"),
    ]
    assert [name for name in told if ":" in name] == [
        "allocate: investment",
        "allocate: area_fit",
    ]


def test_every_project_has_a_row_and_placed_ones_their_plot(plan: geoplan.Plan) -> None:
    assert plan.allocation["project_id"].tolist() == plan.projects["project_id"].tolist()
    holder = plan.plots.dropna(subset="project_id").set_index("project_id")
    for row in plan.allocation.itertuples():
        if row.status == "placed":
            plot = holder.loc[row.project_id]
            assert (row.plot_ids, row.zone_id, row.reason) == (plot["plot_id"], plot["zone_id"], "")
            assert plot.geometry.area / 1e4 == pytest.approx(row.area_ha, rel=2e-4)
        else:
            assert row.project_id not in holder.index
            assert (row.plot_ids, row.zone_id, row.area_ha) == ("", "", 0)
            assert row.reason.endswith(".")


def test_the_giant_is_unplaced_and_logistics_go_to_logistics(plan: geoplan.Plan) -> None:
    rows = plan.allocation.set_index("project_id")
    assert rows["status"]["A-6"] == "unplaced"
    assert rows["zone_id"][["A-4", "A-5"]].tolist() == ["L", "L"]


def test_capacities_account_for_those_placed(plan: geoplan.Plan) -> None:
    placed = plan.projects[plan.allocation["status"] == "placed"]
    (row,) = plan.capacities.itertuples()
    assert row.used == pytest.approx(placed["power_mw"].sum())
    assert row.free == pytest.approx(20 - row.used)


def test_no_error_is_found_and_what_reading_said_comes_first(tmp_path: Path) -> None:
    write_park(tmp_path)
    projects = tmp_path / "projects.csv"
    text = projects.read_text(encoding="utf-8").replace("hazard_class\n", "hazard_class,mood\n")
    projects.write_text(text, encoding="utf-8")
    findings = geoplan.run(tmp_path / "park.toml").findings
    assert "error" not in set(findings["severity"])
    assert findings[["severity", "rule"]].iloc[0].tolist() == ["info", "extra-columns"]


def test_a_saved_plan_reads_back_as_it_was(plan: geoplan.Plan, tmp_path: Path) -> None:
    loaded = geoplan.load(plan.save(tmp_path / "plan"))
    assert_same(loaded, plan, types=False)
    assert (loaded.name, loaded.notice) == (plan.name, plan.notice)
    assert loaded.spz_distance_m == plan.spz_distance_m
    assert loaded.manifest["settings"] == plan.manifest["settings"]


def test_a_plan_read_back_has_the_same_findings_and_saves_the_same_bytes(
    plan: geoplan.Plan, tmp_path: Path
) -> None:
    loaded = geoplan.load(plan.save(tmp_path / "one"))
    shown = [(f.severity, f.rule, f.subject, f.message, f.remedy) for f in plan.audited()]
    assert [(f.severity, f.rule, f.subject, f.message, f.remedy) for f in loaded.audited()] == shown
    loaded.save(tmp_path / "two")
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    assert {name for name in one if one[name] != two[name]} == set()


def test_two_runs_save_the_same_bytes(folder: Path, plan: geoplan.Plan, tmp_path: Path) -> None:
    plan.save(tmp_path / "one")
    geoplan.run(folder / "park.toml").save(tmp_path / "two")
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    assert one.keys() == two.keys()
    assert {name for name in one if one[name] != two[name]} <= {"manifest.json"}


def test_moving_the_inputs_to_another_folder_changes_no_byte(
    plan: geoplan.Plan, tmp_path: Path
) -> None:
    write_park(tmp_path / "elsewhere")
    plan.save(tmp_path / "one")
    geoplan.run(tmp_path / "elsewhere" / "park.toml").save(tmp_path / "two")
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    assert {name for name in one if one[name] != two[name]} <= {"manifest.json"}


def test_the_map_is_foliums_and_shows_in_a_notebook(plan: geoplan.Plan) -> None:
    drawn = plan.map()
    assert isinstance(drawn, folium.Map)
    assert "Small park" in drawn._repr_html_()


def test_explaining_a_project_gives_its_row(plan: geoplan.Plan) -> None:
    told = plan.explained("A-6")
    row = plan.allocation.set_index("project_id", drop=False).loc["A-6"].to_dict()
    assert told.items() >= row.items()
    assert told["barred_by"] == plan.reasons["text"][plan.reasons["project_id"] == "A-6"].tolist()
    assert told["remedies"][0].startswith("It fits P-S01 if it takes 42.084 ha less")
    with pytest.raises(geoplan.GeoplanError, match="Did you mean 'A-6'"):
        plan.explained("A6")


def test_without_a_portfolio_land_is_cut_into_equal_plots(folder: Path, tmp_path: Path) -> None:
    (folder / "grid.toml").write_text(GRID + 'mode = "grid"\nmarket_plot_ha = 2.0\n')
    plan = geoplan.run(folder / "grid.toml")
    assert plan.projects.empty
    assert plan.allocation.empty
    assert plan.plots["project_id"].isna().all()
    assert np.median(plan.plots["area_ha"]) == pytest.approx(2.0, rel=0.25)
    assert "error" not in set(plan.findings["severity"])
    loaded = geoplan.load(plan.save(tmp_path / "grid"))
    assert len(loaded.plots) == len(plan.plots)
    assert [f.rule for f in loaded.audited()] == [f.rule for f in plan.audited()]


def test_a_grid_with_a_portfolio_says_why_nobody_is_placed(folder: Path, tmp_path: Path) -> None:
    (folder / "grid with projects.toml").write_text(SCENARIO + 'mode = "grid"\n')
    plan = geoplan.run(folder / "grid with projects.toml")
    assert set(plan.allocation["status"]) == {"unplaced"}
    assert (plan.allocation["reason"] != "").all()
    plan.save(tmp_path / "grid")
    with (tmp_path / "grid" / "allocation.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 6


def test_check_reads_and_does_no_more(folder: Path) -> None:
    site = geoplan.check(folder / "park.toml")
    assert site.zones["zone_id"].tolist() == ["P", "L"]
    assert len(site.projects) == 6


def test_a_folder_without_a_plan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(geoplan.GeoplanError) as refused:
        geoplan.load(tmp_path)
    assert {problem.where for problem in refused.value.problems} == {
        str(tmp_path / "manifest.json"),
        str(tmp_path / "plan.gpkg"),
    }


def test_the_package_names_what_it_offers() -> None:
    assert all(hasattr(geoplan, name) for name in geoplan.__all__)
    assert not hasattr(geoplan, "no_such_name")
