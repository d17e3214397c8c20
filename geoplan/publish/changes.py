"""``changes.csv``: what became of every project, strip and plot of an earlier plan."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.plan import CHANGE_COLUMNS
from geoplan.publish.cells import write_csv

if TYPE_CHECKING:
    import pandas as pd

    from geoplan.plan import PlanLayers

CHANGES_NAME = "changes.csv"


def write_changes(plan: PlanLayers, path: Path) -> None:
    """Write the change log as CSV; see :func:`geoplan.publish.cells.write_csv`.

    Parameters
    ----------
    plan : PlanLayers
    path : Path
    """
    write_csv(plan.changes.loc[:, list(CHANGE_COLUMNS)], path)


def changed_and_kept(changes: pd.DataFrame) -> tuple[list[dict[str, str]], dict[str, int]]:
    """Arrange the change log for the report.

    Returns
    -------
    rows : list of dict
        All that is not as it was.
    kept : dict of str to int
        How many of each kind are.
    """
    same = changes["change"] == "kept"
    rows = [
        {str(name): str(cell) for name, cell in row.items()}
        for row in changes[~same].to_dict("records")
    ]
    return rows, dict(Counter(changes["subject"][same]))
