import json
import shutil
import time
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from pandas.testing import assert_frame_equal
from shapely import MultiPolygon, Point, box

from geoplan.errors import GeoplanError
from geoplan.publish import save
from geoplan.publish.geopackage import EMPTY_TYPES, TABLES, read_plan, write_plan

from .sample import sample_plan

FRAMES = (*EMPTY_TYPES, *TABLES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved")
    write_plan(sample_plan(), path / "plan.gpkg")
    plan = sample_plan()
    header = {"name": plan.name, "notice": plan.notice, "spz_distance_m": dict(plan.spz_distance_m)}
    (path / "manifest.json").write_text(json.dumps(header | dict(plan.manifest)))
    return path


def write_and_read(tmp_path, folder, **changes):
    write_plan(sample_plan(**changes), tmp_path / "plan.gpkg")
    shutil.copy(folder / "manifest.json", tmp_path)
    return read_plan(tmp_path)


@pytest.mark.parametrize("name", FRAMES)
def test_a_saved_layer_comes_back_with_values_nulls_and_columns(folder, name):
    before, after = getattr(sample_plan(), name), getattr(read_plan(folder), name)
    assert list(after.columns) == list(before.columns)
    assert_frame_equal(
        pd.DataFrame(after).drop(columns="geometry", errors="ignore"),
        pd.DataFrame(before).drop(columns="geometry", errors="ignore"),
        check_dtype=False,
    )
    if isinstance(before, gpd.GeoDataFrame):
        assert after.crs == before.crs
        assert (
            after.geometry.geom_equals_exact(before.geometry, 0).eq(before.notna().geometry).all()
        )
        assert after.geometry.isna().equals(before.geometry.isna())


def test_what_a_plan_has_besides_layers_comes_back(folder):
    before, after = sample_plan(), read_plan(folder)
    assert (after.name, after.notice) == (before.name, before.notice)
    assert after.spz_distance_m == before.spz_distance_m
    assert after.manifest["solver"] == before.manifest["solver"]


def test_types_survive_their_nulls(folder):
    projects = read_plan(folder).projects
    assert projects["hazard_class"].dtype == "Int64"
    assert projects["sensitive"].dtype == "boolean"
    assert projects["rail"].dtype == "bool"
    assert projects["start_year"].dtype == "int64"
    assert projects["name"].dtype == "str"
    assert projects["area_ha"].dtype == "float64"


def test_the_empty_reason_of_a_placed_project_stays_empty_and_is_no_null(folder):
    assert read_plan(folder).allocation["reason"].tolist()[:4] == [""] * 4


def test_objects_are_stored_by_what_they_hold(tmp_path, folder):
    mixed = sample_plan().projects.assign(
        rail=pd.Series([True, None, False, None, True], dtype=object),
        jobs=pd.Series([1, None, 2, 3, 4], dtype=object),
        power_mw=pd.Series([1, 2.5, None, 0, 0], dtype=object),
        near=pd.Series([("PR-2", "PR-3"), [], None, "PR-1", None], dtype=object),
        sector=pd.Series([None] * 5, dtype=object),
    )
    projects = write_and_read(tmp_path, folder, projects=mixed).projects
    assert projects["rail"].tolist() == [True, pd.NA, False, pd.NA, True]
    assert projects["jobs"].tolist() == [1, pd.NA, 2, 3, 4]
    assert projects["power_mw"].fillna(-1).tolist() == [1, 2.5, -1, 0, 0]
    assert projects["near"].fillna("null").tolist() == ["PR-2;PR-3", "", "null", "PR-1", "null"]
    assert projects["sector"].dtype == "str"
    assert projects["sector"].isna().all()


@pytest.mark.parametrize("name", FRAMES)
def test_an_empty_layer_keeps_its_columns(tmp_path, folder, name):
    before = getattr(sample_plan(), name)
    after = getattr(write_and_read(tmp_path, folder, **{name: before.iloc[:0]}), name)
    assert len(after) == 0
    assert list(after.columns) == list(before.columns)
    assert getattr(after, "crs", None) == getattr(before, "crs", None)


def test_a_plan_without_a_portfolio_is_saved_and_read(tmp_path, folder):
    projects = write_and_read(tmp_path, folder, projects=pd.DataFrame()).projects
    assert list(projects.columns) == ["project_id"]
    assert len(projects) == 0


def geometry_type(path, layer):
    return pyogrio.read_info(path, layer=layer)["geometry_type"]


def test_layers_declare_the_type_of_their_geometry(folder):
    declared = {name: geometry_type(folder / "plan.gpkg", name) for name in EMPTY_TYPES}
    assert declared == {
        "zones": "Polygon",
        "exclusions": "Polygon",
        "streets": "LineString",
        "strips": "Polygon",
        "land": "Polygon",
        "plots": "Polygon",
        "proposals": "Polygon",
        "findings": "Unknown",
        "gates": "Unknown",
        "utilities": "Unknown",
        "receptors": "MultiPolygon",
    }


def test_only_a_layer_that_holds_multi_geometries_is_promoted(tmp_path, folder):
    zones = sample_plan().zones
    parts = MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)])
    zones = zones.set_geometry([zones.geometry[0], parts], crs=zones.crs)
    after = write_and_read(tmp_path, folder, zones=zones)
    assert set(after.zones.geom_type) == {"MultiPolygon"}
    assert set(after.plots.geom_type) == {"Polygon"}
    assert after.zones.area.tolist() == zones.area.tolist()


