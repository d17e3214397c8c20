"""Reads what many parks share: their table, layers whose records name a park, one portfolio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa
import pyproj

from geoplan.config import LAYERS, Programme, Scenario, SiteSettings, load_scenario
from geoplan.config.programme import SHARED_LAYERS
from geoplan.crs import check_areas, working_crs
from geoplan.database import without_password
from geoplan.errors import GeoplanError, Problems, nearest_name, shown
from geoplan.site.columns import check_mapping, read_columns, record_names
from geoplan.site.findings import Finding, Remarks
from geoplan.site.given import Site
from geoplan.site.infrastructure import in_time
from geoplan.site.inputs import Inputs
from geoplan.site.read import read_site
from geoplan.site.records import layer_records, table_records
from geoplan.site.repair import buffered, check_land, repair, to_working
from geoplan.site.schema import CONTRACTS, ID_SEPARATOR, YEAR, LayerContract
from geoplan.site.sources import Source


@dataclass(frozen=True, eq=False)
class Park:
    """One park of a programme.

    Attributes
    ----------
    park_id, name, region : str
    lon, lat : float
        Degrees, WGS 84.
    available_year : int or None
        No zone of it is available before.
    site : Site
        Without a portfolio; in the park's own CRS.
    scenario : Scenario
        How it is planned.
    """

    park_id: str
    name: str
    region: str
    lon: float
    lat: float
    available_year: int | None
    site: Site
    scenario: Scenario


@dataclass(frozen=True, eq=False)
class Nation:
    """What a programme is given.

    Attributes
    ----------
    programme : Programme
    parks : tuple of Park
        In the order of their table.
    projects : DataFrame
        The portfolio, with ``regions`` and ``park_ids`` (null: anywhere) besides its columns.
    findings : tuple of Finding
        What was assumed in reading what the parks share.
    inputs : mapping of str to str
        Path as the programme writes it to SHA-256.
    """

    programme: Programme
    parks: tuple[Park, ...]
    projects: pd.DataFrame
    findings: tuple[Finding, ...]
    inputs: Mapping[str, str]


def _needed(dtype: str, meaning: str, *checks: pa.Check) -> pa.Column:
    told = {"required": True, "dtype": dtype, "choice": False}
    return pa.Column(dtype, checks=list(checks), description=meaning, metadata=told)


def _optional(dtype: str, meaning: str, *checks: pa.Check) -> pa.Column:
    told = {"required": False, "dtype": dtype, "choice": False}
    return pa.Column(dtype, checks=list(checks), nullable=True, description=meaning, metadata=told)


def _degrees(most: float) -> pa.Check:
    return pa.Check.in_range(
        -most,
        most,
        title=f"must be degrees between -{most:g} and {most:g}",
        description="Write decimal degrees, WGS 84.",
    )


_PLAIN = pa.Check.str_matches(
    r"^\w[\w .-]*$",
    title="must be letters, figures, '_', '-', '.' and spaces",
    description="Rename them: each park gets a folder of its name.",
)
_PARK_ID = _needed("str", "id of the park that it belongs to")
PARKS = LayerContract(
    "park_id",
    pa.DataFrameSchema(
        {
            "park_id": pa.Column(
                "str",
                checks=[_PLAIN],
                unique=True,
                description="id of the park",
                metadata=_PARK_ID.metadata,
            ),
            "name": _optional("str", "its name; the id where none is given"),
            "region": _needed("str", "the region that it lies in"),
            "crs": _optional("str", "its working CRS; needed unless it has a scenario"),
            "lon": _needed("float64", "where it lies, degrees east", _degrees(180)),
            "lat": _needed("float64", "where it lies, degrees north", _degrees(90)),
            "available_year": _optional("Int64", "no zone is available before", YEAR),
            "scenario": _optional("str", "scenario file that it is read from instead"),
        }
    ),
    may_be_empty=False,
)
PLACES = {
    "regions": _optional("str", "regions that it would go to, joined by ';'; null: any"),
    "park_ids": _optional("str", "parks that it would go to, joined by ';'; null: any"),
}
"""Columns that a programme's portfolio has besides those of a park's."""

NATIONAL: Mapping[str, LayerContract] = MappingProxyType(
    {
        "parks": PARKS,
        **{
            name: replace(
                CONTRACTS[name], columns=CONTRACTS[name].columns.add_columns({"park_id": _PARK_ID})
            )
            for name in SHARED_LAYERS
        },
        "projects": replace(
            CONTRACTS["projects"], columns=CONTRACTS["projects"].columns.add_columns(PLACES)
        ),
    }
)
"""Contracts of a programme's tables and layers."""


