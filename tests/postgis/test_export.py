"""Plans in PostGIS: whole, readable, one writer's, and nobody else's tables lost."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import geoplan
from geoplan.publish import save
from geoplan.publish.exports.postgis import export_to_database
from geoplan.publish.geopackage import EMPTY_TYPES, TABLES, storable

from ..publish.hostile import HOSTILE
from ..publish.sample import sample_plan
from ..small_park import geoplan as command
from ..small_park import write_park
from .server import Server, free_port
from .tables import Database

LAYERS = tuple(EMPTY_TYPES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the sample as a saved plan."""
    save(sample_plan(), tmp_path / "plan")
    return tmp_path


def layer(database: Database, name: str) -> gpd.GeoDataFrame:
    """Read a layer back as any client of PostGIS would."""
    columns = [c for c, *_ in described(database, name)]
    rows = database.rows(name)
    shapes = [row[columns.index("geom")] for row in rows]
    frame = pd.DataFrame(rows, columns=columns).drop(columns="geom")
    return gpd.GeoDataFrame(frame, geometry=shapely.from_wkb(shapes))


def described(database: Database, name: str) -> list[tuple[str, str]]:
    return database.run(
        "SELECT column_name, udt_name FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position",
        database.schema,
        name,
    )


def tables_of(database: Database) -> set[str]:
    found = database.run("SELECT tablename FROM pg_tables WHERE schemaname = %s", database.schema)
    return {name for (name,) in found}


