"""GeoParquet: one file a layer or table, for data people."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.errors import Problem
from geoplan.publish.geopackage import EMPTY_TYPES, storable, tables_of

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers


def parquet_problem() -> Problem | None:
    """Say what is missing for this format, if anything is."""
    if find_spec("pyarrow") is not None:
        return None
    cause = "the package pyarrow, which writes Parquet, is not installed."
    return Problem(
        "--format parquet", cause, "Install geoplan's extra: pip install geoplan[parquet]"
    )


def write_parquet(plan: PlanLayers, folder: Path) -> tuple[str, ...]:
    """Write ``LAYER.parquet`` for every layer (GeoParquet) and table (Parquet).

    Returns
    -------
    tuple of str
        Names of the files.
    """
    names = (*EMPTY_TYPES, *tables_of(plan))
    for name in names:
        storable(getattr(plan, name)).to_parquet(folder / f"{name}.parquet", index=False)
    return tuple(f"{name}.parquet" for name in names)
