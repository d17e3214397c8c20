"""Small parks that the guide pictures, planned through the public API.

Nothing here draws: ``make_pictures.py`` does, and the tests plan some of these parks afresh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import shapely

import geoplan
from geoplan.config import toml_value

CRS = "EPSG:32642"
EAST_M, NORTH_M = 672_000.0, 5_677_000.0
PICTURES = "pictures"

Points = tuple[tuple[float, float], ...]
Layer = tuple[list[Any], Mapping[str, list[Any]]]


def area(*xy: tuple[float, float], hole: Points = ()) -> shapely.Polygon:
    """Return a polygon whose corners are given in metres from the parks' common origin."""
    holes = [_moved(hole)] if hole else []
    return shapely.Polygon(_moved(xy), holes)


def line(*xy: tuple[float, float]) -> shapely.LineString:
    """Return a line whose vertices are given in metres from the parks' common origin."""
    return shapely.LineString(_moved(xy))


def _moved(xy: Points) -> list[tuple[float, float]]:
    return [(EAST_M + x, NORTH_M + y) for x, y in xy]


@dataclass(frozen=True)
class Land:
    """What is given: layers by name as geometries and columns, a portfolio as CSV, more files."""

    layers: Mapping[str, Layer]
    projects: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


def park(
    zones: Mapping[str, tuple[str, Any]],
    *,
    gates: Points = (),
    kinds: Sequence[str] = (),
    exclusions: tuple[tuple[str, bool, Any], ...] = (),
    projects: str = "",
    files: Mapping[str, str] | None = None,
    **more: Layer,
) -> Land:
    """Put a park together: zones by id with use and outline, exclusions with kind and crossable."""
    layers = {
        "zones": (
            [outline for _, outline in zones.values()],
            {"zone_id": list(zones), "use": [use for use, _ in zones.values()]},
        ),
        **more,
    }
    if gates:
        points = [shapely.Point(xy) for xy in _moved(gates)]
        ids = [f"G{number}" for number in range(1, len(gates) + 1)]
        layers["gates"] = (points, {"gate_id": ids, "kind": [*kinds] or ["road"] * len(gates)})
    if exclusions:
        kinds, crossable, shapes = (list(column) for column in zip(*exclusions, strict=True))
        ids = [f"X{number}" for number in range(1, len(shapes) + 1)]
        columns = {"exclusion_id": ids, "kind": kinds, "crossable": crossable}
        layers["exclusions"] = (shapes, columns)
    return Land(layers, projects, files or {})


def terrace(
    north: Sequence[float],
    south: Sequence[float],
    *,
    sold: str = "",
    gates: Points = ((0.0, 110.0),),
    **more: Any,
) -> Land:
    """Line both sides of a street with the plots of a cadastre, named A, B and so on."""
    depth_m, row_m, names = 100.0, 20.0, iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    long, high = max(sum(north), sum(south)), 2 * depth_m + row_m
    plots = {
        next(names): area((e - wide, s), (e, s), (e, s + depth_m), (e - wide, s + depth_m))
        for widths, s in ((north, depth_m + row_m), (south, 0.0))
        for wide, e in zip(widths, accumulate(widths), strict=True)
    }
    market = ["sold" if plot in sold else "for sale" for plot in plots]
    return park(
        {"Z1": ("production", area((0, 0), (long, 0), (long, high), (0, high)))},
        gates=gates,
        roads=(
            [line((0, high / 2), (long, high / 2))],
            {"road_id": ["R1"], "class": ["local"], "row_m": [row_m]},
        ),
        plots=(list(plots.values()), {"plot_id": list(plots), "market": market}),
        **more,
    )


@dataclass(frozen=True)
class Case:
    """One picture: land planned with some settings, and what is told of it.

    Attributes
    ----------
    name : str
        Of the file, and of the run: cases of one land, mode and settings share a run.
    label : str
        Printed above the picture, Markdown.
    land : Land
    mode : str
    settings : mapping
        Of ``[subdivide]``, as the scenario has them.
    told : tuple of str
        Names of figures in ``pictured_figures.FIGURES``, printed below the picture.
    shows : str
        What is drawn: ``zone``, ``streets``, ``blocks``, ``strips``, or ``plots``; what
        ``draw_allocation.py`` draws of who stands where.
    names : str
        What stands on a plot: ``area_ha``, ``plot_id`` or ``project_id``; columns of projects.
    window : tuple of float, optional
        West, south, east and north of what is drawn, in metres from the common origin.
    tables : mapping
        Settings of other tables, by table.
    before : Case, optional
        What was planned before, where this is planned again.
    """

    name: str
    label: str
    land: Land
    mode: str = "grid"
    settings: Mapping[str, Any] = field(default_factory=dict)
    told: tuple[str, ...] = ("plots", "plot", "street", "residual")
    shows: str = "plots"
    names: str = "area_ha"
    window: tuple[float, float, float, float] | None = None
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    before: Case | None = None

    @property
    def picture(self) -> str:
        """Path of the picture, as the page names it."""
        return f"{PICTURES}/{self.name}.svg"

    @property
    def run(self) -> tuple[object, ...]:
        """What tells runs apart."""
        tables = {"subdivide": self.settings, **self.tables}
        said = sorted((name, sorted(of.items())) for name, of in tables.items())
        return id(self.land), self.mode, repr(said), self.before and self.before.run


@dataclass(frozen=True)
class Topic:
    """Pictures that stand together, and the settings whose effect they show."""

    cases: tuple[Case, ...]
    settings: tuple[str, ...] = ()
    columns: int = 2


def planned(case: Case, folder: Path) -> geoplan.Plan:
    """Write a case's scenario into an empty folder, and plan it.

    Raises
    ------
    GeoplanError
        If the land cannot be used, which some cases are to show.
    """
    scenario = write_scenario(case, folder)
    if not case.land.projects:
        return geoplan.divide(scenario)
    if case.before is None:
        return geoplan.run(scenario)
    with TemporaryDirectory() as earlier:
        return geoplan.run(scenario, previous=planned(case.before, Path(earlier)))


def write_scenario(case: Case, folder: Path) -> Path:
    """Write layers, portfolio and scenario of a case."""
    tables: dict[str, Mapping[str, Any]] = dict(case.tables)
    site = {"name": case.name, "crs": CRS, **tables.get("site", {})}
    tables = {**tables, "site": site}
    for name, (shapes, columns) in case.land.layers.items():
        site[name] = f"{name}.gpkg"
        gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(folder / site[name])
    if case.land.projects:
        (folder / "projects.csv").write_text(case.land.projects, encoding="utf-8")
        tables["portfolio"] = {"projects": "projects.csv", **tables.get("portfolio", {})}
    for name, content in case.land.files.items():
        (folder / name).write_text(content, encoding="utf-8")
    tables["subdivide"] = {"mode": case.mode, **case.settings}
    text = "".join(_section(name, settings) for name, settings in tables.items())
    scenario = folder / "park.toml"
    scenario.write_text(text, encoding="utf-8")
    return scenario


def _section(name: str, settings: Mapping[str, Any]) -> str:
    return f"[{name}]\n" + "".join(f"{k} = {toml_value(v)}\n" for k, v in settings.items())


def blocks_of(plan: geoplan.Plan) -> gpd.GeoDataFrame:
    """Join plots to their blocks."""
    return plan.plots[["block_id", "geometry"]].dissolve("block_id", method="coverage")


def strips_of(plan: geoplan.Plan) -> gpd.GeoDataFrame:
    """Join plots to their strips."""
    return plan.plots[["strip_id", "geometry"]].dissolve("strip_id", method="coverage")
