"""Land that withdrawals have freed, offered to those who wait, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd

from geoplan.decisions import decisions_of
from geoplan.fits import can_tell, fits
from geoplan.plan import PlanLayers

OFFER_COLUMNS = (
    "plot_id",
    "area_ha",
    "freed_by",
    "why",
    "rank",
    "offered_to",
    "fits",
    "barred_by",
    "outcome",
)
OFFERED_MAX = 10
"""So many of the waiting list are offered each plot."""
SHARED_M2 = 1.0
"""Who has more of a freed plot has taken it, or a part of it."""


def offers(earlier: PlanLayers, plan: PlanLayers) -> pd.DataFrame:
    """Offer each plot whose project has withdrawn, or has left the portfolio, to who waited.

    Parameters
    ----------
    earlier : PlanLayers
        The plan that had the plots.
    plan : PlanLayers
        The one made from it: its portfolio says who has withdrawn, its plots who has what now.

    Returns
    -------
    DataFrame
        Columns :data:`OFFER_COLUMNS`: for each plot the first of the earlier plan's waiting list,
        whether the plot as it was fits by the rules, which rule bars it first, and whether that
        project has land of it now. Without a column where nothing is freed or nobody waits.
    """
    freed = _freed(earlier, plan)
    waiting = _waiting(earlier, plan)
    asked = replace(earlier, projects=plan.projects)
    if freed.empty or not waiting or not can_tell(asked):
        return pd.DataFrame()
    found = fits(asked, decisions_of(plan))
    project = {name: row for row, name in enumerate(plan.projects["project_id"])}
    plot = {name: row for row, name in enumerate(earlier.plots["plot_id"])}
    gone = set(plan.withdrawn)
    rows = []
    for each in freed.to_dict("records"):
        why = "withdrawn" if each["project_id"] in gone else "no longer in the portfolio"
        takers = set(_takers(each["geometry"], plan.plots))
        for rank, name in enumerate(waiting[:OFFERED_MAX], start=1):
            number = int(found.barred[project[name], plot[each["plot_id"]]])
            rows.append(
                {
                    "plot_id": str(each["plot_id"]),
                    "area_ha": float(each["area_ha"]),
                    "freed_by": str(each["project_id"]),
                    "why": why,
                    "rank": rank,
                    "offered_to": name,
                    "fits": number == 0,
                    "barred_by": found.rules[number - 1] if number else "",
                    "outcome": _outcome(name, takers, plan),
                }
            )
    return pd.DataFrame(rows, columns=list(OFFER_COLUMNS))


def _freed(earlier: PlanLayers, plan: PlanLayers) -> gpd.GeoDataFrame:
    """Return plots of the earlier plan whose project asks for them no more."""
    live = set(plan.projects["project_id"]) - plan.withdrawn
    owner = earlier.plots["project_id"]
    return earlier.plots[owner.notna() & ~owner.isin(live)]


def _waiting(earlier: PlanLayers, plan: PlanLayers) -> list[str]:
    """Return the earlier plan's waiting list, as far as its projects still want land."""
    table = earlier.allocation
    if "waiting" not in table:
        return []
    ranked = table[table["waiting"].notna()].sort_values("waiting", kind="stable")
    live = set(plan.projects["project_id"]) - plan.withdrawn
    return [str(name) for name in ranked["project_id"] if name in live]


def _takers(freed: Any, plots: gpd.GeoDataFrame) -> Iterator[str]:
    held = plots[plots["project_id"].notna()]
    shared_m2 = held.geometry.intersection(freed).area
    yield from held.loc[shared_m2 > SHARED_M2, "project_id"].astype(str)


def _outcome(name: str, takers: set[str], plan: PlanLayers) -> str:
    """Say what became of who was offered a plot."""
    if name in takers:
        return "has land of it"
    row = plan.allocation[plan.allocation["project_id"] == name]
    return "has other land" if (row["status"] == "placed").any() else "waits"
