"""A plan in PostGIS: all layers and tables in one schema, replaced as a whole or not at all.

Everything happens in one transaction: whoever reads the schema meanwhile, and whatever breaks,
sees the old plan or the new one. A lock that ends with the transaction keeps other runs out of
the schema.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geoplan.database import (
    EXAMPLE,
    Address,
    connect,
    faults_told,
    is_address,
    missing_packages,
    parsed,
)
from geoplan.errors import GeoplanError, Problem
from geoplan.publish.cells import writable
from geoplan.publish.geopackage import EMPTY_TYPES, tables_of
from geoplan.publish.manifest import WRITTEN_BY, manifest_text

if TYPE_CHECKING:
    import sqlalchemy as sa

    from geoplan.plan import PlanLayers

NAME_MAX_BYTES = 63
"""Longer names are cut by PostgreSQL without a word that is heard."""

WAIT_MAX_S = 15
"""Who reads a table, in QGIS for instance, holds it for a moment; so long is waited for that."""

_OF_THE_FOLDER = frozenset({"scenario", "files"})


def check_database(address: str) -> Address:
    """Refuse an address that no plan can be written to.

    Returns
    -------
    Address
        Its ``picked`` is the name of the schema.

    Raises
    ------
    GeoplanError
        Before anything has been read or written.
    """
    if not is_address(address):
        cause = f"'{address}' is no address of a database."
        raise GeoplanError([Problem("--to", cause, f"Write {EXAMPLE}|park.")])
    target = parsed(address)
    quoted = re.fullmatch(r'"((?:[^"]|"")+)"', target.picked)
    schema = quoted[1].replace('""', '"') if quoted else target.picked
    if not schema:
        cause = "no schema is named for the plan."
        raise _refusal(target, cause, f"Name one after a bar: {EXAMPLE}|park.")
    if len(schema.encode("utf-8", errors="replace")) > NAME_MAX_BYTES:
        cause = f"the name of the schema has more than {NAME_MAX_BYTES} bytes."
        raise _refusal(target, cause, "Shorten it.")
    lacking = missing_packages(str(target))
    if lacking is not None:
        raise GeoplanError([lacking])
    return Address(target.database, schema, target.login)


def export_to_database(
    plan: PlanLayers, address: str, *, progress: Callable[[str], None] | None = None
) -> str:
    """Write all layers and tables of a plan into a schema of a PostGIS database.

    The schema is made if there is none. A plan that geoplan wrote is replaced as a whole; a
    schema that holds anything else is refused. Characters that PostgreSQL cannot hold (NUL,
    lone surrogates) and other control characters become U+FFFD, as in all files.

    Parameters
    ----------
    plan : PlanLayers
    address : str
        ``postgresql://user@host:port/database|schema``.
    progress : callable, optional
        Told what is written.

    Returns
    -------
    str
        `address` without a password.

    Raises
    ------
    GeoplanError
        If the database cannot be had or has no PostGIS, the schema holds what geoplan did not
        write, another run is writing it, or the connection is lost.
    """
    target = check_database(address)
    with connect(target) as connection:
        with faults_told(target):
            _write(plan, connection, target, progress or (lambda _: None))
        _commit(connection, target)
    return str(target)


def _commit(connection: sa.Connection, target: Address) -> None:
    try:
        with faults_told(target):
            connection.commit()
    except GeoplanError as error:
        whole = "At this last step the schema may hold the new plan already; it is whole."
        told = [replace(p, cause=f"{p.cause} {whole}") for p in error.problems]
        raise GeoplanError(told) from None


def _write(
    plan: PlanLayers, connection: sa.Connection, target: Address, tell: Callable[[str], None]
) -> None:
    # SQLAlchemy takes a while to import, and few plans go into a database.
    from geoplan.publish.exports import relations

    relations.wait_at_most(connection, WAIT_MAX_S)
    if not relations.locked(connection, _lock_number(target.picked)):
        cause = "another run is writing this schema right now."
        raise _refusal(target, cause, "Wait for it, or name another schema.")
    postgis = relations.postgis_schema(connection)
    if postgis is None:
        cause = "the database has no PostGIS extension."
        raise _refusal(target, cause, "Let its owner run CREATE EXTENSION postgis in it.")
    _make_room(connection, target)
    srid = relations.srid_of(connection, plan.zones.crs, postgis)
    names = (*EMPTY_TYPES, *tables_of(plan))
    for name in names:
        tell(f"write {name}")
        frame = getattr(plan, name)
        empty = EMPTY_TYPES.get(name)
        kind = relations.Shape(empty, srid, postgis) if empty else None
        relations.write(connection, frame, target.picked, name, shape=kind)
    relations.sign(connection, target.picked, writable(plan.name), _signed(plan, names))


def _make_room(connection: sa.Connection, target: Address) -> None:
    """Make the schema, or take the earlier plan out of it."""
    from geoplan.publish.exports import relations

    present = relations.present(connection, target.picked)
    if present is None:
        relations.make_schema(connection, target.picked)
        return
    own = relations.own_tables(connection, target.picked) if present else frozenset()
    foreign = sorted(present - own)
    if foreign:
        cause = f"the schema '{target.picked}' holds what geoplan did not write."
        raise _refusal(target, cause, "Name a new or an empty schema.", tuple(foreign))
    relations.drop(connection, target.picked, sorted(own))


def _lock_number(schema: str) -> int:
    digest = hashlib.sha256(f"geoplan schema {schema}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


def _signed(plan: PlanLayers, tables: tuple[str, ...]) -> Any:
    """Say what the schema holds, and let a later export replace it."""
    manifest = {key: value for key, value in plan.manifest.items() if key not in _OF_THE_FOLDER}
    crs = plan.zones.crs
    signed = manifest | {
        "name": plan.name,
        "notice": plan.notice,
        "crs": crs.to_string() if crs is not None else None,
        "written_by": WRITTEN_BY,
        "tables": list(tables),
    }
    return _storable(json.loads(manifest_text(signed)))


def _storable(value: Any) -> Any:
    """Make texts such that PostgreSQL holds them."""
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, dict):
        return {writable(key): _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, list) else value


def _refusal(target: Address, cause: str, remedy: str, ids: tuple[str, ...] = ()) -> GeoplanError:
    return GeoplanError([Problem(str(target), cause, remedy, ids)])
