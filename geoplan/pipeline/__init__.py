"""From a scenario to a plan: the stages joined, timed and signed.

Each call of the library has its place in a module of its own here; the command line and notebooks
make the same calls.
"""

from __future__ import annotations

from geoplan.pipeline.amending import amend
from geoplan.pipeline.plan import Plan
from geoplan.pipeline.planning import check, divide, run
from geoplan.pipeline.registering import register
from geoplan.pipeline.saved import compare, load
from geoplan.pipeline.trading import Tradeoff, tradeoff

__all__ = [
    "Plan",
    "Tradeoff",
    "amend",
    "check",
    "compare",
    "divide",
    "load",
    "register",
    "run",
    "tradeoff",
]
