"""Reads a scenario's inputs into a :class:`~geoplan.site.schema.Site`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import cast

import geopandas as gpd
import pandas as pd
import pyproj

from geoplan.config import LAYERS, Scenario, each_file
from geoplan.crs import check_areas, working_crs
from geoplan.database import without_password
from geoplan.errors import GeoplanError, Problems
from geoplan.site.built import Infrastructure
from geoplan.site.checks import check_locks, check_together
from geoplan.site.columns import check_mapping, read_columns
from geoplan.site.crossings import cut_roads
from geoplan.site.findings import Finding, Remarks
from geoplan.site.flows import (
    BY_SECTOR,
    checked_flows,
    flow_table,
    flows_of,
    note_shared_ids,
    told_of_sectors,
)
from geoplan.site.given import Site
from geoplan.site.infrastructure import checked_infrastructure, in_time
from geoplan.site.inputs import Inputs
from geoplan.site.records import layer_records, table_records
from geoplan.site.repair import buffered, check_declared, check_land, repair, to_working
from geoplan.site.schema import CONTRACTS
from geoplan.site.several import ids_of_files, joined, site_of_ids
from geoplan.site.sidings import check_gates, laid, with_tracks

TRANSPORT = "transport"
"""The objective that asks for flows."""


def read_site(scenario: Scenario, *, drawn: Iterable[str] | None = None) -> Site:
    """Read, check and repair all that a scenario names.

    Parameters
    ----------
    scenario : Scenario
        As :func:`geoplan.config.load_scenario` returns it.
    drawn : iterable of str, optional
        Ids of plots that an earlier plan has drawn: projects may be locked to these.

    Returns
    -------
    Site
        Layers in the working CRS, in metres, with every column of their contracts.

    Raises
    ------
    GeoplanError
        With the problems of all layers together: files, layers and columns that are not
        there, values outside their contracts, geometry that cannot be used, overlapping
        zones, a CRS that falsifies areas.
    """
    settings = scenario.site
    problems = Problems()
    findings: list[Finding] = []
    check_mapping(scenario.columns, problems)
    crs = _crs(settings.crs, problems)
    layers = {}
    notes = problems, findings
    with Inputs(scenario.folder) as inputs:
        for name in LAYERS:
            remarks = Remarks(name, name, *notes)
            layers[name] = _layer(getattr(settings, name), scenario, crs, remarks, inputs)
        remarks = Remarks("infrastructure", "infrastructure", *notes)
        built = _built(scenario, crs, layers, remarks, inputs)
        projects = _projects(scenario, Remarks("projects", "projects", *notes), inputs)
        flows = _flows(scenario, projects, layers["gates"], notes, inputs)
    if projects is not None and layers["plots"] is not None:
        _check_locks(projects, layers["plots"], scenario, drawn, Remarks("projects", "", *notes))
    _lay_tracks(layers, scenario, Remarks("sidings", "sidings", *notes))
    problems.raise_any()
    # A layer or CRS that could not be had is a problem, so all of them are there now.
    there = cast("dict[str, gpd.GeoDataFrame]", layers)
    findings.extend(cut_roads(there["roads"], there["exclusions"]))
    waiting = (there["zones"], there["utilities"], there["roads"])
    site = Site(
        name=settings.name,
        notice=settings.notice,
        year=settings.year,
        crs=cast("pyproj.CRS", crs),
        projects=projects,
        findings=tuple(findings),
        inputs=MappingProxyType(inputs.sha256s),
        flows=flow_table() if flows is None else flows,
        infrastructure=None if built is None else Infrastructure(built, *waiting),
        origin=site_of_ids(inputs.ids),
        **there,
    )
    return in_time(site)


def _built(
    scenario: Scenario,
    crs: pyproj.CRS | None,
    layers: dict[str, gpd.GeoDataFrame | None],
    remarks: Remarks,
    inputs: Inputs,
) -> pd.DataFrame | None:
    """Read the infrastructure, from all its files; None where there is none to be had."""
    named = scenario.site.infrastructure
    if named is None:
        return None
    table = _layer(named, scenario, crs, remarks, inputs)
    remarks = _of_files(remarks, each_file(named))
    return None if table is None else checked_infrastructure(table, layers, remarks)


def _lay_tracks(
    layers: dict[str, gpd.GeoDataFrame | None], scenario: Scenario, remarks: Remarks
) -> None:
    """Lay the sidings, and take their land from the zones' where nothing is wrong with any."""
    named = scenario.site.sidings
    sidings, exclusions, gates = (layers[name] for name in ("sidings", "exclusions", "gates"))
    if named is None or sidings is None or exclusions is None or gates is None:
        return
    remarks = _of_files(remarks, each_file(named))
    layers["sidings"] = laid(sidings, scenario.norm_profile.rail.siding_radius_min_m, remarks)
    check_gates(layers["sidings"], gates, remarks)
    if not remarks.problems.found:
        layers["exclusions"] = with_tracks(exclusions, layers["sidings"], remarks)


def _of_files(remarks: Remarks, files: Sequence[str]) -> Remarks:
    """Return remarks that name these files, or tables of databases, of their layer."""
    named = ", ".join(without_password(text) for text in files)
    return replace(remarks, where=f"{remarks.layer} ({named})")


