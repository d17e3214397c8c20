"""Databases that cannot be read: one clear message, exit code 2, and nothing written."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geoplan.database import missing_packages, without_password
from geoplan.errors import Problems
from geoplan.site.findings import Remarks
from geoplan.site.inputs import Inputs

from ..small_park import CRS, box, content, geoplan, zones
from .server import free_port
from .tables import Database
from .test_reading import WORKING, scenario

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Misuse:
    """What a user gets wrong, where that is written, and what the message must say about it."""

    name: str
    address: Callable[[Database], str]
    says: tuple[str, ...]
    layer: str = "zones"


def two_geometries(database: Database) -> str:
    database.store("twice", zones(), srid=WORKING)
    database.run("ALTER TABLE twice ADD COLUMN outline geometry")
    return database.address("twice")


def two_srids(database: Database) -> str:
    address = database.store("mixed", zones(), srid=0)
    database.run("UPDATE mixed SET geom = ST_SetSRID(geom, 32642) WHERE zone_id = 'P'")
    database.run("UPDATE mixed SET geom = ST_SetSRID(geom, 4326) WHERE zone_id = 'L'")
    return address


def undefined_srid(database: Database) -> str:
    database.run("INSERT INTO spatial_ref_sys VALUES (998000, 'own', 1, 'nonsense', '')")
    return database.store("strange", zones(), srid=998_000)


def surface(database: Database) -> str:
    database.store("surfaces", zones(), srid=WORKING)
    tin = "SRID=32642;TIN(((0 0, 0 1, 1 1, 0 0)))"
    database.run("UPDATE surfaces SET geom = %s WHERE zone_id = 'P'", tin)
    return database.address("surfaces")


def plain_database(database: Database) -> str:
    if not database.run("SELECT 1 FROM pg_database WHERE datname = 'plain'"):
        database.run("CREATE DATABASE plain")
        with database.server.connect("plain") as plain:
            plain.execute("CREATE TABLE zones (zone_id text, use text)")
    return f"{database.server.address('plain')}|zones"


def guarded(database: Database) -> str:
    database.store("guarded", zones(), srid=WORKING)
    if not database.run("SELECT 1 FROM pg_roles WHERE rolname = 'guest'"):
        database.run("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    database.run(f"GRANT USAGE ON SCHEMA {database.schema} TO guest")
    return database.address("guarded").replace("planner@", "guest:guest@")


def empty_zones(database: Database) -> str:
    empty = gpd.GeoDataFrame({"zone_id": [], "use": []}, geometry=[], crs=CRS)
    return database.store("empty", empty)


def misspelt(old: str, new: str) -> Callable[[Database], str]:
    def address(database: Database) -> str:
        return database.store("zones", zones(), srid=WORKING).replace(old, new)

    return address


MISUSES = (
    Misuse(
        "no server",
        lambda _: f"postgresql://planner@{HOST}:{free_port()}/park|zones",
        ("no server answers there", "Check host and port"),
    ),
    Misuse(
        "no such host",
        lambda _: "postgresql://planner@nowhere.invalid/park|zones",
        ("there is no such host", "Check its name"),
    ),
    Misuse(
        "a wrong password",
        misspelt("planner@", "planner:guessed@"),
        ("the user's password is wrong or not given", "PGPASSWORD", "~/.pgpass"),
    ),
    Misuse(
        "a database that is not there",
        misspelt("/park|", "/parc|"),
        ("the server has no database 'parc'", "Did you mean 'park'?"),
    ),
    Misuse(
        "a schema that is not there",
        misspelt("|test_", "|tset_"),
        ("the database has no schema 'tset_", "Did you mean 'test_"),
    ),
    Misuse(
        "a table that is not there",
        misspelt(".zones", ".Zones"),
        ("has no table 'Zones'", "Did you mean 'zones'?"),
    ),
    Misuse(
        "no table",
        lambda database: misspelt(".zones", ".zones")(database).partition("|")[0],
        ("no table of the database is named; it has", ".zones", "Name one after a bar"),
    ),
    Misuse(
        "a table without geometry",
        lambda database: database.store("plain", pd.DataFrame({"zone_id": ["P"], "use": ["x"]})),
        ("the table 'plain' has no column of geometry", "Name one that has"),
    ),
    Misuse(
        "two columns of geometry",
        two_geometries,
        ("several columns of geometry: geom, outline", ".twice|geom"),
    ),
    Misuse(
        "a column of geometry that is not there",
        lambda database: f"{two_geometries(database)}|outlin",
        ("has no column of geometry 'outlin'", "Did you mean 'outline'?"),
    ),
    Misuse(
        "several SRIDs", two_srids, ("its geometry has several SRIDs: 4326, 32642", "ST_Transform")
    ),
    Misuse(
        "an SRID that says nothing",
        undefined_srid,
        ("PROJ does not understand the SRID 998000", "spatial_ref_sys"),
    ),
    Misuse(
        "a surface that is no polygon", surface, ("[P]", "the geometry cannot be built", "remove")
    ),
    Misuse("a table without rows", empty_zones, ("there are no records", "Name a file, layer")),
    Misuse(
        "a database without PostGIS",
        plain_database,
        ("has no PostGIS extension", "CREATE EXTENSION postgis"),
    ),
    Misuse(
        "a table that the user may not read",
        guarded,
        ("the user may not do this (permission denied for table guarded)", "GRANT"),
    ),
    Misuse(
        "a column that is not there",
        lambda database: database.store("zones", zones().drop(columns="use"), srid=WORKING),
        ("there is no column 'use'", "[columns.zones]"),
    ),
    Misuse(
        "projects that are not there",
        lambda database: misspelt(".zones", ".project")(database),
        ("projects (postgresql://", "has no table 'project'", "Known names: zones"),
        layer="projects",
    ),
    Misuse(
        "a database of another kind",
        lambda _: "mysql://planner:sesame@localhost/park|zones",
        ("zones (mysql://...)", "mysql:// are not read", "Save a file"),
    ),
    Misuse(
        "a password that breaks its address",
        lambda _: "postgresql://planner:open/se|same@localhost/park|zones",
        ("zones (postgresql://...)", "the address of the database is not understood", "%2F is /"),
    ),
    Misuse(
        "an option that libpq does not know",
        misspelt("/park|", "/park?sslmod=require|"),
        ("the database cannot be opened", "sslmod"),
    ),
)


@pytest.mark.parametrize("misuse", MISUSES, ids=lambda misuse: misuse.name)
def test_misuse_ends_in_one_message_and_nothing_written(
    misuse: Misuse, tmp_path: Path, database: Database
) -> None:
    scenario(tmp_path, **{misuse.layer: misuse.address(database)})
    before = content(tmp_path)
    ended = geoplan("plan", "park.toml", "--out", "out", "-q", folder=tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    assert "1 problem;" in ended.stderr
    for words in misuse.says:
        assert words in ended.stderr
    for secret in ("guessed", "sesame", "same@", "guest:"):
        assert secret not in ended.stderr
    assert content(tmp_path) == before


def test_a_server_that_cannot_be_had_is_told_once(tmp_path: Path) -> None:
    address = f"postgresql://planner@{HOST}:{free_port()}/park"
    layers = {name: f"{address}|{name}" for name in ("zones", "gates", "projects")}
    scenario(tmp_path, **layers)
    ended = geoplan("check", "park.toml", "-q", folder=tmp_path)
    assert "1 problem;" in ended.stderr, ended.stderr


def test_faults_of_several_tables_are_told_together(tmp_path: Path, database: Database) -> None:
    layers = {name: database.address(name) for name in ("zones", "gates", "projects")}
    scenario(tmp_path, **layers)
    ended = geoplan("check", "park.toml", "-q", folder=tmp_path)
    assert "3 problems;" in ended.stderr, ended.stderr


def test_a_connection_lost_between_two_layers_is_told(tmp_path: Path, database: Database) -> None:
    address = database.store("zones", zones(), srid=WORKING)
    noted = Remarks("zones", "zones", Problems(), [])
    with Inputs(tmp_path) as inputs:
        assert inputs.find(address, noted) is not None
        end_connections(database)
        assert inputs.find(address, noted) is None
        assert inputs.find(address, noted) is None  # a new one would be another state
    (problem,) = noted.problems.found
    assert "the connection was lost" in problem.cause
    assert "run the command again" in problem.remedy


def end_connections(database: Database, *, any_state: bool = True) -> int:
    """End geoplan's connections, as a server that is shut down does; return how many."""
    ended = database.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'geoplan' AND datname = current_database()"
        " AND (%s OR wait_event_type = 'Lock')",
        any_state,
    )
    return len(ended)


