"""Tables as the page carries them: fields with words, units and a column each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geoplan.publish.map.payload import coded_numbers, coded_texts
from geoplan.publish.map.words import N_

HAZARD_CLASSES = {1: "I", 2: "II", 3: "III", 4: "IV", 5: "V"}
YES_NO = {True: N_("yes"), False: N_("no")}


@dataclass(frozen=True)
class Field:
    """One column that the page shows.

    Attributes
    ----------
    column, label, unit : str
        The column's name, what it is called and the unit of its numbers; label and unit are
        translated by the page. A field without a label tells its value alone.
    digits : int
        Most decimals shown.
    grouped : bool
        Whether thousands are set apart; not so in years.
    worded : bool
        Whether its texts are words of ours, which the page translates, and not an input's.
    passport : bool
        Whether passports and captions tell it; tables show all.
    """

    column: str
    label: str
    unit: str = ""
    digits: int = 0
    grouped: bool = True
    worded: bool = False
    passport: bool = True


def coded_fields(table: pd.DataFrame, fields: Iterable[Field]) -> list[dict[str, Any]]:
    """Code the columns of a table that hold anything.

    Returns
    -------
    list of dict
        Per field its attributes and either coded texts or coded numbers.
    """
    return [
        _coded(table[field.column], field)
        for field in fields
        if field.column in table.columns and table[field.column].notna().any()
    ]


def _coded(values: pd.Series[Any], field: Field) -> dict[str, Any]:
    told = _in_words(values)
    says = {
        "column": field.column,
        "label": field.label,
        "unit": field.unit,
        "grouped": field.grouped,
        "worded": field.worded or told is not values,
        "passport": field.passport,
    }
    if pd.api.types.is_numeric_dtype(told.dtype):
        return says | coded_numbers(told, digits=field.digits)
    return says | coded_texts(told)


def _in_words(values: pd.Series[Any]) -> pd.Series[Any]:
    """Say booleans and hazard classes the way planners write them; numbers as numbers."""
    if values.name == "hazard_class":
        return values.map(HAZARD_CLASSES)
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.map(YES_NO)
    if values.dtype == object:
        kind = pd.api.types.infer_dtype(values, skipna=True)
        if kind == "boolean":
            return values.map(YES_NO)
        if kind in ("integer", "floating", "mixed-integer-float"):
            return pd.to_numeric(values)
    return values
