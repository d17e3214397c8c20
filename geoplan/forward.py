"""What each infrastructure project is worth a year earlier: the plan's problem solved again.

Land stays as it is cut into strips. With other years and capacities the problem is posed anew;
whoever has land keeps it or gives it up, whoever waits may come. What that brings is held against
a bound on any other allocation, so that it is told how much may have been missed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from geoplan.allocate.model import Limits, maximise, relaxed
from geoplan.allocate.pose import Posed, reposed
from geoplan.allocate.problem import Assignment, only, pair_values, pairs_of, value_of
from geoplan.errors import shown
from geoplan.phases import NO_YEAR, Years, chosen_years
from geoplan.site import Site
from geoplan.site.infrastructure import brought_forward, ids_in
from geoplan.site.roadside import retimed
from geoplan.site.schema import ID_SEPARATOR

FORWARD_COLUMNS = (
    "infrastructure_id",
    "rank",
    "from_year",
    "to_year",
    "moved_with",
    "gain_bn_kzt",
    "at_most_bn_kzt",
    "gain_bn_kzt_years",
    "project_ids",
    "earlier_ids",
    "proven",
    "text",
)
INVESTMENT = "investment"
LIMITS = Limits(gap=0.0, nodes=40, seconds=10.0, seed=1, thorough=False)
"""The work on each; the seconds are a last resort."""
PAIRS_MAX = 20_000
"""Problems of more pairs are not solved again: then only years are chosen anew."""
DIGITS = 6
SAME_BN = 1e-6


def forward_table(site: Site, posed: Posed, assignment: Assignment, years: Years) -> pd.DataFrame:
    """Value a year's head start of each infrastructure project, and of all that wait for it.

    Parameters
    ----------
    site : Site
        With infrastructure.
    posed : Posed
    assignment : Assignment
        An answer to it.
    years : Years
        Chosen for it.

    Returns
    -------
    DataFrame
        Columns :data:`FORWARD_COLUMNS`, the greatest gain first. ``gain_bn_kzt`` is what can be
        placed besides, ``at_most_bn_kzt`` what no allocation exceeds, and ``gain_bn_kzt_years``
        the investment of those who start earlier times the years they gain.
    """
    if site.infrastructure is None:
        return pd.DataFrame()
    rows = [
        _row(site, posed, assignment, years, record)
        for record in site.infrastructure.table.to_dict("records")
    ]
    table = pd.DataFrame(rows).sort_values(
        ["gain_bn_kzt", "gain_bn_kzt_years", "infrastructure_id"], ascending=[False, False, True]
    )
    table = table.assign(rank=np.arange(1, len(table) + 1)).reset_index(drop=True)
    return table[list(FORWARD_COLUMNS)]


def _row(
    site: Site, posed: Posed, assignment: Assignment, years: Years, record: dict[Any, Any]
) -> dict[str, Any]:
    name, year = str(record["infrastructure_id"]), int(record["effective_year"])
    sooner, moved = brought_forward(site, name)
    row: dict[str, Any] = {
        "infrastructure_id": name,
        "from_year": year,
        "to_year": year - (name in moved),
        "moved_with": ID_SEPARATOR.join(other for other in moved if other != name),
    }
    if name not in moved or year <= site.year:
        nothing = {"gain_bn_kzt": 0.0, "at_most_bn_kzt": 0.0, "gain_bn_kzt_years": 0.0}
        row |= nothing | {"to_year": year, "moved_with": "", "project_ids": "", "earlier_ids": ""}
        others = ", ".join(ids_in(record["depends_on"]))
        why = f"before what it depends on does ({others})"
        why = f"than {year}, when the plan begins" if year <= site.year else why
        return row | {"proven": True, "text": f"{name} cannot come earlier {why}."}
    utilities = pd.DataFrame(sooner.utilities.drop(columns=sooner.utilities.geometry.name))
    again = reposed(posed, retimed(posed.asked.units, sooner), utilities)
    answer, most = _answered(again, posed, assignment)
    now = chosen_years(sooner, again, answer)
    return _told(row | _gains(posed, assignment, years, answer, now, most))


def _answered(again: Posed, posed: Posed, before: Assignment) -> tuple[Assignment, float]:
    """Place more, if more can be placed, and bound what can be; values in bn KZT."""
    own = value_of(posed.problem, INVESTMENT, before)
    live = (again.asked.projects["status"] != "withdrawn").to_numpy(dtype=bool)
    waiting = live & (before.unit < 0)
    if not waiting[again.problem.pair_project].any():
        return before, 0.0  # who waits finds no land that would take him
    most = float(again.asked.projects["invest_bn_kzt"].to_numpy(dtype=float)[waiting].sum())
    if len(again.problem.pair_project) > PAIRS_MAX:
        return before, most
    bound = relaxed(again.problem, INVESTMENT, {}, LIMITS).bound
    # Locked projects may stand where no rule would let them: the bound knows nothing of that.
    at_most = min(max(bound - own, 0.0), most)
    if at_most <= SAME_BN:
        return before, 0.0
    keep = waiting[again.problem.pair_project]
    keep[pairs_of(again.problem, before.unit)] = True
    small = only(again.problem, keep)
    locked = again.fixed.unit[small.pair_project] >= 0
    worth = pair_values(small, INVESTMENT)
    worth = worth + np.where(locked, float(worth.sum()) + 1.0, 0.0)
    outcome = maximise(
        replace(small, values={INVESTMENT: worth}), INVESTMENT, {}, LIMITS, start=before
    )
    if outcome.assignment is None:
        return before, at_most
    better = value_of(again.problem, INVESTMENT, outcome.assignment) > own + SAME_BN
    return (outcome.assignment if better else before), at_most


def _gains(
    posed: Posed,
    before: Assignment,
    years: Years,
    answer: Assignment,
    now: Years,
    most: float,
) -> dict[str, Any]:
    projects = posed.asked.projects
    ids = projects["project_id"].to_numpy(dtype=str)
    invest = projects["invest_bn_kzt"].to_numpy(dtype=float)
    value = float(invest[answer.unit >= 0].sum() - invest[before.unit >= 0].sum())
    gain = round(max(value, 0.0), DIGITS)
    both = (years.year != NO_YEAR) & (now.year != NO_YEAR)
    gained = np.where(both, years.year - now.year, 0)
    came = (answer.unit >= 0) & (before.unit < 0)
    return {
        "gain_bn_kzt": gain,
        "at_most_bn_kzt": round(max(most, gain), DIGITS),
        "gain_bn_kzt_years": round(float((invest * gained).sum()), DIGITS),
        "project_ids": ID_SEPARATOR.join(ids[came]),
        "earlier_ids": ID_SEPARATOR.join(ids[gained > 0]),
        "proven": bool(most <= gain + SAME_BN and now.proven and years.proven),
    }


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Say it in a sentence."""
    others = str(row["moved_with"]).split(ID_SEPARATOR) if row["moved_with"] else []
    with_ = f" with {shown(others)}" if others else ""
    came = str(row["project_ids"]).split(ID_SEPARATOR) if row["project_ids"] else []
    earlier = str(row["earlier_ids"]).split(ID_SEPARATOR) if row["earlier_ids"] else []
    parts = []
    if came:
        parts.append(f"places {row['gain_bn_kzt']:.2f} bn KZT more ({shown(came)})")
    if earlier:
        count = f"{len(earlier)} project{'s' if len(earlier) != 1 else ''}"
        worth = f"{row['gain_bn_kzt_years']:.2f} bn KZT x years"
        parts.append(f"lets {count} start earlier, worth {worth}")
    what = " and ".join(parts) or "changes nothing"
    missed = row["at_most_bn_kzt"] - row["gain_bn_kzt"]
    if row["proven"]:
        sure = "no other allocation would place more: this is proven"
    elif missed > SAME_BN:
        sure = f"not proven: another allocation could place {missed:.2f} bn KZT more at most"
    else:
        sure = "not proven: other years could be better"
    first = f"{row['infrastructure_id']} in {row['to_year']} instead of {row['from_year']}{with_}"
    return row | {"text": f"{first} {what}; {sure}."}
