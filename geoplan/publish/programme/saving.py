"""A programme's folder: tables, layers and its parks' plans, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from geoplan.plan import PlanLayers
from geoplan.publish import save
from geoplan.publish.cells import write_csv
from geoplan.publish.directory import replacing
from geoplan.publish.geopackage import write_frames
from geoplan.publish.manifest import MANIFEST_NAME, WRITTEN_BY, write_manifest
from geoplan.publish.programme.tables import ProgrammeTables

PAGE_NAME = "programme.html"
PACKAGE_NAME = "programme.gpkg"
PLANS_NAME = "parks"
ALLOCATION_COLUMNS = ("project_id", "status", "park_id", "plot_ids", "area_ha", "reason")
TABLES = ("years", "sectors", "regions", "capacities", "lacks", "rounds")


def save_programme(
    programme: ProgrammeTables,
    plans: Mapping[str, PlanLayers],
    directory: Path,
    *,
    language: str = "en",
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write all files of a programme, all or nothing.

    ``allocation.csv``, ``parks.csv`` and ``projects.csv`` for other programs to read,
    ``programme.gpkg`` with all layers (WGS 84) and tables, ``manifest.json``, ``programme.html``
    (:func:`geoplan.publish.programme.page.programme_html`), and ``parks/PARK_ID/`` with each
    park's plan.

    Parameters
    ----------
    programme : ProgrammeTables
    plans : mapping of str to PlanLayers
        Plans to be written whole, by ``park_id``; may be empty.
    directory : Path
        Replaced as a whole; see :func:`geoplan.publish.directory.replacing`.
    language : str
        In which ``programme.html`` opens.
    progress : callable, optional
        Told the name of each file, or park, before it is written.

    Returns
    -------
    Path
        `directory`.

    Raises
    ------
    GeoplanError
        If the folder cannot be replaced or the disk is full, or if there is no such language; the
        old one is untouched.
    """
    # What pages need is slow to import, and planning does without it.
    from geoplan.publish.programme.page import programme_html

    tell = progress if progress is not None else lambda _: None
    with replacing(directory) as folder:
        for number, (park_id, plan) in enumerate(plans.items(), start=1):
            tell(f"{PLANS_NAME}/{park_id} ({number} of {len(plans)})")
            save(plan, folder / PLANS_NAME / park_id)
        for name, table in _sheets(programme).items():
            tell(name)
            write_csv(table, folder / name)
        tell(PAGE_NAME)
        page = programme_html(programme, language=language, planned=plans.keys())
        (folder / PAGE_NAME).write_text(page, encoding="utf-8", newline="\n")
        tell(PACKAGE_NAME)
        _write_package(programme, folder / PACKAGE_NAME)
        files = sorted([*(path.name for path in folder.iterdir()), MANIFEST_NAME])
        signed = dict(programme.manifest) | {
            "name": programme.name,
            "notice": programme.notice,
            "written_by": WRITTEN_BY,
            "files": files,
        }
        write_manifest(signed, folder / MANIFEST_NAME)
    return directory


def _sheets(programme: ProgrammeTables) -> dict[str, pd.DataFrame]:
    return {
        "allocation.csv": programme.projects[list(ALLOCATION_COLUMNS)],
        "parks.csv": pd.DataFrame(programme.parks.drop(columns="geometry")),
        "projects.csv": programme.projects,
    }


def _write_package(programme: ProgrammeTables, path: Path) -> None:
    layers: dict[str, pd.DataFrame] = {
        "parks": programme.parks,
        "zones": programme.zones,
        "plots": programme.plots,
        "projects": programme.projects,
    }
    layers |= {name: getattr(programme, name) for name in TABLES}
    write_frames(layers, path)
