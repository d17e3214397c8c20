"""From a scenario to a plan: the stages joined, timed and signed."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geoplan.allocate.explain import reasons
from geoplan.allocate.pose import Posed, pose, welcome
from geoplan.allocate.problem import Assignment
from geoplan.allocate.solve import Solution, solve
from geoplan.audit import audit
from geoplan.balance import balance_of
from geoplan.config import Scenario, load_scenario
from geoplan.errors import GeoplanError, Problem, nearest_name
from geoplan.plan import ALLOCATION_COLUMNS, PLOT_COLUMNS, PlanLayers
from geoplan.publish import read_plan, report_html, save, write_text
from geoplan.site import Finding, Site, findings_frame, read_site
from geoplan.site.surroundings import rail_land, surroundings
from geoplan.subdivide.demand import Demand, market_demand, spread_demand
from geoplan.subdivide.plots import Pieces, Subdivision, cut, divided_evenly, equal_pieces
from geoplan.subdivide.quality import graded
from geoplan.subdivide.stage import LaidOut, lay_out
from geoplan.subdivide.strips import Strips
from geoplan.units import M2_PER_HA

if TYPE_CHECKING:
    import folium

Progress = Callable[[str], None]

VERSIONED = (
    "geopandas",
    "shapely",
    "pyproj",
    "pandas",
    "numpy",
    "folium",
    "highspy",
    "networkx",
)
MARKET_OF_STATUS = {
    "application": "optioned",
    "review": "optioned",
    "reservation": "reserved",
    "contract": "sold",
    "construction": "sold",
    "operation": "sold",
}
"""A plot's market state by its project's place in the lifecycle."""
OCCUPATION_OF_STATUS = {"construction": "transitional", "operation": "occupied"}
MARKET_REST_HA = 1e-6


@dataclass(frozen=True, eq=False)
class Plan(PlanLayers):
    """A plan as a notebook has it: its layers and tables, a map, and a way to save it."""

    def map(self) -> folium.Map:
        """Draw the plan; a notebook shows the result."""
        from geoplan.publish.map import plan_map

        return plan_map(self)

    def save(self, directory: str | Path, *, progress: Progress | None = None) -> Path:
        """Write all files of the plan, all or nothing; see :func:`geoplan.publish.save`."""
        return save(self, Path(directory), progress=progress)

    def save_map(self, path: str | Path) -> Path:
        """Write the map alone."""
        from geoplan.publish.map import map_html

        return write_text(map_html(self), Path(path))

    def save_report(self, path: str | Path) -> Path:
        """Write the report alone."""
        return write_text(report_html(self), Path(path))

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
        return row.iloc[0].to_dict()


@dataclass
class _Clock:
    """Seconds of each stage, and word of each beginning."""

    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        if self.progress is not None:
            self.progress(name)
        begun = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun


def run(scenario: str | Path | Scenario, *, progress: Progress | None = None) -> Plan:
    """Make a plan: read, subdivide, allocate, cut, audit.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A scenario file, or one already loaded.
    progress : callable, optional
        Told the name of each stage as it begins.

    Returns
    -------
    Plan

    Raises
    ------
    GeoplanError
        If scenario, layers or portfolio cannot be used, with all their problems.
    """
    clock = _Clock(progress)
    with clock.stage("read"):
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario)
        site = read_site(scenario)
    with clock.stage("subdivide"):
        laid_out = lay_out(
            site.zones,
            site.exclusions,
            site.gates,
            _demands(site, scenario),
            scenario.subdivide,
            favoured=rail_land(site, rail_reach_m=scenario.allocate.rail_reach_m),
        )
    with clock.stage("allocate"):
        allotted = _allotted(site, scenario, laid_out.strips, progress)
    with clock.stage("subdivide"):
        pieces, holder = _pieces(laid_out.strips, allotted, scenario)
        land = cut(
            site.zones,
            site.exclusions,
            laid_out.street_land,
            laid_out.strips,
            pieces,
            scenario.subdivide,
        )
    with clock.stage("audit"):
        plan = _assembled(site, scenario, laid_out, land, allotted, holder)
        findings = [*site.findings, *audit(plan)]
        plan = replace(plan, findings=findings_frame(findings, site.crs))
    seconds = {name: round(value, 3) for name, value in clock.seconds.items()}
    return replace(plan, manifest={**plan.manifest, "stage_seconds": seconds})


def check(scenario: str | Path) -> Site:
    """Read a scenario and everything it names, and do nothing else.

    Raises
    ------
    GeoplanError
        With every problem of scenario, layers and portfolio.
    """
    return read_site(load_scenario(scenario))


def load(directory: str | Path) -> Plan:
    """Read a saved plan back.

    Raises
    ------
    GeoplanError
        If the folder holds no plan.
    """
    layers = read_plan(Path(directory))
    return Plan(**{name: getattr(layers, name) for name in PlanLayers.__dataclass_fields__})


@dataclass(frozen=True)
class _Allotted:
    """The answer, and the problem it answers; without a portfolio there is neither."""

    posed: Posed | None
    solution: Solution | None

    @property
    def assignment(self) -> Assignment:
        if self.solution is None:
            return Assignment(np.empty(0, dtype=np.intp), np.empty(0))
        return self.solution.assignment


def _asking(scenario: Scenario, site: Site) -> pd.DataFrame | None:
    """Return the portfolio that plots are cut for, if any."""
    return site.projects if scenario.subdivide.mode == "to-measure" else None


def _spz(scenario: Scenario) -> dict[int, float]:
    return dict(enumerate(scenario.norm_profile.spz.distance_m, start=1))


def _demands(site: Site, scenario: Scenario) -> dict[str, Demand]:
    """Ask of each plotted zone what the portfolio, or the market, would have there."""
    zones = site.zones[site.zones["use"].isin(scenario.subdivide.plotted_uses)]
    zones = zones.reset_index(drop=True)
    room_ha = zones.area.to_numpy() / M2_PER_HA
    projects = _asking(scenario, site)
    if projects is None:
        return dict(zip(zones["zone_id"], market_demand(room_ha, scenario.subdivide), strict=True))
    around = surroundings(
        site,
        zones,
        spz_distance_m=_spz(scenario),
        rail_reach_m=scenario.allocate.rail_reach_m,
        reach_m=0.0,
    )
    table = pd.DataFrame(zones[["zone_id", "use"]])
    spread = spread_demand(
        projects["area_ha"].to_numpy(dtype=float),
        projects["area_min_ha"].to_numpy(dtype=float),
        projects["area_max_ha"].to_numpy(dtype=float),
        welcome(projects, table, around, scenario.norm_profile),
        room_ha,
    )
    return dict(zip(zones["zone_id"], spread, strict=True))


def _allotted(
    site: Site, scenario: Scenario, strips: Strips, progress: Progress | None
) -> _Allotted:
    projects = _asking(scenario, site)
    if projects is None:
        return _Allotted(None, None)
    norms = scenario.norm_profile
    around = surroundings(
        site,
        strips.table,
        spz_distance_m=_spz(scenario),
        rail_reach_m=scenario.allocate.rail_reach_m,
        reach_m=max(*norms.spz.distance_m, scenario.allocate.apart_m),
    )
    units = pd.DataFrame(strips.table.drop(columns="geometry"))
    units = units.assign(unit_id=units["strip_id"], divisible=True)
    utilities = pd.DataFrame(site.utilities.drop(columns="geometry"))
    posed = pose(projects, units, around, utilities, norms, apart_m=scenario.allocate.apart_m)

    def told(objective: str) -> None:
        if progress is not None:
            progress(f"allocate: {objective}")

    return _Allotted(posed, solve(posed.problem, scenario.allocate, progress=told))


def _pieces(
    strips: Strips, allotted: _Allotted, scenario: Scenario
) -> tuple[Pieces, np.ndarray[Any, np.dtype[np.intp]]]:
    """Areas to cut from each strip, largest first, the market's plots last; and whose they are."""
    if allotted.posed is None:
        pieces = equal_pieces(strips, scenario.subdivide)
        return pieces, np.full(len(pieces.strip), -1, dtype=np.intp)
    assignment = allotted.assignment
    project = np.flatnonzero(assignment.unit >= 0)
    strip = assignment.unit[project]
    area_m2 = assignment.area_ha[project] * M2_PER_HA
    room_m2 = strips.table["area_ha"].to_numpy() * M2_PER_HA
    rest_m2 = room_m2 - np.bincount(strip, weights=area_m2, minlength=len(strips))
    left = np.flatnonzero(rest_m2 > MARKET_REST_HA * M2_PER_HA)
    least_m2 = strips.table["plot_area_min_ha"].to_numpy()[left] * M2_PER_HA
    wanted_m2 = np.maximum(least_m2, scenario.subdivide.market_plot_ha * M2_PER_HA)
    market = divided_evenly(left, rest_m2[left], wanted_m2, least_m2)
    all_strips = np.concatenate([strip, market.strip])
    areas = np.concatenate([area_m2, market.area_m2])
    holder = np.concatenate([project, np.full(len(market.strip), -1, dtype=np.intp)])
    order = np.lexsort((holder, -areas, holder < 0, all_strips))
    return Pieces(all_strips[order], areas[order]), holder[order]


