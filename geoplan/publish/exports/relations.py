"""A plan's frames as tables of a PostGIS database, within the transaction that is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import pyproj
import shapely
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from geoplan.publish.geopackage import geometry_type, storable
from geoplan.site.queries import postgis_schema

__all__ = [
    "Shape",
    "drop",
    "locked",
    "make_schema",
    "own_tables",
    "postgis_schema",
    "present",
    "sign",
    "srid_of",
    "wait_at_most",
    "write",
]

PLAN_TABLE = "geoplan_plan"
"""One row: the plan's name and its manifest, which says which tables of the schema are its own."""

GEOMETRY = "geom"
ROW_NUMBER = "row_number"

KEYS = {
    "zones": ("zone_id",),
    "exclusions": ("exclusion_id",),
    "streets": ("street_id",),
    "strips": ("strip_id",),
    "land": ("land_id",),
    "plots": ("plot_id",),
    "proposals": ("proposal_id",),
    "gates": ("gate_id",),
    "utilities": ("utility_id",),
    "receptors": ("receptor_id",),
    "sidings": ("siding_id",),
    "projects": ("project_id",),
    "allocation": ("project_id",),
    "balance": ("zone_id", "kind"),
    "phases": ("year",),
    "phase_capacities": ("year", "utility_id"),
    "infrastructure": ("infrastructure_id",),
    "forward": ("infrastructure_id",),
}
"""Primary keys; where there is none, or ids repeat or are null, rows are numbered."""

_SIGN = "Written by geoplan, which replaces this schema's tables as a whole."
_OWN_SRIDS_FROM = 910_000  # PostGIS leaves 910000 to 998999 to its users
_SRID_LOCK = 910_000
_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "b": sa.Boolean,
    "f": sa.Double,
    "i": sa.BigInteger,
    "u": sa.BigInteger,
}
_MULTI: dict[str, Callable[[Any], shapely.Geometry]] = {
    "Point": shapely.MultiPoint,
    "LineString": shapely.MultiLineString,
    "Polygon": shapely.MultiPolygon,
}
_PRESENT = sa.text(
    "SELECT n.oid, c.relname FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid "
    "AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') "
    "AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e') "
    "WHERE n.nspname = :schema"
)
_COMMENT = sa.text(
    "SELECT obj_description(c.oid, 'pg_class') FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = :schema AND c.relname = :name"
)


class Shape(sa.types.UserDefinedType[Any]):
    """PostGIS's type of geometry, found wherever the extension is installed."""

    cache_ok = True

    def __init__(self, kind: str, srid: int, postgis: str) -> None:
        self.kind = kind
        self.srid = srid
        self.postgis = postgis

    def get_col_spec(self, **_: Any) -> str:
        """Return the type as DDL names it."""
        schema = self.postgis.replace('"', '""')
        return f'"{schema}".geometry({self.kind}, {self.srid})'


def wait_at_most(connection: sa.Connection, seconds: int) -> None:
    """Wait so long for tables that somebody else holds."""
    connection.execute(sa.select(sa.func.set_config("lock_timeout", f"{seconds}s", True)))


def locked(connection: sa.Connection, number: int) -> bool:
    """Take a lock that ends with the transaction; False where another run has it."""
    return bool(connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(number))).scalar())


def present(connection: sa.Connection, schema: str) -> frozenset[str] | None:
    """Name what a schema holds besides what extensions made; None if there is no such schema."""
    rows = connection.execute(_PRESENT, {"schema": schema}).all()
    return frozenset(row.relname for row in rows if row.relname is not None) if rows else None


def own_tables(connection: sa.Connection, schema: str) -> frozenset[str]:
    """Name the tables that the plan in a schema consists of; none if there is no plan."""
    comment = connection.execute(_COMMENT, {"schema": schema, "name": PLAN_TABLE}).scalar()
    if comment != _SIGN:
        return frozenset()
    manifest = connection.execute(sa.select(_plan_table(schema).c.manifest)).scalar() or {}
    return frozenset({PLAN_TABLE, *map(str, manifest.get("tables", []))})


def make_schema(connection: sa.Connection, schema: str) -> None:
    """Make a schema."""
    connection.execute(sa.schema.CreateSchema(_named(schema)))


def drop(connection: sa.Connection, schema: str, names: Iterable[str]) -> None:
    """Drop tables."""
    for name in names:
        table = sa.Table(_named(name), sa.MetaData(schema=_named(schema)))
        connection.execute(sa.schema.DropTable(table, if_exists=True))


