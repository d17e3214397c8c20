"""Given plots in memory: squares along streets, and the allocation on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geoplan.allocate.pose import Posed, pose
from geoplan.allocate.problem import Assignment
from geoplan.allocate.solve import solve
from geoplan.config import AllocateSettings, Scenario, SiteSettings, SubdivideSettings
from geoplan.proposals import proposals
from geoplan.site import Site
from geoplan.site.checks import locks_of
from geoplan.site.surroundings import surroundings
from geoplan.subdivide.regroup import regrouped, relocked
from geoplan.subdivide.stage import take_over
from geoplan.subdivide.strips import whole_plots

CRS = pyproj.CRS("EPSG:32642")
EAST, NORTH = 672_000.0, 5_677_000.0
TEXT = pd.Series([], dtype="str")


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """A rectangle, in metres from a corner near Astana."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def cadastre(shapes: Mapping[str, Any], **columns: Any) -> gpd.GeoDataFrame:
    """Plots by id, free and for sale where nothing else is said (as mappings of id to value)."""
    usual: dict[str, tuple[Any, str]] = {
        "market": ("for sale", "str"),
        "occupation": ("vacant", "str"),
        "servicing": (None, "str"),
        "project_id": (None, "str"),
        "area_declared_ha": (np.nan, "float64"),
        "cadastral_number": (None, "str"),
        "price_mln_kzt": (np.nan, "float64"),
    }
    table = pd.DataFrame({"plot_id": pd.Series(list(shapes), dtype="str")})
    for name, (default, dtype) in usual.items():
        told = columns.get(name, {})
        table[name] = pd.Series([told.get(i, default) for i in shapes], dtype=dtype)
    return gpd.GeoDataFrame(table, geometry=list(shapes.values()), crs=CRS)


def zone_layer(shapes: Sequence[Any], **columns: Any) -> gpd.GeoDataFrame:
    usual = {
        "zone_id": pd.Series([f"Z{i + 1}" for i in range(len(shapes))], dtype="str"),
        "use": "production",
        "hazard_max": pd.Series([None] * len(shapes), dtype="Int64"),
        "available_year": pd.Series([None] * len(shapes), dtype="Int64"),
        "price_mln_kzt_ha": np.nan,
    }
    return gpd.GeoDataFrame(usual | columns, geometry=list(shapes), crs=CRS)


def _layer(**columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[], crs=CRS)


def site_of(
    plots: gpd.GeoDataFrame,
    projects: pd.DataFrame,
    *,
    streets: Sequence[Any],
    zones: gpd.GeoDataFrame | None = None,
    utilities: Sequence[tuple[str, str, float]] = (),
) -> Site:
    """A site with streets 20 m wide and nothing else on it; one zone unless others are given."""
    whole = shapely.buffer(shapely.union_all(plots.geometry.array), 50, join_style="mitre")
    sources = pd.DataFrame(list(utilities), columns=["utility_id", "kind", "capacity"])
    return Site(
        name="Given",
        notice="",
        year=2026,
        crs=CRS,
        zones=zone_layer([shapely.envelope(whole)]) if zones is None else zones,
        exclusions=_layer(exclusion_id=TEXT, crossable=pd.Series([], dtype=bool)),
        gates=_layer(gate_id=TEXT, kind=TEXT, row_m=pd.Series([], dtype=float)),
        utilities=gpd.GeoDataFrame(
            sources.assign(available_year=pd.Series([None] * len(sources), dtype="Int64")),
            geometry=[None] * len(sources),
            crs=CRS,
        ),
        receptors=_layer(receptor_id=TEXT, kind=TEXT, distance_m=pd.Series([], dtype=float)),
        roads=gpd.GeoDataFrame(
            {"class": ["local"] * len(streets), "row_m": 20.0}, geometry=list(streets), crs=CRS
        ),
        sidings=_layer(siding_id=TEXT, row_m=pd.Series([], dtype=float), gate_id=TEXT),
        plots=plots,
        projects=projects,
        findings=(),
        inputs={},
    )


def street(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in xy])


def scenario_of(**subdivide: Any) -> Scenario:
    """Settings of mode given; the best allocation is sought to the end."""
    return Scenario(
        site=SiteSettings(crs="EPSG:32642", zones="zones.gpkg", plots="plots.gpkg"),
        subdivide=SubdivideSettings(mode="given", **subdivide),
        allocate=AllocateSettings(gap=0.0),
    )


@dataclass(frozen=True)
class Planned:
    """An allocation with all that proposals need; `given` is the site before any regrouping."""

    given: Site
    site: Site
    scenario: Scenario
    units: gpd.GeoDataFrame
    street_land: Any
    posed: Posed
    assignment: Assignment

    @property
    def value(self) -> float:
        """Investment of those placed, bn KZT."""
        invests = self.site.projects["invest_bn_kzt"].to_numpy(dtype=float)
        return float(invests[self.assignment.unit >= 0].sum())

    def homes(self) -> dict[str, str]:
        """Plot of each project that has one."""
        ids = self.site.projects["project_id"]
        names = self.units["unit_id"]
        return {ids[p]: names[u] for p, u in enumerate(self.assignment.unit) if u >= 0}

    def proposals(self) -> gpd.GeoDataFrame:
        return proposals(
            self.site,
            self.scenario,
            self.units,
            self.street_land,
            self.posed,
            self.assignment,
        )


def planned(site: Site, scenario: Scenario) -> Planned:
    """Allocate projects to given plots, what the scenario accepts first; one plot a lock."""
    settings = scenario.subdivide
    laid_out = take_over(site.zones, site.exclusions, site.gates, site.roads, site.plots, settings)
    locks = locks_of(site.projects, site.plots)
    network = laid_out.street_land
    plots = regrouped(site.plots, site.zones, network, settings, locks=locks)
    given, site = site, replace(site, plots=plots, projects=relocked(site.projects, settings))
    units = whole_plots(plots, site.zones, network).table
    units = units.rename(columns={"strip_id": "unit_id"})
    holder = {plot: names[0] for plot, names in locks_of(site.projects, plots).items()}
    market = units["unit_id"].map(plots.set_index("plot_id")["market"])
    units = units.assign(
        kept_by=units["unit_id"].map(holder).astype(object),
        on_market=market == "for sale",
        divisible=False,
    )
    norms, apart_m = scenario.norm_profile, scenario.allocate.apart_m
    around = surroundings(
        site,
        units,
        spz_distance_m=dict(enumerate(norms.spz.distance_m, start=1)),
        rail_reach_m=scenario.allocate.rail_reach_m,
        reach_m=max(*norms.spz.distance_m, apart_m),
    )
    table = pd.DataFrame(units.drop(columns="geometry"))
    utilities = pd.DataFrame(site.utilities.drop(columns="geometry"))
    posed = pose(site.projects, table, around, utilities, norms, apart_m=apart_m)
    solution = solve(posed.problem, scenario.allocate, fixed=posed.fixed)
    return Planned(given, site, scenario, units, network, posed, solution.assignment)
