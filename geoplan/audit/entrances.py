"""Check of the streets that heavy goods vehicles reach plots by."""

from __future__ import annotations

from collections.abc import Iterable

import shapely

from geoplan.allocate.rules import LORRY_STREETS
from geoplan.audit.audited import Audited, outlines, plot_errors
from geoplan.site.findings import Finding
from geoplan.subdivide.street_classes import ENTRANCE_M, front_on, rights_of_way


def entrances(audited: Audited) -> Iterable[Finding]:
    """Find projects with heavy goods vehicles that have no entrance on a street for these."""
    placed, streets = audited.placed, audited.plan.streets
    if placed.empty or "heavy" not in placed:
        return
    heavy = placed[placed["heavy"].fillna(False).astype(bool)]
    if heavy.empty:
        return
    rows = rights_of_way(streets[streets["class"].isin(LORRY_STREETS)])
    front_m = front_on(shapely.boundary(outlines(heavy)), rows)
    told = (
        "Project {project_id} has heavy goods vehicles, and fronts a main street or a collector"
        " over {entrance:.1f} m only: an entrance takes " + f"{ENTRANCE_M:g} m."
    )
    remedy = "Plan again, or make its street a collector."
    found = heavy.assign(entrance=front_m)
    # Of several plots of one project, one has the entrance.
    widest_m = found.groupby("project_id")["entrance"].transform("max")
    yield from plot_errors("main street", found, widest_m < ENTRANCE_M, told, remedy)
