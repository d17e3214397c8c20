"""Who a map is for, and what of the plan is theirs to know.

What a reader must not know is taken out of the plan before anything is coded, by a list of what
may stay: a column that somebody adds later is not told until it is named here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from geoplan.errors import GeoplanError, Problem, nearest_name
from geoplan.plan import (
    BALANCE_COLUMNS,
    FINDING_COLUMNS,
    LAND_COLUMNS,
    SIDING_COLUMNS,
    STREET_COLUMNS,
    STRIP_COLUMNS,
    PlanLayers,
    no_proposals,
)
from geoplan.publish.map.words import N_

PLANNER, INVESTOR = AUDIENCES = ("planner", "investor")
"""For whom a map is made: a planner is told all of the plan, an investor what is on offer."""

TAKEN = N_("taken")
"""The market state of a plot of which investors are told no more than that."""

TOLD = {
    "zones": ("zone_id", "use", "name", "available_year", "hazard_max", "price_mln_kzt_ha"),
    "exclusions": ("exclusion_id", "kind"),
    "gates": ("gate_id", "kind"),
    "utilities": ("utility_id", "kind", "available_year"),
    "receptors": ("receptor_id", "kind", "distance_m"),
    "streets": STREET_COLUMNS,
    "sidings": SIDING_COLUMNS,
    "land": LAND_COLUMNS,
    "capacities": ("utility_id", "kind", "free"),
}
"""Columns of each layer and table that investors are told; of the others they are told none."""
TOLD_OF_PLOTS = ("plot_id", "zone_id", "use", "area_ha", "market")
"""What investors are told of every plot; that much is in the cadastre and in the zoning."""
TOLD_OF_FREE_PLOTS = (
    "frontage_m",
    "depth_m",
    "corner",
    "gate_distance_m",
    "servicing",
    "available_year",
    "price_mln_kzt",
    "cadastral_number",
)
NOT_FOR: dict[str, tuple[str, ...]] = {PLANNER: (), INVESTOR: ("findings",)}
"""Layers that the map has no switch for, by audience."""
ON_OFFER = "for sale"
NOT_ON_OFFER = "not marketable"


def plan_for(plan: PlanLayers, audience: str) -> PlanLayers:
    """Return the plan as an audience may know it.

    Parameters
    ----------
    plan : PlanLayers
    audience : str
        One of :data:`AUDIENCES`.

    Returns
    -------
    PlanLayers
        For planners the plan itself. For investors land, streets, supply and what is free: no
        project, nobody's demand, no finding, no setting, and of taken plots where they are.

    Raises
    ------
    GeoplanError
        If there is no such audience.
    """
    if audience not in AUDIENCES:
        cause = f"there is no audience '{audience}'."
        raise GeoplanError([Problem("map", cause, nearest_name(audience, AUDIENCES))])
    return plan if audience == PLANNER else _for_investors(plan)


def _for_investors(plan: PlanLayers) -> PlanLayers:
    told: dict[str, Any] = {name: _kept(getattr(plan, name), TOLD[name]) for name in TOLD}
    crs = plan.zones.crs
    return PlanLayers(
        name=plan.name,
        notice=plan.notice,
        plots=_plots(plan.plots),
        strips=_nothing(STRIP_COLUMNS, crs),
        projects=pd.DataFrame({"project_id": pd.Series(dtype="str")}),
        allocation=pd.DataFrame({"project_id": pd.Series(dtype="str")}),
        balance=pd.DataFrame(columns=list(BALANCE_COLUMNS)),
        proposals=no_proposals(crs),
        findings=_nothing(FINDING_COLUMNS, crs),
        spz_distance_m=plan.spz_distance_m,
        **told,
    )


def _plots(plots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Say of plots what is on offer; of the others that they are taken or not offered at all."""
    free = plots["project_id"].isna() & (plots["market"] == ON_OFFER)
    offered = plots["project_id"].notna() | (plots["market"] != NOT_ON_OFFER)
    told = _kept(plots, (*TOLD_OF_PLOTS, *TOLD_OF_FREE_PLOTS))
    hidden = [name for name in TOLD_OF_FREE_PLOTS if name in told]
    told[hidden] = told[hidden].where(free)
    told["market"] = plots["market"].where(free | ~offered, TAKEN)
    return told.assign(project_id=pd.Series(None, told.index, dtype="str"))


def _kept(table: pd.DataFrame, columns: Sequence[str]) -> Any:
    """Return those columns that a table has, with its geometry."""
    kept = [name for name in columns if name in table.columns]
    shape = [table.geometry.name] if isinstance(table, gpd.GeoDataFrame) else []
    return table[[*kept, *shape]].copy()


def _nothing(columns: Sequence[str], crs: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns=list(columns), geometry=[], crs=crs)
