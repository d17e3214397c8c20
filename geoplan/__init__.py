"""geoplan plans industrial parks: land into plots, projects onto plots, the plan onto a map.

>>> import geoplan
>>> plan = geoplan.run("layers/astana/park2.toml")  # doctest: +SKIP
>>> plan.save("out/park2")  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from geoplan.errors import GeoplanError, Problem

if TYPE_CHECKING:
    from geoplan.nation import ProgrammePlan, programme
    from geoplan.pipeline import (
        Plan,
        Registered,
        Tradeoff,
        amend,
        check,
        compare,
        divide,
        load,
        register,
        run,
        tradeoff,
    )

__version__ = "0.1.0"
__all__ = [
    "GeoplanError",
    "Plan",
    "Problem",
    "ProgrammePlan",
    "Registered",
    "Tradeoff",
    "__version__",
    "amend",
    "check",
    "compare",
    "divide",
    "load",
    "programme",
    "register",
    "run",
    "tradeoff",
]


def __getattr__(name: str) -> Any:
    """Import the pipeline, and with it geopandas, only when it is asked for."""
    if name in __all__:
        for package in ("geoplan.pipeline", "geoplan.nation"):
            module = import_module(package)
            if name in module.__all__:
                return getattr(module, name)
    raise AttributeError(f"module 'geoplan' has no attribute {name!r}")
