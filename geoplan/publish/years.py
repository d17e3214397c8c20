"""The section on years: phases, supply, capital against its target, and what to bring forward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geoplan.config import UTILITIES
from geoplan.publish.formats import number, percent
from geoplan.publish.page import records

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers

CHART_WIDTH, CHART_HEIGHT, FOOT, HEAD = 900.0, 220.0, 30.0, 26.0
BAR_SHARE = 0.62
"""Share of a year's width that its bar takes."""


class Bar(NamedTuple):
    """One year of the chart: where its bar and the mark of its target lie."""

    year: int
    x: float
    width: float
    top: float
    height: float
    told: str
    target_y: float | None


class YearsTold(NamedTuple):
    """What the report says of years."""

    answers: list[str]
    phases: list[dict[Any, Any]]
    in_usd: bool
    bars: list[Bar]
    years: list[int]
    supply: list[dict[str, Any]]
    infrastructure: list[dict[Any, Any]]
    forward: list[dict[Any, Any]]
    chosen: bool


def years_of(plan: PlanLayers) -> YearsTold | None:
    """Arrange a plan's tables of years; None where it has none."""
    phases = plan.phases
    if phases.empty:
        return None
    in_usd = bool(phases["inflow_bn_usd"].notna().any())
    return YearsTold(
        answers=answers(plan),
        phases=records(phases),
        in_usd=in_usd,
        bars=_bars(phases, in_usd),
        years=phases["year"].tolist(),
        supply=_supply(plan.phase_capacities),
        infrastructure=records(plan.infrastructure),
        forward=records(plan.forward),
        chosen="start_year" in plan.allocation,
    )


def answers(plan: PlanLayers) -> list[str]:
    """Say in a few sentences what starts when, what it waits for, and what is missing.

    Parameters
    ----------
    plan : PlanLayers
        With tables of years.

    Returns
    -------
    list of str
    """
    return [*_started(plan), *_waiting(plan), *_capital(plan), *_sooner(plan)]


def _started(plan: PlanLayers) -> list[str]:
    phases = plan.phases
    own, last = phases[phases["projects"] > 0], phases.iloc[-1]
    if own.empty:
        return ["Nobody starts."]
    first_year, last_year = int(own["year"].min()), int(own["year"].max())
    when = f"in {first_year}" if first_year == last_year else f"from {first_year} to {last_year}"
    asked = len(set(plan.allocation["project_id"]) - plan.withdrawn)
    return [
        f"{number(last['projects_total'])} of {number(asked)} projects start {when}:"
        f" {number(last['invest_total_bn_kzt'], 1)} bn KZT, {number(last['jobs_total'])} jobs,"
        f" {number(last['area_total_ha'], 1)} ha."
    ]


def _waiting(plan: PlanLayers) -> list[str]:
    if "waits_for" not in plan.allocation or plan.infrastructure.empty:
        return []
    waits = plan.allocation["waits_for"].fillna("") != ""
    if not waits.any():
        return ["Nobody who has land waits for infrastructure."]
    ids = set(plan.allocation.loc[waits, "project_id"])
    invest = plan.projects.loc[plan.projects["project_id"].isin(ids), "invest_bn_kzt"].sum()
    most = plan.infrastructure.sort_values("waiting_bn_kzt", ascending=False, kind="stable").iloc[0]
    return [
        f"{number(len(ids))} of them ({number(invest, 1)} bn KZT) would start earlier and wait for"
        f" infrastructure, most for {most['infrastructure_id']} of {most['effective_year']}:"
        f" {number(most['waiting'])} projects, {number(most['waiting_bn_kzt'], 1)} bn KZT."
    ]


def _capital(plan: PlanLayers) -> list[str]:
    told = plan.phases[plan.phases["target_bn_usd"].notna()]
    if told.empty:
        return []
    settings = plan.manifest.get("settings", {}).get("targets", {})
    target, inflow = told["target_bn_usd"].sum(), told["inflow_bn_usd"].sum()
    years = f"{told['year'].min()}-{told['year'].max()}"
    share = f" ({percent(inflow / target)})" if target else ""
    said = [
        f"Of the target of {number(target, 3)} bn USD in {years} {number(inflow, 3)} bn USD{share}"
        f" flow in, at {number(settings.get('kzt_per_usd'), 2)} KZT to the USD; a project's capital"
        " is spread evenly over its years of building"
        f" ({number(settings.get('build_years'))} where it states none)."
    ]
    short = told[told["missing_bn_usd"] > 0]
    if len(short):
        parts = [f"{r['missing_bn_usd']:.3f} in {r['year']}" for r in short.to_dict("records")]
        said.append(f"Missing to the target, bn USD: {', '.join(parts)}.")
    return said


def _sooner(plan: PlanLayers) -> list[str]:
    table = plan.forward
    if table.empty:
        return []
    worth = table[(table["gain_bn_kzt"] > 0) | (table["gain_bn_kzt_years"] > 0)]
    if worth.empty:
        return ["No single infrastructure project would change anything a year earlier."]
    return [f"To bring forward first: {worth.iloc[0]['text']}"]


def _bars(phases: pd.DataFrame, in_usd: bool) -> list[Bar]:
    """Draw capital by year; heights are in proportion to the largest figure of the chart."""
    unit = "bn USD" if in_usd else "bn KZT"
    inflow = phases["inflow_bn_usd" if in_usd else "inflow_bn_kzt"].to_numpy(dtype=float)
    target = phases["target_bn_usd"].to_numpy(dtype=float)
    most = float(np.nanmax([*inflow, *target, 0.0])) or 1.0
    room = CHART_HEIGHT - FOOT - HEAD
    step = CHART_WIDTH / len(phases)
    bars = []
    for place, (year, value, wanted) in enumerate(
        zip(phases["year"].tolist(), inflow, target, strict=True)
    ):
        height = room * value / most
        mark = None if np.isnan(wanted) else HEAD + room * (1 - wanted / most)
        told = number(value, 3 if in_usd else 1)
        told = f"{told} {unit}" if place == 0 else told
        x, top = step * (place + (1 - BAR_SHARE) / 2), HEAD + room - height
        bars.append(Bar(year, x, step * BAR_SHARE, top, height, told, mark))
    return bars


def _supply(capacities: pd.DataFrame) -> list[dict[str, Any]]:
    """Set the years of each utility side by side."""
    rows = []
    for (name, kind), years in capacities.groupby(["utility_id", "kind"], sort=False):
        title, unit = UTILITIES.get(str(kind), (str(kind), ""))
        cells = [
            {"used": row["used"], "capacity": row["capacity"], "over": row["free"] < -1e-6}
            for row in years.to_dict("records")
        ]
        rows.append({"utility_id": name, "title": title, "unit": unit, "cells": cells})
    return rows
