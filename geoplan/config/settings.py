"""The settings of a scenario, section by section; every default stands here and nowhere else."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_serializer,
    model_validator,
)

from geoplan.config.objectives import objective_named
from geoplan.config.words import merged_id, part_id

Objective = Annotated[str, BeforeValidator(objective_named)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


class Settings(BaseModel):
    """Base of all settings: frozen, and no key that nobody reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteSettings(Settings):
    """``[site]``: what is given."""

    name: str = Field(default="Unnamed park", description="shown on the map and in the report")
    notice: str = Field(
        default="", description="shown with the name, e.g. that the data are schematic"
    )
    crs: str = Field(description="working CRS: EPSG code, WKT or PROJ text; metric")
    year: int = Field(
        default=2026, ge=1900, le=2200, description="zones available by then are serviced"
    )
    zones: str = Field(description="layer file; 'file.gpkg|layer' picks a layer")
    exclusions: str | None = Field(default=None, description="land that cannot be plotted")
    gates: str | None = Field(default=None, description="where public roads and railways arrive")
    utilities: str | None = Field(default=None, description="sources with capacities")
    receptors: str | None = Field(default=None, description="what hazard classes keep away from")
    roads: str | None = Field(default=None, description="centrelines of streets that exist already")
    plots: str | None = Field(default=None, description="cadastre plots, for mode 'given'")


class PortfolioSettings(Settings):
    """``[portfolio]``: who asks for land."""

    projects: str = Field(description="csv, xlsx, ods, json, parquet or a table in a GeoPackage")


class SubdivideSettings(Settings):
    """``[subdivide]``: how land becomes streets, strips and plots."""

    mode: Literal["to-measure", "grid", "given"] = Field(
        default="to-measure",
        description="to-measure: the portfolio decides; grid: equal plots; given: cadastre plots",
    )
    plotted_uses: tuple[str, ...] = Field(
        default=("production", "logistics"), description="zone uses that are cut into plots"
    )
    plot_min_ha: Positive = Field(default=0.3, description="no plot is smaller")
    frontage_min_m: Positive = Field(
        default=30.0, description="every plot has as much street in front"
    )
    depth_to_frontage_max: Positive = Field(
        default=3.0, description="no plot is narrower for its depth"
    )
    frontage_to_depth_max: Positive = Field(
        default=4.0, description="no plot is shallower for its front"
    )
    street_main_m: Positive = Field(default=30.0, description="right of way of main streets")
    street_collector_m: Positive = Field(default=24.0, description="right of way of collectors")
    street_local_m: Positive = Field(default=20.0, description="right of way of local streets")
    block_length_max_m: Positive = Field(default=600.0, description="a cross street after as much")
    corner_splay_m: NotNegative = Field(
        default=6.0, description="legs of the splay at each street corner; 0: none"
    )
    dead_end_max_m: Positive = Field(
        default=150.0, description="a longer dead end has a place to turn"
    )
    turning_place_m: Positive = Field(
        default=25.0, description="side of the square at the end of a long dead end"
    )
    axis_deg: Annotated[float, Field(ge=0, lt=180)] | None = Field(
        default=None,
        description="bearing of the plots' streets, degrees clockwise from north below 180; "
        "none: found from the land itself",
    )
    street_main_cost_mln_kzt_km: NotNegative | None = Field(
        default=None, description="cost of main streets; none: not reported"
    )
    street_collector_cost_mln_kzt_km: NotNegative | None = Field(
        default=None, description="cost of collectors; none: not reported"
    )
    street_local_cost_mln_kzt_km: NotNegative | None = Field(
        default=None, description="cost of local streets; none: not reported"
    )
    market_plot_ha: Positive = Field(
        default=1.0, description="wanted size of plots nobody has asked for"
    )
    remainder: Literal["market", "last", "spread"] = Field(
        default="market",
        description="what equal plots leave of a strip: a plot of its own, the last one's, all's",
    )
    precision_m: Positive = Field(
        default=0.001, description="grid that all corners of the plan lie on"
    )
    layouts_max: int = Field(default=400, ge=1, description="layouts tried for each zone at most")
    merge_plots: tuple[tuple[str, ...], ...] = Field(
        default=(), description="mode 'given': groups of plot ids that become one plot each"
    )
    split_plots: dict[str, tuple[Positive, ...]] = Field(
        default={}, description="mode 'given': plot id = areas to cut from it, ha; a rest is a plot"
    )
    merge_plots_max: int = Field(
        default=1, ge=1, le=6, description="mode 'given': neighbours that a proposal may merge"
    )

    @property
    def new_plot_ids(self) -> frozenset[str]:
        """Names of the plots that ``merge_plots`` and ``split_plots`` make, a rest's included."""
        merged = [merged_id(group) for group in self.merge_plots]
        parts = [
            part_id(plot_id, number)
            for plot_id, areas_ha in self.split_plots.items()
            for number in range(1, len(areas_ha) + 2)
        ]
        return frozenset([*merged, *parts])

    @model_validator(mode="after")
    def _proportions(self) -> SubdivideSettings:
        if self.depth_to_frontage_max * self.frontage_to_depth_max < 1:
            raise ValueError(
                "depth_to_frontage_max x frontage_to_depth_max is below 1, so no plot fits both"
            )
        return self


class AllocateSettings(Settings):
    """``[allocate]``: what the best allocation is, and when to stop looking for it."""

    objective: tuple[Objective, ...] = Field(
        default=("investment", "near", "area_fit"),
        description="lexicographic, first matters most; near counts only where wishes are stated; "
        "'investment + 0.002 jobs' weighs several in one",
    )
    time_limit_s: Positive = Field(
        default=30.0, description="a last resort; work_limit stops runs alike"
    )
    work_limit: int = Field(
        default=2_000, ge=1, description="branch-and-bound nodes for each objective"
    )
    gap: NotNegative = Field(
        default=0.005, description="relative distance to the bound that is enough"
    )
    seed: int = Field(default=1, ge=0)
    rail_reach_m: NotNegative = Field(
        default=500.0, description="land this near a rail gate has rail"
    )
    apart_m: NotNegative = Field(
        default=100.0, description="distance of projects that ask to stand apart"
    )
    near_m: NotNegative = Field(
        default=300.0, description="distance up to which a wish to stand near is kept"
    )
    move_price_bn_kzt: NotNegative = Field(
        default=1.0,
        description="planning again: what moving somebody must gain, in the unit of the first "
        "objective (bn KZT; jobs, points or ha for the others); inf: nobody ever moves",
    )

    @field_serializer("move_price_bn_kzt", when_used="json")
    def _writable(self, price: float) -> float | str:
        return price if math.isfinite(price) else "inf"  # JSON has no infinity

    @model_validator(mode="after")
    def _no_repeats(self) -> AllocateSettings:
        if not self.objective or len(set(self.objective)) != len(self.objective):
            raise ValueError("objective names each aim once and at least one")
        return self


class TargetSettings(Settings):
    """``[targets]``: what is to come in, and at which rate of exchange."""

    kzt_per_usd: Positive = Field(default=520.0, description="rate that amounts in USD are told at")
    inflow_bn_usd: dict[Annotated[int, Field(ge=1900, le=2200)], NotNegative] = Field(
        default={}, description="capital inflow wanted in each year, bn USD: { 2026 = 25.0 }"
    )
    build_years: int = Field(
        default=2, ge=1, le=20, description="a project invests evenly over as many years"
    )


class NormSettings(Settings):
    """``[norms]``: which norm profile the plan is held against."""

    profile: str = Field(
        default="kz-industrial", description="name of a shipped profile, or path of a TOML file"
    )
