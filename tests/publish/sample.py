"""A small plan that can be computed by hand: two zones of 500 m x 200 m along one street.

::

    200 m +--------+--------+------+--------+--------+---+---+
          | B1-N1  | B1-N2  |      | servi- |reserve |exc|res|
    110 m +--------+--------+green-+--ces---+--------+---+---+
          |  main street 20 m      |  main street 20 m       |
     90 m +--------+--------+------+--------+--------+-------+
          | B1-S1  | B1-S2  |green | B2-S1  | B2-S2  |utility|
      0 m +--------+--------+------+--------+--------+-------+
          0       200      400    500      700      900   1000 m
                 Z1 (10 ha)               Z2 (10 ha)

A plot is 200 m x 90 m = 1.8 ha. Six plots take 10.8 ha, streets 2.0, green 1.8, services 1.8,
reserve 1.8, utilities 0.9, excluded 0.45, residual 0.45: 20 ha.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.affinity import translate

from geoplan.config import LAND_KINDS, load_norms
from geoplan.plan import STRIP_COLUMNS, PlanLayers

CRS = "EPSG:32642"
ORIGIN = (671_000.0, 5_676_000.0)  # Astana
PLOTS = {  # plot_id -> zone, corner in metres, project
    "B1-S1": ("Z1", (0, 0), "PR-1"),
    "B1-S2": ("Z1", (200, 0), "PR-2"),
    "B1-N1": ("Z1", (0, 110), None),
    "B1-N2": ("Z1", (200, 110), "PR-2"),
    "B2-S1": ("Z2", (500, 0), "PR-3"),
    "B2-S2": ("Z2", (700, 0), "PR-4"),
}
OTHER_LAND = (
    ("green", "Z1", (400, 0, 500, 90)),
    ("green", "Z1", (400, 110, 500, 200)),
    ("utilities", "Z2", (900, 0, 1000, 90)),
    ("services", "Z2", (500, 110, 700, 200)),
    ("reserve", "Z2", (700, 110, 900, 200)),
    ("excluded", "Z2", (900, 110, 950, 200)),
    ("residual", "Z2", (950, 110, 1000, 200)),
)
REASON = "No free plot holds 4.0 ha: the largest has 1.8 ha."


def sample_plan(**changes: Any) -> PlanLayers:
    """Build the sample; `changes` replace its attributes."""
    land = _land()
    plan = PlanLayers(
        name="Sample park",
        notice="Schematic: invented for the tests",
        zones=_zones(),
        exclusions=_layer({"exclusion_id": ["E1"], "kind": ["building"], "buffer_m": [5.0]},
                          [box(900, 110, 950, 200)]),
        gates=_layer({"gate_id": ["G1", "G2"], "kind": ["road", "rail"], "row_m": [30.0, None]},
                     [Point(0, 100), LineString([(1000, 0), (1000, 200)])]),
        utilities=_layer(
            {"utility_id": ["U1", "U2"], "kind": ["power_mw", "water_m3d"],
             "capacity": [5.0, 400.0], "available_year": pd.array([2026, None], dtype="Int64")},
            [box(0, 0, 1000, 200), Point(950, 45)]),
        receptors=_layer({"receptor_id": ["R1"], "kind": ["housing"], "distance_m": [float("nan")]},
                         [MultiPolygon([box(0, 500, 50, 550), box(80, 500, 130, 550)])]),
        streets=_layer({"street_id": ["S1", "S2"], "class": ["main", "main"],
                        "row_m": [20.0, 20.0], "length_m": [500.0, 500.0]},
                       [LineString([(0, 100), (500, 100)]), LineString([(500, 100), (1000, 100)])]),
        strips=_strips(),
        land=land,
        plots=_plots(),
        projects=_projects(),
        allocation=_allocation(),
        capacities=pd.DataFrame({
            "utility_id": ["U1", "U2"], "kind": ["power_mw", "water_m3d"],
            "capacity": [5.0, 400.0], "used": [2.0, 400.0], "free": [3.0, 0.0]}),
        balance=_balance(land),
        proposals=_layer(
            {"proposal_id": ["merge P1+P2"], "kind": ["merge"], "plot_ids": ["P1;P2"],
             "new_plot_ids": ["P1+P2"], "project_ids": ["X9"], "areas_ha": ["2.5"],
             "setting": ['merge_plots = [["P1", "P2"]]'], "remark": ["short of power <b>"]},
            [box(0, 120, 200, 200)]),
        findings=_findings(),
        spz_distance_m={1: 1000.0, 2: 500.0, 3: 300.0, 4: 100.0, 5: 50.0},
        manifest=_manifest(),
    )  # fmt: skip
    return replace(plan, **changes)


def costing(**costs_mln_kzt_km: float) -> dict[str, Any]:
    """Return the sample's manifest with costs of streets by class in its settings."""
    manifest = _manifest()
    named = {f"street_{name}_cost_mln_kzt_km": cost for name, cost in costs_mln_kzt_km.items()}
    subdivide = manifest["settings"]["subdivide"] | named
    return manifest | {"settings": manifest["settings"] | {"subdivide": subdivide}}


