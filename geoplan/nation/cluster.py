"""Parks planned on a Dask cluster that is there already; Dask itself does the scheduling.

A worker that dies costs nothing but time: Dask gives its parks to others. Plans are taken in the
order of their parks, so that nothing depends on who finished first. Workers import what planning
needs while the programme is still being read, and get the parks with most projects first, so that
none is left alone with a large one at the end.
"""

from __future__ import annotations

import logging
import re
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

import geoplan
from geoplan.errors import GeoplanError, Problem
from geoplan.nation.parks import Done, ParkTask, Planner, planned_park
from geoplan.pipeline import Plan

CONNECT_S = 10.0
"""Seconds within which a scheduler answers."""
WORKERS_S = 30.0
"""Seconds that a scheduler may be without any worker."""
_ADDRESS = re.compile(r"(tcp|tls)://\[?(?P<host>[^/\[\]]+?)\]?:(?P<port>\d{1,5})")
LOOK_S = 0.2
"""Seconds between two looks at how far it is."""
RETRIES = 3
"""Times that a park is planned again after its worker has died with it, by Dask's own count."""


@contextmanager
def cluster(scheduler: str) -> Iterator[Planner]:
    """Yield what plans parks on a cluster.

    Parameters
    ----------
    scheduler : str
        Address of its scheduler, ``tcp://host:port``.

    Raises
    ------
    GeoplanError
        If Dask is not installed, the scheduler does not answer or is lost, or has no workers.
    """
    try:
        import dask
        from distributed import Client
        from distributed.comm.core import CommClosedError
    except ImportError:
        cause = "the packages dask and distributed, which talk to a cluster, are not installed."
        remedy = "Install geoplan's extra: pip install geoplan[cluster]"
        raise GeoplanError([Problem("--scheduler", cause, remedy)]) from None
    _knock(scheduler)
    limits = {
        "distributed.comm.timeouts.connect": CONNECT_S,
        "distributed.comm.retry.count": 0,
        "distributed.client.scheduler-info-interval": "500ms",
    }
    with dask.config.set(limits), _silent("distributed", "tornado", "asyncio"):
        try:
            client = Client(  # type: ignore[no-untyped-call]
                scheduler, timeout=CONNECT_S, set_as_default=False
            )
        except (OSError, TimeoutError, CommClosedError) as error:
            raise _unreachable(scheduler, error) from None
        try:
            # Kept until the end: a task that nobody holds is dropped.
            _starting = _begun(client, scheduler)
            yield lambda tasks, done: _on(client, scheduler, tasks, done)
        finally:
            client.close(timeout=LOOK_S)  # type: ignore[no-untyped-call]


def _knock(scheduler: str) -> None:
    """See whether anybody is there at all: Dask goes on knocking where nobody can be."""
    address = _ADDRESS.fullmatch(scheduler)
    if address is None:
        cause = f"'{scheduler}' is no address of a scheduler."
        remedy = "Write it as Dask tells it: tcp://host:port."
        raise GeoplanError([Problem(f"--scheduler {scheduler}", cause, remedy)])
    try:
        socket.create_connection((address["host"], int(address["port"])), CONNECT_S).close()
    except (OSError, OverflowError) as error:
        raise _unreachable(scheduler, error) from None


@contextmanager
def _silent(*packages: str) -> Iterator[None]:
    """Keep packages' logs off the screen: what matters of them is told in one message."""
    known = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in packages]
    loggers = [logging.getLogger(name) for name in {*packages, *known}]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _begun(client: Any, scheduler: str) -> list[Any]:
    """Have each worker import what planning needs; who cannot says so with the first park."""
    try:
        workers = client.scheduler_info(n_workers=-1)["workers"]
    except OSError as error:
        raise _lost(scheduler, error) from None
    return [client.submit(_imported, workers=[worker], pure=False) for worker in workers]


def _imported() -> None:
    """Take no time where this module is known already: it imports all the rest."""


def _on(client: Any, scheduler: str, tasks: Sequence[ParkTask], done: Done) -> list[Plan]:
    """Plan parks on a cluster and wait for them, as long as it is alive."""
    from distributed import KilledWorker

    try:
        largest_first = sorted(range(len(tasks)), key=lambda row: -tasks[row].count)
        futures = {
            row: client.submit(
                _planned, tasks[row], geoplan.__version__, pure=False, retries=RETRIES
            )
            for row in largest_first
        }
        _awaited(client, scheduler, list(futures.values()), done)
        plans: list[Plan] = client.gather([futures[row] for row in range(len(tasks))])
    except KilledWorker as error:
        cause = f"workers died again and again while they planned parks ({_short(error)})."
        remedy = "Give them more memory, or look into their logs; then run it again."
        raise GeoplanError([Problem(f"--scheduler {scheduler}", cause, remedy)]) from None
    except (CancelledError, OSError, TimeoutError) as error:
        raise _lost(scheduler, error) from None
    except ImportError as error:
        cause = f"a worker cannot import what it needs ({_short(error)})."
        remedy = "Install the same geoplan where the workers run."
        raise GeoplanError([Problem(f"--scheduler {scheduler}", cause, remedy)]) from None
    return plans


def _planned(task: ParkTask, version: str) -> Plan:
    if version != geoplan.__version__:
        cause = f"a worker has geoplan {geoplan.__version__}, but {version} asks it to plan."
        remedy = "Install the same geoplan where the workers run."
        raise GeoplanError([Problem("--scheduler", cause, remedy)])
    return planned_park(task)


def _awaited(client: Any, scheduler: str, futures: Sequence[Any], done: Done) -> None:
    """Wait until all futures have ended; not for ever where nobody works on them."""
    finished, alone_since = 0, time.monotonic()
    while finished < len(futures):
        if client.status != "running":
            raise _lost(scheduler, None)
        if client.scheduler_info(n_workers=-1)["workers"]:
            alone_since = time.monotonic()
        elif time.monotonic() - alone_since > WORKERS_S:
            cause = f"the scheduler has had no worker for {WORKERS_S:g} s."
            remedy = f"Start some: dask worker {scheduler} --nthreads 1"
            raise GeoplanError([Problem(f"--scheduler {scheduler}", cause, remedy)])
        ended = sum(future.status != "pending" for future in futures)
        if any(future.status in ("error", "cancelled", "lost") for future in futures):
            return
        if ended > finished:
            finished = ended
            done(finished)
        else:
            time.sleep(LOOK_S)


def _unreachable(scheduler: str, error: Exception) -> GeoplanError:
    cause = f"no Dask scheduler answers there ({_short(error)})."
    remedy = "Check the address, tcp://host:port, and that 'dask scheduler' runs; without"
    remedy = f"{remedy} --scheduler, parks are planned in this process."
    return GeoplanError([Problem(f"--scheduler {scheduler}", cause, remedy)])


def _lost(scheduler: str, error: Exception | None) -> GeoplanError:
    told = f" ({_short(error)})" if error is not None and str(error) else ""
    cause = f"the scheduler is gone{told}."
    remedy = "Start it again with its workers, and run this once more."
    return GeoplanError([Problem(f"--scheduler {scheduler}", cause, remedy)])


def _short(error: Exception, most: int = 120) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= most else f"{text[:most]}..."
