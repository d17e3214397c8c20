"""What an export makes of an earlier portfolio: who is new, changed, withdrawn or back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from geoplan.intake.earlier import Earlier
from geoplan.intake.mapping import folded
from geoplan.intake.records import Export
from geoplan.intake.texts import KEY, Row, default_text, number_text, rows_of
from geoplan.site.findings import Remarks
from geoplan.site.schema import PROJECT_STATUSES, PROJECTS

CHANGE_COLUMNS = ("project_id", "change", "field", "from", "to")
CHANGES = ("new", "changed", "withdrawn", "returned", "unchanged")
ALWAYS = ("area_ha", "status")
"""Columns that a portfolio has besides its ids, whatever stands in them."""

WITHDRAWN = "withdrawn"
STATUS = "status"
STATUS_SINCE = "status_since"
MISSING_SHARE_MAX = 0.2
"""Share of an earlier portfolio that may be missing before it is told as doubtful."""

_CONTRACT = PROJECT_STATUSES.index("contract")


@dataclass(frozen=True)
class Merged:
    """A portfolio after an export.

    Attributes
    ----------
    portfolio : DataFrame
        Text or None, by id: the columns of the contract in its order as far as anybody states
        them, then the planner's own.
    changes : DataFrame
        One row a field that differs; one row, without a field, a project that is new.
    kinds : dict of str to str
        Project to one of :data:`CHANGES`, in the order of ids.
    """

    portfolio: pd.DataFrame
    changes: pd.DataFrame
    kinds: dict[str, str]

    def count(self, kind: str) -> int:
        """Count projects of a kind."""
        return Counter(self.kinds.values())[kind]

    def named(self, kind: str) -> list[str]:
        """Return the ids of a kind, in order."""
        return [name for name, other in self.kinds.items() if other == kind]


def merged(
    export: Export,
    earlier: Earlier | None,
    remarks: Remarks,
    *,
    standing: Earlier | None = None,
    id_prefix: str = "",
) -> Merged:
    """Lay an export over an earlier portfolio.

    A field that the export states holds; one that it lacks or leaves blank stays what it was.
    Whom it no longer has is withdrawn, and stays in the list.

    Parameters
    ----------
    export : Export
    earlier : Earlier or None
        None where there is none: everybody is new.
    remarks : Remarks
        Takes down contradictions between the two.
    standing : Earlier, optional
        The portfolio that will be replaced: what a planner typed there since the earlier one
        stays. The earlier one itself where none is given.
    id_prefix : str
        Earlier projects whose ids do not begin with it are none of the platform's.

    Returns
    -------
    Merged
    """
    now, before = rows_of(export.texts), {} if earlier is None else rows_of(earlier.texts)
    typed = {**before, **({} if standing is None else rows_of(standing.texts))}
    _check_ids(now, typed, remarks, id_prefix)
    on_map = frozenset() if earlier is None else earlier.withdrawn_on_map
    rows: dict[str, Row] = {}
    kinds: dict[str, str] = {}
    changes: list[tuple[str, str, str, str, str]] = []
    for name in sorted({*now, *typed}):
        stated, old, base = now.get(name), before.get(name), typed.get(name)
        if old is not None and name in on_map:
            stated_status = None if stated is None else stated.get(STATUS)
            old = {**old, STATUS: stated_status or default_text(STATUS)}
            base = old if standing is None or name not in standing.texts.index else base
        row = _row(name, stated, base, id_prefix)
        _widen(name, row, remarks)
        _reopen(name, row, remarks)
        differing = [] if old is None else _differing(row, old)
        kind = _kind(row, old, differing)
        if old is not None:
            _tell(name, row, old, stated, remarks)
        if kind == "new":
            changes.append((name, kind, "", "", row.get("name") or name))
        changes += [(name, kind, field, old_text, new) for field, old_text, new in differing]
        rows[name], kinds[name] = row, kind
    portfolios = [each.texts for each in (standing, earlier) if each is not None]
    columns = [*PROJECTS.columns.columns, *(name for each in portfolios for name in each.columns)]
    portfolio = _portfolio(rows, list(dict.fromkeys(columns)))
    _tell_missing(now, before, kinds, remarks)
    return Merged(portfolio, pd.DataFrame(changes, columns=list(CHANGE_COLUMNS)), kinds)


def _row(name: str, stated: Row | None, old: Row | None, id_prefix: str) -> Row:
    """Put together what is known of one project now."""
    if stated is None:
        kept = dict(old or {})
        if kept.get(STATUS) != WITHDRAWN and name.startswith(id_prefix):
            kept |= {STATUS: WITHDRAWN, STATUS_SINCE: None}
        return kept
    row = {**(old or {}), **{field: cell for field, cell in stated.items() if cell is not None}}
    row[STATUS] = row.get(STATUS) or default_text(STATUS)
    if old is not None and row[STATUS] != (old.get(STATUS) or default_text(STATUS)):
        # The date of another status is none of this one's.
        row[STATUS_SINCE] = stated.get(STATUS_SINCE)
    return row


def _differing(row: Row, old: Row) -> list[tuple[str, str, str]]:
    """List the fields that say something else; a blank says what its default does."""
    return [
        (field, old.get(field) or "", row.get(field) or "")
        for field in dict.fromkeys([*row, *old])
        if (row.get(field) or default_text(field)) != (old.get(field) or default_text(field))
    ]


def _kind(row: Row, old: Row | None, differing: list[tuple[str, str, str]]) -> str:
    if old is None:
        return "new"
    gone, was_gone = row.get(STATUS) == WITHDRAWN, old.get(STATUS) == WITHDRAWN
    if gone != was_gone:
        return WITHDRAWN if gone else "returned"
    return "changed" if differing else "unchanged"


def _widen(name: str, row: Row, remarks: Remarks) -> None:
    """Let an area range that was typed here reach what the platform now asks for."""
    area = float(row.get("area_ha") or "nan")
    for bound, choose in (("area_min_ha", min), ("area_max_ha", max)):
        typed = row.get(bound)
        if typed is None or choose(area, float(typed)) == float(typed):
            continue
        row[bound] = None
        remarks.warning(
            "register-range",
            f"It now asks for {number_text(area)} ha, beyond {bound} = {typed}, which is taken"
            " as the area itself.",
            f"Type another {bound} if there is more room.",
            subject=name,
        )


def _reopen(name: str, row: Row, remarks: Remarks) -> None:
    """Let a window of years that was typed here end where the platform now begins."""
    first, last = row.get("start_year"), row.get("start_year_max")
    if first is None or last is None or int(first) <= int(last):
        return
    row["start_year_max"] = None
    remarks.warning(
        "register-range",
        f"It now starts in {first}, after start_year_max = {last}, which is taken as that year.",
        "Type another start_year_max if it may start later.",
        subject=name,
    )


def _tell(name: str, row: Row, old: Row, stated: Row | None, remarks: Remarks) -> None:
    """Say where the platform and what was planned do not go together."""
    was, now = old.get(STATUS) or "application", row.get(STATUS) or "application"
    bound = was != WITHDRAWN and PROJECT_STATUSES.index(was) >= _CONTRACT
    if now == WITHDRAWN and was != WITHDRAWN:
        if bound or row.get("plot_id"):
            held = f", and plot_id holds {row['plot_id']}" if row.get("plot_id") else ""
            remarks.warning(
                "register-withdrawn",
                f"It was in {was}{held}; "
                + ("the export no longer has it." if stated is None else "it has withdrawn."),
                "Its plot is free in the next plan. Make sure that the platform is right.",
                subject=name,
            )
    elif bound and PROJECT_STATUSES.index(now) < _CONTRACT:
        remedy = "Its plot may move in the next plan. Make sure that the platform is right."
        remarks.warning(
            "register-status", f"It goes back from {was} to {now}.", remedy, subject=name
        )
    elif now == was == WITHDRAWN and stated is not None and not stated.get(STATUS):
        message = "The export has it, but says no status; it stays withdrawn."
        remedy = "Clear its status in the portfolio to take it back."
        remarks.warning("register-withdrawn", message, remedy, subject=name)
    area, area_before = row.get("area_ha"), old.get("area_ha")
    if bound and now != WITHDRAWN and area != area_before:
        message = f"It is in {now}, and its area changes from {area_before} to {area} ha."
        remedy = "Its plot does not move: see that the contract says so."
        remarks.warning("register-area", message, remedy, subject=name)


def _check_ids(
    now: dict[str, Row], before: dict[str, Row], remarks: Remarks, id_prefix: str
) -> None:
    """Refuse an export of somebody else's projects, and ids that are spelled anew."""
    theirs = [name for name in before if name.startswith(id_prefix)]
    spelled = {folded(name): name for name in before if name not in now}
    anew = [(name, spelled[folded(name)]) for name in now if name not in before
            and folded(name) in spelled]  # fmt: skip
    if anew:
        cause = f"ids differ from the earlier portfolio's ('{anew[0][1]}') in case or spaces alone."
        remedy = "Write them there as the platform does: they would be new and withdrawn at once."
        remarks.problem(cause, remedy, [name for name, _ in anew])
    elif theirs and not set(now) & set(before):
        cause = f"none of its projects is in the earlier portfolio, which has {theirs[0]} and such."
        remedy = "See that it is this park's export, and id_prefix; else name a new file (--out)."
        remarks.problem(cause, remedy)


def _tell_missing(
    now: dict[str, Row], before: dict[str, Row], kinds: dict[str, str], remarks: Remarks
) -> None:
    missing = [n for n in before if n not in now and kinds[n] == WITHDRAWN]
    live = [n for n in before if before[n].get(STATUS) != WITHDRAWN]
    if len(missing) > MISSING_SHARE_MAX * len(live):
        message = f"The export lacks {len(missing)} of {len(live)} projects; they are withdrawn."
        remedy = "Make sure that it is the whole export, not a page or a filter of it."
        remarks.warning("register-missing", message, remedy)


def _portfolio(rows: dict[str, Row], columns: list[str]) -> pd.DataFrame:
    """Arrange rows; columns in which nothing stands are left out."""
    kept = [
        name
        for name in columns
        if name != KEY
        and (name in ALWAYS or any(row.get(name) is not None for row in rows.values()))
    ]
    table = {name: [row.get(name) for row in rows.values()] for name in kept}
    table[STATUS] = [status or default_text(STATUS) for status in table[STATUS]]
    return pd.DataFrame({KEY: list(rows), **table}, dtype="object")
