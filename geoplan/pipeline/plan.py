"""A plan as a notebook has it: its layers and tables, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoplan.advice import advice_on
from geoplan.audit import audit
from geoplan.errors import GeoplanError, Problem, nearest_name
from geoplan.plan import PlanLayers
from geoplan.publish import report_html, save, write_text
from geoplan.site import Finding
from geoplan.stages import Progress

if TYPE_CHECKING:
    import folium
    import geopandas as gpd


@dataclass(frozen=True, eq=False)
class Plan(PlanLayers):
    """A plan as a notebook has it: its layers and tables, a map, and a way to save it."""

    def map(
        self,
        *,
        against: PlanLayers | None = None,
        audience: str = "planner",
        language: str = "en",
    ) -> folium.Map:
        """Draw the plan; a notebook shows the result. See :func:`geoplan.publish.map.plan_map`."""
        from geoplan.publish.map import plan_map

        return plan_map(self, against=against, audience=audience, language=language)

    def explore(self, layer: str | gpd.GeoDataFrame, *, colour: str | None = None) -> folium.Map:
        """Draw one layer, or any frame, coloured by a column; a notebook shows the result.

        See :func:`geoplan.publish.map.explored_map`.
        """
        from geoplan.publish.map import explored_map

        return explored_map(self, layer, colour=colour)

    def save(self, directory: str | Path, *, progress: Progress | None = None) -> Path:
        """Write all files of the plan, all or nothing; see :func:`geoplan.publish.save`."""
        return save(self, Path(directory), progress=progress)

    def save_map(
        self,
        path: str | Path,
        *,
        against: PlanLayers | None = None,
        audience: str = "planner",
        language: str = "en",
    ) -> Path:
        """Write the map alone; see :func:`geoplan.publish.map.plan_map`."""
        from geoplan.publish.map import map_html

        page = map_html(self, against=against, audience=audience, language=language)
        return write_text(page, Path(path))

    def save_report(self, path: str | Path) -> Path:
        """Write the report alone."""
        return write_text(report_html(self), Path(path))

    def export(
        self,
        directory: str | Path,
        *,
        formats: Sequence[str],
        paper: str = "A3",
        scale: int | None = None,
        progress: Progress | None = None,
    ) -> Path:
        """Hand the plan over in formats of others, all or nothing.

        See :func:`geoplan.publish.exports.export`.
        """
        from geoplan.publish.exports import export

        return export(
            self, Path(directory), formats=formats, paper=paper, scale=scale, progress=progress
        )

    def to_postgis(self, address: str, *, progress: Progress | None = None) -> str:
        """Write the plan into a schema of a PostGIS database, as a whole or not at all.

        See :func:`geoplan.publish.exports.postgis.export_to_database`.
        """
        from geoplan.publish.exports.postgis import export_to_database

        return export_to_database(self, address, progress=progress)

    def audited(self) -> list[Finding]:
        """Check the plan again; see :func:`geoplan.audit.audit`."""
        return audit(self)

    def explained(self, project_id: str) -> dict[Any, Any]:
        """Say where a project stands, or why it has no plot.

        Raises
        ------
        GeoplanError
            If the plan knows no such project.
        """
        row = self.allocation[self.allocation["project_id"] == project_id]
        if row.empty:
            known = self.allocation["project_id"].astype(str)
            cause = f"the plan has no project '{project_id}'."
            raise GeoplanError([Problem("allocation", cause, nearest_name(project_id, known))])
        told = row.iloc[0].to_dict()
        if pd.isna(told.get("waiting")):
            told.pop("waiting", None)  # who has a plot, or has withdrawn, waits for nothing
        return told | advice_on(self, project_id)
