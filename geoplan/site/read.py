"""Reads a scenario's inputs into a :class:`~geoplan.site.schema.Site`."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import cast

import geopandas as gpd
import pandas as pd
import pyproj

from geoplan.config import LAYERS, Scenario
from geoplan.crs import check_areas, working_crs
from geoplan.database import without_password
from geoplan.errors import GeoplanError, Problems
from geoplan.site.built import Infrastructure
from geoplan.site.checks import check_columns, check_locks
from geoplan.site.columns import check_mapping, read_columns, record_names
from geoplan.site.crossings import cut_roads
from geoplan.site.databases import DatabaseTable
from geoplan.site.findings import Finding, Remarks
from geoplan.site.flows import (
    BY_SECTOR,
    checked_flows,
    flow_table,
    flows_of,
    told_of_sectors,
)
from geoplan.site.formats import stored_layer
from geoplan.site.infrastructure import checked_infrastructure, in_time
from geoplan.site.inputs import Inputs
from geoplan.site.repair import buffered, check_declared, check_land, repair, to_working
from geoplan.site.schema import CONTRACTS, Site
from geoplan.site.sources import Source, steady
from geoplan.site.tables import naming, read_table

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
    built = None
    projects = None
    with Inputs(scenario.folder) as inputs:
        for name in LAYERS:
            text = getattr(settings, name)
            remarks = _remarks(name, text, problems, findings)
            layers[name] = _layer(text, scenario, crs, remarks, inputs)
        if settings.infrastructure is not None:
            text = settings.infrastructure
            remarks = _remarks("infrastructure", text, problems, findings)
            built = _layer(text, scenario, crs, remarks, inputs)
            built = built if built is None else checked_infrastructure(built, layers, remarks)
        if scenario.portfolio is not None:
            text = scenario.portfolio.projects
            remarks = _remarks("projects", text, problems, findings)
            projects = _table(text, scenario, remarks, inputs)
        notes = problems, findings
        flows = _flows(scenario, projects, layers["gates"], notes, inputs)
    if projects is not None:
        lockable = _lockable(scenario, layers["plots"], drawn)
        if layers["plots"] is not None:
            new_ids = scenario.subdivide.new_plot_ids
            check_locks(projects, lockable, remarks, new_plot_ids=new_ids)
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
        **there,
    )
    return in_time(site)


def _remarks(layer: str, text: str | None, problems: Problems, findings: list[Finding]) -> Remarks:
    named = None if text is None else without_password(text)
    return Remarks(layer, f"{layer} ({named})", problems, findings)


def _lockable(
    scenario: Scenario, plots: gpd.GeoDataFrame | None, drawn: Iterable[str] | None
) -> pd.DataFrame | None:
    """Return the plots that may be named: the cadastre's, or those that an earlier plan drew."""
    if scenario.subdivide.mode == "given":
        return plots
    return None if drawn is None else pd.DataFrame({"plot_id": list(drawn), "project_id": None})


def _crs(text: str, problems: Problems) -> pyproj.CRS | None:
    try:
        return working_crs(text)
    except GeoplanError as error:
        problems.take(error)
        return None


def _layer(
    text: str | None,
    scenario: Scenario,
    crs: pyproj.CRS | None,
    remarks: Remarks,
    inputs: Inputs,
) -> gpd.GeoDataFrame | None:
    """Read one layer; None when it cannot be had in the working CRS."""
    if text is None:
        read = read_columns(pd.DataFrame(), {}, remarks, absent=True)
        return gpd.GeoDataFrame(read.frame, geometry=[], crs=crs)
    source = inputs.find(text, remarks)
    mapping = scenario.columns.get(remarks.layer, {})
    key = CONTRACTS[remarks.layer].key
    stored = None
    if source is not None:
        with _steady(source, remarks):
            stored = stored_layer(source, mapping, crs, remarks)
    if source is None or stored is None:
        return None
    read = read_columns(
        pd.DataFrame(stored.frame.drop(columns=stored.frame.geometry.name)),
        mapping,
        remarks,
        decimal_comma=stored.decimal_comma,
        short_names=source.is_shapefile or stored.short_names,
    )
    check_columns(read, remarks)
    geometry = stored.frame.geometry
    layer = gpd.GeoDataFrame(read.frame, geometry=geometry.to_numpy(), crs=geometry.crs)
    for row, reason in stored.broken.items():
        remarks.problem(
            f"the geometry cannot be built ({reason}).",
            "Close its rings, give lines two points and rings four, or remove the record.",
            [record_names(read.frame[key])[row]],
        )
    layer = layer.drop(index=list(stored.broken)).reset_index(drop=True)
    moved = None if crs is None else to_working(layer, crs, remarks)
    return None if moved is None else _measured(repair(moved, remarks), remarks)


def _steady(source: Source | DatabaseTable, remarks: Remarks) -> AbstractContextManager[None]:
    """Hold what is read against its checksum; a database's table has been read by now."""
    return steady(source, remarks) if isinstance(source, Source) else nullcontext()


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
    if text is None or text == BY_SECTOR:
        made = flows_of(projects, gates, scenario.norm_profile.flows)
        notes[1].append(told_of_sectors(made, scenario.norms.profile))
        return made
    remarks = _remarks("flows", text, *notes)
    table = _table(text, scenario, remarks, inputs)
    return None if table is None else checked_flows(table, projects, gates, remarks)


def _table(text: str, scenario: Scenario, remarks: Remarks, inputs: Inputs) -> pd.DataFrame | None:
    """Read a table that has no geometry: the portfolio, or its flows."""
    source = inputs.find(text, remarks)
    mapping = scenario.columns.get(remarks.layer, {})
    wanted = naming([*CONTRACTS[remarks.layer].columns.columns, *mapping.values()])
    table = None
    if source is not None:
        with _steady(source, remarks):
            table = read_table(source, remarks, wanted=wanted)
    if source is None or table is None:
        return None
    read = read_columns(table.frame, mapping, remarks, decimal_comma=table.decimal_comma)
    check_columns(read, remarks)
    return read.frame
