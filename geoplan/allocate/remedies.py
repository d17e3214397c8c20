"""Remedies: the least changes that would place a project while everybody else stays.

The order of what is "least" is: fewer changes before more; plots that stay as they are before
neighbours that are cut again; then the kinds in the order of :data:`wanting.KINDS`, then the
amount. Only sets of as few changes as will do are listed, each kind of set once, with its
smallest amount; that others leave comes last. Every one is proven by solving.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geoplan.allocate.kept import Kept
from geoplan.allocate.proofs import changed, proven, windowed
from geoplan.allocate.rivals import Rivals, Sets, rivals, sets_of
from geoplan.allocate.rules import ROMAN
from geoplan.allocate.wanting import KINDS, Change, wanting
from geoplan.config import UTILITIES
from geoplan.errors import shown
from geoplan.site.schema import ID_SEPARATOR

REMEDY_COLUMNS = (
    "project_id",
    "rank",
    "kind",
    "subject",
    "amount",
    "unit",
    "place",
    "cut_again",
    "text",
    "verified",
)
LISTED_MAX = 4
"""Remedies of each project, rivals aside."""
PROOFS_MAX = 8
"""Candidates of each project that are solved."""
PROJECTS_MAX = 60
"""Projects that remedies are sought for, those who invest most; rules alone explain the rest."""
CELLS_MAX = 4_000_000
"""Units by units, beyond which distances would fill memory and nothing is sought."""
AREA_KINDS = {"area_min_ha", "area_max_ha"}


@dataclass(frozen=True)
class Remedy:
    """A set of changes that would place a project.

    Attributes
    ----------
    project, unit : int
        Who would stand where.
    changes : tuple of Change
        Empty where it fits as things are, and where others go.
    rivals : Rivals or None
        Who would have to go.
    """

    project: int
    unit: int
    changes: tuple[Change, ...]
    rivals: Rivals | None = None


def remedies(kept: Kept, project: int, sets: Sets | None = None) -> list[Remedy]:
    """Find the least changes that would place a project, proven, in their order.

    Parameters
    ----------
    kept : Kept
    project : int
        One that has no land.
    sets : Sets, optional
        Of :func:`geoplan.allocate.rivals.sets_of`; without them nobody is asked to go.

    Returns
    -------
    list of Remedy
    """
    found: list[Remedy] = []
    for proofs, (unit, changes) in enumerate(_candidates(kept, project)):
        fewest = len(found[0].changes) if found else len(changes)
        if len(changes) > fewest or len(found) >= LISTED_MAX or proofs >= PROOFS_MAX:
            break
        if proven(kept, project, unit, changes):
            found.append(Remedy(project, unit, changes))
    if sets is not None and not (found and not found[0].changes):
        who = rivals(kept, project, sets)
        if who is not None:
            found.append(Remedy(project, who.unit, (), who))
    return found


def _candidates(kept: Kept, project: int) -> list[tuple[int, tuple[Change, ...]]]:
    """List sets of changes in their order, the best of each make."""
    ids = kept.units["unit_id"].to_numpy(dtype=str)
    rows = [
        (
            len(changes),
            unit in kept.again,
            tuple(sorted(KINDS.index(change.kind) for change in changes)),
            _burden(kept, project, changes),
            ids[unit],
            unit,
            changes,
        )
        for unit in kept.on_offer.tolist()
        for changes in wanting(kept, project, unit)
    ]
    least: dict[object, float] = {}
    best = []
    for _, _, _, burden, _, unit, changes in sorted(rows, key=lambda row: row[:6]):
        make = tuple(sorted((c.kind, c.subject) for c in changes if c.kind != "market"))
        # Who would cut again for nothing need not.
        if burden < least.get(make, np.inf):
            least[make] = burden
            best.append((unit, changes))
    return best


def _burden(kept: Kept, project: int, changes: Iterable[Change]) -> float:
    """Add up amounts, each as a share of what is there: hectares and megawatts have no sum."""
    return round(sum(each.amount / _measure(kept, project, each) for each in changes), 9)


def _measure(kept: Kept, project: int, change: Change) -> float:
    if change.kind in AREA_KINDS:
        return float(kept.sizes[project].least_ha)
    if change.kind == "frontage_min_m":
        return max(kept.sizes[project].front_m, 1.0)
    if change.kind == "capacity":
        row = list(kept.utilities["utility_id"].astype(str)).index(change.subject)
        return max(float(kept.capacity[row]), 1.0)
    return max(change.amount, 1.0) if change.kind == "demand" else 1.0


def remedy_table(kept: Kept, *, accepted: pd.DataFrame | None = None) -> pd.DataFrame:
    """Tabulate the remedies of all projects without land.

    Parameters
    ----------
    kept : Kept
    accepted : DataFrame, optional
        Proposals of merges and splits, columns :data:`geoplan.plan.PROPOSAL_COLUMNS`: they are
        proven where they are made, and those without a remark come first.

    Returns
    -------
    DataFrame
        Columns :data:`REMEDY_COLUMNS`; changes of one rank go together.
    """
    rows: list[Mapping[str, object]] = []
    offers, kept, asking = _offers(accepted), *_concerned(kept, _asking(kept))
    sets = sets_of(kept) if asking else None
    for project in asking:
        name = str(kept.projects["project_id"].iloc[project])
        for rank, row in enumerate(offers.get(name, []), start=1):
            rows.append({"project_id": name, "rank": rank, **row})
        begin = 1 + len(offers.get(name, []))
        for rank, remedy in enumerate(remedies(kept, project, sets), start=begin):
            rows += [{"project_id": name, "rank": rank, **row} for row in _rows(kept, remedy)]
    return _typed(pd.DataFrame(rows, columns=list(REMEDY_COLUMNS)))


def no_remedies() -> pd.DataFrame:
    """Return the table of a plan that leaves nobody without land."""
    return _typed(pd.DataFrame(columns=list(REMEDY_COLUMNS)))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    types = {"rank": "int64", "amount": "float64", "verified": "bool"}
    return table.astype({name: types.get(name, "str") for name in REMEDY_COLUMNS})


def _asking(kept: Kept) -> list[int]:
    """Projects to be helped, in the portfolio's order; who invests most where there are many."""
    if len(kept.units) ** 2 > CELLS_MAX:
        return []
    invest = kept.projects["invest_bn_kzt"].to_numpy(dtype=float)[kept.waiting]
    first = kept.waiting[np.argsort(-invest, kind="stable")[:PROJECTS_MAX]]
    return [int(project) for project in np.sort(first)]


