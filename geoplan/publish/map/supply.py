"""What supplies each plot, so that its passport can say what is near and what is free there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoplan.plan import PlanLayers
from geoplan.publish.map.payload import Integers
from geoplan.site.surroundings import serving_each


def supply_of_plots(plan: PlanLayers) -> list[Integers]:
    """Return which utility serves each plot, as the allocator sees it.

    Returns
    -------
    list of ndarray of int, each of shape (plots,)
        For each kind of utility that the park has, rows of the utilities' layer; -1 where none
        of that kind serves a plot.
    """
    shapes = np.asarray(plan.plots.geometry.array, dtype=object)
    rows = pd.Index(plan.utilities["utility_id"])
    return [
        rows.get_indexer(serving_each(shapes, of_kind)).astype(np.int64)
        for _, of_kind in plan.utilities.groupby("kind", sort=False)
    ]
