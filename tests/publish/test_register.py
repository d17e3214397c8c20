import csv
import io
import time
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from geoplan.errors import GeoplanError
from geoplan.plan import ALLOCATION_COLUMNS, PLOT_COLUMNS
from geoplan.publish import register
from geoplan.publish.allocation import write_allocation
from geoplan.publish.cells import inert
from geoplan.publish.register import write_register

from .sample import REASON, costing, sample_plan

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
HOSTILE = (
    "=HYPERLINK(0)",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "https://example.org/",
    "007",
    "1e5",
    "{=1}",
    "<b>bold</b>",
    "Сарыарқа Құрылыс",
)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("register") / "register.xlsx"
    write_register(sample_plan(), path)
    return openpyxl.load_workbook(path)


def column(sheet, title):
    (header,) = (cell for cell in sheet[1] if cell.value == title)
    return list(sheet[header.column_letter][1:])


def values(sheet, title):
    return [cell.value for cell in column(sheet, title)]


def reopened(tmp_path, plan, **options):
    write_register(plan, tmp_path / "register.xlsx")
    return openpyxl.load_workbook(tmp_path / "register.xlsx", **options)


def test_a_sheet_for_each_table(book):
    expected = ["Plots", "Projects", "Unplaced", "Balance", "Streets", "Capacities", "Findings"]
    assert book.sheetnames == expected
    # Header, records and, where sums make sense, the totals.
    assert [sheet.max_row for sheet in book] == [8, 7, 3, 25, 3, 3, 5]


def test_headers_are_frozen_and_filter_the_records_but_not_the_totals(book):
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert all(cell.font.bold for cell in sheet[1])
    assert book["Plots"].auto_filter.ref == "A1:R7"
    assert book["Balance"].auto_filter.ref == "A1:G25"


def test_plots_have_their_columns_and_the_projects_name(book):
    assert len([c.value for c in book["Plots"][1]]) == len(PLOT_COLUMNS) + 1
    named = ["Demo Foods", "Құрылыс", None, "Құрылыс", "Cold Store", "Depot", None]
    assert values(book["Plots"], "Project name") == named


def test_numbers_are_numbers_with_a_format_and_text_is_text(book):
    (area, *_) = column(book["Plots"], "Area, ha")
    assert (area.data_type, area.value, area.number_format) == ("n", 1.8, "#,##0.00")
    (year, *_) = column(book["Plots"], "Available from")
    assert (year.data_type, year.value, year.number_format) == ("n", 2026, "0")
    (priority, *_) = column(book["Projects"], "Priority")
    assert priority.number_format == "#,##0.00"  # it may be a half
    (share, *_) = column(book["Balance"], "Share")
    assert (share.value, share.number_format) == (0.72, "0.0%")
    (plot, *_) = column(book["Plots"], "Plot")
    assert (plot.data_type, plot.number_format) == ("s", "@")
    (rail, *_) = column(book["Projects"], "Rail")
    assert (rail.data_type, rail.value) == ("b", False)


def test_nulls_and_empty_text_are_blank(book):
    assert values(book["Projects"], "Hazard class")[:5] == [5, 4, None, 5, 2]
    assert values(book["Projects"], "Sensitive")[:5] == [True, None, None, None, False]
    assert values(book["Projects"], "Reason")[:5] == [None] * 4 + [REASON]


def test_projects_stand_with_their_allocation(book):
    sheet = book["Projects"]
    assert values(sheet, "Decision")[:5] == ["placed"] * 4 + ["unplaced"]
    assert values(sheet, "Plots")[:5] == ["B1-S1", "B1-S2;B1-N2", "B2-S1", "B2-S2", None]
    assert values(sheet, "Area wanted, ha")[:5] == [1.8, 3.5, 1.7, 1.9, 4.0]
    assert values(sheet, "Area given, ha")[:5] == [1.8, 3.6, 1.8, 1.8, None]
    assert values(sheet, "Status")[0] == "contract"


def test_unplaced_projects_stand_with_their_reasons(book):
    assert values(book["Unplaced"], "Project")[0] == "PR-5"
    assert values(book["Unplaced"], "Reason")[0] == REASON


def test_totals_follow_the_filter_and_are_stored(tmp_path):
    write_register(sample_plan(), tmp_path / "register.xlsx")
    formulas = openpyxl.load_workbook(tmp_path / "register.xlsx")["Projects"]
    stored = openpyxl.load_workbook(tmp_path / "register.xlsx", data_only=True)["Projects"]
    assert values(formulas, "Investment, bn KZT")[-1] == "=SUBTOTAL(109,H2:H6)"
    assert values(stored, "Investment, bn KZT")[-1] == 150.0
    assert values(stored, "Jobs")[-1] == 1500
    assert values(stored, "Area given, ha")[-1] == pytest.approx(9.0)
    assert values(stored, "Hazard class")[-1] is None


def test_streets_stand_by_class_and_only_what_is_known_of_all_is_summed(tmp_path):
    classes = sample_plan().streets.assign(**{"class": ["local", "main"]})
    book = reopened(tmp_path, sample_plan(streets=classes, manifest=costing(main=1750)),
                    data_only=True)  # fmt: skip
    sheet = book["Streets"]
    assert values(sheet, "Class") == ["main", "local", "Total"]
    assert values(sheet, "Length, km") == [0.5, 0.5, 1.0]
    assert values(sheet, "Right of way, ha") == [1.0, 1.0, 2.0]
    assert values(sheet, "Cost, mln KZT") == [875.0, None, None]