def _concerned(kept: Kept, asking: list[int]) -> tuple[Kept, list[int]]:
    """Leave out who neither has land nor is helped: every proof poses the problem of all others.

    Returns
    -------
    Kept
    list of int
        The numbers there of those who are helped.
    """
    some = kept.home >= 0
    some[asking] = True
    if some.all():
        return kept, asking
    number = np.cumsum(some) - 1
    projects = kept.projects[some].reset_index(drop=True)
    known = set(projects["project_id"])
    projects = projects.assign(
        **{name: _names_left(projects[name], known) for name in ("apart", "near")}
    )
    again = {unit: tuple(number[list(group)].tolist()) for unit, group in kept.again.items()}
    small = replace(kept, projects=projects, home=kept.home[some], again=again)
    return small, number[asking].tolist()


def _names_left(named: pd.Series[str], known: set[str]) -> pd.Series[str]:
    """Strike from lists of projects those who are not known."""
    left = [
        ID_SEPARATOR.join(
            each for each in map(str.strip, names.split(ID_SEPARATOR)) if each in known
        )
        for names in named.fillna("").astype(str)
    ]
    return pd.Series([names or None for names in left], index=named.index, dtype="str")


def _offers(accepted: pd.DataFrame | None) -> dict[str, list[dict[str, object]]]:
    """Sort merges and splits by the projects that they are for."""
    found: dict[str, list[dict[str, object]]] = {}
    if accepted is None:
        return found
    for row in accepted[accepted["remark"] == ""].itertuples():
        names = [name for name in str(row.project_ids).split(ID_SEPARATOR) if name]
        for name, plot in zip(names, str(row.new_plot_ids).split(ID_SEPARATOR), strict=False):
            found.setdefault(name, []).append(
                {
                    "kind": row.kind,
                    "subject": row.plot_ids,
                    "amount": 0.0,
                    "unit": "",
                    "place": plot,
                    "cut_again": "",
                    "text": f"It fits {plot} once [subdivide] has {row.setting}.",
                    "verified": True,
                }
            )
    return found


