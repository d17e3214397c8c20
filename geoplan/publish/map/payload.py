"""Shapes and tables as few bytes: what a page carries and its script reads back.

Coordinates are whole steps of 1e-7 degrees (about 1 cm), each the difference to the one before;
text is stored once and referred to by number. Whole numbers go into one block of bytes, seven
bits to a byte, and the tree of all else refers to them by place. A vertex costs about 4 bytes
this way, against 69 in GeoJSON.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

STEPS_PER_DEGREE = 10_000_000
MAP_CRS = "EPSG:4326"
NULL = -(2**31)
"""Stands for no number in a column of numbers."""
LARGEST = 2**31 - 1
GZIP_LEVEL = 6
"""Level 9 takes twice as long and saves 1 %."""

TEXTS_FEW = 64
"""So many texts go into the tree as they are; more are coded by what each shares with the last."""
RESTART = 64
"""After so many texts one is written whole, so that none needs more than these to be read."""
CHUNK = 2**16
POLYGON = 3
"""Shapely's number of the type; what comes before it are points, lines and rings."""

Integers = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


def coded_shapes(geometry: gpd.GeoSeries) -> dict[str, Integers]:
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
    shapes = np.asarray(geometry.array, dtype=object)
    rings, shape_of_ring, dimension = _rings(shapes)
    xy, ring_of_vertex = shapely.get_coordinates(rings, return_index=True)
    closes = dimension[shape_of_ring][ring_of_vertex] == 2
    closes &= np.append(ring_of_vertex[1:] != ring_of_vertex[:-1], np.ones(min(1, len(xy)), bool))
    xy, ring_of_vertex = xy[~closes], ring_of_vertex[~closes]
    x, y = _degrees(xy, geometry.crs)
    return {
        "dimension": dimension,
        "rings": np.bincount(shape_of_ring, minlength=len(shapes)),
        "vertices": np.bincount(ring_of_vertex, minlength=len(rings)),
        "x": coded_degrees(x),
        "y": coded_degrees(y),
    }


def coded_points(points: gpd.GeoSeries) -> dict[str, Integers]:
    """Code points as ``x`` and ``y``: steps from one to the next."""
    x, y = _degrees(shapely.get_coordinates(points.array), points.crs)
    return {"x": coded_degrees(x), "y": coded_degrees(y)}


def _degrees(xy: Floats, crs: pyproj.CRS) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes of points (n, 2): without making geometries of them."""
    return pyproj.Transformer.from_crs(crs, MAP_CRS, always_xy=True).transform(xy[:, 0], xy[:, 1])


def coded_degrees(degrees: Floats) -> Integers:
    """Code coordinates as whole steps from one to the next, the first from zero.

    >>> coded_degrees(np.array([71.5, 71.5000002])).tolist()
    [715000000, 2]
    """
    steps = np.rint(degrees * STEPS_PER_DEGREE).astype(np.int64)
    return np.diff(steps, prepend=0)


def coded_texts(values: pd.Series[Any]) -> dict[str, Any]:
    """Code a column of texts: each text once, and per row the number of its text, or -1 for none.

    Returns
    -------
    dict
        ``texts`` in order of first appearance, or all categories of a categorical column in
        their order, as :func:`coded_list` has them; and ``codes``.

    Examples
    --------
    >>> coded = coded_texts(pd.Series(["food", None, "food"]))
    >>> coded["texts"], coded["codes"].tolist()
    (['food'], [0, -1, 0])
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, known = values.cat.codes.to_numpy(), values.cat.categories
    else:
        codes, known = pd.factorize(values)
    return {"texts": coded_list(_strings(known)), "codes": codes.astype(np.int64)}


def coded_list(texts: list[str]) -> list[str] | dict[str, Any]:
    """Code a list of texts: many of them as what is left of each after what it shares.

    Returns
    -------
    list of str or dict
        The texts, if they are few; else ``rests`` joined, and per text the ``length`` of its
        rest and how much it has ``shared`` with the text before, in units of UTF-16.
    """
    if len(texts) <= TEXTS_FEW:
        return texts
    shared = _shared(texts)
    rests = [text[start:] for text, start in zip(texts, shared.tolist(), strict=True)]
    lengths = np.fromiter(map(_units, rests), np.int64, len(rests))
    return {"rests": _Block("".join(rests)), "length": lengths, "shared": shared}


def _strings(values: Any) -> list[str]:
    return [str(value) for value in np.asarray(values, dtype=object)]


def _shared(texts: Sequence[str]) -> Integers:
    """Return how many characters each text has in common with the one before."""
    shared = np.zeros(len(texts), dtype=np.int64)
    for start in range(0, len(texts), CHUNK):
        part = texts[start : start + CHUNK]
        lengths = np.fromiter(map(len, part), np.int64, len(part))
        width = int(np.quantile(lengths, 0.99)) + 1  # what few long texts share is no matter
        letters = np.array([text[:width] for text in part], dtype=f"<U{width}")
        units = letters.view(np.uint32).reshape(len(part), width)
        # Beyond the basic plane a character is two units to the reader: sharing stops there.
        differs = (units[1:] != units[:-1]) | (units[1:] > 0xFFFF)
        first = np.where(differs.any(axis=1), differs.argmax(axis=1), width)
        shared[start + 1 : start + len(part)] = np.minimum(
            first, np.minimum(lengths[1:], lengths[:-1])
        )
    shared[::RESTART] = 0
    return shared


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True)
class _Block:
    """A long text that stands among the arrays, once however often the tree has it."""

    text: str


