"""Reads a national platform's export as a portfolio: JSON with nested records, CSV, XLSX..."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geoplan.config.platform import PlatformMap
from geoplan.errors import Problems, nearest_name, shown
from geoplan.site.checks import check_columns
from geoplan.site.columns import CONSTANT, check_mapping, read_columns
from geoplan.site.findings import Finding, Remarks
from geoplan.site.schema import CONTRACTS
from geoplan.site.sources import locate
from geoplan.site.tables import Table, naming, read_table

PROJECTS = "projects"


def read_export(path: Path, mapping: PlatformMap) -> tuple[pd.DataFrame, list[Finding]]:
    """Read, translate and check an export.

    Parameters
    ----------
    path : Path
    mapping : PlatformMap
        Its names of columns, and its words.

    Returns
    -------
    DataFrame
        The columns of the portfolio's contract that the export has, ordered by ``project_id``.
    list of Finding

    Raises
    ------
    GeoplanError
        With every problem of the export and the map.
    """
    problems, findings = Problems(), list[Finding]()
    remarks = Remarks(PROJECTS, str(path), problems, findings)
    names = mapping.columns.get(PROJECTS, {})
    check_mapping(mapping.columns, problems)
    _check_values(mapping, problems)
    problems.raise_any()
    known = CONTRACTS[PROJECTS].columns.columns
    table = _records(path, mapping, remarks, names)
    problems.raise_any()
    if table is None:  # a problem was noted then, and raised
        return pd.DataFrame(), findings
    raw = _translated(table.frame, mapping, names)
    read = read_columns(raw, names, remarks, decimal_comma=table.decimal_comma)
    check_columns(read, remarks)
    problems.raise_any()
    given = {str(name).strip() for name in raw.columns}
    has = [
        ours
        for ours in known
        if names.get(ours, "").startswith(CONSTANT) or names.get(ours, ours).strip() in given
    ]
    return read.frame[has].sort_values("project_id").reset_index(drop=True), findings


def _check_values(mapping: PlatformMap, problems: Problems) -> None:
    known = list(CONTRACTS[PROJECTS].columns.columns)
    for column in mapping.words:
        if column not in known:
            problems.add(f"[words.{column}]", "no such column.", nearest_name(column, known))


def _records(
    path: Path, mapping: PlatformMap, remarks: Remarks, names: Mapping[str, str]
) -> Table | None:
    if path.suffix.lower() == ".json":
        return _nested(path, mapping.records, remarks)
    source = locate(path.name, path.parent, remarks)
    wanted = naming([*CONTRACTS[PROJECTS].columns.columns, *names.values()])
    return None if source is None else read_table(source, remarks, wanted=wanted)


def _nested(path: Path, keys: str, remarks: Remarks) -> Table | None:
    """Follow keys to the list of records, and lay what records hold out in columns."""
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        remarks.problem(f"it cannot be read ({error.strerror}).", "Name a readable file.")
        return None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        remarks.problem(f"the file is not JSON in UTF-8 ({error}).", "Export it again.")
        return None
    for key in filter(None, keys.split(".")):
        if not isinstance(content, dict) or key not in content:
            has = shown(content) if isinstance(content, dict) else "no keys"
            cause = f"'{key}' of records = \"{keys}\" is not there; there is: {has}."
            remarks.problem(cause, "Correct records in the map.")
            return None
        content = content[key]
    if not isinstance(content, list) or not all(isinstance(each, dict) for each in content):
        cause = "there is no list of records there."
        remedy = 'Name the keys that lead to it in the map: records = "data.items".'
        if isinstance(content, dict):
            remedy = f"{remedy} There is: {shown(content)}."
        remarks.problem(cause, remedy)
        return None
    flat = [_flat(each) for each in content]
    columns = list(dict.fromkeys(name for each in flat for name in each))
    values = {name: [each.get(name) for each in flat] for name in columns}
    return Table(pd.DataFrame(values, dtype="object", index=pd.RangeIndex(len(flat))))


def _flat(record: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Name what is nested by the keys that lead there.

    >>> _flat({"id": 1, "site": {"area": 2}})
    {'id': 1, 'site.area': 2}
    """
    flat: dict[str, Any] = {}
    for key, value in record.items():
        name = f"{before}{key}"
        flat |= _flat(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return flat


def _translated(raw: pd.DataFrame, mapping: PlatformMap, names: Mapping[str, str]) -> pd.DataFrame:
    """Put our words in the place of theirs; words that the map does not have stay."""
    stripped = {str(name).strip(): name for name in raw.columns}
    translated = raw.copy()
    for ours, words in mapping.words.items():
        column = stripped.get(names.get(ours, ours).strip())
        if column is None:
            continue
        folded = {their.strip().casefold(): our for their, our in words.items()}
        translated[column] = [
            folded.get(str(cell).strip().casefold(), cell) for cell in raw[column]
        ]
    return translated
