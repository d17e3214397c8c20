"""A portfolio as text, cell by cell: what is written, and what two portfolios are compared by."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import pandas as pd

from geoplan.publish.cells import inert
from geoplan.site.schema import PROJECTS

KEY = PROJECTS.key
FOLLOWED = {"name": KEY, "area_min_ha": "area_ha", "area_max_ha": "area_ha"}
"""Columns that take another's value where they are null, which is then no value of their own."""

Row: TypeAlias = dict[str, str | None]

_DIGITS = 12
SURROGATE = re.compile("[\ud800-\udfff]")


def number_text(value: float) -> str:
    """Write a number with at most twelve digits, whole ones without a point.

    >>> number_text(0.1 + 0.2), number_text(3.0), number_text(1e17)
    ('0.3', '3', '1e+17')
    """
    return repr(float(f"{value:.{_DIGITS}g}")).removesuffix(".0")


def as_texts(frame: pd.DataFrame, blank: pd.DataFrame | None = None) -> pd.DataFrame:
    """Write a portfolio cell by cell as its file has it.

    Parameters
    ----------
    frame : DataFrame
        Columns of the contract, read and filled.
    blank : DataFrame of bool, optional
        Cells that were null before they were filled; a column that it lacks was not there.

    Returns
    -------
    DataFrame
        Text or None; index the ids, sorted; no column of ids.
    """
    texts = pd.DataFrame(index=frame.index, dtype="object")
    for name in PROJECTS.columns.columns:
        if name not in frame.columns:
            continue
        null = frame[name].isna()
        if blank is not None:
            null |= blank[name] if name in blank.columns else True
        if name in FOLLOWED:
            null |= (frame[name] == frame[FOLLOWED[name]]).fillna(False).astype(bool)
        cells = [
            None if empty else _text(cell) for cell, empty in zip(frame[name], null, strict=True)
        ]
        texts[name] = pd.Series(cells, index=frame.index, dtype="object")
    return texts.set_index(KEY).sort_index()


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return inert(cell)
    if pd.api.types.is_bool(cell):
        return "true" if cell else "false"
    return str(cell) if pd.api.types.is_integer(cell) else number_text(float(cell))


def rows_of(texts: pd.DataFrame) -> dict[str, Row]:
    """Return each project's cells by column, None where they are blank."""
    cells = texts.astype("object").where(texts.notna(), None)
    return {
        str(name): {str(k): v for k, v in row.items()}
        for name, row in zip(cells.index, cells.to_dict("records"), strict=True)
    }


def default_text(column: str) -> str | None:
    """Return what a null cell of a column counts as, written; None where it stays null.

    >>> default_text("status"), default_text("jobs"), default_text("rail"), default_text("sector")
    ('application', '0', 'false', None)
    """
    described = PROJECTS.columns.columns.get(column)
    value = None if described is None else described.default
    return None if value is None else _text(value)


def csv_text(table: pd.DataFrame) -> str:
    """Write a table of text as CSV with commas and CRLF line ends; None is blank."""
    cells = table.map(lambda cell: inert(cell), na_action="ignore")
    written: str = cells.to_csv(index=False, lineterminator="\r\n")
    return written
