"""Checks of the allocation: who has which plot, by which rules, and how well proven."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely

from geoplan.audit.audited import (
    AREA_CHOSEN_TOLERANCE,
    LENGTH_TOLERANCE_M,
    ROUNDING,
    Audited,
    numbers_of,
    outlines,
    plot_errors,
)
from geoplan.config import UTILITY_KINDS
from geoplan.errors import shown
from geoplan.site.findings import Finding, Severity

TRANSPORT = "transport"
"""The objective whose bounds are seldom tight."""


def allotment(audited: Audited) -> Iterable[Finding]:
    """Find tables that disagree on who has which plot, and reasons that are missing."""
    plan, table = audited.plan, audited.plan.allocation
    held: dict[str, set[str]] = {}
    for project, plot in plan.plots[["project_id", "plot_id"]].dropna().to_numpy(dtype=str):
        held.setdefault(project, set()).add(plot)
    placed = table[table["status"] == "placed"]
    plot_ids = placed["plot_ids"].str.split(";").map(set)
    stated = dict(zip(placed["project_id"], plot_ids, strict=True))
    differ = [name for name in {**held, **stated} if held.get(name) != stated.get(name)]
    if differ:
        told = "Plots and allocation name different plots for these projects."
        remedy = "Plan again, or edit both tables alike."
        yield Finding("error", "allotment", "allocation", shown(differ), told, remedy)
    if strangers := sorted(set(held) - set(plan.projects["project_id"])):
        told = "These projects hold plots, but the portfolio does not know them."
        remedy = "Add them to the portfolio, or free their plots."
        yield Finding("error", "portfolio", "plots", shown(strangers), told, remedy)
    explained = (table["reason"].fillna("") != "").to_numpy(dtype=bool)
    wrong = table["project_id"][explained == (table["status"] == "placed").to_numpy(dtype=bool)]
    if len(wrong):
        told = "Each unplaced project needs a reason, and no placed one may have any."
        yield Finding("error", "reasons", "allocation", shown(wrong), told, "Plan again.")


def promises(audited: Audited) -> Iterable[Finding]:
    """Find projects with another area than was chosen or asked for, and locks that do not hold."""
    placed = audited.placed
    if placed.empty:
        return
    measured, chosen = audited.areas_ha["measured"], audited.areas_ha["chosen"]
    table = audited.plan.projects.set_index("project_id").loc[measured.index]
    slack = 1 + AREA_CHOSEN_TOLERANCE
    off = measured.index.isin(audited.off_choice)
    outside = (measured < table["area_min_ha"] / slack) | (measured > table["area_max_ha"] * slack)
    for project in measured.index[off | outside]:
        least, most = table.loc[project, ["area_min_ha", "area_max_ha"]]
        told = f"It has {measured[project]:.4f} ha, and can use {least:g} to {most:g} ha."
        if project in audited.off_choice:
            told = (
                f"It has {measured[project]:.4f} ha, but {chosen[project]:.4f} ha were chosen for"
                f" it and it can use {least:g} to {most:g} ha."
            )
        yield Finding("error", "chosen area", "projects", str(project), told, "Plan again.")
    active = audited.plan.projects[audited.plan.projects["status"] != "withdrawn"]
    locks = active.set_index("project_id")["plot_id"].dropna()
    held = placed.groupby("project_id")["plot_id"].agg(set).to_dict()
    for project, plot_ids in locks.items():
        has = held.get(project, set())
        if has != set(plot_ids.split(";")):
            told = f"It is locked to {plot_ids}, but has {shown(sorted(has)) or 'no plot'}."
            remedy = "Plan again, or take plot_id out of the portfolio."
            yield Finding("error", "lock", "projects", str(project), told, remedy)


def capacities(audited: Audited) -> Iterable[Finding]:
    """Find utilities that give more than they have, and demand that none accounts for."""
    table = audited.plan.capacities
    over = table[table["used"] > table["capacity"] * (1 + ROUNDING)]
    for name, kind, used, limit in over[["utility_id", "kind", "used", "capacity"]].to_numpy():
        told = (
            f"{used:g} {kind} are drawn, but it has {limit:g}.{_of_those_who_stay(audited, kind)}"
        )
        remedy = "Raise its capacity, or move a project to another service area."
        yield Finding("error", "capacity", "utilities", str(name), told, remedy)
    placed = audited.placed.drop_duplicates("project_id")
    for kind in UTILITY_KINDS if len(placed) else ():
        of_kind = table["kind"] == kind
        if not of_kind.any():
            continue
        demand, used = float(placed[kind].sum()), float(table["used"][of_kind].sum())
        if abs(demand - used) > ROUNDING * max(demand, 1.0):
            told = f"Placed projects need {demand:g}, but the utilities account for {used:g}."
            remedy = "Check that a utility of this kind serves every plot, and plan again."
            yield Finding("error", "supply", "utilities", kind, told, remedy)


def _of_those_who_stay(audited: Audited, kind: str) -> str:
    """Name those who draw on utilities of a kind and stay where they are, if any do."""
    placed = audited.placed.drop_duplicates("project_id")
    stays = placed["project_id"].isin(audited.locked | audited.kept_by_contract)
    drawing = placed[stays & (placed[kind] > 0)]
    if drawing.empty:
        return ""
    need, ids = f"{drawing[kind].sum():g}", shown(sorted(drawing["project_id"]))
    return f" Those who are locked or stay by contract ({ids}) need {need} of this kind."


def places(audited: Audited) -> Iterable[Finding]:
    """Find projects in a zone of another use, hazard class or year, or too far from a siding."""
    placed = audited.placed
    if placed.empty:
        return
    gates = audited.plan.gates
    tracks = [outlines(gates[gates["kind"] == "rail"]), outlines(audited.plan.sidings)]
    sidings = shapely.union_all(np.concatenate(tracks))
    # Without a siding the distance is NaN, and no comparison holds.
    siding_m = shapely.distance(outlines(placed), sidings)
    has = [f"its nearest is {m:.0f} m away" if m >= 0 else "there is none" for m in siding_m]
    placed, reach_m = placed.assign(siding=has), audited.allotting.rail_reach_m
    far = ~(siding_m <= reach_m + LENGTH_TOLERANCE_M)
    move = "Plan again, or change the zone."
    use = placed["use_project"]
    rules: tuple[tuple[str, Any, str, str], ...] = (
        ("use", use.notna() & (use != placed["use_zone"]),
         "Project {project_id} is for {use_project}, but zone {zone_id} for {use_zone}.", move),
        ("hazard", numbers_of(placed["hazard_class"]) < numbers_of(placed["hazard_max"]),
         "Project {project_id} has hazard class {hazard_class}, but zone {zone_id} takes class"
         " {hazard_max} and milder ones only.", move),
        ("year", numbers_of(placed["start_year"]) < numbers_of(placed["available_year_zone"]),
         "Project {project_id} starts in {start_year}, but zone {zone_id} is available from"
         " {available_year_zone}.", move),
        ("rail", placed["rail"].to_numpy(dtype=bool) & far,
         f"Project {{project_id}} needs a siding within {reach_m:g} m (rail_reach_m);"
         " {siding}.", "Plan again, or lay a siding there."),
        ("withdrawn", placed["status"] == "withdrawn",
         "Project {project_id} is withdrawn, but holds this plot.", "Free the plot."),
    )  # fmt: skip
    for rule, wrong, told, remedy in rules:
        yield from plot_errors(rule, placed, wrong, told, remedy)


def ways(audited: Audited) -> Iterable[Finding]:
    """Find flows that no street leads along."""
    flows = audited.plan.flows
    lost = flows[flows["km"].isna()]
    if len(lost):
        ends = (lost["from_id"].astype(str) + " to " + lost["to_id"].astype(str)).tolist()
        told = f"No way along the streets leads {shown(ends)}."
        remedy = "Join the streets, draw a gate to this land, or correct the flows."
        yield Finding("warning", "no way", "flows", "", told, remedy)


def proof(audited: Audited) -> Iterable[Finding]:
    """Find an allocation that is further from the optimum than wanted, or not repeatable."""
    wanted = audited.allotting.gap
    for stage in audited.plan.manifest.get("solver", ()):
        aim, gap = str(stage["aim"]), stage["gap"]
        # JSON has no word for infinity: a gap that is null was never bounded.
        if gap is None or not gap <= wanted * (1 + ROUNDING):
            proven = gap is not None and np.isfinite(gap)
            so_far = f"within {gap:.2%}" if proven else "at no known distance"
            told = f"The optimum is proven to be {so_far}; within {wanted:.2%} was wanted."
            remedy = "Raise work_limit and time_limit_s in [allocate]."
            # Beyond few projects no bound of a quadratic assignment is tight: worth a note.
            severity: Severity = "info" if aim == TRANSPORT else "warning"
            yield Finding(severity, "gap", "allocation", aim, told, remedy)
        if stage["status"] == "time limit":
            told = "The time limit ended the search, so that another run may end elsewhere."
            remedy = "Raise time_limit_s, or lower work_limit, in [allocate]."
            yield Finding("warning", "repeatability", "allocation", aim, told, remedy)