def coded_numbers(values: pd.Series[Any], *, digits: int = 0) -> dict[str, Any]:
    """Code a column of numbers as whole multiples of its last decimal.

    Parameters
    ----------
    values : Series
        Numbers; nulls allowed.
    digits : int
        Decimals kept; fewer where the numbers are too large for so many.

    Returns
    -------
    dict
        ``digits`` and ``numbers``, :data:`NULL` for none.

    Examples
    --------
    >>> coded_numbers(pd.Series([0.5, None, 12.25]), digits=2)["numbers"].tolist()
    [50, -2147483648, 1225]
    """
    numbers = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(numbers)
    largest = float(np.abs(numbers[known]).max(initial=0.0))
    while digits > -300 and largest * 10.0**digits > LARGEST:
        digits -= 1
    steps = np.full(len(numbers), NULL, dtype=np.int64)
    steps[known] = np.rint(numbers[known] * 10.0**digits).astype(np.int64)
    return {"digits": digits, "numbers": steps}


def packed(content: Mapping[str, Any]) -> str:
    """Return a tree as compressed bytes in base64; the same tree gives the same text.

    Parameters
    ----------
    content : mapping
        What JSON holds, and arrays of whole numbers from :data:`NULL` to :data:`LARGEST`.

    Notes
    -----
    Four bytes tell the length of the JSON that follows, in which ``{"@": [place, count]}``
    stands for an array, with a third number 1 if it is the differences that are written, and
    ``{"$": [place, length]}`` for a long text; the rest are their bytes. What is there twice is
    written once.
    """
    places: dict[bytes, int] = {}
    end = 0

    def place_of(block: bytes) -> int:
        nonlocal end
        if block not in places:
            places[block] = end
            end += len(block)
        return places[block]

    def put(value: object) -> dict[str, list[int]]:
        if isinstance(value, _Block):
            block = json.dumps(value.text).encode("ascii")
            return {"$": [place_of(block), len(block)]}
        if not isinstance(value, np.ndarray):
            raise TypeError(f"{type(value).__name__} cannot be packed.")
        numbers = value.astype(np.int64)
        plain, steps = _bytes_of(numbers), _bytes_of(np.diff(numbers, prepend=0))
        if len(steps) < len(plain):
            return {"@": [place_of(steps), len(numbers), 1]}
        return {"@": [place_of(plain), len(numbers)]}

    text = json.dumps(content, allow_nan=False, separators=(",", ":"), default=put).encode("ascii")
    parts = (len(text).to_bytes(4, "little"), text, *places)
    return base64.b64encode(gzip.compress(b"".join(parts), GZIP_LEVEL, mtime=0)).decode("ascii")


def _bytes_of(numbers: Integers) -> bytes:
    """Write whole numbers with seven bits to a byte, the lowest first; the sign comes lowest."""
    folded = ((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)
    if folded.max(initial=0) < 128:
        return folded.astype(np.uint8).tobytes()
    lengths = np.ones(len(folded), dtype=np.int64)
    for bits in (7, 14, 21, 28):
        lengths += folded >= np.uint64(1 << bits)
    starts = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()), dtype=np.uint8)
    for byte in range(5):
        longer = np.flatnonzero(lengths > byte)
        low = (folded[longer] >> np.uint64(7 * byte)) & np.uint64(127)
        more = np.where(lengths[longer] > byte + 1, 128, 0).astype(np.uint64)
        out[starts[longer] + byte] = low | more
    return out.tobytes()


def _rings(shapes: np.ndarray[Any, Any]) -> tuple[Any, Any, Any]:
    """Take shapes apart into rings, lines and points, in order; null shapes have none."""
    types = shapely.get_type_id(shapes)
    holes = shapely.get_num_interior_rings(shapes)
    # A polygon without holes has the vertices of its ring: nothing need be made of it.
    whole = (types >= 0) & (types <= POLYGON) & (holes == 0) & ~shapely.is_empty(shapes)
    outer, shape_of_outer = shapely.get_parts(shapes[~whole], return_index=True)
    parts, outer_of_part = shapely.get_parts(outer, return_index=True)  # collections of multiparts
    shape_of_part = np.flatnonzero(~whole)[shape_of_outer[outer_of_part]]
    dimension_of_part = shapely.get_dimensions(parts)
    dimension = np.where(whole, shapely.get_dimensions(shapes), 0).astype(np.int64)
    np.maximum.at(dimension, shape_of_part, dimension_of_part)
    kept = dimension_of_part == dimension[shape_of_part]
    polygons = kept & (dimension_of_part == 2)
    others = kept & (dimension_of_part < 2)
    rings, polygon_of_ring = shapely.get_rings(parts[polygons], return_index=True)
    pieces = np.concatenate([shapes[whole], rings, parts[others]])
    shape_of_piece = np.concatenate(
        [np.flatnonzero(whole), shape_of_part[polygons][polygon_of_ring], shape_of_part[others]]
    )
    order = np.argsort(shape_of_piece, kind="stable")
    return pieces[order], shape_of_piece[order], dimension
