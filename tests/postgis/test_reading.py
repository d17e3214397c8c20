"""Layers and projects in PostGIS: read as from files, in one state, in one order."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

import geoplan
from geoplan.config import LAYERS, load_programme
from geoplan.errors import Problems
from geoplan.site.findings import Remarks
from geoplan.site.inputs import Inputs
from geoplan.site.national import read_nation

from ..programme.made_programme import write_programme
from ..small_park import CRS, box, write_park, zones
from ..small_park import geoplan as command
from .server import PASSWORD
from .tables import Database, store_park, stored

WORKING = 32642


def remarks(layer: str = "zones") -> Remarks:
    return Remarks(layer, layer, Problems(), [])


def scenario(folder: Path, **sources: str) -> Path:
    """Write the small park with other sources of some layers."""
    path = write_park(folder)
    text = path.read_text(encoding="utf-8")
    for layer, address in sources.items():
        kept = [line for line in text.splitlines() if not line.startswith(f"{layer} = ")]
        section = "[portfolio]" if layer == "projects" else "[site]"
        line = f"{layer} = {json.dumps(address, ensure_ascii=False)}"
        text = "\n".join(kept).replace(section, f"{section}\n{line}", 1) + "\n"
    path.write_text(text, encoding="utf-8")
    return path


def test_files_and_a_database_give_the_same_plan(tmp_path: Path, database: Database) -> None:
    of_files = write_park(tmp_path)
    of_tables = store_park(database, tmp_path)
    one, other = geoplan.check(of_files), geoplan.check(of_tables)
    for name in LAYERS:
        assert_geodataframe_equal(getattr(one, name), getattr(other, name))
    assert_frame_equal(one.projects, other.projects)
    assert one.findings == other.findings
    for path, out in ((of_files, "files"), (of_tables, "tables")):
        assert command("plan", path.name, "--out", out, folder=tmp_path).returncode == 0
    for name in ("plan.gpkg", "allocation.csv"):
        written = [(tmp_path / out / name).read_bytes() for out in ("files", "tables")]
        assert written[0] == written[1], name
    manifest = json.loads((tmp_path / "tables" / "manifest.json").read_text(encoding="utf-8"))
    tables = ("zones", "gates", "receptors", "utilities", "projects")
    assert set(manifest["inputs"]) == {database.address(name) for name in tables}


def test_the_checksum_is_that_of_the_content(tmp_path: Path, database: Database) -> None:
    sums = []
    for number, frame in enumerate((zones(), zones(), zones().assign(use="logistics"))):
        address = database.store(f"z{number}", frame, srid=WORKING)
        with Inputs(tmp_path) as inputs:
            assert inputs.find(address, remarks()) is not None
        sums.append(inputs.sha256s[address])
    assert sums[0] == sums[1] != sums[2]
    assert len(sums[0]) == 64


def test_rows_without_a_key_have_an_order_of_their_own(tmp_path: Path, database: Database) -> None:
    sums, orders = set(), []
    for name, rows in (("a", ("Яблоко", "a", "B")), ("b", ("B", "Яблоко", "a"))):
        values = ", ".join(f"('{row}', 1)" for row in rows)
        database.run(f"CREATE TABLE {name} AS VALUES {values}")
        database.run(f"ALTER TABLE {name} RENAME COLUMN column1 TO project_id")
        with Inputs(tmp_path) as inputs:
            table = inputs.find(database.address(name), remarks("projects"))
        orders.append(table.frame["project_id"].tolist())
        sums.add(inputs.sha256s[database.address(name)])
    assert orders == [["B", "a", "Яблоко"]] * 2  # by code points, wherever the server stands
    assert len(sums) == 1


def test_all_layers_are_of_one_state(tmp_path: Path, database: Database) -> None:
    first = database.store("zones", zones(), srid=WORKING)
    later = database.store("more", zones(), srid=WORKING)
    with Inputs(tmp_path) as inputs:
        assert len(inputs.find(first, remarks()).frame) == 2
        database.run("DELETE FROM more WHERE zone_id = 'P'")
        assert len(inputs.find(later, remarks()).frame) == 2
    with Inputs(tmp_path) as inputs:
        assert len(inputs.find(later, remarks()).frame) == 1


def test_a_table_replaced_meanwhile_is_not_taken_for_an_empty_one(
    tmp_path: Path, database: Database
) -> None:
    first = database.store("zones", zones(), srid=WORKING)
    later = database.store("more", zones(), srid=WORKING)
    noted = remarks()
    with Inputs(tmp_path) as inputs:
        inputs.find(first, noted)
        database.run("DROP TABLE more")
        database.store("more", zones(), srid=WORKING)
        assert inputs.find(later, noted) is None
        assert inputs.find(first, noted) is not None
    (problem,) = noted.problems.found
    assert "was replaced while it was being read" in problem.cause


def test_every_type_of_postgresql_is_read(tmp_path: Path, database: Database) -> None:
    database.run(
        "CREATE TABLE projects (project_id numeric PRIMARY KEY, name varchar(20), area_ha numeric,"
        " jobs int, rail bool, near text[], start_year smallint, invest_bn_kzt real,"
        " status text, asked timestamptz, day date, more jsonb, key uuid, raw bytea,"
        " fence public.geometry, spent money, taken int4range)"
    )
    database.run(
        "INSERT INTO projects VALUES (7, 'Семь', 1.20, NULL, true, '{8}', 2027, 0.1,"
        " 'contract', 'infinity', '4000-01-01', '{\"a\": [1]}', gen_random_uuid(), '\\x00ff',"
        " 'POINT(1 2)', 5, '[1,3)'), (8, NULL, 'NaN', 12, NULL, NULL, NULL, 2.5, NULL, NULL,"
        " '-infinity', NULL, NULL, NULL, NULL, NULL, NULL)"
    )
    database.run("UPDATE projects SET area_ha = 2 WHERE project_id = 8")
    path = scenario(tmp_path, projects=database.address("projects"))
    read = geoplan.check(path).projects
    assert read["project_id"].tolist() == ["7", "8"]
    assert read["name"].tolist() == ["Семь", "8"]
    assert read["area_ha"].tolist() == [1.2, 2.0]
    assert read["jobs"].tolist() == [0, 12]
    assert read["rail"].tolist() == [True, False]
    assert read["near"].tolist()[0] == "8"
    assert read["invest_bn_kzt"].tolist() == [0.1, 2.5]
    assert read["start_year"].tolist()[0] == 2027


def test_without_an_srid_the_scenario_s_crs_holds(tmp_path: Path, database: Database) -> None:
    path = scenario(tmp_path, zones=database.store("zones", zones(), srid=0))
    site = geoplan.check(path)
    assert site.zones.area.tolist() == pytest.approx([200_000, 160_000])
    assert any(f.rule == "crs-assumed" for f in site.findings), site.findings


def test_a_crs_of_the_database_s_own_is_understood(tmp_path: Path, database: Database) -> None:
    local = "+proj=tmerc +lat_0=51 +lon_0=71 +k=1 +x_0=50000 +y_0=0 +ellps=GRS80 +units=m"
    text = gpd.GeoSeries([], crs=local).crs.to_wkt("WKT1_GDAL")
    database.run("INSERT INTO spatial_ref_sys VALUES (990001, 'own', 1, %s, %s)", text, local)
    address = database.store("zones", zones().to_crs(local), srid=990_001)
    site = geoplan.check(scenario(tmp_path, zones=address))
    assert site.zones.area.tolist() == pytest.approx([200_000, 160_000], rel=1e-6)


def test_arcs_become_straight_pieces(tmp_path: Path, database: Database) -> None:
    west, south, *_ = box(0, 0, 1, 1).bounds
    database.run(f"CREATE TABLE zones (zone_id text, use text, geom geometry(Geometry, {WORKING}))")
    ring = f"{west} {south + 200}, {west + 200} {south}, {west + 400} {south + 200},"
    ring += f"{west + 200} {south + 400}, {west} {south + 200}"
    shape = f"SRID={WORKING};CURVEPOLYGON(CIRCULARSTRING({ring}))"
    database.run("INSERT INTO zones VALUES ('R', 'production', %s)", shape)
    site = geoplan.check(scenario(tmp_path, zones=database.address("zones")))
    assert site.zones.area.tolist() == pytest.approx([3.14159 * 200**2], rel=1e-3)


def test_odd_names_are_names_and_nothing_else(tmp_path: Path, database: Database) -> None:
    schema = 'a"; DROP TABLE "'
    database.run('CREATE SCHEMA IF NOT EXISTS "a""; DROP TABLE """')
    odd = Database(database.server, database.connection, schema)
    names = ("слой; --", "Two Words", "50 % %s", "it's", "a.b|c", "SELECT")
    path = write_park(tmp_path)
    for name in names:
        frame = zones().rename(columns={"use": "Назначение; \"'%s"})
        odd.store(name, frame, srid=WORKING)
        address = f'{odd.server.address()}|"a""; DROP TABLE """."{name}"'
        path = scenario(tmp_path, zones=address)
        with path.open("a", encoding="utf-8") as file:
            file.write('[columns.zones]\nuse = "Назначение; \\"\'%s"\n')
        assert geoplan.check(path).zones["use"].tolist() == ["production", "logistics"]


