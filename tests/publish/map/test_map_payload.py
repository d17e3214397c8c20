"""What the page carries can be read back to the centimetre."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoplan.publish.map.payload import coded_column, coded_shapes, packed

HALF_STEP = 0.5e-7 + 1e-12
SQUARE = shapely.box(71.4, 51.1, 71.5, 51.2)
HOLED = shapely.Polygon(SQUARE.exterior, [shapely.box(71.42, 51.12, 71.44, 51.14).exterior.coords])
LINE = shapely.LineString([(71.0, 51.0), (71.1, 51.0), (71.1, 51.3)])
POINT = shapely.Point(-71.0, -51.0)


def rings_of(coded: dict[str, list[int]]) -> list[list[np.ndarray[Any, Any]]]:
    """Read shapes back: per shape its rings, per ring its vertices in degrees."""
    xy = np.cumsum(np.column_stack([coded["x"], coded["y"]]), axis=0) * 1e-7
    rings = iter(np.split(xy, np.cumsum(coded["vertices"])[:-1]))
    return [[next(rings) for _ in range(count)] for count in coded["rings"]]


def test_shapes_of_every_type_read_back() -> None:
    several = shapely.MultiPolygon([SQUARE, shapely.box(72, 51, 73, 52)])
    shapes = [SQUARE, HOLED, LINE, POINT, several]
    coded = coded_shapes(gpd.GeoSeries(shapes, crs="EPSG:4326"))
    assert coded["dimension"] == [2, 2, 1, 0, 2]
    assert coded["rings"] == [1, 2, 1, 1, 2]
    assert coded["vertices"] == [4, 4, 4, 3, 1, 4, 4]
    for shape, rings in zip(shapes, rings_of(coded), strict=True):
        wanted = shapely.get_rings(shapely.get_parts(shape)) if shape.area else [shape]
        for ring, written in zip(wanted, rings, strict=True):
            vertices = shapely.get_coordinates(ring)[: len(written)]
            assert np.abs(vertices - written).max() <= HALF_STEP


def test_null_and_empty_shapes_keep_their_row() -> None:
    series = gpd.GeoSeries([None, POINT, shapely.Polygon()], crs="EPSG:4326")
    assert coded_shapes(series)["rings"] == [0, 1, 0]


def test_no_shapes_are_no_shapes() -> None:
    coded = coded_shapes(gpd.GeoSeries([], crs="EPSG:4326"))
    assert all(values == [] for values in coded.values())


def test_of_a_collection_the_areas_are_kept() -> None:
    mixed = shapely.GeometryCollection([POINT, shapely.MultiPolygon([SQUARE]), LINE])
    coded = coded_shapes(gpd.GeoSeries([mixed], crs="EPSG:4326"))
    assert (coded["dimension"], coded["rings"], coded["vertices"]) == ([2], [1], [4])


@given(
    st.lists(
        st.lists(st.tuples(st.floats(-179, 179), st.floats(-84, 84)), min_size=2, max_size=8),
        max_size=6,
    )
)
def test_any_lines_read_back_within_half_a_step(lines: list[list[tuple[float, float]]]) -> None:
    series = gpd.GeoSeries([shapely.LineString(line) for line in lines], crs="EPSG:4326")
    for line, rings in zip(lines, rings_of(coded_shapes(series)), strict=True):
        assert np.abs(np.array(line) - rings[0]).max() <= HALF_STEP


@pytest.mark.parametrize(
    ("values", "known", "codes"),
    [
        (["b", "a", None, "b"], ["b", "a"], [0, 1, -1, 0]),
        ([1.23456, float("nan"), 2.0], [1.235, 2], [0, -1, 1]),
        ([True, False, True], [True, False], [0, 1, 0]),
        (pd.array([2026, None], dtype="Int64"), [2026], [0, -1]),
    ],
)
def test_columns_name_each_value_once(values: Any, known: list[Any], codes: list[int]) -> None:
    assert coded_column(pd.Series(values), digits=3) == {"values": known, "codes": codes}


def test_packing_is_undone_by_unpacking_and_gives_the_same_text_twice() -> None:
    payload = {"text": "Қазақстан </script>", "numbers": [1, 2.5, None], "lone": "\ud800"}
    assert json.loads(gzip.decompress(base64.b64decode(packed(payload)))) == payload
    assert packed(payload) == packed(dict(payload))
