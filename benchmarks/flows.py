"""Flows: published quadratic assignment instances by the search for less transport work.

The instances stand in ``tests/data/qaplib`` with their sources; scipy's own two methods, one after
the other, stand beside.
"""

from __future__ import annotations

import time

import numpy as np
from scipy.optimize import quadratic_assignment

from benchmarks.report import Check, Part, Row, Section
from geoplan.allocate.least_work import least_work
from geoplan.allocate.model import Limits
from geoplan.allocate.relocation import relocated
from geoplan.config import AllocateSettings
from tests.allocate.qap import BEST_KNOWN, in_turn, matrices, of_matrices

GAP_MAX = 0.01
LEGEND = (
    "Instances of QAPLIB, within the default limits of `[allocate]`. `gap to best`: how far the "
    "answer is above the least cost known; `bound gap`: how far geoplan's proven bound is below "
    "it. scipy: its FAQ method, then 2-opt from that answer, ten times from random starts."
)
SCIPY_STARTS = 10


def _ours(name: str) -> Row:
    """Search one instance by geoplan."""
    problem, usual = of_matrices(*matrices(name)), AllocateSettings()
    limits = Limits(0.0, usual.work_limit, usual.time_limit_s, usual.seed)
    begun = time.perf_counter()
    end = relocated(problem, in_turn(problem), {}, limits)
    wall_s = time.perf_counter() - begun
    found = end.assignment
    cost, best = problem.flows.work(found.unit), BEST_KNOWN[name]
    bound = least_work(problem, found, limits)
    figures = {
        "cost": cost, "best known": best, "gap to best": cost / best - 1.0,
        "bound gap": 1.0 - bound / best, "time limit": end.late,
    }  # fmt: skip
    return Row(name, "geoplan", (wall_s,), 0.0, figures)


def _scipy(name: str) -> Row:
    """Search one instance by scipy's methods."""
    km, tonnes = matrices(name)
    begun = time.perf_counter()
    costs = []
    for seed in range(SCIPY_STARTS):
        rng = np.random.default_rng(seed)
        rough = quadratic_assignment(
            tonnes, km, method="faq", options={"P0": "randomized", "rng": rng}
        )
        guess = np.column_stack([np.arange(len(km)), rough.col_ind])
        options = {"partial_guess": guess, "rng": rng}
        costs.append(quadratic_assignment(tonnes, km, method="2opt", options=options).fun)
    wall_s, best = time.perf_counter() - begun, BEST_KNOWN[name]
    figures = {"cost": min(costs), "best known": best, "gap to best": min(costs) / best - 1.0}
    return Row(name, "scipy faq + 2opt", (wall_s,), 0.0, figures)


def part(*, peers: bool) -> Part:
    """Measure all instances.

    Parameters
    ----------
    peers : bool
        Whether scipy's methods are measured beside.
    """
    sections, checks = [], []
    for name in BEST_KNOWN:
        ours = _ours(name)
        sections.append(Section(name, [ours, *([_scipy(name)] if peers else [])]))
        gap = ours.figures["gap to best"]
        checks.append(Check(name, "gap to best", gap, f"<= {GAP_MAX:.0%}", gap <= GAP_MAX))
    return Part("Flows", LEGEND, sections, checks)
