"""Odd geometry in any layer: as GeoJSON, and as the WKB of a GeoPackage where that says more."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio

from .cases import Case, Copied
from .parks import GIVEN, TO_METRES

Ring = list[list[float]]
Shape = dict[str, Any]
_LAYERS = {
    "plain": ("zones", "exclusions", "gates", "receptors", "roads"),
    GIVEN: ("plots", "roads", "zones"),
}
_METRES = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32642"}}
_MANY = 1_000_000


def distort(copied: Copied, rng: np.random.Generator) -> Case:
    """Put an odd geometry into one record, and all of the layer into metres."""
    base = str(rng.choice(sorted(_LAYERS)))
    name = str(rng.choice(_LAYERS[base]))
    folder = copied(base)
    path = folder / f"{name}.geojson"
    content = _in_metres(json.loads(path.read_text(encoding="utf-8")))
    records = content["features"]
    row = int(rng.integers(len(records)))
    if rng.random() < 0.15:
        return _as_wkb(folder, base, name, content, rng)
    how = str(rng.choice(ODD))
    # One in a hundred rings of a million points is enough.
    if how == "million" and rng.random() < 0.9:
        how = "spike"
    shape = records[row]["geometry"]
    odd = _odd(how, shape, rng)
    if (
        shape["type"] == "LineString"
        and odd
        and odd.get("type") == "Polygon"
        and rng.random() < 0.8
    ):
        odd = {"type": "LineString", "coordinates": (odd["coordinates"] or [[]])[0]}
    records[row]["geometry"] = odd
    if how == TWICE:
        records.append(json.loads(json.dumps(records[row])))
        records[-1]["properties"] = {**records[row]["properties"], f"{name[:-1]}_id": "again"}
    if rng.random() < 0.1:
        del content["crs"]
    path.write_text(json.dumps(content), encoding="utf-8")
    stated = "" if "crs" in content else ", no CRS"
    return Case(base, f"{name} {row}: {how}{stated}")


def _in_metres(content: dict[str, Any]) -> dict[str, Any]:
    stated = str(content.get("crs", ""))
    for record in content["features"]:
        if "32642" not in stated:
            shape = record["geometry"]
            shape["coordinates"] = _moved(shape["coordinates"])
    return content | {"crs": _METRES}


def _moved(places: Any) -> Any:
    if isinstance(places[0], float | int):
        x, y = TO_METRES.transform(*places[:2])
        return [round(x, 4), round(y, 4)]
    return [_moved(part) for part in places]


def _first_ring(shape: Shape) -> Ring:
    """Return a ring of the shape, or the four corners around its point or line."""
    if shape["type"] == "Polygon":
        ring: Ring = shape["coordinates"][0]
        return ring
    if shape["type"] == "LineString":
        line: Ring = shape["coordinates"]
        return [*line, *[[x + 30, y + 60] for x, y in line[::-1]], line[0]]
    x, y = np.array(shape["coordinates"], dtype=float).reshape(-1, 2)[0]
    return [[x, y], [x + 50, y], [x + 50, y + 50], [x, y + 50], [x, y]]


def _polygon(*rings: Ring) -> Shape:
    return {"type": "Polygon", "coordinates": [list(ring) for ring in rings]}


def _square(ring: Ring, dx: float, dy: float, side: float) -> Ring:
    x, y = ring[0][0] + dx, ring[0][1] + dy
    return [[x, y], [x, y + side], [x + side, y + side], [x + side, y], [x, y]]


def _with(ring: Ring, rng: np.random.Generator, *, value: float) -> Shape:
    at = int(rng.integers(len(ring)))
    ring[at][int(rng.integers(2))] = value
    return _polygon(ring)


def _million(ring: Ring) -> Shape:
    steps = np.linspace(0, 1, _MANY // (len(ring) - 1))
    parts = [
        np.outer(1 - steps, start) + np.outer(steps, end)
        for start, end in zip(np.array(ring[:-1]), np.array(ring[1:]), strict=True)
    ]
    places = np.round(np.vstack(parts), 4).tolist()
    return _polygon([*places, places[0]])


def _collection(*shapes: Shape) -> Shape:
    return {"type": "GeometryCollection", "geometries": list(shapes)}


def _point(ring: Ring) -> Shape:
    return {"type": "Point", "coordinates": ring[0]}


def _nested(ring: Ring, depth: int) -> Shape:
    shape = _collection(_polygon(ring), _point(ring))
    for _ in range(depth):
        shape = _collection(shape)
    return shape


def _shifted(ring: Ring, by: float) -> Ring:
    return [[x + by, y + by] for x, y in ring]


def _touching(ring: Ring) -> Shape:
    """Two squares that share a corner and nothing else."""
    return {
        "type": "MultiPolygon",
        "coordinates": [[_square(ring, 0, 0, 60)], [_square(ring, 60, 60, 60)]],
    }


def _mixed_depth(ring: Ring) -> Shape:
    deep = [[*point, 5.0] if number % 2 else point for number, point in enumerate(ring)]
    return {"type": "Polygon", "coordinates": [deep]}


FIXED: dict[str, Any] = {
    "null": None,
    "empty polygon": {"type": "Polygon", "coordinates": []},
    "empty ring": {"type": "Polygon", "coordinates": [[]]},
    "empty collection": {"type": "GeometryCollection", "geometries": []},
    "empty point": {"type": "Point", "coordinates": []},
    "text": {"type": "Polygon", "coordinates": "none"},
}
CORNERS = {"nan": float("nan"), "inf": float("inf"), "1e308": 1e308, "1e20": 1e20, "origin": 0.0}
SHAPES: dict[str, Callable[[Ring], Any]] = {
    "3d": lambda r: _polygon([[*p, 340.0] for p in r]),
    "xyzm": lambda r: _polygon([[*p, 340.0, 7.0] for p in r]),
    "nan height": lambda r: _polygon([[*p, float("nan")] for p in r]),
    "mixed depth": lambda r: _mixed_depth(r),
    "unclosed": lambda r: _polygon(r[:-1]),
    "bow-tie": lambda r: _polygon([r[0], r[2], r[1], *r[3:]]),
    "spike": lambda r: _polygon([*r[:2], [r[1][0] + 900, r[1][1] + 900], r[1], *r[2:]]),
    "hair": lambda r: _polygon([*r[:2], [r[1][0] + 3, r[1][1]], r[1], *r[2:]]),
    "repeated points": lambda r: _polygon([p for p in r for _ in range(3)]),
    "clockwise": lambda r: _polygon(r[::-1]),
    "hole outside": lambda r: _polygon(r, _square(r, -900, -900, 40)),
    "hole crossing": lambda r: _polygon(r, _square(r, -20, -20, 60)),
    "hole touching": lambda r: _polygon(r, _square(r, 0, 0, 40)),
    "hole is all": lambda r: _polygon(r, r),
    "holes overlap": lambda r: _polygon(r, _square(r, 50, 50, 60), _square(r, 80, 80, 60)),
    "nested 5": lambda r: _nested(r, 5),
    "nested 300": lambda r: _nested(r, 300),
    "one point ring": lambda r: _polygon([r[0]]),
    "two point ring": lambda r: _polygon([r[0], r[1]]),
    "flat ring": lambda r: _polygon([r[0], r[1], r[0], r[0]]),
    "one point line": lambda r: {"type": "LineString", "coordinates": [r[0]]},
    "zero line": lambda r: {"type": "LineString", "coordinates": [r[0], r[0]]},
    "crossing line": lambda r: {"type": "LineString", "coordinates": [*r[:3:2], *r[1::2]]},
    "point": lambda r: _point(r),
    "offset": lambda r: _polygon(_shifted(r, 1e7)),
    "far": lambda r: _polygon(_shifted(r, 3e5)),
    "aside": lambda r: _polygon(_shifted(r, 130.0)),
    "swapped": lambda r: _polygon([[y, x] for x, y in r]),
    "tiny": lambda r: _polygon(_square(r, 10, 10, 1e-4)),
    "small": lambda r: _polygon(_square(r, 10, 10, 1.5)),
    "narrow": lambda r: _polygon([r[0], r[1], [r[1][0] + 0.3, r[1][1] + 0.3], r[0]]),
    "touching": lambda r: _touching(r),
    "million": lambda r: _million(r),
    "no type": lambda r: {"coordinates": [r]},
    "unknown type": lambda r: {"type": "Circle", "coordinates": r[0]},
}
TWICE, JITTER = "twice", "jitter"
ODD = sorted({*FIXED, *CORNERS, *SHAPES, TWICE, JITTER})


def _odd(how: str, shape: Shape, rng: np.random.Generator) -> Any:
    if how == TWICE:
        return shape
    if how in FIXED:
        return FIXED[how]
    ring = [list(point) for point in _first_ring(shape)]
    if how in CORNERS:
        return _with(ring, rng, value=CORNERS[how])
    if how == JITTER:
        moved = np.array(ring[:-1]) + rng.normal(0, 0.01, (len(ring) - 1, 2))
        return _polygon([*moved.tolist(), moved[0].tolist()])
    return SHAPES[how](ring)


def _as_wkb(
    folder: Path, base: str, name: str, content: dict[str, Any], rng: np.random.Generator
) -> Case:
    """Write the layer as a GeoPackage, with a geometry in it that GeoJSON cannot say."""
    records = content["features"]
    row = int(rng.integers(len(records)))
    blobs = [_wkb_polygon(_first_ring(record["geometry"])) for record in records]
    how = str(rng.choice(sorted({*FIXED_WKB, *ODD_WKB})))
    ring = _first_ring(records[row]["geometry"])
    blobs[row] = FIXED_WKB[how] if how in FIXED_WKB else ODD_WKB[how](ring)
    columns = sorted({key for record in records for key in record["properties"]})
    data = [
        np.array([record["properties"].get(column) for record in records], dtype=object)
        for column in columns
    ]
    data = [np.array([None if v is None else str(v) for v in each], dtype=object) for each in data]
    pyogrio.raw.write(
        folder / f"{name}.gpkg", np.array(blobs, dtype=object), data, np.array(columns),
        layer=name, driver="GPKG", geometry_type="Unknown", crs="EPSG:32642",
    )  # fmt: skip
    path = folder / "park.toml"
    text = path.read_text(encoding="utf-8").replace(f'"{name}.geojson"', f'"{name}.gpkg"')
    path.write_text(text, encoding="utf-8")
    return Case(base, f"{name} {row}: {how} (GeoPackage)")


def _wkb_ring(ring: Ring) -> bytes:
    return struct.pack("<I", len(ring)) + b"".join(struct.pack("<dd", *point) for point in ring)


def _wkb_polygon(*rings: Ring) -> bytes:
    return struct.pack("<BII", 1, 3, len(rings)) + b"".join(map(_wkb_ring, rings))


def _arcs(ring: Ring) -> bytes:
    return struct.pack("<BI", 1, 8) + _wkb_ring(ring)


def _curved(ring: Ring) -> bytes:
    return struct.pack("<BII", 1, 10, 1) + _arcs(ring)


_NAN = float("nan")
FIXED_WKB = {
    "nan point": struct.pack("<BIdd", 1, 1, _NAN, _NAN),
    "empty ring": _wkb_polygon([]),
    "no rings": _wkb_polygon(),
}
ODD_WKB: dict[str, Callable[[Ring], bytes]] = {
    "curve polygon": lambda r: _curved(r),
    "circle": lambda r: _curved([r[0], r[2], r[0]]),
    "arc": lambda r: _arcs(r[:3]),
    "compound curve": lambda r: struct.pack("<BII", 1, 9, 1) + _arcs(r[:3]),
    "multi surface": lambda r: struct.pack("<BII", 1, 12, 1) + _wkb_polygon(r),
    "triangle": lambda r: struct.pack("<BII", 1, 17, 1) + _wkb_ring([*r[:3], r[0]]),
    "tin": lambda r: struct.pack("<BIIBII", 1, 16, 1, 1, 17, 1) + _wkb_ring([*r[:3], r[0]]),
    "nan ring": lambda r: _wkb_polygon([[float("nan")] * 2 for _ in r]),
    "infinite": lambda r: _wkb_polygon([[float("inf"), y] for _, y in r]),
    "two point ring": lambda r: _wkb_polygon(r[:2]),
    "unclosed": lambda r: _wkb_polygon(r[:-1]),
}
