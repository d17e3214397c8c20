"""What the page needs to work on a plan: who could stand where, and what bars the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geoplan.config import UTILITY_KINDS
from geoplan.decisions import Decisions, decisions_of, digest_of, lineage_of
from geoplan.fits import Fits, can_tell, fits, movable
from geoplan.plan import PlanLayers
from geoplan.publish.map.known import UTILITY_NAMES
from geoplan.publish.map.payload import Integers
from geoplan.publish.map.tables import HAZARD_CLASSES
from geoplan.rerun import NAMED, held_plots

PAIRS_MOST = 1_000_000
"""Projects times plots up to which the page carries what bars each from each."""
MOVABLE, UNDER_CONTRACT, LOCKED, WITHDRAWN = range(4)
"""Whether a project may be moved, and if not, why: numbers that the page has sentences for."""
NEVER = 9999
"""Stands for the year from which land is supplied that no utility serves."""


def editing(plan: PlanLayers) -> dict[str, Any]:
    """Code what planners need to change a plan on its map.

    Returns
    -------
    dict
        ``digest`` and ``lineage`` of the plan, its ``decisions``, and ``fixed``: per project one
        of :data:`MOVABLE`, :data:`UNDER_CONTRACT`, :data:`LOCKED` and :data:`WITHDRAWN`. Up to
        :data:`PAIRS_MOST` pairs also ``rules``, ``barred`` (project by project, plot by plot: 0,
        or 1 + the number of the first rule that bars it), and what sentences need: ``near`` and
        ``supplied``. Empty for plans that do not know their settings.
    """
    if not can_tell(plan) or plan.projects.empty or plan.plots.empty:
        return {}
    decisions = decisions_of(plan)
    told = {
        "digest": digest_of(plan),
        "lineage": list(lineage_of(plan)),
        "decisions": decisions.record(),
        "fixed": _fixed(plan, decisions),
    }
    if len(plan.projects) * len(plan.plots) > PAIRS_MOST:
        return told
    found = fits(plan, decisions)
    told |= {"rules": list(found.rules), "barred": found.barred.ravel()}
    return told | {"near": list(_near(plan, found)), "supplied": list(_supplied(found))}


def _fixed(plan: PlanLayers, decisions: Decisions) -> Integers:
    projects = movable(plan, decisions)
    held = held_plots(plan.plots, projects, off_market=decisions.off_market)
    ids = projects["project_id"]
    kept = held.dropna(subset="keeper")
    named = ids.isin(kept.loc[kept["why"] == NAMED, "keeper"])
    gone = (projects["status"] == "withdrawn") & ~ids.isin(decisions.withdrawn)
    fixed = np.where(ids.isin(kept["keeper"]), UNDER_CONTRACT, MOVABLE)
    return np.where(gone, WITHDRAWN, np.where(named, LOCKED, fixed)).astype(np.int64)


def _near(plan: PlanLayers, found: Fits) -> Iterator[dict[str, Any]]:
    """Tell, per hazard class, which receptor each plot is too near to, and how near."""
    if plan.receptors.empty or not _bars(found, "sanitary distance"):
        return
    shapes = np.asarray(plan.plots.geometry.array, dtype=object)
    others = np.asarray(plan.receptors.geometry.array, dtype=object)
    distance_m = np.array([shapely.distance(shapes, other) for other in others])
    own_m = pd.to_numeric(plan.receptors["distance_m"]).to_numpy(dtype=float, na_value=np.nan)
    for number in sorted(set(plan.projects["hazard_class"].dropna().astype(int))):
        keeps_m = np.where(np.isnan(own_m), plan.spz_distance_m[number], own_m)
        short_m = keeps_m[:, None] - distance_m
        worst = short_m.argmax(axis=0)
        at = np.arange(len(shapes))
        near = short_m[worst, at] > 0
        yield {
            "hazard": HAZARD_CLASSES[number],
            "receptor": np.where(near, worst, -1).astype(np.int64),
            # Rounded down, so that nobody reads a distance that would do.
            "metres": np.where(near, np.floor(distance_m[worst, at]), 0).astype(np.int64),
            "needed": np.where(near, np.ceil(keeps_m[worst]), 0).astype(np.int64),
        }


def _supplied(found: Fits) -> Iterator[dict[str, Any]]:
    """Tell, per kind of utility that the park plans, from which year each plot has it."""
    for kind in UTILITY_KINDS if _bars(found, "utilities") else ():
        year = found.units[f"supplied_from_{kind}"].to_numpy(dtype=float)
        if np.isneginf(year).all():
            continue
        told = np.where(np.isposinf(year), NEVER, np.where(np.isneginf(year), 0, year))
        yield {"kind": kind, "noun": UTILITY_NAMES[kind], "year": told.astype(np.int64)}


def _bars(found: Fits, rule: str) -> bool:
    return bool((found.barred == found.rules.index(rule) + 1).any())
