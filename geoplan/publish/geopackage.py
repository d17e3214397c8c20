"""``plan.gpkg``: every layer and table of a plan, written and read back."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from geoplan.config.reading import readable_file
from geoplan.errors import GeoplanError, Problems, shown
from geoplan.plan import PlanLayers
from geoplan.publish.cells import writable
from geoplan.publish.disk import disk_faults_told
from geoplan.publish.manifest import MANIFEST_NAME, read_manifest, scenario_seen_by_all
from geoplan.site.sources import FILE_MAX_BYTES, LOCKED, REMEDY_LOCKED

GEOPACKAGE_NAME = "plan.gpkg"

EMPTY_TYPES = {
    "zones": "Polygon",
    "exclusions": "Polygon",
    "streets": "LineString",
    "strips": "Polygon",
    "land": "Polygon",
    "plots": "Polygon",
    "proposals": "Polygon",
    "findings": "Unknown",
    "gates": "Unknown",
    "utilities": "Unknown",
    "receptors": "Unknown",
}
"""Layers in the order they are written, with the geometry type that an empty one is given."""

MORE_LAYERS = {"sidings": "LineString"}
"""Layers that are written only where a plan has any; folders without them are whole."""

TABLES = (
    "projects",
    "allocation",
    "capacities",
    "balance",
    "changes",
    "reasons",
    "remedies",
    "margins",
)
"""Tables without geometry."""

OPTIONAL_TABLES = (
    "flows",
    "phases",
    "phase_capacities",
    "infrastructure",
    "forward",
    "deadlines",
    "offers",
)
"""Tables that a plan has only where flows, years, deadlines or offers are asked for."""

# GDAL stamps each layer with the time it was changed; a fixed one keeps the bytes alike.
_FIXED_DATE = {"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"}


def write_plan(plan: PlanLayers, path: Path) -> None:
    """Write all layers and tables of a plan into a new GeoPackage.

    The same plan gives the same bytes. A layer of one geometry type declares it; one that
    mixes single and multi geometries is promoted to multi; any other mix is ``GEOMETRY``.
    Lists are joined by ``;``.

    Parameters
    ----------
    plan : PlanLayers
    path : Path
        A file that does not exist yet.

    Raises
    ------
    OSError
        If the disk takes no more.
    """
    with _fixed_date(), disk_faults_told(path):
        for name in layers_of(plan):
            frame = storable(getattr(plan, name))
            kind, promote = geometry_type(frame, EMPTY_TYPES.get(name, "Unknown"))
            pyogrio.write_dataframe(
                frame, path, layer=name, driver="GPKG", geometry_type=kind, promote_to_multi=promote
            )
        for name in tables_of(plan):
            pyogrio.write_dataframe(storable(getattr(plan, name)), path, layer=name, driver="GPKG")


def layers_of(plan: PlanLayers) -> list[str]:
    """List the layers that are written of a plan, in their order."""
    return [*EMPTY_TYPES, *(name for name in MORE_LAYERS if len(getattr(plan, name)))]


def write_frames(frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write layers and tables into a new GeoPackage; the same ones give the same bytes.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        By name; those with geometry become layers.
    path : Path
        A file that does not exist yet.

    Raises
    ------
    OSError
        If the disk is full.
    """
    with _fixed_date(), disk_faults_told(path):
        for name, frame in frames.items():
            kept, kind = storable(frame), {}
            if isinstance(kept, gpd.GeoDataFrame):
                found, promote = geometry_type(kept, "Unknown")
                kind = {"geometry_type": found, "promote_to_multi": promote}
            pyogrio.write_dataframe(kept, path, layer=name, driver="GPKG", **kind)


def tables_of(plan: PlanLayers) -> tuple[str, ...]:
    """Return the names of a plan's tables, without optional ones that nobody has asked for."""
    return (*TABLES, *(name for name in OPTIONAL_TABLES if _asked(plan, name)))


def _asked(plan: PlanLayers, name: str) -> bool:
    """Tell a table from the one that every plan has by default."""
    frame, made = getattr(plan, name), PlanLayers.__dataclass_fields__[name].default_factory
    return bool(len(frame)) or (callable(made) and list(frame.columns) != list(made().columns))


def read_plan(directory: Path) -> PlanLayers:
    """Read a saved plan back.

    Values and nulls are those that were saved; whole numbers with nulls come as ``Int64``,
    yes/no with nulls as ``boolean``, text as ``str``, and rows are numbered anew.

    Parameters
    ----------
    directory : Path
        A folder that a plan was saved in: ``plan.gpkg`` and ``manifest.json``.

    Returns
    -------
    PlanLayers

    Raises
    ------
    GeoplanError
        With everything that is missing or unreadable.
    """
    problems = Problems()
    header = _read_header(directory / MANIFEST_NAME, problems)
    content: dict[str, Any] = header | _read_frames(directory / GEOPACKAGE_NAME, problems)
    problems.raise_any()
    return PlanLayers(**content)


