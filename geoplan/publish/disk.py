"""What a disk says when it takes no more, also where GDAL says it in other words or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyogrio

_FAULTS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your quota of the disk is used up",
    errno.EFBIG: "a file would be larger than this system or your limits allow",
    errno.EIO: "the disk fails (Input/output error)",
    errno.EROFS: "the disk has become read-only",
    errno.EACCES: "writing is no longer permitted",
    errno.EPERM: "writing is no longer permitted",
}
_GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
)
_SAID = {
    "disk is full": errno.ENOSPC,
    os.strerror(errno.ENOSPC): errno.ENOSPC,
    os.strerror(errno.EDQUOT): errno.EDQUOT,
    os.strerror(errno.EFBIG): errno.EFBIG,
    "disk I/O error": errno.EIO,
}
_ROOM_BYTES = 16 << 20  # what failed where there is less to spare failed for that


def disk_fault(error: OSError) -> str | None:
    """Say what is wrong with the disk; None where an error has other causes.

    >>> disk_fault(OSError(errno.ENOSPC, "No space left on device"))
    'the disk is full'
    """
    return None if error.errno is None else _FAULTS.get(error.errno)


@contextmanager
def disk_faults_told(path: Path) -> Iterator[None]:
    """Turn what GDAL says of a disk, in words that vary, into the system's own error.

    Parameters
    ----------
    path : Path
        The file that is written.

    Raises
    ------
    OSError
        If the disk was at fault; whatever else GDAL complains of stays as it is.
    """
    try:
        yield
    except _GDAL_ERRORS as error:
        fault = room_refused(path) or _said(str(error), path)
        if fault is None:
            raise
        raise fault from error


def room_refused(path: Path) -> OSError | None:
    """Ask the system for a file that is somewhat larger than `path` and return what it answers."""
    beside = path.with_name(f"{path.name}-room")
    try:
        with beside.open("wb") as file:
            file.seek(path.stat().st_size if path.exists() else 0)
            file.write(bytes(_ROOM_BYTES))
    except OSError as error:
        return error
    finally:
        beside.unlink(missing_ok=True)
    return None


def _said(text: str, path: Path) -> OSError | None:
    for words, number in _SAID.items():
        if words in text:
            return OSError(number, os.strerror(number), str(path))
    return None
