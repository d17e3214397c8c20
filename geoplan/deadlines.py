"""Deadlines: how long each project has been in its state, and how long the norms let it be."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date

import geopandas as gpd
import pandas as pd

from geoplan.config import Scenario
from geoplan.site import Finding, Site
from geoplan.site.findings import Severity
from geoplan.site.schema import ID_SEPARATOR

DEADLINE_COLUMNS = (
    "project_id",
    "status",
    "status_since",
    "months_max",
    "deadline",
    "days_left",
    "state",
    "then",
    "plot_ids",
    "source",
    "confidence",
)
OVERDUE, DUE, IN_TIME = "overdue", "due", "in time"
DUE_DAYS = 90
"""A deadline within so many days is due."""


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, or the last one of a shorter month.

    >>> months_later(date(2026, 1, 31), 1), months_later(date(2026, 11, 1), 14)
    (datetime.date(2026, 2, 28), datetime.date(2028, 1, 1))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def deadline_table(site: Site, scenario: Scenario, allocation: pd.DataFrame) -> pd.DataFrame:
    """Hold the states of all projects against the norms, on the day that the scenario names.

    Parameters
    ----------
    site : Site
    scenario : Scenario
    allocation : DataFrame

    Returns
    -------
    DataFrame
        Columns :data:`DEADLINE_COLUMNS`, the first deadline first; ``days_left`` is negative once
        it is over. Without a column where no day is named, or no project is in a state that has a
        term and says since when.
    """
    today, terms = scenario.site.as_of, scenario.norm_profile.lifecycle
    if today is None or site.projects is None:
        return pd.DataFrame()
    held = dict(zip(allocation["project_id"], allocation["plot_ids"], strict=True))
    rows = []
    for project in site.projects.to_dict("records"):
        if pd.isna(project["status_since"]):
            continue
        since = date.fromisoformat(project["status_since"])
        for term in terms.get(project["status"], ()):
            deadline = months_later(since, term.months_max)
            left = (deadline - today).days
            state = OVERDUE if left < 0 else DUE if left <= DUE_DAYS else IN_TIME
            rows.append(
                {
                    "project_id": str(project["project_id"]),
                    "status": project["status"],
                    "status_since": project["status_since"],
                    "months_max": term.months_max,
                    "deadline": deadline.isoformat(),
                    "days_left": left,
                    "state": state,
                    "then": term.then,
                    "plot_ids": str(held.get(project["project_id"], "")),
                    "source": term.source,
                    "confidence": term.confidence,
                }
            )
    if not rows:
        return pd.DataFrame()
    table = pd.DataFrame(rows, columns=list(DEADLINE_COLUMNS))
    return table.sort_values(["deadline", "project_id"], kind="stable").reset_index(drop=True)


def deadline_findings(
    table: pd.DataFrame, site: Site, scenario: Scenario, plots: gpd.GeoDataFrame
) -> Iterator[Finding]:
    """Alert to what is overdue or due soon, and to states that begin after the day named."""
    today = scenario.site.as_of
    outline = dict(zip(plots["plot_id"], plots.geometry, strict=True))
    for row in table[table["state"] != IN_TIME].to_dict("records") if len(table) else ():
        first = str(row["plot_ids"]).split(ID_SEPARATOR)[0]
        on = f" It holds {row['plot_ids']}." if row["plot_ids"] else ""
        days, over = abs(int(row["days_left"])), row["state"] == OVERDUE
        when = f"ended {days} days before" if over else f"ends {days} days after"
        told = (
            f"It is in {row['status']} since {row['status_since']}; its term of"
            f" {row['months_max']} months {when} {today} ({row['deadline']}).{on}"
            f" {row['source']} [{row['confidence']}]."
        )
        remedy = "Ask for its next step, or extend the term."
        if row["then"] != "warn":
            remedy = "The land may be taken back: then set its status to withdrawn."
        severity: Severity = "warning" if over else "info"
        name = str(row["project_id"])
        yield Finding(severity, "deadline", "projects", name, told, remedy, outline.get(first))
    if today is None or site.projects is None:
        return
    late = site.projects[site.projects["status_since"].fillna("") > today.isoformat()]
    for name, since in zip(late["project_id"], late["status_since"], strict=True):
        told = f"Its status began on {since}, which is after {today} ([site] as_of)."
        remedy = "Correct the day, or name a later one in as_of."
        yield Finding("warning", "status of later", "projects", str(name), told, remedy)
