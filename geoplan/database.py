"""Databases by their addresses: read, opened, and told about without a password.

``postgresql://user@host:port/database|schema.table`` names a table,
``postgresql://user@host:port/database|schema`` a schema. A password may stand in the address,
in ``PGPASSWORD`` or in ``~/.pgpass``; what is shown of an address never has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode

from geoplan.errors import GeoplanError, Problem, nearest_name

if TYPE_CHECKING:
    import sqlalchemy as sa

EXAMPLE = "postgresql://user@host:5432/database"
PACKAGES = ("sqlalchemy", "psycopg")

_SCHEME = re.compile(r"\w[\w.-]+(\+\w+)?://")  # two letters at least: C:// is a drive
_ADDRESS = re.compile(
    r"postgres(?:ql)?(?:\+psycopg)?://"
    r"(?:(?P<user>[^:@/|?]*)(?P<secret>:(?P<password>[^@/|?]*))?@)?"
    r"(?P<host>\[[^\]@/|?]+\]|[^:@/|?\[\]]*)(?::(?P<port>\d{1,5}))?"
    r"/(?P<database>[^@/|?]*)(?:\?(?P<options>[^|]*))?"
)
_SECRET_OPTIONS = frozenset({"password", "sslpassword"})
_DEFAULTS = {"connect_timeout": "10", "application_name": "geoplan"}
_LOOK_AFTER = "Look after the server and the network, and run the command again."
_PASSWORD = "Set PGPASSWORD, or write a line into ~/.pgpass; check the user's name."  # noqa: S105
_AT_CONNECTING = {
    "password authentication failed": ("the user's password is wrong or not given", _PASSWORD),
    "no password supplied": ("the server asks for a password, and none is given", _PASSWORD),
    "refused": ("no server answers there", "Check host and port, and that the server runs."),
    "translate host": ("there is no such host", "Check its name, and the network."),
    "resolve host": ("there is no such host", "Check its name, and the network."),
    "timeout": ("no server answers there in time", "Check host and port, and the network."),
    "No such file": ("no server answers there", "Name its host and port; check that it runs."),
}
_BY_STATE = {
    "08": ("the connection was lost", _LOOK_AFTER),
    "57P0": ("the connection was lost", _LOOK_AFTER),
    "42501": ("the user may not do this", "Ask the database's owner for the right (GRANT)."),
    "55P03": ("somebody holds a table", "Close programs that show its layers, and try again."),
    "2BP01": (
        "other objects, views for instance, depend on its tables",
        "Drop them and make them again afterwards, or name another schema.",
    ),
    "53": ("the server is out of room", "Free some space or memory on it, and try again."),
    "25006": ("the database is read-only", "Name the server that takes changes."),
    "57014": ("the server has cancelled it", "Raise its time limit (statement_timeout)."),
}


@dataclass(frozen=True)
class Address:
    """Where a database is, and what of it is meant.

    Attributes
    ----------
    database : str
        The address as written, without a password and without what is picked.
    picked : str
        What stands after the first bar: a table or a schema.
    login : tuple of (str, str)
        What libpq is given; may hold a password.
    """

    database: str
    picked: str
    login: tuple[tuple[str, str], ...] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.database}|{self.picked}" if self.picked else self.database


def is_address(text: str) -> bool:
    """Tell an address from a path.

    >>> is_address("postgresql://planner@gis/park|zones"), is_address("zones.gpkg|zones")
    (True, False)
    """
    return _SCHEME.match(text) is not None


def without_password(text: str) -> str:
    """Return text as it may be shown: an address without its password, else the same text.

    >>> without_password("postgresql://planner:sesame@gis/park|zones")
    'postgresql://planner@gis/park|zones'
    >>> without_password("postgresql://planner:open/sesame")
    'postgresql://...'
    """
    if not is_address(text):
        return text
    try:
        return str(parsed(text))
    except GeoplanError as error:
        return error.problems[0].where


def parsed(text: str) -> Address:
    """Read an address.

    Raises
    ------
    GeoplanError
        If it is none of PostgreSQL, or not understood; its text is not repeated, for what is
        not understood may hold a password anywhere.
    """
    base, _, picked = text.partition("|")
    match = _ADDRESS.fullmatch(base) if base.isprintable() else None
    if match is None:
        scheme = text.partition("://")[0]
        if not scheme.startswith("postgres"):
            cause = f"addresses that begin with {scheme}:// are not read."
            remedy = f"Save a file, or name a database: {EXAMPLE}|schema.table."
        else:
            cause = "the address of the database is not understood."
            remedy = f"Write {EXAMPLE}|schema.table; in names and passwords, %40 is @, %2F is /."
        raise GeoplanError([Problem(f"{scheme}://...", cause, remedy)])
    options = parse_qsl(match["options"] or "", keep_blank_values=True)
    stated = {
        "user": match["user"],
        "password": match["password"],
        "host": match["host"].strip("[]"),
        "port": match["port"],
        "dbname": match["database"],
    }
    login = {key: unquote(value) for key, value in stated.items() if value}
    login = _DEFAULTS | login | dict(options) | {"client_encoding": "UTF8"}
    return Address(_shown(base, match, options), picked, tuple(login.items()))


def _shown(base: str, match: re.Match[str], options: list[tuple[str, str]]) -> str:
    plain = base.partition("?")[0]
    if match["secret"]:
        start, end = match.span("secret")
        plain = plain[:start] + plain[end:]
    open_to_all = [(key, value) for key, value in options if key not in _SECRET_OPTIONS]
    return f"{plain}?{urlencode(open_to_all)}" if open_to_all else plain


def missing_packages(where: str) -> Problem | None:
    """Say which extra is to be installed, if it is not."""
    absent = [name for name in PACKAGES if find_spec(name) is None]
    if not absent:
        return None
    cause = f"databases need {' and '.join(absent)}, which the extra 'postgis' brings."
    return Problem(where, cause, "Install geoplan's extra: pip install geoplan[postgis]")


def connect(address: Address, **options: str | bool) -> sa.Connection:
    """Open a database.

    Parameters
    ----------
    address : Address
    options
        Execution options of the connection, such as its isolation level.

    Raises
    ------
    GeoplanError
        If the extra is not installed, no server answers, it refuses the user, or has no such
        database (the nearest name is told).
    """
    lacking = missing_packages(str(address))
    if lacking is not None:
        raise GeoplanError([lacking])
    import psycopg
    import sqlalchemy as sa
    from psycopg.conninfo import make_conninfo

    engine = sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(make_conninfo(**dict(address.login))),
        poolclass=sa.NullPool,
    )
    try:
        return engine.connect().execution_options(**options)
    except sa.exc.DBAPIError as error:
        raise GeoplanError([_not_connected(address, error)]) from None


def _not_connected(address: Address, error: sa.exc.DBAPIError) -> Problem:
    if getattr(error.orig, "sqlstate", None):  # it was open already, and broke at its first word
        return _fault(address, error.orig)
    text = _one_line(error.orig)
    name = dict(address.login).get("dbname", "")
    if "does not exist" in text and f'database "{name}"' in text:
        names = _databases(address)
        remedy = nearest_name(name, names) if names else "Check the name after the last '/'."
        return Problem(str(address), f"the server has no database '{name}'.", remedy)
    for words, (cause, remedy) in _AT_CONNECTING.items():
        if words in text:
            return Problem(str(address), f"{cause} ({text}).", remedy)
    cause = f"the database cannot be opened ({text})."
    return Problem(str(address), cause, "Check the address, and what the server allows the user.")


def _databases(address: Address) -> list[str]:
    """Return what the server has, as far as it tells."""
    import psycopg
    from psycopg.conninfo import make_conninfo

    try:
        login = dict(address.login) | {"dbname": "postgres"}
        with psycopg.connect(make_conninfo(**login)) as connection:
            found = connection.execute(
                "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"
            )
            return [str(row[0]) for row in found.fetchall()]
    except psycopg.Error:
        return []


@contextmanager
def faults_told(address: Address) -> Iterator[None]:
    """Turn what goes wrong in a database into a :class:`~geoplan.errors.GeoplanError`."""
    import psycopg
    import sqlalchemy as sa

    try:
        yield
    except sa.exc.DBAPIError as error:
        raise GeoplanError([_fault(address, error.orig)]) from None
    except psycopg.Error as error:
        raise GeoplanError([_fault(address, error)]) from None
    except UnicodeError as error:
        cause = f"text of the database or its address is not UTF-8 ({error})."
        raise GeoplanError([Problem(str(address), cause, "Mend it there.")]) from None


def _fault(address: Address, error: BaseException | None) -> Problem:
    import psycopg

    # Where the server could not say why any more, there is no state.
    lost = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    state = getattr(error, "sqlstate", None) or ("08" if lost else "")
    text = _one_line(error)
    for start, (cause, remedy) in _BY_STATE.items():
        if state.startswith(start):
            return Problem(str(address), f"{cause} ({text}).", remedy)
    return Problem(str(address), f"the database refuses it ({text}).", "Mend what it names.")


def _one_line(error: BaseException | None) -> str:
    """Return what a server or libpq says, without its hints and without a full stop."""
    said = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    return " ".join(said.split()).removesuffix(".")