def hostile_plan(text):
    plan = sample_plan()
    return replace(
        plan,
        name=text,
        notice=text,
        projects=plan.projects.assign(name=text, sector=text),
        plots=plan.plots.assign(plot_id=[f"{text}{n}" for n in range(6)]),
        allocation=plan.allocation.assign(reason=text),
        findings=plan.findings.assign(message=text),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_what_applicants_typed_is_text_in_every_sheet(tmp_path, text):
    book = reopened(tmp_path, hostile_plan(text))
    for sheet in book:
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                assert cell.hyperlink is None
                if cell.data_type == "f":
                    assert cell.value.startswith("=SUBTOTAL(109,")
    assert [unescape(name) for name in values(book["Projects"], "Name")[:5]] == [text] * 5


# Control codes are escaped in XLSX, and openpyxl leaves that to its user.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None)
@given(prefix=st.sampled_from(("", *"=+-@'")), text=TEXT)
def test_any_text_comes_back_from_the_register_as_typed(tmp_path_factory, prefix, text):
    plan = sample_plan()
    typed = prefix + text
    plan = replace(plan, projects=plan.projects.assign(name=typed))
    book = reopened(tmp_path_factory.mktemp("any"), plan)
    (cell, *_) = column(book["Projects"], "Name")
    assert (cell.data_type, cell.value) == ("s", typed)


def test_the_same_plan_gives_the_same_workbook(tmp_path):
    write_register(sample_plan(), tmp_path / "a.xlsx")
    time.sleep(2.1)  # zip stamps have two seconds
    write_register(sample_plan(), tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_empty_tables_have_their_headers(tmp_path):
    plan = sample_plan()
    names = ("plots", "projects", "allocation", "balance", "streets", "capacities",
             "findings")  # fmt: skip
    book = reopened(tmp_path, replace(plan, **{n: getattr(plan, n).iloc[:0] for n in names}))
    assert [sheet.max_row for sheet in book] == [1] * 7
    assert book["Plots"]["A1"].value == "Plot"


def test_a_table_longer_than_a_sheet_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(register, "ROWS_MAX", 5)
    with pytest.raises(GeoplanError) as raised:
        write_register(sample_plan(), tmp_path / "register.xlsx")
    assert raised.value.problems[0].ids == ("Plots (6)", "Balance (24)")
    assert not (tmp_path / "register.xlsx").exists()


def rows(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_allocation_is_utf8_csv(tmp_path):
    plan = sample_plan()
    plan = replace(plan, allocation=plan.allocation.assign(zone_id="Қ"))
    write_allocation(plan, tmp_path / "a.csv")
    header, *records = rows((tmp_path / "a.csv").read_bytes().decode("utf-8"))
    assert header == list(ALLOCATION_COLUMNS)
    assert records[1] == ["PR-2", "placed", "B1-S2;B1-N2", "3.6", "Қ", "", ""]
    assert records[4] == ["PR-5", "unplaced", "", "", "Қ", REASON, "1"]


def test_ids_stay_text_and_numbers_stay_numbers(tmp_path):
    plan = sample_plan()
    table = plan.allocation.assign(project_id=["007", "-1", "1e5", "+7", "a"], area_ha=-1.5)
    write_allocation(replace(plan, allocation=table), tmp_path / "a.csv")
    read = pd.read_csv(tmp_path / "a.csv", dtype={"project_id": str})
    assert read["project_id"].tolist() == ["007", "'-1", "1e5", "'+7", "a"]
    assert read["area_ha"].tolist() == [-1.5] * 5


@given(text=st.text(st.sampled_from("=+-@\t\r\n;',\"a 1\x00\ud800Қ"), max_size=12) | st.text())
def test_no_cell_or_part_of_one_begins_a_formula(text):
    for end in ("\n", "\r", ";"):
        for part in inert(text).split(end):
            assert not part.startswith(("=", "+", "-", "@", "\t"))
    assert not inert(text).startswith(FORMULAS)


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"])))
def test_text_is_changed_by_apostrophes_only_and_only_where_a_formula_would_begin(text):
    made = inert(text)
    assert made.replace("'", "") == text.replace("'", "")
    if not any(part.startswith(FORMULAS) for part in text.split(";")):
        assert made == text


@settings(max_examples=40, deadline=None)
@given(ids=st.lists(st.text(min_size=1, max_size=12), min_size=5, max_size=5))
def test_any_ids_give_a_csv_of_six_rows_that_runs_nothing(tmp_path_factory, ids):
    plan = sample_plan()
    table = plan.allocation.assign(project_id=ids, plot_ids=[f"{i};{i}" for i in ids])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_allocation(replace(plan, allocation=table), path)
    written = rows(path.read_bytes().decode("utf-8"))
    assert [len(row) for row in written] == [len(ALLOCATION_COLUMNS)] * 6
    assert [row[0] for row in written[1:]] == [inert(i) for i in ids]
    assert not any(cell.startswith(FORMULAS) for row in written for cell in row)