def _read_header(path: Path, problems: Problems) -> dict[str, Any]:
    """Read what a plan has besides its layers."""
    try:
        manifest = read_manifest(path)
    except GeoplanError as error:
        problems.take(error)
        return {}
    remedy = "Plan anew, or restore the manifest that was saved with the plan."
    for key, kind in {"name": str, "notice": str, "spz_distance_m": Mapping}.items():
        if not isinstance(manifest.get(key), kind):
            problems.add(str(path), f"'{key}' is missing or no {kind.__name__}.", remedy)
    if problems.found:
        return {}
    try:
        distances = {int(c): float(m) for c, m in manifest["spz_distance_m"].items()}
    except (TypeError, ValueError):
        problems.add(str(path), "'spz_distance_m' holds something else than numbers.", remedy)
        return {}
    return {
        "name": manifest["name"],
        "notice": manifest["notice"],
        "spz_distance_m": distances,
        "manifest": scenario_seen_by_all(manifest, path.parent),
    }


def _read_frames(path: Path, problems: Problems) -> dict[str, pd.DataFrame]:
    remedy = "Name a folder that 'geoplan plan' has written."
    try:
        if not readable_file(path, most_bytes=FILE_MAX_BYTES).is_file():
            raise FileNotFoundError
    except (FileNotFoundError, NotADirectoryError):
        problems.add(str(path), "there is no such file.", remedy)
        return {}
    except OSError as error:
        problems.add(str(path), f"it cannot be read ({error.strerror}).", remedy)
        return {}
    frames: dict[str, pd.DataFrame] = {}
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            present = set(pyogrio.list_layers(path)[:, 0])
            missing = [name for name in (*EMPTY_TYPES, *TABLES) if name not in present]
            if not missing:
                more = (n for n in (*MORE_LAYERS, *OPTIONAL_TABLES) if n in present)
                names = (*EMPTY_TYPES, *TABLES, *more)
                frames = {name: _read_layer(path, name) for name in names}
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        remedy = REMEDY_LOCKED if LOCKED in str(error) else remedy
        problems.add(str(path), f"it is not a readable GeoPackage ({error}).", remedy)
        return {}
    if warned:  # a file that a plan has written gives no cause for it, unless it is damaged
        told = shown(dict.fromkeys(str(each.message) for each in warned))
        problems.add(str(path), f"it is damaged (GDAL says: {told}).", remedy)
    if missing:
        problems.add(str(path), "layers of the plan are missing.", remedy, missing)
    return frames


def _read_layer(path: Path, name: str) -> pd.DataFrame:
    """Read one layer or table with the types that the file declares, nulls or not."""
    info = pyogrio.read_info(path, layer=name)
    frame: pd.DataFrame = pyogrio.read_dataframe(path, layer=name)
    for field, declared in zip(info["fields"], info["dtypes"], strict=True):
        found = str(frame[field].dtype)
        if declared == "object" and found != "str":
            frame[field] = frame[field].astype("str")
        elif declared == "bool" and found != "bool":
            frame[field] = frame[field].astype("boolean")
        elif declared.startswith("int") and not found.startswith("int"):
            frame[field] = frame[field].astype("Int64")
    return frame


def storable(frame: pd.DataFrame) -> pd.DataFrame:
    """Give every column one of the types that a GeoPackage has."""
    if frame.columns.empty:
        # A plan without a portfolio; GDAL writes no table without a column.
        return pd.DataFrame({"project_id": pd.Series(dtype="str")})
    stored = frame.reset_index(drop=True)
    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    for name in stored.columns.drop([geometry] if geometry is not None else []):
        column = stored[name]
        if not pd.api.types.is_numeric_dtype(column):
            stored[name] = _one_type(column)
    return stored


def _one_type(column: pd.Series) -> pd.Series:
    found = pd.api.types.infer_dtype(column, skipna=True)
    if found == "boolean":
        return column.astype("boolean")
    if found == "integer":
        return column.astype("Int64")
    if found in {"floating", "mixed-integer-float"}:
        return column.astype("float64")
    return column.map(_text, na_action="ignore").astype("str")


def _text(cell: object) -> str:
    parts = cell if isinstance(cell, list | tuple) else (cell,)
    return writable(";".join(str(part) for part in parts))


def geometry_type(frame: gpd.GeoDataFrame, empty: str) -> tuple[str, bool]:
    """Return the type a layer declares, and whether its geometries are promoted to multi."""
    kinds = set(frame.geom_type.dropna())
    if not kinds:
        return empty, False
    single = {kind.removeprefix("Multi") for kind in kinds}
    if len(single) > 1:
        return "Unknown", False
    if len(kinds) > 1:
        return f"Multi{single.pop()}", True
    return kinds.pop(), False


@contextmanager
def _fixed_date() -> Iterator[None]:
    before = {key: pyogrio.get_gdal_config_option(key) for key in _FIXED_DATE}
    pyogrio.set_gdal_config_options(_FIXED_DATE)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
