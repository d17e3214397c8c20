"""A drawn programme whose figures can be added up by hand: four parks and eight projects.

::

    project  sector     bn KZT  jobs  start  park        lacks
    A        food          100    10   2026  P1
    B        food          200    20   2027  P1
    C        chemistry     400    40   2027  P2
    D        chemistry     800    80   2028  P3
    E        warehouse      50     5   2026  -           power in P1
    F        warehouse      60     6   2027  -           power and land in P2
    G        food           70     7   2028  -           barred by rules
    H        food          999    99   2026  -           withdrawn

A US dollar is 500 KZT and projects build for two years: planned are 50, 350, 700 and 400 bn KZT
in the years 2026 to 2029, against targets of 1, 2 and 3 bn USD in 2026 to 2028.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely import Point, box

from geoplan.publish.programme.tables import (
    CAPACITY_COLUMNS,
    GROUP_COLUMNS,
    LACK_COLUMNS,
    PARK_COLUMNS,
    PLOT_COLUMNS,
    PROJECT_COLUMNS,
    ROUND_COLUMNS,
    YEAR_COLUMNS,
    ZONE_COLUMNS,
    ProgrammeTables,
)

WGS84 = "EPSG:4326"
RATE = 500.0
PARKS = (
    # park_id, name, region, lon, lat, plots_ha, free_ha, projects, invest, jobs
    ("P1", "North Park", "Astana", 71.4, 51.2, 100.0, 40.0, 2, 300.0, 30),
    ("P2", "East Park", "Abai", 80.2, 50.4, 50.0, 1.0, 1, 400.0, 40),
    ("P3", "South Park", "Shymkent", 69.6, 42.3, 80.0, 60.0, 1, 800.0, 80),
    ("P4", "Empty Park", "Astana", 71.5, 51.1, 30.0, 30.0, 0, 0.0, 0),
)
PROJECTS = (
    # project_id, sector, regions, invest, jobs, start_year, project_status, park_id, reason
    ("A", "food", "Astana", 100.0, 10, 2026, "review", "P1", ""),
    ("B", "food", "", 200.0, 20, 2027, "review", "P1", ""),
    ("C", "chemistry", "Abai", 400.0, 40, 2027, "contract", "P2", ""),
    ("D", "chemistry", "Shymkent;Abai", 800.0, 80, 2028, "review", "P3", ""),
    ("E", "warehouse", "Astana", 50.0, 5, 2026, "review", "", "Astana: P1 is short of power."),
    ("F", "warehouse", "Abai", 60.0, 6, 2027, "review", "", "Abai: P2 is short of both."),
    ("G", "food", "Shymkent", 70.0, 7, 2028, "review", "", "Shymkent: P3 has no rail."),
    ("H", "food", "Astana", 999.0, 99, 2026, "withdrawn", "", "The application is withdrawn."),
)
YEARS = (
    (2026, 1.0, 50.0, 75.0, 1),
    (2027, 2.0, 350.0, 405.0, 2),
    (2028, 3.0, 700.0, 765.0, 1),
    (2029, None, 400.0, 435.0, 0),
)
LACKS = (
    ("Astana", "power_mw", 12.0, "MW", "P1", 1, "E", 50.0),
    ("Abai", "power_mw", 2.5, "MW", "P2", 1, "F", 60.0),
    ("Abai", "land_ha", 3.0, "ha", "P2", 1, "F", 60.0),
)
CAPACITIES = (
    ("P1", "power_mw", 20.0, 20.0, 0.0),
    ("P2", "power_mw", 10.0, 9.5, 0.5),
    ("P3", "power_mw", 40.0, 10.0, 30.0),
    ("P1", "water_m3d", 900.0, 300.0, 600.0),
)


def sample_programme() -> ProgrammeTables:
    """Return the programme."""
    projects = _projects()
    return ProgrammeTables(
        name="Sample Programme",
        notice="Schematic",
        kzt_per_usd=RATE,
        build_years=2,
        parks=_parks(),
        projects=projects,
        years=_years(),
        sectors=_groups(projects, "sector"),
        regions=_groups(projects, "region").assign(parks=1),
        capacities=pd.DataFrame(CAPACITIES, columns=list(CAPACITY_COLUMNS)),
        lacks=pd.DataFrame(LACKS, columns=list(LACK_COLUMNS)),
        rounds=pd.DataFrame([(1, 4, 7, 4, 1500.0)], columns=list(ROUND_COLUMNS)),
        zones=_layer([("P1", "Z1", "production", 100.0)], ZONE_COLUMNS),
        plots=_layer([("P1", "P1-1", "Z1", "production", 2.0, None, "A")], PLOT_COLUMNS),
        manifest={
            "objective": "investment",
            "unit": "bn KZT",
            "value": 1500.0,
            "bound": 1600.0,
            "gap": 0.0625,
        },
    )


def many(parks: int, projects: int) -> ProgrammeTables:
    """Return a programme of so many parks and projects, made of the sample's."""
    sample = sample_programme()
    rows = pd.concat([sample.parks] * -(-parks // 4), ignore_index=True).iloc[:parks]
    numbers = pd.Series(range(parks), dtype="int64")
    places = gpd.points_from_xy(52 + numbers * 7919 % 300 / 10, 43.5 + numbers * 104729 % 100 / 14)
    parks_ = gpd.GeoDataFrame(
        rows.drop(columns="geometry").assign(
            park_id="P" + numbers.astype(str), name="Park " + numbers.astype(str)
        ),
        geometry=places,
        crs=WGS84,
    )
    asked = pd.concat([sample.projects] * -(-projects // 8), ignore_index=True).iloc[:projects]
    numbers = pd.Series(range(projects), dtype="int64")
    asked = asked.assign(
        project_id="KZP-" + numbers.astype(str).str.zfill(5),
        name="Applicant " + numbers.astype(str),
        invest_bn_kzt=asked["invest_bn_kzt"] + numbers * 7919 % 1000 / 100,
        park_id=("P" + (numbers % parks).astype(str)).where(asked["park_id"] != "", ""),
    )
    return ProgrammeTables(**{**vars(sample), "parks": parks_, "projects": asked})


def _parks() -> gpd.GeoDataFrame:
    rows = [
        (park_id, name, region, "EPSG:32642", 2026, 2 * plots_ha, 9, plots_ha, 3, free_ha,
         projects, invest, jobs, 0)
        for park_id, name, region, _, _, plots_ha, free_ha, projects, invest, jobs in PARKS
    ]  # fmt: skip
    places = [Point(park[3], park[4]) for park in PARKS]
    table = pd.DataFrame(rows, columns=list(PARK_COLUMNS))
    return gpd.GeoDataFrame(table, geometry=places, crs=WGS84).astype({"available_year": "Int64"})


def _projects() -> pd.DataFrame:
    region_of = {park[0]: park[2] for park in PARKS}
    rows = []
    for number, project in enumerate(PROJECTS):
        name, sector, regions, invest, jobs, year, state, park_id, reason = project
        stands = park_id != ""
        rows.append(
            {
                "project_id": name,
                "name": f"Applicant {name}",
                "sector": sector,
                "use": "production",
                "regions": regions,
                "area_asked_ha": 2.0,
                "invest_bn_kzt": invest,
                "jobs": jobs,
                "start_year": year,
                "priority": 1.0,
                "project_status": state,
                "status": "placed" if stands else "unplaced",
                "park_id": park_id,
                "region": region_of.get(park_id, ""),
                "plot_ids": f"{park_id}-{number}" if stands else "",
                "area_ha": 2.0 if stands else 0.0,
                "round": 1 if stands else 0,
                "reason": reason,
                "waiting": None if stands or state == "withdrawn" else number - 3,
            }
        )
    table = pd.DataFrame(rows, columns=list(PROJECT_COLUMNS))
    return table.astype({"jobs": "Int64", "start_year": "Int64", "waiting": "Int64"})


def _years() -> pd.DataFrame:
    rows = [
        (year, target, planned, planned / RATE, asked, asked / RATE, started)
        for year, target, planned, asked, started in YEARS
    ]
    return pd.DataFrame(rows, columns=list(YEAR_COLUMNS)).astype({"target_bn_usd": float})


def _groups(projects: pd.DataFrame, by: str) -> pd.DataFrame:
    asked = projects[projects["project_status"] != "withdrawn"]
    rows = []
    for name, part in asked.groupby(by):
        placed = part[part["status"] == "placed"]
        sums = (
            len(part), len(placed), part["invest_bn_kzt"].sum(), placed["invest_bn_kzt"].sum(),
            part["area_asked_ha"].sum(), placed["area_ha"].sum(), part["jobs"].sum(),
            placed["jobs"].sum(),
        )  # fmt: skip
        rows.append({by: name} | dict(zip(GROUP_COLUMNS, sums, strict=True)))
    order = ["asked_bn_kzt", by]
    return pd.DataFrame(rows).sort_values(order, ascending=[False, True], ignore_index=True)


def _layer(rows: list[tuple[object, ...]], columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    shapes = [box(71.4, 51.2, 71.41, 51.21)] * len(rows)
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(columns)), geometry=shapes, crs=WGS84)
