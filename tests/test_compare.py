"""Two saved plans side by side: as frames, as text, as JSON and as a page."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

import geoplan
from geoplan.errors import GeoplanError

from .small_park import geoplan as command
from .small_park import write_park

HOSTILE = '<img src=x onerror="alert(1)">{{7*7}}'


@dataclass(frozen=True)
class Pair:
    """A plan, the one made from it, and their folder."""

    folder: Path
    a: geoplan.Plan
    b: geoplan.Plan


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """One withdraws, one leaves the portfolio, one comes, one needs another plot."""
    folder = tmp_path_factory.mktemp("compare")
    scenario = write_park(folder)
    a = geoplan.run(scenario)
    a.save(folder / "a")
    table = pd.read_csv(folder / "projects.csv").set_index("project_id", drop=False)
    areas = ["area_ha", "area_min_ha", "area_max_ha"]
    table[areas] = table[areas].astype(float)
    table["status"] = ["application"] * 3 + ["withdrawn"] + ["application"] * 2
    table.loc["A-3", areas] = [2.0, 1.8, 2.2]
    new = table.loc[["A-1"]].assign(project_id="N-1", name=HOSTILE, invest_bn_kzt=2.5)
    pd.concat([table.drop(index="A-5"), new]).to_csv(folder / "projects.csv", index=False)
    b = geoplan.run(scenario, previous=a)
    b.save(folder / "b")
    return Pair(folder, a, b)


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(offline=True)
    yield context.new_page()
    context.close()


def test_projects_are_told_by_what_became_of_them(pair: Pair) -> None:
    table = geoplan.compare(pair.a, pair.b).projects.set_index("project_id")
    assert table["change"].to_dict() == {
        "N-1": "new", "A-5": "gone", "A-4": "withdrawn", "A-3": "moved", "A-2": "waiting",
        "A-6": "waiting", "A-1": "kept",
    }  # fmt: skip
    places = pair.b.allocation.set_index("project_id")["plot_ids"]
    assert table.loc["A-3", "plot_ids_b"] == places["A-3"] != table.loc["A-3", "plot_ids_a"]
    assert table.loc["A-4", "plot_ids_b"] == ""
    assert table.loc["A-1", "common_share"] > 0.999


def test_the_other_way_round_everything_is_turned(pair: Pair) -> None:
    one, other = geoplan.compare(pair.a, pair.b), geoplan.compare(pair.b, pair.a)
    assert one.figures["difference"].tolist() == (-other.figures["difference"]).tolist()
    assert one.figures["a"].tolist() == other.figures["b"].tolist()
    changes = other.projects.set_index("project_id")["change"]
    assert changes[["N-1", "A-5", "A-4", "A-3"]].tolist() == ["gone", "new", "placed", "moved"]


def test_a_plan_beside_itself_differs_in_nothing(pair: Pair) -> None:
    same = geoplan.compare(pair.folder / "b", pair.b)
    assert (same.figures["difference"] == 0).all()
    assert set(same.projects["change"]) <= {"kept", "waiting"}
    for frame, column in (("balance", "difference_ha"), ("streets", "difference_km")):
        assert (getattr(same, frame)[column] == 0).all()


def test_figures_are_those_of_the_plans(pair: Pair) -> None:
    found = geoplan.compare(pair.a, pair.b)
    figures = found.figures.set_index(["figure", "unit"])
    for side, plan in (("a", pair.a), ("b", pair.b)):
        placed = plan.allocation.loc[plan.allocation["status"] == "placed", "project_id"]
        mine = plan.projects[plan.projects["project_id"].isin(placed)]
        assert figures.loc[("Projects placed", ""), side] == len(placed)
        invested = mine["invest_bn_kzt"].sum()
        assert figures.loc[("Investment placed", "bn KZT"), side] == pytest.approx(invested)
        used = found.capacities.set_index("utility_id").loc["PW", f"used_{side}"]
        assert used == pytest.approx(mine["power_mw"].sum())
        assert found.streets[f"length_km_{side}"].sum() == pytest.approx(
            plan.streets.length.sum() / 1000
        )
        whole = found.balance[f"area_ha_{side}"].sum()
        assert whole == pytest.approx(plan.zones.area.sum() / 1e4)
        objective = found.objectives.set_index("aim").loc["investment"]
        assert objective[f"value_{side}"] == pytest.approx(invested)
        assert objective[f"bound_{side}"] >= objective[f"value_{side}"]


def test_land_decides_who_has_moved_not_its_name(pair: Pair) -> None:
    renamed = replace(
        pair.a,
        plots=pair.a.plots.assign(plot_id="other " + pair.a.plots["plot_id"]),
        allocation=pair.a.allocation.assign(
            plot_ids=pair.a.allocation["plot_ids"].where(
                pair.a.allocation["plot_ids"] == "", "other " + pair.a.allocation["plot_ids"]
            )
        ),
    )
    assert set(geoplan.compare(pair.a, renamed).projects["change"]) == {"kept", "waiting"}


def test_the_command_prints_both_and_writes_a_page(pair: Pair) -> None:
    ended = command("compare", "a", "b", "--out", "compare.html", "-q", folder=pair.folder)
    assert ended.returncode == 0, ended.stderr
    header, *lines = ended.stdout.splitlines()
    assert header.split() == ["a", "b", "difference"]
    placed = next(line for line in lines if line.startswith("Projects placed"))
    assert placed.split()[-3:] == ["4", "3", "\u22121"]
    assert "  moved: 1" in lines
    again = command("compare", "a", "b", "--out", "again.html", "-q", folder=pair.folder)
    assert again.stdout == ended.stdout
    pages = [(pair.folder / name).read_bytes() for name in ("compare.html", "again.html")]
    assert pages[0] == pages[1]


def test_json_has_every_frame(pair: Pair) -> None:
    ended = command("compare", "a", "b", "--json", "-q", folder=pair.folder)
    told = json.loads(ended.stdout)
    found = geoplan.compare(pair.a, pair.b)
    assert told["changes"] == found.counts
    assert told["changes"]["moved"] == 1
    assert [row["project_id"] for row in told["projects"]] == found.projects["project_id"].tolist()
    assert {row["aim"] for row in told["objectives"]} == {"investment", "area_fit"}
    assert "NaN" not in ended.stdout


def test_what_applicants_typed_is_text_on_the_page(pair: Pair) -> None:
    command("compare", "a", "b", "--out", "page.html", "-q", folder=pair.folder)
    page = (pair.folder / "page.html").read_text(encoding="utf-8")
    assert "<img" not in page
    assert html.escape(HOSTILE, quote=True).replace("&quot;", "&#34;") in page
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert "http://" not in page
    assert "https://" not in page


def test_the_page_opens_by_itself_and_prints(pair: Pair, browser_page: Page) -> None:
    command("compare", "a", "b", "--out", "open.html", "-q", folder=pair.folder)
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(message.text))
    browser_page.goto((pair.folder / "open.html").as_uri())
    assert browser_page.title() == "a and b: plans compared"
    assert browser_page.locator("#projects tbody tr").count() == 4
    assert browser_page.get_by_text(HOSTILE, exact=True).count() == 1
    browser_page.set_viewport_size({"width": 794, "height": 1123})
    assert browser_page.evaluate("document.documentElement.scrollWidth") <= 794
    assert browser_page.pdf(format="A4")[:4] == b"%PDF"
    assert said == []


def test_folders_without_plans_are_named_together(tmp_path: Path) -> None:
    with pytest.raises(GeoplanError) as refused:
        geoplan.compare(tmp_path / "one", tmp_path / "two")
    told = str(refused.value)
    assert "one" in told
    assert "two" in told
    ended = command("compare", "one", "two", folder=tmp_path)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
