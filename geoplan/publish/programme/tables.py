"""The programme's data: what planning many parks hands to those who publish it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

PARK_COLUMNS = (
    "park_id",
    "name",
    "region",
    "crs",
    "available_year",
    "gross_ha",
    "plots",
    "plots_ha",
    "plots_free",
    "free_ha",
    "projects",
    "invest_bn_kzt",
    "jobs",
    "errors",
)
PROJECT_COLUMNS = (
    "project_id",
    "name",
    "sector",
    "use",
    "regions",
    "area_asked_ha",
    "invest_bn_kzt",
    "jobs",
    "start_year",
    "priority",
    "project_status",
    "status",
    "park_id",
    "region",
    "plot_ids",
    "area_ha",
    "round",
    "reason",
    "waiting",
)
YEAR_COLUMNS = (
    "year",
    "target_bn_usd",
    "planned_bn_kzt",
    "planned_bn_usd",
    "asked_bn_kzt",
    "asked_bn_usd",
    "projects_started",
)
GROUP_COLUMNS = (
    "projects",
    "placed",
    "asked_bn_kzt",
    "placed_bn_kzt",
    "area_asked_ha",
    "area_ha",
    "jobs_asked",
    "jobs",
)
CAPACITY_COLUMNS = ("park_id", "kind", "capacity", "used", "free")
LACK_COLUMNS = (
    "region",
    "kind",
    "amount",
    "unit",
    "park_id",
    "projects",
    "project_ids",
    "invest_bn_kzt",
)
ROUND_COLUMNS = ("round", "parks_planned", "offered", "placed", "value")
ZONE_COLUMNS = ("park_id", "zone_id", "use", "area_ha")
PLOT_COLUMNS = ("park_id", "plot_id", "zone_id", "use", "area_ha", "market", "project_id")


@dataclass(frozen=True, eq=False)
class ProgrammeTables:
    """What a programme came to; layers in WGS 84 (EPSG:4326), longitude first.

    Attributes
    ----------
    name, notice : str
        The programme's name, and what must be said with it (for instance that data are
        schematic).
    kzt_per_usd : float
        Rate of exchange that all amounts in USD are stated at; NaN where none is told, and so are
        they.
    build_years : int
        A project invests in equal parts over so many years from its ``start_year``.
    parks : GeoDataFrame
        Points, one a park in the order of the file: :data:`PARK_COLUMNS`. ``gross_ha`` is its
        zones' area, ``plots_free`` and ``free_ha`` what nobody has taken, ``errors`` what its
        audit found; ``available_year`` may be null.
    projects : DataFrame
        One row a project in the portfolio's order: :data:`PROJECT_COLUMNS`. ``status`` is
        ``placed`` or ``unplaced`` (``project_status`` is the portfolio's: application, review ...),
        ``regions`` what it names itself, ``region`` and ``park_id`` where it stands (empty text if
        it does not), ``plot_ids`` joined by ``;``, ``round`` the round that placed it (0: none),
        ``waiting`` the rank among those who wait, null for all others.
    years : DataFrame
        One row a year: :data:`YEAR_COLUMNS`. Capital inflow: the target (null where a year has
        none), that of those placed, and that of everybody who asks; ``projects_started`` counts
        those placed.
    sectors, regions : DataFrame
        ``sector`` (empty text: none told) or ``region``, then :data:`GROUP_COLUMNS`. A region's
        ``projects`` are those that name it or stand in it; its ``placed`` ones stand in it, and
        ``parks`` counts its parks. Who has withdrawn is in none of these sums.
    capacities : DataFrame
        One row a park and kind of utility: :data:`CAPACITY_COLUMNS`, in the kind's own unit.
    lacks : DataFrame
        What is missing and what would close the gap, the greatest investment first:
        :data:`LACK_COLUMNS`. ``kind`` is a utility's, ``land_ha``, or ``fit`` where land and
        utilities would do but no strip takes the project; ``region`` is empty text for those who
        would go anywhere. ``amount`` (in ``unit``) is what all who wait for it lack together,
        beyond what is free, in the park where it is the least: ``park_id``.
    rounds : DataFrame
        One row a round: :data:`ROUND_COLUMNS`; ``placed`` and ``value`` at its end.
    zones : GeoDataFrame
        Outlines: :data:`ZONE_COLUMNS`.
    plots : GeoDataFrame
        :data:`PLOT_COLUMNS`; ``project_id`` is null where a plot is free.
    manifest : mapping
        ``objective`` (its name), ``value``, ``bound`` (no plan of the programme is worth more),
        ``gap`` ((bound - value) / bound), ``inputs``, ``settings``, ``versions``, ``seed``.
    """

    name: str
    notice: str
    kzt_per_usd: float
    build_years: int
    parks: gpd.GeoDataFrame
    projects: pd.DataFrame
    years: pd.DataFrame
    sectors: pd.DataFrame
    regions: pd.DataFrame
    capacities: pd.DataFrame
    lacks: pd.DataFrame
    rounds: pd.DataFrame
    zones: gpd.GeoDataFrame
    plots: gpd.GeoDataFrame
    manifest: Mapping[str, Any] = field(default_factory=dict)