@dataclass
class _Reading:
    """A programme being read: what has been found so far."""

    programme: Programme
    inputs: Inputs
    problems: Problems = field(default_factory=Problems)
    findings: list[Finding] = field(default_factory=list)

    def remarks(self, name: str, text: str) -> Remarks:
        return Remarks(name, f"{name} ({without_password(text)})", self.problems, self.findings)

    def table(self, name: str, text: str) -> pd.DataFrame | None:
        remarks = self.remarks(name, text)
        source = self.inputs.find(text, remarks)
        if source is None:
            return None
        mapping = self.programme.columns.get(name, {})
        read = table_records(source, mapping, remarks, NATIONAL[name])
        return None if read is None or read.missing else read.frame

    def layer(self, name: str, text: str) -> gpd.GeoDataFrame | None:
        """Read one layer of all parks, in the CRS that its file states."""
        remarks = self.remarks(name, text)
        source = self.inputs.find(text, remarks)
        if source is None:
            return None
        mapping = self.programme.columns.get(name, {})
        read = layer_records(source, mapping, None, remarks, NATIONAL[name])
        return None if read is None or read.missing else read.frame


def read_nation(programme: Programme) -> Nation:
    """Read, check and repair all that a programme names.

    Parameters
    ----------
    programme : Programme
        As :func:`geoplan.config.load_programme` returns it.

    Returns
    -------
    Nation

    Raises
    ------
    GeoplanError
        With the problems of all tables, layers and parks together: those of a scenario, and
        besides parks without zones, records of unknown parks, projects for unknown regions or
        parks.
    """
    with Inputs(programme.folder) as inputs:
        return _read(_Reading(programme, inputs))


def _read(reading: _Reading) -> Nation:
    programme = reading.programme
    check_mapping(programme.columns, reading.problems, contracts=NATIONAL)
    settings = programme.programme
    table = reading.table("parks", settings.parks)
    layers = {
        name: None if text is None else reading.layer(name, text)
        for name, text in ((name, getattr(settings, name)) for name in SHARED_LAYERS)
    }
    projects = reading.table("projects", settings.projects)
    if projects is not None:
        _check_places(projects, table, reading)
    parks: list[Park | None] = []
    if table is not None:
        table["name"] = table["name"].fillna(table["park_id"])
        by_park = _by_park(table, layers, reading)
        parks = [_park(row, by_park, reading) for row in table.to_dict("records")]
    if projects is None or reading.problems.found:
        raise GeoplanError(reading.problems.found)
    read = tuple(park for park in parks if park is not None)
    found = tuple(reading.findings)
    return Nation(programme, read, projects, found, MappingProxyType(reading.inputs.sha256s))


Layers = Mapping[str, Mapping[str, gpd.GeoDataFrame]]


def _by_park(
    table: pd.DataFrame, layers: Mapping[str, gpd.GeoDataFrame | None], reading: _Reading
) -> Layers:
    """Share layers out to their parks, and note records and parks that have no counterpart."""
    known = table["park_id"].tolist()
    settings = reading.programme.programme
    shared: dict[str, Mapping[str, gpd.GeoDataFrame]] = {}
    for name, layer in layers.items():
        if layer is None:
            shared[name] = {}
            continue
        remarks = reading.remarks(name, str(getattr(settings, name)))
        named = layer[layer["park_id"].notna()]
        strange = named[~named["park_id"].isin(known)]
        if len(strange):
            others = list(dict.fromkeys(strange["park_id"]))
            cause = f"park_id names parks that no row of the parks has: {shown(others)}."
            ids = record_names(strange[NATIONAL[name].key])
            remarks.problem(cause, nearest_name(others[0], known), ids)
        shared[name] = {str(park): part for park, part in named.groupby("park_id", sort=False)}
    own = table["scenario"].isna()
    if settings.zones is None or layers["zones"] is not None:
        without = [each for each in table.loc[own, "park_id"] if each not in shared["zones"]]
        if without:
            cause = "these parks have no zones, so no land that could be planned."
            remedy = "Draw them in the layer of zones with their park_id, name a scenario that"
            remarks = reading.remarks("parks", settings.parks)
            remarks.problem(cause, f"{remedy} has them, or remove the parks.", without)
    return shared


def _park(row: Mapping[Any, Any], by_park: Layers, reading: _Reading) -> Park | None:
    """Read one park; None after a problem."""
    before = len(reading.problems.found)
    year = None if pd.isna(row["available_year"]) else int(row["available_year"])
    try:
        if pd.notna(row["scenario"]):
            site, scenario = _of_scenario(str(row["scenario"]), reading)
        else:
            scenario = _scenario(row, reading.programme)
            site = _site(row, scenario, by_park, reading)
    except GeoplanError as error:
        reading.problems.take(error)
        return None
    if len(reading.problems.found) > before:
        return None
    if year is not None:
        site = _not_before(site, year)
    return Park(
        park_id=str(row["park_id"]),
        name=str(row["name"]),
        region=str(row["region"]),
        lon=float(row["lon"]),
        lat=float(row["lat"]),
        available_year=year,
        site=site,
        scenario=scenario,
    )


def _not_before(site: Site, year: int) -> Site:
    """Let no zone be available before a year, whatever is built for it earlier."""
    built = site.infrastructure
    zones = site.zones if built is None else built.zones
    first = zones["available_year"].fillna(year).clip(lower=year).astype("Int64")
    zones = zones.assign(available_year=first)
    if built is None:
        return replace(site, zones=zones)
    return in_time(replace(site, infrastructure=replace(built, zones=zones)))


