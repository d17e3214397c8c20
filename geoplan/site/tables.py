"""The portfolio's table: csv, xlsx, ods, json, parquet or a table in a GeoPackage.

Whatever the format, ids stay text ("007" stays "007"): text formats are read as text
throughout, and spreadsheets too; :mod:`geoplan.site.columns` gives columns their types.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyogrio

from geoplan.errors import shown
from geoplan.site.findings import Remarks
from geoplan.site.sources import Source, gdal_warnings, pick_layer

# In order of preference: a comma also stands inside names ("Площадь, га"), a tab never does.
SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma"}
FORMATS = ".csv, .tsv, .txt, .xlsx, .ods, .json, .parquet, .gpkg"

# Everything as text, and the first row as names: GDAL would guess both otherwise.
_SPREADSHEET_AS_TEXT = {
    "OGR_XLSX_HEADERS": "FORCE",
    "OGR_XLSX_FIELD_TYPES": "STRING",
    "OGR_ODS_HEADERS": "FORCE",
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
        Whether the file's separator leaves the comma to numbers.
    """

    frame: pd.DataFrame
    decimal_comma: bool = False


def read_table(source: Source, remarks: Remarks) -> Table | None:
    """Read a table in the format that its suffix names.

    Parameters
    ----------
    source : Source
    remarks : Remarks
        Takes down what cannot be read, and the separator and encoding that were assumed.

    Returns
    -------
    Table or None
        None after a problem.
    """
    suffix = source.path.suffix.lower()
    if suffix in {".csv", ".tsv", ".txt"}:
        table = _read_csv(source, remarks)
    elif suffix == ".json":
        table = _read_json(source, remarks)
    elif suffix == ".parquet":
        table = _read_parquet(source, remarks)
    elif suffix in {".xlsx", ".ods", ".gpkg"}:
        table = _read_through_gdal(source, remarks)
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


def _read_csv(source: Source, remarks: Remarks) -> Table | None:
    content = source.path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251", errors="replace")
        remarks.info(
            "csv-encoding",
            "the file is not UTF-8 and was read as cp1251.",
            "Save it as UTF-8: cp1251 has no Kazakh letters and may have lost some already.",
        )
    header = next((line for line in text.splitlines() if line.strip()), "")
    unquoted = re.sub(r'"[^"]*"', "", header)
    separator = max(SEPARATORS, key=unquoted.count) if unquoted else ","
    if separator != ",":
        remarks.info("csv-separator", f"columns are separated by the {SEPARATORS[separator]}.")
    names = next(csv.reader([header], delimiter=separator), [])
    if not _unique([name.strip() for name in names], remarks):
        return None
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=separator, dtype="str", keep_default_na=False, index_col=False
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        cause = f"the rows do not fit the header ({' '.join(str(error).split())})."
        remarks.problem(cause, "Quote cells that contain the separator.")
        return None
    return Table(frame, decimal_comma=separator != ",")


def _unique(names: list[str], remarks: Remarks) -> bool:
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        remarks.problem(f"columns are named twice: {shown(twice)}.", "Rename or remove one.")
    return not twice


def _read_json(source: Source, remarks: Remarks) -> Table | None:
    try:
        content: Any = json.loads(source.path.read_text(encoding="utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        remarks.problem(f"the file is not JSON in UTF-8 ({error}).", "Export it again.")
        return None
    if not isinstance(content, list) or not all(isinstance(record, dict) for record in content):
        remarks.problem("the JSON is not a list of records.", 'Write [{"project_id": ...}, ...].')
        return None
    names = list(dict.fromkeys(name for record in content for name in record))
    columns = {name: [record.get(name) for record in content] for name in names}
    # As objects: pandas would turn a column of whole numbers and nulls into decimals.
    return Table(pd.DataFrame(columns, dtype="object", index=pd.RangeIndex(len(content))))


def _read_parquet(source: Source, remarks: Remarks) -> Table | None:
    try:
        return Table(pd.read_parquet(source.path))
    except ImportError:
        cause = "reading Parquet needs pyarrow, which is not installed."
        remarks.problem(cause, "Install pyarrow, or save the table as csv or xlsx.")
    except (OSError, ValueError) as error:
        remarks.problem(f"the file is not readable as Parquet ({error}).", "Export it again.")
    return None


def _read_through_gdal(source: Source, remarks: Remarks) -> Table | None:
    before = {name: pyogrio.get_gdal_config_option(name) for name in _SPREADSHEET_AS_TEXT}
    pyogrio.set_gdal_config_options(_SPREADSHEET_AS_TEXT)
    try:
        with gdal_warnings(remarks):
            layer = pick_layer(source, remarks)
            if layer is None:
                return None
            return Table(pyogrio.read_dataframe(source.path, layer=layer, read_geometry=False))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        remarks.problem(f"the table cannot be read ({error}).", "Save it again.")
        return None
    finally:
        pyogrio.set_gdal_config_options(before)
