"""Small parks that docs/subdivision.md pictures, planned through the public API, and their figures.

Nothing here draws: ``make_pictures.py`` does, and the tests plan some of these parks afresh.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

import geoplan
from geoplan.config import toml_value

CRS = "EPSG:32642"
EAST_M, NORTH_M = 672_000.0, 5_677_000.0
PICTURES = "pictures"
PAGE = "subdivision.md"

Points = tuple[tuple[float, float], ...]


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
    """What is given: layers by name as geometries and columns, and a portfolio as CSV."""

    layers: Mapping[str, tuple[list[Any], Mapping[str, list[Any]]]]
    projects: str = ""


def park(
    zones: Mapping[str, tuple[str, Any]],
    *,
    gates: Points = (),
    exclusions: tuple[tuple[str, bool, Any], ...] = (),
    projects: str = "",
    **more: tuple[list[Any], Mapping[str, list[Any]]],
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
        layers["gates"] = (points, {"gate_id": ids, "kind": ["road"] * len(gates)})
    if exclusions:
        kinds, crossable, shapes = (list(column) for column in zip(*exclusions, strict=True))
        ids = [f"X{number}" for number in range(1, len(shapes) + 1)]
        columns = {"exclusion_id": ids, "kind": kinds, "crossable": crossable}
        layers["exclusions"] = (shapes, columns)
    return Land(layers, projects)


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
        Names of figures in :data:`FIGURES`, printed below the picture.
    shows : str
        What is drawn: ``zone``, ``streets``, ``blocks``, ``strips``, or ``plots``.
    names : str
        What stands on a plot: ``area_ha``, ``plot_id`` or ``project_id``.
    window : tuple of float, optional
        West, south, east and north of what is drawn, in metres from the common origin.
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

    @property
    def picture(self) -> str:
        """Path of the picture, as the page names it."""
        return f"{PICTURES}/{self.name}.svg"

    @property
    def run(self) -> tuple[int, str, str]:
        """What tells runs apart."""
        return id(self.land), self.mode, repr(sorted(self.settings.items()))


def planned(case: Case, folder: Path) -> geoplan.Plan:
    """Write a case's scenario into an empty folder, and plan it.

    Raises
    ------
    GeoplanError
        If the land cannot be used, which some cases are to show.
    """
    scenario = write_scenario(case, folder)
    return geoplan.run(scenario) if case.land.projects else geoplan.divide(scenario)


def write_scenario(case: Case, folder: Path) -> Path:
    """Write layers, portfolio and scenario of a case."""
    site = {"name": case.name, "crs": CRS}
    for name, (shapes, columns) in case.land.layers.items():
        site[name] = f"{name}.gpkg"
        gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(folder / site[name])
    text = _section("site", site)
    if case.land.projects:
        (folder / "projects.csv").write_text(case.land.projects, encoding="utf-8")
        text += _section("portfolio", {"projects": "projects.csv"})
    text += _section("subdivide", {"mode": case.mode, **case.settings})
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


def _share(plan: geoplan.Plan, *, kind: str, called: str) -> str:
    areas = plan.land["area_ha"]
    return f"{called} {areas[plan.land['kind'] == kind].sum() / areas.sum():.1%}".replace("%", " %")


def _street_km(plan: geoplan.Plan) -> str:
    lengths = plan.streets.groupby("class")["length_m"].sum()
    each = [f"{c} {lengths[c]:.0f} m" for c in ("main", "collector", "local") if c in lengths]
    return "; ".join(each) or "no streets"


def _proposed(plan: geoplan.Plan) -> str:
    lines = [f"`{line}`" for line in plan.proposals["setting"]]
    return "<br>".join(["proposed:", *lines] if lines else ["nothing more is proposed"])


def _largest_free(plan: geoplan.Plan) -> str:
    free = plan.plots["project_id"].isna() & (plan.plots["market"] == "for sale")
    return f"largest free plot {plan.plots['area_ha'][free].max():.2f} ha"


def _placed(plan: geoplan.Plan) -> str:
    status = plan.allocation["status"]
    return f"{(status == 'placed').sum()} of {len(status)} projects placed"


FIGURES: Mapping[str, Callable[[geoplan.Plan], str]] = {
    "plots": lambda plan: f"{len(plan.plots)} plots",
    "plot": partial(_share, kind="plot", called="plots"),
    "street": partial(_share, kind="street", called="streets"),
    "residual": partial(_share, kind="residual", called="residual"),
    "excluded": partial(_share, kind="excluded", called="excluded"),
    "services": partial(_share, kind="services", called="services"),
    "zone": lambda plan: f"{plan.land['area_ha'].sum():.1f} ha",
    "streets": _street_km,
    "blocks": lambda plan: f"{plan.plots['block_id'].nunique()} blocks",
    "strips": lambda plan: f"{plan.plots['strip_id'].nunique()} strips",
    "middle": lambda plan: f"half of the plots above {plan.plots['area_ha'].median():.2f} ha",
    "smallest": lambda plan: f"smallest plot {plan.plots['area_ha'].min():.2f} ha",
    "largest": lambda plan: f"largest plot {plan.plots['area_ha'].max():.2f} ha",
    "largest free": _largest_free,
    "front": lambda plan: f"least front {plan.plots['frontage_m'].min():.0f} m",
    "deepest": lambda plan: (
        f"greatest depth : front {(plan.plots['depth_m'] / plan.plots['frontage_m']).max():.1f}"
    ),
    "shallowest": lambda plan: (
        f"greatest front : depth {(plan.plots['frontage_m'] / plan.plots['depth_m']).max():.1f}"
    ),
    "layouts": lambda plan: f"{plan.manifest['layout_search']['layouts_tried']} layouts tried",
    "placed": _placed,
    "proposed": _proposed,
}
"""What can be told below a picture, each from the plan itself."""


def figures_of(case: Case, plan: geoplan.Plan) -> list[str]:
    """Return the lines printed below a picture."""
    return [FIGURES[name](plan) for name in case.told]


BLOCK = re.compile(r"(<!-- pictures: ([a-z_ -]+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""A part of the page that is made, by its topic."""


def block(cases: tuple[Case, ...], told: Mapping[str, list[str]], *, columns: int) -> str:
    """Set pictures side by side in a table, each with its label above and figures below."""
    rows: list[list[str]] = []
    for first in range(0, len(cases), columns):
        row = cases[first : first + columns]
        rows.append([case.label for case in row])
        rows.append([f"![{_alt(case, told[case.name])}]({case.picture})" for case in row])
        rows.append(["<br>".join(told[case.name]) for case in row])
    lines = ["| " + " | ".join(row + [""] * (columns - len(row))) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * columns, *lines[1:], ""])


def _alt(case: Case, told: list[str]) -> str:
    return re.sub(r"[`*\[\]]", "", f"{case.label}: {', '.join(told)}").replace("<br>", " ")


def refusal(case: Case, folder: Path) -> str:
    """Plan land that cannot be used, and quote why.

    Raises
    ------
    ValueError
        If it can be used after all.
    """
    try:
        planned(case, folder)
    except geoplan.GeoplanError as error:
        return "".join(f"> {line}\n" for line in str(error).splitlines())
    raise ValueError(f"{case.name} was planned")


def page_with(page: str, blocks: Mapping[str, str]) -> str:
    """Replace the made parts of the page."""
    return BLOCK.sub(lambda found: found[1] + blocks[found[2]] + found[3], page)
