"""Files with layers: where they are, what is in them, and reading one layer in bulk."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fiona
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from geoplan.config.reading import readable_file
from geoplan.errors import GeoplanError, Problem, closest, nearest_name, shown
from geoplan.site.findings import Remarks
from geoplan.site.texts import cyrillic_encoding

FILE_MAX_BYTES = 4 << 30
"""Larger files are refused before they are read: layers of a park are megabytes."""

LOCKED = "database is locked"
"""As SQLite says of a GeoPackage that another program writes."""

REMEDY_LOCKED = "Save and close it in the other program that has it open, and run again."

INVENTORY_COLUMNS = ("layer", "geometry", "records", "crs", "fields")

_STYLE_TABLE = "layer_styles"  # QGIS keeps its styles in a GeoPackage beside the layers
_SHAPEFILE_PARTS = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})
_FOLDER_SUFFIX = ".gdb"  # an Esri file geodatabase is a folder
_DBF_HEADER_BYTES = 32
_DBF_UNSTATED = frozenset({0, 0x57})  # nothing, or "the system's own", wherever that was
_READ_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
)
# Where GDAL cannot write a CRS out again, pyogrio (0.13) leaves a variable of its own unset.
_CRS_ERRORS = (pyogrio.errors.CRSError, pyproj.exceptions.CRSError, UnboundLocalError)
_GEOJSON = {".geojson", ".json"}
_NUL_ESCAPED = b"\\u0000"


Stamps = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Source:
    """A layer or table in a file.

    Attributes
    ----------
    written : str
        Path as the scenario writes it, without the layer.
    path : Path
        The same, resolved against the scenario's folder.
    layer : str or None
        The layer picked after a ``|``.
    stamps : tuple of tuple
        Of each file: inode, size in bytes and time of the last change, when it was found.
    """

    written: str
    path: Path
    layer: str | None
    stamps: Stamps = ()

    @property
    def is_shapefile(self) -> bool:
        """Whether names are cut and the layer has several files."""
        return self.path.suffix.lower() in {".shp", ".dbf"}


def locate(text: str, folder: Path, remarks: Remarks) -> Source | None:
    """Find the file that ``path`` or ``path|layer`` names; note it when there is none.

    ``path|layername=layer``, as QGIS writes it, is understood too.
    """
    written, _, layer = text.partition("|")
    path = folder / written
    try:
        stamps = _stamps(path)
    except OSError as error:
        cause = f"'{written}' cannot be read ({error.strerror})."
        remarks.problem(cause, "Check the path, and who may read the file and its folders.")
        return None
    if path.is_dir() and path.suffix.lower() != _FOLDER_SUFFIX:
        remarks.problem(f"'{written}' is a folder.", "Name a file, or a file geodatabase (.gdb).")
        return None
    if path.exists():
        return Source(written, path, layer.removeprefix("layername=") or None, stamps)
    names = []
    with suppress(OSError):  # a folder may be open to who knows a name, and not be listed
        names = [file.name for file in path.parent.iterdir()]
    close = closest(path.name, names)
    nearest = f" Did you mean '{close}'?" if close else ""
    remedy = f"Check the path; it is relative to the scenario's folder.{nearest}"
    remarks.problem(f"there is no file '{written}'.", remedy)
    return None


def sha256(source: Source) -> str:
    """Return the SHA-256 of a source's files, in hexadecimal.

    A Shapefile's parts, and the files of a folder that is one source, count one after another
    in the order of their names.
    """
    digest = hashlib.sha256()
    for path in _parts(source.path):
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def steady(source: Source, remarks: Remarks) -> Iterator[None]:
    """Note a file that goes away or changes while it is read; its checksum is of what it was."""
    again = "Wait until whoever writes it is done, and run again."
    try:
        yield
    except OSError as error:
        remarks.problem(f"the file could not be read to its end ({error.strerror}).", again)
        return
    try:
        same = _stamps(source.path) == source.stamps
    except OSError:
        same = False
    if not same:
        remarks.problem("the file was changed while it was read.", again)


def _stamps(path: Path) -> Stamps:
    """Tell how a source's files are, of which none may be one that never ends.

    Raises
    ------
    OSError
        If a part cannot be looked at, is a pipe or a device, or is far too large.
    """
    found = []
    with suppress(FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: NUL in a name
        if stat.S_ISDIR(path.stat().st_mode) and path.suffix.lower() != _FOLDER_SUFFIX:
            return ()
        for part in _parts(path):
            found.append(readable_file(part, most_bytes=FILE_MAX_BYTES).stat())
    return tuple((part.st_ino, part.st_size, part.st_mtime_ns) for part in found)


def _parts(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(part for part in path.rglob("*") if part.is_file())
    if path.suffix.lower() == ".shp":
        beside = path.parent.glob(f"{_glob_escaped(path.stem)}.*")
        return sorted(part for part in beside if part.suffix.lower() in _SHAPEFILE_PARTS)
    return [path]


def _glob_escaped(text: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)


def inventory(path: str | Path) -> pd.DataFrame:
    """List what a file holds, through fiona.

    Parameters
    ----------
    path : str or Path
        A vector file.

    Returns
    -------
    DataFrame
        One row a layer: ``layer``, ``geometry`` (type, or "None" for a table), ``records``
        (count), ``crs`` (empty where the layer states none) and ``fields`` (``name: type``,
        joined by commas).

    Raises
    ------
    GeoplanError
        If fiona cannot open it.
    """
    rows = []
    try:
        for layer in fiona.listlayers(path):
            if layer == _STYLE_TABLE:
                continue
            with fiona.open(path, layer=layer) as collection:
                fields = ", ".join(f"{n}: {t}" for n, t in collection.schema["properties"].items())
                crs = collection.crs.to_string() if collection.crs else ""
                geometry = collection.schema["geometry"]
                rows.append((layer, geometry, len(collection), crs, fields))
    except (fiona.errors.FionaError, OSError) as error:
        cause = f"it cannot be opened as a vector file ({_one_line(error)})."
        remedy = "Name a file in a format that GDAL reads."
        raise GeoplanError([Problem(str(path), cause, remedy)]) from None
    return pd.DataFrame(rows, columns=list(INVENTORY_COLUMNS))


def pick_layer(source: Source, remarks: Remarks) -> str | None:
    """Return the name of the layer to read; note it when that is not clear."""
    try:
        layers = pyogrio.list_layers(source.path)
    except (*_READ_ERRORS, UnicodeDecodeError) as error:
        cause = f"the file cannot be opened ({_one_line(error)})."
        remedy = "Name an intact file in a format that GDAL reads."
        remarks.problem(cause, REMEDY_LOCKED if LOCKED in str(error) else remedy)
        return None
    names = [str(name) for name in layers[:, 0] if name != _STYLE_TABLE]
    if source.layer is not None and source.layer not in names:
        cause = f"the file has no layer '{source.layer}'; it has {_listed(source, names)}."
        remarks.problem(cause, nearest_name(source.layer, names))
        return None
    if source.layer is None and len(names) != 1:
        cause = f"the file has {_listed(source, names)}, and none is picked."
        example = f'"{source.written}|{names[0]}"' if names else "a file with layers"
        remarks.problem(cause, f"Name one after a bar, for instance {example}.")
        return None
    return source.layer or names[0]


def _listed(source: Source, names: list[str]) -> str:
    """Describe a file's layers as far as fiona can open it, else name them."""
    try:
        rows = inventory(source.path).itertuples()
    except GeoplanError:
        return f"the layers {shown(names)}"
    return "the layers " + shown(f"{r.layer} ({r.records} x {r.geometry})" for r in rows)


