"""What is to be built in a park, beside its layers."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd


@dataclass(frozen=True, eq=False)
class Infrastructure:
    """What is to be built, and what waits for it, as it was given.

    Attributes
    ----------
    table : DataFrame
        The contract's columns, and ``effective_year``: its own year, or the latest of what it
        depends on.
    zones, utilities, roads : GeoDataFrame
        Layers with the years and capacities of their own.
    """

    table: pd.DataFrame
    zones: gpd.GeoDataFrame
    utilities: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
