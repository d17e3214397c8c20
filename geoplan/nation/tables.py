"""The programme's tables: what its parks' plans come to together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geoplan.allocate.rules import column
from geoplan.nation.reasons import Lack, reason_of
from geoplan.nation.rounds import Standing
from geoplan.pipeline import Plan
from geoplan.publish.programme.tables import (
    CAPACITY_COLUMNS,
    GROUP_COLUMNS,
    PARK_COLUMNS,
    PLOT_COLUMNS,
    PROJECT_COLUMNS,
    ROUND_COLUMNS,
    YEAR_COLUMNS,
    ZONE_COLUMNS,
)
from geoplan.site.national import Nation, Park
from geoplan.site.schema import ID_SEPARATOR
from geoplan.tables import waiting_ranks
from geoplan.units import M2_PER_HA

WGS84 = "EPSG:4326"
BN_DIGITS = 9


def park_table(nation: Nation, standing: Standing) -> gpd.GeoDataFrame:
    """Describe each park with its plan."""
    rows = [_park_row(nation, standing, *each) for each in enumerate(standing.made)]
    lon, lat = ([getattr(park, name) for park in nation.parks] for name in ("lon", "lat"))
    places = gpd.points_from_xy(lon, lat, crs=WGS84)
    table = gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(PARK_COLUMNS)), geometry=places)
    return table.astype({"available_year": "Int64"})


def _park_row(nation: Nation, standing: Standing, number: int, plan: Plan) -> dict[str, Any]:
    park = nation.parks[number]
    free = plan.plots["project_id"].isna()
    mine = nation.projects[standing.home == number]
    return {
        "park_id": park.park_id,
        "name": park.name,
        "region": park.region,
        "crs": park.scenario.site.crs,
        "available_year": park.available_year,
        "gross_ha": float(park.site.zones.area.sum()) / M2_PER_HA,
        "plots": len(plan.plots),
        "plots_ha": float(plan.plots["area_ha"].sum()),
        "plots_free": int(free.sum()),
        "free_ha": float(plan.plots.loc[free, "area_ha"].sum()),
        "projects": len(mine),
        "invest_bn_kzt": float(mine["invest_bn_kzt"].sum()),
        "jobs": int(mine["jobs"].sum()),
        "errors": int((plan.findings["severity"] == "error").sum()),
    }


def project_table(
    nation: Nation, standing: Standing, lacks: Mapping[int, list[Lack]]
) -> pd.DataFrame:
    """Say for each project where it stands, or why it does not."""
    asked = nation.projects
    placed = standing.home >= 0
    stands = _decided(nation, standing)
    home = [nation.parks[park] if park >= 0 else None for park in standing.home.tolist()]
    texts = asked[["regions", "park_ids", "status"]].to_dict("records")
    reasons = [
        "" if placed[row] else reason_of(nation, lacks[row], {str(k): v for k, v in text.items()})
        for row, text in enumerate(texts)
    ]
    table = asked.assign(
        regions=asked["regions"].fillna(""),
        area_asked_ha=asked["area_ha"],
        start_year=_start_year(asked["start_year"], stands["start_year"]),
        project_status=asked["status"],
        status=np.where(placed, "placed", "unplaced"),
        park_id=["" if park is None else park.park_id for park in home],
        region=["" if park is None else park.region for park in home],
        plot_ids=stands["plot_ids"].fillna("").to_numpy(),
        area_ha=stands["area_ha"].fillna(0.0).to_numpy(),
        round=standing.placed_in,
        reason=reasons,
        waiting=waiting_ranks(asked, placed),
    )
    return table[list(PROJECT_COLUMNS)].reset_index(drop=True)


def _decided(nation: Nation, standing: Standing) -> pd.DataFrame:
    """Tell what the parks' plans decided for each project that has a plot; null for all others."""
    found = [plan.allocation for plan in standing.made]
    there = pd.concat(found).query("status == 'placed'").set_index("project_id")
    rows = there.reindex(nation.projects["project_id"]).reset_index(drop=True)
    return rows.reindex(columns=["plot_ids", "area_ha", "start_year"])


def _start_year(asked: pd.Series[Any], chosen: pd.Series[Any]) -> pd.Series[Any]:
    """Take the year that a park's plan chose within a window, and who names none has none."""
    years = pd.Series(asked.astype("Int64").to_numpy(), dtype="Int64")
    later = pd.Series(chosen.astype("Int64").to_numpy(), dtype="Int64")
    return years.mask(years.notna() & later.notna(), later)


