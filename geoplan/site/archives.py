"""Zip archives: examined before anything is unpacked, then read like the file inside."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from geoplan.errors import nearest_name, shown
from geoplan.site.findings import Remarks
from geoplan.site.sources import Source

UNPACKED_MAX_BYTES = 2 << 30
"""An archive that unpacks to more is refused: layers of a park are megabytes."""

RATIO_MAX = 500
"""Archives that shrink their content by more are made to fill disks, not to hold layers."""

FILES_MAX = 2000

_RATIO_FROM_BYTES = 50 << 20  # below, even the greatest ratio does no harm
# What Python's zipfile lets out of damaged archives; NotImplementedError is a RuntimeError.
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError)
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_LINK = 0o120000
_KIND = 0o170000
_LAYERS = frozenset(
    {".shp", ".gpkg", ".geojson", ".json", ".kml", ".kmz", ".fgb", ".dxf", ".gml", ".tab"}
    | {".csv", ".tsv", ".txt", ".xlsx", ".ods", ".parquet"}
)


def is_sound(path: Path, remarks: Remarks) -> bool:
    """Tell whether an archive may be opened; note why not.

    Parameters
    ----------
    path : Path
    remarks : Remarks
        Takes down archives that are damaged, locked, absurdly large once unpacked, or have
        files that would land outside the folder they are unpacked to.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            cause = _fault(archive.infolist())
    except _DAMAGED as error:
        cause = f"the archive cannot be opened ({error})."
    if cause is None:
        return True
    remarks.problem(cause, "Unpack it yourself, look at the files and name one of them.")
    return False


def _fault(members: list[zipfile.ZipInfo]) -> str | None:
    unpacked, packed = (
        sum(member.file_size for member in members),
        sum(member.compress_size for member in members),
    )
    if len(members) > FILES_MAX:
        return f"the archive has {len(members):,} files, more than {FILES_MAX:,}."
    if unpacked > UNPACKED_MAX_BYTES or (
        unpacked > _RATIO_FROM_BYTES and unpacked > RATIO_MAX * packed
    ):
        return f"the archive of {packed:,} bytes claims to unpack to {unpacked:,}."
    outside = [member.filename for member in members if _is_outside(member)]
    if outside:
        return f"files would be unpacked outside the archive's folder: {shown(outside)}."
    twice = [name for name, count in Counter(map(_name, members)).items() if count > 1]
    if twice:
        return f"files are in the archive twice, and one would hide the other: {shown(twice)}."
    if any(member.flag_bits & _ENCRYPTED for member in members):
        return "the archive is locked by a password."
    return None


def _is_outside(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    drive = bool(path.parts) and path.parts[0].endswith(":")
    link = (member.external_attr >> 16) & _KIND == _LINK
    return path.is_absolute() or ".." in path.parts or drive or link


@contextmanager
def unpacked(source: Source, remarks: Remarks) -> Iterator[Source | None]:
    """Unpack an archive for as long as its layer is read.

    Parameters
    ----------
    source : Source
        A sound archive; what stands after the bar names the file inside, or its one layer.
    remarks : Remarks
        Takes down archives without a layer, or with several of which none is picked.

    Yields
    ------
    Source or None
        The file inside; None after a problem.
    """
    with tempfile.TemporaryDirectory(prefix="geoplan-") as folder:
        try:
            _unpack(source.path, Path(folder))
        except _DAMAGED as error:
            remarks.problem(f"the archive cannot be unpacked ({error}).", "Pack it again.")
            yield None
            return
        yield _picked(source, Path(folder), remarks)


def _unpack(path: Path, folder: Path) -> None:
    left = UNPACKED_MAX_BYTES
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            target = folder / PurePosixPath(_name(member).replace("\\", "/"))
            if member.is_dir():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as packed, target.open("wb") as file:
                while chunk := packed.read(1 << 20):
                    # Sizes in the archive's list are claims; what comes out is counted.
                    left -= len(chunk)
                    if left < 0:
                        raise zipfile.BadZipFile("it unpacks to more than it claims")
                    file.write(chunk)


def _name(member: zipfile.ZipInfo) -> str:
    """Return a file's name; Windows packs Cyrillic names in the code page of DOS."""
    if member.flag_bits & _UTF8_NAME or member.filename.isascii():
        return member.filename
    return member.filename.encode("cp437", errors="replace").decode("cp866", errors="replace")


def _is_layer(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix == ".gdb" if path.is_dir() else suffix in _LAYERS


def _picked(source: Source, folder: Path, remarks: Remarks) -> Source | None:
    found = {
        str(path.relative_to(folder).as_posix()): path
        for path in sorted(folder.rglob("*"))
        if _is_layer(path) and "__MACOSX" not in path.parts
    }
    # Lists and notes beside a layer of GIS are there to be read by people.
    drawn = {n: p for n, p in found.items() if p.suffix.lower() not in {".txt", ".csv", ".json"}}
    files = drawn or found
    if source.layer is None and len(files) == 1:
        (path,) = files.values()
        return Source(source.written, path, None)
    named = [path for name, path in found.items() if source.layer in {name, path.name, path.stem}]
    if len(named) == 1:
        return Source(source.written, named[0], None)
    if source.layer is not None and len(files) == 1:
        (path,) = files.values()
        return Source(source.written, path, source.layer)
    if not found:
        remarks.problem("the archive has no layer.", "Pack the layer with all its files.")
    elif source.layer is None:
        cause = f"the archive has {shown(files)}, and none is picked."
        example = f'"{source.written}|{next(iter(files))}"'
        remarks.problem(cause, f"Name one after a bar, for instance {example}.")
    else:
        cause = f"the archive has no one file '{source.layer}'; it has {shown(found)}."
        remarks.problem(cause, nearest_name(source.layer, found))
    return None
