"""Files of changes to a plan, as the map writes them: read, checked, and joined to its decisions.

``{"geoplan_changes": 1, "plan": {"name": ..., "digest": ...}, "changes": [...]}``, where each
change is an object of one key:

==============  =============================  ==================================================
``pin``         ``project_id, plot_id``        gives the project this plot, and it stays there
``unpin``       ``project_id``                 takes an earlier pin back
``withdraw``    ``project_id``                 the project withdraws and frees its plot
``reinstate``   ``project_id``                 takes an earlier withdrawal back
``off_market``  ``plot_id``                    nobody is given this free plot
``on_market``   ``plot_id``                    takes that back
==============  =============================  ==================================================
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field, model_validator

from geoplan.config.reading import checked, readable_file
from geoplan.config.settings import Settings
from geoplan.decisions import Decisions, decisions_of, digest_of, lineage_of
from geoplan.errors import GeoplanError, Problem, Problems, nearest_name
from geoplan.fits import can_tell, fits, movable
from geoplan.plan import PlanLayers
from geoplan.rerun import held_plots
from geoplan.site.schema import ID_SEPARATOR

VERSION = 1
ONE_EACH = "Keep one of these changes."


class OfProject(Settings):
    """A change to a project."""

    project_id: str


class OfPlot(Settings):
    """A change to a plot."""

    plot_id: str


class Pin(Settings):
    """A project and the plot that it is given; several ids, joined by ``;``, if it has them all."""

    project_id: str
    plot_id: str


class Change(Settings):
    """One change: exactly one of these is given."""

    pin: Pin | None = None
    unpin: OfProject | None = None
    withdraw: OfProject | None = None
    reinstate: OfProject | None = None
    off_market: OfPlot | None = None
    on_market: OfPlot | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Change:
        if len(self.model_fields_set) != 1 or self.what is None:
            raise ValueError("a change says one thing: " + ", ".join(type(self).model_fields))
        return self

    @property
    def kind(self) -> str:
        """Its one key."""
        return next(iter(self.model_fields_set))

    @property
    def what(self) -> Pin | OfProject | OfPlot | None:
        """What it is about."""
        found: Pin | OfProject | OfPlot | None = getattr(self, self.kind)
        return found


class OfPlan(Settings):
    """Which plan the changes were made on."""

    name: str
    digest: str


class Changes(Settings):
    """A file of changes."""

    geoplan_changes: Literal[1]
    plan: OfPlan
    changes: tuple[Change, ...] = Field(max_length=1_000_000)


def read_changes(path: Path) -> Changes:
    """Read a file of changes.

    Raises
    ------
    GeoplanError
        If it cannot be read, or with all that is wrong in it.
    """
    remedy = "Name a file that a plan's map has saved."
    try:
        content = json.loads(readable_file(path).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise GeoplanError([Problem(str(path), "there is no such file.", remedy)]) from None
    except OSError as error:
        cause = f"it cannot be read ({error.strerror})."
        raise GeoplanError([Problem(str(path), cause, remedy)]) from None
    except (ValueError, RecursionError):
        raise GeoplanError([Problem(str(path), "it is not valid JSON.", remedy)]) from None
    if not isinstance(content, dict) or "geoplan_changes" not in content:
        raise GeoplanError([Problem(str(path), "it is no file of changes.", remedy)])
    return checked(Changes, content, path.name)


def decided(plan: PlanLayers, changes: Changes, where: str) -> Decisions:
    """Join changes to the decisions that a plan was made with.

    Parameters
    ----------
    plan : PlanLayers
        The plan that they were made on, or one that was made from it.
    changes : Changes
    where : str
        The file, as problems name it.

    Raises
    ------
    GeoplanError
        With all changes that cannot be: of another plan, of unknown projects or plots, against
        each other, against contracts and locks, against the rules.
    """
    problems = Problems()
    if changes.plan.digest not in {digest_of(plan), *lineage_of(plan)}:
        cause = f"the changes were made on another plan (of '{changes.plan.name}')."
        problems.add(where, cause, "Make them on the map of this plan.")
        problems.raise_any()
    reading = _Reading(plan, where, problems)
    reading.check_names(changes.changes)
    reading.check_contradictions(changes.changes)
    problems.raise_any()
    after = reading.joined(changes.changes)
    bound = reading.check_places(after, changes.changes)
    problems.raise_any()
    # Who stays anyhow needs no pin, and is not to be freed by taking one back.
    return replace(after, pinned={k: v for k, v in after.pinned.items() if k not in bound})


class _Reading:
    """Changes held against a plan; problems are collected."""

    def __init__(self, plan: PlanLayers, where: str, problems: Problems) -> None:
        self.plan, self.where, self.problems = plan, where, problems
        self.before = decisions_of(plan)
        self.holder = dict(plan.plots[["plot_id", "project_id"]].dropna().to_numpy(dtype=str))

    def add(self, cause: str, remedy: str) -> None:
        self.problems.add(self.where, cause, remedy)

    def check_names(self, changes: Iterable[Change]) -> None:
        known = {
            "project": set(self.plan.projects["project_id"].astype(str)),
            "plot": set(self.plan.plots["plot_id"].astype(str)),
        }
        for change in changes:
            for kind in ("project", "plot"):
                for name in _names(change, kind):
                    if name not in known[kind]:
                        cause = f"the plan has no {kind} '{name}'."
                        self.add(cause, nearest_name(name, known[kind]))

    def check_contradictions(self, changes: Iterable[Change]) -> None:
        """Find who is changed twice, plots that several are to have, and what cannot be undone."""
        told: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        pinned: defaultdict[str, set[str]] = defaultdict(set)
        for change in changes:
            if change.pin is None and (plots := _names(change, "plot")):
                told["plot", plots[0]].add(change.kind)
                if change.kind == "off_market":
                    pinned[plots[0]].add("nobody (off the market)")
            for name in _names(change, "project"):
                plot = change.pin.plot_id if change.pin else ""
                told["project", name].add(f"{change.kind} {plot}".rstrip())
            for plot in _names(change, "plot") if change.pin else ():
                pinned[plot].add(change.pin.project_id if change.pin else "")
            self._check_undone(change)
        for (kind, name), said in told.items():
            if len(said) > 1:
                cause = f"{kind} '{name}' is changed twice: {', '.join(sorted(said))}."
                self.add(cause, ONE_EACH)
        for plot, names in pinned.items():
            if len(names) > 1:
                self.add(f"plot '{plot}' is for {' and '.join(sorted(names))}.", ONE_EACH)

    def _check_undone(self, change: Change) -> None:
        remedy = "Only what an earlier change decided can be taken back; else edit the inputs."
        for kind, known, told in (
            ("unpin", self.before.pinned, "is not pinned by an earlier change"),
            ("reinstate", self.before.withdrawn, "is not withdrawn by an earlier change"),
            ("on_market", self.before.off_market, "is not off the market by an earlier change"),
        ):
            if change.kind == kind:
                for name in (*_names(change, "project"), *_names(change, "plot")):
                    if name not in known:
                        self.add(f"'{name}' {told}.", remedy)

    def joined(self, changes: Iterable[Change]) -> Decisions:
        pinned, gone, off = (
            dict(self.before.pinned),
            set(self.before.withdrawn),
            set(self.before.off_market),
        )
        for change in changes:
            for name in _names(change, "project"):
                pinned.pop(name, None)
                gone.discard(name)
            if change.withdraw:
                gone.add(change.withdraw.project_id)
            if change.off_market:
                off.add(change.off_market.plot_id)
            if change.on_market:
                off.discard(change.on_market.plot_id)
        # The latest pin of a plot is the one that holds.
        new = {c.pin.project_id: c.pin.plot_id for c in changes if c.pin}
        taken = {plot for plots in new.values() for plot in plots.split(ID_SEPARATOR)}
        kept = {
            name: plots
            for name, plots in pinned.items()
            if not taken & set(plots.split(ID_SEPARATOR))
        }
        return Decisions(kept | new, tuple(sorted(gone)), tuple(sorted(off)))

    def check_places(self, after: Decisions, changes: Iterable[Change]) -> set[str]:
        """Find plots that are not free to be given, and projects that are not free to move.

        Returns
        -------
        set of str
            Projects that stay where they are by contract or lock.
        """
        portfolio = movable(self.plan, after)
        held = held_plots(self.plan.plots, portfolio)
        keeper = held["keeper"].notna()
        keeps = self.plan.plots[keeper].assign(
            keeper=held["keeper"][keeper].astype(str), why=held["why"][keeper]
        )
        own = keeps.groupby("keeper")["plot_id"].agg(set).to_dict()
        why = dict(zip(keeps["keeper"], keeps["why"], strict=True))
        gone = set(portfolio.loc[portfolio["status"] == "withdrawn", "project_id"])
        pins = {}
        for pin in (change.pin for change in changes if change.pin):
            name, plots = pin.project_id, set(pin.plot_id.split(ID_SEPARATOR))
            mine = {plot for plot, holder in self.holder.items() if holder == name}
            if name in gone:
                cause, remedy = f"{name} has withdrawn in the portfolio.", "Correct its status."
                self.add(cause, remedy)
            elif name in own and own[name] != plots:
                stays = ", ".join(sorted(own[name]))
                cause = f"{name} stays on {stays} ({why[name]}) and cannot be moved."
                self.add(cause, "Take the change out, or let it withdraw first.")
            elif len(plots) > 1 and plots != mine:
                cause = f"{name} is to have several plots that it does not have together now."
                self.add(cause, "Pin it to one plot.")
            elif plots != mine:
                pins[name] = pin.plot_id
        self._check_rules(after, pins)
        self._check_free(after)
        return set(own)

    def _check_rules(self, after: Decisions, pins: dict[str, str]) -> None:
        if not pins or not can_tell(self.plan):
            return
        ids = self.plan.projects["project_id"]
        asked = ids.isin(pins)
        found = fits(self.plan, after, of=asked)
        place = pd.Index(self.plan.plots["plot_id"]).get_indexer(ids[asked].map(pins))
        for row, (name, plot) in enumerate(zip(ids[asked], place.tolist(), strict=True)):
            if rule := found.barred[row, plot]:
                said = found.says[rule - 1]
                cause = f"{name} cannot have plot '{pins[name]}': it is not one that {said}."
                remedy = "Choose another, or name it in the portfolio's plot_id against the rules."
                self.add(cause, remedy)

    def _check_free(self, after: Decisions) -> None:
        """Find plots to be taken off the market that somebody has and keeps."""
        for plot in sorted(set(after.off_market) - set(self.before.off_market)):
            name = self.holder.get(plot)
            pinned = set(after.pinned.get(name, plot).split(ID_SEPARATOR)) if name else set()
            if name and name not in after.withdrawn and plot in pinned:
                cause = f"plot '{plot}' cannot be taken off the market: {name} has it."
                self.add(cause, "Move that project, or let it withdraw.")


def _names(change: Change, kind: str) -> tuple[str, ...]:
    """Return the ids of projects or plots that a change names."""
    told: Any = getattr(change.what, f"{kind}_id", None)
    if told is None:
        return ()
    return tuple(told.split(ID_SEPARATOR)) if kind == "plot" and change.pin else (told,)
