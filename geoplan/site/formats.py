"""Each format to its reader: tables of points and databases here, everything else to GDAL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from geoplan.site.archives import is_sound, unpacked
from geoplan.site.columns import LIST_ROLES
from geoplan.site.databases import DatabaseTable
from geoplan.site.findings import Remarks
from geoplan.site.points import headers, layer_of_points, names_points
from geoplan.site.schema import CONTRACTS
from geoplan.site.sources import Source, Stored, read_layer
from geoplan.site.tables import Wanted, naming, read_table

_TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".ods"})
_ARCHIVES = frozenset({".zip", ".kmz"})
_PARQUET = frozenset({".parquet", ".geoparquet"})
_WKT_COLUMNS = frozenset({"wkt", "geometry", "geom", "the_geom", "_wkt"})


def stored_layer(
    source: Source | DatabaseTable,
    mapping: Mapping[str, str],
    crs: pyproj.CRS | None,
    remarks: Remarks,
) -> Stored | None:
    """Read one layer from whatever file or database holds it.

    Parameters
    ----------
    source : Source or DatabaseTable
    mapping : mapping of str to str
        ``[columns.<layer>]`` of the scenario.
    crs : pyproj.CRS or None
        The working CRS; None where it is refused already, and lists cannot be judged.
    remarks : Remarks
        Takes down what cannot be read, and what was decided.

    Returns
    -------
    Stored or None
        None after a problem that leaves nothing to check.
    """
    key = CONTRACTS[remarks.layer].key
    if isinstance(source, DatabaseTable):
        return Stored(source.layer(_wanted(mapping, remarks)), source.broken)
    suffix = source.path.suffix.lower()
    if suffix in _ARCHIVES and not is_sound(source.path, remarks):
        return None
    if suffix == ".zip":
        return _from_archive(source, mapping, crs, remarks)
    if suffix in _TABLES:
        return _from_table(source, mapping, crs, remarks)
    roles = [role for role in LIST_ROLES if role in mapping]
    if roles:
        cause = f"[columns.{remarks.layer}] {roles[0]} is for lists of points, which this is not."
        remarks.problem(cause, "Remove it, or name a csv, xlsx or ods file.")
        return None
    if suffix == ".dxf":
        return _from_drawing(source, key, mapping, crs, remarks)
    if suffix in _PARQUET:
        return _from_parquet(source, remarks)
    return read_layer(source, remarks, id_column=mapping.get(key, key))


def _from_archive(
    source: Source, mapping: Mapping[str, str], crs: pyproj.CRS | None, remarks: Remarks
) -> Stored | None:
    with unpacked(source, remarks) as inner:
        if inner is None:
            return None
        remarks.info("archive-file", f"'{inner.path.name}' was read from the archive.")
        stored = stored_layer(inner, mapping, crs, remarks)
    return None if stored is None else replace(stored, short_names=inner.is_shapefile)


def _from_parquet(source: Source, remarks: Remarks) -> Stored | None:
    """Read GeoParquet through pyarrow: the GDAL that comes with pyogrio lacks its driver."""
    try:
        return Stored(gpd.read_parquet(source.path))
    except ImportError:
        cause = "reading GeoParquet needs pyarrow, which is not installed."
        remarks.problem(cause, "Install pyarrow, or save the layer as GeoPackage.")
    except (OSError, ValueError, shapely.errors.ShapelyError) as error:
        cause = f"the file is not readable as GeoParquet ({' '.join(str(error).split())})."
        remarks.problem(cause, "Export it again, with its geometry column and CRS.")
    return None


def _from_drawing(
    source: Source,
    key: str,
    mapping: Mapping[str, str],
    crs: pyproj.CRS | None,
    remarks: Remarks,
) -> Stored | None:
    """Read a drawing; its handles are ids where the scenario maps none."""
    # ezdxf takes a while to import, and few scenarios have drawings.
    from geoplan.site.drawings import read_drawing

    layer = None if crs is None else read_drawing(source, crs, remarks)
    if layer is None:
        return None
    if key not in mapping:
        layer = layer.assign(**{key: layer["handle"]})
        remarks.info(
            "drawing-ids",
            f"{key} is the handle of each entity in the drawing.",
            f'Under [columns.{remarks.layer}] map {key} = "text" or "layer" for names of your own.',
        )
    return Stored(layer)


def _from_table(
    source: Source, mapping: Mapping[str, str], crs: pyproj.CRS | None, remarks: Remarks
) -> Stored | None:
    """Read a table with a point in each row, or with a record in each row and no geometry."""
    contract = CONTRACTS[remarks.layer]
    named = _wanted(mapping, remarks)
    table = read_table(source, remarks, wanted=lambda cells: max(named(cells), names_points(cells)))
    if table is None:
        return None
    names = [str(name) for name in table.frame.columns]
    if _WKT_COLUMNS & {name.strip().casefold() for name in names}:
        return read_layer(source, remarks, id_column=mapping.get(contract.key, contract.key))
    before = len(remarks.problems.found)
    found = headers(names, mapping, contract.key, remarks)
    if found is None:
        if len(remarks.problems.found) > before:
            return None
        return Stored(_plain(table.frame), decimal_comma=table.decimal_comma)
    if crs is None:
        return None
    layer = layer_of_points(table.frame, found, crs, source.path, remarks)
    return None if layer is None else Stored(layer, decimal_comma=True)


def _wanted(mapping: Mapping[str, str], remarks: Remarks) -> Wanted:
    return naming([*CONTRACTS[remarks.layer].columns.columns, *mapping.values()])


def _plain(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(frame, geometry=[None] * len(frame))
