"""A cadastre of eight plots along one street: nothing of it is touched, locks are kept."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from openpyxl import load_workbook

import geoplan
from geoplan.errors import GeoplanError

CRS = "EPSG:32642"
EAST, NORTH = 672_000, 5_677_000

SCENARIO = """\
[site]
name = "Cadastre"
crs = "EPSG:32642"
zones = "zones.gpkg"
gates = "gates.gpkg"
roads = "roads.gpkg"
plots = "plots.gpkg"

[portfolio]
projects = "projects.csv"

[subdivide]
mode = "given"
"""

PROJECTS = """\
project_id,area_ha,area_min_ha,area_max_ha,invest_bn_kzt,status,plot_id
OLD,1.0,0.9,1.1,1,contract,S-2
PAIR,2.0,1.9,2.1,4,operation,N-3;N-4
NEW,1.0,0.9,1.1,2,application,
MORE,1.0,0.9,1.1,3,application,
HUGE,9.0,8.0,9.5,9,application,
"""


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def write(folder: Path, name: str, shapes: list[shapely.Geometry], **columns: list[object]) -> None:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(folder / f"{name}.gpkg")


@pytest.fixture
def park(tmp_path: Path) -> Path:
    """Four plots of 1 ha on each side of a street 20 m wide, in a zone of 400 m x 220 m."""
    write(tmp_path, "zones", [box(0, 0, 400, 220)], zone_id=["Z"], use=["production"])
    gate = shapely.Point(EAST, NORTH + 110)
    write(tmp_path, "gates", [gate], gate_id=["G"], kind=["road"])
    street = shapely.LineString([(EAST, NORTH + 110), (EAST + 400, NORTH + 110)])
    write(tmp_path, "roads", [street], **{"road_id": ["R"], "class": ["local"]})
    south = [box(100 * i, 0, 100, 100) for i in range(4)]
    north = [box(100 * i, 120, 100, 100) for i in range(4)]
    market = ["sold", *["for sale"] * 7]
    ids = [*(f"S-{i + 1}" for i in range(4)), *(f"N-{i + 1}" for i in range(4))]
    write(tmp_path, "plots", [*south, *north], plot_id=ids, market=market)
    (tmp_path / "projects.csv").write_text(PROJECTS, encoding="utf-8")
    (tmp_path / "given.toml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def test_given_plots_stay_as_they_are(park: Path) -> None:
    plan = geoplan.run(park / "given.toml")
    assert sorted(plan.plots["plot_id"]) == [f"{side}-{i}" for side in "NS" for i in (1, 2, 3, 4)]
    assert plan.plots["area_ha"].tolist() == pytest.approx([1.0] * 8)
    assert plan.plots["frontage_m"].tolist() == pytest.approx([100.0] * 8)
    assert plan.plots["depth_m"].tolist() == pytest.approx([100.0] * 8)
    kinds = plan.land.groupby("kind")["area_ha"].sum()
    assert kinds.to_dict() == pytest.approx({"plot": 8.0, "street": 0.8})
    assert shapely.coverage_is_valid(plan.land.geometry.array)
    assert not (plan.findings["severity"] == "error").any()


def test_locked_projects_keep_their_plots_and_newcomers_take_free_ones(park: Path) -> None:
    plan = geoplan.run(park / "given.toml")
    rows = plan.allocation.set_index("project_id")
    assert rows.loc["OLD", "plot_ids"] == "S-2"
    assert rows.loc["PAIR", "plot_ids"] == "N-3;N-4"
    assert rows.loc["PAIR", "area_ha"] == pytest.approx(2.0)
    taken = {rows.loc["NEW", "plot_ids"], rows.loc["MORE", "plot_ids"]}
    assert taken < {"S-3", "S-4", "N-1", "N-2"}
    assert rows.loc["HUGE", "status"] == "unplaced"
    assert "1.00 ha" in rows.loc["HUGE", "reason"]
    assert plan.manifest["objective"] == pytest.approx(10.0)
    market = plan.plots.set_index("plot_id")["market"]
    assert market[["S-1", "S-2", "N-3"]].tolist() == ["sold", "sold", "sold"]


def test_a_saved_plan_of_given_plots_passes_its_audit_again(park: Path) -> None:
    geoplan.run(park / "given.toml").save(park / "out")
    again = geoplan.load(park / "out")
    assert [f.severity for f in again.audited() if f.severity == "error"] == []


def test_a_narrow_plot_of_the_cadastre_is_a_warning_not_an_error(park: Path) -> None:
    plots = gpd.read_file(park / "plots.gpkg")
    shapes = [box(0, 0, 20, 100), box(20, 0, 80, 100), *plots.geometry[1:]]
    ids = ["S-0", *plots["plot_id"]]
    (park / "plots.gpkg").unlink()
    write(park, "plots", shapes, plot_id=ids)
    plan = geoplan.run(park / "given.toml")
    found = plan.findings.set_index("subject")
    assert found.loc["S-0", "severity"].tolist() == ["warning", "warning"]


def test_without_its_layer_the_mode_is_refused(park: Path) -> None:
    text = SCENARIO.replace('plots = "plots.gpkg"\n', "")
    (park / "given.toml").write_text(text, encoding="utf-8")
    with pytest.raises(GeoplanError, match=r"\[site\] names no plots"):
        geoplan.run(park / "given.toml")


def test_existing_roads_are_kept_and_built_upon(park: Path) -> None:
    text = SCENARIO.replace('mode = "given"', 'mode = "grid"').replace('plots = "plots.gpkg"\n', "")
    (park / "projects.csv").write_text("project_id,area_ha\nP,1\n", encoding="utf-8")
    (park / "given.toml").write_text(text, encoding="utf-8")
    plan = geoplan.run(park / "given.toml")
    street = shapely.LineString([(EAST, NORTH + 110), (EAST + 400, NORTH + 110)])
    assert any(shapely.equals(line, street) for line in plan.streets.geometry)
    assert (plan.plots["frontage_m"] >= 30).all()
    assert not (plan.findings["severity"] == "error").any()


def test_prices_numbers_and_investors_reach_plan_and_register(park: Path) -> None:
    plots = gpd.read_file(park / "plots.gpkg")
    plots["cadastral_number"] = [f"21:318:{row}" for row in range(8)]
    plots["price_mln_kzt"] = [20.0, None, 0.0, *[None] * 5]
    (park / "plots.gpkg").unlink()
    plots.to_file(park / "plots.gpkg")
    zones = gpd.read_file(park / "zones.gpkg").assign(price_mln_kzt_ha=30.0)
    (park / "zones.gpkg").unlink()
    zones.to_file(park / "zones.gpkg")
    told = pd.read_csv(park / "projects.csv").assign(investor="Demo LLP")
    told[told["project_id"] != "MORE"].to_csv(park / "projects.csv", index=False)
    geoplan.run(park / "given.toml").save(park / "out")
    plan = geoplan.load(park / "out")
    stated = plan.plots.set_index("plot_id")
    assert stated["cadastral_number"].tolist() == [
        f"21:318:{list(plots['plot_id']).index(name)}" for name in stated.index
    ]
    # Only what is on offer has a price: its own, nothing at all too, or else its zone's.
    offered = stated["project_id"].isna() & (stated["market"] == "for sale")
    prices = stated["price_mln_kzt"]
    assert prices[~offered].isna().all()
    own = plots.set_index("plot_id")["price_mln_kzt"].reindex(stated.index)
    assert prices[offered].tolist() == pytest.approx(own[offered].fillna(30.0).tolist())
    book = load_workbook(park / "out" / "register.xlsx")
    heads = [cell.value for cell in book["Plots"][1]]
    assert {"Cadastral number", "Price, mln KZT"} <= set(heads)
    assert "Investor" in [cell.value for cell in book["Projects"][1]]


def test_without_prices_and_numbers_there_are_no_such_columns(park: Path) -> None:
    plots = geoplan.run(park / "given.toml").plots
    assert not {"price_mln_kzt", "cadastral_number"} & set(plots.columns)


def test_a_negative_price_is_refused(park: Path) -> None:
    plots = gpd.read_file(park / "plots.gpkg").assign(price_mln_kzt=-1.0)
    (park / "plots.gpkg").unlink()
    plots.to_file(park / "plots.gpkg")
    with pytest.raises(GeoplanError, match="price_mln_kzt"):
        geoplan.run(park / "given.toml")
