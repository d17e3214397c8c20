"""What the page carries can be read back: shapes to the centimetre, tables as they were."""

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
from hypothesis.extra import numpy as stn

from geoplan.publish.map.payload import (
    LARGEST,
    NULL,
    coded_list,
    coded_numbers,
    coded_points,
    coded_shapes,
    coded_texts,
    packed,
)
from geoplan.publish.map.tables import Field, coded_fields

from ..hostile import HOSTILE

HALF_STEP = 0.5e-7 + 1e-12
SQUARE = shapely.box(71.4, 51.1, 71.5, 51.2)
HOLED = shapely.Polygon(SQUARE.exterior, [shapely.box(71.42, 51.12, 71.44, 51.14).exterior.coords])
LINE = shapely.LineString([(71.0, 51.0), (71.1, 51.0), (71.1, 51.3)])
POINT = shapely.Point(-71.0, -51.0)


def unpacked(text: str) -> Any:
    """Read a tree back, byte by byte as the page's script does; arrays and texts become lists."""
    data = gzip.decompress(base64.b64decode(text))
    length = int.from_bytes(data[:4], "little")
    arrays = data[4 + length :]

    def numbers(place: int, count: int, stepped: int = 0) -> list[int]:
        found = []
        for _ in range(count):
            folded = shift = 0
            while True:
                byte = arrays[place]
                place += 1
                folded |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            found.append(-(folded + 1) // 2 if folded % 2 else folded // 2)
            if stepped and len(found) > 1:
                found[-1] += found[-2]
        return found

    def read(value: dict[str, Any]) -> Any:
        if set(value) == {"@"}:
            return numbers(*value["@"])
        if set(value) == {"$"}:
            place, length = value["$"]
            return json.loads(arrays[place : place + length])
        return texts(**value) if set(value) == {"rests", "length", "shared"} else value

    return json.loads(data[4 : 4 + length], object_hook=read)


def texts(rests: str, length: list[int], shared: list[int]) -> list[str]:
    """Put texts together from what each shares with the one before, in units of UTF-16."""
    units = rests.encode("utf-16-le", "surrogatepass")
    found, place = [b""], 0
    for count, start in zip(length, shared, strict=True):
        found.append(found[-1][: 2 * start] + units[place : place + 2 * count])
        place += 2 * count
    return [text.decode("utf-16-le", "surrogatepass") for text in found[1:]]


def rings_of(coded: dict[str, Any]) -> list[list[np.ndarray[Any, Any]]]:
    """Read shapes back: per shape its rings, per ring its vertices in degrees."""
    xy = np.cumsum(np.column_stack([coded["x"], coded["y"]]), axis=0) * 1e-7
    rings = iter(np.split(xy, np.cumsum(coded["vertices"])[:-1]))
    return [[next(rings) for _ in range(count)] for count in coded["rings"]]


def listed(coded: dict[str, Any]) -> dict[str, Any]:
    return {name: array.tolist() for name, array in coded.items()}


def test_shapes_of_every_type_read_back() -> None:
    several = shapely.MultiPolygon([SQUARE, shapely.box(72, 51, 73, 52)])
    shapes = [SQUARE, HOLED, LINE, POINT, several]
    coded = unpacked(packed(coded_shapes(gpd.GeoSeries(shapes, crs="EPSG:4326"))))
    assert coded["dimension"] == [2, 2, 1, 0, 2]
    assert coded["rings"] == [1, 2, 1, 1, 2]
    assert coded["vertices"] == [4, 4, 4, 3, 1, 4, 4]
    for shape, rings in zip(shapes, rings_of(coded), strict=True):
        wanted = shapely.get_rings(shapely.get_parts(shape)) if shape.area else [shape]
        for ring, written in zip(wanted, rings, strict=True):
            vertices = shapely.get_coordinates(ring)[: len(written)]
            assert np.abs(vertices - written).max() <= HALF_STEP


def test_shapes_are_brought_to_degrees_as_geopandas_does() -> None:
    metric = gpd.GeoSeries([shapely.box(671_800, 5_676_600, 672_100, 5_676_700)], crs="EPSG:32642")
    wanted = shapely.get_coordinates(metric.to_crs("EPSG:4326").array)[:-1]
    assert np.abs(rings_of(coded_shapes(metric))[0][0] - wanted).max() <= HALF_STEP
    points = coded_points(metric.centroid)
    where = shapely.get_coordinates(metric.centroid.to_crs("EPSG:4326").array)[0]
    assert np.abs(np.array([points["x"][0], points["y"][0]]) * 1e-7 - where).max() <= HALF_STEP


def test_null_and_empty_shapes_keep_their_row() -> None:
    series = gpd.GeoSeries([None, POINT, shapely.Polygon()], crs="EPSG:4326")
    assert listed(coded_shapes(series))["rings"] == [0, 1, 0]


def test_no_shapes_are_no_shapes() -> None:
    coded = coded_shapes(gpd.GeoSeries([], crs="EPSG:4326"))
    assert all(values == [] for values in listed(coded).values())


def test_of_a_collection_the_areas_are_kept() -> None:
    mixed = shapely.GeometryCollection([POINT, shapely.MultiPolygon([SQUARE]), LINE])
    coded = listed(coded_shapes(gpd.GeoSeries([mixed], crs="EPSG:4326")))
    assert (coded["dimension"], coded["rings"], coded["vertices"]) == ([2], [1], [4])


@given(
    st.lists(
        st.lists(st.tuples(st.floats(-179, 179), st.floats(-84, 84)), min_size=2, max_size=8),
        max_size=6,
    )
)
def test_any_lines_read_back_within_half_a_step(lines: list[list[tuple[float, float]]]) -> None:
    series = gpd.GeoSeries([shapely.LineString(line) for line in lines], crs="EPSG:4326")
    coded = unpacked(packed(coded_shapes(series)))
    for line, rings in zip(lines, rings_of(coded), strict=True):
        assert np.abs(np.array(line) - rings[0]).max() <= HALF_STEP


@given(stn.arrays(np.int64, st.integers(0, 40), elements=st.integers(-(2**32), 2**32)))
def test_any_whole_numbers_read_back(numbers: np.ndarray[Any, Any]) -> None:
    assert unpacked(packed({"a": numbers, "b": [numbers[:3]]})) == {
        "a": numbers.tolist(),
        "b": [numbers[:3].tolist()],
    }


@given(st.lists(st.none() | st.sampled_from(["", "a", "ab", "__proto__", "Ұлы", "x" * 300])))
def test_texts_read_back_and_each_is_named_once(values: list[str | None]) -> None:
    coded = unpacked(packed(coded_texts(pd.Series(values, dtype=object))))
    assert len(set(coded["texts"])) == len(coded["texts"])
    said = [None if code < 0 else coded["texts"][code] for code in coded["codes"]]
    assert said == values


@pytest.mark.parametrize(
    ("values", "digits", "wanted", "kept"),
    [
        ([1.23456, float("nan"), 2.0], 3, [1235, NULL, 2000], 3),
        (pd.array([2026, None], dtype="Int64"), 0, [2026, NULL], 0),
        ([float("inf"), -0.04], 1, [NULL, 0], 1),
        ([5e9, 1.0], 2, [500_000_000, 0], -1),
        ([LARGEST, -LARGEST], 0, [LARGEST, -LARGEST], 0),
        ([None, None], 0, [NULL, NULL], 0),
    ],
)
def test_numbers_keep_the_digits_asked_for_or_what_fits(
    values: Any, digits: int, wanted: list[int], kept: int
) -> None:
    coded = coded_numbers(pd.Series(values), digits=digits)
    assert (coded["numbers"].tolist(), coded["digits"]) == (wanted, kept)


def test_fields_say_booleans_and_hazard_classes_in_words() -> None:
    table = pd.DataFrame(
        {
            "rail": [True, None, False],
            "hazard_class": [1, 5, None],
            "start_year": [2026, None, 2030],
            "empty": [None, None, None],
        }
    )
    fields = [Field(name, name) for name in [*table.columns, "absent"]]
    coded = {field["column"]: field for field in coded_fields(table, fields)}
    assert list(coded) == ["rail", "hazard_class", "start_year"]
    assert (coded["rail"]["texts"], coded["rail"]["worded"]) == (["yes", "no"], True)
    assert coded["hazard_class"]["texts"] == ["I", "V"]
    assert coded["start_year"]["numbers"].tolist() == [2026, NULL, 2030]


def test_packing_is_undone_by_unpacking_and_gives_the_same_text_twice() -> None:
    payload = {"text": "Қазақстан </script>", "numbers": [1, 2.5, None], "lone": "\ud800"}
    assert unpacked(packed(payload)) == payload
    assert packed(payload) == packed(dict(payload))


IDS = [f"P{zone}-{number:04d}" for zone in (1, 2) for number in range(5_000)]


@given(
    st.lists(
        st.sampled_from([*HOSTILE, *IDS[:99]]) | st.text(max_size=6), max_size=300, unique=True
    )
)
def test_many_texts_read_back_whatever_they_share(values: list[str]) -> None:
    assert unpacked(packed({"texts": coded_list(values)})) == {"texts": values}


def test_ids_that_follow_a_scheme_take_a_fraction_of_a_byte_each() -> None:
    assert len(packed({"texts": coded_list(IDS)})) < len(IDS) / 4
    shared = coded_list(IDS)["shared"]
    assert max(np.diff(np.flatnonzero(shared == 0))) <= 64


def test_what_stands_twice_is_written_once() -> None:
    codes = np.random.default_rng(1).integers(0, 10**6, 5_000)
    once, twice = (packed({"a": [coded_list(IDS), codes] * times}) for times in (1, 2))
    assert len(twice) < len(once) + 200
    assert unpacked(twice) == {"a": unpacked(once)["a"] * 2}


def test_categories_keep_their_order() -> None:
    values = pd.Series(pd.Categorical(["b", None, "a"], ["a", "b", "c"]))
    coded = coded_texts(values)
    assert (coded["texts"], coded["codes"].tolist()) == (["a", "b", "c"], [1, -1, 0])


def test_what_is_neither_json_nor_whole_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match="Series cannot be packed"):
        packed({"a": pd.Series([1])})
