"""A plan to draw: blocks of ten plots around Astana, in as many as are asked for."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import affinity

from geoplan.plan import (
    ALLOCATION_COLUMNS,
    BALANCE_COLUMNS,
    FINDING_COLUMNS,
    PLOT_COLUMNS,
    STREET_COLUMNS,
    PlanLayers,
    no_proposals,
)

CRS = "EPSG:32642"
ORIGIN = (671_800.0, 5_676_600.0)
TURN_DEGREES = 11.0
PLOT_M = (60.0, 100.0)
PLOTS_ALONG = 5
STREET_M = 20.0
BLOCK_M = (PLOTS_ALONG * PLOT_M[0] + STREET_M, 2 * PLOT_M[1] + STREET_M)
ZONES = ("P1", "P2", "L1", "P3", "P4", "P5")
SECTORS = (
    "food",
    "construction materials",
    "machine building",
    "pharma_medical",
    "logistics",
    "chemicals",
    "light industry",
    "metal",
    "packaging",
    "electronics",
    "furniture",
    "energy",
)
STATES = ("for sale", "optioned", "reserved", "sold")


def sample_plan(plots: int = 240, *, name: str = "Sample Park No.2") -> PlanLayers:
    """Return a plan with about as many plots: six zones of blocks, and land around them."""
    side = max(1, round(math.sqrt(plots / (len(ZONES) * 2 * PLOTS_ALONG))))
    blocks = _blocks(side)
    zones = _zones(side)
    cut = _plots(blocks)
    projects, allocation = _projects(cut)
    return PlanLayers(
        name=name,
        notice="Schematic: outline and applicants are generated, not the real ones",
        zones=zones,
        exclusions=_exclusions(side),
        gates=_gates(side),
        utilities=_utilities(side),
        receptors=_receptors(side),
        streets=_streets(side),
        strips=cut.dissolve("strip_id", as_index=False)[["strip_id", "zone_id", "geometry"]],
        land=_land(zones, blocks, cut, side),
        plots=cut,
        projects=projects,
        allocation=allocation,
        capacities=pd.DataFrame(
            {
                "utility_id": ["U-P1", "U-W1"],
                "kind": ["power_mw", "water_m3d"],
                "capacity": [40.0, 5200.0],
                "used": [31.5, 4100.0],
                "free": [8.5, 1100.0],
            }
        ),
        balance=pd.DataFrame(columns=list(BALANCE_COLUMNS)),
        proposals=no_proposals(CRS),
        findings=_findings(cut),
        spz_distance_m={1: 1000.0, 2: 500.0, 3: 300.0, 4: 100.0, 5: 50.0},
    )


def with_texts(plan: PlanLayers, texts: tuple[str, ...]) -> PlanLayers:
    """Return the plan with the texts, in turn, wherever an input can put text."""
    words = {
        "zones": ("name",),
        "gates": ("gate_id",),
        "exclusions": ("exclusion_id", "kind"),
        "receptors": ("receptor_id", "kind"),
        "streets": ("class",),
        "projects": ("name", "sector", "status"),
        "plots": ("market", "occupation", "servicing"),
        "findings": ("subject", "message", "remedy"),
        "allocation": ("reason",),
    }
    changed = {}
    for layer, columns in words.items():
        frame = getattr(plan, layer).copy()
        for column in columns:
            given = pd.Series(
                [texts[row % len(texts)] for row in range(len(frame))], frame.index, dtype=object
            )
            frame[column] = given.where(frame[column].notna(), None)
        changed[layer] = frame
    return replace(plan, name="".join(texts), notice="".join(texts), **changed)


def _extent_m(side: int) -> tuple[float, float]:
    """Return the width and height of one zone of blocks."""
    return side * BLOCK_M[0], side * BLOCK_M[1]


def _placed(geometry: object) -> gpd.GeoSeries:
    """Turn local metres about the origin and move them to Astana."""
    series = gpd.GeoSeries(geometry)
    turned = series.affine_transform(
        [math.cos(a := math.radians(TURN_DEGREES)), -math.sin(a), math.sin(a), math.cos(a), *ORIGIN]
    )
    return turned.set_crs(CRS)


def _frame(columns: dict[str, object], geometry: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=_placed(geometry).to_numpy(), crs=CRS)


def _corner(zone: int, side: int) -> tuple[float, float]:
    width, height = _extent_m(side)
    return (zone % 3) * width, (zone // 3) * height


def _zones(side: int) -> gpd.GeoDataFrame:
    width, height = _extent_m(side)
    corners = [_corner(zone, side) for zone in range(len(ZONES))]
    boxes = [shapely.box(x, y, x + width, y + height) for x, y in corners]
    belt = shapely.box(0, -220, 2 * width, 0)
    services = shapely.box(2 * width, -220, 3 * width, 0)
    utilities = shapely.box(3 * width, 0, 3 * width + 180, height)
    reserve = shapely.box(3 * width, height, 3 * width + 180, 2 * height)
    names = [
        "Азық-түлік аймағы",
        "Machinery",
        "Логистика",
        "Materials",
        "Chemistry",
        "Light industry",
    ]
    return _frame(
        {
            "zone_id": [*ZONES, "G1", "S1", "U1", "R1"],
            "use": [
                "production",
                "production",
                "logistics",
                *["production"] * 3,
                "green",
                "services",
                "utilities",
                "reserve",
            ],
            "name": [*names, "Жасыл белдеу", "Business centre", "Substations", None],
            "hazard_max": [5, 4, 4, 3, 2, 4, None, None, None, None],
            "available_year": [2026, 2026, 2027, 2027, 2028, 2028, 2026, 2026, 2026, 2030],
        },
        [*boxes, belt, services, utilities, reserve],
    )


def _blocks(side: int) -> list[tuple[str, str, shapely.Polygon]]:
    """Return zone, id and outline of each block, in local metres."""
    half = STREET_M / 2
    blocks = []
    for zone, zone_id in enumerate(ZONES):
        x0, y0 = _corner(zone, side)
        for row in range(side):
            for column in range(side):
                x, y = x0 + column * BLOCK_M[0] + half, y0 + row * BLOCK_M[1] + half
                box = shapely.box(x, y, x + BLOCK_M[0] - STREET_M, y + BLOCK_M[1] - STREET_M)
                blocks.append((zone_id, f"{zone_id}-B{row * side + column + 1}", box))
    return blocks


def _plots(blocks: list[tuple[str, str, shapely.Polygon]]) -> gpd.GeoDataFrame:
    rows, shapes = [], []
    for zone_id, block_id, block in blocks:
        x0, y0, _, _ = block.bounds
        for strip in range(2):
            for place in range(PLOTS_ALONG):
                x, y = x0 + place * PLOT_M[0], y0 + strip * PLOT_M[1]
                shapes.append(shapely.box(x, y, x + PLOT_M[0], y + PLOT_M[1]))
                rows.append((zone_id, block_id, f"{block_id}-{'SN'[strip]}", len(rows)))
    table = pd.DataFrame(rows, columns=["zone_id", "block_id", "strip_id", "number"])
    count = len(table)
    rng = np.random.default_rng(1)
    taken = rng.random(count) < 0.72
    project = pd.Series(np.where(taken, np.arange(count), -1))
    project_id = project.map("PR{:04d}".format).where(pd.Series(taken), None)
    state = pd.Series(rng.choice(STATES[1:], count)).where(pd.Series(taken), "for sale")
    columns = {
        "plot_id": table["zone_id"] + "-" + (table["number"] + 1).astype(str).str.zfill(3),
        "zone_id": table["zone_id"],
        "block_id": table["block_id"],
        "strip_id": table["strip_id"],
        "use": np.where(table["zone_id"] == "L1", "logistics", "production"),
        "area_ha": PLOT_M[0] * PLOT_M[1] / 10_000,
        "frontage_m": PLOT_M[0],
        "depth_m": PLOT_M[1],
        "rectangularity": 1.0,
        "corner": False,
        "gate_distance_m": 250.0,
        "market": state,
        "occupation": np.where(taken, "transitional", "vacant"),
        "servicing": "planned",
        "available_year": pd.array([2026] * count, dtype="Int64"),
        "project_id": project_id,
        "asked_ha": np.nan,
    }
    assert tuple(columns) == PLOT_COLUMNS
    return _frame(columns, shapes)


def _projects(plots: gpd.GeoDataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a project for each taken plot, and four that found none."""
    held = plots[plots["project_id"].notna()]
    ids = [*held["project_id"], *(f"PU{i:04d}" for i in range(4))]
    count = len(ids)
    rng = np.random.default_rng(2)
    weights = np.linspace(3, 1, len(SECTORS))
    sector = rng.choice(SECTORS, count, p=weights / weights.sum())
    projects = pd.DataFrame(
        {
            "project_id": ids,
            "name": [f"Demo {s} {i:03d} (generated)" for i, s in enumerate(sector)],
            "sector": sector,
            "use": "production",
            "area_ha": 0.6,
            "area_min_ha": 0.51,
            "area_max_ha": 0.72,
            "frontage_min_m": 30.0,
            "invest_bn_kzt": np.round(rng.lognormal(0.5, 0.9, count), 3),
            "jobs": pd.array(rng.integers(10, 220, count), dtype="Int64"),
            "power_mw": np.round(rng.uniform(0.05, 1.5, count), 3),
            "water_m3d": np.round(rng.uniform(2, 60, count), 1),
            "wastewater_m3d": np.round(rng.uniform(2, 50, count), 1),
            "gas_m3h": 0.0,
            "rail": rng.random(count) < 0.2,
            "hazard_class": pd.array(rng.integers(2, 6, count), dtype="Int64"),
            "sensitive": None,
            "start_year": pd.array(rng.integers(2026, 2031, count), dtype="Int64"),
            "priority": 1,
            "status": rng.choice(["application", "review", "contract"], count),
        }
    )
    short = count - len(held)
    allocation = pd.DataFrame(
        {
            "project_id": ids,
            "status": ["placed"] * len(held) + ["unplaced"] * short,
            "plot_ids": [*held["plot_id"], *[""] * short],
            "area_ha": [*held["area_ha"], *[0.0] * short],
            "zone_id": [*held["zone_id"], *[None] * short],
            "reason": [""] * len(held) + ["Power: 3.2 MW short in every zone it may use."] * short,
            "waiting": pd.array([None] * len(held) + list(range(1, short + 1)), dtype="Int64"),
        }
    )
    assert tuple(allocation.columns) == ALLOCATION_COLUMNS
    return projects, allocation


