import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.publish import report
from geoplan.publish.columns import placed_projects
from geoplan.publish.figures import (
    land_figures,
    layout_figures,
    project_figures,
    solver_figures,
    street_table,
    utility_figures,
)
from geoplan.publish.formats import number, percent, rounded_shares
from geoplan.publish.report import balance_by_zone, capacity_rows, report_html

from .sample import REASON, costing, sample_plan

HOSTILE = (
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "{{ 7 * 7 }}",
    "{% include 'report.css' %}",
    "${alert(1)}",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "\u202eright to left",
    "nul \x00 and half a pair \ud800",
    "Сарыарқа «Құрылыс»",
)


class Page(HTMLParser):
    """Tags and text of a page; a void or self-closed tag has no end."""

    VOID = ("meta", "br")

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.texts, self.links = [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip() and self.open[-1] != "style":
            self.texts.append(" ".join(data.split()))


@pytest.fixture(scope="module")
def page():
    return Page(report_html(sample_plan()))


def figures(found):
    return {(f.title, f.unit): (f.value, f.total, f.share) for f in found}


def test_layout_figures_are_those_computed_by_hand():
    found = figures(layout_figures(sample_plan()))
    assert found["Rectangularity of plots, median", ""] == ("1.000", "", "")
    assert found["Way to a gate, longest", "m"] == ("250", "", "")
    assert found["Corner plots, number", ""] == ("0", "6", "0.0\u2009%")


def test_land_figures_are_those_computed_by_hand():
    assert figures(land_figures(sample_plan())) == {
        ("Gross area of the zones", "ha"): ("20.00", "", ""),
        ("Plots", "ha"): ("10.80", "20.00", "54.0\u2009%"),
        ("Plots, number", ""): ("6", "", ""),
        ("Free plots", "ha"): ("1.80", "20.00", "9.0\u2009%"),
        ("Free plots, number", ""): ("1", "", ""),
        ("Streets", "ha"): ("2.00", "20.00", "10.0\u2009%"),
        ("Streets, length", "km"): ("1.00", "", ""),
        ("Residual land", "ha"): ("0.45", "20.00", "2.2\u2009%"),
    }


def test_project_figures_are_those_computed_by_hand():
    assert figures(project_figures(sample_plan())) == {
        ("Projects placed", ""): ("4", "5", "80.0\u2009%"),
        ("Area wanted by the projects placed", "ha"): ("8.90", "12.90", "69.0\u2009%"),
        ("Investment placed", "bn KZT"): ("100.0", "150.0", "66.7\u2009%"),
        ("Jobs placed", ""): ("1\u2009000", "1\u2009500", "66.7\u2009%"),
        ("Area given to projects", "ha"): ("9.00", "", ""),
    }


def test_utilities_are_summed_by_kind():
    table = pd.DataFrame(
        {"utility_id": ["W1", "U1", "W2"], "kind": ["water_m3d", "power_mw", "water_m3d"],
         "capacity": [100.0, 5.0, 300.0], "used": [50.0, 1.0, 50.0], "free": [50.0, 4.0, 250.0]}
    )  # fmt: skip
    found = figures(utility_figures(sample_plan(capacities=table)))
    assert found == {
        ("Power used", "MW"): ("1.0", "5.0", "20.0\u2009%"),
        ("Water used", "m³/day"): ("100.0", "400.0", "25.0\u2009%"),
    }


def test_the_solvers_word_is_given_for_each_aim():
    one = {"status": "optimal", "objective": 100.0, "bound": 100.4, "gap": 0.004}
    assert [f.value for f in solver_figures({"solver": one})] == ["optimal", "100.000"]
    two = [one | {"aim": "investment"}, {"aim": "area_fit", "status": "feasible", "gap": None}]
    found = figures(solver_figures({"solver": two}))
    assert found["Allocation, investment", ""] == ("optimal", "", "")
    assert found["Objective and its bound, investment", "bn KZT"] == (
        "100.000",
        "100.400",
        "gap 0.40\u2009%",
    )
    assert found["Objective and its bound, area that fits", "ha"] == ("–", "–", "gap –")
    assert solver_figures({}) == []


def test_a_plan_without_a_portfolio_has_no_project_figures(page):
    plan = sample_plan()
    empty = {"projects": pd.DataFrame(), "allocation": plan.allocation.iloc[:0]}
    assert project_figures(replace(plan, **empty)) == []
    assert "Every project has a plot." not in page.texts
    assert "No project has a plot." in Page(report_html(replace(plan, **empty))).texts


def test_streets_are_summed_by_class_as_computed_by_hand():
    """500 m of 20 m collector and 500 m of 30 m main street, on 20 ha with 10.8 ha of plots."""
    streets = sample_plan().streets.assign(**{"class": ["collector", "main"], "row_m": [20, 30]})
    plan = sample_plan(streets=streets, manifest=costing(main=1750, collector=1100))
    main, collector = street_table(plan).to_dict("records")
    assert main == pytest.approx({
        "class": "main", "length_km": 0.5, "row_ha": 1.5, "length_m_ha": 25.0,
        "cost_mln_kzt": 875.0, "cost_gross_mln_kzt_ha": 43.75,
        "cost_plots_mln_kzt_ha": 875 / 10.8})  # fmt: skip
    assert (collector["row_ha"], collector["cost_mln_kzt"]) == pytest.approx((1.0, 550.0))


def test_streets_have_no_cost_where_none_is_stated():
    columns = ["class", "length_km", "row_ha", "length_m_ha"]
    assert list(street_table(sample_plan()).columns) == columns
    assert list(street_table(sample_plan(manifest={})).columns) == columns


def test_a_cost_that_is_not_stated_for_every_class_has_no_total():
    streets = sample_plan().streets.assign(**{"class": ["main", "local"]})
    table = street_table(sample_plan(streets=streets, manifest=costing(main=1750)))
    assert table["cost_mln_kzt"].isna().tolist() == [False, True]
    texts = Page(report_html(sample_plan(streets=streets, manifest=costing(main=1750)))).texts
    start = texts.index("mln KZT/ha of plots")
    after = [text for text in texts[start + 1 :] if text][:21]
    assert after == ["main", "0.50", "1.00", "25.0", "875", "43.75", "81.02",
                     "local", "0.50", "1.00", "25.0", "–", "–", "–",
                     "Total", "1.00", "2.00", "50.0", "–", "–", "–"]  # fmt: skip


def test_streets_without_a_cost_say_so(page):
    assert any("No cost is stated" in text for text in page.texts)
    assert "Cost, mln KZT" not in page.texts
    costed = Page(report_html(sample_plan(manifest=costing(main=1750))))
    assert "Cost, mln KZT" in costed.texts
    assert not any("No cost is stated" in text for text in costed.texts)


def test_the_balance_is_held_against_the_norms():
    zones = {zone.zone_id: zone for zone in balance_by_zone(sample_plan())}
    whole = {share.kind: share for share in zones["all"].shares}
    assert (whole["plot"].norm, whole["plot"].verdict) == ("60–75\u2009%", "6.0 pp below")
    assert (whole["street"].verdict, whole["street"].level) == ("ok", "ok")
    assert (whole["residual"].verdict, whole["residual"].level) == ("1.2 pp above", "outside")
    assert (whole["reserve"].verdict, whole["reserve"].norm) == ("no norm", "")
    assert whole["plot"].source.startswith("Factory land 60-75 %")
    assert whole["plot"].source.endswith("[H]")
    assert zones["Z1"].shares[0].verdict == "no norm"


def test_shares_of_each_zone_sum_to_a_whole_as_shown():
    for zone in balance_by_zone(sample_plan()):
        assert sum(round(1000 * share.share) for share in zone.shares) == 1000
        assert zone.area_ha == pytest.approx(20 if zone.zone_id == "all" else 10)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=9).filter(lambda parts: sum(parts) > 1e-3))
