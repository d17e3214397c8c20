"""An earlier and a later plan of one park."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from geoplan.plan import PlanLayers

from .sample import sample_plan

RENAMED = "NEW-1"


def two_plans(plots: int = 240) -> tuple[PlanLayers, PlanLayers]:
    """Return an earlier plan and a later one.

    Notes
    -----
    In the later plan the first holder has moved to the first free plot, the next two have changed
    places, the first that waited holds the second free plot, the fourth holder has none, the
    third free plot has another id, and the fourth is half as large.
    """
    earlier = sample_plan(plots, name="Earlier park")
    later = sample_plan(plots, name="Later park")
    held, free = (
        np.flatnonzero(earlier.plots["project_id"].notna() == taken) for taken in (True, False)
    )
    holder = later.plots["project_id"].to_numpy(object).copy()
    holder[free[0]], holder[held[0]] = holder[held[0]], None
    holder[held[1]], holder[held[2]] = holder[held[2]], holder[held[1]]
    holder[free[1]], holder[held[3]] = "PU0000", None
    names = later.plots["plot_id"].to_numpy(object).copy()
    names[free[2]] = RENAMED
    shapes = later.plots.geometry.to_numpy().copy()
    west, south, east, north = shapes[free[3]].bounds
    shapes[free[3]] = shapes[free[3]].intersection(
        shapely.box(west, south, (west + east) / 2, north)
    )
    cut = later.plots.assign(project_id=holder, plot_id=names)
    cut = cut.set_geometry(shapes, crs=later.plots.crs)
    cut["area_ha"] = cut.area / 10_000
    plots_of = cut.dropna(subset="project_id").groupby("project_id")["plot_id"].agg(";".join)
    ids = later.allocation["project_id"].map(plots_of).fillna("")
    placed = (ids != "").to_numpy()
    allocation = later.allocation.assign(
        plot_ids=ids,
        status=np.where(placed, "placed", "unplaced"),
        area_ha=np.where(placed, 0.6, 0.0),
        reason=np.where(placed, "", "No plot is left."),
    )
    return earlier, replace(later, plots=cut, allocation=allocation)
