"""Each way of breaking a plan is found, and nothing else is; the plan is in ``drawn_plan``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
import shapely

from geoplan.audit import audit
from geoplan.plan import PlanLayers

from .drawn_plan import (
    good_plan,
    piece,
    recut,
    strict_green,
    two_parts,
    uneven_balance,
    with_gate,
    with_land,
    with_plot,
    with_project,
    with_row,
    with_settings,
    with_solver,
    with_street,
    with_zone,
    without_land,
    without_plots,
)

Found = set[tuple[str, str, str]]


def found(plan: PlanLayers) -> Found:
    return {(f.severity, f.rule, f.subject) for f in audit(plan)}


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
    "heavy goods vehicles come by a local street": (
        lambda p: with_project(with_street(p, "local"), "SAW", heavy=True),
        {("error", "main street", "S2")},
    ),
    "heavy goods vehicles come by a collector": (
        lambda p: with_project(with_street(p, "collector"), "SAW", heavy=True), set(),
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


def test_each_plot_of_a_project_that_is_too_near_is_named_once() -> None:
    plan = with_settings(with_plot(good_plan(), "S3", project_id="SAW"), "allocate", apart_m=201.0)
    plan = with_project(plan, "SAW", area_max_ha=1.8, apart="METAL;OUT;METAL")
    findings = audit(with_row(plan, "SAW", area_ha=1.8, plot_ids="S2;S3"))
    told = [(f.rule, f.subject, f.message.split(";")[0]) for f in findings]
    assert told == [
        ("apart", "S2", "Project SAW is 200 m from project METAL"),
        ("apart", "S3", "Project SAW is 100 m from project METAL"),
    ]


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
