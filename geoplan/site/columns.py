"""From the columns a file has to the columns of a contract: names, types and defaults.

Text is stripped and empty text is null. A cell that cannot be read as its column's type is
noted with its record and becomes null; :mod:`geoplan.site.checks` holds the rest against the
contract.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from geoplan.errors import Problems, closest, nearest_name, shown
from geoplan.site.days import in_iso
from geoplan.site.findings import Remarks
from geoplan.site.schema import (
    CONTRACTS,
    CROSSABLE_KINDS,
    ID_LISTS,
    ID_SEPARATOR,
    LayerContract,
)
from geoplan.site.texts import note_mangled

SHAPEFILE_NAME_LENGTH = 10
"""Letters of a column name that a Shapefile (dBASE III) keeps."""

LIST_ROLES = ("north", "east", "contour", "point")
"""Columns of a surveyors' list that may be mapped besides those of its layer."""

TABLES = ("projects", "flows")
"""What has no geometry, and so no columns of coordinates."""

CONSTANT = "="
"""Begins a value that is mapped in place of a column: ``use = "=production"``."""

_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "да", "иә"), True),
    **dict.fromkeys(("false", "0", "no", "нет", "жоқ"), False),
}
_DECIMAL_COMMA = re.compile(r"[+-]?\d[\d\s]*,\d+")
_ID_JOIN = rf"\s*{ID_SEPARATOR}[\s{ID_SEPARATOR}]*"
_MIDNIGHT = "T00:00:00"
# Doubles hold every whole number up to 2**53; beyond, a count is a mistake anyway.
_WHOLE_MAX = 2.0**53


@dataclass(frozen=True)
class Read:
    """A layer's columns after reading.

    Attributes
    ----------
    frame : DataFrame
        All columns of the contract, in its order and with its types; RangeIndex.
    missing : frozenset of str
        Required columns that the file does not have.
    unreadable : frozenset of (str, int)
        Column and row of the cells that could not be read as their column's type.
    """

    frame: pd.DataFrame
    missing: frozenset[str]
    unreadable: frozenset[tuple[str, int]]


def check_mapping(
    mapping: Mapping[str, Mapping[str, str]],
    problems: Problems,
    *,
    contracts: Mapping[str, LayerContract] = CONTRACTS,
) -> None:
    """Note layers and columns that ``[columns]`` maps but no contract knows."""
    for layer, names in mapping.items():
        if layer not in contracts:
            remedy = nearest_name(layer, contracts)
            problems.add("[columns]", f"no layer is called '{layer}'.", remedy)
            continue
        known = contracts[layer].columns.columns
        for ours in names:
            if ours not in known and (layer in TABLES or ours not in LIST_ROLES):
                where = f"[columns.{layer}] {ours}"
                problems.add(where, "the layer has no such column.", nearest_name(ours, known))


def read_columns(
    raw: pd.DataFrame,
    mapping: Mapping[str, str],
    remarks: Remarks,
    *,
    decimal_comma: bool = False,
    short_names: bool = False,
    absent: bool = False,
    contract: LayerContract | None = None,
) -> Read:
    """Take a contract's columns out of a file's.

    Parameters
    ----------
    raw : DataFrame
        The file's columns as read, without the geometry; RangeIndex.
    mapping : mapping of str to str
        ``[columns.<layer>]`` of the scenario: our name to the file's.
    remarks : Remarks
        Takes down missing columns, unreadable cells and ignored columns.
    decimal_comma : bool
        Whether numbers written as text may have a decimal comma and spaces between thousands.
    short_names : bool
        Whether the file cuts names to :data:`SHAPEFILE_NAME_LENGTH` letters.
    absent : bool
        Whether there is no such layer, or nothing in it, so that no column is missed.
    contract : LayerContract, optional
        Instead of the one that the layer has in a scenario.

    Returns
    -------
    Read
    """
    contract = contract or CONTRACTS[remarks.layer]
    raw, mapping = _with_constants(raw, mapping, remarks)
    names = {str(name).strip(): name for name in raw.columns}
    sources = {} if absent else _sources(names, contract, mapping, remarks, short_names=short_names)
    reader = _CellReader(_record_names(raw, names, sources, contract), remarks, decimal_comma)
    columns = {}
    for ours, column in contract.columns.columns.items():
        if ours in sources:
            cells = raw[names[sources[ours]]]
            columns[ours] = reader.read(ours, cells, column.metadata)
        else:
            columns[ours] = _nulls(len(raw), column.metadata["dtype"])
    reader.report_decimal_commas()
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(raw)))
    required = {n for n, c in contract.columns.columns.items() if c.metadata["required"]}
    filled = _filled(frame, contract, remarks.layer)
    return Read(filled, frozenset(required - sources.keys()), frozenset(reader.unreadable))


