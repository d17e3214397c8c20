"""Plans that were saved: read back, and put side by side."""

from __future__ import annotations

from pathlib import Path

from geoplan.comparison import Comparison, compared
from geoplan.errors import GeoplanError, Problems
from geoplan.pipeline.plan import Plan
from geoplan.plan import PlanLayers
from geoplan.publish import read_plan


def load(directory: str | Path) -> Plan:
    """Read a saved plan back.

    Raises
    ------
    GeoplanError
        If the folder holds no plan.
    """
    return Plan(**vars(read_plan(Path(directory))))


def compare(a: str | Path | PlanLayers, b: str | Path | PlanLayers) -> Comparison:
    """Put two plans side by side.

    Parameters
    ----------
    a, b : str, Path or PlanLayers
        Plans, or the folders that they are saved in.

    Returns
    -------
    Comparison
        Frames: figures, balance, streets, capacities, objectives, projects.

    Raises
    ------
    GeoplanError
        If a folder holds no plan.
    """
    problems, plans = Problems(), []
    for each in (a, b):
        try:
            plans.append(each if isinstance(each, PlanLayers) else load(each))
        except GeoplanError as error:
            problems.take(error)
    problems.raise_any()
    labels = ("A" if isinstance(a, PlanLayers) else str(a),
              "B" if isinstance(b, PlanLayers) else str(b))  # fmt: skip
    return compared(*plans, labels=labels)
