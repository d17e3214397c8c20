"""Tables of databases as sources: one snapshot for all that a scenario reads of a database."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from geoplan.database import Address, connect, faults_told, parsed
from geoplan.errors import GeoplanError, nearest_name, shown
from geoplan.site.findings import Remarks
from geoplan.site.schema import CONTRACTS

if TYPE_CHECKING:
    import sqlalchemy as sa

    from geoplan.site.queries import Column, Described

_QUOTED = r'"(?:[^"]|"")+"'
_PICKED = re.compile(
    rf'(?:(?P<schema>{_QUOTED}|[^".|][^.|]*)\.)?(?P<table>{_QUOTED}|[^"|][^|]*)'
    r"(?:\|(?P<geometry>.+))?"
)
_PLAIN = re.compile(r"(?:(?P<schema>[^.|]+)\.)?(?P<table>[^|]+)(?:\|(?P<geometry>.+))?")


class Picked(NamedTuple):
    """What of a database is read; ``geometry`` is empty where the table's only one is meant."""

    schema: str
    table: str
    geometry: str


@dataclass(frozen=True)
class DatabaseTable:
    """A table as a database holds it.

    Attributes
    ----------
    written : str
        The address with its table, without a password.
    sha256 : str
        Of names, types and all rows in their order, in hexadecimal.
    frame : DataFrame
        Columns without geometry, in the table's order; RangeIndex.
    counter : str or None
        A column of whole numbers that is the whole primary key.
    geometry : ndarray of geometry, or None
        None where no column of geometry is read.
    broken : mapping of int to str
        Rows whose geometry is there but cannot be built, and why not.
    crs : pyproj.CRS or None
        As the geometry's SRID states it; None where it states none.
    """

    written: str
    sha256: str
    frame: pd.DataFrame
    counter: str | None = None
    geometry: npt.NDArray[np.object_] | None = None
    broken: Mapping[int, str] = field(default_factory=dict)
    crs: pyproj.CRS | None = None

    is_shapefile = False

    def columns(self, wanted: Callable[[Sequence[str]], int]) -> pd.DataFrame:
        """Return the columns; one that only counts rows is left out unless it is wanted.

        Parameters
        ----------
        wanted : callable
            Counts the names that are looked for; see :func:`geoplan.site.tables.naming`.
        """
        if self.counter is None or wanted([self.counter]):
            return self.frame
        return self.frame.drop(columns=self.counter)

    def layer(self, wanted: Callable[[Sequence[str]], int]) -> gpd.GeoDataFrame:
        """Return the columns with their geometry, null where there is none."""
        geometry = [None] * len(self.frame) if self.geometry is None else self.geometry
        columns = self.columns(wanted)
        # A plain column may be called as geopandas calls the geometry.
        name = next(n for n in ("geometry", "geom", "shape", "") if n not in columns)
        series = gpd.GeoSeries(geometry, crs=self.crs)
        return gpd.GeoDataFrame(columns.assign(**{name: series}), geometry=name)


