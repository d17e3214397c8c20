"""Planning again from an earlier plan: contracts stay, strips are cut again only if they must."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

import geoplan
from geoplan.errors import GeoplanError

from .small_park import SCENARIO, content, write_park
from .small_park import geoplan as command

GRID_M = 0.001
AREAS_HA = (1.2, 2.5, 0.8, 3.0, 1.5, 0.9, 1.8, 2.2, 0.7, 1.1, 2.8, 1.4, 1.0, 1.6)
PINNED = ("B-01", "B-02", "B-03")
CONTRACTED = ("B-04", "B-05")
WITHDRAWN = ("B-06", "B-07")
LEFT_OUT = "B-08"
NEWCOMERS = ("N-1", "N-2")


def portfolio() -> pd.DataFrame:
    """Return 14 applicants; the plan has room for them and some market plots."""
    ids = [f"B-{number:02d}" for number in range(1, len(AREAS_HA) + 1)]
    table = pd.DataFrame({"project_id": ids, "area_ha": AREAS_HA})
    return table.assign(
        area_min_ha=0.9 * table["area_ha"],
        area_max_ha=1.1 * table["area_ha"],
        invest_bn_kzt=range(1, len(AREAS_HA) + 1),
        power_mw=0.5,
        hazard_class=4,
        status="application",
        plot_id="",
    )


def later(earlier: geoplan.Plan) -> pd.DataFrame:
    """Return the portfolio of a year later: pins, contracts, withdrawals and newcomers."""
    table = portfolio()
    plots = earlier.allocation.set_index("project_id")["plot_ids"]
    pinned = table["project_id"].isin(PINNED)
    table.loc[pinned, "plot_id"] = table.loc[pinned, "project_id"].map(plots)
    table.loc[table["project_id"].isin(CONTRACTED), "status"] = "contract"
    table.loc[table["project_id"].isin(WITHDRAWN), "status"] = "withdrawn"
    newcomers = table.iloc[[0, 2]].assign(
        project_id=NEWCOMERS, status="review", plot_id="", area_ha=[1.3, 0.85]
    )
    newcomers = newcomers.assign(area_min_ha=[1.2, 0.8], area_max_ha=[1.35, 0.9])
    return pd.concat([table[table["project_id"] != LEFT_OUT], newcomers])


@dataclass(frozen=True)
class Years:
    """A park with the plan of one year and, from it, that of the next."""

    folder: Path
    first: geoplan.Plan
    second: geoplan.Plan

    @property
    def both(self) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Plots of the two years by their ids."""
        return self.first.plots.set_index("plot_id"), self.second.plots.set_index("plot_id")

    def change(self, subject: str) -> pd.DataFrame:
        """Rows of the change log about one kind of thing, by id."""
        log = self.second.changes
        return log[log["subject"] == subject].set_index("id")


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Years:
    folder = tmp_path_factory.mktemp("years")
    scenario = write_park(folder)
    portfolio().to_csv(folder / "projects.csv", index=False)
    first = geoplan.run(scenario)
    first.save(folder / "first")
    later(first).to_csv(folder / "projects.csv", index=False)
    return Years(folder, first, geoplan.run(scenario, previous=folder / "first"))


def corners(shape: shapely.Polygon) -> set[tuple[float, float]]:
    return set(map(tuple, shapely.get_coordinates(shape).tolist()))


def assert_same_land(one: shapely.Polygon, other: shapely.Polygon) -> None:
    """Every corner is still there, and new ones lie on the old edges, but for the grid's cells."""
    assert corners(one) <= corners(other)
    assert shapely.hausdorff_distance(one, other) <= GRID_M


def test_those_who_are_pinned_or_have_a_contract_stay_where_they_are(years: Years) -> None:
    before, after = years.both
    places = years.first.allocation.set_index("project_id")["plot_ids"]
    for project in (*PINNED, *CONTRACTED):
        plot = places[project]
        assert after.loc[plot, "project_id"] == project
        assert_same_land(before.geometry[plot], after.geometry[plot])