def test_a_connection_lost_while_a_layer_is_read_ends_the_command(
    tmp_path: Path, database: Database
) -> None:
    scenario(tmp_path, zones=database.store("zones", zones(), srid=WORKING))
    before = content(tmp_path)
    ended = []
    with database.server.connect() as holding, holding.transaction():
        holding.execute(f"LOCK TABLE {database.schema}.zones")
        running = threading.Thread(
            target=lambda: ended.append(
                geoplan("plan", "park.toml", "--out", "out", "-q", folder=tmp_path)
            )
        )
        running.start()
        for _ in range(600):
            if end_connections(database, any_state=False):
                break
            time.sleep(0.05)
        running.join()
    assert ended[0].returncode == 2, ended[0].stderr
    assert "zones (postgresql://" in ended[0].stderr
    assert "the connection was lost" in ended[0].stderr
    assert content(tmp_path) == before


def test_without_the_extra_its_name_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    noted = Remarks("zones", "zones", Problems(), [])
    with Inputs(tmp_path) as inputs:
        assert inputs.find("postgresql://planner@localhost/park|zones", noted) is None
    (problem,) = noted.problems.found
    assert "databases need psycopg" in problem.cause
    assert "pip install geoplan[postgis]" in problem.remedy
    assert missing_packages("here").where == "here"


