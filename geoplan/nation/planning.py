"""A programme planned: from its file to parks' plans and tables, and to a folder."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from geoplan.config import Programme, load_programme, unit_of
from geoplan.nation import tables
from geoplan.nation.choosing import choices
from geoplan.nation.cluster import cluster
from geoplan.nation.parks import Planner, here
from geoplan.nation.reasons import lack_table, lacks_of
from geoplan.nation.rounds import Progress, Standing, rounds_of
from geoplan.pipeline import Plan
from geoplan.publish.programme.saving import save_programme
from geoplan.publish.programme.tables import ProgrammeTables
from geoplan.site.national import Nation, read_nation
from geoplan.tables import VERSIONED


@dataclass(frozen=True, eq=False)
class ProgrammePlan(ProgrammeTables):
    """A programme's tables with the plans of its parks.

    Attributes
    ----------
    plans : mapping of str to Plan
        By ``park_id``, in the parks' order.
    """

    plans: Mapping[str, Plan] = field(default_factory=dict)

    def save(
        self,
        directory: str | Path,
        *,
        plans: bool = True,
        language: str = "en",
        progress: Progress | None = None,
    ) -> Path:
        """Write the programme's files, all or nothing.

        Parameters
        ----------
        directory : str or Path
        plans : bool
            Whether each park's whole plan is written too, as ``parks/PARK_ID/``.
        language : str
            In which ``programme.html`` opens: ``en``, ``ru`` or ``kk``.
        progress : callable, optional
            Told the name of each file or park before it is written.

        See Also
        --------
        geoplan.publish.programme.saving.save_programme : what is written.
        """
        own = self.plans if plans else {}
        folder = Path(directory)
        return save_programme(self, own, folder, language=language, progress=progress)


def programme(
    path: str | Path | Programme,
    *,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> ProgrammePlan:
    """Plan a programme: share its portfolio out among parks, and plan every park.

    Parameters
    ----------
    path : str, Path or Programme
        A programme file, or one already loaded.
    scheduler : str, optional
        Address, ``tcp://host:port``, of a Dask scheduler on whose workers parks are planned;
        without it they are planned in this process. The result is the same.
    progress : callable, optional
        Told where the work is.

    Returns
    -------
    ProgrammePlan

    Raises
    ------
    GeoplanError
        If the programme or what it names cannot be used, with all problems; or if the cluster
        cannot be reached, is lost or has no workers.
    """
    tell = progress if progress is not None else lambda _: None
    told: dict[str, Any] = {}
    if not isinstance(path, Programme):
        path = Path(path)
        settings = load_programme(path)
        told["programme"] = {"file": path.name, "sha256": sha256(path.read_bytes()).hexdigest()}
    else:
        settings = path
    with _planner(scheduler) as plan_parks:
        tell("read")
        nation = read_nation(settings)
        standing = rounds_of(nation, plan_parks, tell)
    tell("explain")
    return _told(nation, standing, told)


def _planner(scheduler: str | None) -> AbstractContextManager[Planner]:
    return nullcontext(here) if scheduler is None else cluster(scheduler)


def _told(nation: Nation, standing: Standing, told: Mapping[str, Any]) -> ProgrammePlan:
    """Put all tables together."""
    settings = nation.programme
    choice = choices(nation.projects, standing.lands, standing.welcome, aim=settings.aim)
    lacks = lacks_of(nation, standing, choice, np.flatnonzero(standing.home < 0))
    projects = tables.project_table(nation, standing, lacks)
    park_ids = [park.park_id for park in nation.parks]
    return ProgrammePlan(
        name=settings.programme.name,
        notice=settings.programme.notice,
        kzt_per_usd=settings.targets.kzt_per_usd or np.nan,
        build_years=settings.targets.build_years,
        parks=tables.park_table(nation, standing),
        projects=projects,
        years=tables.year_table(nation, projects),
        sectors=tables.sector_table(projects),
        regions=tables.region_table(nation, projects),
        capacities=tables.capacity_table(nation, standing),
        lacks=lack_table(nation, lacks),
        rounds=tables.round_table(standing),
        zones=tables.zone_layer(nation),
        plots=tables.plot_layer(nation, standing),
        manifest=dict(told) | _manifest(nation, standing),
        plans=dict(zip(park_ids, standing.made, strict=True)),
    )


def _manifest(nation: Nation, standing: Standing) -> dict[str, Any]:
    settings = nation.programme
    value = standing.rounds[-1].value
    bound = max(standing.bound, value)
    gap = (bound - value) / bound if bound > 0 else 0.0
    versions = {name: metadata.version(name) for name in VERSIONED}
    return {
        "objective": settings.aim,
        "unit": unit_of(settings.aim),
        "value": value,
        "bound": bound,
        "gap": gap,
        "gap_wanted": settings.programme.gap,
        "sharing_out": str(standing.status),
        "findings": [str(finding.message) for finding in nation.findings],
        "inputs": dict(nation.inputs),
        "settings": settings.model_dump(mode="json", exclude_none=True),
        "seed": settings.allocate.seed,
        "versions": {"python": platform.python_version(), **versions},
    }
