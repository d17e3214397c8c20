"""Hand a plan over in the formats that others work with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.errors import Problems, nearest_name
from geoplan.publish.directory import check_replaceable, replacing
from geoplan.publish.exports.parquet import parquet_problem, write_parquet
from geoplan.publish.geopackage import write_plan
from geoplan.publish.manifest import MANIFEST_NAME, WRITTEN_BY, write_manifest
from geoplan.publish.register import write_register
from geoplan.publish.tradeoff import check_free_of_plan

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers

__all__ = ["FORMATS", "check_exportable", "export"]

LAYERS_NAME = "layers.gpkg"
"""Not ``plan.gpkg``: a folder with that is a plan's own, which no export may replace."""

REGISTER_NAME = "register.xlsx"

FORMATS = {
    "gpkg": "GeoPackage: all layers and tables",
    "shp": "Shapefiles, one a layer, and tables as CSV",
    "kml": "KML in WGS 84, plots coloured by state",
    "parquet": "GeoParquet, one file a layer or table (extra: parquet)",
    "dxf": "DXF drawing in metres of the working CRS",
    "pdf": "one sheet at a true scale",
    "points": "turning points of plots, X = north, Y = east",
    "xlsx": "the register",
}
"""Format -> what it is."""


def check_exportable(directory: Path) -> None:
    """Refuse a folder that an export cannot replace, or that holds a plan.

    Raises
    ------
    GeoplanError
        Before anything has been read or written.
    """
    check_replaceable(directory)
    check_free_of_plan(directory)


def export(
    plan: PlanLayers,
    directory: Path,
    *,
    formats: Sequence[str],
    paper: str = "A3",
    scale: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write a plan in each format, all or nothing; ``manifest.json`` names the files.

    The same plan and options give the same bytes.

    Parameters
    ----------
    plan : PlanLayers
    directory : Path
        Replaced as a whole; see :func:`geoplan.publish.directory.replacing`. Not a plan's own.
    formats : sequence of str
        Keys of :data:`FORMATS`; one named twice is written once.
    paper : str
        Of ``pdf``: A4, A3, A2, A1 or A0, landscape.
    scale : int, optional
        Of ``pdf``: metres on the ground for a metre on paper; by default the largest round one
        at which all zones fit.
    progress : callable, optional
        Told what is written.

    Returns
    -------
    Path
        `directory`.

    Raises
    ------
    GeoplanError
        If a format is unknown, needs a package that is not installed, the zones do not fit on
        the paper, or the folder cannot be replaced; with all problems.
    """
    check_exportable(directory)
    chosen = list(dict.fromkeys(formats))
    _check(plan, chosen, paper, scale)
    files: set[str] = {MANIFEST_NAME}
    with replacing(directory) as folder:
        for name in chosen:
            if progress is not None:
                progress(f"write {name}")
            files.update(_write(plan, folder, name, paper, scale))
        write_manifest(_signed(plan, chosen, files), folder / MANIFEST_NAME)
    return directory


def _check(plan: PlanLayers, formats: Sequence[str], paper: str, scale: int | None) -> None:
    problems = Problems()
    if not formats:
        problems.add("--format", "none is named.", f"Known: {', '.join(FORMATS)}.")
    for name in formats:
        if name not in FORMATS:
            problems.add("--format", f"'{name}' is not known.", nearest_name(name, FORMATS))
    if "parquet" in formats:
        problems.found += filter(None, [parquet_problem()])
    if "pdf" in formats:
        from geoplan.publish.exports.sheet.paper import sheet_problem

        problems.found += filter(None, [sheet_problem(plan, paper=paper, scale=scale)])
    problems.raise_any()


def _write(
    plan: PlanLayers, folder: Path, name: str, paper: str, scale: int | None
) -> Sequence[str]:
    """Write one format and return the names of its files; what is slow to import comes late."""
    if name == "gpkg":
        write_plan(plan, folder / LAYERS_NAME)
        return [LAYERS_NAME]
    if name == "xlsx":
        write_register(plan, folder / REGISTER_NAME)
        return [REGISTER_NAME]
    if name == "parquet":
        return write_parquet(plan, folder)
    if name == "pdf":
        from geoplan.publish.exports.sheet import SHEET_NAME, write_sheet

        write_sheet(plan, folder / SHEET_NAME, paper=paper, scale=scale)
        return [SHEET_NAME]
    return _write_drawn(plan, folder, name)


def _write_drawn(plan: PlanLayers, folder: Path, name: str) -> Sequence[str]:
    if name == "dxf":
        from geoplan.publish.exports.dxf import DXF_NAME, write_dxf

        write_dxf(plan, folder / DXF_NAME)
        return [DXF_NAME]
    if name == "kml":
        from geoplan.publish.exports.kml import KML_NAME, write_kml

        write_kml(plan, folder / KML_NAME)
        return [KML_NAME]
    if name == "shp":
        from geoplan.publish.exports.shapefile import write_shapefiles

        return write_shapefiles(plan, folder)
    from geoplan.publish.exports.points import write_points

    return write_points(plan, folder)


def _signed(plan: PlanLayers, formats: Sequence[str], files: set[str]) -> dict[str, object]:
    """Say what the folder holds, and let a later export replace it."""
    crs = plan.zones.crs
    return {
        "name": plan.name,
        "notice": plan.notice,
        "crs": crs.to_string() if crs is not None else None,
        "formats": list(formats),
        "versions": plan.manifest.get("versions", {}),
        "inputs": plan.manifest.get("inputs", {}),
        "written_by": WRITTEN_BY,
        "files": sorted(files),
    }
