"""Handing a plan over: the folder as a whole, and the formats that others only copy."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib.util import find_spec
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoplan.errors import GeoplanError
from geoplan.publish import read_plan, save
from geoplan.publish.exports import FORMATS, check_exportable, export, parquet
from geoplan.publish.exports.shapefile import field_names
from geoplan.publish.map.palettes import MARKET_COLOURS

from ..small_park import geoplan
from .hostile import HOSTILE
from .sample import sample_plan

# With pyarrow pandas stores text otherwise, so the tests run without it unless it is there.
HAS_PARQUET = find_spec("pyarrow") is not None
WRITABLE = [name for name in FORMATS if name != "parquet" or HAS_PARQUET]
KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with the sample in all formats."""
    return export(sample_plan(), tmp_path_factory.mktemp("hand") / "over", formats=WRITABLE)


def hostile_plan(first):
    plan = sample_plan()
    count = len(plan.plots)
    ids = [f"{HOSTILE[(first + number) % len(HOSTILE)]}{number}" for number in range(count)]
    names = [HOSTILE[(first + number) % len(HOSTILE)] for number in range(len(plan.projects))]
    return replace(
        plan,
        name=HOSTILE[first],
        notice=HOSTILE[first - 1],
        zones=plan.zones.assign(name=_texts(names[: len(plan.zones)])),
        projects=plan.projects.assign(name=_texts(names)),
        plots=plan.plots.assign(plot_id=_texts(ids)),
    )


def _texts(values):
    """Return texts as objects: where pyarrow is, pandas' own kind of text has no surrogates."""
    return pd.Series(values, dtype=object)


def test_the_manifest_names_exactly_the_files_that_are_there(folder):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in folder.iterdir()) == manifest["files"]
    assert manifest["formats"] == WRITABLE
    assert manifest["crs"] == "EPSG:32642"
    assert manifest["notice"] == sample_plan().notice


def test_the_same_plan_gives_the_same_bytes_whatever_was_written_before(folder, tmp_path):
    again = export(sample_plan(), tmp_path / "again", formats=WRITABLE)
    for path in folder.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", WRITABLE)
@pytest.mark.parametrize("first", range(3, len(HOSTILE), 20))
def test_each_format_takes_texts_that_applicants_should_not_type(tmp_path, name, first):
    made = export(hostile_plan(first), tmp_path / "out", formats=[name])
    names = {path.name for path in made.iterdir()}
    assert len(names) >= 2
    assert all(re.fullmatch(r"[a-z_]+\.[a-z]+", each) for each in names)


@pytest.mark.parametrize("name", [name for name in WRITABLE if name != "pdf"])
def test_each_format_takes_a_plan_without_records(tmp_path, name):
    plan = sample_plan()
    layers = ("zones", "exclusions", "gates", "utilities", "receptors", "streets", "strips",
              "land", "plots", "proposals", "findings", "projects", "allocation")  # fmt: skip
    empty = replace(plan, **{layer: getattr(plan, layer).iloc[:0] for layer in layers})
    made = export(empty, tmp_path / "out", formats=[name])
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in made.iterdir()) == manifest["files"]
    assert len(manifest["files"]) > 1
    assert all(path.stat().st_size > 0 for path in made.iterdir())