def test_a_working_crs_without_a_code_comes_back(tmp_path, folder):
    plan = sample_plan()
    local = (
        "+proj=tmerc +lat_0=51 +lon_0=71.5 +k=1 +x_0=50000 +y_0=0 +ellps=krass +units=m +no_defs"
    )
    moved = {name: getattr(plan, name).to_crs(local) for name in EMPTY_TYPES}
    after = write_and_read(tmp_path, folder, **moved)
    assert after.plots.crs.equals(moved["plots"].crs)


def test_characters_no_file_can_hold_do_not_stop_a_plan(tmp_path, folder):
    names = ["nul \x00 here", "half \ud800 pair", "Сарыарқа", "'; DROP TABLE plots; --", "=1+1"]
    projects = write_and_read(tmp_path, folder, projects=sample_plan().projects.assign(name=names))
    expected = ["nul \ufffd here", "half \ufffd pair", *names[2:]]
    assert projects.projects["name"].tolist() == expected


def test_the_same_plan_gives_the_same_bytes(tmp_path):
    write_plan(sample_plan(), tmp_path / "a.gpkg")
    time.sleep(1.1)  # GDAL's own stamp has milliseconds, SQLite's has seconds
    write_plan(sample_plan(), tmp_path / "b.gpkg")
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def test_a_plan_read_and_written_again_gives_the_same_bytes(tmp_path, folder):
    write_plan(read_plan(folder), tmp_path / "again.gpkg")
    assert (tmp_path / "again.gpkg").read_bytes() == (folder / "plan.gpkg").read_bytes()


@pytest.mark.parametrize("before", [None, "2001-02-03T04:05:06Z"])
def test_gdals_date_is_as_it_was_afterwards(tmp_path, before):
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    try:
        write_plan(sample_plan(), tmp_path / "plan.gpkg")
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == before
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def test_writing_leaves_the_plan_alone(tmp_path):
    plan = sample_plan()
    write_plan(plan, tmp_path / "plan.gpkg")
    for name in FRAMES:
        assert_frame_equal(
            pd.DataFrame(getattr(plan, name)), pd.DataFrame(getattr(sample_plan(), name))
        )


def test_a_missing_folder_is_told_with_both_files(tmp_path):
    with pytest.raises(GeoplanError) as raised:
        read_plan(tmp_path / "nowhere")
    named = [problem.where for problem in raised.value.problems]
    assert named == [str(tmp_path / "nowhere" / n) for n in ("manifest.json", "plan.gpkg")]


def test_a_file_that_is_no_geopackage_is_told(tmp_path, folder):
    shutil.copy(folder / "manifest.json", tmp_path)
    (tmp_path / "plan.gpkg").write_text("no database")
    with pytest.raises(GeoplanError, match="not a readable GeoPackage"):
        read_plan(tmp_path)


def test_a_file_that_gdal_only_warns_of_is_damaged(tmp_path, folder):
    shutil.copy(folder / "manifest.json", tmp_path)
    content = bytearray((folder / "plan.gpkg").read_bytes())
    assert content[68:72] == b"GPKG"
    content[68:71] = bytes(3)
    (tmp_path / "plan.gpkg").write_bytes(content)
    with pytest.raises(GeoplanError, match="bad application_id"):
        read_plan(tmp_path)


def test_a_geopackage_of_something_else_names_the_layers_it_lacks(tmp_path, folder):
    shutil.copy(folder / "manifest.json", tmp_path)
    other = gpd.GeoDataFrame({"zone_id": ["Z1"]}, geometry=[Point(0, 0)], crs="EPSG:32642")
    pyogrio.write_dataframe(other, tmp_path / "plan.gpkg", layer="zones", driver="GPKG")
    with pytest.raises(GeoplanError, match="layers of the plan are missing") as raised:
        read_plan(tmp_path)
    assert "plots" in raised.value.problems[0].ids
    assert "zones" not in raised.value.problems[0].ids


@pytest.mark.parametrize(
    ("key", "value"),
    [("name", None), ("notice", 3), ("spz_distance_m", []), ("spz_distance_m", {"one": 1000})],
)
def test_a_manifest_that_lacks_what_a_plan_needs_is_told(tmp_path, folder, key, value):
    shutil.copy(folder / "plan.gpkg", tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {key: value}))
    with pytest.raises(GeoplanError, match=f"'{key}'"):
        read_plan(tmp_path)


def test_a_full_disk_is_the_systems_own_error(tmp_path, monkeypatch):
    def full(*_, **__):
        raise pyogrio.errors.FeatureError("failed to execute insert : database or disk is full")

    monkeypatch.setattr(pyogrio, "write_dataframe", full)
    with pytest.raises(OSError, match="No space left") as raised:
        write_plan(sample_plan(), tmp_path / "plan.gpkg")
    assert raised.value.filename == str(tmp_path / "plan.gpkg")


def test_gdals_other_errors_keep_their_name(tmp_path):
    twice = sample_plan().projects.assign(NAME="again")
    with pytest.raises(pyogrio.errors.FieldError):
        write_plan(replace(sample_plan(), projects=twice), tmp_path / "plan.gpkg")


def test_a_folder_that_was_saved_reads_back(tmp_path):
    save(sample_plan(), tmp_path / "park")
    assert read_plan(tmp_path / "park").plots["plot_id"].tolist() == list(
        sample_plan().plots.plot_id
    )
