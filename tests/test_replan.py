"""Planning again through the command: who moves, at what price, and what the planner is told."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

import geoplan
from geoplan.errors import GeoplanError

from .small_park import SCENARIO, content, write_park
from .small_park import geoplan as command

LAYERS = Path(__file__).parents[1] / "layers" / "astana"
OPEN = ("application", "review")
NEWCOMERS = tuple(f"N-{number}" for number in range(1, 9))
PRICE = 1.0


@dataclass(frozen=True)
class Year:
    """What the command wrote and said in one year."""

    folder: Path
    ended: subprocess.CompletedProcess[str]

    @property
    def said(self) -> dict[str, Any]:
        """The summary."""
        assert self.ended.returncode == 0, self.ended.stderr + self.ended.stdout
        return json.loads(self.ended.stdout)

    @property
    def replan(self) -> dict[str, Any]:
        """What the manifest tells of moves."""
        return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))["replan"]

    @property
    def places(self) -> dict[str, str]:
        """Plots of those who are placed."""
        with (self.folder / "allocation.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return {row["project_id"]: row["plot_ids"] for row in rows if row["status"] == "placed"}

    @property
    def log(self) -> pd.DataFrame:
        """The change log of projects, by id."""
        table = pd.read_csv(self.folder / "changes.csv", keep_default_na=False, dtype=str)
        return table[table["subject"] == "project"].set_index("id")


@dataclass(frozen=True)
class Park:
    """The bundled park's copy: a plan, and those made from it a year later."""

    folder: Path
    contracted: frozenset[str]
    withdrawn: frozenset[str]
    first: Year
    later: Year
    still: Year


def planned(folder: Path, out: str, *options: str) -> Year:
    ended = command("plan", "park2.toml", "--out", out, "--json", "-q", *options, folder=folder)
    return Year(folder / out, ended)


def copied(folder: Path) -> Path:
    """Copy the bundled park, and return its portfolio's path."""
    shutil.copytree(LAYERS / "park2", folder / "park2")
    shutil.copy(LAYERS / "park2.toml", folder / "park2.toml")
    return folder / "park2" / "projects.csv"


def most_free_ha(folder: Path, gone: set[str]) -> float:
    """Most land that any strip has free once some have gone: whoever needs more needs a move."""
    plots = geoplan.load(folder).plots
    free = plots[plots["project_id"].isna() | plots["project_id"].isin(gone)]
    return float(free.groupby("strip_id")["area_ha"].sum().max())


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Park:
    """Some sign, five withdraw, eight come."""
    folder = tmp_path_factory.mktemp("replan")
    path = copied(folder)
    first = planned(folder, "first")
    table = pd.read_csv(path)
    waiting = table.index[table["status"].isin(OPEN)]
    table.loc[waiting[::7], "status"] = "contract"
    free = table.index[table["status"].isin([*OPEN, "reservation"])]
    gone = free[[3, 17, 31, 45, 59]]
    table.loc[gone, "status"] = "withdrawn"
    come = table.loc[waiting[[2, 12, 22, 32, 42, 52, 62, 72]]]
    come = come.assign(status="application", project_id=NEWCOMERS)
    large_ha = most_free_ha(first.folder, set(table.loc[gone, "project_id"])) + 0.5
    areas = ["area_ha", "area_min_ha", "area_max_ha"]
    come.loc[come.index[0], areas] = [large_ha, large_ha, large_ha + 0.1]
    come.loc[come.index[0], ["use", "invest_bn_kzt"]] = [None, 20.0]
    come.loc[come.index[0], ["hazard_class", "power_mw", "gas_m3h"]] = [5, 0.1, 1.0]
    come.loc[come.index[0], ["water_m3d", "wastewater_m3d"]] = [1.0, 1.0]
    pd.concat([table, come]).to_csv(path, index=False)
    signed = table["status"].isin(["contract", "construction", "operation"])
    return Park(
        folder,
        frozenset(table["project_id"][signed]),
        frozenset(table.loc[gone, "project_id"]),
        first,
        planned(folder, "later", "--from", "first"),
        planned(folder, "still", "--from", "first", "--move-price", "inf"),
    )


def test_nobody_with_a_contract_moves(park: Park) -> None:
    assert len(park.contracted) > 40
    for year in (park.later, park.still):
        assert year.said["errors"] == 0
        for name in park.contracted:
            assert year.places[name] == park.first.places[name]
            assert year.log.loc[name, "change"] == "kept"


