"""Replace a folder as a whole: whatever happens, it is the old one or the new one.

Everything is written into a hidden sibling, ``.NAME.geoplan-new``, which then takes the
folder's place. Linux can exchange two names in one step (``renameat2`` with
``RENAME_EXCHANGE``), so that the folder is whole at every moment, even under ``kill -9``.
Where the system or the file system cannot, the old folder is renamed to
``.NAME.geoplan-old`` and the new one into its place; a crash between the two leaves no
folder, and the next run first puts the old one back.

The sibling has a fixed name and is locked while a run writes into it: a second run of the
same folder is refused, and one that nobody locks is a crash's leftover, to be used again.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path

from geoplan.errors import GeoplanError, Problem
from geoplan.publish.disk import disk_fault
from geoplan.publish.manifest import written_files

if sys.platform != "win32":
    import fcntl

# What file managers, SQLite and office programs drop beside the files they show.
_SIDECARS = ("*.gpkg-*", ".DS_Store", "Thumbs.db", "desktop.ini", "~$*", ".~lock.*#")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)  # told with the remedy for it
_AT_FDCWD = -100  # linux/fcntl.h
_RENAME_EXCHANGE = 2  # linux/fs.h
_NO_EXCHANGE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM)


@contextmanager
def replacing(directory: Path) -> Iterator[Path]:
    """Write a folder anew, all or nothing.

    Parameters
    ----------
    directory : Path
        The folder to write; it may exist if it is empty or a plan was saved in it. Missing
        parents are made.

    Yields
    ------
    Path
        An empty folder beside `directory`. When the block ends it takes the place of
        `directory`; when the block raises, it is removed and nothing has changed.

    Raises
    ------
    GeoplanError
        If `directory` is a file, the working directory, holds files that geoplan did not
        write, cannot be written, is being written by another run, or the disk takes no more.
    """
    target = _resolved(directory)
    check_replaceable(target)
    with _writable(target):
        missing = [folder for folder in target.parents if not folder.exists()]
    try:
        with _parents(target, missing), _staging(target) as staging:
            _put_back(target)
            _check_replaceable(target)
            yield staging
            _flush(staging)
            # Somebody may have put a file there in the meantime.
            _check_replaceable(target)
            _swap(staging, target)
    except OSError as error:
        fault = disk_fault(error)
        if fault is None:
            raise
        cause = f"{fault}; nothing was changed."
        raise _refusal(target, cause, "Free some space, or name a folder elsewhere.") from error


def check_replaceable(directory: Path) -> None:
    """Refuse a folder whose replacement would cost the user something.

    A long run asks this first, so that it does not end in a refusal.

    Raises
    ------
    GeoplanError
        If the folder is a file, holds what geoplan did not write, or cannot be read.
    """
    target = _resolved(directory)
    with _writable(target):
        _check_replaceable(target)


def _resolved(directory: Path) -> Path:
    try:
        return directory.resolve()
    except (OSError, RuntimeError) as error:  # links in a circle: which of them, by version
        cause = "its links lead nowhere but in a circle."
        raise _refusal(directory, cause, "Remove them, or name another folder.") from error


def _check_replaceable(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise _refusal(target, "it is a file, not a folder.", "Name a folder.")
    if target == Path.cwd() or target in Path.cwd().parents:
        cause = "it is, or holds, the working directory, which would be pulled from under you."
        raise _refusal(target, cause, "Change to another folder, or name one below.")
    names = sorted(entry.name for entry in target.iterdir())
    if not names:
        return
    written = written_files(target)
    if written is None:
        cause = "it is not empty, and geoplan did not write it (no plan's manifest.json)."
        raise _refusal(target, cause, "Name an empty or a new folder.")
    foreign = [n for n in names if n not in written and not any(fnmatch(n, s) for s in _SIDECARS)]
    if foreign:
        cause = "it holds files that geoplan did not write, and they would be lost."
        raise _refusal(target, cause, "Move them, or name another folder.", tuple(foreign))


@contextmanager
def _parents(target: Path, missing: list[Path]) -> Iterator[None]:
    """Make the folders above `target`; remove the `missing` ones if the block raises."""
    with ExitStack() as undo:
        for folder in reversed(missing):
            undo.callback(_remove_empty, folder)
        with _writable(target):
            target.parent.mkdir(parents=True, exist_ok=True)
        yield
        undo.pop_all()


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # never made, or another program uses it already
        folder.rmdir()


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """Yield the empty, locked sibling; remove it if the block raises."""
    staging = target.with_name(f".{target.name}.geoplan-new")
    with _writable(target), suppress(FileExistsError):
        staging.mkdir()
    with _held(target, staging), ExitStack() as undo:
        undo.callback(_remove, staging)
        for leftover in staging.iterdir():
            _remove(leftover)
        yield staging
        undo.pop_all()


@contextmanager
def _held(target: Path, folder: Path) -> Iterator[None]:
    """Hold `folder` against other runs; the lock ends with the process, however it ends."""
    if sys.platform == "win32":
        yield
        return
    with _writable(target):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if not _lock(handle) or not _is_at(handle, folder):
            cause = "another run is writing it right now."
            raise _refusal(target, cause, "Wait for it, or name another folder.")
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network file systems lock no folders; two runs at once are the rarer evil.
        return True
    return True


def _is_at(handle: int, folder: Path) -> bool:
    """Tell whether the folder behind `handle` still has that name."""
    try:
        return os.path.samestat(os.fstat(handle), folder.stat())
    except FileNotFoundError:
        return False


def _swap(staging: Path, target: Path) -> None:
    """Let `staging` take the place of `target`."""
    with _writable(target):
        if not target.exists():
            staging.rename(target)
            _flush_names(target)
            return
        shutil.copymode(target, staging)
        # After the exchange the old folder has the sibling's name: it is held so that no
        # other run takes it for a leftover while it is being removed.
        with _held(target, target):
            if not _exchange(staging, target):
                _two_renames(staging, target)
            _flush_names(target)
            _remove(staging)
            _remove(_aside(target))


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where that cannot be done."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if not sys.platform.startswith("linux") or renameat2 is None:
        return False
    paths = (os.fsencode(one), os.fsencode(other))
    if renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], ctypes.c_uint(_RENAME_EXCHANGE)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _NO_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _two_renames(staging: Path, target: Path) -> None:
    aside = _aside(target)
    target.rename(aside)
    try:
        staging.rename(target)
    except OSError:
        aside.rename(target)
        raise


def _put_back(target: Path) -> None:
    """Mend what a crash between the two renames has left."""
    aside = _aside(target)
    if not aside.exists():
        return
    if target.exists():
        _remove(aside)
    else:
        with _writable(target):
            aside.rename(target)


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.geoplan-old")


def _remove(path: Path) -> None:
    """Remove a file or a folder; what cannot be removed now is the next run's leftover."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    """See the files onto the disk first: a rename may outlive a power cut that they do not."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _flush_names(target: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _writable(target: Path) -> Iterator[None]:
    """Say in one sentence that `target` cannot be written."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise
        cause = f"it cannot be written ({error.strerror})."
        remedy = "Name a folder you may write to, and close programs that show its files."
        raise _refusal(target, cause, remedy) from error


def _refusal(target: Path, cause: str, remedy: str, ids: tuple[str, ...] = ()) -> GeoplanError:
    return GeoplanError([Problem(str(target), cause, remedy, ids)])
