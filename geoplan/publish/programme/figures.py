"""What the programme's page says in figures, each computed from the tables alone."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoplan.publish.map.words import N_
from geoplan.publish.programme.tables import ProgrammeTables
from geoplan.site.schema import ID_SEPARATOR

CAUSES = {
    "power_mw": N_("power"),
    "water_m3d": N_("water"),
    "wastewater_m3d": N_("waste water"),
    "gas_m3h": N_("gas"),
    "heat_gcalh": N_("heat"),
    "land_ha": N_("land"),
    "fit": N_("a strip that fits"),
    "several": N_("several at once"),
    "rules": N_("barred by rules"),
    "withdrawn": N_("withdrawn"),
}
"""What a project without a plot lacks, by the kinds of the table of lacks, and what else may be."""


def headline(programme: ProgrammeTables) -> dict[str, Any]:
    """Count what is placed of what is asked for; who has withdrawn asks for nothing.

    Returns
    -------
    dict
        ``projects``, ``placed``, ``asked_bn``, ``placed_bn``, ``jobs_asked``, ``jobs``,
        ``parks``, ``regions``; billions are of KZT, as everywhere in the page's data.
    """
    asking = programme.projects[programme.projects["project_status"] != "withdrawn"]
    placed = asking[asking["status"] == "placed"]
    return {
        "projects": len(asking),
        "placed": len(placed),
        "asked_bn": float(asking["invest_bn_kzt"].sum()),
        "placed_bn": float(placed["invest_bn_kzt"].sum()),
        "jobs_asked": int(asking["jobs"].sum()),
        "jobs": int(placed["jobs"].sum()),
        "parks": len(programme.parks),
        "regions": int(programme.parks["region"].nunique()),
    }


def year_rows(programme: ProgrammeTables) -> list[dict[str, Any]]:
    """List the years: target, plan and what is asked for, and what is missing so far.

    Returns
    -------
    list of dict
        ``year``, ``target`` (None where there is none), ``planned``, ``asked``, ``missing`` and
        ``missing_so_far`` (None without a target; below 0 where more is planned) in bn KZT, and
        ``started``, projects.
    """
    rows, so_far = [], 0.0
    for row in programme.years.to_dict("records"):
        aimed = not pd.isna(row["target_bn_usd"])
        target = float(row["target_bn_usd"]) * programme.kzt_per_usd if aimed else None
        planned = float(row["planned_bn_kzt"])
        missing = None if target is None else target - planned
        so_far += missing or 0.0
        rows.append(
            {
                "year": int(row["year"]),
                "target": target,
                "planned": planned,
                "asked": float(row["asked_bn_kzt"]),
                "missing": missing,
                "missing_so_far": None if target is None else so_far,
                "started": int(row["projects_started"]),
            }
        )
    return rows


def gap_to_target(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Say how far the plan is from the target in all years that have one, and why.

    Parameters
    ----------
    rows : list of dict
        From :func:`year_rows`.

    Returns
    -------
    dict or None
        None without targets. Else ``first``, ``last`` (years), ``target``, ``planned``,
        ``missing`` (not below 0), and what would close it, one after the other, in bn KZT:
        ``waiting`` (who asks and has no plot), ``later`` (what is planned after the last year)
        and ``unasked`` (nobody has applied for it).
    """
    aimed = [row for row in rows if row["target"] is not None]
    if not aimed:
        return None
    last = aimed[-1]["year"]
    target, planned, asked = (
        sum(row[name] for row in aimed) for name in ("target", "planned", "asked")
    )
    missing = max(target - planned, 0.0)
    waiting = min(max(asked - planned, 0.0), missing)
    after = sum(row["planned"] for row in rows if row["year"] > last)
    later = min(after, missing - waiting)
    return {
        "first": aimed[0]["year"],
        "last": last,
        "target": target,
        "planned": planned,
        "missing": missing,
        "waiting": waiting,
        "later": later,
        "unasked": missing - waiting - later,
    }


def room(programme: ProgrammeTables) -> dict[str, Any] | None:
    """Say for how much more there is room, if others use what projects placed do on average.

    Returns
    -------
    dict or None
        ``kind`` of what runs out first and ``bn``; None where nothing is placed.
    """
    placed = headline(programme)["placed_bn"]
    parks = programme.parks
    left = {"land_ha": (float(parks["free_ha"].sum()), float(parks["plots_ha"].sum()))}
    for kind, rows in programme.capacities.groupby("kind", sort=False):
        left[str(kind)] = (float(rows["free"].sum()), float(rows["capacity"].sum()))
    found = [
        (placed * max(free, 0.0) / (whole - free), kind)
        for kind, (free, whole) in left.items()
        if whole > free
    ]
    if not found or placed <= 0:
        return None
    bn, kind = min(found)
    return {"kind": kind, "bn": bn}


def causes(programme: ProgrammeTables) -> pd.DataFrame:
    """Say for each project without a plot what it lacks, and in which region.

    Returns
    -------
    DataFrame
        In the order of the projects: ``cause``, a word of :data:`CAUSES` (null where placed),
        and ``lacks_in``: the region where it lacks least, else the only one that it names;
        empty text where it may be several.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for row in programme.lacks.to_dict("records"):
        for project_id in str(row["project_ids"]).split(ID_SEPARATOR):
            found.setdefault(project_id, []).append((str(row["kind"]), str(row["region"])))
    told: list[tuple[str | None, str]] = []
    columns = ["project_id", "status", "project_status", "regions"]
    for project in programme.projects[columns].fillna("").to_dict("records"):
        lacks = found.get(str(project["project_id"]), [])
        named = str(project["regions"])
        region = lacks[0][1] if lacks else "" if ID_SEPARATOR in named else named
        if project["status"] == "placed":
            told.append((None, ""))
        elif project["project_status"] == "withdrawn":
            told.append((CAUSES["withdrawn"], region))
        elif not lacks:
            told.append((CAUSES["rules"], region))
        else:
            kind = lacks[0][0] if len(lacks) == 1 else "several"
            told.append((CAUSES.get(kind, kind), region))
    return pd.DataFrame(told, columns=["cause", "lacks_in"], index=programme.projects.index)


def lack_rows(programme: ProgrammeTables) -> list[dict[str, Any]]:
    """List what would close the gap, the greatest investment for one change first.

    Returns
    -------
    list of dict
        ``region``, ``kind``, ``amount``, ``unit``, ``park`` (its row, -1 if unknown),
        ``projects``, ``bn``, and ``alone``, ``alone_bn``: those who lack nothing else.
    """
    lacks = programme.lacks.sort_values("invest_bn_kzt", ascending=False, kind="stable")
    listed = [str(ids).split(ID_SEPARATOR) for ids in lacks["project_ids"]]
    times = pd.Series([one for ids in listed for one in ids], dtype=object).value_counts()
    invests = programme.projects.set_index("project_id")["invest_bn_kzt"]
    place = {str(park_id): row for row, park_id in enumerate(programme.parks["park_id"])}
    rows = []
    for row, ids in zip(lacks.to_dict("records"), listed, strict=True):
        alone = [one for one in ids if times[one] == 1]
        rows.append(
            {
                "region": str(row["region"]),
                "kind": str(row["kind"]),
                "amount": float(row["amount"]),
                "unit": str(row["unit"]),
                "park": place.get(str(row["park_id"]), -1),
                "projects": int(row["projects"]),
                "bn": float(row["invest_bn_kzt"]),
                "alone": len(alone),
                "alone_bn": float(invests.reindex(alone).sum()),
            }
        )
    return rows