def _layer(columns: dict[str, Any], shapes: list[Any]) -> gpd.GeoDataFrame:
    placed = [None if shape is None else translate(shape, *ORIGIN) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=placed, crs=CRS)


def _zones() -> gpd.GeoDataFrame:
    columns = {
        "zone_id": ["Z1", "Z2"],
        "use": ["production", "logistics"],
        "name": ["Сарыарқа", None],
        "available_year": pd.array([2026, 2027], dtype="Int64"),
        "hazard_max": pd.array([3, None], dtype="Int64"),
    }
    return _layer(columns, [box(0, 0, 500, 200), box(500, 0, 1000, 200)])


def _plots() -> gpd.GeoDataFrame:
    zones = [zone for zone, _, _ in PLOTS.values()]
    projects = [project for _, _, project in PLOTS.values()]
    columns = {
        "plot_id": list(PLOTS),
        "zone_id": zones,
        "block_id": [plot_id[:2] for plot_id in PLOTS],
        "strip_id": [plot_id[:4] for plot_id in PLOTS],
        "use": ["production" if zone == "Z1" else "logistics" for zone in zones],
        "area_ha": 1.8,
        "frontage_m": 200.0,
        "depth_m": 90.0,
        "rectangularity": 1.0,
        "corner": False,
        "gate_distance_m": 250.0,
        "market": ["for sale" if project is None else "reserved" for project in projects],
        "occupation": "vacant",
        "servicing": ["serviced" if zone == "Z1" else "planned" for zone in zones],
        "available_year": pd.array([2026] * 4 + [2027] * 2, dtype="Int64"),
        "project_id": projects,
        "asked_ha": [1.7 if project is None else None for project in projects],
    }
    corners = [corner for _, corner, _ in PLOTS.values()]
    return _layer(columns, [box(x, y, x + 200, y + 90) for x, y in corners])


def _strips() -> gpd.GeoDataFrame:
    """Each side of the street is one strip, as wide as its plots together."""
    plots = _plots()
    plots["strip_id"] = plots["strip_id"].astype("str")
    strips = plots.dissolve("strip_id", as_index=False)[
        ["strip_id", "block_id", "zone_id", "use", "area_ha", "depth_m", "geometry"]
    ]
    return strips.assign(
        area_ha=strips.area / 10_000,
        front_m=strips.area / strips["depth_m"],
        plot_area_min_ha=0.3,
        plot_area_max_ha=3.24,
        direction_rad=0.0,
        origin_e_m=ORIGIN[0],
        origin_n_m=ORIGIN[1],
        street_class="local",
    )[[*STRIP_COLUMNS, "geometry"]]


def _land() -> gpd.GeoDataFrame:
    pieces = [("plot", zone, (x, y, x + 200, y + 90)) for zone, (x, y), _ in PLOTS.values()]
    shapes = [box(*corners) for _, _, corners in (*pieces, *OTHER_LAND)]
    # The street shares every corner of the land beside it, as a coverage must.
    first = [(0, 90), (200, 90), (400, 90), (500, 90), (500, 110), (400, 110), (200, 110), (0, 110)]
    second = [(500, 90), (700, 90), (900, 90), (1000, 90), (1000, 110), (950, 110), (900, 110),
              (700, 110), (500, 110)]  # fmt: skip
    shapes += [Polygon(first), Polygon(second)]
    rows = [row[:2] for row in (*pieces, *OTHER_LAND)] + [("street", "Z1"), ("street", "Z2")]
    columns = {
        "land_id": [f"L{number:02d}" for number in range(1, len(rows) + 1)],
        "kind": [kind for kind, _ in rows],
        "zone_id": [zone for _, zone in rows],
        "area_ha": [shape.area / 10_000 for shape in shapes],
    }
    return _layer(columns, shapes)