def _with_constants(
    raw: pd.DataFrame, mapping: Mapping[str, str], remarks: Remarks
) -> tuple[pd.DataFrame, Mapping[str, str]]:
    """Add a column for each value that the scenario gives for all records."""
    given = {ours: text for ours, text in mapping.items() if text.startswith(CONSTANT)}
    if not given:
        return raw, mapping
    values = {ours: text.removeprefix(CONSTANT).strip() for ours, text in given.items()}
    named = {f"[columns.{remarks.layer}] {ours}": value for ours, value in values.items()}
    told = shown(f"{ours} = '{value}'" for ours, value in values.items())
    remarks.info("constant-columns", f"the scenario gives all records {told}.")
    columns = [str(name) for name in raw.columns]
    raw = raw.assign(**{name: value for name, value in named.items() if name not in columns})
    return raw, {**mapping, **{ours: f"[columns.{remarks.layer}] {ours}" for ours in values}}


def _sources(
    names: Mapping[str, object],
    contract: LayerContract,
    mapping: Mapping[str, str],
    remarks: Remarks,
    *,
    short_names: bool,
) -> dict[str, str]:
    """Find the file's name of each column of ours, and say what is missing or ignored."""
    sources: dict[str, str] = {}
    mistaken = set()
    for ours in contract.columns.columns:
        theirs = mapping.get(ours, ours).strip()
        short = theirs[:SHAPEFILE_NAME_LENGTH]
        if theirs in names:
            sources[ours] = theirs
        elif short_names and short in names:
            sources[ours] = short
        elif ours in mapping:
            mistaken.add(ours)
            remarks.problem(
                f"[columns.{remarks.layer}] {ours} names '{theirs}', which is not in the file.",
                f"Its columns are: {shown(names, most=20) or 'none'}.",
            )
    for ours, column in contract.columns.columns.items():
        if column.metadata["required"] and ours not in sources and ours not in mistaken:
            _note_missing(ours, column.description, names, remarks)
    extra = [name for name in names if name and name not in sources.values()]
    if extra:
        remarks.info("extra-columns", f"columns not used: {shown(extra, most=20)}.")
    return sources


def _note_missing(ours: str, meaning: str, names: Mapping[str, object], remarks: Remarks) -> None:
    close = closest(ours, names)
    example = close or "name in the file"
    nearest = f"Did you mean '{close}'? " if close else ""
    remarks.problem(
        f"there is no column '{ours}' ({meaning}); the columns are: "
        f"{shown(names, most=20) or 'none'}.",
        f"{nearest}If another column holds it, write under [columns.{remarks.layer}]: "
        f'{ours} = "{example}".',
    )


def _record_names(
    raw: pd.DataFrame,
    names: Mapping[str, object],
    sources: Mapping[str, str],
    contract: LayerContract,
) -> pd.Series[str]:
    if contract.key not in sources:
        return record_names(_nulls(len(raw), "str"))
    return record_names(_as_text(raw[names[sources[contract.key]]]))


def record_names(ids: pd.Series[str]) -> pd.Series[str]:
    """Name each record for a message: its id, or its place in the file where it has none.

    >>> record_names(pd.Series(["A", None], dtype="str")).tolist()
    ['A', 'record 2']
    """
    places = pd.Series(
        [f"record {n}" for n in range(1, len(ids) + 1)], index=ids.index, dtype="str"
    )
    return ids.fillna(places)


