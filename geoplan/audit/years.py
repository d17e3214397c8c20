"""Whether the years of a plan hold: windows are kept, and no year takes more than it has."""

from __future__ import annotations

from collections.abc import Iterable

from geoplan.audit.audited import ROUNDING, Audited, numbers_of
from geoplan.site.findings import Finding


def windows(audited: Audited) -> Iterable[Finding]:
    """Find projects that start before they wish to, or after they may."""
    table, asked = audited.plan.allocation, audited.plan.projects
    if "start_year" not in table or asked.empty:
        return
    both = table[["project_id", "start_year"]].merge(asked, on="project_id", suffixes=("", "_1"))
    first = both["start_year_1"].astype("Int64")
    last = both["start_year_max"].astype("Int64") if "start_year_max" in both else first
    last = last.fillna(first)
    chosen = numbers_of(both["start_year"])
    wrong = (chosen < numbers_of(first)) | (chosen > numbers_of(last))
    for name, year, low, high in zip(
        both["project_id"][wrong], both["start_year"][wrong], first[wrong], last[wrong], strict=True
    ):
        told = f"It starts in {year}, and its window is {low} to {high}."
        yield Finding("error", "window", "allocation", str(name), told, "Plan again.")


def years(audited: Audited) -> Iterable[Finding]:
    """Find years in which a utility gives more than it has by then."""
    table = audited.plan.phase_capacities
    if table.empty:
        return
    over = table[table["used"] > table["capacity"] * (1 + ROUNDING)]
    for name, rows in over.groupby("utility_id", sort=False):
        row = rows.iloc[0]
        told = (
            f"In {row['year']} {row['used']:g} {row['kind']} are drawn; it has {row['capacity']:g}."
        )
        later = f" So it is in {len(rows) - 1} more years." if len(rows) > 1 else ""
        remedy = "Bring forward what adds to it, or let those who are locked there start later."
        yield Finding("error", "capacity of a year", "utilities", str(name), told + later, remedy)