def test_scenarios_of_files_need_no_database(tmp_path: Path) -> None:
    scenario(tmp_path)
    program = (
        "import sys; sys.modules.update(psycopg=None, sqlalchemy=None);"
        "import geoplan; print(geoplan.check('park.toml').name)"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True)
    assert ended.stdout == b"Small park\n", ended.stderr


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("postgresql://u:p%40ss@h:5432/d|s.t", "postgresql://u@h:5432/d|s.t"),
        ("postgresql+psycopg://u:p@[::1]:5/d|t", "postgresql+psycopg://u@[::1]:5/d|t"),
        ("postgresql:///d?host=/run&password=p&user=u|t", "postgresql:///d?host=%2Frun&user=u|t"),
        ("postgresql://u:a@b@h/d|t", "postgresql://..."),
        ("postgresql://u:a|b@h/d|t", "postgresql://..."),
        ("postgresql://u:a?b@h/d|t", "postgresql://..."),
        ("postgresql://u:12/34@h/d|t", "postgresql://..."),
        ("postgresql://u:12|34@h/d|t", "postgresql://..."),
        ("postgresql://u:1?2@h/d|t", "postgresql://..."),
        ("oracle://u:p@h/d|t", "oracle://..."),
        ("zones.gpkg|zones@2026:1", "zones.gpkg|zones@2026:1"),
    ],
)
def test_an_address_is_shown_without_its_password(written: str, shown: str) -> None:
    assert without_password(written) == shown


def test_zones_of_a_park_overlap_the_same_way(tmp_path: Path, database: Database) -> None:
    frame = zones()
    frame.loc[1, "geometry"] = box(450, 0, 900, 400)
    scenario(tmp_path, zones=database.store("zones", frame, srid=WORKING))
    ended = geoplan("check", "park.toml", "-q", folder=tmp_path)
    assert "[P, L]: zones overlap by 20,000" in ended.stderr


def test_a_setting_in_the_wrong_place_shows_no_password(tmp_path: Path) -> None:
    text = '[site]\ncrs = "EPSG:32642"\nzones = "z.gpkg"\n'
    portfolio = 'portfolio = "postgresql://planner:sesame@localhost/park|projects"\n'
    (tmp_path / "park.toml").write_text(portfolio + text, encoding="utf-8")
    ended = geoplan("check", "park.toml", "-q", folder=tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert "planner@localhost" in ended.stderr
    assert "sesame" not in ended.stderr
