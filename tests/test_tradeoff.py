"""What one objective costs the other: the library's call, the command, and the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

import geoplan
from geoplan.config import load_scenario
from geoplan.errors import GeoplanError

from .small_park import geoplan as command
from .small_park import write_park

HOSTILE = '<img src=x onerror="alert(1)">{{7*7}}'


@pytest.fixture(scope="module")
def scarce(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A park whose power is for few: one makes much money, another one much work."""
    scenario = write_park(tmp_path_factory.mktemp("scarce"))
    text = scenario.read_text(encoding="utf-8").replace('"Small park"', f"'{HOSTILE}'")
    scenario.write_text(text, encoding="utf-8")
    table = scenario.parent / "projects.csv"
    projects = pd.read_csv(table).set_index("project_id", drop=False)
    projects["power_mw"] = [4.0, 4.0, 3.0, 4.0, 2.0, 30.0]
    projects["invest_bn_kzt"] = [3.0, 8.0, 2.0, 4.0, 2.5, 90.0]
    projects["jobs"] = [120, 20, 60, 40, 30, 900]
    projects["hazard_class"] = 5
    projects.to_csv(table, index=False)
    (scenario.parent / "utilities.csv").write_text(
        "utility_id,kind,capacity\nPW,power_mw,8\n", encoding="utf-8"
    )
    return scenario


@pytest.fixture(scope="module")
def curve(scarce: Path) -> geoplan.Tradeoff:
    return geoplan.tradeoff(scarce, points=5)


