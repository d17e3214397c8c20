"""One server for all tests of databases, and a schema for each."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from .server import PASSWORD, Server, running
from .tables import Database

NUMBERS = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return a running server; its files lie where its own user may go, which /root is not."""
    folder = Path(tempfile.mkdtemp(prefix="geoplan-postgis-"))
    folder.chmod(0o755)
    try:
        with running(folder / "server") as started:
            yield started
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Return an empty schema, and let the command log in without a password in its address."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    schema = f"test_{next(NUMBERS)}"
    with server.connect() as connection:
        connection.execute(f'CREATE SCHEMA "{schema}"')
        yield Database(server, connection, schema)
