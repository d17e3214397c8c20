"""The change log: what a plan has in common with the earlier one it was made from, and what not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from geoplan.errors import shown
from geoplan.plan import CHANGE_COLUMNS, PlanLayers, no_changes

NOTHING = ""
FREED = "its plot is free"
BETTER = "so the allocation is better as a whole"


def changes_between(
    earlier: PlanLayers,
    now: PlanLayers,
    held: pd.Series[str],
    moved: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """List what became of every project, strip and plot.

    Parameters
    ----------
    earlier, now : PlanLayers
    held : Series of str
        Why an earlier plot was held, by its id; empty where it was not.
    moved : mapping of str to str, optional
        Why a project could not, or was not to, stay, or was put where it is; by its id.

    Returns
    -------
    DataFrame
        Columns :data:`geoplan.plan.CHANGE_COLUMNS`. ``from`` and ``to`` are a project's plots,
        a plot's project, and the number of a strip's plots.
    """
    why = {} if moved is None else moved
    rows = [
        *_projects(earlier, now, held, why),
        *_strips(earlier, now),
        *_plots(earlier, now, held),
    ]
    if not rows:
        return no_changes()
    return pd.DataFrame(rows, columns=list(CHANGE_COLUMNS)).astype("str")


_Row = tuple[str, str, str, str, str, str]


def _projects(
    earlier: PlanLayers, now: PlanLayers, held: pd.Series[str], moved: Mapping[str, str]
) -> Iterator[_Row]:
    before, after = (_places(plan) for plan in (earlier, now))
    strip = {**_column(earlier, "strip_id"), **_column(now, "strip_id")}
    known, known_plots = set(earlier.projects["project_id"]), set(earlier.plots["plot_id"])
    reasons = dict(zip(now.allocation["project_id"], now.allocation["reason"], strict=True))
    gone, withdrawn = set(before) - set(reasons), now.withdrawn
    for name in sorted(set(before) | set(reasons)):
        was, becomes = before.get(name, NOTHING), after.get(name, NOTHING)
        why = _why_held(was, held)
        if name in gone or (name in withdrawn and was):
            said = "no longer in the portfolio" if name in gone else "withdrawn"
            yield "project", name, "gone", was, NOTHING, f"{said}; {FREED}"
        elif was and was == becomes:
            yield "project", name, "kept", was, becomes, why
        elif was and becomes:
            here = {strip.get(plot) for plot in was.split(";")}
            there = {strip.get(plot) for plot in becomes.split(";")}
            cut = here == there and not known_plots.issuperset(becomes.split(";"))
            told = "its strip was cut again" if cut else NOTHING
            told = "; ".join(part for part in (told, moved.get(name, NOTHING)) if part)
            yield "project", name, "moved", was, becomes, told or BETTER
        elif becomes:
            yield "project", name, "placed", was, becomes, moved.get(name) or _news(name, known)
        elif was or name not in known:
            told = str(reasons[name])
            first = moved.get(name, NOTHING) if was else NOTHING
            yield "project", name, "unplaced", was, becomes, f"{first}. {told}" if first else told


def _why_held(plot_ids: str, held: pd.Series[str]) -> str:
    found = [held.get(plot, NOTHING) for plot in plot_ids.split(";")]
    return next((why for why in found if why), NOTHING)


def _news(name: str, known: set[str]) -> str:
    return "had no plot" if name in known else "new in the portfolio"


def _strips(earlier: PlanLayers, now: PlanLayers) -> Iterator[_Row]:
    before, after = (
        plan.plots.groupby("strip_id")["plot_id"].agg(set).to_dict() for plan in (earlier, now)
    )
    holders = _column(now, "project_id")
    for name in sorted(set(before) | set(after)):
        was, becomes = before.get(name, set()), after.get(name, set())
        change = "kept" if was == becomes else "cut again"
        who = sorted({str(holders[plot]) for plot in becomes - was if pd.notna(holders[plot])})
        why = f"for {shown(who)}" if who else NOTHING
        yield "strip", str(name), change, _count(was), _count(becomes), why


def _count(plots: set[str]) -> str:
    return f"{len(plots)} plot{'' if len(plots) == 1 else 's'}"


def _plots(earlier: PlanLayers, now: PlanLayers, held: pd.Series[str]) -> Iterator[_Row]:
    before, after = (_column(plan, "project_id") for plan in (earlier, now))
    for name in sorted(set(before) | set(after)):
        was, becomes = (_holder(name, column) for column in (before, after))
        if name not in after:
            yield "plot", name, "gone", was, NOTHING, "its strip was cut again"
        elif name not in before:
            yield "plot", name, "new", NOTHING, becomes, "its strip was cut again"
        else:
            yield "plot", name, "kept", was, becomes, str(held.get(name, NOTHING))


def _holder(plot_id: str, column: dict[str, str]) -> str:
    found = column.get(plot_id)
    return NOTHING if pd.isna(found) else str(found)


def _column(plan: PlanLayers, name: str) -> dict[str, str]:
    return dict(zip(plan.plots["plot_id"], plan.plots[name], strict=True))


def _places(plan: PlanLayers) -> dict[str, str]:
    """Join the plots of each project that has some, as the allocation does."""
    placed = plan.allocation[plan.allocation["status"] == "placed"]
    return dict(zip(placed["project_id"], placed["plot_ids"], strict=True))