class _CellReader:
    """Reads cells column by column and takes down those that it cannot read."""

    def __init__(self, records: pd.Series[str], remarks: Remarks, decimal_comma: bool) -> None:
        self.records = records
        self.remarks = remarks
        self.decimal_comma = decimal_comma
        self.with_commas: list[str] = []
        self.unreadable: set[tuple[str, int]] = set()

    def read(self, name: str, cells: pd.Series, metadata: Mapping[str, Any]) -> pd.Series:
        """Read one column as its contract's dtype; choices are read in lower case."""
        dtype = metadata["dtype"]
        cells = cells.reset_index(drop=True)
        if dtype == "float64":
            return self._numbers(name, cells)
        if dtype == "Int64":
            return self._integers(name, cells)
        if dtype in {"bool", "boolean"}:
            return self._flags(name, cells)
        text = self._up_to_zero(name, _as_text(cells))
        note_mangled(name, text.dropna().unique(), self.remarks)
        if metadata.get("day"):
            return self._days(name, text)
        return self._choices(name, text, metadata["words"]) if metadata["choice"] else text

    def _up_to_zero(self, name: str, text: pd.Series) -> pd.Series:
        """Cut texts where GDAL, written in C, and arrays of NumPy would end them."""
        cut = text.str.contains("\0", regex=False, na=False)
        if not cut.any():
            return text
        self.remarks.warning(
            "text-cut",
            f"texts of {name} have a zero character in them and were read up to there:"
            f" {shown(self.records[cut])}.",
            "Write what was meant.",
        )
        return _as_text(text.mask(cut, text.str.partition("\0")[0]))

    def _days(self, name: str, text: pd.Series) -> pd.Series:
        days = text.map(in_iso, na_action="ignore").astype("str")
        other = (days != text) & text.notna()
        self._taken(name, dict(zip(text[other], days[other], strict=True)))
        return days

    def _choices(self, name: str, text: pd.Series, words: Mapping[str, str]) -> pd.Series:
        folded = text.str.casefold()
        other = folded.isin(list(words))
        if other.any():
            self._taken(name, {word: words[word] for word in folded[other]})
        return folded.mask(other, folded.map(words))

    def _taken(self, name: str, words: Mapping[str, str]) -> None:
        if words:
            taken = shown(f"'{word}' as '{words[word]}'" for word in sorted(words))
            self.remarks.info("words-taken", f"in {name}, {taken} was read.")

    def report_decimal_commas(self) -> None:
        """Say once in which columns decimal commas were read."""
        if self.with_commas:
            columns = ", ".join(self.with_commas)
            self.remarks.info("decimal-comma", f"decimal commas were read as points in: {columns}.")

    def _numbers(self, name: str, cells: pd.Series) -> pd.Series:
        if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
            return cells.astype("float64")
        text = _as_text(cells)
        plain = self._with_points(name, text) if self.decimal_comma else text
        numbers = pd.to_numeric(plain, errors="coerce").astype("float64")
        self._refuse(name, text, numbers.isna() & text.notna(), "not a number")
        return numbers

    def _with_points(self, name: str, text: pd.Series) -> pd.Series:
        commas = text.str.fullmatch(_DECIMAL_COMMA.pattern, na=False)
        if commas.any():
            self.with_commas.append(name)
        spaced = text.str.replace(r"(?<=\d)\s(?=\d)", "", regex=True)
        return spaced.mask(commas, spaced.str.replace(",", ".", regex=False))

    def _integers(self, name: str, cells: pd.Series) -> pd.Series:
        numbers = self._numbers(name, cells)
        whole = (numbers == numbers.round()) & (numbers.abs() <= _WHOLE_MAX)
        broken = numbers.notna() & ~whole
        self._refuse(name, numbers.astype("str"), broken, "not a whole number")
        return numbers.mask(broken).astype("Int64")

    def _flags(self, name: str, cells: pd.Series) -> pd.Series:
        text = _as_text(cells).str.casefold()
        flags = text.map(_FLAGS).astype("boolean")
        broken = flags.isna() & text.notna()
        self._refuse(name, text, broken, "neither true nor false")
        return flags

    def _refuse(self, name: str, text: pd.Series, broken: pd.Series, fault: str) -> None:
        if not broken.any():
            return
        self.unreadable.update((name, int(row)) for row in np.flatnonzero(broken))
        remedies = {
            "not a number": "Write plain figures with a decimal point and no unit.",
            "not a whole number": "Write whole numbers.",
            "neither true nor false": f"Write one of {', '.join(_FLAGS)}.",
        }
        values = shown(f"'{value}'" for value in text[broken].unique())
        self.remarks.problem(f"{name} is {fault}: {values}.", remedies[fault], self.records[broken])


def _as_text(cells: pd.Series) -> pd.Series[str]:
    """Read cells as text: whole numbers without a decimal point, lists joined, blanks null."""
    if not isinstance(cells.dtype, pd.StringDtype):
        cells = pd.Series([_cell_text(cell) for cell in cells], dtype="str")
    text = cells.reset_index(drop=True).astype("str").str.strip()
    return text.mask(text == "")


def _cell_text(cell: object) -> str | None:
    if isinstance(cell, list | tuple | np.ndarray):
        return ID_SEPARATOR.join(str(part) for part in cell)
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, date):
        return cell.isoformat().removesuffix(_MIDNIGHT)
    if isinstance(cell, float | np.floating):
        if np.isnan(cell):
            return None
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    return str(cell)


def _nulls(length: int, dtype: str) -> pd.Series:
    return pd.Series([None] * length, dtype="boolean" if dtype == "bool" else dtype)


def _filled(frame: pd.DataFrame, contract: LayerContract, layer: str) -> pd.DataFrame:
    """Fill what the contract says about nulls, and what follows from other columns."""
    defaults = {n: c.default for n, c in contract.columns.columns.items() if c.default is not None}
    frame = frame.fillna(defaults)
    flags = [n for n in defaults if contract.columns.columns[n].metadata["dtype"] == "bool"]
    frame = frame.astype(dict.fromkeys(flags, "bool"))
    if layer == "exclusions":
        crossable = frame["kind"].str.casefold().isin(CROSSABLE_KINDS)
        frame["crossable"] = frame["crossable"].fillna(crossable).astype("bool")
    if layer == "infrastructure":
        frame["name"] = frame["name"].fillna(frame["infrastructure_id"])
        for column in ("serves", "depends_on"):
            tidy = frame[column].str.replace(_ID_JOIN, ID_SEPARATOR, regex=True)
            frame[column] = tidy.str.strip(ID_SEPARATOR)
    if layer == "projects":
        frame["name"] = frame["name"].fillna(frame["project_id"])
        frame["area_min_ha"] = frame["area_min_ha"].fillna(frame["area_ha"])
        frame["area_max_ha"] = frame["area_max_ha"].fillna(frame["area_ha"])
        for column in ID_LISTS:
            tidy = frame[column].str.replace(_ID_JOIN, ID_SEPARATOR, regex=True)
            frame[column] = tidy.str.strip(ID_SEPARATOR)
    return frame
