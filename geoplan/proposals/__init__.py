"""Proposals: which given plots to merge or split so that more projects find land.

A proposal changes nothing. It carries the line of the scenario that accepts it, and all
proposals of a plan can be accepted together, for each plot is in one of them at most.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from geoplan.allocate.pose import Posed
from geoplan.allocate.problem import Assignment
from geoplan.config import Scenario, SubdivideSettings, merged_id
from geoplan.plan import PROPOSAL_COLUMNS
from geoplan.proposals.accept import accepting, setting_lines
from geoplan.proposals.search import found
from geoplan.proposals.standing import Draft, Planned
from geoplan.site import Site
from geoplan.site.schema import ID_SEPARATOR

__all__ = ["accepting", "proposals", "setting_lines"]


def proposals(
    site: Site,
    scenario: Scenario,
    units: gpd.GeoDataFrame,
    street_land: Any,
    posed: Posed,
    assignment: Assignment,
) -> gpd.GeoDataFrame:
    """Propose merges and splits of free given plots for projects that have none.

    Who invests most comes first. A project is offered the fewest neighbouring plots that
    together have its area, up to ``merge_plots_max``, else the smallest plot from which its
    own can be cut. The allocator's rules decide what fits, on the very plots that would come
    of it.

    Parameters
    ----------
    site : Site
        Of mode ``given``; plots and projects as they were allocated.
    scenario : Scenario
    units : GeoDataFrame
        The plots as units, in the order in which they were posed: ``unit_id, zone_id, area_ha,
        kept_by, on_market`` and polygons.
    street_land : Polygon or MultiPolygon
        Right of way of the street network.
    posed : Posed
    assignment : Assignment
        The answer to it.

    Returns
    -------
    GeoDataFrame
        One row a proposal, columns :data:`PROPOSAL_COLUMNS` (text) and the land it concerns;
        ``areas_ha`` go with ``new_plot_ids``, and so do ``project_ids``, but that nobody is
        named for a rest. ``setting`` is the line of ``[subdivide]`` that accepts it beside what
        the scenario accepts already; see :func:`accepting` for several at once. ``remark``
        says which utility would be short, else it is empty.
    """
    planned = Planned(site, scenario, units, street_land, posed, assignment)
    drafts = found(planned)
    rows = [_row(planned, draft, scenario.subdivide) for draft in drafts]
    shapes = [
        draft.table.geometry.iloc[0]
        if draft.kind == "merge"
        else units.geometry.iloc[draft.units[0]]
        for draft in drafts
    ]
    frame = pd.DataFrame(rows, columns=list(PROPOSAL_COLUMNS), dtype="str")
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=site.crs)


def _row(planned: Planned, draft: Draft, settings: SubdivideSettings) -> dict[str, str]:
    plots = sorted(planned.units["unit_id"].iloc[list(draft.units)].astype(str))
    project_ids = planned.posed.asked.projects["project_id"].iloc[list(draft.projects)]
    merges, splits = settings.merge_plots, settings.split_plots
    changed: dict[str, Any] = {"merge_plots": (*merges, tuple(plots)), "split_plots": {}}
    if draft.kind == "split":
        changed = {"merge_plots": (), "split_plots": {**splits, plots[0]: draft.areas_ha}}
    (line,) = setting_lines(settings.model_copy(update=changed))
    values = (
        f"{draft.kind} {merged_id(plots)}",
        draft.kind,
        ID_SEPARATOR.join(plots),
        ID_SEPARATOR.join(draft.table["unit_id"]),
        ID_SEPARATOR.join(project_ids),
        ID_SEPARATOR.join(f"{area_ha:.10g}" for area_ha in draft.table["area_ha"].round(6)),
        line,
        draft.remark,
    )
    return dict(zip(PROPOSAL_COLUMNS, values, strict=True))
