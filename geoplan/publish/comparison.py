"""Two plans side by side, for people: as text, as one HTML page, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoplan.config import UTILITIES
from geoplan.publish.cells import writable
from geoplan.publish.columns import LAND_TITLES, objective_titled
from geoplan.publish.formats import number, percent, signed
from geoplan.publish.page import records, rendered

if TYPE_CHECKING:
    from geoplan.comparison import Comparison

TITLES = {
    "new": "New in the portfolio",
    "gone": "No longer in the portfolio",
    "withdrawn": "Withdrawn",
    "moved": "Moved",
    "placed": "Placed, had no plot",
    "unplaced": "Lost the plot",
    "waiting": "Without a plot in both",
    "kept": "On the same land",
}
"""What becomes of a project, as people read it."""


def comparison_record(compared: Comparison) -> dict[str, Any]:
    """Arrange a comparison for JSON: each frame as a list of rows, null where nothing is known."""
    frames = ("figures", "balance", "streets", "capacities", "objectives", "projects")
    return {
        "labels": list(compared.labels),
        "names": list(compared.names),
        "changes": compared.counts,
        **{name: records(getattr(compared, name)) for name in frames},
    }


def comparison_html(compared: Comparison) -> str:
    """Write a comparison as one HTML page, in the look of the report; it needs no other file.

    Parameters
    ----------
    compared : Comparison

    Returns
    -------
    str
        The same plans give the same page.
    """
    projects = compared.projects
    capacities = [
        {**row, "title": UTILITIES.get(row["kind"], (row["kind"], ""))}
        for row in records(compared.capacities)
    ]
    objectives = [
        {**row, "title": objective_titled(row["aim"])} for row in records(compared.objectives)
    ]
    return rendered(
        "compare.html",
        labels=compared.labels,
        names=compared.names,
        figures=records(compared.figures),
        balance=records(compared.balance),
        land_titles=LAND_TITLES,
        streets=records(compared.streets),
        capacities=capacities,
        objectives=objectives,
        counts=[(TITLES[change], count) for change, count in compared.counts.items()],
        titles=TITLES,
        changed=records(projects[~projects["change"].isin(["kept", "waiting"])]),
    )


def comparison_text(compared: Comparison) -> str:
    """Write a comparison as lines of text, in columns."""
    rows = [("", *compared.labels, "difference"), *_rows(compared)]
    rows = [(_line(title), _line(one), _line(other), _line(off)) for title, one, other, off in rows]
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    lines = [
        f"{row[0]:<{widths[0]}}  "
        + "  ".join(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    ]
    told = [f"{TITLES[change].lower()}: {count}" for change, count in compared.counts.items()]
    return "\n".join([*(line.rstrip() for line in lines), "", "projects", *(f"  {t}" for t in told),
                      *_moves(compared)])  # fmt: skip


def _moves(compared: Comparison) -> Iterator[str]:
    """Lines on those who moved, lost or got a plot."""
    table = compared.projects[~compared.projects["change"].isin(["kept", "waiting"])]
    for row in table.to_dict("records"):
        places = f"{row['plot_ids_a'] or 'no plot'} -> {row['plot_ids_b'] or 'no plot'}"
        yield _line(f"  {row['change']}: {row['project_id']}, {places}")


def _rows(compared: Comparison) -> Iterator[tuple[str, str, str, str]]:
    for row in compared.figures.to_dict("records"):
        digits = {"": 0, "bn KZT": 3}.get(row["unit"], 2)
        yield _row(_titled(row["figure"], row["unit"]), row["a"], row["b"], digits)
    for row in compared.balance.to_dict("records"):
        title = LAND_TITLES.get(row["kind"], row["kind"])
        yield _row(f"Land, {title}, ha", row["area_ha_a"], row["area_ha_b"], 2)
    for row in compared.streets.to_dict("records"):
        yield _row(f"Streets, {row['class']}, km", row["length_km_a"], row["length_km_b"], 2)
    for row in compared.capacities.to_dict("records"):
        unit = UTILITIES.get(row["kind"], ("", ""))[1]
        yield _row(_titled(f"Used of {row['utility_id']}", unit), row["used_a"], row["used_b"], 1)
    for row in compared.objectives.to_dict("records"):
        title, unit = objective_titled(row["aim"])
        yield _row(_titled(f"Objective, {title}", unit), row["value_a"], row["value_b"], 3)
        yield _row(_titled(f"Its proven bound, {title}", unit), row["bound_a"], row["bound_b"], 3)
        yield (f"Gap, {title}", percent(row["gap_a"], 2), percent(row["gap_b"], 2), "")


def _line(text: str) -> str:
    """Keep what an applicant typed on one line."""
    return " ".join(writable(text).split("\n"))


def _titled(title: str, unit: str) -> str:
    return f"{title}, {unit}" if unit else title


def _row(title: str, a: Any, b: Any, digits: int) -> tuple[str, str, str, str]:
    known = not (pd.isna(a) or pd.isna(b))
    return title, number(a, digits), number(b, digits), signed(b - a if known else None, digits)
