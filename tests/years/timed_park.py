"""The small park with infrastructure: its logistics wait for a road, its power grows."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from tests.small_park import write_layer, write_park, zones

INFRASTRUCTURE = """\
infrastructure_id,name,serves,utility_id,capacity,year,cost_bn_kzt,depends_on
I-1,Line,,,,2027,1,
I-2,Transformer,,PW,6,2027,2,I-1
I-3,Yard,L,,,2027,0.5,I-1
"""
PROJECTS = """\
project_id,name,sector,use,area_ha,area_min_ha,area_max_ha,invest_bn_kzt,jobs,power_mw,hazard_class,\
start_year,start_year_max,build_years,status,status_since
A-1,Bakery,food,production,1.2,1,1.5,3,40,1,5,2026,2026,1,application,
A-2,Foundry,metal,production,2.5,2,3,8,90,4,4,2026,2028,2,contract,2025-01-10
A-3,Joinery,wood,production,0.8,0.6,1,1,15,0.5,4,2026,,,reservation,2026-09-20
A-4,Depot,warehouse,logistics,3,2.5,3.5,4,60,0.5,5,2026,2028,,application,
A-5,Cold store,warehouse,logistics,1.5,1.2,1.8,2.5,25,2,5,2026,2026,,review,
"""
EXTRA = """
[targets]
kzt_per_usd = 500.0
inflow_bn_usd = { 2026 = 0.01, 2027 = 0.02 }
"""


def timed_zones() -> gpd.GeoDataFrame:
    """Return the park's zones; both could be built on from 2026."""
    return zones().assign(available_year=[2026, 2026])


def write_timed(
    folder: Path,
    *,
    infrastructure: str = INFRASTRUCTURE,
    projects: str = PROJECTS,
    extra: str = EXTRA,
    site: str = "",
) -> Path:
    """Write the park into a folder, and return its scenario."""
    scenario = write_park(folder)
    write_layer(timed_zones(), folder / "zones.geojson")
    (folder / "utilities.csv").write_text("utility_id,kind,capacity\nPW,power_mw,4\n", "utf-8")
    (folder / "infrastructure.csv").write_text(infrastructure, "utf-8")
    (folder / "projects.csv").write_text(projects, "utf-8")
    text = scenario.read_text("utf-8")
    named = f'[site]\ninfrastructure = "infrastructure.csv"\n{site}'
    scenario.write_text(text.replace("[site]\n", named) + extra, "utf-8")
    return scenario
