"""``changes.csv``: what became of every project, strip and plot of an earlier plan."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.plan import CHANGE_COLUMNS
from geoplan.publish.cells import inert

if TYPE_CHECKING:
    import pandas as pd

    from geoplan.plan import PlanLayers

CHANGES_NAME = "changes.csv"


def write_changes(plan: PlanLayers, path: Path) -> None:
    """Write the change log as ``allocation.csv`` is written; see there.

    Parameters
    ----------
    plan : PlanLayers
    path : Path
    """
    table = plan.changes.loc[:, list(CHANGE_COLUMNS)].map(lambda cell: inert(str(cell)))
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\r\n")


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