def test_those_who_withdraw_free_their_plots(park: Park) -> None:
    assert set(park.later.log.index[park.later.log["change"] == "gone"]) == park.withdrawn
    assert not park.withdrawn & set(park.later.places)
    assert set(park.later.log.loc[sorted(park.withdrawn), "why"]) == {"withdrawn; its plot is free"}


def test_few_move_and_each_move_pays(park: Park) -> None:
    told = park.later.replan
    assert 0 < told["moves"] <= 8
    assert told["gain"] > PRICE * told["moves"]
    assert "N-1" in park.later.places
    assert "N-1" not in park.still.places
    assert "N-1" in told["gainers"]
    assert told["value"] == pytest.approx(told["unmoved"]["value"] + told["gain"])


def test_values_keep_to_the_bounds_and_the_bounds_to_their_order(park: Park) -> None:
    told = park.later.replan
    assert told["unmoved"]["value"] <= told["unmoved"]["bound"] + 1e-9
    assert told["unmoved"]["bound"] <= told["free_moves"]["bound"] + 1e-9
    assert told["value"] <= told["free_moves"]["bound"] + 1e-9
    assert told["value"] - PRICE * told["moves"] <= told["net_bound"] + 1e-9
    still = park.still.replan
    assert still["value"] == still["unmoved"]["value"] == told["unmoved"]["value"]


def test_whoever_moved_is_named_with_the_gain_everywhere(park: Park) -> None:
    told, log = park.later.replan, park.later.log
    moved = set(log.index[log["change"].isin(["moved", "unplaced"]) & (log["from"] != "")])
    assert moved == set(told["moved"]) == set(park.later.said["moved"])
    report = (park.later.folder / "report.html").read_text(encoding="utf-8")
    section = report.split('id="replan"')[1].split("</section>")[0]
    for name in moved:
        assert "gain" in log.loc[name, "why"]
        assert f"{told['gain']:.3f} bn KZT" in log.loc[name, "why"]
        assert f"<td>{name}</td>" in section
        assert any(said.startswith(f"{name}: ") for said in park.later.said["moved_why"])
    assert "Nobody moves" in section
    assert f"{told['gain']:.3f} bn KZT" in park.later.said["replan"]


def test_at_an_infinite_price_nobody_moves(park: Park) -> None:
    before, after = park.first.places, park.still.places
    stayed = set(before) - park.withdrawn
    assert {name: after[name] for name in stayed} == {name: before[name] for name in stayed}
    assert park.still.said["moves"] == park.still.replan["moves"] == 0
    assert set(park.still.log["change"]) == {"kept", "gone", "placed", "unplaced"}
    assert park.still.replan["displaced"] == {}
    one, other = (geoplan.load(year.folder).plots for year in (park.first, park.still))
    one, other = one.set_index("project_id"), other.set_index("project_id")
    off = shapely.area(
        shapely.symmetric_difference(
            one.geometry.loc[sorted(stayed)].array, other.geometry.loc[sorted(stayed)].array
        )
    )
    assert off.max() < 1.0


def test_the_same_run_gives_the_same_bytes(park: Park) -> None:
    again = planned(park.folder, "again", "--from", "first")
    one, two = content(park.later.folder), content(again.folder)
    assert one.keys() == two.keys()
    assert {name for name in one if one[name] != two[name]} <= {"manifest.json"}
    assert park.later.replan == again.replan


def test_the_saved_plans_pass_the_audit(park: Park) -> None:
    for year in (park.later, park.still):
        assert command("audit", year.folder.name, "-q", folder=park.folder).returncode == 0


def test_one_newcomer_is_placed_with_few_moves(park: Park, tmp_path: Path) -> None:
    path = copied(tmp_path)
    table = pd.read_csv(path)
    one = table[table["status"].isin(OPEN)].iloc[[30]]
    one = one.assign(project_id="N-1", area_ha=3.98, area_min_ha=3.98, area_max_ha=3.98)
    pd.concat([table, one]).to_csv(path, index=False)
    year = planned(tmp_path, "out", "--from", str(park.first.folder))
    assert year.said["errors"] == 0
    assert "N-1" in year.places
    assert year.replan["moves"] <= 5
    assert year.replan["gain"] >= PRICE * year.replan["moves"]
    settled = set(table["project_id"][table["status"].isin(["contract", "operation"])])
    assert not settled & set(year.replan["moved"])


