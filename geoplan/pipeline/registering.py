"""Bringing a portfolio up to date with a national platform's export."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd

from geoplan.config.platform import PlatformMap, load_platform_map
from geoplan.pipeline.saved import load
from geoplan.portfolio import Registered, registered
from geoplan.publish import write_text
from geoplan.publish.cells import inert, write_csv
from geoplan.site.platform import read_export

CHANGES_SUFFIX = ".changes.csv"


def register(
    export: str | Path,
    out: str | Path,
    *,
    columns: str | Path | None = None,
    since: str | Path | None = None,
) -> Registered:
    """Write an export as our portfolio, and tell what is new, changed or withdrawn.

    The same export twice gives the same bytes, and nothing new. Columns that the platform does
    not have stay as they are in `out`; who is missing in the export is kept as withdrawn.

    Parameters
    ----------
    export : str or Path
        JSON, CSV, XLSX and whatever else portfolios are read from.
    out : str or Path
        The portfolio, a CSV; its changes are written beside it, ``NAME.changes.csv``.
    columns : str or Path, optional
        TOML file: ``records``, ``[columns.projects]``, ``[words.COLUMN]``.
    since : str or Path, optional
        Folder of a saved plan that changes are told against; else `out` as it was.

    Returns
    -------
    Registered

    Raises
    ------
    GeoplanError
        If export, map or an earlier portfolio cannot be used, with all their problems.
    """
    target = Path(out)
    mapping = PlatformMap() if columns is None else load_platform_map(columns)
    exported = _inert(read_export(Path(export), mapping)[0])
    kept = _inert(read_export(target, PlatformMap())[0]) if target.exists() else None
    earlier = None if since is None else _inert(load(since).projects)
    answer = registered(exported, kept, earlier)
    write_text(_text(answer.projects), target)
    write_text(_text(answer.changes), target.with_name(target.stem + CHANGES_SUFFIX))
    return answer


def _inert(projects: pd.DataFrame) -> pd.DataFrame:
    """Write texts as they stand in a CSV, so that what was read back is the same."""
    safe = projects.copy()
    for name in safe.columns[[str(kind) in {"str", "object"} for kind in safe.dtypes]]:
        safe[name] = safe[name].map(inert, na_action="ignore")
    return safe


def _text(table: pd.DataFrame) -> str:
    cells = {str(name): [_plain(cell) for cell in table[name].tolist()] for name in table.columns}
    content = io.StringIO()
    write_csv(pd.DataFrame(cells, dtype="object"), content)
    return content.getvalue()


def _plain(cell: object) -> object:
    """Write numbers alike, whatever the column's type became by others' gaps."""
    if cell is None or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell)):
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return f"{cell:.15g}"
    return cell