class Databases:
    """The databases that one scenario reads: each in one read-only snapshot, until all is read."""

    def __init__(self) -> None:
        self._open: dict[tuple[tuple[str, str], ...], sa.Connection | None] = {}
        self._closing = ExitStack()

    def __enter__(self) -> Databases:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def table(self, text: str, remarks: Remarks) -> DatabaseTable | None:
        """Read the table that an address names.

        Parameters
        ----------
        text : str
            ``postgresql://...|schema.table``, ``|table`` for one of ``public``; a third part
            picks one of several columns of geometry. Names with a dot or a bar go in double
            quotes.
        remarks : Remarks
            Takes down why it cannot be had; what a whole database is at fault for, once.

        Returns
        -------
        DatabaseTable or None
            None after a problem.
        """
        try:
            address = parsed(text)
            connection = self._connection(address)
            return None if connection is None else self._read(connection, address, remarks.layer)
        except GeoplanError as error:
            for problem in error.problems:
                remarks.problem(problem.cause, problem.remedy, problem.ids)
            return None

    def _connection(self, address: Address) -> sa.Connection | None:
        if address.login not in self._open:
            self._open[address.login] = None
            connection = connect(
                address, isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._closing.callback(_let_go, connection)
            self._open[address.login] = connection
        return self._open[address.login]

    def _read(self, connection: sa.Connection, address: Address, layer: str) -> DatabaseTable:
        try:
            with faults_told(address), connection.begin_nested():
                return _table(connection, address, layer)
        except GeoplanError:
            if connection.invalidated:  # what is read later would be another state of the data
                self._open[address.login] = None
            raise


def _let_go(connection: sa.Connection) -> None:
    """Close a connection, lost or not, without a last word to the server."""
    connection.invalidate()
    connection.close()


def _table(connection: sa.Connection, address: Address, layer: str) -> DatabaseTable:
    # SQLAlchemy takes a while to import, and few scenarios have databases.
    from geoplan.site.queries import described, layers, refused, rows

    picked = _picked(address.picked)
    if picked is None:
        example = f'"{address.database}|schema.table"'
        cause = f"no table of the database is named; it has {layers(connection)}."
        raise refused(cause, f"Name one after a bar: {example}.")
    table = described(connection, picked.schema, picked.table)
    contract = CONTRACTS.get(layer)  # none for the parks of a programme, which are a table too
    shape = None
    if contract is not None and contract.geometry:
        shape = _shape(connection, table, picked.geometry, needed=contract.geometry_required)
    columns = [c for c in table.columns if not c.is_geometry]
    found = rows(connection, table, columns if shape is None else [*columns, shape])
    frame = pd.DataFrame(
        {c.name: _series(c, [row[place] for row in found]) for place, c in enumerate(columns)},
        index=pd.RangeIndex(len(found)),
    )
    read = DatabaseTable(
        written=str(address),
        sha256=_sha256([*columns, *([shape] if shape else [])], found),
        frame=frame,
        counter=table.counter,
    )
    if shape is None:
        return read
    return _with_geometry(connection, read, [row[-1] for row in found])


def _picked(text: str) -> Picked | None:
    """Tell schema, table and geometry apart.

    >>> _picked("zones"), _picked('gis."zones.2026"|outline')
    (Picked(schema='public', table='zones', geometry=''), \
Picked(schema='gis', table='zones.2026', geometry='outline'))
    """
    match = _PICKED.fullmatch(text) or _PLAIN.fullmatch(text)
    if match is None:
        return None
    return Picked(
        schema=_unquoted(match["schema"] or "public"),
        table=_unquoted(match["table"]),
        geometry=_unquoted(match["geometry"] or ""),
    )


def _unquoted(name: str) -> str:
    if re.fullmatch(_QUOTED, name):
        return name[1:-1].replace('""', '"')
    return name


def _shape(
    connection: sa.Connection, table: Described, wanted: str, *, needed: bool
) -> Column | None:
    """Choose the column of geometry; None where the layer may do without."""
    from geoplan.site.queries import layers, postgis_schema, refused

    shapes = {column.name: column for column in table.columns if column.is_geometry}
    if wanted:
        if wanted not in shapes:
            cause = f"the table '{table.name}' has no column of geometry '{wanted}'."
            raise refused(cause, nearest_name(wanted, shapes))
        return shapes[wanted]
    if len(shapes) > 1:
        cause = f"the table '{table.name}' has several columns of geometry: {shown(shapes)}."
        example = f"|{table.schema}.{table.name}|{min(shapes)}"
        raise refused(cause, f"Name one after another bar, for instance {example}.")
    if shapes or not needed:
        return next(iter(shapes.values()), None)
    if postgis_schema(connection) is None:
        cause = "the database has no PostGIS extension, so its tables have no geometry."
        raise refused(cause, "Name the database that has, or run CREATE EXTENSION postgis in it.")
    cause = f"the table '{table.name}' has no column of geometry."
    raise refused(cause, f"Name one that has; the database has {layers(connection)}.")


def _series(column: Column, cells: list[Any]) -> pd.Series:
    """Give a column the type that a reader of files would."""
    if column.type in {"int2", "int4", "int8"}:
        series = pd.Series(cells, dtype="Int64")
        return series if series.hasnans else series.astype("int64")
    if column.type in {"float4", "float8", "numeric"}:
        return pd.Series([None if c is None else float(c) for c in cells], dtype="float64")
    if column.type == "bool":
        return pd.Series(cells, dtype="boolean")
    return pd.Series(cells, dtype="object" if column.type.startswith("_") else "str")


def _sha256(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> str:
    digest = hashlib.sha256()
    for row in ([list(column) for column in columns], *rows):
        digest.update(json.dumps(list(row), default=str).encode("ascii") + b"\n")
    return digest.hexdigest()


def _with_geometry(
    connection: sa.Connection, read: DatabaseTable, stored: Sequence[str | None]
) -> DatabaseTable:
    from geoplan.site.queries import crs_of, refused

    built, broken = _built(stored)
    srids = sorted({int(srid) for srid in shapely.get_srid(built[~shapely.is_missing(built)])})
    if len(srids) > 1:
        cause = f"its geometry has several SRIDs: {shown(srids)}."
        raise refused(cause, "Bring it to one (ST_Transform), or name a view of one.")
    crs = crs_of(connection, srids[0]) if srids and srids[0] else None
    return replace(read, geometry=shapely.set_srid(built, 0), broken=broken, crs=crs)


def _built(stored: Sequence[str | None]) -> tuple[npt.NDArray[np.object_], dict[int, str]]:
    """Build geometry; tell what cannot be built from what is absent."""
    try:
        return shapely.from_wkb(np.array(stored, dtype=object)), {}
    except shapely.errors.GEOSException:
        built, broken = np.full(len(stored), None, dtype=object), {}
    for row, text in enumerate(stored):
        try:
            built[row] = shapely.from_wkb(text)
        except shapely.errors.GEOSException as error:
            broken[row] = " ".join(str(error).split())
    return built, broken
