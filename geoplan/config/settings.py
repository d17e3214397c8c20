"""The settings of a scenario, section by section; every default stands here and nowhere else."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    field_serializer,
    field_validator,
    model_validator,
)

from geoplan.config.files import Files
from geoplan.config.objectives import objective_named
from geoplan.config.words import FIGURE_MAX, merged_id, part_id
from geoplan.database import without_password

Objective = Annotated[str, BeforeValidator(objective_named)]


def no_flag(value: object) -> object:
    """Refuse true and false, which would count as 1 and 0: no setting is a yes or no."""
    if isinstance(value, bool):
        raise ValueError("Input should be no true or false")
    return value


def no_number(value: object) -> object:
    """Refuse numbers, which would count as seconds since 1970."""
    if isinstance(value, int | float):
        raise ValueError("Input should be a day, such as 2026-11-23")
    return value


Positive = Annotated[float, BeforeValidator(no_flag), Field(gt=0, le=FIGURE_MAX)]
NotNegative = Annotated[float, BeforeValidator(no_flag), Field(ge=0, le=FIGURE_MAX)]
Width = Annotated[Positive, Field(ge=1)]
Day = Annotated[date, BeforeValidator(no_number)]
# A file or a table in a database; what is written down of the latter has no password.
Place = Annotated[str, PlainSerializer(without_password)]
_YEAR = re.compile(r"(19|20|21)\d\d")


class Settings(BaseModel):
    """Base of all settings: frozen, and no key that nobody reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_flags(cls, value: object) -> object:
        return no_flag(value)


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
    zones: Files = Field(
        description="layer file; 'file.gpkg|layer' picks a layer,"
        " 'postgresql://user@host/database|schema.table' a table in PostGIS;"
        " a list of files is read as one, here and below"
    )
    exclusions: Files | None = Field(default=None, description="land that cannot be plotted")
    gates: Files | None = Field(default=None, description="where public roads and railways arrive")
    utilities: Files | None = Field(default=None, description="sources with capacities")
    receptors: Files | None = Field(default=None, description="what hazard classes keep away from")
    roads: Files | None = Field(
        default=None, description="centrelines of streets that exist already"
    )
    sidings: Files | None = Field(default=None, description="rough centrelines of railway sidings")
    plots: Files | None = Field(default=None, description="cadastre plots, for mode 'given'")
    infrastructure: Files | None = Field(
        default=None, description="what is to be built, when, and what it serves"
    )
    as_of: Day | None = Field(
        default=None, description="day on which deadlines are looked at; none: they are not"
    )


class PortfolioSettings(Settings):
    """``[portfolio]``: who asks for land."""

    projects: Files = Field(
        description="csv, xlsx, ods, json, parquet or a table in a GeoPackage or a database;"
        " or a list of them, one for each file of zones where several sites make one plan"
    )
    flows: Place | None = Field(
        default=None,
        description="table of what goes from where to where; 'by-sector': as the norm profile has "
        "it for each sector, which objective 'transport' takes where none is named",
    )


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
    street_main_m: Width = Field(default=30.0, description="right of way of main streets")
    street_collector_m: Width = Field(default=24.0, description="right of way of collectors")
    street_local_m: Width = Field(default=20.0, description="right of way of local streets")
    block_length_max_m: Positive = Field(default=600.0, description="a cross street after as much")
    corner_splay_m: NotNegative = Field(
        default=6.0, description="legs of the splay at each street corner; 0: none"
    )
    dead_end_max_m: Positive = Field(
        default=150.0, description="a longer dead end has a place to turn"
    )
    turning_place_m: Width = Field(
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
        default=0.001, ge=1e-6, le=1.0, description="grid that all corners of the plan lie on"
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
    def rows_m(self) -> dict[str, float]:
        """Right of way of new streets by class."""
        return {
            "main": self.street_main_m,
            "collector": self.street_collector_m,
            "local": self.street_local_m,
        }

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
    time_limit_s: float = Field(
        default=30.0, gt=0, description="a last resort; work_limit stops runs alike"
    )
    work_limit: int = Field(
        default=2_000, ge=1, description="branch-and-bound nodes for each objective"
    )
    gap: NotNegative = Field(
        default=0.005, description="relative distance to the bound that is enough"
    )
    seed: int = Field(default=1, ge=0)
    rail_reach_m: NotNegative = Field(
        default=500.0, description="land this near a rail gate or a siding has rail"
    )
    apart_m: NotNegative = Field(
        default=100.0, description="distance of projects that ask to stand apart"
    )
    near_m: NotNegative = Field(
        default=300.0, description="distance up to which a wish to stand near is kept"
    )
    move_price_bn_kzt: float = Field(
        default=1.0,
        ge=0,
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

    @model_validator(mode="after")
    def _transport_of_somebody(self) -> AllocateSettings:
        if self.objective[0] == "transport":
            raise ValueError(
                "transport cannot come first in objective, for least is sent where nobody is "
                "placed; put investment, jobs, priority or projects before it"
            )
        return self


class TargetSettings(Settings):
    """``[targets]``: the capital that is to come, year by year."""

    kzt_per_usd: Positive | None = Field(
        default=None, description="rate at which KZT are told in USD; none: they are not"
    )
    inflow_bn_usd: dict[int, NotNegative] = Field(
        default={}, description="capital that is to come in each year, bn USD"
    )
    build_years: int = Field(
        default=2,
        ge=1,
        le=30,
        description="years over which a project's capital is spread evenly, from its start; "
        "a project's own build_years comes first",
    )

    @field_validator("inflow_bn_usd", mode="before")
    @classmethod
    def _years(cls, inflow: object) -> object:
        if isinstance(inflow, dict):
            wrong = [str(key) for key in inflow if not _YEAR.fullmatch(str(key))]
            if wrong:
                raise ValueError(f"years have four digits, and these have not: {', '.join(wrong)}")
        return inflow

    @model_validator(mode="after")
    def _rated(self) -> TargetSettings:
        if self.inflow_bn_usd and self.kzt_per_usd is None:
            raise ValueError("inflow_bn_usd is in USD: state the rate as kzt_per_usd, too")
        return self


class NormSettings(Settings):
    """``[norms]``: which norm profile the plan is held against."""

    profile: str = Field(
        default="kz-industrial", description="name of a shipped profile, or path of a TOML file"
    )
