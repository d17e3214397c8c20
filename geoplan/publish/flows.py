"""Flows and their transport work, arranged for the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from geoplan.publish.formats import number, percent
from geoplan.publish.page import records

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers

HEAVIEST = 15
"""Flows that the report lists; plan.gpkg holds all of them."""
CASES = {
    "now": "This plan",
    "blind": "The same projects, placed as if flows were ignored",
    "alone": "Each site alone: its projects on its own land, minding their own site's flows",
    "least": "Proven: no placing of these projects on these strips has less than",
}
"""What the work is held against, with its words."""


class Case(NamedTuple):
    """Transport work as it is, or would be."""

    title: str
    work_tkm: float
    lower_share: float | None
    """How much lower the plan's work is, of this one's; None for the plan itself and the bound."""


class FlowReport(NamedTuple):
    """What the report says of flows."""

    tonnes: float
    work_tkm: float
    lost: int
    cases: list[Case]
    commodities: list[dict[Any, Any]]
    heaviest: list[dict[Any, Any]]


def flow_report(plan: PlanLayers) -> FlowReport | None:
    """Arrange a plan's flows; None where it has none."""
    if not len(plan.flows):
        return None
    flows = plan.flows.assign(work_tkm=plan.flows["t_year"] * plan.flows["km"])
    return FlowReport(
        tonnes=float(flows["t_year"].sum()),
        work_tkm=float(flows["work_tkm"].sum()),
        lost=int(flows["km"].isna().sum()),
        cases=_cases(plan.manifest.get("transport", {})),
        commodities=records(by_commodity(flows)),
        heaviest=records(
            flows.sort_values(
                ["work_tkm", "from_id", "to_id"], ascending=[False, True, True], kind="stable"
            ).head(HEAVIEST)
        ),
    )


def answers(plan: PlanLayers) -> list[str]:
    """Say in a few sentences how much transport work the plan makes, and what it is held against.

    Parameters
    ----------
    plan : PlanLayers
        With flows.

    Returns
    -------
    list of str
    """
    report = flow_report(plan)
    if report is None:
        return []
    said = [
        f"{number(report.tonnes)} t a year make {number(report.work_tkm)} t km a year along the"
        " streets, from plot to plot."
    ]
    if report.lost:
        said.append(f"{number(report.lost)} flows have no way along the streets; see the findings.")
    if report.cases:
        said.append("Between the middles of strips, before plots are cut:")
    for case in report.cases:
        lower = "" if case.lower_share is None else f": {_against(case.lower_share)}"
        said.append(f"{case.title}: {number(case.work_tkm)} t km a year{lower}.")
    return said


def _against(lower_share: float) -> str:
    """Say how the plan stands to another placing.

    >>> _against(0.32) == f"this plan is lower by {percent(0.32)}"
    True
    >>> _against(-0.01) == f"this plan is higher by {percent(0.01)}"
    True
    """
    return (
        f"this plan is {'lower' if lower_share >= 0 else 'higher'} by {percent(abs(lower_share))}"
    )


def by_commodity(flows: pd.DataFrame) -> pd.DataFrame:
    """Add flows up, one row a commodity, most work first.

    Parameters
    ----------
    flows : DataFrame
        ``commodity, t_year, km, work_tkm``.

    Returns
    -------
    DataFrame
        ``commodity, flows, t_year, work_tkm, km`` (the mean way of a tonne).
    """
    groups = flows.groupby("commodity", sort=True)
    table = groups.agg(
        flows=("t_year", "size"), t_year=("t_year", "sum"), work_tkm=("work_tkm", "sum")
    ).reset_index()
    table["km"] = (table["work_tkm"] / table["t_year"]).where(table["t_year"] > 0)
    return table.sort_values(["work_tkm", "commodity"], ascending=[False, True], kind="stable")


def _cases(told: dict[str, float]) -> list[Case]:
    now = told.get("now")
    if now is None or len(told) == 1:
        return []
    cases = []
    for name, title in CASES.items():
        if name in told:
            work = float(told[name])
            held = name in ("blind", "alone") and work > 0
            cases.append(Case(title, work, 1.0 - now / work if held else None))
    return cases
