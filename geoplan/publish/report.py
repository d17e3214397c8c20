"""``report.html``: the plan's figures on paper, in one file that asks nothing of anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from geoplan.config import UTILITIES
from geoplan.publish.changes import changed_and_kept
from geoplan.publish.columns import LAND_TITLES, placed_projects, waiting_first
from geoplan.publish.figures import (
    headline,
    land_figures,
    layout_figures,
    project_figures,
    solver_figures,
    street_table,
    utility_figures,
)
from geoplan.publish.flows import flow_report
from geoplan.publish.formats import number, percent, rounded_shares
from geoplan.publish.page import records, rendered
from geoplan.publish.replan import replan_of
from geoplan.publish.years import years_of

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers

FINDINGS_SHOWN = 200
"""Findings of one severity that the report lists; the register holds all of them."""

SEVERITIES = {"error": "Errors", "warning": "Warnings", "info": "Notes"}
_FULL_BAR = 0.8  # of a capacity bar's width, so that use beyond capacity still shows


class Share(NamedTuple):
    """One kind of land in a zone, as the balance shows it."""

    kind: str
    title: str
    area_ha: float
    share: float
    start: float
    norm: str
    verdict: str
    level: str
    source: str


class ZoneBalance(NamedTuple):
    """The land balance of one zone, or of all."""

    zone_id: str
    shares: list[Share]
    area_ha: float
    total: float


class Capacity(NamedTuple):
    """One utility: what it can give, what the plan takes of it."""

    utility_id: str
    title: str
    unit: str
    capacity: float
    used: float
    free: float
    share: float
    bar: float
    over: bool


def report_html(plan: PlanLayers) -> str:
    """Write the plan's report as one HTML page.

    The page needs no script and no other file, and its content security policy allows
    none. It holds no time of day: the same plan gives the same page.

    Parameters
    ----------
    plan : PlanLayers

    Returns
    -------
    str
    """
    projects = placed_projects(plan.projects, plan.allocation)
    balance = balance_by_zone(plan)
    streets = street_table(plan)
    changed, kept = changed_and_kept(plan.changes)
    return rendered(
        "report.html",
        name=plan.name,
        notice=plan.notice,
        headline=headline(plan),
        indicators={
            "Land": land_figures(plan),
            "Layout": layout_figures(plan),
            "Projects": project_figures(plan),
            "Utilities": utility_figures(plan),
            "Allocation": solver_figures(plan.manifest),
        },
        whole=next((zone for zone in balance if zone.zone_id == "all"), None),
        zones=[zone for zone in balance if zone.zone_id != "all"],
        land_titles=LAND_TITLES,
        norms_title=plan.manifest.get("norms", {}).get("title", ""),
        streets=records(streets),
        streets_total=streets.drop(columns="class").sum(skipna=False).to_dict(),
        placed=records(projects[projects["decision"] == "placed"]),
        unplaced=records(waiting_first(projects[projects["decision"] != "placed"])),
        proposals=records(plan.proposals.drop(columns="geometry")),
        remedies=_remedies(plan),
        margins=records(plan.margins),
        replan=replan_of(plan),
        years=years_of(plan),
        **_of_lifecycle(plan),
        changed=changed,
        kept=kept,
        capacities=capacity_rows(plan.capacities),
        full_bar=_FULL_BAR,
        flows=flow_report(plan),
        findings=_findings(plan.findings),
        findings_shown=FINDINGS_SHOWN,
        inputs=sorted(plan.manifest.get("inputs", {}).items()),
        settings=list(_settings(plan.manifest.get("settings", {}))),
        versions=sorted(plan.manifest.get("versions", {}).items()),
    )


def _remedies(plan: PlanLayers) -> dict[str, list[str]]:
    """Collect what would place each unplaced project, the least change first."""
    listed = plan.remedies.drop_duplicates(["project_id", "rank"])
    return {str(name): texts.tolist() for name, texts in listed.groupby("project_id")["text"]}


def _of_lifecycle(plan: PlanLayers) -> dict[str, Any]:
    """Collect deadlines that want attention, and land that was freed."""
    table = plan.deadlines
    waits = table[table["state"] != "in time"] if len(table) else table
    return {
        "as_of": plan.manifest.get("settings", {}).get("site", {}).get("as_of"),
        "deadlines": records(waits),
        "deadlines_in_time": len(table) - len(waits),
        "offers": records(plan.offers),
    }


def balance_by_zone(plan: PlanLayers) -> list[ZoneBalance]:
    """Arrange the balance by zone, each kind with the norm it is held against.

    Shares are rounded so that those of a zone sum to 100 % as shown.
    """
    norms = plan.manifest.get("norms", {}).get("balance", {})
    zones = []
    for zone_id, rows in plan.balance.groupby("zone_id", sort=False):
        shown = rounded_shares(rows["share"].tolist())
        starts = [0.0, *rows["share"].cumsum().tolist()]
        records = rows.to_dict("records")
        shares = [
            _share(row, share, start, norms.get(row["kind"], {}))
            for row, share, start in zip(records, shown, starts, strict=False)
        ]
        zones.append(ZoneBalance(str(zone_id), shares, rows["area_ha"].sum(), sum(shown)))
    return zones


def _share(row: Mapping[Any, Any], shown: float, start: float, norm: Mapping[str, Any]) -> Share:
    kind = str(row["kind"])
    title = LAND_TITLES.get(kind, kind)
    if pd.isna(row["norm_min"]) or pd.isna(row["norm_max"]):
        return Share(kind, title, row["area_ha"], shown, start, "", "no norm", "none", "")
    low, high = row["norm_min"], row["norm_max"]
    span = f"{number(100 * low, 1)}\u2013{percent(high)}".replace(".0", "")
    source = norm.get("source", "")
    if source and norm.get("confidence"):
        source = f"{source} [{norm['confidence']}]"
    if pd.isna(row["ok"]) or row["ok"]:
        verdict, level = ("ok", "ok") if not pd.isna(row["ok"]) else ("not judged", "none")
    elif row["share"] < low:
        verdict, level = f"{number(100 * (low - row['share']), 1)} pp below", "outside"
    else:
        verdict, level = f"{number(100 * (row['share'] - high), 1)} pp above", "outside"
    return Share(kind, title, row["area_ha"], shown, start, span, verdict, level, source)


def capacity_rows(capacities: pd.DataFrame) -> list[Capacity]:
    """Arrange the capacities for the report; bars end at the page's edge."""
    rows = []
    for row in capacities.to_dict("records"):
        title, unit = UTILITIES.get(row["kind"], (str(row["kind"]), ""))
        share = row["used"] / row["capacity"] if row["capacity"] else float("nan")
        bar = 0.0 if pd.isna(share) else min(share * _FULL_BAR, 1.0)
        over = row["used"] > row["capacity"]
        rows.append(
            Capacity(
                str(row["utility_id"]), title, unit, row["capacity"], row["used"], row["free"],
                share, bar, over,
            )
        )  # fmt: skip
    return rows


def _findings(findings: pd.DataFrame) -> dict[str, tuple[list[dict[Any, Any]], int]]:
    """Group findings by severity, worst first, each group in the order of its rules."""
    groups = {}
    table = pd.DataFrame(findings.drop(columns="geometry", errors="ignore"))
    for severity, title in SEVERITIES.items():
        rows = table[table["severity"] == severity].sort_values("rule", kind="stable")
        if len(rows):
            groups[title] = (records(rows.head(FINDINGS_SHOWN)), len(rows))
    return groups


def _settings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Flatten nested settings to ``section.key`` and text, in the order of the manifest."""
    if isinstance(value, Mapping):
        for key in sorted(value):
            yield from _settings(value[key], f"{name}.{key}" if name else str(key))
    elif value is not None:
        listed = isinstance(value, Sequence) and not isinstance(value, str)
        yield name, ", ".join(str(item) for item in value) if listed else str(value)
