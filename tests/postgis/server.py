"""A PostgreSQL server of the tests' own, on a free port of this machine alone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

INSTALLED = Path("/usr/lib/postgresql")
USER, PASSWORD = "planner", "open sesame"
WITH_US = ("setpriv", "--pdeathsig", "INT", "--")  # however the tests end, the server ends, too
HINT = "PostgreSQL with PostGIS is not installed: run tests/install_postgis.sh"


@dataclass
class Server:
    """A running server.

    Attributes
    ----------
    programs : Path
        Where initdb and postgres are.
    data : Path
        The cluster.
    port : int
    """

    programs: Path
    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def address(self, database: str = "park") -> str:
        """Return the address that users write: its password is in PGPASSWORD."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "park") -> psycopg.Connection:
        """Connect as the owner of all."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=PASSWORD,
            dbname=database,
            autocommit=True,
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ["-p", str(self.port), "-h", "127.0.0.1", "-k", "", "-c", "fsync=off"]
        command = [str(self.programs / "postgres"), "-D", str(self.data), *options]
        with (self.data.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*as_user(), *WITH_US, *command], stdout=log, stderr=log, cwd=self.data.parent
            )
        for _ in range(300):
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self.data.parent / "server.log").read_text()
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the server does not answer")

    def stop(self, how: str = "fast") -> None:
        """Stop it: fast, or immediate as a power cut would."""
        command = [str(self.programs / "pg_ctl"), "stop", "-D", str(self.data), "-m", how, "-w"]
        subprocess.run([*as_user(), *command], check=True, capture_output=True)
        assert self.process is not None
        self.process.wait(timeout=30)


def as_user() -> list[str]:
    """Return what runs a command as somebody else than root, whom the server refuses."""
    if os.getuid():
        return []
    return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--"]


def programs() -> Path:
    """Return the newest server's programs; with PostGIS, or not at all."""
    found = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    assert found, HINT
    release = found[-1].parts[-3]
    assert Path(f"/usr/share/postgresql/{release}/extension/postgis.control").exists(), HINT
    return found[-1].parent


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Yield a new server with the database ``park``; stop it, and remove what it wrote."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not os.getuid():
        shutil.chown(folder, "postgres")
    secret = folder / "secret"
    secret.write_text(PASSWORD, encoding="utf-8")
    server = Server(programs(), folder / "data", free_port())
    command = [str(server.programs / "initdb"), "-D", str(server.data), "-U", USER]
    options = ["-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run(
        [*as_user(), *command, *options, "-N"], check=True, capture_output=True, cwd=folder
    )
    server.start()
    try:
        with server.connect("postgres") as connection:
            connection.execute("CREATE DATABASE park")
        with server.connect() as connection:
            connection.execute("CREATE EXTENSION postgis")
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
