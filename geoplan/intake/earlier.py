"""The portfolio that an export is compared with: a table, or what a saved plan was made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from geoplan.decisions import decisions_of
from geoplan.intake.records import find_table
from geoplan.intake.texts import KEY, as_texts, default_text
from geoplan.publish import read_plan
from geoplan.publish.cells import inert
from geoplan.site.checks import check_columns
from geoplan.site.columns import read_columns
from geoplan.site.findings import Remarks
from geoplan.site.schema import PROJECTS
from geoplan.site.sources import steady
from geoplan.site.tables import naming, read_table


@dataclass(frozen=True)
class Earlier:
    """An earlier portfolio.

    Attributes
    ----------
    texts : DataFrame
        See :func:`geoplan.intake.texts.as_texts`; after the contract's columns those that the
        planner has added.
    withdrawn_on_map : frozenset of str
        Whom the planner took out on the map of a plan: their status is not the portfolio's.
    """

    texts: pd.DataFrame
    withdrawn_on_map: frozenset[str] = frozenset()


def read_earlier(path: Path, remarks: Remarks) -> Earlier | None:
    """Read an earlier portfolio, from a table or the folder of a saved plan.

    Parameters
    ----------
    path : Path
    remarks : Remarks
        Of the layer ``projects``; takes down what is wrong with a table.

    Returns
    -------
    Earlier or None
        None after a problem.

    Raises
    ------
    GeoplanError
        If the folder holds no plan.
    """
    if path.is_dir():
        return _of_plan(path)
    source, table = find_table(str(path), remarks), None
    if source is not None:
        with steady(source, remarks):
            table = read_table(source, remarks, wanted=naming(PROJECTS.columns.columns))
    if table is None:
        return None
    raw = table.frame
    read = read_columns(raw, {}, replace(remarks, findings=[]), decimal_comma=table.decimal_comma)
    check_columns(read, remarks)
    if remarks.problems.found:
        return None
    cells = pd.DataFrame({str(n).strip(): raw.iloc[:, k] for k, n in enumerate(raw.columns)})
    blank = cells.isna() | (cells.astype("str").apply(lambda column: column.str.strip()) == "")
    texts = as_texts(read.frame, blank)
    for name in cells.columns:
        if name not in read.frame.columns:
            own = cells[name].astype("str").str.strip().map(inert, na_action="ignore")
            texts[name] = _by_id(own.astype("object").mask(blank[name], None), read.frame[KEY])
    return Earlier(texts)


def _by_id(cells: pd.Series[str], ids: pd.Series[str]) -> pd.Series[str]:
    return pd.Series(cells.tolist(), index=pd.Index(ids, name=KEY), dtype="object")


def _of_plan(folder: Path) -> Earlier:
    """Take a plan's projects, without what was decided on its map: that holds by itself."""
    plan = read_plan(folder)
    decisions = decisions_of(plan)
    texts = as_texts(plan.projects)
    pins = texts.index.to_series().map(dict(decisions.pinned))
    texts["plot_id"] = texts["plot_id"].mask(texts["plot_id"] == pins, None)
    for name in texts.columns:
        # A plan's columns are filled; one that says nothing but the default was not there.
        if texts[name].isin([default_text(name), None]).all():
            texts[name] = None
    return Earlier(texts.astype("object"), frozenset(decisions.withdrawn))