def _projects() -> pd.DataFrame:
    numbers = range(1, 6)
    return pd.DataFrame({
        "project_id": [f"PR-{n}" for n in numbers],
        "area_ha": [1.8, 3.5, 1.7, 1.9, 4.0],
        "name": ["Demo Foods", "Құрылыс", "Cold Store", "Depot", "Steel & Sons"],
        "sector": ["food", "construction", "logistics", "logistics", None],
        "use": ["production", "production", "logistics", "logistics", "production"],
        "area_min_ha": [1.6, 3.0, 1.5, 1.6, 3.5],
        "area_max_ha": [2.0, 4.0, 2.0, 2.0, 4.5],
        "invest_bn_kzt": [10.0, 20.0, 30.0, 40.0, 50.0],
        "jobs": pd.array([100, 200, 300, 400, 500], dtype="Int64"),
        "power_mw": [0.5, 0.5, 0.5, 0.5, 8.0],
        "water_m3d": [100.0, 100.0, 100.0, 100.0, 50.0],
        "rail": [False, False, True, False, True],
        "hazard_class": pd.array([5, 4, None, 5, 2], dtype="Int64"),
        "sensitive": pd.array([True, None, None, None, False], dtype="boolean"),
        "start_year": pd.array([2026, 2026, 2027, 2027, 2026], dtype="Int64"),
        "priority": pd.array([1, 2, 0, 0, 3], dtype="Int64"),
        "status": ["contract", "review", "application", "application", "application"],
        "near": [None, None, "PR-4", "PR-3", None],
    })  # fmt: skip


def _allocation() -> pd.DataFrame:
    return pd.DataFrame({
        "project_id": [f"PR-{n}" for n in range(1, 6)],
        "status": ["placed"] * 4 + ["unplaced"],
        "plot_ids": ["B1-S1", "B1-S2;B1-N2", "B2-S1", "B2-S2", None],
        "area_ha": [1.8, 3.6, 1.8, 1.8, None],
        "zone_id": ["Z1", "Z1", "Z2", "Z2", None],
        "reason": ["", "", "", "", REASON],
        "waiting": pd.array([None, None, None, None, 1], dtype="Int64"),
    })  # fmt: skip


def _balance(land: gpd.GeoDataFrame) -> pd.DataFrame:
    norms = load_norms("kz-industrial", Path()).balance
    rows = []
    for zone_id, pieces in (("Z1", land[land.zone_id == "Z1"]),
                            ("Z2", land[land.zone_id == "Z2"]), ("all", land)):  # fmt: skip
        area_ha = pieces.groupby("kind").area_ha.sum().reindex(list(LAND_KINDS), fill_value=0.0)
        for kind, area in area_ha.items():
            share = area / area_ha.sum()
            norm = norms.get(str(kind)) if zone_id == "all" else None
            rows.append((
                zone_id, kind, area, share,
                norm.min if norm else None, norm.max if norm else None,
                norm.min <= share <= norm.max if norm else None,
            ))  # fmt: skip
    columns = ["zone_id", "kind", "area_ha", "share", "norm_min", "norm_max", "ok"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"norm_min": float, "norm_max": float, "ok": "boolean"})


def _findings() -> gpd.GeoDataFrame:
    columns = {
        "severity": ["warning", "error", "info", "warning"],
        "rule": ["balance", "capacity", "crs", "balance"],
        "layer": ["balance", "utilities", "zones", "balance"],
        "subject": ["plot", "U2", "Z1", "residual"],
        "message": [
            "Plots take 54.0 % of the land, below the norm of 60-75 %.",
            "Water is used to the last cubic metre.",
            "The layer states no CRS; the scenario's is taken.",
            "Residual land takes 2.3 %, above the norm of 0-1 %.",
        ],
        "remedy": ["Narrow the streets.", "Build a second intake.", "", "Move the east edge."],
    }
    return _layer(
        columns, [None, Point(950, 45), box(0, 0, 500, 200), LineString([(950, 110), (950, 200)])]
    )


def _manifest() -> dict[str, Any]:
    norms = load_norms("kz-industrial", Path())
    return {
        "inputs": {"zones.geojson": "a" * 64, "projects.csv": "b" * 64},
        "settings": {
            "site": {"name": "Sample park", "crs": CRS, "year": 2026},
            "subdivide": {"mode": "to-measure", "plotted_uses": ["production", "logistics"]},
            "allocate": {"gap": 0.005, "seed": 1},
        },
        "norms": norms.model_dump(),
        "versions": {"geoplan": "0.1.0", "shapely": "2.2.0"},
        "seed": 1,
        "solver": {"status": "optimal", "objective": 100.0, "bound": 100.4, "gap": 0.004},
        "stage_seconds": {"site": 0.1, "allocate": 1.5},
    }