def _streets(side: int) -> gpd.GeoDataFrame:
    width, height = _extent_m(side)
    lines, classes = [], []
    for column in range(3 * side + 1):
        x = column * BLOCK_M[0]
        lines.append(shapely.LineString([(x, 0), (x, 2 * height)]))
        classes.append("main" if column % (3 * side) == 0 else "local")
    for row in range(2 * side + 1):
        y = row * BLOCK_M[1]
        lines.append(shapely.LineString([(0, y), (3 * width, y)]))
        classes.append("collector" if row % side == 0 else "local")
    columns = {
        "street_id": [f"S{i + 1}" for i in range(len(lines))],
        "class": classes,
        "row_m": STREET_M,
        "length_m": [line.length for line in lines],
    }
    assert tuple(columns) == STREET_COLUMNS
    return _frame(columns, lines)


def _land(
    zones: gpd.GeoDataFrame,
    blocks: list[tuple[str, str, shapely.Polygon]],
    plots: gpd.GeoDataFrame,
    side: int,
) -> gpd.GeoDataFrame:
    rows = [("plot", plot.zone_id, plot.geometry) for plot in plots.itertuples()]
    for zone in zones.itertuples():
        held = shapely.MultiPolygon([box for zone_id, _, box in blocks if zone_id == zone.zone_id])
        if held.is_empty:
            kind, shape = zone.use, zone.geometry.difference(_exclusions(side).union_all())
        else:
            kind, shape = "street", zone.geometry.difference(_placed([held]).iloc[0])
        rows.append((kind, zone.zone_id, shape))
    shapes = gpd.GeoSeries([row[2] for row in rows], crs=CRS)
    return gpd.GeoDataFrame(
        {
            "land_id": [f"LA{i + 1}" for i in range(len(rows))],
            "kind": [row[0] for row in rows],
            "zone_id": [row[1] for row in rows],
            "area_ha": shapes.area / 10_000,
        },
        geometry=shapes,
    )


