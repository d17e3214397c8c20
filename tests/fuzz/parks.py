"""The small park in every format that geoplan reads: the ground that faults are sown in."""

from __future__ import annotations

import importlib.util
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import ezdxf
import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import shapely

import geoplan

from ..small_park import CRS, box, write_park, zones
from ..spoilt_park import given_plots

SCENARIO = "park.toml"
SETTINGS = "layouts_max = 4\n\n[allocate]\ntime_limit_s = 3\n"
GIVEN = "given"
SAVED = "saved"
CHANGED = "changes.json"

_DXF_COLUMNS = '\n[columns.zones]\nzone_id = "text"\nuse = "=production"\n'
_POINT_COLUMNS = '\n[columns.zones]\nuse = "=production"\n'


def write_base(folder: Path) -> Path:
    """Write the park with exclusions, roads and quick settings; return its scenario."""
    scenario = write_park(folder)
    layer({"exclusion_id": ["W"], "kind": ["water"], "buffer_m": [5.0]}, box(700, 200, 720, 220),
          folder / "exclusions.geojson")  # fmt: skip
    line = shapely.LineString(box(0, 0, 500, 400).exterior.coords[2:4])
    layer({"road_id": ["R"], "class": ["local"], "row_m": [20.0]}, line, folder / "roads.geojson")
    text = scenario.read_text(encoding="utf-8")
    text = text.replace("layouts_max = 40\n", SETTINGS)
    named = 'exclusions = "exclusions.geojson"\nroads = "roads.geojson"\ngates = '
    scenario.write_text(text.replace("gates = ", named, 1), encoding="utf-8")
    return scenario


def layer(columns: dict[str, list[object]], geometry: shapely.Geometry, path: Path) -> None:
    """Write one record, in metres, as a GeoJSON that names its CRS."""
    gpd.GeoDataFrame(columns, geometry=[geometry], crs=CRS).to_file(path, driver="GeoJSON")


def write_formats(folder: Path) -> list[str]:
    """Write the park once for each format; return the names of the folders."""
    for name, write in ZONES.items():
        scenario = write_base(folder / name)
        (scenario.parent / "zones.geojson").unlink()
        _take(scenario, "zones.geojson", write(scenario.parent))
    for name, write in TABLES.items():
        scenario = write_base(folder / name)
        table = pd.read_csv(scenario.parent / "projects.csv", dtype="str")
        (scenario.parent / "projects.csv").unlink()
        _take(scenario, "projects.csv", write(table, scenario.parent))
    write_base(folder / "plain")
    write_given(folder / GIVEN)
    write_saved(folder / SAVED)
    return [*ZONES, *TABLES, "plain", GIVEN, SAVED]


def write_given(folder: Path) -> Path:
    """Write the park with plots of a cadastre, two of which are locked."""
    scenario = write_park(folder)
    given_plots("A-1,1.2,1,1.5,3,production,1,S-1", "A-2,1.2,1,2,8,,4,", "A-3,1.2,1,2,2,,1,N-2")(
        folder
    )
    text = scenario.read_text(encoding="utf-8").replace("layouts_max = 40\n", "")
    scenario.write_text(f"{text}\n[allocate]\ntime_limit_s = 3\n", encoding="utf-8")
    return scenario


def write_saved(folder: Path) -> None:
    """Write the park with its plan, and changes that can be made on it."""
    scenario = write_base(folder)
    plan = geoplan.run(scenario)
    plan.save(folder / "plan")
    for name in ("map.html", "report.html", "register.xlsx"):
        (folder / "plan" / name).unlink()
    from geoplan.decisions import digest_of

    free = plan.plots.loc[plan.plots["project_id"].isna(), "plot_id"].iloc[0]
    content = {
        "geoplan_changes": 1,
        "plan": {"name": plan.name, "digest": digest_of(plan)},
        "changes": [{"withdraw": {"project_id": "A-3"}}, {"off_market": {"plot_id": free}}],
    }
    (folder / CHANGED).write_text(json.dumps(content, indent=1), encoding="utf-8")


def _take(scenario: Path, old: str, told: str) -> None:
    name, _, columns = told.partition("\n")
    text = scenario.read_text(encoding="utf-8").replace(f'"{old}"', f'"{name}"')
    scenario.write_text(text + columns, encoding="utf-8")


def _through_gdal(file: str, driver: str) -> Callable[[Path], str]:
    def write(folder: Path) -> str:
        frame = zones()
        if driver in {"LIBKML", "KML"}:
            frame = frame.to_crs(4326)
        pyogrio.write_dataframe(frame, folder / file, driver=driver, layer=Path(file).stem)
        return file

    return write


