"""The type of what is given: all layers of a park and its portfolio, as later stages take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd
import pyproj

from geoplan.site.built import Infrastructure
from geoplan.site.findings import Finding
from geoplan.site.flows import flow_table


@dataclass(frozen=True, eq=False)
class Site:
    """What is given, read, checked and repaired; columns as in :data:`geoplan.site.CONTRACTS`.

    Each layer has a RangeIndex, every column of its contract (null where the file had none),
    and two-dimensional geometry in the working CRS, in metres.

    Attributes
    ----------
    name, notice : str
        The park's name and what must be said with it.
    year : int
        Zones available by then are serviced.
    crs : pyproj.CRS
        The working CRS.
    zones : GeoDataFrame
        Valid (multi)polygons that overlap by no more than
        :data:`geoplan.config.ZONE_OVERLAP_MAX_M2`.
    exclusions : GeoDataFrame
        Valid (multi)polygons with their buffers applied, and the right of way of sidings.
    gates : GeoDataFrame
        (Multi)points and (multi)lines.
    utilities : GeoDataFrame
        (Multi)points, (multi)polygons for a service area, or null where none is given.
    receptors : GeoDataFrame
        Any geometry.
    roads : GeoDataFrame
        (Multi)lines: centrelines of streets that exist.
    sidings : GeoDataFrame
        Lines: straights and arcs; their right of way is among the exclusions.
    plots : GeoDataFrame
        Valid (multi)polygons of the cadastre, with no more overlap than zones.
    projects : DataFrame or None
        The portfolio; None when the scenario has none.
    findings : tuple of Finding
        What was assumed or repaired while reading.
    inputs : mapping of str to str
        Path as the scenario writes it, without a picked layer, or a database's address with
        its table and without a password, to SHA-256 (hexadecimal).
    flows : DataFrame
        What projects and gates send each other, columns :data:`geoplan.site.flows.FLOW_COLUMNS`;
        empty where no scenario asks for it.
    origin : mapping of str to mapping
        Of ``zones`` and ``projects``, the number of the site that each id belongs to; empty
        where there is but one. See :func:`geoplan.site.several.site_of_ids`.
    infrastructure : Infrastructure or None
        What is to be built; zones, utilities and roads are those that it has been applied to,
        see :func:`geoplan.site.infrastructure.in_time`.
    """

    name: str
    notice: str
    year: int
    crs: pyproj.CRS
    zones: gpd.GeoDataFrame
    exclusions: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    utilities: gpd.GeoDataFrame
    receptors: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    sidings: gpd.GeoDataFrame
    plots: gpd.GeoDataFrame
    projects: pd.DataFrame | None
    findings: tuple[Finding, ...]
    inputs: Mapping[str, str]
    flows: pd.DataFrame = field(default_factory=flow_table)
    origin: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    infrastructure: Infrastructure | None = None