def test_rounded_shares_sum_to_a_whole_and_stay_near(parts):
    shares = [part / sum(parts) for part in parts]
    rounded = rounded_shares(shares)
    assert sum(round(1000 * share) for share in rounded) == 1000
    assert all(abs(a - b) < 0.0010001 for a, b in zip(shares, rounded, strict=True))


def test_shares_that_are_no_whole_go_on_showing_it():
    assert rounded_shares([0.5, 0.4]) == [0.5, 0.4]


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234567.891, 2, "1\u2009234\u2009567.89"),
        (-1234.5, 1, "\u22121\u2009234.5"),
        (-0.001, 1, "0.0"),
        (999, 0, "999"),
        (float("nan"), 1, "–"),
        (float("inf"), 1, "–"),
        (pd.NA, 0, "–"),
        (None, 0, "–"),
    ],
)
def test_numbers_have_thin_spaces(value, decimals, text):
    assert number(value, decimals) == text


def test_a_share_that_is_none_is_a_dash():
    assert percent(None) == percent(float("nan")) == "–"


def test_use_beyond_capacity_shows_beyond_the_mark():
    table = pd.DataFrame(
        {"utility_id": ["A", "B", "C"], "kind": ["power_mw", "steam", "gas_m3h"],
         "capacity": [10.0, 10.0, 0.0], "used": [5.0, 12.0, 0.0], "free": [5.0, -2.0, 0.0]}
    )  # fmt: skip
    half, over, none = capacity_rows(table)
    assert (half.bar, half.over, half.unit) == (pytest.approx(0.4), False, "MW")
    assert (over.bar, over.over, over.title) == (pytest.approx(0.96), True, "steam")
    assert none.bar == 0
    assert "120.0 % over" in Page(report_html(sample_plan(capacities=table))).texts


