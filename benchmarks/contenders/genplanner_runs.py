"""GenPlanner 1.0.0 (BSD-3) as a process of its own: reads a job, divides the land, writes plots.

It runs in a virtual environment that has no geoplan, so it imports nothing of it.
"""

from __future__ import annotations

import json
import multiprocessing
import queue
import sys
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from genplanner import (  # type: ignore[import-not-found]
    FunctionalZone,
    GenPlanner,
    TerritoryZone,
    config,
)

INDUSTRY = "industrial"


def blocks(job: dict[str, Any]) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Divide the zone into blocks of about the wanted size, with streets between them."""
    kind = TerritoryZone(INDUSTRY, INDUSTRY, min_block_area=job["plot_ha"] * 1e4)
    found, roads = _planner(job).features2terr_zones2blocks(FunctionalZone({kind: 1.0}, "park"))
    return found.assign(asked=-1), roads


def listed(job: dict[str, Any]) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Divide the zone in the proportions of a list of areas."""
    total = sum(job["areas_ha"])
    # The least area only keeps it from dropping what it calls too small.
    kinds = {
        TerritoryZone(INDUSTRY, f"{index:03d}", min_block_area=1.0): area / total
        for index, area in enumerate(job["areas_ha"])
    }
    planner = _planner(job)
    found, roads = planner.features2terr_zones(FunctionalZone(kinds, "park"), "empty")
    return found.assign(asked=[int(zone.name) for zone in found["territory_zone"]]), roads


def _planner(job: dict[str, Any]) -> GenPlanner:
    zone = gpd.GeoDataFrame(geometry=[shapely.from_wkt(job["zone"])], crs=job["crs"])
    return GenPlanner(zone)


def main(job_file: str, result_file: str) -> None:
    """Run one job and write what came out."""
    config.change_logger_lvl("ERROR")
    # Its loop asks a multiprocessing queue for a task right after putting one there and takes a
    # slow hand-over for the end of all work; a queue of one process hands over at once.
    setattr(multiprocessing, "Queue", queue.SimpleQueue)  # noqa: B010
    job = json.loads(Path(job_file).read_text())
    begun = time.perf_counter()
    plots, roads = {"equal": blocks, "list": listed}[job["case"]](job)
    stage_s = time.perf_counter() - begun
    zone = shapely.from_wkt(job["zone"])
    polygons = plots[plots.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    streets = shapely.buffer(
        roads.geometry.to_numpy(), roads["roads_width"].to_numpy() / 2, quad_segs=4
    )
    result = {
        "plots": shapely.to_wkb(polygons.geometry.to_numpy(), hex=True).tolist(),
        "asked": polygons["asked"].tolist(),
        "streets": shapely.to_wkb(shapely.intersection(streets, zone), hex=True).tolist(),
        "rest": [],
        "seconds": {"divide": stage_s},
    }
    Path(result_file).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
