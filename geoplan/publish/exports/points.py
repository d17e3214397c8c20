"""Turning points of plots as surveyors list them: X = north, Y = east, to the centimetre.

Areas are those that the listed points enclose, so that whoever computes them again from the
list finds the same figure to the last digit.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
import xlsxwriter

from geoplan.publish.cells import inert, writable
from geoplan.units import M2_PER_HA

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers

POINTS_CSV, AREAS_CSV, POINTS_XLSX = "points.csv", "point_areas.csv", "points.xlsx"
POINT_TITLES = {
    "plot_id": "Участок",
    "contour": "Контур",
    "point": "№ точки",
    "x_m": "X",
    "y_m": "Y",
}
"""Columns of the list and their headings, as land offices write them: X is north, Y east."""
AREA_TITLES = {
    "plot_id": "Участок",
    "points": "Точек",
    "area_m2": "Площадь по координатам, м²",
    "plan_m2": "Площадь по плану, м²",
}
_STEPS = 100  # in a metre
_SHEET_ROWS = 1_048_575  # below the heading
_CREATED = datetime(2000, 1, 1)


def turning_points(plan: PlanLayers) -> pd.DataFrame:
    """List the turning points of all plots.

    Returns
    -------
    DataFrame
        ``plot_id``; ``contour`` (1 is the outline, clockwise from its north-westernmost point;
        further ones are holes, counter-clockwise); ``point``, from 1 in each contour, the first
        not repeated at its end; ``x_m`` (north) and ``y_m`` (east) in the working CRS, whole
        centimetres.
    """
    columns: dict[str, list[Any]] = {name: [] for name in POINT_TITLES}
    for name, shape in zip(plan.plots["plot_id"], plan.plots.geometry, strict=True):
        for contour, corners in enumerate(_contours(shape), start=1):
            count = len(corners)
            columns["plot_id"] += [str(name)] * count
            columns["contour"] += [contour] * count
            columns["point"] += range(1, count + 1)
            columns["x_m"] += (corners[:, 1] / _STEPS).tolist()
            columns["y_m"] += (corners[:, 0] / _STEPS).tolist()
    types = {"plot_id": "str", "contour": "int64", "point": "int64", "x_m": "float64"}
    return pd.DataFrame(
        {
            name: pd.Series(cells, dtype=types.get(name, "float64"))
            for name, cells in columns.items()
        }
    )


def point_areas(plan: PlanLayers, points: pd.DataFrame) -> pd.DataFrame:
    """Return what the listed points enclose, plot by plot, beside the plan's own area.

    Parameters
    ----------
    plan : PlanLayers
    points : DataFrame
        As :func:`turning_points` lists them.

    Returns
    -------
    DataFrame
        ``plot_id, points, area_m2, plan_m2``, in the plan's order. Areas of the points are
        computed in whole centimetres, hence exact.
    """
    areas: dict[str, int] = {}
    for (name, _), rows in points.groupby(["plot_id", "contour"], sort=False):
        # Outlines run clockwise and count, holes run the other way and are taken off.
        doubled = -_doubled_area(_steps(rows[["y_m", "x_m"]].to_numpy()))
        areas[str(name)] = areas.get(str(name), 0) + doubled
    ids = plan.plots["plot_id"].astype(str)
    counts = points.groupby("plot_id").size()
    return pd.DataFrame(
        {
            "plot_id": ids.to_numpy(dtype=object),
            "points": ids.map(counts).fillna(0).astype("int64").to_numpy(),
            "area_m2": [areas.get(name, 0) / (2 * _STEPS**2) for name in ids],
            "plan_m2": plan.plots["area_ha"].to_numpy() * M2_PER_HA,
        }
    )


def write_points(plan: PlanLayers, folder: Path) -> tuple[str, ...]:
    """Write the list and its areas as CSV and as a workbook of two sheets.

    CSV as land offices use it: semicolons, decimal commas, UTF-8 with a byte order mark. What a
    spreadsheet would run as a formula has an apostrophe before it in the CSV.

    Returns
    -------
    tuple of str
        Names of the files.
    """
    points = turning_points(plan)
    areas = point_areas(plan, points)
    _write_list(points, POINT_TITLES, folder / POINTS_CSV)
    _write_list(areas, AREA_TITLES, folder / AREAS_CSV)
    _write_workbook(plan, points, areas, folder / POINTS_XLSX)
    return POINTS_CSV, AREAS_CSV, POINTS_XLSX


def _contours(shape: Any) -> list[Any]:
    """Return corners in whole centimetres (east, north) of the outline and of each hole."""
    contours: list[Any] = []
    for part in shapely.get_parts(shape):
        for number, ring in enumerate((part.exterior, *part.interiors)):
            corners = _steps(shapely.get_coordinates(ring)[:-1])
            # Corners closer than a centimetre are one point.
            corners = corners[(corners != np.roll(corners, 1, axis=0)).any(axis=1)]
            if len(corners) < 3:
                continue
            clockwise = _doubled_area(corners) < 0
            if clockwise != (number == 0):
                corners = corners[::-1]
            first = int(np.argmax(corners[:, 1] - corners[:, 0]))
            contours.append(np.roll(corners, -first, axis=0))
    return contours


def _steps(corners: Any) -> Any:
    return np.rint(np.asarray(corners, dtype=float) * _STEPS).astype(np.int64)


def _doubled_area(corners: Any) -> int:
    """Return twice the signed area in whole steps; exact, for numbers stay near the origin."""
    east, north = (corners - corners[0]).T
    return int((east * np.roll(north, -1) - np.roll(east, -1) * north).sum())


def _write_list(table: pd.DataFrame, titles: dict[str, str], path: Path) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(titles.values())
    for row in table[list(titles)].itertuples(index=False):
        writer.writerow([_cell(value) for value in row])
    path.write_text(stream.getvalue(), encoding="utf-8-sig", newline="")


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return inert(value)
    return f"{value:.2f}".replace(".", ",") if isinstance(value, float) else str(value)


def _write_workbook(
    plan: PlanLayers, points: pd.DataFrame, areas: pd.DataFrame, path: Path
) -> None:
    content = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    crs = plan.plots.crs
    with xlsxwriter.Workbook(content, options) as workbook:
        named = f"CRS: {crs.name if crs is not None else 'not known'}. {plan.notice}"
        workbook.set_properties(
            {"title": writable(plan.name), "comments": writable(named), "created": _CREATED}
        )
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        formats = {"f": workbook.add_format({"num_format": "0.00"}),
                   "i": workbook.add_format({"num_format": "0"}),
                   "O": workbook.add_format({"num_format": "@"})}  # fmt: skip
        for start in range(0, max(len(points), 1), _SHEET_ROWS):
            name = "Points" if start == 0 else f"Points {start // _SHEET_ROWS + 1}"
            part = points.iloc[start : start + _SHEET_ROWS]
            _write_sheet(workbook.add_worksheet(name), part, POINT_TITLES, bold, formats)
        _write_sheet(workbook.add_worksheet("Areas"), areas, AREA_TITLES, bold, formats)
    path.write_bytes(content.getvalue())


def _write_sheet(
    sheet: Any, table: pd.DataFrame, titles: dict[str, str], bold: Any, formats: dict[str, Any]
) -> None:
    sheet.set_column(0, len(titles) - 1, 16)
    sheet.freeze_panes(1, 1)
    for place, (name, title) in enumerate(titles.items()):
        sheet.write_string(0, place, title, bold)
        look = formats[table[name].dtype.kind]
        for row, value in enumerate(table[name].tolist(), start=1):
            if isinstance(value, str):
                sheet.write_string(row, place, writable(value), look)
            else:
                sheet.write_number(row, place, value, look)