def test_the_page_has_every_section(page):
    ids = [attributes["id"] for tag, attributes in page.tags if tag == "section"]
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == [f"#{name}" for name in ids]
    expected = {
        "Sample park",
        "Schematic: invented for the tests",
        REASON,
        "Build a second intake.",
        "B1-N2",
        "a" * 64,
        "subdivide.plotted_uses",
        "production, logistics",
        "Errors (1)",
        "Warnings (2)",
        "Notes (1)",
    }
    assert expected <= set(page.texts)


def test_the_stacked_bar_holds_the_shares(page):
    start = next(n for n, (_, a) in enumerate(page.tags) if a.get("class") == "stack")
    bars = [a for _, a in page.tags[start + 1 : start + 9]]
    assert [bar["class"] for bar in bars][:3] == ["k-plot", "k-street", "k-green"]
    assert [float(bar["width"]) for bar in bars] == [540, 100, 90, 45, 90, 90, 22.5, 22.5]
    assert [float(bar["x"]) for bar in bars] == [0, 540, 640, 730, 775, 865, 955, 977.5]


def test_the_page_asks_for_nothing_and_runs_nothing(page):
    policy = next(a["content"] for _, a in page.tags if "http-equiv" in a)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe", "object"})
    for _, attributes in page.tags:
        assert not {"src", "srcset", "style"} & attributes.keys()
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("href", "#").startswith("#")
    assert not re.search(r"url\(|@import|https?:", report_html(sample_plan()))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_applicants_typed_is_only_text(page, text):
    plan = sample_plan()
    settings = {"site": {"name": text, text: text}}
    norms = {"title": text, "balance": {"plot": {"source": text, "confidence": "H"}}}
    hostile = replace(
        plan,
        name=text,
        notice=text,
        projects=plan.projects.assign(name=text, sector=text, status=text),
        allocation=plan.allocation.assign(zone_id=text, reason=text, plot_ids=text),
        capacities=plan.capacities.assign(utility_id=text, kind=text),
        balance=plan.balance.replace({"zone_id": {"Z1": text}}),
        findings=plan.findings.assign(message=text, subject=text, rule=text, remedy=text),
        manifest={"settings": settings, "norms": norms, "inputs": {text: text},
                  "versions": {text: text}, "solver": {"status": text}},
    )  # fmt: skip
    html = report_html(hostile)
    html.encode("utf-8")
    found = Page(html)
    shown = " ".join(re.sub("[\x00\ud800]", "\ufffd", text).split())
    assert sum(shown in seen for seen in found.texts) >= 30
    names = {tag for tag, _ in found.tags}
    assert names <= {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, a in found.tags for name in a)


def test_the_same_plan_gives_the_same_page_whatever_the_times_and_the_order_of_settings():
    plan = sample_plan()
    shuffled = {key: plan.manifest[key] for key in reversed(plan.manifest)}
    shuffled["settings"] = dict(reversed(plan.manifest["settings"].items()))
    later = replace(plan, manifest=shuffled | {"stage_seconds": {"site": 99.0}})
    assert report_html(plan) == report_html(plan) == report_html(later)


def test_long_lists_of_findings_are_cut_and_say_so(monkeypatch):
    monkeypatch.setattr(report, "FINDINGS_SHOWN", 1)
    texts = Page(report_html(sample_plan())).texts
    assert "Warnings (2)" in texts
    assert "1 more are in register.xlsx." in texts
    assert "Move the east edge." not in texts


def test_an_empty_plan_has_a_report():
    plan = sample_plan(manifest={})
    names = ("plots", "projects", "allocation", "balance", "capacities", "findings", "streets")
    bare = replace(plan, **{name: getattr(plan, name).iloc[:0] for name in names})
    texts = Page(report_html(bare)).texts
    assert "Nothing was found that breaks a rule." in texts
    assert "No utility with a capacity was given." in texts
    assert "The plan has no streets." in texts


def test_a_proposal_stands_with_the_line_that_accepts_it():
    texts = Page(report_html(sample_plan())).texts
    assert 'merge_plots = [["P1", "P2"]]' in texts
    assert "short of power <b>" in texts


def test_a_locked_plot_does_not_hide_the_allocated_one():
    plan = sample_plan()
    joined = placed_projects(plan.projects.assign(plot_id="B9"), plan.allocation)
    assert joined["plot_ids"].tolist()[:2] == ["B1-S1", "B1-S2;B1-N2"]
    assert "plot_id" not in joined


def test_the_page_prints_on_a4(tmp_path):
    chromium = shutil.which("chromium")
    assert chromium, "the report is looked at in Chromium"
    (tmp_path / "report.html").write_text(report_html(sample_plan()), encoding="utf-8")
    subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
         f"--user-data-dir={tmp_path / 'profile'}",
         f"--print-to-pdf={tmp_path / 'report.pdf'}", str(tmp_path / "report.html")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    content = (tmp_path / "report.pdf").read_bytes()
    boxes = {
        tuple(map(float, b.split())) for b in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", content)
    }
    assert [tuple(round(x) for x in b) for b in boxes] == [(0, 0, 595, 842)]
