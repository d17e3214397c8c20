"""What the planner has decided about a plan: who stands where, who has withdrawn, what is no offer.

Decisions stand in a plan's manifest. They hold in every plan that is made from it, until one of
its successors takes them back; the portfolio's own file is not touched.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import pandas as pd

from geoplan.errors import Problems
from geoplan.plan import PlanLayers
from geoplan.site import Site
from geoplan.site.schema import ID_SEPARATOR

DECISIONS = "decisions"
LINEAGE = "lineage"
OFF_MARKET = "taken off the market"
NOT_MARKETABLE = "not marketable"
PINNED = "pinned by the planner"
UNDO = "Undo it on the map or in a file of changes, or put back what it is about."


@dataclass(frozen=True)
class Decisions:
    """What holds besides the portfolio and the cadastre.

    Attributes
    ----------
    pinned : mapping of str to str
        Project to its plot, or several joined by ``;``.
    withdrawn : tuple of str
        Projects that are taken for withdrawn.
    off_market : tuple of str
        Free plots that nobody is to be given.
    """

    pinned: Mapping[str, str] = field(default_factory=dict)
    withdrawn: tuple[str, ...] = ()
    off_market: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Say it for the manifest."""
        return {
            "pinned": dict(sorted(self.pinned.items())),
            "withdrawn": sorted(self.withdrawn),
            "off_market": sorted(self.off_market),
        }

    def holder_of(self) -> dict[str, str]:
        """Tell who is pinned to each plot."""
        return {
            plot: project
            for project, plots in self.pinned.items()
            for plot in plots.split(ID_SEPARATOR)
        }


def decisions_of(plan: PlanLayers) -> Decisions:
    """Return the decisions that a plan was made with."""
    told = plan.manifest.get(DECISIONS) or {}
    return Decisions(
        dict(told.get("pinned", {})),
        tuple(told.get("withdrawn", ())),
        tuple(told.get("off_market", ())),
    )


def with_decisions(plan: PlanLayers, decisions: Decisions) -> PlanLayers:
    """Return a plan as the ground of the next one, with what is decided for that one."""
    past = {DECISIONS: decisions.record(), LINEAGE: [*lineage_of(plan), digest_of(plan)]}
    return replace(plan, manifest={**plan.manifest, **past})


def as_decided(site: Site, decisions: Decisions, known_plots: Collection[str]) -> Site:
    """Apply decisions to what was read; see :func:`lapsed` for those that no longer hold.

    Parameters
    ----------
    site : Site
    decisions : Decisions
    known_plots : collection of str
        Ids of the plots that are there.

    Raises
    ------
    GeoplanError
        If a plot is gone, or the portfolio locks somebody else to it.
    """
    projects, problems = site.projects, Problems()
    if projects is not None:
        projects = _decided(projects, decisions)
        own = projects["plot_id"].notna() & (projects["status"] != "withdrawn")
        locked = projects[own & ~projects["project_id"].isin(decisions.pinned)]
        claims = {
            plot: name
            for name, plots in zip(locked["project_id"], locked["plot_id"], strict=True)
            for plot in str(plots).split(ID_SEPARATOR)
        }
        for plot, name in decisions.holder_of().items():
            if plot in claims:
                cause = f"it locks {claims[plot]} to plot '{plot}', where {name} is pinned."
                problems.add("projects", cause, UNDO, [claims[plot], name])
    known = set(known_plots)
    for plot in sorted({*decisions.holder_of(), *decisions.off_market} - known):
        problems.add("plots", f"plot '{plot}', which a decision names, is gone.", UNDO, [plot])
    problems.raise_any()
    off = site.plots["plot_id"].isin(decisions.off_market)
    plots = site.plots.assign(market=site.plots["market"].mask(off, NOT_MARKETABLE))
    return replace(site, projects=projects, plots=plots)


def _decided(projects: pd.DataFrame, decisions: Decisions) -> pd.DataFrame:
    ids = projects["project_id"]
    pins = ids.map(dict(decisions.pinned)).astype(object)
    gone = ids.isin(decisions.withdrawn)
    plot_id = projects["plot_id"].astype(object)
    return projects.assign(
        plot_id=plot_id.where(plot_id.notna(), pins).astype("str"),
        status=projects["status"].mask(gone, "withdrawn"),
    )


def lapsed(decisions: Decisions, projects: pd.DataFrame | None) -> Decisions:
    """Leave out what is about projects that a portfolio does not have, or now locks itself."""
    known: set[str] = set()
    free: set[str] = set()
    if projects is not None:
        known = set(projects["project_id"])
        free = set(projects.loc[projects["plot_id"].isna(), "project_id"])
    pinned = {name: plots for name, plots in decisions.pinned.items() if name in free}
    return replace(
        decisions,
        pinned=pinned,
        withdrawn=tuple(name for name in decisions.withdrawn if name in known),
    )


def decided_reasons(earlier: PlanLayers, decisions: Decisions) -> dict[str, str]:
    """Say of projects that had to go, or were put somewhere, that it was the planner's decision."""
    told: dict[str, str] = {}
    before = earlier.plots.dropna(subset="project_id").set_index("plot_id")["project_id"]
    for plot, name in decisions.holder_of().items():
        other = before.get(plot)
        if other is not None and other != name:
            told[str(other)] = f"its plot {plot} is given to {name} by the planner"
    for plot in decisions.off_market:
        if plot in before.index:
            told[str(before[plot])] = f"its plot {plot} is {OFF_MARKET} by the planner"
    return told | dict.fromkeys(decisions.pinned, PINNED)


def digest_of(plan: PlanLayers) -> str:
    """Sum up what changes to a plan refer to: its plots, who has them, who asks, what is decided.

    A plan that was saved and read back has the same digest.
    """
    tables = ((plan.plots, ("plot_id", "project_id", "market", "area_ha")),
              (plan.projects, ("project_id", "status", "plot_id")))  # fmt: skip
    rows = [
        [_texts(table[name]) if name in table else [] for name in names] for table, names in tables
    ]
    content = [plan.name, rows, decisions_of(plan).record()]
    return sha256(json.dumps(content, ensure_ascii=True).encode("ascii")).hexdigest()


def _texts(column: pd.Series[Any]) -> list[str]:
    if pd.api.types.is_float_dtype(column.dtype):
        return [f"{value:.3f}" for value in column.tolist()]
    return ["" if pd.isna(value) else str(value) for value in column.tolist()]


def lineage_of(plan: PlanLayers) -> tuple[str, ...]:
    """Return the digests of the plans that a plan was made from, the oldest first.

    In all of these a plot's name means the same land, for names are never given again.
    """
    return tuple(plan.manifest.get(LINEAGE, ()))
