"""Each way of breaking a plan is found, and nothing else is.

A plan of three zones that is drawn by hand, in metres, x to the right::

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

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoplan.audit import audit
from geoplan.balance import balance_of
from geoplan.config import AllocateSettings, NormProfile, SubdivideSettings, load_norms
from geoplan.plan import PlanLayers

CRS = "EPSG:32642"
WEST_M, SOUTH_M = 672_000, 5_677_000
STEP_M = 10
"""Corners stand so close on every edge that pieces can be recut and still share them."""

HOLDERS = {"S1": "FOOD", "S2": "SAW", "S5": "METAL", "S8": "STEEL", "N1": "GLASS"}

Found = set[tuple[str, str, str]]


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


def found(plan: PlanLayers) -> Found:
    return {(f.severity, f.rule, f.subject) for f in audit(plan)}


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


PARTS, BETWEEN = two_parts()
BREAKS: dict[str, tuple[Callable[[PlanLayers], PlanLayers], Found]] = {
    "plots overlap": (
        lambda p: recut(p, {"S3": piece(200, 0, 310, 90)}),
        {("error", "coverage", "S3, S4"), ("error", "conservation", "")},
    ),
    "land is missing": (lambda p: without_land(p, "N6"), {("error", "conservation", "")}),
    "land names another zone": (
        lambda p: with_land(p, "N6", zone_id="A"), {("error", "zone", "N6")},
    ),
    "land names no zone of the park": (
        lambda p: with_land(p, "N6", zone_id="X"), {("error", "zone", "N6")},
    ),
    "a plot is cut off from its street": (
        lambda p: recut(p, {"S3": piece(200, 0, 300, 80)}, more={"X": piece(200, 80, 300, 90)}),
        {("error", "frontage", "S3")},
    ),
    "a plot has 20 m of street": (
        lambda p: recut(p, {
            "S3": shapely.union_all([piece(200, 0, 300, 80), piece(280, 80, 300, 90)])
        }, more={"X": piece(200, 80, 280, 90)}),
        {("error", "frontage", "S3")},
    ),
    "a plot is not where the land has it": (
        lambda p: with_plot(p, "S4", geometry=piece(300, 0, 400, 80), area_ha=0.8),
        {("error", "frontage", "S4"), ("error", "outline", "S4")},
    ),
    "a plot is a sliver": (
        lambda p: recut(p, {"S3": piece(200, 70, 300, 90)}, more={"X": piece(200, 0, 300, 70)}),
        {("error", "sliver", "S3"), ("warning", "idle land", "X")},
    ),
    "a plot has two parts": (
        lambda p: recut(p, {"S3": PARTS}, more={"X": BETWEEN}), {("error", "parts", "S3")},
    ),
    "two plots have one id": (
        lambda p: with_plot(p, "S4", plot_id="S3"), {("error", "ids", "S3")},
    ),
    "a plot's stated area is off": (
        lambda p: with_plot(p, "S3", area_ha=0.901), {("error", "area", "S3")},
    ),
    "the area is off the one chosen by 0.1 %": (
        lambda p: with_row(p, "SAW", area_ha=0.9009), {("error", "chosen area", "SAW")},
    ),
    "the area is below the least that will do": (
        lambda p: with_project(p, "SAW", area_min_ha=0.91), {("error", "chosen area", "SAW")},
    ),
    "the area is above the greatest that will do": (
        lambda p: with_project(p, "SAW", area_max_ha=0.89), {("error", "chosen area", "SAW")},
    ),
    "a project holds a second plot that its row does not name": (
        lambda p: with_row(
            with_project(with_plot(p, "S3", project_id="SAW"), "SAW", area_max_ha=1.8),
            "SAW", area_ha=1.8,
        ),
        {("error", "allotment", "SAW")},
    ),
    "a row names the plot of another project": (
        lambda p: with_row(p, "STEEL", plot_ids="S2"), {("error", "allotment", "STEEL")},
    ),
    "a plot has a project that nobody knows": (
        lambda p: with_plot(p, "S3", project_id="GHOST"),
        {("error", "allotment", "GHOST"), ("error", "portfolio", "GHOST")},
    ),
    "an unplaced project has no reason": (
        lambda p: with_row(p, "OUT", reason=""), {("error", "reasons", "OUT")},
    ),
    "a placed project has a reason": (
        lambda p: with_row(p, "SAW", reason="Why not."), {("error", "reasons", "SAW")},
    ),
    "a locked project has another plot": (
        lambda p: with_project(p, "GLASS", plot_id="N2"), {("error", "lock", "GLASS")},
    ),
    "a locked project has no plot": (
        lambda p: with_project(p, "OUT", plot_id="N2"), {("error", "lock", "OUT")},
    ),
    "a utility gives more than it has": (
        lambda p: replace(p, capacities=p.capacities.assign(capacity=9.9)),
        {("error", "capacity", "PW")},
    ),
    "demand is not accounted for": (
        lambda p: replace(p, capacities=p.capacities.assign(used=8.0)),
        {("error", "supply", "power_mw")},
    ),
    "a project stands in a zone of another use": (
        lambda p: with_project(p, "SAW", use="logistics"), {("error", "use", "S2")},
    ),
    "a zone does not take the hazard class": (
        lambda p: with_zone(p, "B", hazard_max=4), {("error", "hazard", "S5")},
    ),
    "a project starts before its zone is there": (
        lambda p: with_zone(p, "A", available_year=2028), {("error", "year", "S2")},
    ),
    "a siding is too far from a project that is locked": (
        lambda p: with_project(p, "GLASS", rail=True), {("warning", "rail", "N1")},
    ),
    "there is no siding": (
        lambda p: replace(p, gates=p.gates.iloc[:1]), {("error", "rail", "S8")},
    ),
    "a withdrawn project holds a plot": (
        lambda p: with_project(p, "SAW", status="withdrawn"), {("error", "withdrawn", "S2")},
    ),
    "a hazard is too near housing": (
        lambda p: with_project(p, "FOOD", hazard_class=3), {("error", "sanitary distance", "S1")},
    ),
    "a receptor asks for a distance of its own": (
        lambda p: replace(p, receptors=p.receptors.assign(distance_m=101.0)),
        {("error", "sanitary distance", "S1")},
    ),
    "a hazard is too near a plant of a sensitive sector": (
        lambda p: with_project(p, "SAW", sector="food"), {("error", "sanitary distance", "S5")},
    ),
    "a hazard is too near a plant that says it is sensitive": (
        lambda p: with_project(p, "SAW", sensitive=True), {("error", "sanitary distance", "S5")},
    ),
    "projects stand nearer than they asked": (
        lambda p: with_settings(p, "allocate", apart_m=201.0),
        {("error", "apart", "S2")},
    ),
    "the balance misses the norms": (strict_green, {("warning", "balance", "green")}),
    "the balance does not add up the land": (uneven_balance, {("error", "balance sum", "green")}),
    "a street is cut off": (
        lambda p: with_land(p, "N8b", kind="street"), {("warning", "access", "N8b")},
    ),
    "no street reaches a gate": (
        lambda p: with_gate(p, "FAR", 1300, 100), {("warning", "access", "FAR")},
    ),
    "land that could hold a plot is idle": (
        lambda p: with_land(p, "N6", kind="residual"), {("warning", "idle land", "N6")},
    ),
    "a zone yields no plot": (
        lambda p: with_zone(p, "C", use="production"), {("warning", "no plots", "C")},
    ),
    "nothing yields a plot": (
        without_plots,
        {("error", "no plots", ""), ("warning", "no plots", "A"), ("warning", "no plots", "B")},
    ),
    "the gap is above the one wanted": (
        lambda p: with_solver(p, gap=0.0051), {("warning", "gap", "investment")},
    ),
    "no bound was found": (
        lambda p: with_solver(p, gap=None), {("warning", "gap", "investment")},
    ),
    "the bound is infinitely far": (
        lambda p: with_solver(p, gap=float("inf")), {("warning", "gap", "investment")},
    ),
    "the time limit ended the search": (
        lambda p: with_solver(p, status="time limit"),
        {("warning", "repeatability", "investment")},
    ),
}  # fmt: skip


def test_a_good_plan_has_no_finding() -> None:
    assert audit(good_plan()) == []


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found_and_nothing_else(name: str) -> None:
    spoil, expected = BREAKS[name]
    findings = audit(spoil(good_plan()))
    assert {(f.severity, f.rule, f.subject) for f in findings} == expected
    for finding in findings:
        assert finding.message.endswith(".")
        assert finding.remedy.endswith(".")
        assert "nan" not in finding.message
        assert "inf " not in finding.message


def test_messages_give_the_figures() -> None:
    plan = good_plan()

    def told(name: str) -> str:
        return " ".join(finding.message for finding in audit(BREAKS[name][0](plan)))

    assert "20.0 m of it front a street" in told("a plot has 20 m of street")
    assert "measures 0.2000 ha, less than 0.3 ha" in told("a plot is a sliver")
    assert "9.9" in told("a utility gives more than it has")
    assert "its nearest is 700 m away" in told("a siding is too far from a project that is locked")
    assert "there is none" in told("there is no siding")
    assert "100 m from receptor H; hazard class 3 keeps 300 m" in told(
        "a hazard is too near housing"
    )
    assert "200 m from project SAW" in told("a hazard is too near a plant of a sensitive sector")
    # Green is 3.6 ha in zone B and 2 ha in zone C, of 18 ha.
    assert "31.1% of the park" in told("the balance misses the norms")
    assert "50.0% to 60.0%" in told("the balance misses the norms")
    assert "within 0.51%; within 0.50% was wanted" in told("the gap is above the one wanted")


def test_streets_that_no_gate_reaches_serve_no_plot() -> None:
    plan = good_plan()
    away = plan.gates.assign(geometry=plan.gates.translate(0, 500))
    rules = [(f.rule, f.subject) for f in audit(replace(plan, gates=away)) if f.rule != "rail"]
    assert sorted(rules) == sorted(
        [("frontage", name) for name in plan.plots["plot_id"]]
        + [("access", "RA"), ("access", "RB"), ("access", "G")]
    )


def test_without_gates_the_largest_network_of_each_part_counts() -> None:
    plan = good_plan()
    plan = replace(with_project(plan, "STEEL", rail=False), gates=plan.gates.iloc[:0])
    assert audit(plan) == []
    assert found(with_land(plan, "N8b", kind="street")) == {("warning", "access", "N8b")}


def test_a_gap_between_two_streets_cuts_off_what_lies_behind() -> None:
    plan = with_land(good_plan(), "RA", kind="residual")
    plan = with_project(plan, "STEEL", rail=False)
    cut_off = {subject for _, rule, subject in found(plan) if rule == "frontage"}
    assert cut_off == set(plan.plots["plot_id"])


def test_streets_that_touch_in_a_point_are_not_one_network() -> None:
    shapes = {"C1": piece(800, 110, 900, 200)}
    plan = recut(good_plan(), shapes, more={"X": piece(800, 0, 900, 110)}, zone="C")
    assert found(plan) == set()
    assert found(with_land(plan, "C1", kind="street")) == {("warning", "access", "C1")}


def test_a_withdrawn_project_keeps_no_plot() -> None:
    plan = with_project(good_plan(), "OUT", plot_id="N2", status="withdrawn")
    assert found(plan) == set()


def test_a_receptor_with_the_id_of_a_project_is_no_exception() -> None:
    plan = good_plan()
    plan = replace(plan, receptors=plan.receptors.assign(receptor_id="FOOD", distance_m=101.0))
    assert found(plan) == {("error", "sanitary distance", "S1")}


def test_a_plan_without_a_portfolio_is_audited() -> None:
    plan = good_plan()
    nobody = pd.DataFrame({"project_id": pd.Series(dtype="str")})
    plots = plan.plots.assign(project_id=pd.Series([None] * len(plan.plots), dtype="str"))
    capacities = plan.capacities.assign(used=0.0)
    manifest = {name: value for name, value in plan.manifest.items() if name != "solver"}
    plan = replace(plan, plots=plots, projects=nobody, capacities=capacities, manifest=manifest)
    assert audit(replace(plan, allocation=plan.allocation.iloc[:0])) == []


def test_auditing_changes_nothing() -> None:
    plan, before = good_plan(), good_plan()
    audit(plan)
    for name in ("zones", "gates", "receptors", "land", "plots", "projects", "allocation"):
        pd.testing.assert_frame_equal(getattr(plan, name), getattr(before, name))
