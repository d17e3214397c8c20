"""Flows as the map draws them: the heaviest, as lines whose width tells tonnes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geoplan.haulage import straight_lines
from geoplan.plan import PlanLayers
from geoplan.publish.map.features import Drawn
from geoplan.publish.map.tables import Field
from geoplan.publish.map.words import N_

LINES_MAX = 90
"""Pairs of ends that are drawn, those with most tonnes: more would hide each other."""
COMMODITIES = 5
"""Commodities that have a colour of their own, those with most tonnes; all others share one."""
WIDTHS = 4
"""Steps of width; each stands for twice the tonnes of the one before."""


def flow_features(plan: PlanLayers) -> Drawn:
    """Draw what goes between two ends, both ways together, in the colour of most of it.

    ``look`` is the rank of its main commodity, a hyphen and the step of its width.
    """
    flows = heaviest(plan.flows)
    ranked = (
        plan.flows.groupby("commodity")["t_year"].sum().sort_values(ascending=False, kind="stable")
    )
    rank = {name: row for row, name in enumerate(ranked.index[:COMMODITIES])}
    colour = flows["commodity"].map(rank).fillna(COMMODITIES).astype(int).astype(str)
    tonnes = np.maximum(flows["t_year"].to_numpy(dtype=float), 1.0)
    step = np.floor(np.log2(tonnes / tonnes.max(initial=1.0)))
    width = np.clip(step + WIDTHS, 0, WIDTHS - 1).astype(int).astype(str)
    table = pd.DataFrame(
        {
            "look": colour.to_numpy(dtype=object) + "-" + width.astype(object),
            "noun": N_("Flow"),
            "subject": flows["from_id"] + " – " + flows["to_id"],
            "label": None,
            "commodity": flows["commodity"],
            "t_year": flows["t_year"],
            "km": flows["km"],
            "from_year": flows["from_year"],
            "to_year": flows["to_year"],
        }
    )
    lines = straight_lines(flows, plan.plots, plan.gates)
    fields = (
        Field("commodity", ""),
        Field("t_year", N_("Tonnes"), N_("t a year")),
        Field("km", N_("Way"), N_("km"), 2),
        Field("from_year", N_("From year"), grouped=False),
        Field("to_year", N_("Until year"), grouped=False),
    )
    return Drawn(gpd.GeoDataFrame(table, geometry=lines), fields)


def heaviest(flows: pd.DataFrame) -> pd.DataFrame:
    """Join flows between the same two ends, and keep those with most tonnes, widest last.

    Parameters
    ----------
    flows : DataFrame
        Columns :data:`geoplan.haulage.HAUL_COLUMNS`.

    Returns
    -------
    DataFrame
        One row a pair of ends and years; ``commodity`` is that of most of the tonnes.
    """
    ends = flows[["from_id", "to_id"]].astype("str").to_numpy(dtype=object)
    ordered = np.sort(ends.astype(str), axis=1)
    keys = ["one", "other", "from_year", "to_year"]
    table = flows.assign(one=ordered[:, 0], other=ordered[:, 1])
    same = table.groupby([*keys, "commodity"], dropna=False)
    table["both_ways"] = same["t_year"].transform("sum")
    table = table.sort_values(
        ["one", "other", "both_ways", "commodity", "t_year"],
        ascending=[True, True, False, True, False],
        kind="stable",
    )
    groups = table.groupby(keys, sort=True, dropna=False)
    joined = groups.agg(
        from_id=("from_id", "first"),
        to_id=("to_id", "first"),
        commodity=("commodity", "first"),
        t_year=("t_year", "sum"),
        km=("km", "first"),
    ).reset_index()
    some = joined.sort_values(
        ["t_year", "one", "other"], ascending=[False, True, True], kind="stable"
    )
    return some.head(LINES_MAX).iloc[::-1].reset_index(drop=True)