def write(
    connection: sa.Connection, frame: pd.DataFrame, schema: str, name: str, *, shape: Shape | None
) -> None:
    """Make one table of a frame: with a primary key, and a spatial index of its geometry.

    Parameters
    ----------
    connection : sqlalchemy.Connection
    frame : DataFrame
    schema, name : str
    shape : Shape, optional
        Of a layer: the type that it has where it is empty.
    """
    stored = storable(frame)
    key = _key(stored, KEYS.get(name, ()))
    if key == (ROW_NUMBER,):
        stored.insert(0, ROW_NUMBER, range(1, len(stored) + 1))
    columns: dict[str, list[Any]] = {}
    types: dict[str, sa.types.TypeEngine[Any]] = {}
    if shape is not None and isinstance(stored, gpd.GeoDataFrame):
        types[GEOMETRY], columns[GEOMETRY] = _shapes(stored, shape)
        stored = pd.DataFrame(stored.drop(columns=stored.geometry.name))
    for column in stored.columns:
        cells = stored[column]
        types[column] = _TYPES.get(getattr(cells.dtype, "kind", "O"), sa.Text)()
        columns[column] = cells.astype("object").where(cells.notna(), None).tolist()
    order = [*stored.columns, *types.keys() - set(stored.columns)]
    table = _table(schema, name, {column: types[column] for column in order}, key)
    connection.execute(sa.schema.CreateTable(table))
    _copy(connection, table, zip(*(columns[column] for column in order), strict=True))
    if GEOMETRY in order:
        index = sa.Index(f"{name}_{GEOMETRY}", table.c[GEOMETRY], postgresql_using="gist")
        connection.execute(sa.schema.CreateIndex(index))


def _key(frame: pd.DataFrame, wanted: Sequence[str]) -> tuple[str, ...]:
    names = [name for name in wanted if name in frame]
    if not names or len(names) < len(wanted):
        return (ROW_NUMBER,)
    ids = frame[names]
    unique = not ids.isna().any(axis=None) and not ids.duplicated().any()
    return tuple(names) if unique else (ROW_NUMBER,)


def _table(
    schema: str, name: str, types: Mapping[str, sa.types.TypeEngine[Any]], key: Sequence[str]
) -> sa.Table:
    columns = [
        sa.Column(_named(column), kind, primary_key=column in key, autoincrement=False)
        for column, kind in types.items()
    ]
    return sa.Table(_named(name), sa.MetaData(schema=_named(schema)), *columns)


def _copy(connection: sa.Connection, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
    """Send rows in bulk; one by one, a large plan would take minutes."""
    names = psycopg.sql.SQL(", ").join(psycopg.sql.Identifier(c.name) for c in table.columns)
    place = psycopg.sql.Identifier(str(table.schema), table.name)
    statement = psycopg.sql.SQL("COPY {} ({}) FROM STDIN").format(place, names)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _shapes(frame: gpd.GeoDataFrame, empty: Shape) -> tuple[Shape, list[str | None]]:
    """Return the type of a layer's geometry, and its geometry as EWKB in hexadecimal."""
    kind, promoted = geometry_type(frame, empty.kind)
    shapes = frame.geometry.to_numpy()
    if promoted:
        shapes = [_MULTI[s.geom_type]([s]) if s and s.geom_type in _MULTI else s for s in shapes]
    marked = shapely.set_srid(shapes, empty.srid)
    written = shapely.to_wkb(marked, hex=True, include_srid=True)
    declared = "Geometry" if kind == "Unknown" else kind
    return Shape(declared, empty.srid, empty.postgis), list(written)


def srid_of(connection: sa.Connection, crs: pyproj.CRS | None, postgis: str) -> int:
    """Return the SRID of a CRS; one that the database does not know is defined in it."""
    if crs is None:
        return 0
    systems = sa.table(
        "spatial_ref_sys",
        *(sa.column(n) for n in ("srid", "auth_name", "auth_srid", "srtext")),
        schema=_named(postgis),
    )
    code = crs.to_epsg(min_confidence=100)
    text = crs.to_wkt("WKT1_GDAL")
    known = sa.select(systems.c.srid).order_by(systems.c.srid)
    of_epsg = known.where(systems.c.auth_name == "EPSG", systems.c.auth_srid == code)
    srid: int | None = connection.execute(of_epsg).scalar() if code else None
    if srid is None:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SRID_LOCK)))
        srid = connection.execute(known.where(systems.c.srtext == text)).scalar()
    if srid is None:
        last = connection.execute(sa.select(sa.func.max(systems.c.srid))).scalar() or 0
        srid = max(int(last) + 1, _OWN_SRIDS_FROM)
        row = {"srid": srid, "auth_name": "geoplan", "auth_srid": srid, "srtext": text}
        connection.execute(systems.insert().values(row))
    return srid


def sign(connection: sa.Connection, schema: str, name: str, manifest: Any) -> None:
    """Say what the schema's tables are; a later export reads it before it replaces them."""
    table = _plan_table(schema)
    table.create(connection, checkfirst=False)
    connection.execute(table.insert().values(name=name, manifest=manifest))


def _plan_table(schema: str) -> sa.Table:
    return sa.Table(
        PLAN_TABLE,
        sa.MetaData(schema=_named(schema)),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("manifest", JSONB, nullable=False),
        comment=_SIGN,
    )


def _named(name: str) -> sa.sql.quoted_name:
    return sa.sql.quoted_name(name, quote=True)