def whole(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return all that a schema holds."""
    return {name: sorted(map(repr, database.rows(name))) for name in tables_of(database)}


def test_a_plan_is_read_back_as_it_is(folder: Path, database: Database) -> None:
    plan = geoplan.load(folder / "plan")
    ended = command("export", "plan", "--to", database.whole, folder=folder)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == f"database  {database.whole}\n"
    assert tables_of(database) == {*LAYERS, *TABLES, "geoplan_plan"}
    for name in LAYERS:
        given, read = storable(getattr(plan, name)), layer(database, name)
        assert len(given) == len(read), name
        difference_m2 = shapely.area(given.geometry) - shapely.area(read.geometry)
        assert not (abs(difference_m2) > 1e-6).any(), name
        assert given.geometry.isna().tolist() == read.geometry.isna().tolist(), name
        assert [g.wkb for g in given.geometry if g] == [g.wkb for g in read.geometry if g], name
    for name in ("plots", "land", "streets", "zones"):
        key = f"{name.removesuffix('s')}_id"
        assert layer(database, name)[key].tolist() == getattr(plan, name)[key].tolist()
    plots = layer(database, "plots")
    assert plots["area_ha"].tolist() == plan.plots["area_ha"].tolist()
    assert plots["project_id"].isna().tolist() == plan.plots["project_id"].isna().tolist()
    assert dict(described(database, "plots"))["corner"] == "bool"


def test_layers_have_keys_indexes_and_their_crs(folder: Path, database: Database) -> None:
    geoplan.load(folder / "plan").to_postgis(database.whole)
    keyed = database.run(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'p' AND connamespace = %s::regnamespace",
        database.schema,
    )
    keys = dict(keyed)
    assert len(keys) == len(LAYERS) + len(TABLES) + 1
    assert keys["plots"] == "PRIMARY KEY (plot_id)"
    assert keys["projects"] == "PRIMARY KEY (project_id)"
    assert keys["balance"] == "PRIMARY KEY (zone_id, kind)"
    gist = database.run(
        "SELECT tablename FROM pg_indexes WHERE schemaname = %s AND indexdef LIKE '%%gist (geom)'",
        database.schema,
    )
    assert {name for (name,) in gist} == set(LAYERS)
    declared = database.run(
        "SELECT f_table_name, srid, type FROM geometry_columns WHERE f_table_schema = %s",
        database.schema,
    )
    assert {(srid) for _, srid, _ in declared} == {32642}
    assert ("plots", 32642, "POLYGON") in declared
    assert ("streets", 32642, "LINESTRING") in declared


def test_a_plan_is_made_from_an_exported_one(tmp_path: Path, database: Database) -> None:
    path = write_park(tmp_path)
    assert command("plan", path.name, "--out", "one", folder=tmp_path).returncode == 0
    assert command("export", "one", "--to", database.whole, folder=tmp_path).returncode == 0
    text = path.read_text(encoding="utf-8")
    for name, file in (("zones", "zones.geojson"), ("projects", "projects.csv")):
        text = text.replace(f'"{file}"', f'"{database.address(name)}"')
    path.write_text(text, encoding="utf-8")
    ended = command("plan", path.name, "--out", "two", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    one, two = geoplan.load(tmp_path / "one"), geoplan.load(tmp_path / "two")
    assert sorted(one.zones["zone_id"]) == two.zones["zone_id"].tolist()
    assert one.projects["project_id"].tolist() == two.projects["project_id"].tolist()
    assert set(two.allocation["status"]) == {"placed", "unplaced"}
    assert float(two.plots.area.sum()) == pytest.approx(float(one.plots.area.sum()), rel=0.05)


def test_an_earlier_plan_is_replaced_as_a_whole(folder: Path, database: Database) -> None:
    plan = geoplan.load(folder / "plan")
    plan.to_postgis(database.whole)
    first = whole(database)
    plan.to_postgis(database.whole)
    assert whole(database) == first
    fewer = replace(plan, name="Other", plots=plan.plots.iloc[:2])
    export_to_database(fewer, database.whole)
    assert database.run("SELECT count(*) FROM plots") == [(2,)]
    assert database.run("SELECT name FROM geoplan_plan") == [("Other",)]


def test_a_schema_is_made_whatever_its_name_is(folder: Path, database: Database) -> None:
    plan = geoplan.load(folder / "plan")
    for name in ('x"; DROP SCHEMA public; --', "Парк №2; план", "100 % it's"):
        address = f"{database.server.address()}|{name}"
        assert plan.to_postgis(address) == address
        plan.to_postgis(address)
        odd = Database(database.server, database.connection, name)
        found = database.run(
            "SELECT count(*) FROM pg_tables WHERE schemaname = %s AND tablename = 'plots'", name
        )
        assert found == [(1,)], odd.schema


def test_texts_that_postgresql_cannot_hold_do_not_break_it(
    folder: Path, database: Database
) -> None:
    plan = sample_plan()
    bad = ["NUL\x00", "NUL\x01", "lone \udcff", *HOSTILE]
    ids = [bad[number % len(bad)] for number in range(len(plan.plots))]
    names = pd.Series([bad[n % len(bad)] for n in range(len(plan.projects))], dtype=object)
    spoilt = replace(
        plan,
        name="park\x00\ud800",
        manifest={**plan.manifest, "a\x00b": ["\udcff"]},
        plots=plan.plots.assign(plot_id=pd.Series(ids, dtype=object).to_numpy()),
        projects=plan.projects.assign(name=names.to_numpy()),
    )
    export_to_database(spoilt, database.whole)
    assert database.run("SELECT name FROM geoplan_plan") == [("park\ufffd\ufffd",)]
    assert database.run("SELECT manifest -> %s FROM geoplan_plan", "a\ufffdb") == [(["\ufffd"],)]
    read = layer(database, "plots")
    assert read["plot_id"].tolist()[:3] == ["NUL\ufffd", "NUL\ufffd", "lone \ufffd"]
    assert read["row_number"].tolist() == list(range(1, len(ids) + 1))  # ids are no key here


def test_a_crs_that_the_database_does_not_know_is_defined(folder: Path, database: Database) -> None:
    local = "+proj=tmerc +lat_0=51.5 +lon_0=71 +k=1 +x_0=50000 +y_0=0 +ellps=GRS80 +units=m"
    plan = geoplan.load(folder / "plan")
    moved = {name: getattr(plan, name).to_crs(local) for name in LAYERS}
    for _ in range(2):  # the second finds what the first has defined
        export_to_database(replace(plan, **moved), database.whole)
    ((srid,),) = database.run("SELECT DISTINCT ST_SRID(geom) FROM plots")
    assert srid >= 910_000
    assert database.run("SELECT count(*) FROM spatial_ref_sys WHERE auth_name = 'geoplan'") == [
        (1,)
    ]
    path = write_park(folder / "park")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"zones.geojson"', f'"{database.address("zones")}"'))
    assert geoplan.check(path).zones.area.sum() == pytest.approx(200_000, rel=1e-3)


REFUSALS = {
    "no schema": (lambda d: d.server.address(), ("no schema is named", "Name one after a bar")),
    "a long name": (
        lambda d: f"{d.server.address()}|{'я' * 32}",
        ("more than 63 bytes", "Shorten"),
    ),
    "no server": (
        lambda _: f"postgresql://planner@127.0.0.1:{free_port()}/park|x",
        ("no server answers there", "Check host and port"),
    ),
    "no database": (
        lambda d: d.server.address("parc") + "|x",
        ("the server has no database 'parc'", "Did you mean 'park'?"),
    ),
    "a wrong password": (
        lambda d: d.whole.replace("planner@", "planner:guessed@"),
        ("the user's password is wrong or not given", "PGPASSWORD"),
    ),
    "no PostGIS": (
        lambda d: d.server.address("template1") + "|x",
        ("has no PostGIS extension", "CREATE EXTENSION postgis"),
    ),
    "a file": (lambda _: "plan.gpkg", ("is no address of a database", "postgresql://user@host")),
    "a name that PostgreSQL keeps for itself": (
        lambda d: f"{d.server.address()}|pg_park",
        ("the database refuses it (unacceptable schema name", "Mend what it names"),
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_written_to_is_told(name: str, folder: Path, database: Database) -> None:
    address, says = REFUSALS[name]
    ended = command("export", "plan", "--to", address(database), "-q", folder=folder)
    assert ended.returncode == 2, ended.stderr
    assert "1 problem; nothing was written" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "guessed" not in ended.stderr
    for words in says:
        assert words in ended.stderr


def refused(address: str, folder: Path) -> str:
    ended = command("export", "plan", "--to", address, "-q", folder=folder)
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_what_others_have_in_the_schema_is_never_lost(folder: Path, database: Database) -> None:
    database.run("CREATE TABLE cadastre (id int)")
    before = whole(database)
    told = refused(database.whole, folder)
    assert "[cadastre]: the schema" in told
    assert "holds what geoplan did not write. Name a new or an empty schema." in told
    database.run("CREATE TABLE geoplan_plan (name text, manifest jsonb)")
    database.run("""INSERT INTO geoplan_plan VALUES ('x', '{"tables": ["cadastre"]}')""")
    assert "[cadastre, geoplan_plan]" in refused(database.whole, folder)
    assert whole(database)["cadastre"] == before["cadastre"]
    database.run("DROP TABLE cadastre, geoplan_plan")
    geoplan.load(folder / "plan").to_postgis(database.whole)
    database.run("CREATE TABLE notes (id int)")
    assert "[notes]" in refused(database.whole, folder)


def test_views_of_others_keep_a_plan_where_it_is(folder: Path, database: Database) -> None:
    geoplan.load(folder / "plan").to_postgis(database.whole)
    other = f"{database.schema}_views"
    database.run(f"CREATE SCHEMA {other}")
    database.run("CREATE VIEW free AS SELECT * FROM plots WHERE project_id IS NULL")
    database.run(f"ALTER VIEW free SET SCHEMA {other}")
    before = whole(database)
    assert "other objects, views for instance, depend on its tables" in refused(
        database.whole, folder
    )
    assert whole(database) == before


def test_a_user_without_rights_is_told(folder: Path, database: Database) -> None:
    if not database.run("SELECT 1 FROM pg_roles WHERE rolname = 'reader'"):
        database.run("CREATE ROLE reader LOGIN PASSWORD 'reader'")
    address = database.whole.replace("planner@", "reader:reader@")
    assert "the user may not do this" in refused(address, folder)
    assert tables_of(database) == set()


def exporting(address: str, plan: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "geoplan", "export", plan, "--to", address, "-q"],
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def waiting(database: Database, pid: int | None = None) -> int:
    """Wait until the command waits for a lock; return the process that serves it."""
    for _ in range(1200):
        found = database.run(
            "SELECT pid, pg_sleep(0.05) FROM pg_stat_activity WHERE application_name = 'geoplan'"
            " AND wait_event_type = 'Lock' AND pid IS DISTINCT FROM %s",
            pid,
        )
        if found:
            return int(found[0][0])
        database.run("SELECT pg_sleep(0.05)")
    raise TimeoutError("nobody waits")


def test_of_two_writers_at_once_one_writes_all(folder: Path, database: Database) -> None:
    plan = geoplan.load(folder / "plan")
    save(replace(plan, name="Other", plots=plan.plots.iloc[:2]), folder / "other")
    plots = {plan.name: len(plan.plots), "Other": 2}
    for _ in range(2):
        both = [exporting(database.whole, name, folder) for name in ("plan", "other")]
        told = [running.communicate()[1] for running in both]
        codes = [running.returncode for running in both]
        assert 0 in codes
        for code, text in zip(codes, told, strict=True):
            assert code == 0 or "another run is writing this schema right now" in text, text
        ((name,),) = database.run("SELECT name FROM geoplan_plan")
        assert database.run("SELECT count(*) FROM plots") == [(plots[name],)]
        assert tables_of(database) == {*LAYERS, *TABLES, "geoplan_plan"}


def test_a_second_writer_is_refused_while_the_first_writes(
    folder: Path, database: Database
) -> None:
    geoplan.load(folder / "plan").to_postgis(database.whole)
    with database.server.connect() as reading, reading.transaction():
        database.read_by(reading, "plots")
        first = exporting(database.whole, "plan", folder)
        waiting(database)
        assert "another run is writing this schema right now" in refused(database.whole, folder)
    assert first.communicate()[1] == ""
    assert first.returncode == 0


def test_a_connection_that_is_ended_leaves_the_old_plan(folder: Path, database: Database) -> None:
    plan = geoplan.load(folder / "plan")
    plan.to_postgis(database.whole)
    before = whole(database)
    save(replace(plan, name="Other", plots=plan.plots.iloc[:2]), folder / "other")
    with database.server.connect() as reading, reading.transaction():
        database.read_by(reading, "zones")
        running = exporting(database.whole, "other", folder)
        database.run("SELECT pg_terminate_backend(%s)", waiting(database))
        told = running.communicate()[1]
    assert running.returncode == 2
    assert "the connection was lost (terminating connection" in told
    assert "1 problem; nothing was written" in told
    assert whole(database) == before


def test_a_server_that_falls_leaves_the_old_plan(
    folder: Path, server: Server, database: Database
) -> None:
    plan = geoplan.load(folder / "plan")
    plan.to_postgis(database.whole)
    before = whole(database)
    save(replace(plan, name="Other"), folder / "other")
    reading = server.connect()
    reading.execute("BEGIN")
    database.read_by(reading, "zones")
    running = exporting(database.whole, "other", folder)
    waiting(database)
    reading.close()
    database.connection.close()
    server.stop("immediate")
    try:
        told = running.communicate()[1]
    finally:
        server.start()
    assert running.returncode == 2
    assert "the connection was lost" in told
    assert "Traceback" not in told
    with server.connect() as again:
        assert whole(Database(server, again, database.schema)) == before


def test_files_and_a_database_are_written_by_one_command(folder: Path, database: Database) -> None:
    options = ("--format", "xlsx", "--out", "files", "--to", database.whole)
    ended = command("export", "plan", *options, "--json", folder=folder)
    assert ended.returncode == 0, ended.stderr
    assert (folder / "files" / "register.xlsx").exists()
    assert "plots" in tables_of(database)
