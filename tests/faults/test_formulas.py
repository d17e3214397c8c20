"""What applicants typed runs as a formula in none of the tables that are written."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import openpyxl

from .warm import Warm

BEGINNINGS = ("=", "+", "-", "@")
TYPED = {"A-1": "=1+1", "A-2": "+1", "A-3": "-1+2", "A-4": "@SUM(1)", "A-5": "=cmd|' /C calc'!A0"}


def is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def test_no_cell_of_any_table_begins_a_formula(
    commands: Warm, planned: Path, tmp_path: Path
) -> None:
    work = Path(shutil.copytree(planned, tmp_path / "work"))
    table = work / "projects.csv"
    text = table.read_text()
    for name, typed in TYPED.items():
        text = text.replace(f"\n{name},", f"\n{typed},{typed} ").replace(f"{typed} ,", f"{typed},")
    table.write_text(text)
    for arguments in (
        ("plan", "park.toml", "--out", "first"),
        ("plan", "park.toml", "--from", "first", "--out", "second"),
        ("export", "second", "--out", "third", "--format", "shp", "--format", "points",
         "--format", "xlsx"),
    ):  # fmt: skip
        ended = commands.run(*arguments, "-q", folder=work)
        assert ended.returncode == 0, ended.stderr
    tables = sorted([*work.glob("second/*.csv"), *work.glob("third/*.csv")])
    assert {"allocation.csv", "changes.csv", "points.csv", "projects.csv"} <= {
        path.name for path in tables
    }
    for path in tables:
        delimiter = ";" if path.name.startswith("point") else ","
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file, delimiter=delimiter) for cell in row]
        assert not [cell for cell in cells if cell.startswith(BEGINNINGS) and not is_number(cell)]
        if path.name in {"allocation.csv", "changes.csv", "projects.csv"}:
            assert "'=1+1" in cells
    for path in (*work.glob("second/*.xlsx"), *work.glob("third/*.xlsx")):
        book = openpyxl.load_workbook(path)
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
        assert all(text.startswith("=SUBTOTAL(") for text in formulas)
        assert path.name != "register.xlsx" or "=1+1" in [c.value for c in cells]
