"""The records of one file or table: read, called by our names, and held against a contract."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import pyproj

from geoplan.site.checks import check_columns
from geoplan.site.columns import Read, read_columns, record_names
from geoplan.site.databases import DatabaseTable
from geoplan.site.findings import Remarks
from geoplan.site.formats import stored_layer
from geoplan.site.schema import LayerContract
from geoplan.site.several import own_mapping
from geoplan.site.sources import Source, steady
from geoplan.site.tables import naming, read_table


class LayerRecords(NamedTuple):
    """A layer as read, and the required columns that its file does not have.

    Attributes
    ----------
    frame : GeoDataFrame
        All columns of the contract; in the file's CRS; RangeIndex.
    missing : frozenset of str
    """

    frame: gpd.GeoDataFrame
    missing: frozenset[str]


def layer_records(
    source: Source | DatabaseTable,
    mapping: Mapping[str, str],
    crs: pyproj.CRS | None,
    remarks: Remarks,
    contract: LayerContract,
    *,
    one_of_several: bool = False,
) -> LayerRecords | None:
    """Read the records of a layer that have a geometry, or need none.

    Parameters
    ----------
    source : Source or DatabaseTable
    mapping : mapping of str to str
        ``[columns.<layer>]`` of the scenario: our name to the file's.
    crs : pyproj.CRS or None
        The working CRS, which lists of points are judged by; None where there is none.
    remarks : Remarks
        Takes down all that cannot be read and all that breaks the contract.
    contract : LayerContract
    one_of_several : bool
        Whether the mapping is meant for other files, too.

    Returns
    -------
    LayerRecords or None
        None after a problem that leaves nothing to check.
    """
    stored = None
    with _steady(source, remarks):
        stored = stored_layer(source, mapping, crs, remarks)
    if stored is None:
        return None
    raw = pd.DataFrame(stored.frame.drop(columns=stored.frame.geometry.name))
    read = read_columns(
        raw,
        own_mapping(mapping, raw.columns, remarks) if one_of_several else mapping,
        remarks,
        decimal_comma=stored.decimal_comma,
        short_names=source.is_shapefile or stored.short_names,
        # A GeoJSON file without features has no place to state its columns in.
        absent=raw.shape == (0, 0),
        contract=contract,
    )
    check_columns(read, remarks, contract=contract)
    geometry = stored.frame.geometry
    layer = gpd.GeoDataFrame(read.frame, geometry=geometry.to_numpy(), crs=geometry.crs)
    for row, reason in stored.broken.items():
        remarks.problem(
            f"the geometry cannot be built ({reason}).",
            "Close its rings, give lines two points and rings four, or remove the record.",
            [record_names(read.frame[contract.key])[row]],
        )
    built = layer.drop(index=list(stored.broken)).reset_index(drop=True)
    return LayerRecords(built, read.missing)


def table_records(
    source: Source | DatabaseTable,
    mapping: Mapping[str, str],
    remarks: Remarks,
    contract: LayerContract,
    *,
    one_of_several: bool = False,
) -> Read | None:
    """Read the records of a table that has no geometry; parameters as :func:`layer_records`."""
    wanted = naming([*contract.columns.columns, *mapping.values()])
    table = None
    with _steady(source, remarks):
        table = read_table(source, remarks, wanted=wanted)
    if table is None:
        return None
    if one_of_several:
        mapping = own_mapping(mapping, table.frame.columns, remarks)
    read = read_columns(
        table.frame, mapping, remarks, decimal_comma=table.decimal_comma, contract=contract
    )
    check_columns(read, remarks, contract=contract)
    return read


def _steady(source: Source | DatabaseTable, remarks: Remarks) -> AbstractContextManager[None]:
    """Hold what is read against its checksum; a database's table has been read by now."""
    return steady(source, remarks) if isinstance(source, Source) else nullcontext()