@pytest.fixture(scope="module")
def ended(scarce: Path) -> Path:
    """The folder that the command has written."""
    done = command(
        "tradeoff", scarce.name, "--between", "investment", "jobs", "--points", "5",
        "--out", "curve", "-q", folder=scarce.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return scarce.parent / "curve"


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(offline=True)
    yield context.new_page()
    context.close()


def test_the_curve_is_that_of_the_portfolio(curve: geoplan.Tradeoff) -> None:
    table = curve.points
    # 8 MW: two of four, or the joinery and two small ones; the giant finds no room.
    assert table["value_a"].tolist() == sorted(table["value_a"], reverse=True)
    assert table["value_b"].tolist() == sorted(table["value_b"])
    assert table["value_a"].iloc[0] == pytest.approx(12.0)  # foundry and depot
    assert table["value_b"].iloc[0] == pytest.approx(60)
    assert table["value_b"].iloc[-1] == pytest.approx(180)  # bakery and joinery
    assert table["value_a"].iloc[-1] == pytest.approx(5.0)
    middle = table[table["value_a"] == 11.0].iloc[0]  # foundry and bakery
    assert middle["value_b"] == 140
    assert (middle["added_a"], middle["left_out_a"]) == ("A-1", "A-4")
    assert (middle["added_b"], middle["left_out_b"]) == ("A-2", "A-3")


def test_bounds_are_no_less_than_values(curve: geoplan.Tradeoff) -> None:
    for side in "ab":
        assert (curve.points[f"bound_{side}"] >= curve.points[f"value_{side}"]).all()
        assert (curve.points[f"gap_{side}"] >= 0).all()


def test_the_command_writes_what_the_library_says(curve: geoplan.Tradeoff, ended: Path) -> None:
    assert sorted(path.name for path in ended.iterdir()) == [
        "manifest.json",
        "tradeoff.csv",
        "tradeoff.html",
    ]
    table = pd.read_csv(ended / "tradeoff.csv")
    assert table["investment"].tolist() == pytest.approx(curve.points["value_a"].tolist())
    assert table["jobs"].tolist() == pytest.approx(curve.points["value_b"].tolist())
    assert (ended / "tradeoff.html").read_text(encoding="utf-8") == curve.html()
    manifest = json.loads((ended / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["tradeoff"] == {"between": ["investment", "jobs"], "points": 5}


def test_another_run_has_the_same_bytes(scarce: Path, ended: Path) -> None:
    before = {path.name: path.read_bytes() for path in ended.iterdir()}
    again = command(
        "tradeoff", scarce.name, "--points", "5", "-o", "curve", "--json", folder=scarce.parent
    )
    assert again.returncode == 0, again.stderr
    assert {path.name: path.read_bytes() for path in ended.iterdir()} == before
    told = json.loads(again.stdout)
    assert told["between"] == ["investment", "jobs"]
    assert told["points"][0]["value_a"] == pytest.approx(12.0)
    assert "NaN" not in again.stdout


def test_what_is_typed_is_text_on_the_page(curve: geoplan.Tradeoff) -> None:
    page = curve.html()
    assert "<img" not in page
    assert "&lt;img src=x" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_page_draws_every_point_between_the_axes(
    curve: geoplan.Tradeoff, ended: Path, browser_page: Page
) -> None:
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(message.text))
    browser_page.goto((ended / "tradeoff.html").as_uri())
    dots = browser_page.locator("svg circle.dot")
    assert dots.count() == len(curve.points)
    frame = browser_page.locator("svg rect.frame").bounding_box()
    assert frame is not None
    boxes = [dots.nth(number).bounding_box() for number in range(dots.count())]
    for box in boxes:
        assert box is not None
        assert frame["x"] <= box["x"] + box["width"] / 2 <= frame["x"] + frame["width"]
        assert frame["y"] <= box["y"] + box["height"] / 2 <= frame["y"] + frame["height"]
    left = [box["x"] for box in boxes if box is not None]
    assert left == sorted(left, reverse=True)
    browser_page.set_viewport_size({"width": 794, "height": 1123})
    assert browser_page.evaluate("document.documentElement.scrollWidth") <= 794
    assert browser_page.pdf(format="A4")[:4] == b"%PDF"
    assert said == []


def test_where_one_answer_is_best_at_both_there_is_one_point(tmp_path: Path) -> None:
    curve = geoplan.tradeoff(write_park(tmp_path), points=3)
    assert len(curve.points) == 1
    assert "nothing to trade" in curve.html()
    assert "<svg" not in curve.html()


def test_a_weighted_sum_may_be_traded(scarce: Path) -> None:
    curve = geoplan.tradeoff(scarce, between=("0.01 * jobs + investment", "projects"), points=3)
    assert curve.between == ("investment + 0.01 jobs", "projects")
    assert curve.points["value_a"].iloc[0] == pytest.approx(12.6)
    assert curve.points["value_b"].tolist() == [2]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--between", "investment", "jbos"], "Did you mean 'jobs'?"),
        (["--between", "jobs", "jobs"], "cannot be traded for itself"),
        (["--between", "jobs", "near"], "wishes to stand near"),
        (["--between", "jobs", "near + investment"], "near depends on who stands beside"),
        (["--points", "1"], "1 cannot be sought"),
        (["--time-limit", "0"], "more than 0 s"),
        (["--time-limit", "nan"], "more than 0 s"),
    ],
)
def test_bad_questions_are_refused_in_a_sentence(
    scarce: Path, options: list[str], told: str
) -> None:
    done = command("tradeoff", scarce.name, "-o", "never", "-q", *options, folder=scarce.parent)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (scarce.parent / "never").exists()


def test_without_a_portfolio_there_is_nothing_to_trade(scarce: Path) -> None:
    scenario = load_scenario(scarce, mode="grid")
    with pytest.raises(GeoplanError, match="nobody asks for land"):
        geoplan.tradeoff(scenario, points=2)


def test_a_plan_is_not_replaced_by_a_curve(curve: geoplan.Tradeoff, tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    geoplan.run(write_park(tmp_path / "park")).save(folder)
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(GeoplanError, match="it holds a plan"):
        curve.save(folder)
    assert sorted(path.name for path in folder.iterdir()) == before
