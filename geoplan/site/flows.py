"""Goods that flow between projects and gates: as a table states them, or as sectors usually do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geoplan.config import FlowNorm
from geoplan.errors import closest, shown
from geoplan.site.findings import Finding, Remarks

FLOW_COLUMNS = ("from_id", "to_id", "commodity", "t_year", "from_year", "to_year")
BY_SECTOR = "by-sector"
"""Written in place of a table where the norm profile is to say what flows."""
RAIL = "rail"
_TYPES = {"t_year": "float64", "from_year": "Int64", "to_year": "Int64"}


def flow_table(rows: Mapping[str, Any] | pd.DataFrame | None = None) -> pd.DataFrame:
    """Return flows with the columns and types that they have everywhere; none without rows."""
    table = pd.DataFrame({} if rows is None else rows).reindex(columns=list(FLOW_COLUMNS))
    return table.astype({name: _TYPES.get(name, "str") for name in FLOW_COLUMNS}).reset_index(
        drop=True
    )


def checked_flows(
    table: pd.DataFrame, projects: pd.DataFrame, gates: pd.DataFrame, remarks: Remarks
) -> pd.DataFrame:
    """Hold flows against the portfolio and the gates, and add up those that are stated twice.

    Parameters
    ----------
    table : DataFrame
        Columns :data:`FLOW_COLUMNS`, each held against its contract already.
    projects, gates : DataFrame
        ``project_id`` and ``gate_id``.
    remarks : Remarks
        Takes down ids that nobody has, flows from somebody to himself or between two gates, years
        that are turned round, and what was added up.

    Returns
    -------
    DataFrame
        In the order in which they were stated first.
    """
    named = {str(name) for name in projects["project_id"].dropna()}
    doors = {str(name) for name in gates["gate_id"].dropna()}
    _note_unknown(table, named, doors, remarks)
    ends = table["from_id"].astype("str") + " to " + table["to_id"].astype("str")
    for faulty, cause, remedy in (
        (table["from_id"] == table["to_id"], "what somebody sends to himself goes nowhere.",
         "Name the other end, or leave the flow out."),
        (table["from_id"].isin(doors - named) & table["to_id"].isin(doors - named),
         "what goes from gate to gate passes nobody.", "Name a project at one end."),
        ((table["from_year"] > table["to_year"]).fillna(False), "from_year is after to_year.",
         "Swap or correct the two."),
    ):  # fmt: skip
        if faulty.any():
            remarks.problem(cause, remedy, ends[faulty])
    note_shared_ids(table, projects, gates, remarks)
    return _added_up(table, ends, remarks)


def note_shared_ids(
    table: pd.DataFrame, projects: pd.DataFrame, gates: pd.DataFrame, remarks: Remarks
) -> None:
    """Note ids of flows' ends that a project and a gate share: nobody knows who is meant."""
    named, doors = projects["project_id"].dropna(), gates["gate_id"].dropna()
    both = {*named.astype(str)} & {*doors.astype(str)} & {*table["from_id"], *table["to_id"]}
    if both:
        remarks.problem("a project and a gate share an id.", "Rename one of them.", sorted(both))


def _note_unknown(table: pd.DataFrame, named: set[str], doors: set[str], remarks: Remarks) -> None:
    known = named | doors
    for column in ("from_id", "to_id"):
        unknown = sorted({str(name) for name in table[column].dropna()} - known)
        if unknown:
            hints = [
                f"'{name}' may be '{near}'" for name in unknown if (near := closest(name, known))
            ]
            remedy = f"{shown(hints)}. " if hints else ""
            remarks.problem(
                f"{column} names what is neither a project nor a gate.",
                f"{remedy}Correct the ids, or add the projects.",
                unknown,
            )


def _added_up(table: pd.DataFrame, ends: pd.Series[Any], remarks: Remarks) -> pd.DataFrame:
    keys = ["from_id", "to_id", "commodity", "from_year", "to_year"]
    again = table.duplicated(keys)
    if again.any():
        remarks.warning(
            "flow stated twice",
            f"flows of one commodity are stated more than once and added up: {shown(ends[again])}.",
            "Remove what is stated twice, if it is.",
        )
    summed = table.groupby(keys, sort=False, dropna=False)["t_year"].sum()
    return flow_table(summed.reset_index())


def flows_of(
    projects: pd.DataFrame, gates: pd.DataFrame, norms: Mapping[str, FlowNorm]
) -> pd.DataFrame:
    """Say what sectors usually send: by rail, by road, and to warehouses in the portfolio.

    What a sector stores is brought to it in proportion to its projects' areas. Where there is no
    rail gate, or nobody who stores a sector's goods, the road takes that share too.

    Parameters
    ----------
    projects : DataFrame
        ``project_id, sector, area_ha, status``; who has withdrawn sends nothing.
    gates : DataFrame
        ``gate_id, kind``.
    norms : mapping of str to FlowNorm
        By sector; projects of other sectors send nothing.

    Returns
    -------
    DataFrame
        Columns :data:`FLOW_COLUMNS`; without years.
    """
    live = projects[projects["sector"].isin(list(norms)) & (projects["status"] != "withdrawn")]
    rail = [str(name) for name in gates.loc[gates["kind"] == RAIL, "gate_id"]]
    road = [str(name) for name in gates.loc[gates["kind"] != RAIL, "gate_id"]]
    rows: list[tuple[str, str, str, float]] = []
    for name, sector, area_ha in zip(
        live["project_id"].astype(str), live["sector"], live["area_ha"], strict=True
    ):
        norm = norms[sector]
        store = _stores_of(sector, live, norms)
        by_store = norm.warehouse_share if len(store) else 0.0
        by_rail = norm.rail_share if rail else 0.0
        ways = (
            (rail, np.full(len(rail), by_rail / max(len(rail), 1))),
            (road, np.full(len(road), (1.0 - by_rail - by_store) / max(len(road), 1))),
            (list(store.index), by_store * store.to_numpy()),
        )
        for others, shares in ways:
            for other, share in zip(others, shares.tolist(), strict=True):
                sent = share * float(area_ha)
                rows.append((name, other, norm.commodity, sent * norm.out_t_ha))
                rows.append((other, name, f"for {norm.commodity}", sent * norm.in_t_ha))
    table = pd.DataFrame(rows, columns=["from_id", "to_id", "commodity", "t_year"])
    return flow_table(table[table["t_year"] > 0])


def _stores_of(
    sector: str, projects: pd.DataFrame, norms: Mapping[str, FlowNorm]
) -> pd.Series[Any]:
    """Share of each project, by its id, in what is stored of a sector's goods."""
    takers = [name for name, norm in norms.items() if sector in norm.stores]
    mine = projects[projects["sector"].isin(takers)]
    area = mine.set_index(mine["project_id"].astype(str))["area_ha"].astype(float)
    return area / area.sum()


def told_of_sectors(flows: pd.DataFrame, profile: str) -> Finding:
    """Say that nobody has stated the flows."""
    told = (
        f"{len(flows):,} flows are assumed by sector, as the norm profile '{profile}' has them:"
        f" {flows['t_year'].sum():,.0f} t a year."
    )
    remedy = "State the applicants' own in a table: [portfolio] flows."
    return Finding("info", "flows by sector", "flows", "", told, remedy)