def _shapefile(folder: Path) -> str:
    pyogrio.write_dataframe(
        zones(), folder / "zones.shp", driver="ESRI Shapefile", encoding="UTF-8"
    )
    return "zones.shp"


def _zipped_shapefile(folder: Path) -> str:
    _shapefile(folder)
    return _zipped(folder, [part for part in sorted(folder.glob("zones.*")) if part.is_file()])


def _zipped_database(folder: Path) -> str:
    _through_gdal("zones.gdb", "OpenFileGDB")(folder)
    return _zipped(folder, sorted((folder / "zones.gdb").rglob("*")))


def _zipped(folder: Path, parts: list[Path]) -> str:
    with zipfile.ZipFile(folder / "zones.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.write(part, part.relative_to(folder))
    for part in parts:
        if part.is_file():
            part.unlink()
    shutil.rmtree(folder / "zones.gdb", ignore_errors=True)
    return "zones.zip"


def _drawing(folder: Path) -> str:
    drawing = ezdxf.new("R2000")
    space = drawing.modelspace()
    for name, shape in zip(("P", "L"), zones().geometry, strict=True):
        space.add_lwpolyline(list(shape.exterior.coords)[:-1], close=True)
        space.add_text(name).set_placement((shape.centroid.x, shape.centroid.y))
    drawing.saveas(folder / "zones.dxf")
    return f"zones.dxf\n{_DXF_COLUMNS}"


def _points() -> pd.DataFrame:
    rows = [
        (name, number, f"{y:.2f}", f"{x:.2f}")
        for name, shape in zip(("P", "L"), zones().geometry, strict=True)
        for number, (x, y) in enumerate(list(shape.exterior.coords)[:-1], start=1)
    ]
    return pd.DataFrame(rows, columns=["zone_id", "point", "X", "Y"]).astype("str")


def _point_list(folder: Path) -> str:
    _points().to_csv(folder / "points.csv", index=False, sep=";")
    return f"points.csv\n{_POINT_COLUMNS}"


def _point_book(file: str, driver: str) -> Callable[[Path], str]:
    def write(folder: Path) -> str:
        pyogrio.write_dataframe(_points(), folder / file, driver=driver, layer="points")
        return f"{file}\n{_POINT_COLUMNS}"

    return write


def _book(file: str, driver: str) -> Callable[[pd.DataFrame, Path], str]:
    def write(table: pd.DataFrame, folder: Path) -> str:
        pyogrio.write_dataframe(table, folder / file, driver=driver, layer="projects")
        return file

    return write


def _records(table: pd.DataFrame, folder: Path) -> str:
    text = json.dumps(table.to_dict("records"), indent=1)
    (folder / "projects.json").write_text(text, encoding="utf-8")
    return "projects.json"


def _csv(table: pd.DataFrame, folder: Path) -> str:
    table.to_csv(folder / "projects.csv", index=False)
    return "projects.csv"


def _parquet(table: pd.DataFrame, folder: Path) -> str:
    table.to_parquet(folder / "projects.parquet")
    return "projects.parquet"


def _geoparquet(folder: Path) -> str:
    zones().to_parquet(folder / "zones.parquet")
    return "zones.parquet"


ZONES: dict[str, Callable[[Path], str]] = {
    "geopackage": _through_gdal("zones.gpkg", "GPKG"),
    "geojson": _through_gdal("zones.json", "GeoJSON"),
    "shapefile": _shapefile,
    "shapefile-zip": _zipped_shapefile,
    "filegdb": _through_gdal("zones.gdb", "OpenFileGDB"),
    "filegdb-zip": _zipped_database,
    "kml": _through_gdal("zones.kml", "LIBKML"),
    "kmz": _through_gdal("zones.kmz", "LIBKML"),
    "dxf": _drawing,
    "flatgeobuf": _through_gdal("zones.fgb", "FlatGeobuf"),
    "point-list": _point_list,
    "point-xlsx": _point_book("points.xlsx", "XLSX"),
    "point-ods": _point_book("points.ods", "ODS"),
}
TABLES: dict[str, Callable[[pd.DataFrame, Path], str]] = {
    "csv": _csv,
    "xlsx": _book("projects.xlsx", "XLSX"),
    "ods": _book("projects.ods", "ODS"),
    "json": _records,
    "gpkg-table": _book("projects.gpkg", "GPKG"),
}
if importlib.util.find_spec("pyarrow") is not None:
    ZONES["geoparquet"] = _geoparquet
    TABLES["parquet"] = _parquet

TO_METRES = pyproj.Transformer.from_crs(4326, CRS, always_xy=True)
