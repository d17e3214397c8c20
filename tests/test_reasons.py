"""Every project without land has a reason, and each remedy does what it says when it is made."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import geoplan
from geoplan.advice import Advice, advice
from geoplan.allocate.remedies import REMEDY_COLUMNS
from geoplan.config import load_scenario
from geoplan.site import read_site
from geoplan.stages import allotted_on, laid_out_on, units_of

from .made_changes import rerun_with, stands_with_all_others
from .small_park import CRS, box, write_layer, write_park

BUNDLED = Path(__file__).parents[1] / "layers" / "astana"
MEASURED = {"area_min_ha", "area_max_ha", "frontage_min_m", "capacity"}
FEWER = 0.98

COLUMNS = (
    "project_id,name,sector,use,area_ha,area_min_ha,area_max_ha,invest_bn_kzt,power_mw,"
    "hazard_class,rail,start_year,frontage_min_m,apart,status"
)
PROJECTS = """
A-1,Bakery,food,production,1.2,1,1.5,3,1,5,,,,,application
A-2,Foundry,metal,production,2.5,2,3,8,4,3,,,,,application
A-3,Joinery,wood,production,0.8,0.6,1,1,0.5,4,,,,,application
A-4,Depot,warehouse,logistics,3,2.5,3.5,4,0.5,5,,,,,application
B-0,Giant,metal,production,60,55,65,90,1,4,,,,,application
B-1,Siding,metal,production,1,0.9,1.1,1,0.1,5,true,,,,application
B-2,Early,warehouse,logistics,1,0.9,1.1,1,0.1,5,,2025,,,application
B-3,Smelter,metal,production,1,0.9,1.1,1,25,5,,,,,application
B-4,Chemist,chemicals,logistics,1,0.9,1.1,1,0.1,2,,,,,application
B-5,Canteen,services,services,1,0.9,1.1,1,0.1,5,,,,,application
B-6,Rival,metal,production,1,0.9,1.1,1,0.1,5,,,,A-2,application
B-7,Kiosk,retail,production,0.1,0.1,0.12,1,0.1,5,,,,,application
B-8,Parade,metal,production,0.5,0.4,0.6,1,0.1,5,,,900,,application
B-9,Gone,metal,production,0.5,0.4,0.6,1,0.1,5,,,,,withdrawn
"""
LEAST_KIND = {
    "A-1": "leaves",
    "B-0": "area_min_ha",
    "B-1": "rail",
    "B-2": "start_year",
    "B-3": "capacity",
    "B-4": "hazard_class",
    "B-5": "use",
    "B-6": "apart",
    "B-7": "area_max_ha",
    "B-8": "frontage_min_m",
}


@dataclass(frozen=True)
class Advised:
    """A scenario, its plan, and what is said of those without land."""

    scenario: Path
    plan: geoplan.Plan
    said: Advice

    def remedies(self) -> list[pd.DataFrame]:
        """Return the rows of each remedy."""
        return [rows for _, rows in self.said.remedies.groupby(["project_id", "rank"])]

    def made(self, remedy: pd.DataFrame, *, fraction: float = 1.0) -> bool:
        """Tell whether the project finds land once a remedy, or a part of it, is made."""
        again = rerun_with(self.scenario, self.plan, remedy, fraction=fraction)
        assert not (again.findings["severity"] == "error").any()
        assert (again.capacities["free"] > -1e-6).all()
        return stands_with_all_others(again, self.plan, remedy)

    def unplaced(self) -> set[str]:
        """Return who has no land and wants some."""
        gone = self.plan.projects["project_id"][self.plan.projects["status"] == "withdrawn"]
        rows = self.plan.allocation[self.plan.allocation["status"] == "unplaced"]
        return set(rows["project_id"]) - set(gone)


def advised(scenario: Path) -> Advised:
    return Advised(scenario, plan := geoplan.run(scenario), said_of(plan, scenario))


def said_of(plan: geoplan.Plan, scenario: Path) -> Advice:
    """Ask for advice on a plan that was made afresh; it is allotted once more, and alike."""
    settings = load_scenario(scenario)
    site = read_site(settings)
    strips = laid_out_on(site, settings).strips
    allotted = allotted_on(site, settings, units_of(site, settings, strips), None)
    return advice(plan, site, settings, allotted)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Advised:
    """Return the bundled park with 20 % too much demand: every fifth applicant comes twice."""
    folder = tmp_path_factory.mktemp("crowded") / "park"
    shutil.copytree(BUNDLED / "park2", folder / "park2")
    shutil.copy(BUNDLED / "park2.toml", folder)
    table = pd.read_csv(folder / "park2" / "projects.csv")
    twins = table.iloc[::5].assign(
        project_id="X" + table["project_id"].str[3:], status="application"
    )
    twins = twins.assign(invest_bn_kzt=(0.9 * twins["invest_bn_kzt"]).round(3))
    assert len(twins) == 30
    pd.concat([table, twins]).to_csv(folder / "park2" / "projects.csv", index=False)
    return advised(folder / "park2.toml")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Advised:
    """Return a small park with room, whose applicants each miss another rule."""
    scenario = write_park(tmp_path_factory.mktemp("mixed") / "park")
    (scenario.parent / "projects.csv").write_text(COLUMNS + PROJECTS, encoding="utf-8")
    with scenario.open("a", encoding="utf-8") as file:
        file.write("\n[allocate]\napart_m = 3000\ngap = 0.0\n")
    return advised(scenario)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Advised:
    """Return four plots of 1 ha along a street: one sold, one taken, one reserved, two free."""
    folder = tmp_path_factory.mktemp("given") / "park"
    folder.mkdir()
    zone = gpd.GeoDataFrame(
        {"zone_id": ["Z"], "use": ["production"]}, geometry=[box(0, 0, 600, 120)], crs=CRS
    )
    road = shapely.LineString(shapely.get_coordinates(box(0, 110, 600, 110))[[0, 3]])
    street = gpd.GeoDataFrame({"road_id": ["R"], "class": ["local"]}, geometry=[road], crs=CRS)
    plots = gpd.GeoDataFrame(
        {
            "plot_id": ["SOLD", "HELD", "KEPT", "F-1", "F-2"],
            "market": ["sold", "for sale", "reserved", "for sale", "for sale"],
        },
        geometry=[box(100 * i, 0, 100 * (i + 1), 100) for i in range(5)],
        crs=CRS,
    )
    for name, layer in (("zones", zone), ("roads", street), ("plots", plots)):
        write_layer(layer, folder / f"{name}.geojson")
    (folder / "projects.csv").write_text(
        "project_id,area_ha,area_min_ha,area_max_ha,invest_bn_kzt,start_year,status,plot_id\n"
        "OLD,1,0.9,1.1,9,,application,HELD\n"
        "WIDE,1.4,1.3,1.5,3,,application,\n"
        "PAIR,2,1.9,2.1,5,,application,\n",
        encoding="utf-8",
    )
    (folder / "given.toml").write_text(
        f'[site]\ncrs = "{CRS}"\nzones = "zones.geojson"\nroads = "roads.geojson"\n'
        'plots = "plots.geojson"\n[portfolio]\nprojects = "projects.csv"\n'
        '[subdivide]\nmode = "given"\nmerge_plots_max = 2\n',
        encoding="utf-8",
    )
    return advised(folder / "given.toml")


def test_each_project_without_land_has_reasons_and_a_least_change(
    crowded: Advised, mixed: Advised
) -> None:
    for each in (crowded, mixed):
        assert each.unplaced()
        assert each.unplaced() <= set(each.said.reasons["project_id"])
        first = each.said.remedies[each.said.remedies["rank"] == 1]
        assert set(first["project_id"]) == each.unplaced()
        assert each.said.remedies["verified"].all()
        assert list(each.said.remedies.columns) == list(REMEDY_COLUMNS)
        assert (each.said.remedies["text"] != "").all()


def test_every_remedy_of_a_crowded_park_places_its_project_when_it_is_made(
    crowded: Advised,
) -> None:
    for remedy in crowded.remedies():
        assert crowded.made(remedy), remedy["text"].iloc[0]


def test_less_than_the_least_change_does_not_do_in_a_crowded_park(crowded: Advised) -> None:
    least = [rows for rows in crowded.remedies() if (rows["rank"] == 1).all()]
    measured = [rows for rows in least if set(rows["kind"]) <= MEASURED]
    assert measured
    for remedy in measured:
        assert not crowded.made(remedy, fraction=FEWER), remedy["text"].iloc[0]


def test_each_rule_has_its_own_remedy(mixed: Advised) -> None:
    first = mixed.said.remedies[mixed.said.remedies["rank"] == 1]
    assert dict(zip(first["project_id"], first["kind"], strict=True)) == LEAST_KIND


def test_every_remedy_of_a_small_park_places_its_project_and_less_does_not(
    mixed: Advised,
) -> None:
    for remedy in mixed.remedies():
        assert mixed.made(remedy), remedy["text"].iloc[0]
        if set(remedy["kind"]) <= MEASURED:
            assert not mixed.made(remedy, fraction=FEWER), remedy["text"].iloc[0]


def test_free_plots_are_used_before_others_are_cut_again(mixed: Advised) -> None:
    assert (mixed.said.remedies["cut_again"] == "").all()


def test_given_plots_are_merged_or_taken_with_less(given: Advised) -> None:
    assert given.unplaced() == {"WIDE", "PAIR"}
    table = given.said.remedies.set_index(["project_id", "rank"])
    assert table.loc[("PAIR", 1), "kind"] == "merge"
    assert table.loc[("PAIR", 1), "subject"] == "F-1;F-2"
    wide = table.loc["WIDE"]
    assert wide["kind"].iloc[0] == "area_min_ha"
    assert wide["amount"].iloc[0] == pytest.approx(0.3, abs=2e-3)
    for remedy in given.remedies():
        assert given.made(remedy), remedy["text"].iloc[0]


def test_where_all_are_placed_nothing_is_sought(tmp_path: Path) -> None:
    scenario = write_park(tmp_path / "park")
    table = pd.read_csv(scenario.parent / "projects.csv")
    table[~table["project_id"].isin(["A-2", "A-6"])].to_csv(
        scenario.parent / "projects.csv", index=False
    )
    park = advised(scenario)
    assert park.unplaced() == set()
    assert park.said.reasons.empty
    assert park.said.remedies.empty
    assert park.said.margins.empty


def test_a_capacity_is_worth_what_the_one_who_lacks_it_invests(mixed: Advised) -> None:
    row = mixed.said.margins.iloc[0]
    assert len(mixed.said.margins) == 1
    assert (row["utility_id"], row["step"], row["unit"]) == ("PW", 10.0, "MW")
    assert row["value_bn_kzt"] == pytest.approx(1.0)
    assert row["project_ids"] == "B-3"


def test_the_same_plan_gives_the_same_advice(mixed: Advised) -> None:
    again = said_of(mixed.plan, mixed.scenario)
    for name in ("reasons", "remedies", "margins"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(mixed.said, name))


def test_where_no_plot_is_left_everybody_is_told_why(tmp_path: Path) -> None:
    scenario = write_park(tmp_path / "wide")
    with scenario.open("a", encoding="utf-8") as file:
        file.write("street_collector_m = 5000\n")
    plan = geoplan.run(scenario)
    assert plan.plots.empty
    assert (plan.allocation["status"] == "unplaced").all()
    assert plan.allocation["reason"].str.len().gt(0).all()
    assert "no plots" in set(plan.findings["rule"])