def _of_scenario(text: str, reading: _Reading) -> tuple[Site, Scenario]:
    """Read a park's own scenario, without its portfolio; aims and limits are the programme's."""
    remarks = reading.remarks("parks", reading.programme.programme.parks)
    source = reading.inputs.find(text, remarks)
    if not isinstance(source, Source):
        raise GeoplanError([])
    scenario = load_scenario(source.path)
    allocate = reading.programme.allocate
    limits = ("objective", "time_limit_s", "work_limit", "gap", "seed")
    shared = {name: getattr(allocate, name) for name in limits}
    own = scenario.allocate.model_copy(update=shared)
    scenario = scenario.model_copy(update={"portfolio": None, "allocate": own})
    site = read_site(scenario)
    _ = scenario.norm_profile  # read here, for a worker may have no such file
    return replace(site, inputs=dict(site.inputs)), scenario


def _scenario(row: Mapping[Any, Any], programme: Programme) -> Scenario:
    settings = programme.programme
    site = SiteSettings(
        name=str(row["name"]),
        notice=settings.notice,
        crs="" if pd.isna(row["crs"]) else str(row["crs"]),
        year=settings.year,
        **{name: getattr(settings, name) for name in SHARED_LAYERS if name != "zones"},
        zones=settings.zones or "",
    )
    scenario = Scenario(
        site=site,
        subdivide=programme.subdivide,
        allocate=programme.allocate,
        norms=programme.norms,
        columns=programme.columns,
        folder=programme.folder,
    )
    _ = scenario.norm_profile
    return scenario


def _site(row: Mapping[Any, Any], scenario: Scenario, by_park: Layers, reading: _Reading) -> Site:
    park_id = str(row["park_id"])
    try:
        crs = working_crs(scenario.site.crs)
    except GeoplanError as error:
        parks = without_password(reading.programme.programme.parks)
        where = f"parks ({parks}), crs of {park_id}"
        raise GeoplanError(replace(each, where=where) for each in error.problems) from None
    findings: list[Finding] = []
    layers = {}
    for name in LAYERS:
        mine = by_park.get(name, {}).get(park_id)
        named = without_password(str(getattr(scenario.site, name)))
        where = f"{name} ({named}), park {park_id}"
        remarks = Remarks(name, where, reading.problems, findings)
        layers[name] = _absent(remarks, crs) if mine is None else _worked(mine, crs, remarks)
    return Site(
        name=scenario.site.name,
        notice=scenario.site.notice,
        year=scenario.site.year,
        crs=crs,
        projects=None,
        findings=tuple(findings),
        inputs=dict(reading.inputs.sha256s),
        **layers,
    )


def _absent(remarks: Remarks, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    read = read_columns(pd.DataFrame(), {}, remarks, absent=True)
    return gpd.GeoDataFrame(read.frame, geometry=[], crs=crs)


def _worked(layer: gpd.GeoDataFrame, crs: pyproj.CRS, remarks: Remarks) -> gpd.GeoDataFrame:
    """Bring a park's part of a layer into its CRS, repaired and measured."""
    own = layer.drop(columns="park_id").reset_index(drop=True)
    moved = to_working(own, crs, remarks)
    if moved is None:
        raise GeoplanError([])
    whole = repair(moved, remarks)
    if remarks.layer == "exclusions":
        return buffered(whole, remarks)
    if remarks.layer == "zones":
        sound = check_land(whole, remarks)
        if len(sound):
            check_areas(sound)
    return whole


def _check_places(projects: pd.DataFrame, parks: pd.DataFrame | None, reading: _Reading) -> None:
    """Tidy up where projects would go, and note places that there are not."""
    remarks = reading.remarks("projects", reading.programme.programme.projects)
    known = {"regions": "region", "park_ids": "park_id"}
    for column, of_park in known.items():
        projects[column] = projects[column].map(_tidy, na_action="ignore").astype("str")
        if parks is None:
            continue
        names = set(parks[of_park].dropna())
        asked = projects[column].dropna().str.split(ID_SEPARATOR)
        strange = asked.map(
            lambda those, names=names: [each for each in those if each not in names]
        )
        wrong = strange[strange.map(len) > 0]
        if len(wrong):
            others = list(dict.fromkeys(name for each in wrong for name in each))
            cause = f"{column} names what no park has as its {of_park}: {shown(others)}."
            ids = projects["project_id"][wrong.index]
            remarks.problem(cause, nearest_name(others[0], names), ids)
    locked = projects["plot_id"].notna()
    if locked.any():
        cause = "plot_id names plots, but a programme's plots are drawn afresh."
        remedy = "Leave it empty, and name the project's park in park_ids."
        remarks.problem(cause, remedy, projects.loc[locked, "project_id"])


def _tidy(text: str) -> str:
    parts: Iterable[str] = (part.strip() for part in text.split(ID_SEPARATOR))
    return ID_SEPARATOR.join(part for part in parts if part)
