"""Frames as tables, written as a database's owner would: without geoplan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import shapely
from psycopg import sql

from .server import Server

TYPES = {"i": "bigint", "I": "bigint", "f": "double precision", "b": "boolean"}


@dataclass
class Database:
    """A schema of the tests' database.

    Attributes
    ----------
    server : Server
    connection : psycopg.Connection
        Of its owner.
    schema : str
    """

    server: Server
    connection: psycopg.Connection
    schema: str

    def address(self, table: str) -> str:
        """Return a table's address without a password."""
        return f"{self.server.address()}|{self.schema}.{table}"

    @property
    def whole(self) -> str:
        """The schema's own address."""
        return f"{self.server.address()}|{self.schema}"

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run SQL in the schema and return its rows."""
        self.connection.execute(f'SET search_path TO "{self.schema}", public')
        cursor = self.connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """Return all rows of a table."""
        table = sql.Identifier(self.schema, name)
        return self.connection.execute(sql.SQL("SELECT * FROM {}").format(table)).fetchall()

    def read_by(self, other: psycopg.Connection, name: str) -> None:
        """Let another connection read a table, which it holds until its transaction ends."""
        table = sql.Identifier(self.schema, name)
        other.execute(sql.SQL("SELECT * FROM {}").format(table))

    def store(self, name: str, frame: pd.DataFrame, *, srid: int = 4326) -> str:
        """Write a frame as QGIS and ogr2ogr do, with a number of each row as its key."""
        plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
        columns = {str(c): TYPES.get(plain[c].dtype.kind, "text") for c in plain}
        cells = [plain[c].astype(object).where(plain[c].notna(), None).tolist() for c in plain]
        if isinstance(frame, gpd.GeoDataFrame):
            columns["geom"] = f"public.geometry(Geometry, {srid})"
            shapes = shapely.set_srid(frame.geometry.to_numpy(), srid)
            cells.append(shapely.to_wkb(shapes, hex=True, include_srid=True).tolist())
        table = sql.Identifier(self.schema, name)
        typed = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL(kind)) for c, kind in columns.items()
        )
        create = sql.SQL("CREATE TABLE {} (fid serial PRIMARY KEY, {})")
        self.connection.execute(create.format(table, typed))
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(table, names)
        with self.connection.cursor() as cursor, cursor.copy(copy) as rows:
            for row in zip(*cells, strict=True):
                rows.write_row(row)
        return self.address(name)


def stored(
    database: Database, folder: Path, text: str, *, layers: Sequence[str], tables: Sequence[str]
) -> str:
    """Write files of a folder into the database; return a settings' text that names these."""
    for name in layers:
        address = database.store(name, gpd.read_file(folder / f"{name}.geojson"))
        text = text.replace(f'"{name}.geojson"', f'"{address}"')
    for name in tables:
        address = database.store(name, pd.read_csv(folder / f"{name}.csv"))
        text = text.replace(f'"{name}.csv"', f'"{address}"')
    return text


def store_park(database: Database, folder: Path) -> Path:
    """Write the files of the small park into the database; return a scenario that names these."""
    text = (folder / "park.toml").read_text(encoding="utf-8")
    layers, tables = ("zones", "gates", "receptors"), ("utilities", "projects")
    text = stored(database, folder, text, layers=layers, tables=tables)
    scenario = folder / "database.toml"
    scenario.write_text(text, encoding="utf-8")
    return scenario
