"""Text that applicants typed, made safe for the tables that others open."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pandas as pd

# A spreadsheet takes a cell for a formula if it begins with one of these. Where the list
# separator is the semicolon (Kazakhstan, Russia, most of Europe), a CSV with commas is split
# at semicolons and line ends instead, so what follows one of them begins a cell, too.
_FORMULA = re.compile(r"(^|[;\r\n])(?=[=+\-@\t\r])")
# Control characters and lone surrogates: no file format of ours can hold them all.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def writable(text: str) -> str:
    r"""Replace characters that files cannot hold (control codes, lone surrogates) by U+FFFD.

    >>> writable("line\tone\x00")
    'line\tone�'
    """
    return _UNWRITABLE.sub("\ufffd", text)


def inert(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula.

    For CSV only, where nothing else can say that a cell is text; numbers do not come here,
    so a negative one stays a number.

    Parameters
    ----------
    text : str
        A cell that an applicant may have typed, ids included.

    Returns
    -------
    str
        The same text, unless it or a part after a semicolon or line end begins with
        ``= + - @``, a tab or a carriage return.

    Examples
    --------
    >>> inert("=HYPERLINK(0)"), inert("P1;-2"), inert("Sary-Arka")
    ("'=HYPERLINK(0)", "P1;'-2", 'Sary-Arka')
    """
    return _FORMULA.sub(r"\1'", writable(text))


def write_csv(table: pd.DataFrame, path: Path | StringIO) -> None:
    """Write a table as UTF-8 CSV with commas and, as RFC 4180 has it, CRLF line ends.

    Text begins with an apostrophe where a spreadsheet would otherwise run it as a formula (see
    :func:`inert`); numbers stand as they are, and what is null stays blank.

    Parameters
    ----------
    table : DataFrame
        Its index is not written.
    path : Path or StringIO
    """
    cells = table.copy()
    for name in cells.columns:
        if not pd.api.types.is_numeric_dtype(cells[name]):
            cells[name] = cells[name].map(lambda cell: inert(str(cell)), na_action="ignore")
    # With CRLF a cell that holds either character is quoted; with LF a lone CR is not.
    cells.to_csv(path, index=False, encoding="utf-8", lineterminator="\r\n")
