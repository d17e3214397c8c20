"""Parquet and GeoParquet as pyarrow writes them, beside formats that need no package more."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from .conftest import Park, zones

HAS_PARQUET = find_spec("pyarrow") is not None
LAYERS = [".gpkg", *([".parquet", ".geoparquet"] if HAS_PARQUET else [])]
TABLES = [".json", *([".parquet"] if HAS_PARQUET else [])]
TABLE = pd.DataFrame(
    {"project_id": ["007", "8"], "area_ha": [1.5, 2.0], "jobs": [3, 40], "name": ["Ұшқын", None]}
)


def write_layer(frame: gpd.GeoDataFrame, path: Path) -> None:
    if path.suffix == ".gpkg":
        frame.to_file(path)
    else:
        frame.to_parquet(path)


def write_table(path: Path) -> None:
    if path.suffix == ".json":
        TABLE.to_json(path, orient="records")
    else:
        TABLE.to_parquet(path)


@pytest.mark.parametrize("suffix", LAYERS)
def test_a_layer_is_the_same_in_each_format(park: Park, suffix: str) -> None:
    write_layer(zones(name=["Сарыарқа", None]).to_crs(4326), park.folder / f"zones{suffix}")
    park.site["zones"] = f"zones{suffix}"
    read = park.read().zones
    assert read["zone_id"].tolist() == ["A", "B"]
    assert read["name"].fillna("none").tolist() == ["Сарыарқа", "none"]
    assert read.area.tolist() == pytest.approx([20_000, 20_000], rel=1e-6)


@pytest.mark.parametrize("suffix", TABLES)
def test_a_portfolio_is_the_same_in_each_format(park: Park, suffix: str) -> None:
    write_table(park.folder / f"projects{suffix}")
    park.portfolio = f"projects{suffix}"
    projects = park.read().projects
    assert projects is not None
    assert projects["project_id"].tolist() == ["007", "8"]
    assert projects["name"].tolist() == ["Ұшқын", "8"]
    assert projects["jobs"].tolist() == [3, 40]


@pytest.mark.parametrize("suffix", LAYERS)
@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
def test_a_layer_that_breaks_off_is_refused(park: Park, suffix: str, kept: float) -> None:
    path = park.folder / f"zones{suffix}"
    write_layer(zones(), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    park.site["zones"] = path.name
    problem = park.problems()[0]
    assert problem.where == f"zones (zones{suffix})"
    assert problem.remedy


@pytest.mark.parametrize("suffix", TABLES)
@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
def test_a_table_that_breaks_off_is_refused(park: Park, suffix: str, kept: float) -> None:
    path = park.folder / f"projects{suffix}"
    write_table(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    park.portfolio = path.name
    problem = park.problems()[0]
    assert problem.where == f"projects (projects{suffix})"
    assert problem.remedy
