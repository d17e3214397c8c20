"""The plan's data: what the stages hand to the audit and to the publishers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from geoplan.allocate.margins import no_margins
from geoplan.allocate.misses import no_reasons
from geoplan.allocate.remedies import no_remedies
from geoplan.haulage import no_hauls
from geoplan.site.findings import FINDING_COLUMNS as FINDING_COLUMNS

PLOT_COLUMNS = (
    "plot_id",
    "zone_id",
    "block_id",
    "strip_id",
    "use",
    "area_ha",
    "frontage_m",
    "depth_m",
    "rectangularity",
    "corner",
    "gate_distance_m",
    "market",
    "occupation",
    "servicing",
    "available_year",
    "project_id",
    "asked_ha",
)
STATED_COLUMNS = ("cadastral_number", "price_mln_kzt")
"""Columns that ``plots`` has besides :data:`PLOT_COLUMNS` where the inputs state any."""
LAND_COLUMNS = ("land_id", "kind", "zone_id", "area_ha")
STREET_COLUMNS = ("street_id", "class", "row_m", "length_m")
STRIP_COLUMNS = (
    "strip_id",
    "block_id",
    "zone_id",
    "use",
    "area_ha",
    "depth_m",
    "front_m",
    "plot_area_min_ha",
    "plot_area_max_ha",
    "direction_rad",
    "origin_e_m",
    "origin_n_m",
    "street_class",
)
ALLOCATION_COLUMNS = (
    "project_id",
    "status",
    "plot_ids",
    "area_ha",
    "zone_id",
    "reason",
    "waiting",
)
PROPOSAL_COLUMNS = (
    "proposal_id",
    "kind",
    "plot_ids",
    "new_plot_ids",
    "project_ids",
    "areas_ha",
    "setting",
    "remark",
)
CHANGE_COLUMNS = ("subject", "id", "change", "from", "to", "why")
YEARS_OF_ALLOCATION = ("start_year", "waits_for")
"""Columns that ``allocation`` has besides where infrastructure or windows of years are given."""
BALANCE_COLUMNS = ("zone_id", "kind", "area_ha", "share", "norm_min", "norm_max", "ok")


def no_changes() -> pd.DataFrame:
    """Return the change log of a plan that was made afresh."""
    return pd.DataFrame({name: [] for name in CHANGE_COLUMNS}, dtype="str")


def no_proposals(crs: Any) -> gpd.GeoDataFrame:
    """Return the proposals of a plan whose plots are not given, or where all are placed."""
    return gpd.GeoDataFrame(columns=list(PROPOSAL_COLUMNS), geometry=[], crs=crs, dtype="str")


SIDING_COLUMNS = ("siding_id", "row_m", "gate_id", "crossable", "length_m")


def no_sidings() -> gpd.GeoDataFrame:
    """Return the sidings of a plan that has none."""
    return gpd.GeoDataFrame({name: [] for name in SIDING_COLUMNS}, geometry=[])


@dataclass(frozen=True, eq=False)
class PlanLayers:
    """Layers and tables of one plan; geometry in the working CRS, in metres.

    Attributes
    ----------
    name, notice : str
        The park's name and what must be said with it (for instance that data are schematic).
    zones, exclusions, gates, utilities, receptors : GeoDataFrame
        What was given, after repair; exclusions with their buffers applied.
    streets : GeoDataFrame
        Centrelines, columns :data:`STREET_COLUMNS`; ``row_m`` is the right of way.
    strips : GeoDataFrame
        What plots are cut from, columns :data:`STRIP_COLUMNS`: each outline is that of the
        strip's plots together. Cuts run across ``direction_rad`` (of the street, counter-clockwise
        from east); the strip's frame begins at ``origin_e_m``, ``origin_n_m``.
        ``street_class`` is the best class of street that runs along all of its front.
    land : GeoDataFrame
        Partition of the zones, columns :data:`LAND_COLUMNS`.
    plots : GeoDataFrame
        Columns :data:`PLOT_COLUMNS`; ``project_id`` is null when the plot is free, and
        ``asked_ha`` is the need that a free plot was cut for, where it was cut for one. Where the
        inputs state any, :data:`STATED_COLUMNS` too; a price is that of a plot on offer.
    projects : DataFrame
        The portfolio as read.
    allocation : DataFrame
        One row a project, columns :data:`ALLOCATION_COLUMNS`; ``waiting`` ranks, from 1, those
        without a plot in the order in which they are offered land (the greatest priority first,
        then investment, jobs, the id), and is null for all others.
    capacities : DataFrame
        One row a utility: ``utility_id, kind, capacity, used, free``.
    balance : DataFrame
        Columns :data:`BALANCE_COLUMNS`; ``zone_id`` is ``all`` for the whole park.
    proposals : GeoDataFrame
        Given plots to merge or split for those who have none, columns
        :data:`PROPOSAL_COLUMNS`; see :func:`geoplan.proposals.proposals`.
    findings : GeoDataFrame
        Columns :data:`FINDING_COLUMNS`; geometry may be null.
    spz_distance_m : mapping of int to float
        Distance of each hazard class (1-5) to receptors.
    manifest : mapping
        Inputs, settings, versions, solver status, objective, bound, gap and stage seconds.
    reasons, remedies, margins : DataFrame
        What bars those who have no plot, the least changes that would place each, and what more
        of a scarce capacity is worth; see :class:`geoplan.advice.Advice`.
    sidings : GeoDataFrame
        Railway sidings as they are laid, in straights and arcs, columns :data:`SIDING_COLUMNS`;
        their right of way is among the exclusions.
    changes : DataFrame
        What differs from the earlier plan that this one was made from, columns
        :data:`CHANGE_COLUMNS`; empty where it was planned afresh.
    flows : DataFrame
        What those placed and the gates send each other, columns
        :data:`geoplan.haulage.HAUL_COLUMNS`: tonnes a year, and ``km`` along the streets from
        plot to plot, null where there is no way; empty where nobody asked for flows.
    phases, phase_capacities, infrastructure : DataFrame
        The plan year by year, see :mod:`geoplan.phases`; without a column where no year is asked
        for by infrastructure, windows or targets.
    forward : DataFrame
        What infrastructure is worth a year earlier, see :mod:`geoplan.forward`; likewise.
    deadlines, offers : DataFrame
        Deadlines of those who hold land, see :mod:`geoplan.deadlines`, and land that withdrawals
        have freed, see :mod:`geoplan.offers`; likewise.
    """

    name: str
    notice: str
    zones: gpd.GeoDataFrame
    exclusions: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    utilities: gpd.GeoDataFrame
    receptors: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    strips: gpd.GeoDataFrame
    land: gpd.GeoDataFrame
    plots: gpd.GeoDataFrame
    projects: pd.DataFrame
    allocation: pd.DataFrame
    capacities: pd.DataFrame
    balance: pd.DataFrame
    proposals: gpd.GeoDataFrame
    findings: gpd.GeoDataFrame
    spz_distance_m: Mapping[int, float]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    sidings: gpd.GeoDataFrame = field(default_factory=no_sidings)
    changes: pd.DataFrame = field(default_factory=no_changes)
    reasons: pd.DataFrame = field(default_factory=no_reasons)
    remedies: pd.DataFrame = field(default_factory=no_remedies)
    margins: pd.DataFrame = field(default_factory=no_margins)
    flows: pd.DataFrame = field(default_factory=no_hauls)
    phases: pd.DataFrame = field(default_factory=pd.DataFrame)
    phase_capacities: pd.DataFrame = field(default_factory=pd.DataFrame)
    infrastructure: pd.DataFrame = field(default_factory=pd.DataFrame)
    forward: pd.DataFrame = field(default_factory=pd.DataFrame)
    deadlines: pd.DataFrame = field(default_factory=pd.DataFrame)
    offers: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        """Give sidings the plan's CRS where there are none, and so no CRS of their own."""
        if self.sidings.crs is None and self.zones.crs is not None:
            object.__setattr__(self, "sidings", self.sidings.set_crs(self.zones.crs))

    @property
    def withdrawn(self) -> frozenset[str]:
        """Projects of the portfolio that have withdrawn; nobody, where there is no portfolio."""
        asked = self.projects
        if "status" not in asked:
            return frozenset()
        return frozenset(asked.loc[asked["status"] == "withdrawn", "project_id"])

    @property
    def gone(self) -> frozenset[str]:
        """Projects that have withdrawn and have no plot either: they ask for nothing."""
        if self.allocation.empty:
            return self.withdrawn
        placed = self.allocation["status"] == "placed"
        return self.withdrawn - set(self.allocation.loc[placed, "project_id"])