def test_views_are_read_and_one_of_several_geometries_picked(
    tmp_path: Path, database: Database
) -> None:
    database.store("zones", zones(), srid=WORKING)
    database.run("CREATE VIEW both_of AS SELECT zone_id, use, geom, geom AS other FROM zones")
    path = scenario(tmp_path, zones=f"{database.address('both_of')}|other")
    assert geoplan.check(path).zones["zone_id"].tolist() == ["L", "P"]


def test_a_password_is_written_nowhere(tmp_path: Path, database: Database) -> None:
    write_park(tmp_path)
    path = store_park(database, tmp_path)
    secret = PASSWORD.replace(" ", "%20")
    text = path.read_text(encoding="utf-8").replace("planner@", f"planner:{secret}@")
    path.write_text(text, encoding="utf-8")
    ended = command("plan", path.name, "--out", "out", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    path.write_text(text.replace(".zones", ".zone"), encoding="utf-8")
    wrong = command("plan", path.name, "--out", "out", folder=tmp_path)
    assert wrong.returncode == 2
    texts = [ended.stdout, ended.stderr, wrong.stdout, wrong.stderr]
    texts += [p.read_bytes().decode("latin-1") for p in (tmp_path / "out").iterdir()]
    for text in texts:
        assert secret not in text
        assert PASSWORD not in text


def test_empty_layers_that_may_be_empty_are_read(tmp_path: Path, database: Database) -> None:
    address = database.store("gates", gpd.GeoDataFrame({"gate_id": []}, geometry=[], crs=CRS))
    assert geoplan.check(scenario(tmp_path, gates=address)).gates.empty


def test_geometry_keeps_every_digit(tmp_path: Path, database: Database) -> None:
    shape = shapely.affinity.rotate(box(0, 0, 500, 400), 0.1234567)
    frame = gpd.GeoDataFrame({"zone_id": ["Z"], "use": ["production"]}, geometry=[shape], crs=CRS)
    site = geoplan.check(scenario(tmp_path, zones=database.store("zones", frame, srid=WORKING)))
    assert set(map(tuple, shapely.get_coordinates(site.zones.geometry))) == set(
        map(tuple, shapely.get_coordinates(shape))
    )


def test_numbers_as_text_stay_text(tmp_path: Path, database: Database) -> None:
    table = pd.DataFrame({"project_id": ["007"], "area_ha": [1.0]})
    path = scenario(tmp_path, projects=database.store("projects", table))
    assert geoplan.check(path).projects["project_id"].tolist() == ["007"]


def test_flows_are_a_table_without_geometry(tmp_path: Path, database: Database) -> None:
    rows = pd.DataFrame({"from_id": ["A-1", "G"], "to_id": ["A-5", "A-1"], "t_year": [40.0, 95.0]})
    path = write_park(tmp_path)
    named = f'[portfolio]\nflows = "{database.store("flows", rows)}"\n'
    text = path.read_text(encoding="utf-8").replace("[portfolio]\n", named)
    path.write_text(text, encoding="utf-8")
    assert geoplan.check(path).flows["t_year"].tolist() == [40.0, 95.0]


def test_a_programme_may_be_read_from_tables(tmp_path: Path, database: Database) -> None:
    path = write_programme(tmp_path)
    of_files = read_nation(load_programme(path))
    text = path.read_text(encoding="utf-8")
    layers, tables = ("zones", "gates", "utilities"), ("parks", "projects")
    text = stored(database, tmp_path, text, layers=layers, tables=tables)
    path.write_text(text, encoding="utf-8")
    of_tables = read_nation(load_programme(path))
    assert_frame_equal(of_tables.projects, of_files.projects)
    assert len(of_files.parks) == 4
    for one, other in zip(of_files.parks, of_tables.parks, strict=True):
        assert one.region == other.region
        assert_geodataframe_equal(one.site.zones, other.site.zones)
