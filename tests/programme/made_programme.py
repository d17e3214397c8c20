"""Programmes of small parks, as files: each park is planned in a fraction of a second."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

REGIONS = ("North", "North", "South", "South")
EASTINGS_M = 500_000
NORTHINGS_M = 5_600_000
APART_M = 20_000
PROGRAMME = """\
[programme]
name = "Small programme"
notice = "Schematic: generated for a test"
parks = "parks.csv"
zones = "zones.geojson"
gates = "gates.geojson"
utilities = "utilities.geojson"
projects = "projects.csv"
gap = 0.0

[targets]
kzt_per_usd = 500.0
inflow_bn_usd = { 2026 = 0.01, 2027 = 0.02 }
build_years = 2

[subdivide]
layouts_max = 20

[allocate]
time_limit_s = 300
"""


def write_programme(folder: Path, *, parks: int = 4, projects: int = 12) -> Path:
    """Write a programme; power is short in the South.

    Parks lie beside each other, 600 m x 300 m each; their projects come in three sizes.
    """
    table = pd.DataFrame(
        {
            "park_id": [f"K{number}" for number in range(parks)],
            "name": [f"Park {number} (generated)" for number in range(parks)],
            "region": [REGIONS[number % len(REGIONS)] for number in range(parks)],
            "crs": "EPSG:32642",
            "lon": 69.0,
            "lat": 50.5,
        }
    )
    west = [EASTINGS_M + APART_M * (number % 10) for number in range(parks)]
    south = [NORTHINGS_M + APART_M * (number // 10) for number in range(parks)]
    corner = list(zip(table["park_id"], west, south, strict=True))
    zones = {
        "park_id": table["park_id"],
        "zone_id": [f"{name}-P" for name in table["park_id"]],
        "use": "production",
    }
    outlines = [shapely.box(x, y, x + 600, y + 300) for _, x, y in corner]
    gates = {"park_id": table["park_id"], "gate_id": [f"{name}-G" for name in table["park_id"]]}
    power = [20.0 if region == "North" else 4.0 for region in table["region"]]
    utilities = {
        "park_id": table["park_id"],
        "utility_id": [f"{name}-PW" for name in table["park_id"]],
        "kind": "power_mw",
        "capacity": power,
    }
    places = [shapely.Point(x, y + 150) for _, x, y in corner]
    for name, columns, shapes in (
        ("zones", zones, outlines),
        ("gates", gates, places),
        ("utilities", utilities, places),
    ):
        layer = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:32642").to_crs("EPSG:4326")
        layer.to_file(folder / f"{name}.geojson", driver="GeoJSON")
    table.to_csv(folder / "parks.csv", index=False)
    portfolio(projects).to_csv(folder / "projects.csv", index=False)
    (folder / "programme.toml").write_text(PROGRAMME, encoding="utf-8")
    return folder / "programme.toml"


def portfolio(count: int) -> pd.DataFrame:
    """Make projects of three sizes: some would go north, some south, some anywhere."""
    number = pd.Series(range(count))
    return pd.DataFrame(
        {
            "project_id": [f"A{each:03d}" for each in number],
            "sector": "metal",
            "use": "production",
            "area_ha": (number % 3).map({0: 0.8, 1: 1.2, 2: 2.0}),
            "invest_bn_kzt": 3.0 + (number * 7 % 11),
            "jobs": 10 + number,
            "power_mw": 1.0 + (number % 4) * 0.5,
            "start_year": 2026 + number % 2,
            "regions": number.map(lambda each: ("South", "North;South", "South", "")[each % 4]),
        }
    ).assign(
        area_min_ha=lambda frame: frame["area_ha"] * 0.8,
        area_max_ha=lambda frame: frame["area_ha"] * 1.3,
    )


def geoplan(*words: str | Path, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = [sys.executable, "-m", "geoplan", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout)


def files_of(folder: Path) -> dict[str, bytes]:
    """All files of a saved programme, but for the manifests, which tell times."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }
