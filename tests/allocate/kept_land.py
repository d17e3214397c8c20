"""Land in three states by hand: held, free, and to be cut again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geoplan.allocate.kept import Kept
from tests.allocate.tables import NORMS, around, units, utilities


def kept(
    portfolio: pd.DataFrame,
    homes: dict[str, float],
    free_ha: list[float],
    *,
    again: dict[float, tuple[str, ...]] | None = None,
    near: list[tuple[int, int, float]] | None = None,
    given: pd.DataFrame | None = None,
    apart_m: float = 100.0,
    **facts: Any,
) -> Kept:
    """Some hold plots of so many hectares; then come free units, then those to be cut again.

    Parameters
    ----------
    portfolio : DataFrame
    homes : dict of str to float
        Who holds how much.
    free_ha : list of float
    again : dict of float to tuple of str, optional
        Areas of units to be cut again, and who would share each.
    near, given, apart_m, **facts
        As in :mod:`tests.allocate.tables`, units counted in the order above.
    """
    again = again or {}
    area = [*homes.values(), *free_ha, *again]
    count = len(area)
    table = units(count, area_ha=area, **{k: v for k, v in facts.items() if k != "kept_by"})
    holders = [*homes, *[None] * (count - len(homes))]
    names = table["unit_id"]
    table = table.assign(
        kept_by=pd.Series(holders, dtype=object), on_market=True, market="for sale", place=names
    )
    row = {name: number for number, name in enumerate(portfolio["project_id"])}
    home = np.full(len(portfolio), -1, dtype=np.intp)
    for unit, name in enumerate(homes):
        home[row[name]] = unit
    first = len(homes) + len(free_ha)
    return Kept(
        portfolio,
        table,
        around(count, near, **facts),
        utilities() if given is None else given,
        NORMS,
        apart_m,
        home,
        {first + i: tuple(row[n] for n in names) for i, names in enumerate(again.values())},
    )