def _exclusions(side: int) -> gpd.GeoDataFrame:
    width, _ = _extent_m(side)
    lake = affinity.scale(shapely.Point(width * 0.7, -110).buffer(80), 2.2, 0.8)
    pipeline = shapely.LineString([(0, -18), (3 * width, -18)]).buffer(8, cap_style="flat")
    return _frame({"exclusion_id": ["X1", "X2"], "kind": ["water", "pipeline"]}, [lake, pipeline])


def _gates(side: int) -> gpd.GeoDataFrame:
    width, height = _extent_m(side)
    siding = shapely.LineString([(width * 0.8, 2 * height + 8), (3 * width, 2 * height + 8)])
    points = [shapely.Point(0, height), shapely.Point(3 * width, 0)]
    return _frame(
        {"gate_id": ["GA1", "GA2", "RA1"], "kind": ["road", "road", "rail"], "row_m": 30.0},
        [*points, siding],
    )


def _utilities(side: int) -> gpd.GeoDataFrame:
    width, height = _extent_m(side)
    served = shapely.box(0, 0, 2 * width, 2 * height)
    point = shapely.Point(3 * width + 90, height / 2)
    return _frame(
        {
            "utility_id": ["U-P1", "U-W1"],
            "kind": ["power_mw", "water_m3d"],
            "capacity": [40.0, 5200.0],
        },
        [point, served],
    )


def _receptors(side: int) -> gpd.GeoDataFrame:
    width, _ = _extent_m(side)
    housing = shapely.box(width * 0.2, -900, width * 1.4, -560)
    return _frame(
        {
            "receptor_id": ["H1", "D1"],
            "kind": ["housing", "recreation"],
            "distance_m": [np.nan, 200.0],
        },
        [housing, shapely.Point(3 * width + 900, 0)],
    )


def _findings(plots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = [plots.geometry.iloc[3], plots.geometry.iloc[17].centroid, None]
    columns = {
        "severity": ["error", "warning", "info"],
        "rule": ["frontage", "proportions", "reader"],
        "layer": ["plots", "plots", "projects"],
        "subject": [plots["plot_id"].iloc[3], plots["plot_id"].iloc[17], "projects.csv"],
        "message": [
            "fronts the street with 12 m only.",
            "is deep for its width.",
            "was read as cp1251.",
        ],
        "remedy": ["Move its side.", None, ""],
    }
    assert tuple(columns) == FINDING_COLUMNS
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=CRS))