@dataclass(frozen=True)
class Stored:
    """A layer as stored.

    Attributes
    ----------
    frame : GeoDataFrame
        All geometries null when the layer has none; RangeIndex.
    broken : mapping of int to str
        Rows whose geometry is there but cannot be built, and why not.
    decimal_comma : bool
        Whether numbers written as text may have a decimal comma.
    short_names : bool
        Whether it comes from a Shapefile in an archive, which cuts names.
    """

    frame: gpd.GeoDataFrame
    broken: Mapping[int, str] = field(default_factory=dict)
    decimal_comma: bool = False
    short_names: bool = False


def read_layer(source: Source, remarks: Remarks, *, id_column: str) -> Stored | None:
    """Read one layer in bulk.

    Parameters
    ----------
    source : Source
    remarks : Remarks
        Takes down files that cannot be read, and what GDAL warns about.
    id_column : str
        The file's column of ids, to name the record where reading breaks.

    Returns
    -------
    Stored or None
        None after a problem that leaves nothing to check.
    """
    with gdal_warnings(remarks):
        layer = pick_layer(source, remarks)
        if layer is None:
            return None
        encoding = _unstated_encoding(source, remarks)
        try:
            frame = pyogrio.read_dataframe(
                source.path,
                layer=layer,
                encoding=encoding,
                on_invalid="ignore",
                # GDAL takes texts of a GeoJSON for days where all of a column look like one.
                datetime_as_string=True,
            )
        except UnicodeDecodeError as error:
            cause = f"its text is not in the encoding that it states ({_one_line(error)})."
            remarks.problem(cause, "Export it in UTF-8; a Shapefile states it in its .cpg file.")
            return None
        except _CRS_ERRORS as error:
            why = "" if isinstance(error, UnboundLocalError) else f" ({_one_line(error)})"
            cause = f"it states a CRS that PROJ cannot read{why}."
            remarks.problem(cause, "Save the layer again, with its CRS.")
            return None
        except _READ_ERRORS as error:
            _note_broken_record(source, layer, error, remarks, id_column)
            return None
        frame = _with_flags(frame, pyogrio.read_info(source.path, layer=layer))
        if source.path.suffix.lower() in _GEOJSON:
            text = source.path.read_bytes()
            frame = _with_flags_among_numbers(frame, text)
            _note_nul(text, remarks)
        if not isinstance(frame, gpd.GeoDataFrame):
            return Stored(gpd.GeoDataFrame(frame, geometry=[None] * len(frame)))
        return Stored(frame, _broken_geometries(source, layer, frame))


