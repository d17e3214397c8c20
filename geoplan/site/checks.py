"""Holds what was read against the contracts, and puts pandera's verdicts into words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import pandera.pandas as pa

from geoplan.errors import closest, nearest_name, shown
from geoplan.site.columns import Read, record_names
from geoplan.site.findings import Remarks
from geoplan.site.schema import CONTRACTS, ID_SEPARATOR, LayerContract

PROJECTS_MAX = 100_000
"""Largest portfolio: rules are asked of every project and piece of land, and who goes without
is given a reason of his own, so a longer list takes hours rather than minutes."""


def check_columns(read: Read, remarks: Remarks, *, contract: LayerContract | None = None) -> None:
    """Note every record that breaks its layer's contract, column by column.

    Parameters
    ----------
    read : Read
        A layer's columns; cells already noted as unreadable are not noted again.
    remarks : Remarks
    contract : LayerContract, optional
        Instead of the one that the layer has in a scenario.
    """
    contract = contract or CONTRACTS[remarks.layer]
    if read.frame.empty and not contract.may_be_empty:
        remarks.problem("there are no records.", "Name a file, layer or table that has some.")
        return
    if remarks.layer == "projects" and _are_too_many(read.frame, remarks):
        return
    schema = contract.columns.remove_columns(sorted(read.missing))
    try:
        schema.validate(read.frame, lazy=True)
    except pa.errors.SchemaErrors as verdict:
        for fault in verdict.schema_errors:
            _note(fault, read, remarks, contract.key)
    if remarks.layer == "projects":
        _check_areas(read.frame, remarks)
        _check_windows(read.frame, remarks)


def check_together(projects: pd.DataFrame, remarks: Remarks, *, files: int) -> None:
    """Note what only shows in the portfolio as a whole, whatever files it is read from.

    Parameters
    ----------
    projects : DataFrame
        All projects, each file's columns checked.
    remarks : Remarks
    files : int
        From how many files they come; one alone has been counted already.
    """
    if len(projects) <= PROJECTS_MAX:
        _check_references(projects, remarks)
    elif files > 1:
        _are_too_many(projects, remarks)


def _are_too_many(projects: pd.DataFrame, remarks: Remarks) -> bool:
    if len(projects) <= PROJECTS_MAX:
        return False
    remarks.problem(
        f"there are {len(projects):,} projects; one plan takes {PROJECTS_MAX:,} at most.",
        "Check that it is the right table, or plan park by park.",
    )
    return True


def _note(fault: pa.errors.SchemaError, read: Read, remarks: Remarks, key: str) -> None:
    column = str(fault.schema.name)
    cases = fault.failure_cases
    rows = [row for row in cases["index"] if (column, int(row)) not in read.unreadable]
    if not rows:
        return
    ids = record_names(read.frame[key])[rows]
    if fault.check == "not_nullable":
        meaning = fault.schema.description
        remarks.problem(f"{column} is missing ({meaning}).", "Fill it in for each record.", ids)
    elif fault.check == "field_uniqueness":
        remedy = "Give each record an id of its own."
        remarks.problem(f"{column} is not unique.", remedy, dict.fromkeys(ids))
    else:
        values = read.frame.loc[rows, column].drop_duplicates()
        remedy = fault.check.description
        if fault.check.name == "isin":
            remedy = _hint(list(values), fault.check.statistics["allowed_values"])
        written = shown(_written(value) for value in values)
        remarks.problem(f"{column} {fault.check.title}, but is {written}.", remedy, ids)


def _hint(values: list[str], known: Sequence[str]) -> str:
    if len(values) == 1:
        return nearest_name(values[0], known)
    hints = [f"'{v}' may be '{c}'" for v in values if (c := closest(v, known))]
    return f"Use one of them; {shown(hints)}." if hints else "Use one of them."


def _written(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else f"{value:g}"


def _check_areas(projects: pd.DataFrame, remarks: Remarks) -> None:
    least, wanted, most = (projects[c] for c in ("area_min_ha", "area_ha", "area_max_ha"))
    # Figures that are none have been noted already.
    sound = pd.Series(True, index=projects.index)
    for bound in (least, wanted, most):
        sound &= (bound > 0) & (bound < np.inf)
    swapped = sound & (least > most)
    outside = sound & ~swapped & ((wanted < least) | (wanted > most))
    for faulty, cause, remedy in (
        (swapped, "area_min_ha is above area_max_ha", "Swap or correct the two."),
        (outside, "area_ha lies outside area_min_ha to area_max_ha", "Widen or correct the range."),
    ):
        if faulty.any():
            figures = shown(
                f"{a:g} / {b:g} / {c:g} ha"
                for a, b, c in zip(least[faulty], wanted[faulty], most[faulty], strict=True)
            )
            ids = record_names(projects["project_id"])[faulty]
            remarks.problem(f"{cause} (min / wanted / max: {figures}).", remedy, ids)


def _check_windows(projects: pd.DataFrame, remarks: Remarks) -> None:
    first, last = projects["start_year"], projects["start_year_max"]
    turned = (first > last).fillna(False).astype(bool)
    if turned.any():
        ids = record_names(projects["project_id"])[turned]
        windows = shown(f"{a}-{b}" for a, b in zip(first[turned], last[turned], strict=True))
        cause = f"start_year is after start_year_max ({windows})."
        remarks.problem(cause, "Swap or correct the two.", ids)


def _check_references(projects: pd.DataFrame, remarks: Remarks) -> None:
    pairs = {column: _pairs(projects, column) for column in ("near", "apart")}
    known = set(projects["project_id"].dropna())
    for column, links in pairs.items():
        unknown = links[~links["other"].isin(known)]
        if len(unknown):
            others = list(dict.fromkeys(unknown["other"]))
            close = closest(others[0], known)
            nearest = f"Did you mean '{close}'? " if close else ""
            remarks.problem(
                f"{column} names unknown projects: {shown(map(_written, others))}.",
                f"{nearest}Several ids are joined by '{ID_SEPARATOR}'.",
                dict.fromkeys(unknown["project_id"]),
            )
        selfish = links.loc[links["project_id"] == links["other"], "project_id"]
        if len(selfish):
            remarks.problem(f"{column} names the project itself.", "Remove that id.", selfish)
    # Nearness and apartness hold both ways, whichever project asks for them.
    both = {frozenset(p) for p in pairs["near"].to_numpy()} & {
        frozenset(p) for p in pairs["apart"].to_numpy()
    }
    both = {pair for pair in both if len(pair) == 2}
    if both:
        written = sorted(" and ".join(sorted(pair)) for pair in both)
        remarks.problem(
            f"projects are to be both near and apart: {shown(written)}.",
            "Decide for one of the two.",
            sorted(set().union(*both)),
        )


def _pairs(projects: pd.DataFrame, column: str) -> pd.DataFrame:
    linked = projects.loc[projects[column].notna() & projects["project_id"].notna()]
    split = linked.assign(other=linked[column].str.split(ID_SEPARATOR)).explode("other")
    return split[["project_id", "other"]].astype("str")


def check_locks(
    projects: pd.DataFrame,
    plots: pd.DataFrame | None,
    remarks: Remarks,
    *,
    new_plot_ids: Iterable[str] = (),
) -> None:
    """Note locks that cannot be kept: of unknown plots or projects, or of two on one plot.

    Parameters
    ----------
    projects : DataFrame
        ``project_id, status, plot_id``.
    plots : DataFrame or None
        ``plot_id, project_id`` of the cadastre; None where plots are not given.
    remarks : Remarks
        Of the portfolio.
    new_plot_ids : iterable of str, optional
        Plots that merging and splitting will make.
    """
    holders = locks_of(projects, plots)
    if plots is None:
        ids = [name for names in holders.values() for name in names]
        if ids:
            remarks.problem(
                "plot_id locks projects to plots, but this mode draws new ones.",
                'Give the plots as [site] plots with [subdivide] mode = "given", or plan again from'
                " the plan that has drawn them (--from).",
                dict.fromkeys(ids),
            )
        return
    known, live = {*plots["plot_id"].dropna(), *new_plot_ids}, set(projects["project_id"])
    for plot_id, holding in sorted(holders.items()):
        if plot_id not in known:
            remedy = nearest_name(plot_id, known)
            remarks.problem(f"there is no plot '{plot_id}' to be locked to.", remedy, holding)
        if len(holding) > 1:
            remarks.problem(
                f"plot_id '{plot_id}' is locked by {len(holding)} projects.",
                "A plot carries one project: free it from the others.",
                holding,
            )
        unknown = [name for name in holding if name not in live]
        if unknown:
            cause = f"plot '{plot_id}' is kept by a project that the portfolio does not have."
            remarks.problem(cause, "Add the project, or free the plot.", unknown)


def locks_of(projects: pd.DataFrame, plots: pd.DataFrame | None) -> dict[str, list[str]]:
    """Gather who keeps which plot, said by either table; withdrawn projects keep none.

    Returns
    -------
    dict of str to list of str
        Plot id to the ids of the projects that keep it.
    """
    holders: defaultdict[str, list[str]] = defaultdict(list)
    gone = set(projects.loc[projects["status"] == "withdrawn", "project_id"])
    locked = projects[projects["plot_id"].notna() & (projects["status"] != "withdrawn")]
    names = record_names(projects["project_id"])[locked.index]
    for name, listed in zip(names, locked["plot_id"].str.split(ID_SEPARATOR), strict=True):
        for plot_id in dict.fromkeys(listed):
            holders[plot_id].append(name)
    if plots is not None:
        kept = plots[plots["project_id"].notna()]
        for plot_id, name in zip(kept["plot_id"], kept["project_id"], strict=True):
            if name not in gone and name not in holders[plot_id]:
                holders[plot_id].append(name)
    return dict(holders)
