"""``register.xlsx``: plots, projects, balance and findings, to filter and to sum."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from geoplan.config import UTILITIES
from geoplan.errors import GeoplanError, Problem
from geoplan.plan import BALANCE_COLUMNS, FINDING_COLUMNS, PLOT_COLUMNS, STATED_COLUMNS
from geoplan.publish.cells import writable
from geoplan.publish.columns import Column, column, placed_projects, waiting_first
from geoplan.publish.figures import street_table

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers

ROWS_MAX = 1_048_574
"""Rows of a table that fit a sheet beside its header and its totals."""

_FORMATS = {
    "count": "#,##0",
    "ha": "#,##0.00",
    "m": "#,##0.0",
    "money": "#,##0.000",
    "number": "#,##0.00",
    "share": "0.0%",
    "year": "0",
}
_TEXT_MAX = 32_767  # of an XLSX cell
_WIDTHS = {"long": 60.0, "flag": 10.0, "year": 10.0}
_WIDTH_LEAST, _WIDTH_MOST = 9.0, 34.0
_WIDTH_ROWS = 1_000
# A workbook bears its date of creation; a fixed one keeps the bytes alike.
_CREATED = datetime(2000, 1, 1)
_SUMMED = (
    "area_ha",
    "area_given_ha",
    "area_wanted_ha",
    "price_mln_kzt",
    "invest_bn_kzt",
    "jobs",
    "power_mw",
    "water_m3d",
    "wastewater_m3d",
    "gas_m3h",
    "heat_gcalh",
)


class _Sheet(NamedTuple):
    title: str
    table: pd.DataFrame
    summed: Sequence[str] = ()


def write_register(plan: PlanLayers, path: Path) -> None:
    """Write the plan's register: one sheet a table.

    Sheets ``Plots``, ``Projects`` (with the allocation), ``Unplaced`` (with reasons),
    ``Balance``, ``Streets``, ``Capacities``, ``Findings``, and of years, deadlines and flows
    where there are any; the header is frozen and
    filters, totals follow the filter. Text is written as text, so that nothing an applicant
    typed is run as a formula or opened as a link. The same plan gives the same bytes.

    Parameters
    ----------
    plan : PlanLayers
    path : Path

    Raises
    ------
    GeoplanError
        If a table has more rows than a sheet.
    """
    sheets = _sheets(plan)
    _check_rows(sheets, path)
    content = io.BytesIO()
    # Zip entries of a workbook in memory bear a fixed date, those of one on disk do not.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(content, options) as workbook:
        title, notice = writable(plan.name), writable(plan.notice)
        workbook.set_properties({"title": title, "comments": notice, "created": _CREATED})
        formats = _formats(workbook)
        for sheet in sheets:
            _write_sheet(workbook.add_worksheet(sheet.title), sheet, formats)
    path.write_bytes(content.getvalue())


def _sheets(plan: PlanLayers) -> list[_Sheet]:
    projects = placed_projects(plan.projects, plan.allocation)
    names = plan.projects.set_index("project_id")["name"] if "name" in plan.projects else None
    stated = [name for name in STATED_COLUMNS if name in plan.plots]
    plots = plan.plots[[*PLOT_COLUMNS, *stated]].copy()
    if names is not None:
        plots["project_name"] = plots["project_id"].map(names)
    streets = street_table(plan)
    # What is not known of every class has no sum.
    known = [name for name in streets.columns[1:] if streets[name].notna().all()]
    unplaced = waiting_first(projects[projects["decision"] == "unplaced"])
    first = [c for c in ("project_id", "waiting", "name", "sector", "reason") if c in unplaced]
    given = ["decision", "plot_ids", "zone_id", "area_given_ha"]
    unplaced = unplaced[[*first, *unplaced.columns.drop([*first, *given])]]
    return [
        _Sheet("Plots", plots, _SUMMED),
        _Sheet("Projects", projects, _SUMMED),
        _Sheet("Unplaced", unplaced, _SUMMED),
        # Kinds of single zones and of the whole park stand in one table: no sum makes sense.
        _Sheet("Balance", plan.balance[list(BALANCE_COLUMNS)]),
        _Sheet("Streets", streets, known),
        _Sheet("Capacities", _with_units(plan.capacities)),
        _Sheet("Findings", pd.DataFrame(plan.findings[list(FINDING_COLUMNS)])),
        *_sheets_of_years(plan),
        *_sheets_of_flows(plan),
    ]


def _with_units(capacities: pd.DataFrame) -> pd.DataFrame:
    """Call kinds of utilities by their names, each with its unit."""
    named = {kind: f"{title}, {unit}" for kind, (title, unit) in UTILITIES.items()}
    return capacities.assign(kind=capacities["kind"].replace(named))


def _sheets_of_flows(plan: PlanLayers) -> list[_Sheet]:
    """One sheet of flows with their transport work, where there are any."""
    if not len(plan.flows):
        return []
    flows = plan.flows.assign(work_tkm=plan.flows["t_year"] * plan.flows["km"])
    return [_Sheet("Flows", flows, ("t_year", "work_tkm"))]


def _sheets_of_years(plan: PlanLayers) -> list[_Sheet]:
    """Sheets that a register has only where years, deadlines or offers are asked for."""
    tables = {
        "Years": plan.phases,
        "Years of utilities": plan.phase_capacities,
        # Elsewhere "waiting" is a place on the waiting list.
        "Infrastructure": plan.infrastructure.rename(columns={"waiting": "waiting_number"}),
        "Brought forward": plan.forward,
        "Deadlines": plan.deadlines.replace({"then": {"warn": "reminder"}}),
        "Offers": plan.offers,
    }
    return [
        _Sheet(title, _with_units(table) if "kind" in table else table)
        for title, table in tables.items()
        if len(table.columns)
    ]


def _check_rows(sheets: Sequence[_Sheet], path: Path) -> None:
    long = [
        f"{sheet.title} ({len(sheet.table)})" for sheet in sheets if len(sheet.table) > ROWS_MAX
    ]
    if long:
        cause = f"an XLSX sheet holds {ROWS_MAX} rows, and these tables have more."
        remedy = "Plan fewer zones at once."
        raise GeoplanError([Problem(path.name, cause, remedy, tuple(long))])


def _formats(workbook: Any) -> dict[str, Any]:
    formats = {kind: workbook.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
    for kind, code in _FORMATS.items():
        look = {"num_format": code, "bold": True, "top": 1}
        formats[f"total {kind}"] = workbook.add_format(look)
    # "@" keeps a cell text even after somebody has edited it.
    formats["text"] = workbook.add_format({"num_format": "@"})
    formats["long"] = workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    formats["flag"] = workbook.add_format({"align": "center"})
    formats["total"] = workbook.add_format({"bold": True, "top": 1})
    formats["header"] = workbook.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E6EBEE", "bottom": 1}
    )
    return formats


def _write_sheet(worksheet: Any, sheet: _Sheet, formats: dict[str, Any]) -> None:
    table = sheet.table
    for place, name in enumerate(table.columns):
        values = table[name]
        shown = column(str(name), values)
        worksheet.set_column(place, place, _width(shown, values))
        worksheet.write_string(0, place, writable(shown.title), formats["header"])
        _write_cells(worksheet, place, values, shown, formats)
    if sheet.summed and len(table):
        _write_totals(worksheet, sheet, formats)
    worksheet.freeze_panes(1, 1)
    worksheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)
    worksheet.set_landscape()
    worksheet.set_paper(9)  # A4
    worksheet.fit_to_pages(1, 0)
    worksheet.repeat_rows(0)


def _write_cells(
    worksheet: Any, place: int, values: pd.Series, shown: Column, formats: dict[str, Any]
) -> None:
    """Write a column's values; nulls, empty text and numbers that are none stay blank."""
    known = values.notna().to_numpy()
    for row, (cell, filled) in enumerate(zip(values.tolist(), known, strict=True), start=1):
        if not filled or cell == "":
            continue
        if isinstance(cell, bool | np.bool_):
            worksheet.write_boolean(row, place, bool(cell), formats["flag"])
        elif isinstance(cell, int | float | np.number):
            if np.isfinite(cell):
                number = formats.get(shown.kind, formats["number"])
                worksheet.write_number(row, place, cell, number)
        else:
            text = formats["long" if shown.kind == "long" else "text"]
            worksheet.write_string(row, place, writable(str(cell))[:_TEXT_MAX], text)


def _write_totals(worksheet: Any, sheet: _Sheet, formats: dict[str, Any]) -> None:
    """Sum what the filter shows; the value is stored too, for programs that do not compute."""
    last = len(sheet.table)
    for place, name in enumerate(sheet.table.columns):
        if name not in sheet.summed:
            worksheet.write(last + 1, place, "Total" if place == 0 else None, formats["total"])
            continue
        values = sheet.table[name]
        cells = f"{xl_rowcol_to_cell(1, place)}:{xl_rowcol_to_cell(last, place)}"
        kind = formats[f"total {column(str(name), values).kind}"]
        total = float(values.sum())
        worksheet.write_formula(last + 1, place, f"=SUBTOTAL(109,{cells})", kind, total)


def _width(shown: Column, values: pd.Series) -> float:
    """Return a column's width in characters, from its title and its first rows."""
    if shown.kind in _WIDTHS:
        return _WIDTHS[shown.kind]
    longest = max((len(word) for word in shown.title.split()), default=0)
    if shown.kind == "text":
        cells = values.head(_WIDTH_ROWS).dropna()
        longest = max([longest, *(len(str(cell)) for cell in cells)])
    return min(max(longest + 2.0, _WIDTH_LEAST), _WIDTH_MOST)