def _check_locks(
    projects: pd.DataFrame,
    plots: gpd.GeoDataFrame,
    scenario: Scenario,
    drawn: Iterable[str] | None,
    remarks: Remarks,
) -> None:
    """Hold locks against the cadastre's plots, or those that an earlier plan drew."""
    lockable: pd.DataFrame | None = plots
    if scenario.subdivide.mode != "given":
        ids = None if drawn is None else list(drawn)
        lockable = None if ids is None else pd.DataFrame({"plot_id": ids, "project_id": None})
    remarks = _of_files(remarks, _files_of_projects(scenario))
    check_locks(projects, lockable, remarks, new_plot_ids=scenario.subdivide.new_plot_ids)


def _files_of_projects(scenario: Scenario) -> Sequence[str]:
    return () if scenario.portfolio is None else each_file(scenario.portfolio.projects)


def _crs(text: str, problems: Problems) -> pyproj.CRS | None:
    try:
        return working_crs(text)
    except GeoplanError as error:
        problems.take(error)
        return None


def _layer(
    named: str | tuple[str, ...] | None,
    scenario: Scenario,
    crs: pyproj.CRS | None,
    remarks: Remarks,
    inputs: Inputs,
) -> gpd.GeoDataFrame | None:
    """Read one layer, from all its files; None when it cannot be had in the working CRS."""
    if named is None:
        read = read_columns(pd.DataFrame(), {}, remarks, absent=True)
        return gpd.GeoDataFrame(read.frame, geometry=[], crs=crs)
    files = each_file(named)
    frames = [
        _file(text, scenario, crs, _of_files(remarks, [text]), inputs, one_of=len(files))
        for text in files
    ]
    there = [frame for frame in frames if frame is not None]
    if len(there) < len(files):
        return None
    whole = _of_files(remarks, files)
    inputs.ids[remarks.layer] = ids_of_files(there, remarks.layer)
    return _measured(joined(there, [without_password(text) for text in files], whole), whole)


def _file(
    text: str,
    scenario: Scenario,
    crs: pyproj.CRS | None,
    remarks: Remarks,
    inputs: Inputs,
    *,
    one_of: int,
) -> gpd.GeoDataFrame | None:
    """Read one file of a layer, repaired; None when it cannot be had in the working CRS."""
    source, layer = inputs.find(text, remarks), remarks.layer
    if source is None:
        return None
    mapping, several = scenario.columns.get(layer, {}), one_of > 1
    read = layer_records(source, mapping, crs, remarks, CONTRACTS[layer], one_of_several=several)
    moved = None if read is None or crs is None else to_working(read.frame, crs, remarks)
    return None if moved is None else repair(moved, remarks)


def _measured(layer: gpd.GeoDataFrame, remarks: Remarks) -> gpd.GeoDataFrame:
    """Apply what only holds of one layer's repaired geometry."""
    if remarks.layer == "exclusions":
        return buffered(layer, remarks)
    if remarks.layer == "plots":
        check_land(layer, remarks)
        check_declared(layer, remarks)
    if remarks.layer == "zones":
        sound = check_land(layer, remarks)
        if len(sound):
            try:
                check_areas(sound)
            except GeoplanError as error:
                remarks.problems.take(error)
    return layer


def _projects(scenario: Scenario, remarks: Remarks, inputs: Inputs) -> pd.DataFrame | None:
    """Read the portfolio, from all its files; None without one, or when one cannot be read."""
    files = _files_of_projects(scenario)
    if not files:
        return None
    remarks = _of_files(remarks, files)
    frames = [
        _table(text, scenario, _of_files(remarks, [text]), inputs, one_of=len(files))
        for text in files
    ]
    there = [frame for frame in frames if frame is not None]
    if len(there) < len(files):
        return None
    inputs.ids[remarks.layer] = ids_of_files(there, remarks.layer)
    projects = joined(there, [without_password(text) for text in files], remarks)
    check_together(projects, remarks, files=len(files))
    return projects


def _flows(
    scenario: Scenario,
    projects: pd.DataFrame | None,
    gates: gpd.GeoDataFrame | None,
    notes: tuple[Problems, list[Finding]],
    inputs: Inputs,
) -> pd.DataFrame | None:
    """Read the flows that a scenario names, or make those that its sectors usually have."""
    if scenario.portfolio is None or projects is None or gates is None:
        return None
    text = scenario.portfolio.flows
    if text is None and TRANSPORT not in scenario.allocate.objective:
        return None
    remarks = Remarks("flows", "flows", *notes)
    if text is None or text == BY_SECTOR:
        made = flows_of(projects, gates, scenario.norm_profile.flows)
        note_shared_ids(made, projects, gates, remarks)
        notes[1].append(told_of_sectors(made, scenario.norms.profile))
        return made
    remarks = _of_files(remarks, [text])
    table = _table(text, scenario, remarks, inputs, one_of=1)
    return None if table is None else checked_flows(table, projects, gates, remarks)


def _table(
    text: str, scenario: Scenario, remarks: Remarks, inputs: Inputs, *, one_of: int
) -> pd.DataFrame | None:
    """Read a table that has no geometry: the portfolio, or its flows."""
    source, layer = inputs.find(text, remarks), remarks.layer
    if source is None:
        return None
    mapping = scenario.columns.get(layer, {})
    read = table_records(source, mapping, remarks, CONTRACTS[layer], one_of_several=one_of > 1)
    return None if read is None else read.frame
