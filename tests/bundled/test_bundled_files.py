"""The bundled park's files are all there, the same each time, and open in other programs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import fiona
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from .planned import FILES, SCENARIO, Planned, run_command


def test_it_writes_the_files_of_the_contract(planned: Planned) -> None:
    assert {path.name for path in planned.folder.iterdir()} == FILES


def test_the_manifest_says_what_the_plan_was_made_from(planned: Planned) -> None:
    manifest = planned.manifest
    assert set(manifest["inputs"]) == {
        f"park2/{name}" for name in (
            "zones.geojson", "exclusions.geojson", "gates.geojson",
            "utilities.geojson", "receptors.geojson", "projects.csv",
        )
    }  # fmt: skip
    for path, digest in manifest["inputs"].items():
        assert hashlib.sha256((SCENARIO.parent / path).read_bytes()).hexdigest() == digest
    assert manifest["settings"]["site"]["crs"] == "EPSG:32642"
    assert manifest["versions"]["shapely"] == shapely.__version__
    assert manifest["seed"] == 1
    assert set(manifest["files"]) == FILES
    assert {"read", "subdivide", "allocate", "audit"} <= set(manifest["stage_seconds"])


def test_a_second_run_gives_the_same_bytes_but_for_the_seconds(
    planned: Planned, tmp_path: Path
) -> None:
    again = run_command(tmp_path / "again")
    for name in sorted(FILES - {"manifest.json"}):
        assert (again.folder / name).read_bytes() == (planned.folder / name).read_bytes(), name
    first, second = planned.manifest, again.manifest
    assert first.pop("stage_seconds").keys() == second.pop("stage_seconds").keys()
    assert first == second


def test_the_register_opens_and_has_the_same_plots(
    planned: Planned, plots: gpd.GeoDataFrame
) -> None:
    book = openpyxl.load_workbook(planned.folder / "register.xlsx", data_only=True)
    rows = book["Plots"].iter_rows(values_only=True)
    header = next(rows)
    listed = {row[0]: dict(zip(header, row, strict=True)) for row in rows if row[1] is not None}
    assert set(listed) == set(plots["plot_id"])
    for plot in plots.itertuples():
        row = listed[plot.plot_id]
        assert row["Area, ha"] == pytest.approx(plot.area_ha, abs=1e-4)
        assert row["Project"] == (None if pd.isna(plot.project_id) else plot.project_id)
    assert {"Projects", "Unplaced", "Balance"} <= set(book.sheetnames)


def test_fiona_reads_every_layer_in_the_working_crs(
    planned: Planned, plots: gpd.GeoDataFrame
) -> None:
    path = planned.folder / "plan.gpkg"
    drawn = {"zones", "exclusions", "streets", "land", "plots", "findings"}
    assert drawn | {"projects", "balance"} <= set(fiona.listlayers(path))
    for name in sorted(drawn):
        with fiona.open(path, layer=name) as layer:
            assert layer.crs.to_epsg() == 32642
    with fiona.open(path, layer="plots") as layer:
        area_m2 = {r.properties["plot_id"]: shapely.geometry.shape(r.geometry).area for r in layer}
    assert area_m2 == pytest.approx(dict(zip(plots["plot_id"], plots.area, strict=True)))
