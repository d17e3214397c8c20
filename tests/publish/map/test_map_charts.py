"""The charts of the dock: tables whose bars and words agree with the plan's numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from geoplan.plan import BALANCE_COLUMNS, PlanLayers
from geoplan.publish.map.ledgers import ledgers

from ..hostile import HOSTILE
from .conftest import OpenMap
from .dock import speak
from .sample import with_texts

Opening = Callable[..., OpenMap]

LAND = [
    ("all", "plot", 60.0, 0.6, 0.5, 0.7, True),
    ("all", "street", 30.0, 0.3, 0.08, 0.2, False),
    ("all", "green", 6.5, 0.065, 0.1, 0.25, False),
    ("all", "excluded", 3.5, 0.035, None, None, None),
    ("P1", "plot", 60.0, 0.75, None, None, None),
    ("P1", "street", 20.0, 0.25, None, None, None),
    ("G1", "street", 10.0, 0.5, None, None, None),
    ("G1", "green", 6.5, 0.325, None, None, None),
    ("G1", "excluded", 3.5, 0.175, None, None, None),
]
CAPACITIES = {
    "utility_id": ["U-P1", "U-P2", "U-W1"],
    "kind": ["power_mw", "power_mw", "water_m3d"],
    "capacity": [40.0, 10.0, 5200.0],
    "used": [31.5, 12.5, 4100.0],
    "free": [8.5, -2.5, 1100.0],
}


def rich(plan: PlanLayers) -> PlanLayers:
    """Return the plan with a balance that misses norms and a capacity that is exceeded."""
    balance = pd.DataFrame(LAND, columns=list(BALANCE_COLUMNS))
    return replace(plan, balance=balance, capacities=pd.DataFrame(CAPACITIES))


def chart(opened: OpenMap, tab: str, number: int = 0) -> dict[str, list[str]]:
    """Open a tab and return the rows of one of its tables by their first cell."""
    if not opened.page.locator(".geoplan-dock").is_visible():
        opened.page.locator("[data-tool=tables]").click()
    opened.page.get_by_role("tab", name=tab, exact=True).click()
    rows = opened.page.get_by_role("table").nth(number).locator("tbody tr").all()
    cells = [row.locator("th, td").all_inner_texts() for row in rows]
    return {cell[0]: [text.replace("\u2009", " ") for text in cell[1:]] for cell in cells}


def bars(opened: OpenMap, row: str, number: int = 0) -> list[tuple[float, float]]:
    """Return from where to where each mark of a row's bar reaches, as shares of its width."""
    table = opened.page.get_by_role("table").nth(number)
    line = table.get_by_role("row").filter(has=opened.page.get_by_role("rowheader", name=row))
    found = line.locator(".geoplan-bars").first.evaluate(
        """(box) => [...box.children].map((mark) => {
            const [whole, part] = [box.getBoundingClientRect(), mark.getBoundingClientRect()];
            return [part.left, part.right].map((x) => (x - whole.left) / whole.width);
        })"""
    )
    return [tuple(pair) for pair in found]


def test_the_balance_says_and_draws_how_land_keeps_to_the_norms(
    open_map: Opening, plan: PlanLayers
) -> None:
    opened = open_map(rich(plan))
    park = chart(opened, "Balance")
    assert park == {
        "Plots": ["", "60.00 %", "60.00", "50 – 70 %", "✓ within the norm"],
        "Streets": ["", "30.00 %", "30.00", "8 – 20 %", "✗ 10 ha too much"],
        "Green land": ["", "6.50 %", "6.50", "10 – 25 %", "✗ 3.5 ha too little"],
        "Excluded": ["", "3.50 %", "3.50", "–", "–"],
    }
    norm, share = bars(opened, "Plots")
    assert norm == pytest.approx((0.5 / 0.7, 1), abs=0.01)
    assert share == pytest.approx((0, 0.6 / 0.7), abs=0.01)
    zones = chart(opened, "Balance", 1)
    assert zones["P1 · Азық-түлік аймағы"] == ["", "80.00", "75.00 %", "25.00 %", "–", "–"]
    assert zones["G1 · Жасыл белдеу"] == ["", "20.00", "–", "50.00 %", "32.50 %", "17.50 %"]
    parts = bars(opened, "G1", 1)
    assert [part for pair in parts for part in pair] == pytest.approx(
        [0, 0.5, 0.5, 0.825, 0.825, 1], abs=0.01
    )
    assert opened.errors == []
    assert len(opened.requests) == 1


def test_capacities_are_added_up_by_kind_and_excess_is_said(
    open_map: Opening, plan: PlanLayers
) -> None:
    opened = open_map(rich(plan))
    rows = chart(opened, "Capacities")
    assert list(rows) == ["Power", "U-P1", "U-P2", "Water", "U-W1"]
    assert rows["Power"] == ["", "44.0", "50.0", "MW", "88 %", "✓ 6.0 MW free"]
    assert rows["U-P2"] == ["", "12.5", "10.0", "MW", "125 %", "✗ 2.5 MW too much"]
    assert rows["Water"][-1] == "✓ 1 100.0 m³/day free"
    capacity, used = bars(opened, "U-P2")
    assert capacity == pytest.approx((0, 0.8), abs=0.01)
    assert used == pytest.approx((0, 1), abs=0.01)