def test_what_keeps_its_name_keeps_its_land_and_names_are_never_used_anew(years: Years) -> None:
    before, after = years.both
    for plot in before.index.intersection(after.index):
        assert_same_land(before.geometry[plot], after.geometry[plot])
    fresh = after.index.difference(before.index)
    others = set(years.first.land["land_id"])
    assert not others & set(fresh)
    retired = set(years.second.manifest["retired_ids"])
    assert retired == others - set(years.second.land["land_id"])
    same = shapely.STRtree(before.geometry.array)
    for plot in fresh:
        old, new = before.geometry.array, after.geometry[plot]
        near = [old[row] for row in same.query(new, predicate="intersects")]
        assert all(shapely.symmetric_difference(new, shape).area > 1.0 for shape in near)


def test_streets_and_strips_are_those_of_the_earlier_plan(years: Years) -> None:
    for layer in ("streets", "strips"):
        before, after = (getattr(plan, layer) for plan in (years.first, years.second))
        assert before.drop(columns="geometry").equals(after.drop(columns="geometry"))
        assert shapely.equals_exact(before.geometry.array, after.geometry.array).all()
    strips = years.second.strips.set_index("strip_id")
    for name, plots in years.second.plots.groupby("strip_id"):
        together = shapely.union_all(plots.geometry.array)
        assert shapely.hausdorff_distance(together, strips.geometry[name]) <= GRID_M


def test_everybody_is_placed_and_the_plan_holds(years: Years) -> None:
    rows = years.second.allocation.set_index("project_id")
    assert set(rows.index[rows["status"] == "unplaced"]) == set(WITHDRAWN)
    assert rows.loc[list(NEWCOMERS), "status"].tolist() == ["placed", "placed"]
    assert not (years.second.findings["severity"] == "error").any()
    assert shapely.coverage_is_valid(years.second.land.geometry.array)


def test_nobody_moves_where_newcomers_fit_on_free_land(years: Years) -> None:
    stayed = years.change("project").loc[lambda table: table["change"] == "kept"]
    assert set(stayed.index) == {f"B-{n:02d}" for n in range(1, 15)} - {*WITHDRAWN, LEFT_OUT}
    assert set(years.change("project")["change"]) == {"kept", "gone", "placed"}


def test_the_change_log_says_what_became_of_whom(years: Years) -> None:
    places = years.first.allocation.set_index("project_id")["plot_ids"]
    projects = years.change("project")
    assert projects.loc["B-01", ["change", "from", "to", "why"]].tolist() == [
        "kept", places["B-01"], places["B-01"], "named in plot_id"
    ]  # fmt: skip
    assert projects.loc["B-04", "why"] == "contract"
    assert projects.loc["B-06", ["change", "from", "to", "why"]].tolist() == [
        "gone", places["B-06"], "", "withdrawn; its plot is free"
    ]  # fmt: skip
    assert projects.loc[LEFT_OUT, "why"] == "no longer in the portfolio; its plot is free"
    for name in NEWCOMERS:
        assert projects.loc[name, "change"] == "placed"
        assert projects.loc[name, "why"] == "new in the portfolio"


def test_the_change_log_agrees_with_the_plots(years: Years) -> None:
    before, after = years.both
    log = years.change("plot")
    assert set(log.index[log["change"] == "kept"]) == set(before.index) & set(after.index)
    assert set(log.index[log["change"] == "gone"]) == set(before.index) - set(after.index)
    assert set(log.index[log["change"] == "new"]) == set(after.index) - set(before.index)
    strips = years.change("strip")
    touched = set(before.loc[log.index[log["change"] == "gone"], "strip_id"])
    assert set(strips.index[strips["change"] == "cut again"]) == touched
    assert 0 < len(touched) < len(strips)


