"""Findings: what a planner should know about an input or a plan, without stopping the work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import pyproj
import shapely

from geoplan.errors import Problems

FINDING_COLUMNS = ("severity", "rule", "layer", "subject", "message", "remedy")

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing.

    Attributes
    ----------
    severity : {"error", "warning", "info"}
    rule : str
        Short name of the rule that found it, for filtering.
    layer : str
        The layer or table concerned.
    subject : str
        Id of the record concerned; empty when it is the layer as a whole.
    message, remedy : str
        What was found, and what can be done about it; the remedy may be empty.
    geometry : shapely geometry, optional
        Where it is, in the working CRS.
    """

    severity: Severity
    rule: str
    layer: str
    subject: str
    message: str
    remedy: str
    geometry: shapely.Geometry | None = None


@dataclass(frozen=True)
class Remarks:
    """Takes down what one layer's reading brings up: problems that stop it, findings that do not.

    Attributes
    ----------
    layer : str
        The layer's name in the scenario.
    where : str
        The layer with its file, as messages name it.
    problems : Problems
        Shared by all layers, so that all problems are raised together.
    findings : list of Finding
        Shared likewise.
    """

    layer: str
    where: str
    problems: Problems
    findings: list[Finding]

    def problem(self, cause: str, remedy: str, ids: Iterable[object] = ()) -> None:
        """Note what makes the layer unusable; `ids` are the records at fault."""
        self.problems.add(self.where, cause, remedy, ids)

    def warning(
        self,
        rule: str,
        message: str,
        remedy: str,
        *,
        subject: str = "",
        geometry: shapely.Geometry | None = None,
    ) -> None:
        """Note what a planner should look at."""
        self.findings.append(
            Finding("warning", rule, self.layer, subject, message, remedy, geometry)
        )

    def info(self, rule: str, message: str, remedy: str = "") -> None:
        """Note how the layer was understood."""
        self.findings.append(Finding("info", rule, self.layer, "", message, remedy))


def findings_frame(findings: Sequence[Finding], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Tabulate findings.

    Parameters
    ----------
    findings : sequence of Finding
    crs : pyproj.CRS
        CRS of their geometries.

    Returns
    -------
    GeoDataFrame
        One row a finding in the order given: :data:`FINDING_COLUMNS` (text) and ``geometry``,
        null where a finding has no place.

    Examples
    --------
    >>> wide = Finding("warning", "slivers", "plots", "A-1", "It is narrow.", "Widen it.")
    >>> findings_frame([wide], pyproj.CRS("EPSG:32642"))[["severity", "subject"]].values.tolist()
    [['warning', 'A-1']]
    """
    columns = {name: [getattr(f, name) for f in findings] for name in FINDING_COLUMNS}
    places = gpd.GeoSeries([f.geometry for f in findings], crs=crs)
    return gpd.GeoDataFrame(columns, geometry=places, crs=crs).astype(
        dict.fromkeys(FINDING_COLUMNS, "str")
    )
