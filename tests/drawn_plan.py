"""A plan that is drawn by hand, and ways to edit it.

Three zones, in metres, x to the right::

    200 +-----+-----+-----+-----+-----+-----+-----+--N8b+---+
        | N1  | N2  | N3  | N4  | N5  | N6  | N7  +-----+   |
    110 +-----+-----+-----+-----+-----+-----+-----+--N8a+   |
        G               street 20 m                     | C |
     90 +-----+-----+-----+-----+-----+-----+-----+-----+   |
        | S1  | S2  | S3  | S4  | S5  | S6  | S7  | S8  R   |
      0 +-----+-----+-----+-----+-----+-----+-----+-----+---+
        0    100   200   300   400   500   600   700   800 900

Zone A ends at 400, B at 800; N5 to N8b and C are green. A road gate stands at G, a siding
lies along R, and housing 100 m west of zone A.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoplan.balance import balance_of
from geoplan.config import AllocateSettings, NormProfile, SubdivideSettings, load_norms
from geoplan.plan import PlanLayers

CRS = "EPSG:32642"
WEST_M, SOUTH_M = 672_000, 5_677_000
STEP_M = 10
"""Corners stand so close on every edge that pieces can be recut and still share them."""

HOLDERS = {"S1": "FOOD", "S2": "SAW", "S5": "METAL", "S8": "STEEL", "N1": "GLASS"}


def piece(west: int, south: int, east: int, north: int) -> shapely.Polygon:
    """Return a rectangle with a corner every :data:`STEP_M` metres."""
    x, y = (np.arange(a, b, STEP_M) for a, b in ((west, east), (south, north)))
    ring = np.concatenate(
        [
            np.column_stack([x, np.full(len(x), south)]),
            np.column_stack([np.full(len(y), east), y]),
            np.column_stack([x[::-1] + STEP_M, np.full(len(x), north)]),
            np.column_stack([np.full(len(y), west), y[::-1] + STEP_M]),
        ]
    )
    return shapely.Polygon(ring + np.array([WEST_M, SOUTH_M]))


def layer(columns: dict[str, Any], shapes: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def drawn_land() -> gpd.GeoDataFrame:
    rows = [(f"S{n}", "plot", (100 * n - 100, 0, 100 * n, 90)) for n in range(1, 9)]
    rows += [(f"N{n}", "plot", (100 * n - 100, 110, 100 * n, 200)) for n in range(1, 5)]
    rows += [(f"N{n}", "green", (100 * n - 100, 110, 100 * n, 200)) for n in range(5, 8)]
    rows += [("N8a", "green", (700, 110, 800, 150)), ("N8b", "green", (700, 150, 800, 200))]
    rows += [("RA", "street", (0, 90, 400, 110)), ("RB", "street", (400, 90, 800, 110))]
    rows += [("C1", "green", (800, 0, 900, 200))]
    zone = ["A" if box[0] < 400 else "B" if box[0] < 800 else "C" for *_, box in rows]
    columns = {"land_id": [r[0] for r in rows], "kind": [r[1] for r in rows], "zone_id": zone}
    land = layer(columns, [piece(*r[2]) for r in rows])
    return land.assign(area_ha=land.area / 1e4)


def drawn_plots(land: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    plots = land[land["kind"] == "plot"].rename(columns={"land_id": "plot_id"})
    return plots.drop(columns="kind").assign(
        use="production",
        available_year=pd.array([2026] * len(plots), dtype="Int64"),
        project_id=plots["plot_id"].map(HOLDERS).astype("str"),
    )


def portfolio() -> pd.DataFrame:
    ids = [*HOLDERS.values(), "OUT"]
    table = pd.DataFrame({"project_id": ids}).astype("str")
    columns: dict[str, dict[str, Any]] = {
        "sector": {"FOOD": "food"},
        "hazard_class": {"FOOD": 5, "METAL": 3},
        "start_year": {"SAW": 2027},
        "rail": {"STEEL": True},
        "plot_id": {"GLASS": "N1"},
        "apart": {"SAW": "METAL;OUT"},
        "sensitive": {},
    }
    for name, values in columns.items():
        table[name] = table["project_id"].map(values)
    table = table.assign(rail=table["rail"].eq(other=True), use="production", status="review")
    table = table.assign(area_ha=0.9, area_min_ha=0.8, area_max_ha=1.0, power_mw=2.0)
    types = {"hazard_class": "Int64", "start_year": "Int64", "sensitive": "boolean"}
    return table.astype(types | {"sector": "str", "plot_id": "str", "apart": "str"})


def allocation() -> pd.DataFrame:
    plot_of = {project: plot for plot, project in HOLDERS.items()}
    table = pd.DataFrame({"project_id": [*HOLDERS.values(), "OUT"]})
    plot_ids = table["project_id"].map(plot_of).fillna("")
    placed = plot_ids != ""
    return table.assign(
        status=np.where(placed, "placed", "unplaced"),
        plot_ids=plot_ids,
        area_ha=np.where(placed, 0.9, 0.0),
        zone_id="",
        reason=np.where(placed, "", "No strip is left."),
    )


def norms() -> NormProfile:
    """Return the shipped profile with ranges that the drawn plan keeps to."""
    shipped = load_norms("kz-industrial", Path()).model_dump()
    for norm in shipped["balance"].values():
        norm |= {"min": 0.0, "max": 1.0}
    return NormProfile.model_validate(shipped)


def good_plan() -> PlanLayers:
    land = drawn_land()
    plots = drawn_plots(land)
    zones = {"zone_id": ["A", "B", "C"], "use": ["production", "production", "green"]}
    numbers = {"hazard_max": [3, 3, 5], "available_year": [2026, 2026, 2026]}
    zones |= {name: pd.array(values, dtype="Int64") for name, values in numbers.items()}
    siding = shapely.LineString([(WEST_M + 800, SOUTH_M), (WEST_M + 800, SOUTH_M + 200)])
    gate = shapely.Point(WEST_M, SOUTH_M + 100)
    nothing = layer({"exclusion_id": []}, [])
    return PlanLayers(
        name="Drawn by hand",
        notice="",
        zones=layer(
            zones, [piece(0, 0, 400, 200), piece(400, 0, 800, 200), piece(800, 0, 900, 200)]
        ),
        exclusions=nothing,
        gates=layer({"gate_id": ["G", "R"], "kind": ["road", "rail"]}, [gate, siding]),
        utilities=layer({"utility_id": ["PW"], "kind": ["power_mw"], "capacity": [12.0]}, [None]),
        receptors=layer(
            {"receptor_id": ["H"], "kind": ["housing"], "distance_m": [np.nan]},
            [piece(-200, 0, -100, 90)],
        ),
        streets=nothing,
        strips=nothing,
        land=land,
        plots=plots,
        projects=portfolio(),
        allocation=allocation(),
        capacities=pd.DataFrame(
            {"utility_id": ["PW"], "kind": ["power_mw"], "capacity": [12.0], "used": [10.0]}
        ),
        balance=balance_of(land, norms()),
        proposals=nothing,
        findings=nothing,
        spz_distance_m={},
        manifest={
            "norms": norms().model_dump(mode="json"),
            "settings": {
                "subdivide": SubdivideSettings().model_dump(mode="json"),
                "allocate": AllocateSettings().model_dump(mode="json"),
            },
            "solver": [{"aim": "investment", "status": "optimal", "gap": 0.001}],
        },
    )


def edited(frame: pd.DataFrame, key: str, subject: str, **cells: Any) -> pd.DataFrame:
    """Return a copy of a table in which one record has other cells."""
    frame = frame.copy()
    (row,) = np.flatnonzero(frame[key] == subject)
    for name, value in cells.items():
        frame.loc[frame.index[row], name] = value
    return frame


def recut(
    plan: PlanLayers, shapes: dict[str, Any], *, more: dict[str, Any] | None = None, zone: str = "A"
) -> PlanLayers:
    """Give pieces of land, and plots of that name, other outlines; add residual land."""
    land, plots = plan.land, plan.plots
    for name, shape in shapes.items():
        land = edited(land, "land_id", name, geometry=shape, area_ha=shape.area / 1e4)
        if (plots["plot_id"] == name).any():
            plots = edited(plots, "plot_id", name, geometry=shape, area_ha=shape.area / 1e4)
    rest = {name: (shape, shape.area / 1e4) for name, shape in (more or {}).items()}
    columns = {"land_id": list(rest), "kind": "residual", "zone_id": zone}
    columns["area_ha"] = [area_ha for _, area_ha in rest.values()]
    land = pd.concat([land, layer(columns, [shape for shape, _ in rest.values()])])
    land = land.reset_index(drop=True)
    return replace(plan, land=land, plots=plots, balance=balance_of(land, norms()))


def with_gate(plan: PlanLayers, name: str, x: int, y: int) -> PlanLayers:
    gate = plan.gates[plan.gates["kind"] == "road"].iloc[:1].assign(gate_id=name)
    gate = gate.set_geometry([shapely.Point(WEST_M + x, SOUTH_M + y)], crs=CRS)
    return replace(plan, gates=pd.concat([plan.gates, gate], ignore_index=True))


def with_land(plan: PlanLayers, subject: str, **cells: Any) -> PlanLayers:
    land = edited(plan.land, "land_id", subject, **cells)
    return replace(plan, land=land, balance=balance_of(land, norms()))


def with_plot(plan: PlanLayers, subject: str, **cells: Any) -> PlanLayers:
    return replace(plan, plots=edited(plan.plots, "plot_id", subject, **cells))


def with_project(plan: PlanLayers, subject: str, **cells: Any) -> PlanLayers:
    return replace(plan, projects=edited(plan.projects, "project_id", subject, **cells))


def with_street(plan: PlanLayers, street_class: str) -> PlanLayers:
    """Draw the street between the plots, of a class."""
    line = shapely.LineString([(WEST_M, SOUTH_M + 100), (WEST_M + 800, SOUTH_M + 100)])
    return replace(plan, streets=layer({"class": [street_class], "row_m": [20.0]}, [line]))


def with_row(plan: PlanLayers, subject: str, **cells: Any) -> PlanLayers:
    return replace(plan, allocation=edited(plan.allocation, "project_id", subject, **cells))


def with_zone(plan: PlanLayers, subject: str, **cells: Any) -> PlanLayers:
    return replace(plan, zones=edited(plan.zones, "zone_id", subject, **cells))


def with_solver(plan: PlanLayers, **stage: Any) -> PlanLayers:
    solved = {"aim": "investment", "status": "optimal", "gap": 0.001} | stage
    return replace(plan, manifest={**plan.manifest, "solver": [solved]})


def with_settings(plan: PlanLayers, section: str, **values: Any) -> PlanLayers:
    settings = plan.manifest["settings"]
    settings = {**settings, section: {**settings[section], **values}}
    return replace(plan, manifest={**plan.manifest, "settings": settings})


def without_land(plan: PlanLayers, subject: str) -> PlanLayers:
    land = plan.land[plan.land["land_id"] != subject].reset_index(drop=True)
    return replace(plan, land=land, balance=balance_of(land, norms()))


def strict_green(plan: PlanLayers) -> PlanLayers:
    profile = norms().model_dump()
    profile["balance"]["green"] |= {"min": 0.5, "max": 0.6}
    return replace(plan, balance=balance_of(plan.land, NormProfile.model_validate(profile)))


def uneven_balance(plan: PlanLayers) -> PlanLayers:
    table = plan.balance.copy()
    table.loc[(table["zone_id"] == "all") & (table["kind"] == "green"), "area_ha"] += 0.1
    return replace(plan, balance=table)


def two_parts() -> tuple[shapely.MultiPolygon, shapely.Polygon]:
    parts = shapely.MultiPolygon([piece(200, 0, 240, 90), piece(260, 0, 300, 90)])
    return parts, piece(240, 0, 260, 90)


def without_plots(plan: PlanLayers) -> PlanLayers:
    land = plan.land.assign(kind=plan.land["kind"].replace("plot", "residual"))
    table = plan.allocation.assign(status="unplaced", plot_ids="", reason="No plots.")
    plan = replace(plan, land=land, plots=plan.plots.iloc[:0], allocation=table)
    return replace(plan, balance=balance_of(land, norms()))