def test_an_export_replaces_an_earlier_one_as_a_whole(tmp_path):
    export(sample_plan(), tmp_path / "out", formats=["kml", "dxf"])
    export(sample_plan(), tmp_path / "out", formats=["kml"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"plan.kml", "manifest.json"}


def test_a_plans_own_folder_is_refused_and_stays(tmp_path):
    save(sample_plan(), tmp_path / "park")
    for ask in (check_exportable, lambda path: export(sample_plan(), path, formats=["kml"])):
        with pytest.raises(GeoplanError, match="holds a plan"):
            ask(tmp_path / "park")
    assert len(read_plan(tmp_path / "park").plots) == len(sample_plan().plots)


def test_a_format_that_fails_leaves_the_earlier_export(tmp_path, monkeypatch):
    out = export(sample_plan(), tmp_path / "out", formats=["kml"])
    monkeypatch.setattr(
        "geoplan.publish.exports.dxf.write_dxf", lambda *_: (_ for _ in ()).throw(OSError("broken"))
    )
    with pytest.raises(OSError, match="broken"):
        export(sample_plan(), out, formats=["points", "dxf"])
    assert {path.name for path in out.iterdir()} == {"plan.kml", "manifest.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "find_spec", lambda _: None)
    with pytest.raises(GeoplanError) as raised:
        export(sample_plan(), tmp_path / "out", formats=["dxff", "parquet", "pdf"], scale=100)
    told = [str(problem) for problem in raised.value.problems]
    assert "Did you mean 'dxf'?" in told[0]
    assert "geoplan[parquet]" in told[1]
    assert "at 1:100 the zones do not fit on A3" in told[2]
    assert not (tmp_path / "out").exists()


def test_the_command_writes_what_it_says_and_refuses_in_one_message(tmp_path):
    save(sample_plan(), tmp_path / "park")
    ask = ("export", "park", "--format", "dxf", "--format", "points", "--json", "-q", "--out")
    ended = geoplan(*ask, "over", folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout) == {"folder": "over", "formats": ["dxf", "points"]}
    assert len(list((tmp_path / "over").iterdir())) == 5
    ended = geoplan(*ask, "park", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "it holds a plan, which would be lost. Name another folder." in ended.stderr


def test_no_format_is_no_export(tmp_path):
    with pytest.raises(GeoplanError, match="none is named"):
        export(sample_plan(), tmp_path / "out", formats=[])


def test_the_geopackage_is_the_plans_own(folder, tmp_path):
    save(sample_plan(), tmp_path / "park")
    own = (tmp_path / "park" / "plan.gpkg").read_bytes()
    assert (folder / "layers.gpkg").read_bytes() == own


@pytest.mark.parametrize("suffix", ["shp", *(["parquet"] if HAS_PARQUET else [])])
def test_plots_keep_ids_areas_crs_and_words(folder, suffix):
    read = gpd.read_file if suffix == "shp" else gpd.read_parquet
    found, plan = read(folder / f"plots.{suffix}"), sample_plan()
    assert found["plot_id"].tolist() == plan.plots["plot_id"].tolist()
    assert found.crs == plan.plots.crs
    np.testing.assert_allclose(found.area, plan.plots.area, atol=1e-3)
    assert found["project_id"].isna().tolist() == plan.plots["project_id"].isna().tolist()


def test_shapefiles_say_that_they_are_utf8_and_keep_kazakh(folder):
    assert (folder / "zones.cpg").read_text() == "UTF-8"
    assert gpd.read_file(folder / "zones.shp")["name"].tolist()[0] == "Сарыарқа"


def test_a_layer_of_points_and_lines_becomes_two_shapefiles_and_loses_no_record(folder):
    parts = [gpd.read_file(folder / f"gates_{kind}.shp") for kind in ("points", "lines")]
    assert sorted(pd.concat(parts)["gate_id"]) == ["G1", "G2"]
    findings = [gpd.read_file(path) for path in sorted(folder.glob("findings_*.shp"))]
    assert sum(map(len, findings)) == len(sample_plan().findings)


def test_parts_stay_one_record_and_a_collection_goes_to_the_files_of_its_kinds(tmp_path):
    plan = sample_plan()
    parts = plan.receptors.geometry[0]
    mixed = shapely.GeometryCollection([parts.geoms[0], shapely.Point(671_000, 5_676_000)])
    shapes = [mixed, None]
    plan = replace(plan, gates=plan.gates.set_geometry(shapes, crs=plan.gates.crs))
    out = export(plan, tmp_path / "out", formats=["shp"])
    kept = gpd.read_file(out / "receptors.shp")
    assert kept["receptor_i"].tolist() == ["R1"]
    assert kept.geometry[0].equals(parts)
    points, areas = (gpd.read_file(out / f"gates_{kind}.shp") for kind in ("points", "areas"))
    assert points["gate_id"].tolist() == ["G1", "G2"]
    assert points.geometry.isna().tolist() == [False, True]
    assert areas["gate_id"].tolist() == ["G1"]


def test_each_cut_field_name_stands_in_the_table_with_its_whole_one(folder):
    table = pd.read_csv(folder / "shapefile_fields.csv")
    plots = table[table["file"] == "plots.shp"]
    written = gpd.read_file(folder / "plots.shp").drop(columns="geometry").columns
    assert plots["field"].tolist() == written.tolist()
    assert plots["column"].tolist() == sample_plan().plots.drop(columns="geometry").columns.tolist()


def test_a_text_beyond_a_field_stands_whole_in_a_table(tmp_path):
    long = "Құ" * 400
    plan = sample_plan()
    plan = replace(plan, zones=plan.zones.assign(name=["short", long]))
    out = export(plan, tmp_path / "out", formats=["shp"])
    kept = gpd.read_file(out / "zones.shp")["name"].tolist()
    assert kept[0] == "short"
    assert long.startswith(kept[1])
    assert len(kept[1].encode()) <= 254
    cut = pd.read_csv(out / "shapefile_cut.csv").to_dict("records")
    assert cut == [{"file": "zones.shp", "record": 2, "field": "name", "text": long}]


@given(st.lists(st.text(min_size=1, max_size=20), max_size=30, unique=True))
def test_field_names_fit_and_are_unique(columns):
    names = field_names([name for name in columns if name.isprintable()])
    assert all(len(short.encode()) <= 10 for short in names.values())
    assert len({short.casefold() for short in names.values()}) == len(names)


def test_kml_has_every_plot_in_the_colour_of_its_state(folder):
    root = ElementTree.parse(folder / "plan.kml").getroot()  # noqa: S314 - written just now
    fills = {
        style.get("id"): style.findtext(f"{KML}PolyStyle/{KML}color")
        for style in root.iter(f"{KML}Style")
    }
    plots = next(f for f in root.iter(f"{KML}Folder") if f.findtext(f"{KML}name") == "Plots")
    marks = plots.findall(f"{KML}Placemark")
    plan = sample_plan()
    assert [mark.findtext(f"{KML}name") for mark in marks] == plan.plots["plot_id"].tolist()
    for mark, state in zip(marks, plan.plots["market"], strict=True):
        fill = fills[mark.findtext(f"{KML}styleUrl").removeprefix("#")]
        red, green, blue = (MARKET_COLOURS[state][i : i + 2] for i in (1, 3, 5))
        assert fill[2:] == blue + green + red


def test_kml_lies_where_the_plan_does(folder):
    plan = sample_plan()
    found = gpd.read_file(folder / "plan.kml", layer="Plots")
    assert found.crs == "EPSG:4326"
    back = found.to_crs(plan.plots.crs).geometry
    off = shapely.hausdorff_distance(back.to_numpy(), plan.plots.geometry.to_numpy())
    assert off.max() < 1e-3
    assert found["area_ha"].astype(float).tolist() == plan.plots["area_ha"].tolist()


@pytest.mark.parametrize("first", [0, 1, 5, 6, 40])
def test_kml_holds_what_was_typed_as_text(tmp_path, first):
    plan = hostile_plan(first)
    out = export(plan, tmp_path / "out", formats=["kml"])
    root = ElementTree.parse(out / "plan.kml").getroot()  # noqa: S314 - written just now
    assert not [e.tag for e in root.iter() if not e.tag.startswith(KML)]
    assert root.find(f"{KML}Document").findtext(f"{KML}name") == plan.name