def test_sectors_tell_what_is_placed_of_all_that_asked(open_map: Opening, plan: PlanLayers) -> None:
    opened = open_map(plan)
    rows = chart(opened, "Sectors")
    placed = plan.projects.merge(plan.allocation[["project_id", "status"]], on="project_id")
    placed = placed[placed["status_y"] == "placed"]
    for sector, asked in plan.projects.groupby("sector"):
        own = placed[placed["sector"] == sector]
        cells = rows[sector.replace("_", " ")]
        assert cells[0] == f"{len(own)} / {len(asked)}"
        assert cells[1] == f"{0.6 * len(own):.2f}"
        spent = [float(part.replace(" ", "")) for part in cells[3].split(" / ")]
        sums = [own["invest_bn_kzt"].sum(), asked["invest_bn_kzt"].sum()]
        assert spent == pytest.approx(sums, abs=0.051)
    assert rows["All"][0] == f"{len(placed)} / {len(plan.projects)}"
    jobs = rows["All"][5].replace(" ", "")
    assert jobs == f"{placed['jobs'].sum()}/{plan.projects['jobs'].sum()}"
    investments = [float(cells[3].split(" / ")[0]) for cells in list(rows.values())[:-1]]
    assert investments == sorted(investments, reverse=True)


def test_charts_speak_the_language_and_keep_hostile_texts_as_text(
    open_map: Opening, plan: PlanLayers
) -> None:
    hostile = with_texts(rich(plan), HOSTILE)
    odd = hostile.balance.assign(zone_id=["all"] * 4 + [HOSTILE[0]] * 2 + [HOSTILE[7]] * 3)
    odd.loc[3, "kind"] = HOSTILE[5]
    capacities = hostile.capacities.assign(utility_id=list(HOSTILE[:3]), kind=HOSTILE[7])
    opened = open_map(replace(hostile, balance=odd, capacities=capacities))
    speak(opened, "kk", {"Balance": "Теңгерім", "Plots": "Телімдер", "Zone": "Аймақ"})
    park = chart(opened, "Теңгерім")
    assert "Телімдер" in park
    assert HOSTILE[5] in park
    assert {HOSTILE[0], HOSTILE[7]} == set(chart(opened, "Теңгерім", 1))
    assert set(HOSTILE[:3]) <= set(chart(opened, "Capacities"))
    chart(opened, "Sectors")
    assert opened.page.locator(".geoplan-tab :is(script, img, iframe, style)").count() == 0
    assert opened.page.evaluate("window.hacked") is None
    assert opened.errors == []
    assert len(opened.requests) == 1


def contrast(opened: OpenMap, locator: str) -> float:
    """Return the contrast between a text's colour and the dock's ground."""
    return opened.page.evaluate(
        """(locator) => {
            const light = (colour) => {
                const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => part / 255)
                    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const ink = getComputedStyle(document.querySelector(locator)).color;
            const dock = document.querySelector('.geoplan-dock');
            const [a, b] = [ink, getComputedStyle(dock).backgroundColor].map(light);
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        }""",
        locator,
    )


def test_verdicts_can_be_read_by_day_and_by_night(open_map: Opening, plan: PlanLayers) -> None:
    opened = open_map(rich(plan))
    chart(opened, "Balance")
    for theme in ("day", "night"):
        opened.ask(f"plan.wear('{theme}')")
        for locator in (".geoplan-good", ".geoplan-bad", ".geoplan-chart thead th"):
            assert contrast(opened, locator) >= 4.5


def test_a_plan_without_such_tables_has_no_such_tabs(open_map: Opening, plan: PlanLayers) -> None:
    bare = replace(
        plan,
        projects=plan.projects.iloc[:0],
        allocation=plan.allocation.iloc[:0],
        plots=plan.plots.assign(project_id=None),
        capacities=plan.capacities.iloc[:0],
        findings=plan.findings.iloc[:0],
    )
    opened = open_map(bare)
    opened.page.locator("[data-tool=tables]").click()
    assert opened.page.get_by_role("tab").all_inner_texts() == ["Plots", "Streets"]
    assert opened.errors == []


def test_findings_and_streets_know_their_shapes(plan: PlanLayers) -> None:
    coded = ledgers(plan)
    assert coded["findings"]["places"].tolist() == [0, 1, -1]
    paved = int((plan.land["kind"] == "street").sum())
    assert coded["streets"]["places"].tolist() == list(range(paved, paved + len(plan.streets)))
    assert [field["column"] for field in coded["capacities"]["fields"]] == [
        "utility_id",
        "kind",
        "unit",
        "capacity",
        "used",
    ]
