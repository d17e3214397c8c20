"""The plan chooses years, and tells what starts when, what it waits for and what flows in."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import geopandas as gpd
import pandas as pd
import pytest

import geoplan
from geoplan.pipeline import Plan
from tests.small_park import write_park
from tests.years.timed_park import PROJECTS, write_timed


@cache
def planned() -> Plan:
    """The timed park's plan, made once."""
    return geoplan.run(write_timed(Path(mkdtemp())))


def test_everybody_starts_in_the_window_when_land_and_capacity_are_there() -> None:
    table = planned().allocation.set_index("project_id")
    # 4 MW in 2026: have to start then, with 1.5 MW; so the foundry's 4 MW wait.
    assert table.loc[["A-1", "A-2", "A-3", "A-4"], "start_year"].tolist() == [
        2026, 2027, 2026, 2027,
    ]  # fmt: skip
    assert table.loc[["A-1", "A-2", "A-3", "A-4"], "waits_for"].tolist() == ["", "I-2", "", "I-3"]


def test_who_cannot_wait_is_told_for_what_and_until_when() -> None:
    row = planned().allocation.set_index("project_id").loc["A-5"]
    assert row["status"] == "unplaced"
    assert pd.isna(row["start_year"])
    assert "It starts in 2026; the first of them is available in 2027" in row["reason"]
    assert "it waits for I-3 (2027)" in row["reason"]


def test_a_capacity_of_a_year_is_a_reason_and_names_what_adds_to_it(tmp_path: Path) -> None:
    crowd = PROJECTS.replace(
        "production,2.5,2,3,8,90,4,4,2026,2028", "production,2.5,2,3,8,90,4,4,2026,2026"
    )
    plan = geoplan.run(write_timed(tmp_path, projects=crowd))
    table = plan.allocation.set_index("project_id")
    assert table.loc["A-2", "status"] == "placed"
    told = table.loc["A-1", "reason"]
    assert "PW in 2026 is short of power: 0 of 4 MW is free, and it needs 1 MW" in told
    assert "before I-2 (2027) adds to it" in told


def test_phases_add_up_to_the_plan() -> None:
    plan, phases = planned(), planned().phases
    placed = plan.allocation[plan.allocation["status"] == "placed"]
    last = phases.iloc[-1]
    assert phases["projects"].sum() == last["projects_total"] == len(placed)
    invest = plan.projects.set_index("project_id")["invest_bn_kzt"]
    total = invest[placed["project_id"]].sum()
    for column in ("invest_bn_kzt", "inflow_bn_kzt"):
        assert phases[column].sum() == pytest.approx(total)
    assert phases["area_ha"].sum() == pytest.approx(placed["area_ha"].sum(), rel=1e-3)
    assert phases["infrastructure_bn_kzt"].sum() == pytest.approx(3.5)


def test_capital_is_spread_over_the_years_of_building_and_held_against_its_target() -> None:
    phases = planned().phases.set_index("year")
    # 2026: A-1's 3 bn in one year, half of A-3's 1 bn; 2027: halves of A-2's 8, A-3's 1, A-4's 4.
    assert phases["inflow_bn_kzt"].to_dict() == pytest.approx({2026: 3.5, 2027: 6.5, 2028: 6.0})
    assert phases.loc[2026, "inflow_bn_usd"] == pytest.approx(0.007)
    assert phases.loc[2026, "missing_bn_usd"] == pytest.approx(0.003)
    assert pd.isna(phases.loc[2028, "target_bn_usd"])


def test_no_year_draws_more_than_it_has() -> None:
    table = planned().phase_capacities.set_index("year")
    assert table["capacity"].tolist() == [4, 10, 10]
    assert table["used"].tolist() == [1.5, 6.0, 6.0]


def test_infrastructure_tells_who_waits_for_it() -> None:
    table = planned().infrastructure.set_index("infrastructure_id")
    assert table["waiting_ids"].tolist() == ["", "A-2", "A-4"]
    assert table["waiting_bn_kzt"].tolist() == [0, 8, 4]


def test_a_year_earlier_is_worth_who_is_placed_besides_and_who_starts_earlier() -> None:
    table = planned().forward.set_index("infrastructure_id")
    line = table.loc["I-1"]
    assert (line["rank"], line["moved_with"]) == (1, "I-2;I-3")
    assert (line["gain_bn_kzt"], line["gain_bn_kzt_years"]) == (2.5, 12.0)
    assert (line["project_ids"], line["earlier_ids"]) == ("A-5", "A-2;A-4")
    assert line["proven"]
    assert table.loc["I-2", "text"] == (
        "I-2 cannot come earlier before what it depends on does (I-1)."
    )


def test_the_forecast_comes_true_when_the_year_is_brought_forward(tmp_path: Path) -> None:
    scenario = write_timed(tmp_path)
    path = tmp_path / "infrastructure.csv"
    path.write_text(path.read_text("utf-8").replace("2027", "2026"), "utf-8")
    table = geoplan.run(scenario).allocation
    assert (table["status"] == "placed").all()
    assert (table["start_year"] == 2026).all()