def changed(folder: Path, edits: dict[str, dict[str, object]], *more: dict[str, object]) -> None:
    """Change cells of the small park's portfolio, and add rows."""
    path = folder / "projects.csv"
    table = pd.read_csv(path).set_index("project_id").astype(object)
    for name, cells in edits.items():
        for column, value in cells.items():
            table.loc[name, column] = value
    rows = [pd.DataFrame([row]).set_index("project_id") for row in more]
    pd.concat([table, *rows]).reset_index().to_csv(path, index=False)


def project_log(plan: geoplan.Plan) -> pd.DataFrame:
    return plan.changes[plan.changes["subject"] == "project"].set_index("id")


def test_another_need_that_the_plot_meets_moves_nobody(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    first = geoplan.run(scenario)
    changed(tmp_path, {"A-5": {"area_ha": 1.9, "area_min_ha": 1.0, "area_max_ha": 2.0}})
    log = project_log(geoplan.run(scenario, previous=first))
    assert set(log["change"]) == {"kept"}


@pytest.mark.parametrize("price", [1.0, float("inf")])
def test_another_need_that_the_plot_does_not_meet_sends_its_own_project_elsewhere(
    tmp_path: Path, price: float
) -> None:
    scenario = write_park(tmp_path)
    first = geoplan.run(scenario)
    changed(tmp_path, {"A-3": {"area_ha": 2.0, "area_min_ha": 1.8, "area_max_ha": 2.2}})
    second = geoplan.run(scenario, previous=first, move_price_bn_kzt=price)
    log = project_log(second)
    held_ha = first.plots.set_index("project_id").loc["A-3", "area_ha"]
    assert log.loc["A-3", "change"] == "moved"
    assert f"it needs 1.8 to 2.2 ha now, and its plot has {held_ha:.2f} ha" in log.loc["A-3", "why"]
    assert set(log["change"].drop("A-3")) == {"kept"}
    assert set(second.manifest["replan"]["displaced"]) == {"A-3"}
    area = second.allocation.set_index("project_id").loc["A-3", "area_ha"]
    assert 1.8 <= area <= 2.2


def test_a_contract_holds_where_the_needs_have_changed_and_a_warning_says_so(
    tmp_path: Path,
) -> None:
    scenario = write_park(tmp_path)
    changed(tmp_path, {"A-4": {"status": "contract"}, "A-1": {"status": "application"}})
    changed(tmp_path, {f"A-{n}": {"status": "application"} for n in (2, 3, 5, 6)})
    geoplan.run(scenario).save(tmp_path / "first")
    needs = {"area_ha": 5.0, "area_min_ha": 4.5, "area_max_ha": 5.5, "use": "production"}
    changed(tmp_path, {"A-4": needs})
    ended = command(
        "plan", "park.toml", "--out", "next", "--from", "first", "-q", "--json", folder=tmp_path
    )
    assert ended.returncode == 0, ended.stdout
    found = {row["rule"]: row for row in json.loads(ended.stdout)["findings"]}
    assert found["chosen area"]["severity"] == found["use"]["severity"] == "warning"
    assert found["chosen area"]["subject"] == "A-4"
    assert "It stays by contract." in found["chosen area"]["message"]
    before, after = (geoplan.load(tmp_path / name).allocation for name in ("first", "next"))
    plots = [each.set_index("project_id").loc["A-4", "plot_ids"] for each in (before, after)]
    assert plots[0] == plots[1]
    # Afresh, the same needs are no reason to miss them.
    fresh = geoplan.run(scenario)
    assert fresh.allocation.set_index("project_id").loc["A-4", "area_ha"] >= 4.5


def rival(name: str, **given: object) -> dict[str, object]:
    """Return an applicant for logistics who leaves the park's power to nobody of his kind."""
    usual = {
        "project_id": name, "use": "logistics", "area_ha": 2.0, "area_min_ha": 1.8,
        "area_max_ha": 2.2, "invest_bn_kzt": 5, "jobs": 10, "power_mw": 11, "hazard_class": 5,
    }  # fmt: skip
    return usual | given


def test_who_waited_is_offered_land_before_a_newcomer_of_the_same_worth(tmp_path: Path) -> None:
    for number, newcomer in enumerate(("A-0", "Z-9")):
        folder = tmp_path / str(number)
        scenario = write_park(folder)
        changed(folder, {}, rival("M-1", invest_bn_kzt=9), rival("M-2"), rival("M-3", priority=1))
        changed(folder, {name: {"priority": 0} for name in ("M-1", "M-2")})
        first = geoplan.run(scenario)
        rows = first.allocation.set_index("project_id")
        assert rows.loc["M-1", "status"] == "placed"
        wait = ["M-3", "A-6", "A-2", "M-2"]
        assert rows.loc[wait, "waiting"].tolist() == [1, 2, 3, 4]
        assert rows["waiting"].drop(wait).isna().all()
        changed(folder, {"M-1": {"status": "withdrawn"}}, rival(newcomer))
        statuses = pd.read_csv(folder / "projects.csv").set_index("project_id")["status"]
        changed(
            folder, {name: {"status": "application"} for name in statuses.index[statuses.isna()]}
        )
        second = geoplan.run(scenario, previous=first)
        rows = second.allocation.set_index("project_id")
        assert rows.loc["M-3", "status"] == "placed"
        assert rows.loc[["A-6", "M-2", newcomer], "status"].tolist() == ["unplaced"] * 3
        assert pd.isna(rows.loc["M-1", "waiting"])
        assert project_log(second).loc["M-3", ["change", "why"]].tolist() == [
            "placed", "had no plot"
        ]  # fmt: skip
        # A richer one goes first all the same.
        changed(folder, {newcomer: {"invest_bn_kzt": 6}})
        third = geoplan.run(scenario, previous=first).allocation.set_index("project_id")
        assert third.loc[newcomer, "status"] == "placed"


def test_an_infinite_price_stands_in_the_scenario_and_is_read_back(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    text = SCENARIO + "\n[allocate]\nmove_price_bn_kzt = inf\n"
    scenario.write_text(text, encoding="utf-8")
    geoplan.run(scenario).save(tmp_path / "first")
    second = geoplan.run(scenario, previous=tmp_path / "first")
    assert second.manifest["replan"]["move_price"] == "inf"
    second.save(tmp_path / "second")
    assert not [f for f in geoplan.load(tmp_path / "second").audited() if f.severity == "error"]


def test_a_price_below_zero_or_without_an_earlier_plan_is_refused(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    with pytest.raises(GeoplanError, match=r"a move cannot have the price -1"):
        geoplan.run(scenario, move_price_bn_kzt=-1)
    ended = command("plan", "park.toml", "--out", "out", "--move-price", "2", folder=tmp_path)
    assert ended.returncode == 2
    assert "it goes with --from" in ended.stderr
    assert not (tmp_path / "out").exists()


def test_moves_on_plots_of_a_cadastre_have_their_price(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    drawn = geoplan.divide(scenario)
    drawn.plots[["plot_id", "geometry"]].to_file(tmp_path / "plots.gpkg")
    roads = drawn.streets[["street_id", "class", "row_m", "geometry"]]
    roads.rename(columns={"street_id": "road_id"}).to_file(tmp_path / "roads.gpkg")
    layers = 'plots = "plots.gpkg"\nroads = "roads.gpkg"\n\n[portfolio]'
    text = SCENARIO.replace("[portfolio]", layers) + 'mode = "given"\n'
    scenario.write_text(text, encoding="utf-8")
    first = geoplan.run(scenario)
    # A richer one of the same size would have the plot, if nobody stood there.
    place = first.allocation.set_index("project_id").loc["A-4", "plot_ids"]
    changed(tmp_path, {}, rival("RICH", area_ha=3, area_min_ha=2.5, area_max_ha=3.5,
                                invest_bn_kzt=9, power_mw=0.5))  # fmt: skip
    for price, holder in ((float("inf"), "A-4"), (8.0, "A-4"), (0.5, "RICH")):
        plan = geoplan.run(scenario, previous=first, move_price_bn_kzt=price)
        held = plan.plots.set_index("plot_id").loc[place, "project_id"]
        moved = plan.manifest["replan"]["moved"]
        rows = plan.allocation.set_index("project_id")
        if holder == "A-4":
            assert (held, moved) == ("A-4", [])
        else:
            assert rows.loc["RICH", "status"] == "placed"
            assert plan.manifest["replan"]["gain"] > 0.5 * len(moved)
