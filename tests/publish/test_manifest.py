import json
from enum import Enum
from pathlib import Path

import numpy as np
import pytest

from geoplan.errors import GeoplanError
from geoplan.publish.manifest import read_manifest, write_manifest, written_files


class Status(Enum):
    OPTIMAL = "optimal"


def test_a_manifest_is_sorted_indented_utf8_json(tmp_path):
    write_manifest({"b": 1, "a": {"я": "Қ", "c": [1, 2]}}, tmp_path / "m.json")
    expected = (
        '{\n  "a": {\n    "c": [\n      1,\n      2\n    ],\n    "я": "Қ"\n  },\n  "b": 1\n}\n'
    )
    assert (tmp_path / "m.json").read_bytes() == expected.encode("utf-8")


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (np.int64(3), 3),
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (float("nan"), None),
        (float("inf"), None),
        (np.float64("-inf"), None),
        (Path("layers") / "zones.geojson", "layers/zones.geojson"),
        (Status.OPTIMAL, "optimal"),
        ((1, 2), [1, 2]),
        ({1: 1000.0}, {"1": 1000.0}),
        ("lone \ud800 surrogate", "lone ? surrogate"),
        (True, True),
        (None, None),
    ],
)
def test_values_are_reduced_to_json(tmp_path, value, stored):
    write_manifest({"key": value}, tmp_path / "m.json")
    assert read_manifest(tmp_path / "m.json") == {"key": stored}


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes"])
def test_a_value_without_a_place_in_json_is_an_error(tmp_path, value):
    with pytest.raises(TypeError, match="a manifest cannot hold"):
        write_manifest({"key": value}, tmp_path / "m.json")
    assert not (tmp_path / "m.json").exists()


@pytest.mark.parametrize(
    ("text", "cause"),
    [(None, "no such file"), ("{", "not valid JSON"), ("[]", "not a JSON object")],
)
def test_an_unreadable_manifest_is_named(tmp_path, text, cause):
    if text is not None:
        (tmp_path / "m.json").write_text(text)
    with pytest.raises(GeoplanError, match=cause) as raised:
        read_manifest(tmp_path / "m.json")
    (problem,) = raised.value.problems
    assert problem.where == str(tmp_path / "m.json")
    assert "geoplan plan" in problem.remedy


def test_a_folder_read_as_a_manifest_is_named(tmp_path):
    with pytest.raises(GeoplanError, match="cannot be read"):
        read_manifest(tmp_path)


def test_only_geoplans_manifest_tells_which_files_are_geoplans(tmp_path):
    assert written_files(tmp_path) is None
    (tmp_path / "manifest.json").write_text(json.dumps({"files": ["a"], "written_by": "other"}))
    assert written_files(tmp_path) is None
    (tmp_path / "manifest.json").write_text(json.dumps({"files": ["a"], "written_by": "geoplan"}))
    assert written_files(tmp_path) == {"a"}
