"""What a database says of a table, and its rows in an order of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyproj
import sqlalchemy as sa

from geoplan.errors import GeoplanError, Problem, nearest_name, shown

_SHAPES = frozenset({"geometry", "geography"})
_WHOLE = frozenset({"int2", "int4", "int8"})
_TEXTS = frozenset({"text", "varchar", "bpchar", "name"})
_AS_THEY_ARE = _WHOLE | _TEXTS | {"float4", "float8", "numeric", "bool", "_text", "_varchar"}
# Of pg_class.relkind: r, p and f are tables, v and m views; deptype e is what extensions made.

_TABLE = sa.text(
    "SELECT c.oid, c.relfilenode FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = :schema AND c.relname = :name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
)
_COLUMNS = sa.text(
    "SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
    "WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
)
_KEY = sa.text(
    "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
    "AND a.attnum = ANY (i.indkey) WHERE i.indrelid = :oid AND i.indisprimary "
    "ORDER BY array_position(i.indkey::int2[], a.attnum)"
)
_SCHEMAS = sa.text(
    "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' "
    "AND nspname <> 'information_schema'"
)
_TABLES = sa.text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
    "AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')"
)
_LAYERS = sa.text(
    "SELECT DISTINCT n.nspname || '.' || c.relname AS layer FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid "
    "JOIN pg_type t ON t.oid = a.atttypid WHERE t.typname IN ('geometry', 'geography') "
    "AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
    "AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e') ORDER BY layer"
)
# Functions look names up as they are now, not as the snapshot has them.
_NOW = sa.text(
    "SELECT to_regclass(named)::oid, pg_relation_filenode(to_regclass(named)) "
    "FROM (SELECT quote_ident(:schema) || '.' || quote_ident(:name) AS named) AS wanted"
)
_POSTGIS = sa.text(
    "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
    "WHERE e.extname = 'postgis'"
)


class Column(NamedTuple):
    """A column and its type, as PostgreSQL calls it."""

    name: str
    type: str

    @property
    def is_geometry(self) -> bool:
        """Whether it holds geometry."""
        return self.type in _SHAPES


@dataclass(frozen=True)
class Described:
    """A table as the snapshot has it.

    Attributes
    ----------
    schema, name : str
    oid, filenode : int
        Identity and storage; the latter is 0 for views.
    columns : tuple of Column
    key : tuple of str
        Columns of the primary key; empty where there is none.
    """

    schema: str
    name: str
    oid: int
    filenode: int
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def counter(self) -> str | None:
        """The column of whole numbers that is the whole primary key, if one is."""
        types = dict(self.columns)
        return self.key[0] if len(self.key) == 1 and types[self.key[0]] in _WHOLE else None


def described(connection: sa.Connection, schema: str, name: str) -> Described:
    """Look a table, view or foreign table up.

    Raises
    ------
    GeoplanError
        If there is none of that name; the nearest is told.
    """
    found = connection.execute(_TABLE, {"schema": schema, "name": name}).one_or_none()
    if found is None:
        raise _absent(connection, schema, name)
    columns = connection.execute(_COLUMNS, {"oid": found.oid}).all()
    key = connection.execute(_KEY, {"oid": found.oid}).scalars().all()
    return Described(
        schema=schema,
        name=name,
        oid=found.oid,
        filenode=found.relfilenode,
        columns=tuple(Column(*row) for row in columns),
        key=tuple(key),
    )


def _absent(connection: sa.Connection, schema: str, name: str) -> GeoplanError:
    schemas = connection.execute(_SCHEMAS).scalars().all()
    if schema not in schemas:
        return refused(f"the database has no schema '{schema}'.", nearest_name(schema, schemas))
    tables = connection.execute(_TABLES, {"schema": schema}).scalars().all()
    remedy = nearest_name(name, tables) if tables else "It has none; name another schema."
    return refused(f"the schema '{schema}' has no table '{name}'.", remedy)


def refused(cause: str, remedy: str) -> GeoplanError:
    """Return an error whose place its reader knows."""
    return GeoplanError([Problem("", cause, remedy)])


def layers(connection: sa.Connection) -> str:
    """Name the tables that have geometry, for a message."""
    return shown(connection.execute(_LAYERS).scalars().all(), most=20) or "none with geometry"


def postgis_schema(connection: sa.Connection) -> str | None:
    """Return the schema that PostGIS is installed in; None where it is not."""
    name: str | None = connection.execute(_POSTGIS).scalar()
    return name


def rows(
    connection: sa.Connection, table: Described, columns: Sequence[Column]
) -> list[tuple[Any, ...]]:
    """Read a table's rows, ordered by its primary key, else by all columns.

    Geometry comes as EWKB in hexadecimal, with arcs made of straight pieces; numbers, text and
    yes/no as they are; all other types as the text that PostgreSQL writes for them.

    Raises
    ------
    GeoplanError
        If the table was replaced since the snapshot: its rows would be missed in silence.
    """
    postgis = postgis_schema(connection)
    held = sa.table(_named(table.name), schema=_named(table.schema))
    read = sa.select(*(_expression(column, postgis) for column in columns)).select_from(held)
    ordered = [c for name in table.key for c in table.columns if c.name == name]
    order = [_order(column, by_key=bool(ordered)) for column in ordered or table.columns]
    found = [tuple(row) for row in connection.execute(read.order_by(*order))]
    now = connection.execute(_NOW, {"schema": table.schema, "name": table.name}).one()
    if now[0] != table.oid or (now[1] or 0) != table.filenode:
        raise refused("the table was replaced while it was being read.", "Run the command again.")
    return found


def _named(name: str) -> sa.sql.quoted_name:
    return sa.sql.quoted_name(name, quote=True)


def _column(column: Column) -> sa.ColumnClause[Any]:
    return sa.column(_named(column.name))


def _expression(column: Column, postgis: str | None) -> sa.ColumnElement[Any]:
    if column.type == "geometry":
        return sa.cast(_straight(_column(column), postgis), sa.Text)
    return _column(column) if column.type in _AS_THEY_ARE else sa.cast(_column(column), sa.Text)


def _straight(shape: sa.ColumnClause[Any], postgis: str | None) -> sa.ColumnElement[Any]:
    """Make straight pieces of arcs, of which the rest of the library knows nothing."""
    if postgis is None:
        return shape
    packages = (_named(postgis),)
    function = sa.sql.functions.Function
    arcs = function("ST_HasArc", shape, packagenames=packages, type_=sa.Boolean)
    pieces = function("ST_CurveToLine", shape, packagenames=packages, type_=sa.types.NullType)
    return sa.case((arcs, pieces), else_=shape)


def _order(column: Column, *, by_key: bool) -> sa.ColumnElement[Any]:
    """Order text by its code points: collations differ from server to server."""
    if by_key and column.type not in _TEXTS:
        return _column(column)
    return sa.collate(sa.cast(_column(column), sa.Text), "C")


def crs_of(connection: sa.Connection, srid: int) -> pyproj.CRS:
    """Return the CRS that the database means by an SRID.

    Raises
    ------
    GeoplanError
        If it does not define it, or PROJ does not understand the definition.
    """
    schema = postgis_schema(connection)
    names = ("auth_name", "auth_srid", "srtext")
    systems = sa.table(
        "spatial_ref_sys",
        *(sa.column(name) for name in ("srid", *names)),
        schema=None if schema is None else _named(schema),
    )
    read = sa.select(*(systems.c[name] for name in names)).where(systems.c.srid == srid)
    found = connection.execute(read).one_or_none()
    if found is None:
        cause = f"its geometry has the SRID {srid}, which the database does not define."
        raise refused(
            cause, "Add it to spatial_ref_sys, or set the right one (UpdateGeometrySRID)."
        )
    try:
        if found.auth_name == "EPSG":
            return pyproj.CRS.from_epsg(found.auth_srid)
        return pyproj.CRS.from_user_input(found.srtext)
    except pyproj.exceptions.CRSError as error:
        cause = f"PROJ does not understand the SRID {srid} ({' '.join(str(error).split())})."
        raise refused(cause, "Mend its definition in spatial_ref_sys.") from None
