"""Remedies made in a scenario's files: everybody else is held, and the plan is made again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

import geoplan

PORTFOLIO_KINDS = {"area_min_ha": -1, "frontage_min_m": -1, "area_max_ha": 1, "start_year": 1,
                   "hazard_class": 1}  # fmt: skip


def rerun_with(
    scenario: Path, plan: geoplan.Plan, remedy: pd.DataFrame, *, fraction: float = 1.0
) -> geoplan.Plan:
    """Make one remedy's changes in a copy of the files, and plan again from a plan.

    Parameters
    ----------
    scenario : Path
        Its ``[site]`` and ``[portfolio]`` files lie in the same folder, or one below.
    plan : Plan
    remedy : DataFrame
        The rows of one project and rank.
    fraction : float, optional
        Share of each amount that is made.
    """
    copy = scenario.parent.with_name(f"{scenario.parent.name}-changed")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(scenario.parent, copy)
    text = (copy / scenario.name).read_text("utf-8")
    files = dict(re.findall(r'(?m)^(\w+) = "(.*)"$', text))
    table = pd.read_csv(copy / files["projects"]).set_index("project_id")
    table = held(table, plan, remedy)
    text = exact(text)
    for row in remedy.itertuples():
        text = accepting(text, row)
        table = asking(table, row, row.amount * fraction)
        if row.kind == "capacity":
            add_capacity(copy / files["utilities"], row.subject, row.amount * fraction)
    (copy / scenario.name).write_text(text, "utf-8")
    table.reset_index().to_csv(copy / files["projects"], index=False)
    # Whoever shares a strip may be cut again for somebody of little worth.
    return geoplan.run(copy / scenario.name, previous=plan, move_price_bn_kzt=0.0)


def exact(text: str) -> str:
    """Ask for the very best allocation, so that nobody is left out for the gap's sake."""
    text = re.sub(r"(?m)^gap = .*$", "gap = 0.0", text)
    return text if "gap = 0.0" in text else f"{text}\n[allocate]\ngap = 0.0\n"


def accepting(text: str, row: Any) -> str:
    """Put a proposal's line into the scenario."""
    if row.kind not in {"merge", "split"}:
        return text
    line = row.text.removeprefix(f"It fits {row.place} once [subdivide] has ").rstrip(".")
    return text.replace("[subdivide]\n", f"[subdivide]\n{line}\n")


def asking(table: pd.DataFrame, row: Any, amount: float) -> pd.DataFrame:
    """Change what a project asks for."""
    name, kind = row.project_id, row.kind
    if kind in PORTFOLIO_KINDS:
        value = table.loc[name, kind] + PORTFOLIO_KINDS[kind] * amount
        table.loc[name, kind] = round(value, 6)
    elif kind == "rail":
        table.loc[name, "rail"] = False
    elif kind == "use":
        table.loc[name, "use"] = row.subject
    elif kind == "apart":
        table.loc[[name, row.subject], "apart"] = None
    elif kind == "demand":
        table.loc[name, row.subject] -= amount
    return table


def held(table: pd.DataFrame, plan: geoplan.Plan, remedy: pd.DataFrame) -> pd.DataFrame:
    """Pin all who have land, but for those who move, leave or are cut again; nobody else asks."""
    project = remedy["project_id"].iloc[0]
    where = plan.allocation.set_index("project_id")["plot_ids"]
    again = set(remedy["cut_again"].iloc[0].split(";"))
    again |= {name.split(" to ")[0] for name in remedy["subject"][remedy["kind"] == "moves"]}
    leaves = set(remedy["subject"][remedy["kind"] == "leaves"])
    pins = where.where(~where.index.isin({*again, *leaves}), "")
    gone = ((where == "") & (where.index != project)) | where.index.isin(leaves)
    table = table.assign(plot_id=pins.reindex(table.index))
    status = table["status"] if "status" in table else pd.Series("application", index=table.index)
    return table.assign(status=status.where(~gone.reindex(table.index), "withdrawn"))


def add_capacity(path: Path, utility_id: str, amount: float) -> None:
    csv = path.suffix == ".csv"
    layer = pd.read_csv(path) if csv else gpd.read_file(path)
    mine = layer["utility_id"] == utility_id
    assert mine.sum() == 1
    layer["capacity"] = (layer["capacity"] + mine * amount).round(6)
    if csv:
        layer.to_csv(path, index=False)
    else:
        layer.to_file(path, driver="GeoJSON", rfc7946=True)


def stands_with_all_others(again: geoplan.Plan, plan: geoplan.Plan, remedy: pd.DataFrame) -> bool:
    """Tell whether the project has land and all who were to stay have theirs."""
    before, after = (each.allocation.set_index("project_id") for each in (plan, again))
    leaves = set(remedy["subject"][remedy["kind"] == "leaves"])
    stay = before.index[before["status"] == "placed"].difference(leaves)
    wanted = [*stay, remedy["project_id"].iloc[0]]
    return bool((after.loc[wanted, "status"] == "placed").all())