def _rows(kept: Kept, remedy: Remedy) -> Iterator[dict[str, object]]:
    """One row for each change, or for each who goes."""
    ids = kept.projects["project_id"].to_numpy(dtype=str)
    place = str(kept.units["place"].iloc[remedy.unit])
    gone, still = remedy.rivals, {"amount": 0.0, "unit": ""}
    away = set() if gone is None else {*gone.leaving, *gone.moving}
    again = [ids[each] for each in kept.again.get(remedy.unit, ()) if each not in away]
    shared = {
        "place": place,
        "cut_again": ID_SEPARATOR.join(again),
        "text": told(kept, remedy),
        "verified": True,
    }
    if gone is not None:
        invest = kept.projects["invest_bn_kzt"].to_numpy(dtype=float)
        places = kept.units["place"].to_numpy(dtype=str)
        for each in gone.leaving:
            amount = {"amount": float(invest[each]), "unit": "bn KZT"}
            yield {"kind": "leaves", "subject": ids[each], **amount, **shared}
        for each, goal in gone.moving.items():
            yield {"kind": "moves", "subject": f"{ids[each]} to {places[goal]}", **still, **shared}
    elif not remedy.changes:
        yield {"kind": "none", "subject": "", **still, **shared}
    for change in remedy.changes:
        measure = {"amount": change.amount, "unit": _unit_of(kept, change)}
        yield {"kind": change.kind, "subject": change.subject, **measure, **shared}


def _unit_of(kept: Kept, change: Change) -> str:
    if change.kind == "capacity":
        mine = kept.utilities["utility_id"].astype(str) == change.subject
        return UTILITIES[str(kept.utilities.loc[mine, "kind"].iloc[0])][1]
    if change.kind == "demand":
        return UTILITIES[change.subject][1]
    units = {"frontage_min_m": "m", "start_year": "years", "hazard_class": "classes"}
    return "ha" if change.kind in AREA_KINDS else units.get(change.kind, "")


def told(kept: Kept, remedy: Remedy) -> str:
    """Say a remedy in a sentence or two."""
    ids = kept.projects["project_id"].to_numpy(dtype=str)
    place = str(kept.units["place"].iloc[remedy.unit])
    again = kept.again.get(remedy.unit, ())
    if remedy.rivals is not None:
        return _told_of_rivals(kept, remedy.rivals, place)
    if not remedy.changes:
        text = f"It fits {place} as things are: the search ended before it came to that."
    else:
        wishes = [_wish(kept, remedy.project, change) for change in remedy.changes]
        text = f"It fits {place} if {' and '.join(wishes)}."
    if again:
        who = shown(ids[each] for each in again)
        text += f" Plots there are cut again within the limits of those who have them ({who})."
    return text


def _told_of_rivals(kept: Kept, gone: Rivals, place: str) -> str:
    ids = kept.projects["project_id"].to_numpy(dtype=str)
    places = kept.units["place"].to_numpy(dtype=str)
    parts = []
    if gone.leaving:
        names = shown(ids[each] for each in gone.leaving)
        verb = "leaves" if len(gone.leaving) == 1 else "leave"
        parts.append(f"{names} {verb} ({gone.value_bn_kzt:.2f} bn KZT)")
    parts += [f"{ids[each]} moves to {places[goal]}" for each, goal in gone.moving.items()]
    return f"It fits {place} if {' and '.join(parts)}."


def _wish(kept: Kept, project: int, change: Change) -> str:
    """Say one change, with what it makes of the figure."""
    table, utilities, _ = changed(kept, project, [change])
    row, amount = table.iloc[project], f"{change.amount:.10g}"
    if change.kind == "capacity":
        mine = utilities["utility_id"].astype(str) == change.subject
        label, unit = UTILITIES[str(utilities.loc[mine, "kind"].iloc[0])]
        now = f"{float(utilities.loc[mine, 'capacity'].iloc[0]):.10g}"
        return f"{change.subject} has {amount} {unit} more of {label.lower()} ({now} {unit})"
    if change.kind == "demand":
        return f"it does without {UTILITIES[change.subject][0].lower()}"
    if change.kind == "hazard_class":
        return f"its hazard class is {ROMAN[int(row['hazard_class']) - 1]}"
    years = "year" if amount == "1" else "years"
    words = {
        "area_min_ha": "it takes {0} ha less ({area_min_ha:.10g} ha at least)",
        "area_max_ha": "it takes {0} ha more ({area_max_ha:.10g} ha at most)",
        "frontage_min_m": "its front is {0} m shorter ({frontage_min_m:.10g} m)",
        "start_year": f"it starts {{0}} {years} later (in {{start_year}})",
        "rail": "it does without a siding",
        "apart": "it may stand near {1}",
        "market": "{1} is put up for sale",
        "use": "its use is {1}",
    }
    if change.kind == "start_year" and windowed(table, project):
        last = table["start_year_max"].iloc[project]
        return f"its window ends {amount} years later (in {last})"
    names = ("area_min_ha", "area_max_ha", "frontage_min_m", "start_year")
    figures = {name: row[name] for name in names}
    return words[change.kind].format(amount, change.subject, **figures)