def _assembled(
    site: Site,
    scenario: Scenario,
    laid_out: LaidOut,
    land: Subdivision,
    allotted: _Allotted,
    holder: np.ndarray[Any, np.dtype[np.intp]],
) -> Plan:
    projects = _no_projects() if site.projects is None else site.projects
    plots = graded(land.plots, land.land, laid_out.streets, site.gates)
    plots = _stated(plots, holder, site, projects)
    return Plan(
        name=site.name,
        notice=site.notice,
        zones=land.zones,
        exclusions=site.exclusions,
        gates=site.gates,
        utilities=site.utilities,
        receptors=site.receptors,
        streets=laid_out.streets,
        land=land.land,
        plots=plots,
        projects=projects,
        allocation=_allocation(projects, plots, allotted),
        capacities=_capacities(site, allotted),
        balance=balance_of(land.land, scenario.norm_profile),
        findings=findings_frame([], site.crs),
        spz_distance_m=_spz(scenario),
        manifest=_manifest(site, scenario, laid_out, allotted),
    )


def _no_projects() -> pd.DataFrame:
    return pd.DataFrame({"project_id": pd.Series(dtype="str")})


def _stated(
    plots: gpd.GeoDataFrame,
    holder: np.ndarray[Any, np.dtype[np.intp]],
    site: Site,
    projects: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Give plots their project and their three states."""
    owner = holder[plots["piece"].to_numpy()]
    ids = projects["project_id"].to_numpy(dtype=object)
    status = projects["status"].to_numpy(dtype=object) if "status" in projects else ids
    project_id = [ids[o] if o >= 0 else None for o in owner]
    year = plots["zone_id"].map(site.zones.set_index("zone_id")["available_year"]).astype("Int64")
    stated = plots.assign(
        market=[MARKET_OF_STATUS[status[o]] if o >= 0 else "for sale" for o in owner],
        occupation=[
            OCCUPATION_OF_STATUS.get(status[o], "vacant") if o >= 0 else "vacant" for o in owner
        ],
        servicing=[
            "raw" if pd.isna(y) else "serviced" if y <= site.year else "planned" for y in year
        ],
        available_year=year,
        project_id=pd.Series(project_id, index=plots.index, dtype="str"),
    )
    return stated[[*PLOT_COLUMNS, "geometry"]]


def _allocation(
    projects: pd.DataFrame, plots: gpd.GeoDataFrame, allotted: _Allotted
) -> pd.DataFrame:
    if allotted.posed is None:
        why = "No allocation was asked for: plots were cut to a grid."
        return pd.DataFrame(
            {
                "project_id": projects["project_id"],
                "status": "unplaced",
                "plot_ids": "",
                "area_ha": 0.0,
                "zone_id": "",
                "reason": why,
            },
            columns=list(ALLOCATION_COLUMNS),
        )
    held = plots[plots["project_id"].notna()].set_index("project_id")
    ids = projects["project_id"]
    placed = allotted.assignment.unit >= 0
    return pd.DataFrame(
        {
            "project_id": ids,
            "status": np.where(placed, "placed", "unplaced"),
            "plot_ids": ids.map(held["plot_id"]).fillna(""),
            "area_ha": allotted.assignment.area_ha.round(6),
            "zone_id": ids.map(held["zone_id"]).fillna(""),
            "reason": reasons(allotted.posed, allotted.assignment),
        }
    )


def _capacities(site: Site, allotted: _Allotted) -> pd.DataFrame:
    """Add up what each utility gives to those placed."""
    table = pd.DataFrame(site.utilities[["utility_id", "kind", "capacity"]])
    used = np.zeros(len(table))
    if allotted.posed is not None:
        unit = allotted.assignment.unit
        placed = np.flatnonzero(unit >= 0)
        units, projects = allotted.posed.asked.units, allotted.posed.asked.projects
        for index, (utility_id, kind) in enumerate(
            zip(table["utility_id"], table["kind"], strict=True)
        ):
            served = (units[f"service_{kind}"] == utility_id).to_numpy(dtype=bool)[unit[placed]]
            used[index] = projects[kind].to_numpy(dtype=float)[placed][served].sum()
    return table.assign(used=used, free=table["capacity"] - used).reset_index(drop=True)


def _manifest(
    site: Site, scenario: Scenario, laid_out: LaidOut, allotted: _Allotted
) -> Mapping[str, Any]:
    versions = {name: metadata.version(name) for name in VERSIONED}
    stages = [] if allotted.solution is None else allotted.solution.stages
    solver = [
        {
            "aim": stage.name,
            "status": str(stage.status),
            "objective": stage.value,
            "bound": stage.bound,
            "gap": stage.gap,
        }
        for stage in stages
    ]
    first = (
        {name: solver[0][name] for name in ("status", "objective", "bound", "gap")}
        if solver
        else {}
    )
    return {
        "inputs": dict(site.inputs),
        "settings": scenario.model_dump(mode="json", exclude_none=True),
        "norms": scenario.norm_profile.model_dump(mode="json"),
        "versions": {"python": platform.python_version(), "geoplan": _own_version(), **versions},
        "seed": scenario.allocate.seed,
        **first,
        "solver": solver,
        "layout_search": {
            "layouts_tried": laid_out.layouts_tried,
            "score_median_ha": laid_out.score_median,
            "score_best_ha": laid_out.score_best,
        },
    }


def _own_version() -> str:
    from geoplan import __version__

    return __version__
