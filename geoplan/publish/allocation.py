"""``allocation.csv``: one row a project, for other programs to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.plan import ALLOCATION_COLUMNS, YEARS_OF_ALLOCATION
from geoplan.publish.cells import write_csv

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers


def write_allocation(plan: PlanLayers, path: Path) -> None:
    """Write the allocation as CSV; see :func:`geoplan.publish.cells.write_csv`.

    Parameters
    ----------
    plan : PlanLayers
    path : Path
    """
    # Plans of an older geoplan have no waiting list.
    years = [name for name in YEARS_OF_ALLOCATION if name in plan.allocation]
    write_csv(plan.allocation.reindex(columns=[*ALLOCATION_COLUMNS, *years]), path)
