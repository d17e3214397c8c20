"""Odd values in any column of any layer, and of the portfolio in each format."""

from __future__ import annotations

import csv
import datetime
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandera.pandas as pa
from openpyxl.utils.exceptions import IllegalCharacterError

from geoplan.site import CONTRACTS

from .cases import Case, Cell, Copied
from .parks import GIVEN

ODD: tuple[object, ...] = (
    *(float("nan"), float("inf"), float("-inf"), -1, 0, -0.0, 1e308, 1e-308, 5e-324, 0.1, 2.5),
    *(2**53, 2**63, 2**64, 10**30, -(2**63), True, False, None),
    *("", " ", "\t", "0", "-1", "1e308", "1e999", "1e-400", "nan", "inf", "-inf", "1_000"),
    *("1,5", "1 000", "1\u00a0000,5", "0x10", "½", "٣", "1.2.3", "--1", "+1", "1e2", ".5", "5."),
    *("x" * 100_000, "a\x00b", "\x00", "\ud800", "x\udfffy", "\u202eabc", "\u200b", "\ufeffA-1"),
    *("=1+1",),
    *('=HYPERLINK("http://x","y")', "@SUM(A1)", "-2+3", "#REF!", "2026-11-23", "12.05.2026"),
    *("РЎРєР»Р°Рґ", "Çàâîä", "Сарыарқа", "Сары?рқа", "???", "a;b", ";", ";;", "A-1;A-2", "A-1"),
    *("<script>alert(1)</script>", "{{ 7*7 }}", "'; DROP TABLE plots;--", "a\nb", "a\r\nb", '"'),
    *("PRODUCTION", " production ", "Production", "withdrawn", "applied", "да", "yes", "maybe"),
    *([1, 2], ["A-1", "A-2"], [], {"a": 1}, {}, [[1]], ["A-1", None], 5, 3.0, 1, 6, 2026, 2027.5),
)  # fmt: skip
FIGURES: tuple[object, ...] = (
    *(1e-308, 5e-324, 1e-12, 1e-6, 0.001, 0.1, 0.3, 1, 2.0, 3, 5, 7, 59, 61, 100, 999, 1900, 2026),
    *(2027, 2200, 1e5, 1e6, 1e9, 1e12, 1e15, 2**53, 1e18, 1e100, 1e154, 1e200, 1e300, 1.79e308),
    *("1,5", "1 000", "1 000,5", "1e3", "1E+3", "+2", "02", "2.", ".5", "2e-9", 0, -0.0),
)  # fmt: skip
IDS = ("same", "case", "space", "accent", "zero-width")
_LAYERS = {
    "plain": ("zones", "exclusions", "gates", "receptors", "roads"),
    GIVEN: ("plots", "roads", "zones"),
}
_PORTFOLIOS = ("csv", "json", "json", "xlsx", "plain")
_DATES = (datetime.datetime(2026, 11, 23), datetime.date(2026, 1, 1), datetime.time(12))


def misstate(copied: Copied, rng: np.random.Generator) -> Case:
    """Write an odd value into one cell, or an id a second time."""
    if rng.random() < 0.45:
        base = str(rng.choice(sorted(_LAYERS)))
        name = str(rng.choice(_LAYERS[base]))
        return _in_layer(copied(base) / f"{name}.geojson", base, name, rng)
    base = str(rng.choice([*_PORTFOLIOS, GIVEN]))
    if base == "plain":
        return _in_csv(copied(base) / "utilities.csv", base, "utilities", rng)
    if base in {"csv", GIVEN}:
        return _in_csv(copied(base) / "projects.csv", base, "projects", rng)
    return _in_json(copied(base), rng) if base == "json" else _in_book(copied, rng)


def _column(layer: str, rng: np.random.Generator) -> str:
    return str(rng.choice(list(CONTRACTS[layer].columns.columns)))