def year_table(nation: Nation, projects: pd.DataFrame) -> pd.DataFrame:
    """Add up capital inflow by year: a project invests evenly from the year in which it starts.

    What is asked counts from the year asked for, what is planned from the one that the park's plan
    chose, over the project's own ``build_years`` or those of the targets. Who names no start year
    counts in no year.

    Parameters
    ----------
    nation : Nation
    projects : DataFrame
        As :func:`project_table` tells, in the order of the portfolio.
    """
    targets = nation.programme.targets
    named = nation.projects["start_year"].notna().to_numpy(dtype=bool)
    asked, decided = nation.projects[named], projects[named]
    spread = column(asked, "build_years", float(targets.build_years)).astype(int)
    wanted = asked["start_year"].to_numpy(dtype=int)
    starts = decided["start_year"].to_numpy(dtype=int)
    live = (asked["status"] != "withdrawn").to_numpy(dtype=bool)
    placed = (decided["status"] == "placed").to_numpy(dtype=bool)
    each = asked["invest_bn_kzt"].to_numpy(dtype=float) / spread
    usd = np.nan if targets.kzt_per_usd is None else 1.0 / targets.kzt_per_usd
    ends = (starts + spread - 1).tolist()
    known = [*targets.inflow_bn_usd, *wanted.tolist(), *ends]
    rows = []
    for year in range(min(known), max(known) + 1) if known else ():
        planned, all_ = (
            float(each[(first <= year) & (year < first + spread) & mask].sum())
            for first, mask in ((starts, placed), (wanted, live))
        )
        rows.append(
            {
                "year": year,
                "target_bn_usd": targets.inflow_bn_usd.get(year, np.nan),
                "planned_bn_kzt": round(planned, BN_DIGITS),
                "planned_bn_usd": round(planned * usd, BN_DIGITS),
                "asked_bn_kzt": round(all_, BN_DIGITS),
                "asked_bn_usd": round(all_ * usd, BN_DIGITS),
                "projects_started": int((placed & (starts == year)).sum()),
            }
        )
    return pd.DataFrame(rows, columns=list(YEAR_COLUMNS))


def sector_table(projects: pd.DataFrame) -> pd.DataFrame:
    """Add up by sector, the greatest investment first."""
    asked = projects.assign(sector=projects["sector"].fillna(""))
    rows = [{"sector": str(name)} | _group(part, part) for name, part in asked.groupby("sector")]
    table = pd.DataFrame(rows, columns=["sector", *GROUP_COLUMNS])
    order = table.sort_values(["asked_bn_kzt", "sector"], ascending=[False, True])
    return order.reset_index(drop=True)


def region_table(nation: Nation, projects: pd.DataFrame) -> pd.DataFrame:
    """Add up by region, in the order of the parks."""
    named = projects["regions"].str.split(ID_SEPARATOR)
    rows = []
    for region in dict.fromkeys(park.region for park in nation.parks):
        stands = projects["region"] == region
        asks = named.map(lambda those, region=region: region in those)
        own = {"region": region, "parks": sum(park.region == region for park in nation.parks)}
        rows.append(own | _group(projects[stands | asks], projects[stands]))
    return pd.DataFrame(rows, columns=["region", "parks", *GROUP_COLUMNS])


def _group(asked: pd.DataFrame, here: pd.DataFrame) -> dict[str, Any]:
    asked = asked[asked["project_status"] != "withdrawn"]  # asks for nothing any more
    placed = here[here["status"] == "placed"]
    return {
        "projects": len(asked),
        "placed": len(placed),
        "asked_bn_kzt": round(float(asked["invest_bn_kzt"].sum()), BN_DIGITS),
        "placed_bn_kzt": round(float(placed["invest_bn_kzt"].sum()), BN_DIGITS),
        "area_asked_ha": round(float(asked["area_asked_ha"].sum()), BN_DIGITS),
        "area_ha": round(float(placed["area_ha"].sum()), BN_DIGITS),
        "jobs_asked": int(asked["jobs"].sum()),
        "jobs": int(placed["jobs"].sum()),
    }


def capacity_table(nation: Nation, standing: Standing) -> pd.DataFrame:
    """Add up by park and kind what utilities give."""
    parts = []
    for park, plan in zip(nation.parks, standing.made, strict=True):
        if len(plan.capacities):
            of_kind = plan.capacities.groupby("kind", sort=False)[["capacity", "used", "free"]]
            parts.append(of_kind.sum().reset_index().assign(park_id=park.park_id))
    empty = pd.DataFrame(columns=list(CAPACITY_COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(CAPACITY_COLUMNS)] if parts else empty


def round_table(standing: Standing) -> pd.DataFrame:
    """List the rounds."""
    rows = [(r.number, r.parks_planned, r.offered, r.placed, r.value) for r in standing.rounds]
    return pd.DataFrame(rows, columns=list(ROUND_COLUMNS))


def zone_layer(nation: Nation) -> gpd.GeoDataFrame:
    """Outlines of all parks' zones."""
    parts = [
        _of(park, park.site.zones.assign(area_ha=park.site.zones.area / M2_PER_HA), ZONE_COLUMNS)
        for park in nation.parks
    ]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=WGS84)


def plot_layer(nation: Nation, standing: Standing) -> gpd.GeoDataFrame:
    """All parks' plots."""
    parts = [
        _of(park, plan.plots, PLOT_COLUMNS)
        for park, plan in zip(nation.parks, standing.made, strict=True)
    ]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=WGS84)


def _of(park: Park, layer: gpd.GeoDataFrame, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    named = layer.assign(park_id=park.park_id)[[*columns, "geometry"]]
    moved: gpd.GeoDataFrame = named.to_crs(WGS84)
    return moved