def _with_flags(frame: pd.DataFrame, info: Mapping[str, Any]) -> pd.DataFrame:
    """Give flags their type where nulls stand among them, or false would be the number 0."""
    flags = [
        name
        for name, declared in zip(info["fields"], info["dtypes"], strict=True)
        if declared == "bool" and not pd.api.types.is_bool_dtype(frame[name])
    ]
    return frame.astype(dict.fromkeys(flags, "boolean")) if flags else frame


def _with_flags_among_numbers(frame: pd.DataFrame, text: bytes) -> pd.DataFrame:
    """Take columns of a GeoJSON as it has them, where GDAL makes numbers of true and false."""
    numbers = [str(name) for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
    keys = {name: re.escape(json.dumps(name, ensure_ascii=False).encode()) for name in numbers}
    mixed = [name for name in numbers if re.search(keys[name] + rb"\s*:\s*(?:true|false)", text)]
    mixed = [name for name in mixed if not pd.api.types.is_bool_dtype(frame[name])]
    records = _properties(text) if mixed else []
    if len(records) != len(frame):
        return frame
    told = {name: [each.get(name) for each in records] for name in mixed}
    return frame.assign(**{n: pd.Series(v, frame.index, dtype=object) for n, v in told.items()})


def _properties(text: bytes) -> list[dict[str, Any]]:
    """Return what a GeoJSON's features say of themselves; nothing if it is no collection."""
    try:
        content = json.loads(text)
    except ValueError:  # GDAL takes what JSON does not allow, such as a comma at the end
        return []
    features = content.get("features") if isinstance(content, dict) else None
    records = features if isinstance(features, list) else []
    known = [each.get("properties") if isinstance(each, dict) else None for each in records]
    return [each if isinstance(each, dict) else {} for each in known]


def _note_nul(text: bytes, remarks: Remarks) -> None:
    """Warn of texts with a NUL in a GeoJSON: GDAL, written in C, takes it for their end."""
    if _NUL_ESCAPED in text:
        remarks.warning(
            "text-cut",
            "texts have a zero character in them and were read up to there.",
            "Search the file for \\u0000, and write what was meant.",
        )


def _unstated_encoding(source: Source, remarks: Remarks) -> str | None:
    """Tell the encoding of a Shapefile that does not state it; GDAL would take Latin letters."""
    parts = {part.suffix.lower(): part for part in _parts(source.path)}
    if source.path.suffix.lower() != ".shp" or ".cpg" in parts or ".dbf" not in parts:
        return None
    table = parts[".dbf"].read_bytes()
    # dBASE header: the language in byte 29, the header's length in bytes 8 and 9.
    if len(table) < _DBF_HEADER_BYTES or table[29] not in _DBF_UNSTATED:
        return None
    records = table[int.from_bytes(table[8:10], "little") :]
    try:
        records.decode("utf-8")
    except UnicodeDecodeError:
        encoding = cyrillic_encoding(records)
        remedy = "Export it in UTF-8, with its .cpg file."
        told = f"its text states no encoding; read as {encoding}."
        remarks.info("shapefile-encoding", told, remedy)
        return encoding
    return "UTF-8"


@contextmanager
def gdal_warnings(remarks: Remarks) -> Iterator[None]:
    """Take down what GDAL warns about instead of printing it."""
    with warnings.catch_warnings(record=True) as caught:
        for category in (RuntimeWarning, UserWarning):
            warnings.simplefilter("always", category)
        yield
    messages = dict.fromkeys(str(warning.message) for warning in caught)
    if messages:
        remarks.info("gdal-warning", f"GDAL says: {shown(messages)}")


def _broken_geometries(source: Source, layer: str, frame: gpd.GeoDataFrame) -> dict[int, str]:
    """Tell geometries that are stored but are none (a ring of two points) from absent ones."""
    absent = frame.geometry.isna().to_numpy()
    if not absent.any():
        return {}
    stored = pyogrio.raw.read(source.path, layer=layer, columns=[])[2]
    broken = {}
    for row in np.flatnonzero(absent & ~pd.isna(stored)).tolist():
        try:
            shapely.from_wkb(stored[row])
        except shapely.errors.GEOSException as error:
            broken[row] = _one_line(error)
    return broken


def _note_broken_record(
    source: Source, layer: str, error: Exception, remarks: Remarks, id_column: str
) -> None:
    """Stream the layer feature by feature to find where reading it in bulk broke."""
    last, count, reason = "", 0, _one_line(error)
    try:
        with fiona.open(source.path, layer=layer) as collection:
            for feature in collection:
                count += 1
                last = str(feature.properties.get(id_column, f"record {count}"))
    except (fiona.errors.FionaError, OSError, RuntimeError) as streaming:
        reason = f"{reason}; {_one_line(streaming)}"
    after = f", after '{last}'" if last else ""
    remarks.problem(
        f"the file is damaged at record {count + 1}{after} ({reason}).",
        "Export the layer again, or take the file from a backup.",
        [f"record {count + 1}"],
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
