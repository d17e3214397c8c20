"""A park of two zones and six applicants, as files: small enough to plan in a second or two."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import shapely

CRS = "EPSG:32642"
WEST_M, SOUTH_M = 672_000, 5_677_000

SCENARIO = f"""\
[site]
name = "Small park"
crs = "{CRS}"
zones = "zones.geojson"
gates = "gates.geojson"
utilities = "utilities.csv"
receptors = "receptors.geojson"

[portfolio]
projects = "projects.csv"

[subdivide]
layouts_max = 40
"""

PROJECTS = """\
project_id,name,sector,use,area_ha,area_min_ha,area_max_ha,invest_bn_kzt,jobs,power_mw,hazard_class
A-1,Bakery,food,production,1.2,1,1.5,3,40,1,5
A-2,Foundry,metal,production,2.5,2,3,8,90,4,3
A-3,Joinery,wood,production,0.8,0.6,1,1,15,0.5,4
A-4,Depot,warehouse,logistics,3,2.5,3.5,4,60,0.5,5
A-5,Cold store,warehouse,logistics,1.5,1.2,1.8,2.5,25,2,5
A-6,Giant,metal,production,60,55,65,90,900,30,4
"""

UTILITIES = "utility_id,kind,capacity\nPW,power_mw,20\n"


def box(west_m: float, south_m: float, east_m: float, north_m: float) -> shapely.Polygon:
    """Return a rectangle in metres from the park's south-western corner."""
    return shapely.box(WEST_M + west_m, SOUTH_M + south_m, WEST_M + east_m, SOUTH_M + north_m)


def zones() -> gpd.GeoDataFrame:
    """Return 20 ha for production beside 16 ha for logistics."""
    columns = {
        "zone_id": ["P", "L"],
        "use": ["production", "logistics"],
        "hazard_max": [2, 4],
        "available_year": [2026, 2027],
    }
    shapes = [box(0, 0, 500, 400), box(500, 0, 900, 400)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def write_layer(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a layer as GeoJSON in longitude and latitude."""
    frame.to_file(path, driver="GeoJSON", rfc7946=True)


def write_park(folder: Path) -> Path:
    """Write all files of the park into a folder, and return its scenario."""
    folder.mkdir(parents=True, exist_ok=True)
    write_layer(zones(), folder / "zones.geojson")
    gate = gpd.GeoDataFrame(
        {"gate_id": ["G"], "kind": ["road"]},
        geometry=[shapely.Point(WEST_M + 500, SOUTH_M)],
        crs=CRS,
    )
    write_layer(gate, folder / "gates.geojson")
    housing = gpd.GeoDataFrame(
        {"receptor_id": ["H"], "kind": ["housing"]}, geometry=[box(-400, 0, -250, 100)], crs=CRS
    )
    write_layer(housing, folder / "receptors.geojson")
    (folder / "utilities.csv").write_text(UTILITIES, encoding="utf-8")
    (folder / "projects.csv").write_text(PROJECTS, encoding="utf-8")
    scenario = folder / "park.toml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    return scenario


def geoplan(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, as its user would."""
    return subprocess.run(
        [sys.executable, "-m", "geoplan", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def content(folder: Path) -> dict[str, bytes | None]:
    """Return every path below a folder with its bytes; folders have none."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
