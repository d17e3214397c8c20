"""``allocation.csv``: one row a project, for other programs to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from geoplan.plan import ALLOCATION_COLUMNS
from geoplan.publish.cells import inert

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers


def write_allocation(plan: PlanLayers, path: Path) -> None:
    """Write the allocation as UTF-8 CSV with commas and, as RFC 4180 has it, CRLF line ends.

    Text begins with an apostrophe where a spreadsheet would otherwise run it as a formula
    (see :func:`geoplan.publish.cells.inert`); every other cell stands as it is in the plan.

    Parameters
    ----------
    plan : PlanLayers
    path : Path
    """
    # Plans of an older geoplan have no waiting list.
    table = plan.allocation.reindex(columns=list(ALLOCATION_COLUMNS))
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name]):
            table[name] = table[name].map(lambda cell: inert(str(cell)), na_action="ignore")
    # With CRLF a cell that holds either character is quoted; with LF a lone CR is not.
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\r\n")
