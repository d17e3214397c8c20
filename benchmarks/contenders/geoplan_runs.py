"""geoplan as a process of its own: reads a job, divides the land, writes what came out."""

from __future__ import annotations

import csv
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

import geoplan
from benchmarks.land import lattice
from geoplan.config import SubdivideSettings
from geoplan.subdivide.demand import market_demand
from geoplan.subdivide.plots import Subdivision, cut, equal_pieces
from geoplan.subdivide.stage import lay_out
from geoplan.units import M2_PER_HA

PLOT_FILE = "plots.parquet"


def equal(job: dict[str, Any]) -> dict[str, Any]:
    """Divide one zone into plots of a wanted size: streets, blocks, strips, plots."""
    zone = gpd.GeoDataFrame(
        {"zone_id": ["Z1"], "use": ["production"]},
        geometry=[shapely.from_wkt(job["zone"])],
        crs=job["crs"],
    )
    seconds: dict[str, float] = {}
    divided = _grid(zone, SubdivideSettings(mode="grid", market_plot_ha=job["plot_ha"]), seconds)
    asked = np.full(len(divided.plots), -1)
    return _handed_over(divided, asked) | {"seconds": seconds}


def listed(job: dict[str, Any]) -> dict[str, Any]:
    """Make a whole plan that cuts a portfolio's areas to measure, without any elasticity."""
    folder = Path(job["folder"])
    zone = gpd.GeoDataFrame(
        {"zone_id": ["Z1"], "use": ["production"]},
        geometry=[shapely.from_wkt(job["zone"])],
        crs=job["crs"],
    )
    zone.to_file(folder / "zones.gpkg")
    with (folder / "projects.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("project_id", "use", "area_ha", "area_min_ha", "area_max_ha"))
        rows.writerows((f"{i:03d}", "production", a, a, a) for i, a in enumerate(job["areas_ha"]))
    (folder / "scenario.toml").write_text(
        f'[site]\nname = "Benchmark"\ncrs = "{job["crs"]}"\nzones = "zones.gpkg"\n'
        '[portfolio]\nprojects = "projects.csv"\n[subdivide]\nmode = "to-measure"\n'
    )
    plan = geoplan.run(folder / "scenario.toml")
    asked = plan.plots["project_id"].fillna("-1").astype(int).to_numpy()
    return _handed_over(plan, asked) | {"seconds": dict(plan.manifest["stage_seconds"])}


def scale(job: dict[str, Any]) -> dict[str, Any]:
    """Cut, check and write as many plots as a job asks for."""
    zones = lattice(job["plots"], plot_ha=job["plot_ha"], zone_plots=job["zone_plots"])
    settings = SubdivideSettings(
        mode="grid", market_plot_ha=job["plot_ha"], layouts_max=job["layouts_max"]
    )
    seconds: dict[str, float] = {}
    divided = _grid(zones, settings, seconds)
    begun = time.perf_counter()
    valid = _valid(np.asarray(divided.land.geometry.array, dtype=object))
    drawn_m2 = float(divided.zones.area.sum())
    lost = abs(float(divided.land.area.sum()) / drawn_m2 - 1)
    seconds["check"] = time.perf_counter() - begun
    if job["write"]:
        begun = time.perf_counter()
        divided.plots.to_parquet(Path(job["folder"]) / PLOT_FILE)
        seconds["write"] = time.perf_counter() - begun
    return {
        "count": len(divided.plots),
        "zones": len(zones),
        "coverage_valid": valid,
        "lost_share": lost,
        "outline_share": abs(drawn_m2 / float(zones.area.sum()) - 1),
        "seconds": seconds,
    }


def _valid(polygons: NDArray[np.object_]) -> bool:
    """Check a coverage by its western and its eastern half, side by side.

    Two polygons that touch do so in one of the halves, so all that reach into a half are
    checked together.
    """
    west_m, _, east_m, _ = shapely.bounds(polygons).T
    middle_m = (west_m.min() + east_m.max()) / 2
    halves = [polygons[west_m <= middle_m], polygons[east_m >= middle_m]]
    with ThreadPoolExecutor(len(halves)) as threads:
        return all(threads.map(shapely.coverage_is_valid, halves))


def _grid(
    zones: gpd.GeoDataFrame, settings: SubdivideSettings, seconds: dict[str, float]
) -> Subdivision:
    """Run the subdivision stage on zones without exclusions and gates, and time its halves."""
    none = gpd.GeoDataFrame({"crossable": np.empty(0, bool)}, geometry=[], crs=zones.crs)
    gates = gpd.GeoDataFrame({"kind": np.empty(0, str)}, geometry=[], crs=zones.crs)
    begun = time.perf_counter()
    room_ha = zones.area.to_numpy() / M2_PER_HA
    demands = dict(zip(zones["zone_id"], market_demand(room_ha, settings), strict=True))
    laid_out = lay_out(zones, none, gates, demands, settings)
    seconds["lay_out"] = time.perf_counter() - begun
    begun = time.perf_counter()
    strips = laid_out.strips
    pieces = equal_pieces(strips, settings)
    divided = cut(zones, none, laid_out.street_parts, strips, pieces, settings)
    seconds["cut"] = time.perf_counter() - begun
    return divided


def _handed_over(divided: Subdivision | geoplan.Plan, asked: NDArray[np.intp]) -> dict[str, Any]:
    land = divided.land
    kind = land["kind"].to_numpy()
    return {
        "drawn_m2": float(divided.zones.area.sum()),
        "plots": _wkb(divided.plots),
        "asked": asked.tolist(),
        "streets": _wkb(land[kind == "street"]),
        "rest": _wkb(land[(kind != "street") & (kind != "plot")]),
    }


def _wkb(layer: gpd.GeoDataFrame) -> list[str]:
    texts: list[str] = shapely.to_wkb(
        np.asarray(layer.geometry.array, dtype=object), hex=True
    ).tolist()
    return texts


def main(job_file: str, result_file: str) -> None:
    """Run one job and write what came out."""
    job = json.loads(Path(job_file).read_text())
    result = {"equal": equal, "list": listed, "scale": scale}[job["case"]](job)
    Path(result_file).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
