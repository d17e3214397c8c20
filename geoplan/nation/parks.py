"""One park's plan: a pure function of the park and its projects, to be run anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from geoplan.config import Scenario
from geoplan.pipeline import Plan
from geoplan.pipeline.clock import Clock
from geoplan.pipeline.planning import planned_on
from geoplan.site import Site
from geoplan.site.national import PLACES, Park
from geoplan.site.schema import ID_SEPARATOR

Done = Callable[[int], None]
"""Told how many parks of a round are planned."""


@dataclass(frozen=True, eq=False)
class ParkTask:
    """All that planning one park needs; a few dozen kilobytes.

    Attributes
    ----------
    park_id : str
    site : Site
        With the projects that are to stand there; without any, land is cut for the market.
    scenario : Scenario
    """

    park_id: str
    site: Site
    scenario: Scenario

    @property
    def count(self) -> int:
        """Projects that are to stand there: what planning it takes grows with them."""
        return 0 if self.site.projects is None else len(self.site.projects)


Planner = Callable[[Sequence[ParkTask], Done], list[Plan]]
"""Plans parks; the plans come in the order of the tasks."""


def task_of(park: Park, projects: pd.DataFrame) -> ParkTask:
    """Put together what planning a park needs.

    Parameters
    ----------
    park : Park
    projects : DataFrame
        Those that are to stand there, as rows of the programme's portfolio. Wishes that name
        projects elsewhere are left out.
    """
    if projects.empty:
        return ParkTask(park.park_id, park.site, park.scenario)
    own = projects.drop(columns=list(PLACES)).reset_index(drop=True)
    here = set(own["project_id"])
    for name in ("near", "apart"):
        own[name] = own[name].map(lambda text: _among(text, here), na_action="ignore").astype("str")
    return ParkTask(park.park_id, replace(park.site, projects=own), park.scenario)


def _among(text: str, here: set[str]) -> str | None:
    return ID_SEPARATOR.join(name for name in text.split(ID_SEPARATOR) if name in here) or None


def planned_park(task: ParkTask) -> Plan:
    """Plan one park.

    Parameters
    ----------
    task : ParkTask

    Returns
    -------
    Plan
        The same, whoever makes it, but for the times in its manifest.
    """
    return planned_on(task.site, task.scenario, None, Clock(None))


def here(tasks: Sequence[ParkTask], done: Done) -> list[Plan]:
    """Plan parks in this process, one after another."""
    plans = []
    for number, task in enumerate(tasks, start=1):
        plans.append(planned_park(task))
        done(number)
    return plans
