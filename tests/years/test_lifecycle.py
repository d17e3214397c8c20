"""Deadlines of the lifecycle, and land that withdrawals free."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

import geoplan
from geoplan.deadlines import months_later
from geoplan.errors import GeoplanError
from tests.small_park import write_park
from tests.years.timed_park import PROJECTS, write_timed

AS_OF = "as_of = 2026-11-01\n"


def test_terms_are_held_against_the_day_that_the_scenario_names(tmp_path: Path) -> None:
    plan = geoplan.run(write_timed(tmp_path, site=AS_OF))
    table = plan.deadlines.set_index(["project_id", "months_max"])
    states = table["state"].to_dict()
    assert states == {("A-2", 12): "overdue", ("A-3", 6): "in time", ("A-2", 36): "in time"}
    assert table.loc[("A-2", 12), "deadline"] == "2026-01-10"
    assert table.loc[("A-2", 12), "days_left"] == (date(2026, 1, 10) - date(2026, 11, 1)).days
    assert table.loc[("A-2", 36), "then"] == "may be taken back"
    held = plan.allocation.set_index("project_id").loc["A-2", "plot_ids"]
    assert table.loc[("A-2", 12), "plot_ids"] == held


def test_what_is_overdue_is_a_warning_with_plot_norm_and_source(tmp_path: Path) -> None:
    plan = geoplan.run(write_timed(tmp_path, site=AS_OF))
    (row,) = plan.findings[plan.findings["rule"] == "deadline"].to_dict("records")
    assert (row["severity"], row["subject"]) == ("warning", "A-2")
    assert "its term of 12 months ended 295 days before 2026-11-01 (2026-01-10)" in row["message"]
    assert "Turkish OSB: 1 (+1) year to the building permit [M]" in row["message"]
    assert row["geometry"] is not None
    page = (plan.save(tmp_path / "out") / "report.html").read_text("utf-8")
    assert 'id="deadlines"' in page


@pytest.mark.parametrize(
    ("days", "state"), [(-1, "overdue"), (0, "due"), (90, "due"), (91, "in time")]
)
def test_due_is_what_ends_within_ninety_days(tmp_path: Path, days: int, state: str) -> None:
    deadline = months_later(date(2026, 9, 20), 6)
    as_of = f"as_of = {(deadline - timedelta(days=days)).isoformat()}\n"
    plan = geoplan.run(write_timed(tmp_path, site=as_of))
    table = plan.deadlines.set_index("project_id")
    assert table.loc["A-3", "state"] == state


def test_land_unused_for_three_years_may_be_taken_back(tmp_path: Path) -> None:
    plan = geoplan.run(write_timed(tmp_path, site="as_of = 2028-02-01\n"))
    found = plan.findings[(plan.findings["rule"] == "deadline")]
    remedies = found.loc[found["subject"] == "A-2", "remedy"].tolist()
    assert "The land may be taken back: then set its status to withdrawn." in remedies


def test_a_status_that_begins_later_than_the_day_is_found(tmp_path: Path) -> None:
    plan = geoplan.run(write_timed(tmp_path, site="as_of = 2026-09-01\n"))
    (row,) = plan.findings[plan.findings["rule"] == "status of later"].to_dict("records")
    assert row["subject"] == "A-3"


@pytest.mark.parametrize("day", ["10.01.2025", "2025/01/10"])
def test_days_are_read_as_offices_and_spreadsheets_write_them(tmp_path: Path, day: str) -> None:
    projects = PROJECTS.replace("2025-01-10", day)
    site = geoplan.check(write_timed(tmp_path, projects=projects))
    assert site.projects is not None
    assert "2025-01-10" in set(site.projects["status_since"])
    (told,) = [each for each in site.findings if each.rule == "words-taken"]
    assert told.message == f"in status_since, '{day}' as '2025-01-10' was read."


@pytest.mark.parametrize("day", ["10.13.2025", "2025-02-30", "2025-1-1"])
def test_a_day_that_is_none_is_refused(tmp_path: Path, day: str) -> None:
    projects = PROJECTS.replace("2025-01-10", day)
    with pytest.raises(GeoplanError) as refused:
        geoplan.check(write_timed(tmp_path, projects=projects))
    (problem,) = refused.value.problems
    assert problem.cause == f"status_since must be a day, year-month-day, but is '{day}'."


def test_a_profile_of_ones_own_states_one_term_or_none(tmp_path: Path) -> None:
    scenario = write_timed(tmp_path, site=AS_OF)
    shipped = Path(geoplan.__file__).parent / "norms" / "kz-industrial.toml"
    text = shipped.read_text("utf-8").partition("# How long a project")[0]
    own = '[lifecycle.contract]\nmonths_max = 18\nthen = "warn"\nsource = "x"\nconfidence = "L"\n'
    (tmp_path / "norms.toml").write_text(text + own, "utf-8")
    with scenario.open("a", encoding="utf-8") as file:
        file.write('\n[norms]\nprofile = "norms.toml"\n')
    assert geoplan.run(scenario).deadlines["months_max"].tolist() == [18]
    (tmp_path / "norms.toml").write_text(text + own.replace("contract", "contarct"), "utf-8")
    with pytest.raises(GeoplanError, match="contarct"):
        geoplan.check(scenario)


def test_without_a_day_there_are_no_deadlines(tmp_path: Path) -> None:
    plan = geoplan.run(write_timed(tmp_path))
    assert plan.deadlines.columns.empty
    assert "deadline" not in set(plan.findings["rule"])


def withdrawn_park(folder: Path) -> Path:
    """Write the small park with so much demand that somebody waits."""
    scenario = write_park(folder)
    rows = "\n".join(f"B-{n},Works {n},metal,production,3,2.9,3,{n},10,0.1,5" for n in range(1, 8))
    path = folder / "projects.csv"
    path.write_text(path.read_text("utf-8") + rows + "\n", "utf-8")
    return scenario


def test_a_withdrawal_frees_the_plot_and_offers_it_in_the_order_of_the_list(
    tmp_path: Path,
) -> None:
    scenario = withdrawn_park(tmp_path)
    first = geoplan.run(scenario)
    ranked = first.allocation.dropna(subset="waiting").sort_values("waiting")["project_id"]
    assert len(ranked) > 1
    path = tmp_path / "projects.csv"
    header, *lines = path.read_text("utf-8").splitlines()
    state = {"B-5": "withdrawn"}
    rows = [f"{line},{state.get(line.partition(',')[0], 'application')}" for line in lines]
    path.write_text("\n".join([f"{header},status", *rows]) + "\n", "utf-8")
    plan = geoplan.run(scenario, previous=first)
    table = plan.offers
    plot = first.allocation.set_index("project_id").loc["B-5", "plot_ids"]
    assert set(table["plot_id"]) == {plot}
    assert table["offered_to"].tolist() == ranked.tolist()
    assert table["rank"].tolist() == list(range(1, len(ranked) + 1))
    assert (table["freed_by"] == "B-5").all()
    assert (table["why"] == "withdrawn").all()
    giant = table.set_index("offered_to").loc["A-6"]
    assert (giant["fits"], giant["barred_by"], giant["outcome"]) == (False, "area", "waits")
    took = table[table["outcome"] == "has land of it"]["offered_to"]
    now = plan.allocation.set_index("project_id")["status"]
    assert (now[took] == "placed").all()
    back = geoplan.load(plan.save(tmp_path / "out"))
    assert back.offers["offered_to"].tolist() == ranked.tolist()


def test_who_withdrew_before_frees_nothing_again(tmp_path: Path) -> None:
    scenario = withdrawn_park(tmp_path)
    path = tmp_path / "projects.csv"
    header, *lines = path.read_text("utf-8").splitlines()
    rows = [f"{line},{'withdrawn' if line.startswith('B-5') else ''}" for line in lines]
    path.write_text("\n".join([f"{header},status", *rows]) + "\n", "utf-8")
    first = geoplan.run(scenario)
    assert geoplan.run(scenario, previous=first).offers.columns.empty