def _value(rng: np.random.Generator, ids: list[str], column: pa.Column) -> object:
    if ids and rng.random() < 0.1:
        own = ids[int(rng.integers(len(ids)))]
        like = {
            "same": own,
            "case": own.swapcase(),
            "space": f" {own} ",
            "accent": own.replace("A", "А"),
            "zero-width": f"{own}\u200b",
        }
        return like[str(rng.choice(IDS))]
    if column.metadata["dtype"] in {"float64", "Int64"} and rng.random() < 0.6:
        return FIGURES[int(rng.integers(len(FIGURES)))]
    return ODD[int(rng.integers(len(ODD)))]


def _told(layer: str, row: int, column: str, value: object) -> str:
    return f"{layer} {row} {column} = {ascii(value)[:60]}"


def _in_layer(path: Path, base: str, name: str, rng: np.random.Generator) -> Case:
    content = json.loads(path.read_text(encoding="utf-8"))
    records = content["features"]
    key, column = CONTRACTS[name].key, _column(name, rng)
    row = int(rng.integers(len(records)))
    value = _value(
        rng,
        [r["properties"][key] for r in records] if column == key else [],
        CONTRACTS[name].columns.columns[column],
    )
    records[row]["properties"][column] = value
    path.write_text(json.dumps(content), encoding="utf-8")
    return Case(
        base, _told(name, row, column, value), changed=Cell(name, row, column, value, False)
    )


def _in_json(folder: Path, rng: np.random.Generator) -> Case:
    path = folder / "projects.json"
    records: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    column, row = _column("projects", rng), int(rng.integers(len(records)))
    value = _value(
        rng,
        [r["project_id"] for r in records] if column == "project_id" else [],
        CONTRACTS["projects"].columns.columns[column],
    )
    records[row][column] = value
    path.write_text(json.dumps(records), encoding="utf-8")
    told = _told("projects", row, column, value)
    return Case("json", told, changed=Cell("projects", row, column, value, False))


def _in_csv(path: Path, base: str, name: str, rng: np.random.Generator) -> Case:
    header, *rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    column, row = _column(name, rng), int(rng.integers(len(rows)))
    key = header.index(CONTRACTS[name].key)
    value = _value(
        rng,
        [r[key] for r in rows] if column == CONTRACTS[name].key else [],
        CONTRACTS[name].columns.columns[column],
    )
    if column not in header:
        header.append(column)
        rows = [[*cells, ""] for cells in rows]
    text = "" if value is None else str(value)
    rows[row][header.index(column)] = text
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    path.write_bytes(out.getvalue().encode("utf-8", errors="surrogatepass"))
    return Case(base, _told(name, row, column, text), changed=Cell(name, row, column, text, True))


def _in_book(copied: Copied, rng: np.random.Generator) -> Case:
    path = copied("xlsx") / "projects.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    column, row = _column("projects", rng), int(rng.integers(sheet.max_row - 1))
    value = (
        _value(rng, [], CONTRACTS["projects"].columns.columns[column])
        if rng.random() < 0.9
        else _DATES[int(rng.integers(len(_DATES)))]
    )
    if column not in header:
        header.append(column)
        sheet.cell(1, len(header), column)
    cell = sheet.cell(row + 2, header.index(column) + 1)
    try:
        if isinstance(value, float) and not np.isfinite(value):
            raise ValueError(value)
        str(value).encode("utf-8")
        cell.value = value
        book.save(path)
    except (
        ValueError,
        TypeError,
        OSError,
        OverflowError,
        IllegalCharacterError,
    ):  # no spreadsheet can hold it
        return _in_json(copied("json"), rng)
    formula = isinstance(value, str) and value.startswith("=")
    odd = formula or not isinstance(value, str | int | float) or isinstance(value, bool)
    changed = None if odd else Cell("projects", row, column, value, True)
    return Case("xlsx", _told("projects", row, column, value), changed=changed)
