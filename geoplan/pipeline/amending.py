"""Allocating again on a saved plan, with the changes that were made on its map."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from geoplan.config import load_scenario
from geoplan.decisions import decisions_of
from geoplan.edits import decided, read_changes
from geoplan.pipeline.clock import Clock
from geoplan.pipeline.plan import Plan
from geoplan.pipeline.planning import planned
from geoplan.pipeline.saved import load, package_digest, scenario_of, scenario_record
from geoplan.stages import Progress


def amend(
    folder: str | Path,
    *,
    changes: str | Path | None = None,
    scenario: str | Path | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Plan a saved plan's land again, with changes that were made on its map.

    Streets stay, and so does everybody who has a contract or is pinned; others move only where
    that gains more than the scenario's price of a move, as :func:`geoplan.run` has it with an
    earlier plan.

    Parameters
    ----------
    folder : str or Path
        Folder of the saved plan.
    changes : str or Path, optional
        File that the map has saved; see :mod:`geoplan.edits`. Without it, the plan is made again
        with the decisions that it was made with.
    scenario : str or Path, optional
        Scenario file; else the one that the plan was made of.
    progress : callable, optional
        Told the name of each stage as it begins.

    Returns
    -------
    Plan

    Raises
    ------
    GeoplanError
        If plan, scenario, changes or inputs cannot be used, with all their problems.
    """
    clock = Clock(progress)
    with clock.stage("read"):
        earlier = load(folder)
        path = scenario_of(earlier) if scenario is None else Path(scenario)
        settings = load_scenario(path)
        decisions = decisions_of(earlier)
        if changes is not None:
            decisions = decided(earlier, read_changes(Path(changes)), Path(changes).name)
    plan = planned(settings, earlier, clock, decisions)
    made_of = {"scenario": scenario_record(path), "previous": package_digest(Path(folder))}
    return replace(plan, manifest={**plan.manifest, **made_of})
