"""The portfolio's table: csv, xlsx, ods, json, parquet, or one in a GeoPackage or a database.

Whatever the format, ids stay text ("007" stays "007"): text formats are read as text
throughout, and spreadsheets too; :mod:`geoplan.site.columns` gives columns their types.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyogrio

from geoplan.config.reading import readable_file
from geoplan.errors import shown
from geoplan.site.archives import is_sound
from geoplan.site.databases import DatabaseTable
from geoplan.site.findings import Remarks
from geoplan.site.sources import Source, gdal_warnings, pick_layer
from geoplan.site.texts import decoded

# In order of preference: a comma also stands inside names ("Площадь, га"), a tab never does.
SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma"}
FORMATS = ".csv, .tsv, .txt, .xlsx, .ods, .json, .parquet, .gpkg"

HEADER_ROWS = 40
"""A header is looked for in so many rows; notes above it are shorter."""

HEADER_NAMES_MIN = 2
"""A row below others is the header if it names so many columns: one word may be chance."""

Wanted = Callable[[Sequence[str]], int]
"""Counts the cells of a row that name columns looked for."""

_WORKBOOKS = frozenset({".xlsx", ".ods"})
_READ_WHOLE = _WORKBOOKS | {".csv", ".tsv", ".txt", ".json"}

# Everything as text, and every row as one of cells: GDAL would guess both otherwise.
_SPREADSHEET_AS_TEXT = {
    "OGR_XLSX_HEADERS": "DISABLE",
    "OGR_XLSX_FIELD_TYPES": "STRING",
    "OGR_ODS_HEADERS": "DISABLE",
    "OGR_ODS_FIELD_TYPES": "STRING",
}


@dataclass(frozen=True)
class Table:
    """A table as read.

    Attributes
    ----------
    frame : DataFrame
        RangeIndex; wholly empty rows are left out.
    decimal_comma : bool
        Whether a comma within digits is a decimal one: in files that another character
        separates, and in workbooks' cells that hold numbers as text.
    """

    frame: pd.DataFrame
    decimal_comma: bool = False


def naming(names: Iterable[str]) -> Wanted:
    """Count cells that are one of `names`, in any case.

    >>> naming(["project_id", "area_ha"])(["Project_ID", "area_ha ", "x"])
    2
    """
    known = {name.strip().casefold() for name in names}
    return lambda cells: sum(cell.strip().casefold() in known for cell in cells)


def read_table(source: Source | DatabaseTable, remarks: Remarks, *, wanted: Wanted) -> Table | None:
    """Read a table in the format that its suffix names, or as its database has it.

    Parameters
    ----------
    source : Source or DatabaseTable
    remarks : Remarks
        Takes down what cannot be read, and the separator and encoding that were assumed.
    wanted : callable
        Finds the header below notes: the row for which it is greatest, else the first.

    Returns
    -------
    Table or None
        None after a problem.
    """
    table: Table | None
    suffix = "" if isinstance(source, DatabaseTable) else source.path.suffix.lower()
    if isinstance(source, DatabaseTable):
        table = Table(source.columns(wanted))
    elif suffix in _READ_WHOLE and not _is_bearable(source, remarks):
        return None
    elif suffix in {".csv", ".tsv", ".txt"}:
        table = _read_csv(source, wanted, remarks)
    elif suffix == ".json":
        table = _read_json(source, remarks)
    elif suffix == ".parquet":
        table = _read_parquet(source, remarks)
    elif suffix in {".xlsx", ".ods", ".gpkg"}:
        table = _read_through_gdal(source, wanted, remarks)
    else:
        remarks.problem(f"'{suffix}' is no table format known here.", f"Use one of {FORMATS}.")
        return None
    if table is None:
        return None
    # Spreadsheets leave rows and columns behind that only look empty; they carry nothing.
    blank = table.frame.isna() | (table.frame == "")
    nameless = [not str(n).strip() or str(n).startswith("Unnamed: ") for n in table.frame.columns]
    kept = table.frame.loc[~blank.all(axis=1), ~(blank.all(axis=0).to_numpy() & nameless)]
    return Table(kept.reset_index(drop=True), table.decimal_comma)


def _is_bearable(source: Source, remarks: Remarks) -> bool:
    """Tell whether a table fits into memory; note why not. Workbooks are archives, too."""
    try:
        readable_file(source.path)
    except OSError as error:
        remarks.problem(f"the table cannot be read ({error.strerror}).", "Name a smaller one.")
        return False
    packed = source.path.suffix.lower() in _WORKBOOKS and zipfile.is_zipfile(source.path)
    return not packed or is_sound(source.path, remarks)


def _read_csv(source: Source, wanted: Wanted, remarks: Remarks) -> Table | None:
    text = decoded(source.path.read_bytes(), remarks)
    separator = _separator(text, wanted)
    if separator != ",":
        remarks.info("csv-separator", f"columns are separated by the {SEPARATORS[separator]}.")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        cause = f"the rows do not fit the header ({error})."
        remarks.problem(cause, "Quote cells that contain the separator or a line break.")
        return None
    frame = _under_header(rows, wanted, remarks)
    return None if frame is None else Table(frame, decimal_comma=separator != ",")


def _separator(text: str, wanted: Wanted) -> str:
    """Choose the separator under which a row names most columns, else the header has most of."""
    lines = list(
        itertools.islice((line for line in text.splitlines() if line.strip()), HEADER_ROWS)
    )
    unquoted = re.sub(r'"[^"]*"', "", lines[0]) if lines else ""

    def named(separator: str) -> tuple[int, int]:
        # Lines on their own: a quoted line break can stand in no row that names columns.
        rows = csv.reader(lines, delimiter=separator)
        return max((wanted(row) for row in rows), default=0), unquoted.count(separator)

    return max(SEPARATORS, key=named) if any(named(s) != (0, 0) for s in SEPARATORS) else ","


def _under_header(
    rows: Sequence[Sequence[str | None]], wanted: Wanted, remarks: Remarks
) -> pd.DataFrame | None:
    """Take the row that names most columns as header; say so when notes stand above it."""
    texts = [[str(cell or "") for cell in row] for row in rows]
    filled = [row for row, cells in enumerate(texts) if any(cell.strip() for cell in cells)]
    if not filled:
        remarks.problem(
            "the rows do not fit the header (No columns to parse from file).",
            "Write a header and rows.",
        )
        return None
    header = max(filled[:HEADER_ROWS], key=lambda row: (wanted(texts[row]), -row))
    if wanted(texts[header]) < HEADER_NAMES_MIN:
        header = filled[0]
    if header != filled[0]:
        above = shown(
            f"'{' '.join(c.strip() for c in texts[r] if c.strip())}'" for r in filled if r < header
        )
        remarks.info("header-row", f"the header stands in row {header + 1}; above it: {above}.")
    names = [name.strip() for name in texts[header]]
    if not _unique(names, remarks):
        return None
    body = texts[header + 1 :]
    long = [row for row, cells in enumerate(body) if any(c.strip() for c in cells[len(names) :])]
    if long:
        lines = shown(f"line {header + 2 + row}" for row in long)
        remarks.problem(
            f"the rows do not fit the header: more cells than its {len(names)} in {lines}.",
            "Quote cells that contain the separator, or separate columns by semicolons.",
        )
        return None
    width = len(names)
    padded = [[*cells[:width], *[""] * (width - len(cells))] for cells in body]
    # Blank names are given back as pandas gives them, so that one rule leaves such columns out.
    columns = [name or f"Unnamed: {place}" for place, name in enumerate(names)]
    return pd.DataFrame(padded, columns=columns, dtype="str")


def _unique(names: list[str], remarks: Remarks) -> bool:
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        remarks.problem(f"columns are named twice: {shown(twice)}.", "Rename or remove one.")
    return not twice


def _read_json(source: Source, remarks: Remarks) -> Table | None:
    try:
        content: Any = json.loads(source.path.read_text(encoding="utf-8-sig"))
        content = _with_whole_letters(content)
    except (ValueError, RecursionError) as error:
        remarks.problem(f"the file is not JSON in UTF-8 ({error}).", "Export it again.")
        return None
    if not isinstance(content, list) or not all(isinstance(record, dict) for record in content):
        remarks.problem("the JSON is not a list of records.", 'Write [{"project_id": ...}, ...].')
        return None
    names = list(dict.fromkeys(name for record in content for name in record))
    columns = {name: [record.get(name) for record in content] for name in names}
    # As objects: pandas would turn a column of whole numbers and nulls into decimals.
    return Table(pd.DataFrame(columns, dtype="object", index=pd.RangeIndex(len(content))))


def _with_whole_letters(value: Any) -> Any:
    """Put a sign of loss for half a letter (a lone surrogate), which is text to JSON alone."""
    if isinstance(value, str):
        return value.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")
    if isinstance(value, dict):
        return {_with_whole_letters(name): _with_whole_letters(v) for name, v in value.items()}
    if isinstance(value, list):
        return [_with_whole_letters(part) for part in value]
    return value


def _read_parquet(source: Source, remarks: Remarks) -> Table | None:
    try:
        return Table(pd.read_parquet(source.path))
    except ImportError:
        cause = "reading Parquet needs pyarrow, which is not installed."
        remarks.problem(cause, "Install pyarrow, or save the table as csv or xlsx.")
    except (OSError, ValueError) as error:
        remarks.problem(f"the file is not readable as Parquet ({error}).", "Export it again.")
    return None


def _read_through_gdal(source: Source, wanted: Wanted, remarks: Remarks) -> Table | None:
    book = source.path.suffix.lower() != ".gpkg"
    before = {name: pyogrio.get_gdal_config_option(name) for name in _SPREADSHEET_AS_TEXT}
    pyogrio.set_gdal_config_options(_SPREADSHEET_AS_TEXT)
    try:
        with gdal_warnings(remarks):
            layer = pick_layer(source, remarks)
            if layer is None:
                return None
            frame = pyogrio.read_dataframe(source.path, layer=layer, read_geometry=False)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        remarks.problem(f"the table cannot be read ({error}).", "Save it again.")
        return None
    finally:
        pyogrio.set_gdal_config_options(before)
    if not book:
        return Table(frame)
    rows = frame.astype("object").where(frame.notna(), None).to_numpy().tolist()
    below = _under_header(rows, wanted, remarks)
    # True numbers come with points: a comma stands in cells that somebody typed as text.
    return None if below is None else Table(below, decimal_comma=True)