def test_the_audit_finds_years_that_do_not_hold() -> None:
    plan = planned()
    assert not [f for f in plan.audited() if f.severity == "error"]
    early = plan.allocation.assign(start_year=plan.allocation["start_year"] - 1)
    found = [f for f in replace(plan, allocation=early).audited() if f.severity == "error"]
    assert {f.rule for f in found} == {"window", "year"}
    full = plan.phase_capacities.assign(used=11.0)
    rules = {f.rule for f in replace(plan, phase_capacities=full).audited()}
    assert "capacity of a year" in rules


def test_a_saved_plan_has_its_years_and_is_the_same_twice(tmp_path: Path) -> None:
    first, second = planned().save(tmp_path / "a"), planned().save(tmp_path / "b")
    back = geoplan.load(first)
    for name in ("phases", "phase_capacities", "infrastructure", "forward"):
        saved, made = getattr(back, name), getattr(planned(), name)
        pd.testing.assert_frame_equal(saved, made, check_dtype=False)
    for name in ("plan.gpkg", "report.html", "map.html", "register.xlsx", "allocation.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    header = (first / "allocation.csv").read_text("utf-8").splitlines()[0]
    assert header.endswith("reason,waiting,start_year,waits_for")


def test_report_and_register_tell_the_years(tmp_path: Path) -> None:
    import openpyxl

    folder = planned().save(tmp_path / "out")
    page = (folder / "report.html").read_text("utf-8")
    assert "4 of 5 projects start from 2026 to 2027: 16.0 bn KZT" in page
    assert "Missing to the target, bn USD: 0.003 in 2026, 0.007 in 2027." in page
    assert "To bring forward first: I-1 in 2026 instead of 2027 with I-2, I-3" in page
    book = openpyxl.load_workbook(folder / "register.xlsx")
    expected = {"Years", "Years of utilities", "Infrastructure", "Brought forward"}
    assert expected <= set(book.sheetnames)


def test_the_same_plan_again_from_itself_keeps_land_and_years(tmp_path: Path) -> None:
    folder = tmp_path / "park"
    scenario = write_timed(folder)
    first = geoplan.run(scenario)
    again = geoplan.run(scenario, previous=first)
    columns = ["project_id", "plot_ids", "start_year", "waits_for"]
    pd.testing.assert_frame_equal(first.allocation[columns], again.allocation[columns])


def test_without_years_a_plan_has_none_of_this(tmp_path: Path) -> None:
    plan = geoplan.run(write_park(tmp_path))
    assert "start_year" not in plan.allocation
    assert plan.phases.columns.empty
    assert not {"start_year_max", "build_years", "status_since"} & set(plan.projects)
    assert 'id="years"' not in (plan.save(tmp_path / "o") / "report.html").read_text("utf-8")


def test_targets_alone_tell_the_stated_years_and_choose_none(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    with scenario.open("a", encoding="utf-8") as file:
        file.write("\n[targets]\nbuild_years = 4\n")
    plan = geoplan.run(scenario)
    assert "start_year" not in plan.allocation
    # Nobody states a year: all start in that of the site, as far as their land is there.
    placed = plan.allocation.loc[plan.allocation["status"] == "placed", "project_id"]
    invest = plan.projects.set_index("project_id").loc[placed, "invest_bn_kzt"].sum()
    first = plan.phases.set_index("year").loc[[2026, 2027], "projects"]
    assert first.sum() == len(placed)
    assert plan.phases["inflow_bn_kzt"].sum() == pytest.approx(invest)
    assert plan.phases["inflow_bn_usd"].isna().all()
    assert plan.infrastructure.columns.empty
    assert plan.forward.columns.empty
    page = (plan.save(tmp_path / "o") / "report.html").read_text("utf-8")
    assert 'id="years"' in page


def test_a_growing_utility_holds_in_a_cadastre_too(tmp_path: Path) -> None:
    from tests.small_park import box, write_layer

    plots = [box(10 + 110 * i, 30, 110 * i + 115, 170) for i in range(4)]
    frame = gpd.GeoDataFrame(
        {"plot_id": [f"C-{i}" for i in range(1, 5)]}, geometry=plots, crs="EPSG:32642"
    )
    scenario = write_timed(tmp_path)
    write_layer(frame, tmp_path / "plots.geojson")
    text = scenario.read_text("utf-8").replace("[site]\n", '[site]\nplots = "plots.geojson"\n')
    text = text.replace("[subdivide]\n", '[subdivide]\nmode = "given"\n')
    scenario.write_text(text, "utf-8")
    plan = geoplan.run(scenario)
    assert (plan.phase_capacities["used"] <= plan.phase_capacities["capacity"] + 1e-9).all()
    assert not (plan.findings["rule"] == "window").any()
