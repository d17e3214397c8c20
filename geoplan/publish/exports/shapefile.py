"""Shapefiles, one a layer and kind of geometry, with a table of what their limits cost.

A Shapefile names fields by ten bytes, holds 254 bytes of text in one, and one kind of geometry.
Nothing of that is lost in silence: ``shapefile_fields.csv`` gives each field's full name, and
what did not fit a field stands whole in ``shapefile_cut.csv``.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geoplan.publish.cells import write_csv
from geoplan.publish.columns import column
from geoplan.publish.disk import disk_faults_told, room_refused
from geoplan.publish.geopackage import EMPTY_TYPES, storable, tables_of

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers

FIELDS_NAME, CUT_NAME = "shapefile_fields.csv", "shapefile_cut.csv"
FIELD_BYTES, TEXT_BYTES = 10, 254
_KINDS = {"Point": "Point", "LineString": "LineString", "Polygon": "Polygon"}
_SUFFIXES = {"Point": "points", "LineString": "lines", "Polygon": "areas"}
# The head of a .dbf bears the day of its last change; a fixed one keeps the bytes alike.
_FIXED_DAY = "2000-01-01"
_HEAD_BYTES, _SHX_RECORD_BYTES = 100, 8
_DBF_COUNTS = ((4, 8), (8, 10), (10, 12))


def write_shapefiles(plan: PlanLayers, folder: Path) -> tuple[str, ...]:
    """Write every layer as Shapefiles (UTF-8, with ``.cpg`` and ``.prj``), tables as CSV.

    A layer of several kinds of geometry becomes several files: ``gates_points.shp`` and
    ``gates_lines.shp``, for instance. Records without geometry stand in the first.

    Returns
    -------
    tuple of str
        Names of the files.
    """
    before = {path.name for path in folder.iterdir()}
    fields: list[dict[str, str]] = []
    cut: list[dict[str, Any]] = []
    for layer in EMPTY_TYPES:
        frame = storable(getattr(plan, layer))
        names = field_names(frame.drop(columns="geometry").columns)
        for stem, kind, part in _parts(layer, frame):
            fields += [
                {"file": f"{stem}.shp", "field": short, "column": name,
                 "title": column(name, frame[name]).title}
                for name, short in names.items()
            ]  # fmt: skip
            _write(_fitting(part.rename(columns=names), stem, cut), folder / f"{stem}.shp", kind)
    for table in tables_of(plan):
        write_csv(storable(getattr(plan, table)), folder / f"{table}.csv")
    write_csv(pd.DataFrame(fields), folder / FIELDS_NAME)
    if cut:
        write_csv(pd.DataFrame(cut), folder / CUT_NAME)
    return tuple(sorted({path.name for path in folder.iterdir()} - before))


def field_names(columns: Iterable[str]) -> dict[str, str]:
    """Give each column a field name of ten bytes at most, which no other has.

    A name that fits stays; a longer one is cut at ten bytes. Where that is another's name
    already, also in other case, it is cut shorter and numbered.

    >>> field_names(["zone_id", "plot_area_min_ha", "plot_area_max_ha"])
    {'zone_id': 'zone_id', 'plot_area_min_ha': 'plot_area_', 'plot_area_max_ha': 'plot_are_1'}
    """
    columns = [str(name) for name in columns]
    fitting = [name for name in columns if len(name.encode()) <= FIELD_BYTES]
    names: dict[str, str] = {}
    used: set[str] = set()
    # Those that fit come first, so that none of them loses its name to a longer one.
    for name in dict.fromkeys([*fitting, *columns]):
        short, number = _cut(name, FIELD_BYTES), 0
        while short.casefold() in used:
            number += 1
            short = f"{_cut(name, FIELD_BYTES - 1 - len(str(number)))}_{number}"
        used.add(short.casefold())
        names[name] = short
    return {name: names[name] for name in columns}


def _parts(layer: str, frame: gpd.GeoDataFrame) -> Iterator[tuple[str, str, gpd.GeoDataFrame]]:
    """Yield file stem, kind and records for each kind of geometry of a layer."""
    # A column of objects: one of geometries would take multi geometries apart, too.
    whole = pd.Series([_unpacked(shape) for shape in frame.geometry], dtype=object).explode()
    columns = frame.drop(columns="geometry").loc[whole.index].reset_index(drop=True)
    shapes = [None if pd.isna(shape) else shape for shape in whole]
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=frame.crs)
    kinds = frame.geom_type.str.removeprefix("Multi").replace("LinearRing", "LineString")
    found = [kind for kind in _KINDS if (kinds == kind).any()]
    if len(found) <= 1:
        empty = EMPTY_TYPES[layer]
        kind = found[0] if found else (empty if empty in _KINDS else "Point")
        yield layer, kind, frame
        return
    for number, kind in enumerate(found):
        chosen = kinds == kind
        yield f"{layer}_{_SUFFIXES[kind]}", kind, frame[chosen | (kinds.isna() & (number == 0))]


def _unpacked(shape: Any) -> Any:
    """Keep a geometry whole, but for a collection, whose members go to files of their kinds."""
    if shape is None or shape.geom_type != "GeometryCollection":
        return shape
    members = list(shapely.get_parts(shape))
    by_kind: dict[str, list[Any]] = {}
    for member in members:
        by_kind.setdefault(member.geom_type.removeprefix("Multi"), []).append(member)
    return [shapely.union_all(group) for group in by_kind.values()]


def _write(frame: gpd.GeoDataFrame, path: Path, kind: str) -> None:
    multi = frame.geom_type.str.startswith("Multi").any()
    declared = f"Multi{kind}" if multi and kind == "Point" else kind
    with disk_faults_told(path):
        pyogrio.write_dataframe(
            frame,
            path,
            driver="ESRI Shapefile",
            encoding="UTF-8",
            geometry_type=declared,
            promote_to_multi=declared.startswith("Multi"),
            DBF_DATE_LAST_UPDATE=_FIXED_DAY,
        )
    _check_whole(path, len(frame))


def _check_whole(path: Path, records: int) -> None:
    """See what has reached the disk: GDAL does not tell when that is only a part.

    Raises
    ------
    OSError
        If a part of the Shapefile is not as long as its records are.
    """
    for part, is_whole in ((path, _shp_is_whole), (path.with_suffix(".dbf"), _dbf_is_whole)):
        with part.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if not is_whole(head, part.stat().st_size, records):
            raise room_refused(part) or OSError(errno.EIO, os.strerror(errno.EIO), str(part))
    index = path.with_suffix(".shx")
    if index.stat().st_size != _HEAD_BYTES + _SHX_RECORD_BYTES * records:
        raise room_refused(index) or OSError(errno.EIO, os.strerror(errno.EIO), str(index))


def _shp_is_whole(head: bytes, size: int, records: int) -> bool:
    # Bytes 24 to 27: the length in words of two bytes. A record without a shape has 12 bytes.
    return 2 * int.from_bytes(head[24:28], "big") == size >= _HEAD_BYTES + 12 * records


def _dbf_is_whole(head: bytes, size: int, records: int) -> bool:
    # Bytes 4 to 7: records; 8, 9 and 10, 11: lengths of the header and of each. A byte ends it.
    counted, start, each = (int.from_bytes(head[a:b], "little") for a, b in _DBF_COUNTS)
    return start > 0 and counted == records and size == start + each * records + 1


def _fitting(frame: gpd.GeoDataFrame, stem: str, cut: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Cut texts to what a field holds, and note the whole of each in `cut`."""
    fitted = frame.copy()
    for name in frame.drop(columns="geometry").columns:
        if pd.api.types.is_numeric_dtype(frame[name]):
            continue
        texts = frame[name].tolist()
        for row, text in enumerate(texts):
            if isinstance(text, str) and len(text.encode()) > TEXT_BYTES:
                cut.append({"file": f"{stem}.shp", "record": row + 1, "field": name, "text": text})
                texts[row] = _cut(text, TEXT_BYTES)
        fitted[name] = pd.Series(texts, index=frame.index, dtype="str")
    return fitted


def _cut(text: str, most: int) -> str:
    """Cut text to so many bytes of UTF-8, between characters."""
    return text.encode()[:most].decode(errors="ignore")
