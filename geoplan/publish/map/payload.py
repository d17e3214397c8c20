"""Shapes and tables as few bytes: what a page carries and its script reads back.

Coordinates are whole steps of 1e-7 degrees (about 1 cm), each the difference to the one before;
text is stored once and referred to by number; the JSON of all of it is compressed. A vertex
costs about 4 bytes this way, against 69 in GeoJSON.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

STEPS_PER_DEGREE = 10_000_000
MAP_CRS = "EPSG:4326"


def coded_shapes(geometry: gpd.GeoSeries) -> dict[str, list[int]]:
    """Code geometries of any type.

    Parameters
    ----------
    geometry : GeoSeries
        In any CRS. Of a collection only the parts of the highest dimension are kept.

    Returns
    -------
    dict
        ``dimension`` (0 points, 1 lines, 2 polygons) and ``rings`` per geometry, ``vertices``
        per ring (polygons without the closing one), and ``x``, ``y``: steps between vertices.
    """
    shapes = np.asarray(geometry.to_crs(MAP_CRS).array, dtype=object)
    rings, shape_of_ring, dimension = _rings(shapes)
    xy, ring_of_vertex = shapely.get_coordinates(rings, return_index=True)
    closes = np.isin(ring_of_vertex, np.flatnonzero(dimension[shape_of_ring] == 2))
    closes &= np.append(ring_of_vertex[1:] != ring_of_vertex[:-1], np.ones(min(1, len(xy)), bool))
    xy, ring_of_vertex = xy[~closes], ring_of_vertex[~closes]
    return {
        "dimension": dimension.tolist(),
        "rings": np.bincount(shape_of_ring, minlength=len(shapes)).tolist(),
        "vertices": np.bincount(ring_of_vertex, minlength=len(rings)).tolist(),
        "x": coded_degrees(xy[:, 0]),
        "y": coded_degrees(xy[:, 1]),
    }


def coded_degrees(degrees: np.ndarray[Any, np.dtype[np.float64]]) -> list[int]:
    """Code coordinates as whole steps from one to the next, the first from zero.

    >>> coded_degrees(np.array([71.5, 71.5000002]))
    [715000000, 2]
    """
    steps = np.rint(degrees * STEPS_PER_DEGREE).astype(np.int64)
    return cast("list[int]", np.diff(steps, prepend=0).tolist())


def coded_column(values: pd.Series[Any], *, digits: int = 0) -> dict[str, list[Any]]:
    """Code a column: each value once, and per row the number of its value, or -1 for none.

    Parameters
    ----------
    values : Series
        Text, numbers or booleans; nulls allowed.
    digits : int
        Decimals that numbers are rounded to.

    Returns
    -------
    dict
        ``values`` in order of first appearance, and ``codes``.

    Examples
    --------
    >>> coded_column(pd.Series(["food", None, "food"]))
    {'values': ['food'], 'codes': [0, -1, 0]}
    """
    codes, known = pd.factorize(values)
    return {"values": [_plain(value, digits) for value in known], "codes": codes.tolist()}


def packed(payload: Mapping[str, Any]) -> str:
    """Return the payload as JSON, compressed, in base64; the same payload gives the same text."""
    text = json.dumps(payload, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("ascii"), 9, mtime=0)).decode("ascii")


def _rings(shapes: np.ndarray[Any, Any]) -> tuple[Any, Any, Any]:
    """Take shapes apart into rings, lines and points, in order; null shapes have none."""
    outer, shape_of_outer = shapely.get_parts(shapes, return_index=True)
    parts, outer_of_part = shapely.get_parts(outer, return_index=True)  # collections of multiparts
    shape_of_part = shape_of_outer[outer_of_part]
    dimension_of_part = shapely.get_dimensions(parts)
    dimension = np.zeros(len(shapes), dtype=np.int64)
    np.maximum.at(dimension, shape_of_part, dimension_of_part)
    kept = dimension_of_part == dimension[shape_of_part]
    polygons = kept & (dimension_of_part == 2)
    others = kept & (dimension_of_part < 2)
    rings, polygon_of_ring = shapely.get_rings(parts[polygons], return_index=True)
    pieces = np.concatenate([rings, parts[others]])
    shape_of_piece = np.concatenate(
        [shape_of_part[polygons][polygon_of_ring], shape_of_part[others]]
    )
    order = np.argsort(shape_of_piece, kind="stable")
    return pieces[order], shape_of_piece[order], dimension


def _plain(value: Any, digits: int) -> str | int | float | bool:
    """Return a value as JSON knows it; whole numbers without decimals."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.number):
        number = round(float(value), digits)
        return int(number) if number.is_integer() else number
    return str(value)
