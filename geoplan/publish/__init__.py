"""From a plan to the files that people open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.errors import GeoplanError, Problem
from geoplan.publish.allocation import write_allocation
from geoplan.publish.changes import CHANGES_NAME, write_changes
from geoplan.publish.directory import replacing
from geoplan.publish.geopackage import GEOPACKAGE_NAME, read_plan, write_plan
from geoplan.publish.manifest import (
    MANIFEST_NAME,
    WRITTEN_BY,
    read_manifest,
    scenario_seen_from,
    write_manifest,
)
from geoplan.publish.register import write_register
from geoplan.publish.report import report_html

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers

__all__ = [
    "GEOPACKAGE_NAME",
    "read_manifest",
    "read_plan",
    "replacing",
    "report_html",
    "save",
    "write_allocation",
    "write_changes",
    "write_manifest",
    "write_plan",
    "write_register",
    "write_text",
]


def save(
    plan: PlanLayers, directory: Path, *, progress: Callable[[str], None] | None = None
) -> Path:
    """Write all files of a plan, all or nothing.

    Two runs on the same plan differ in nothing but the times in ``manifest.json``.

    Parameters
    ----------
    plan : PlanLayers
    directory : Path
        Replaced as a whole; see :func:`geoplan.publish.directory.replacing`.
    progress : callable, optional
        Called with the name of each file before it is written.

    Returns
    -------
    Path
        `directory`.

    Raises
    ------
    GeoplanError
        If the folder cannot be replaced or the disk is full; the old one is untouched.
    """
    writers = _writers()
    if len(plan.changes):
        writers[CHANGES_NAME] = write_changes
    with replacing(directory) as folder:
        for name, write in writers.items():
            if progress is not None:
                progress(name)
            write(plan, folder / name)
        # Last, for it is what says that the folder holds a plan.
        signed = _signed(plan, (*writers, MANIFEST_NAME)) | scenario_seen_from(plan, directory)
        write_manifest(signed, folder / MANIFEST_NAME)
    return directory


def _writers() -> dict[str, Callable[[PlanLayers, Path], None]]:
    return {
        GEOPACKAGE_NAME: write_plan,
        "map.html": _write_map,
        "report.html": _write_report,
        "register.xlsx": write_register,
        "allocation.csv": write_allocation,
    }


def _write_map(plan: PlanLayers, path: Path) -> None:
    # Folium is slow to import, and nothing else here needs it.
    from geoplan.publish.map import map_html

    path.write_text(map_html(plan), encoding="utf-8", newline="\n")


def _write_report(plan: PlanLayers, path: Path) -> None:
    path.write_text(report_html(plan), encoding="utf-8", newline="\n")


def write_text(text: str, path: Path) -> Path:
    """Write one page, the whole of it or nothing, or say why not.

    Raises
    ------
    GeoplanError
        If the file cannot be written; an earlier one is untouched.
    """
    try:
        target = path.resolve()
    except RuntimeError:  # links in a circle
        cause = "it cannot be written (its links lead nowhere but in a circle)."
        raise GeoplanError([Problem(str(path), cause, "Name another file.")]) from None
    try:
        # What is there but no file, a pipe for instance, cannot be replaced.
        part = target if target.exists() and not target.is_file() else _beside(target)
        try:
            part.write_text(text, encoding="utf-8", newline="\n")
            part.replace(target)
        finally:
            if part != target:
                part.unlink(missing_ok=True)
    except OSError as error:
        cause = f"it cannot be written ({error.strerror})."
        remedy = "Name a file in a writable folder."
        raise GeoplanError([Problem(str(path), cause, remedy)]) from None
    return path


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.geoplan-new")


def _signed(plan: PlanLayers, files: tuple[str, ...]) -> dict[str, object]:
    """Add to the manifest what reading the plan back and replacing its folder need."""
    return dict(plan.manifest) | {
        "name": plan.name,
        "notice": plan.notice,
        "spz_distance_m": {str(hazard): far for hazard, far in plan.spz_distance_m.items()},
        "written_by": WRITTEN_BY,
        "files": sorted(files),
    }