def test_a_run_without_changes_gives_the_same_plots(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    first = geoplan.run(scenario)
    again = geoplan.run(scenario, previous=first)
    for layer in ("plots", "land", "zones", "streets", "strips"):
        one, other = getattr(first, layer), getattr(again, layer)
        assert shapely.equals_exact(one.geometry.array, other.geometry.array, normalize=True).all()
    columns = ["plot_id", "strip_id", "block_id", "area_ha", "frontage_m", "project_id", "market"]
    pd.testing.assert_frame_equal(first.plots[columns], again.plots[columns])
    assert first.land["land_id"].tolist() == again.land["land_id"].tolist()
    assert set(again.changes["change"]) == {"kept"}


def test_a_chain_of_runs_stays_as_it_is(years: Years) -> None:
    third = geoplan.run(years.folder / "park.toml", previous=years.second)
    assert set(third.changes["change"]) == {"kept"}
    assert third.plots["plot_id"].tolist() == years.second.plots["plot_id"].tolist()
    assert third.manifest["retired_ids"] == years.second.manifest["retired_ids"]


def test_a_contract_that_is_withdrawn_frees_its_plot(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    table = pd.read_csv(tmp_path / "projects.csv").assign(status="contract")
    table.to_csv(tmp_path / "projects.csv", index=False)
    first = geoplan.run(scenario)
    plot = first.allocation.set_index("project_id")["plot_ids"]["A-4"]
    table["status"] = table["status"].where(table["project_id"] != "A-4", "withdrawn")
    table.to_csv(tmp_path / "projects.csv", index=False)
    second = geoplan.run(scenario, previous=first)
    log = second.changes.set_index("id")
    assert log.loc["A-4", ["change", "why"]].tolist() == ["gone", "withdrawn; its plot is free"]
    held = second.plots.set_index("plot_id").loc[plot]
    assert (held["market"], pd.isna(held["project_id"])) == ("for sale", True)


def test_plots_that_somebody_marks_as_sold_stay_sold(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    geoplan.run(scenario).save(tmp_path / "first")
    path = tmp_path / "first" / "plan.gpkg"
    plots = pyogrio.read_dataframe(path, layer="plots")
    free = plots.loc[plots["project_id"].isna(), "plot_id"].iloc[0]
    taken = plots.loc[plots["project_id"] == "A-4", "plot_id"].iloc[0]
    plots["market"] = plots["market"].where(~plots["plot_id"].isin([free, taken]), "sold")
    pyogrio.write_dataframe(plots, path, layer="plots", driver="GPKG")
    second = geoplan.run(scenario, previous=tmp_path / "first")
    third = geoplan.run(scenario, previous=second).plots.set_index("plot_id")
    assert third.loc[[free, taken], "market"].tolist() == ["sold", "sold"]
    assert pd.isna(third.loc[free, "project_id"])
    assert third.loc[taken, "project_id"] == "A-4"


def test_land_where_all_is_sold_has_no_room_for_others(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    first = geoplan.run(scenario)
    sold = replace(first, plots=first.plots.assign(market="sold"))
    second = geoplan.run(scenario, previous=sold)
    rows = second.allocation.set_index("project_id")
    assert set(rows.index[rows["status"] == "unplaced"]) == {"A-2", "A-6"}
    assert rows.loc["A-2", "reason"] == "No strip is for sale (plots)."
    assert set(second.plots["market"]) == {"sold"}
    assert not (second.findings["severity"] == "error").any()


def test_a_pin_on_two_plots_keeps_both(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    first = geoplan.run(scenario)
    free = first.plots[first.plots["project_id"].isna() & (first.plots["zone_id"] == "L")]
    pair = sorted(free["plot_id"].iloc[:2])
    total_ha = free["area_ha"].iloc[:2].sum()
    table = pd.read_csv(tmp_path / "projects.csv").assign(plot_id="")
    giant = table["project_id"] == "A-6"
    areas = ["area_ha", "area_min_ha", "area_max_ha"]
    table[areas] = table[areas].astype(float)
    table.loc[giant, areas] = [total_ha, total_ha - 0.1, total_ha + 0.1]
    table.loc[giant, ["plot_id", "use"]] = [";".join(pair), "logistics"]
    table.loc[giant, "power_mw"] = 1
    table.to_csv(tmp_path / "projects.csv", index=False)
    second = geoplan.run(scenario, previous=first)
    row = second.allocation.set_index("project_id").loc["A-6"]
    assert sorted(row["plot_ids"].split(";")) == pair
    assert not (second.findings["severity"] == "error").any()


def test_the_same_land_in_another_file_is_the_same_land(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    first = geoplan.run(scenario)
    zones = gpd.read_file(tmp_path / "zones.geojson").to_crs("EPSG:32642")
    zones.iloc[::-1].to_file(tmp_path / "zones.gpkg")
    scenario.write_text(SCENARIO.replace("zones.geojson", "zones.gpkg"), encoding="utf-8")
    assert set(geoplan.run(scenario, previous=first).changes["change"]) == {"kept"}


def test_the_command_plans_again_into_the_same_folder(years: Years, tmp_path: Path) -> None:
    folder = tmp_path / "park"
    write_park(folder)
    later(years.first).to_csv(folder / "projects.csv", index=False)
    years.first.save(folder / "out")
    ended = command(
        "plan", "park.toml", "--out", "out", "--from", "out", "--json", "-q", folder=folder
    )
    assert ended.returncode == 0, ended.stderr
    summary = json.loads(ended.stdout)
    assert (summary["changes_projects_gone"], summary["projects_placed"]) == (3, 13)
    with (folder / "out" / "changes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert pd.DataFrame(rows).equals(pd.DataFrame(years.second.changes.to_dict("records")))
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    before = (years.folder / "first" / "plan.gpkg").read_bytes()
    assert manifest["previous"] == hashlib.sha256(before).hexdigest()
    stored = pyogrio.read_dataframe(folder / "out" / "plan.gpkg", layer="changes")
    assert len(stored) == len(rows)
    report = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "Changes since the earlier plan" in report
    assert "withdrawn; its plot is free" in report
    audited = command("audit", "out", "-q", folder=folder)
    assert audited.returncode == 0, audited.stdout


def test_two_runs_from_one_plan_give_the_same_bytes(years: Years, tmp_path: Path) -> None:
    years.second.save(tmp_path / "one")
    again = geoplan.run(years.folder / "park.toml", previous=years.folder / "first")
    again.save(tmp_path / "two")
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    assert one.keys() == two.keys()
    assert {name for name in one if one[name] != two[name]} <= {"manifest.json"}


def test_a_plan_made_afresh_has_no_change_log(years: Years) -> None:
    assert years.first.changes.empty
    assert not (years.folder / "first" / "changes.csv").exists()
    report = geoplan.load(years.folder / "first").save_report(years.folder / "report.html")
    assert "Changes since" not in report.read_text(encoding="utf-8")


def test_in_a_cadastre_contracts_keep_their_plots(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    drawn = geoplan.divide(scenario)
    plots = drawn.plots[["plot_id", "geometry"]]
    plots.to_file(tmp_path / "plots.gpkg")
    drawn.streets[["street_id", "class", "row_m", "geometry"]].rename(
        columns={"street_id": "road_id"}
    ).to_file(tmp_path / "roads.gpkg")
    layers = 'plots = "plots.gpkg"\nroads = "roads.gpkg"\n\n[portfolio]'
    text = SCENARIO.replace("[portfolio]", layers) + 'mode = "given"\n'
    scenario.write_text(text, encoding="utf-8")
    first = geoplan.run(scenario)
    places = first.allocation.set_index("project_id")["plot_ids"]
    table = pd.read_csv(tmp_path / "projects.csv").assign(status="application")
    table.loc[table["project_id"] == "A-4", "status"] = "construction"
    # A richer rival would have the plot if it could.
    rival = table[table["project_id"] == "A-4"].assign(
        project_id="RIVAL", invest_bn_kzt=900, status="application"
    )
    pd.concat([table, rival]).to_csv(tmp_path / "projects.csv", index=False)
    second = geoplan.run(scenario, previous=first)
    assert second.plots.set_index("plot_id").loc[places["A-4"], "project_id"] == "A-4"
    log = second.changes[second.changes["subject"] == "project"].set_index("id")
    assert log.loc["A-4", ["change", "why"]].tolist() == ["kept", "construction"]
    gone = plots[plots["plot_id"] != places["A-4"]]
    (tmp_path / "plots.gpkg").unlink()
    gone.to_file(tmp_path / "plots.gpkg")
    with pytest.raises(GeoplanError, match="which A-4 holds by contract, is no longer there"):
        geoplan.run(scenario, previous=first)


def test_the_bundled_park_is_planned_again_without_moving_a_contract(tmp_path: Path) -> None:
    layers = Path(__file__).parents[1] / "layers" / "astana"
    shutil.copytree(layers / "park2", tmp_path / "park2")
    scenario = tmp_path / "park2.toml"
    shutil.copy(layers / "park2.toml", scenario)
    first = geoplan.run(scenario)
    table = pd.read_csv(tmp_path / "park2" / "projects.csv")
    places = first.allocation.set_index("project_id")["plot_ids"]
    open_to_all = table["status"].isin(["application", "review"])
    pinned, gone = table["project_id"][open_to_all].iloc[[0, 1, 2, 3, 4]], table.iloc[[50, 70, 90]]
    table["plot_id"] = table["project_id"].map(places).where(table["project_id"].isin(pinned))
    table.loc[gone.index, "status"] = "withdrawn"
    newcomers = (
        table[open_to_all]
        .iloc[[30, 31]]
        .assign(
            project_id=NEWCOMERS, area_ha=[0.8, 1.2], area_min_ha=[0.7, 1.0], area_max_ha=[0.9, 1.4]
        )
    )
    changed = pd.concat([table, newcomers.assign(plot_id=None)])
    changed.to_csv(tmp_path / "park2" / "projects.csv", index=False)
    second = geoplan.run(scenario, previous=first)
    assert not (second.findings["severity"] == "error").any()
    contracted = ~open_to_all & (table["status"].isin(["contract", "construction", "operation"]))
    held = {*pinned, *table["project_id"][contracted]}
    assert len(held) > 30
    before, after = (plan.plots.set_index("plot_id") for plan in (first, second))
    for project in held:
        plot = places[project]
        assert after.loc[plot, "project_id"] == project
        assert_same_land(before.geometry[plot], after.geometry[plot])
    log = second.changes
    kept = set(log["id"][(log["subject"] == "strip") & (log["change"] == "kept")])
    assert len(kept) > 20
    for plot in before.index[before["strip_id"].isin(kept)]:
        assert_same_land(before.geometry[plot], after.geometry[plot])


def test_a_plan_at_hand_and_the_same_one_read_back_give_the_same_bytes(
    years: Years, tmp_path: Path
) -> None:
    scenario = years.folder / "park.toml"
    geoplan.run(scenario, previous=years.first).save(tmp_path / "one")
    geoplan.run(scenario, previous=years.folder / "first").save(tmp_path / "two")
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    assert {name for name in one if one[name] != two[name]} <= {"manifest.json"}


def test_a_grid_stays_as_it_is(tmp_path: Path) -> None:
    scenario = write_park(tmp_path)
    alone = SCENARIO.replace("[portfolio]", "").replace('projects = "projects.csv"\n', "")
    scenario.write_text(alone + 'mode = "grid"\n', encoding="utf-8")
    first = geoplan.run(scenario)
    again = geoplan.run(scenario, previous=first)
    assert again.plots["plot_id"].tolist() == first.plots["plot_id"].tolist()
    assert set(again.changes["change"]) == {"kept"}
    scenario.write_text(alone + 'mode = "grid"\nmarket_plot_ha = 2.0\n', encoding="utf-8")
    with pytest.raises(GeoplanError, match=r"market_plot_ha: .* made with 1\.0, and it is 2\.0"):
        geoplan.run(scenario, previous=first)


def test_others_make_room_for_one_who_fits_nowhere_but_never_those_who_are_held(
    years: Years,
) -> None:
    table = later(years.first)
    room = years.first.plots[years.first.plots["project_id"].isna()]["area_ha"].max()
    giant = table.iloc[[0]].assign(
        project_id="GIANT", plot_id="", area_ha=room + 3, area_min_ha=room + 2.5, area_max_ha=12
    )
    giant = giant.assign(invest_bn_kzt=500, area_max_ha=giant["area_ha"] + 1)
    folder = years.folder.parent / "giant"
    scenario = write_park(folder)
    pd.concat([table, giant]).to_csv(folder / "projects.csv", index=False)
    plan = geoplan.run(scenario, previous=years.first)
    log = plan.changes[plan.changes["subject"] == "project"].set_index("id")
    assert log.loc["GIANT", "change"] == "placed"
    assert (log.loc[[*PINNED, *CONTRACTED], "change"] == "kept").all()
    assert (log["change"] == "moved").any()
    assert not (plan.findings["severity"] == "error").any()
    before, after = (one.plots.set_index("plot_id") for one in (years.first, plan))
    for plot in before.index.intersection(after.index):
        assert_same_land(before.geometry[plot], after.geometry[plot])
