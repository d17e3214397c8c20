"""Many parks and one portfolio: who goes to which park, and where in it.

Level one shares projects out among parks (:mod:`geoplan.nation.choosing`), level two plans each
park on its own (:mod:`geoplan.nation.parks`), here or on a Dask cluster; those left without a
plot are offered to other parks, round by round (:mod:`geoplan.nation.rounds`).
"""

from __future__ import annotations

from geoplan.nation.planning import ProgrammePlan, programme

__all__ = ["ProgrammePlan", "programme"]
