"""The register kept: what an export says now against what was known, project by project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from geoplan.site.schema import CONTRACTS

REGISTER_COLUMNS = ("project_id", "change", "field", "from", "to")
NEW, CHANGED, WITHDRAWN = "new", "changed", "withdrawn"


@dataclass(frozen=True, eq=False)
class Registered:
    """A portfolio brought up to date.

    Attributes
    ----------
    projects : DataFrame
        Ordered by ``project_id``; who is missing in the export is there as withdrawn.
    changes : DataFrame
        Columns :data:`REGISTER_COLUMNS`, text: one row a new or withdrawn project, one row a
        field of a changed one.
    """

    projects: pd.DataFrame
    changes: pd.DataFrame

    def count(self, change: str) -> int:
        """Count projects of one change."""
        return int(self.changes.loc[self.changes["change"] == change, "project_id"].nunique())

    def ids(self, change: str) -> list[str]:
        """List projects of one change."""
        mine = self.changes["change"] == change
        return [str(name) for name in self.changes.loc[mine, "project_id"].unique()]


def registered(
    exported: pd.DataFrame, kept: pd.DataFrame | None, since: pd.DataFrame | None
) -> Registered:
    """Bring a portfolio up to date with an export.

    Parameters
    ----------
    exported : DataFrame
        Columns of the portfolio's contract that the platform has.
    kept : DataFrame or None
        The portfolio as it was written last. Columns that the platform does not have (pins,
        wishes) are taken from it, and so are projects that the platform does not have any more.
    since : DataFrame or None
        What changes are told against; `kept`, if nothing else is named.
    """
    projects = _merged(exported, kept)
    if since is None:
        since = kept
    told = _gone_too(projects, since)
    rows = list(_changes(told, since, [str(name) for name in exported.columns]))
    changes = pd.DataFrame(rows, columns=list(REGISTER_COLUMNS), dtype="str")
    return Registered(told, changes)


def _merged(exported: pd.DataFrame, kept: pd.DataFrame | None) -> pd.DataFrame:
    if kept is None:
        return exported
    known = kept.set_index("project_id")
    merged = exported.copy()
    for name in known.columns:
        if name not in merged:
            merged[name] = merged["project_id"].map(known[name])
    return _gone_too(merged, kept)


def _gone_too(projects: pd.DataFrame, known: pd.DataFrame | None) -> pd.DataFrame:
    """Add those who were known and are gone, as withdrawn."""
    if known is None:
        return projects
    gone = known[~known["project_id"].isin(projects["project_id"])]
    columns = list(projects.columns)
    if "status" not in columns:
        columns.append("status")
        projects = projects.assign(status="application")
    if gone.empty:
        return projects[_ordered(columns)]
    gone = gone.reindex(columns=columns).assign(status=WITHDRAWN)
    cells = pd.concat([projects.astype(object), gone.astype(object)], ignore_index=True)
    return cells.sort_values("project_id").reset_index(drop=True)[_ordered(columns)]


def _ordered(columns: list[str]) -> list[str]:
    return [name for name in CONTRACTS["projects"].columns.columns if name in columns]


def _changes(
    projects: pd.DataFrame, since: pd.DataFrame | None, fields: list[str]
) -> list[tuple[str, str, str, str, str]]:
    before = {} if since is None else {row["project_id"]: row for row in since.to_dict("records")}
    rows = []
    for now in projects.to_dict("records"):
        name = str(now["project_id"])
        then = before.get(name)
        if then is None:
            rows.append((name, NEW, "", "", ""))
        elif now.get("status") == WITHDRAWN:
            if then.get("status") != WITHDRAWN:
                was = told(then.get("status"))
                rows.append((name, WITHDRAWN, "status", was, WITHDRAWN))
        else:
            pairs = [(field, told(then.get(field)), told(now[field])) for field in fields]
            rows += [(name, CHANGED, f, was, is_) for f, was, is_ in pairs if was != is_]
    return rows


def told(cell: Any) -> str:
    """Write a cell as text: numbers alike however they were stored.

    >>> told(2.0), told(2), told(None), told(True)
    ('2', '2', '', 'true')
    """
    if pd.isna(cell):
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"{float(cell):.12g}" if isinstance(cell, int | float) else str(cell)
