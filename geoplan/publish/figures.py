"""The plan's technical-economic indicators (ТЭП), computed from its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from geoplan.config import UTILITIES
from geoplan.publish.columns import objective_titled
from geoplan.publish.formats import number, percent
from geoplan.site.schema import STREET_CLASSES
from geoplan.units import M2_PER_HA

if TYPE_CHECKING:
    from geoplan.plan import PlanLayers


class Figure(NamedTuple):
    """One indicator: what, in which unit, how much, of how much, which share of it."""

    title: str
    unit: str
    value: str
    total: str = ""
    share: str = ""


def land_figures(plan: PlanLayers) -> list[Figure]:
    """Areas of the zones, plots, streets and what is left, and the streets' length."""
    gross_ha = plan.zones.area.sum() / M2_PER_HA
    by_kind = plan.land.groupby("kind")["area_ha"].sum()
    free = plan.plots[plan.plots["project_id"].isna()]
    return [
        Figure("Gross area of the zones", "ha", number(gross_ha, 2)),
        _area("Plots", plan.plots["area_ha"].sum(), gross_ha),
        _count("Plots", len(plan.plots)),
        _area("Free plots", free["area_ha"].sum(), gross_ha),
        _count("Free plots", len(free)),
        _area("Streets", by_kind.get("street", 0.0), gross_ha),
        Figure("Streets, length", "km", number(plan.streets["length_m"].sum() / 1000, 2)),
        *_sidings(plan),
        _area("Residual land", by_kind.get("residual", 0.0), gross_ha),
    ]


def _sidings(plan: PlanLayers) -> list[Figure]:
    """Return the length of the railway sidings, where there are any."""
    if plan.sidings.empty:
        return []
    return [
        Figure("Railway sidings, length", "km", number(plan.sidings["length_m"].sum() / 1000, 2))
    ]


def street_table(plan: PlanLayers) -> pd.DataFrame:
    """Length, land and cost of the streets, one row a class.

    Parameters
    ----------
    plan : PlanLayers
        Costs of a kilometre stand in the settings of its manifest.

    Returns
    -------
    DataFrame
        ``class, length_km``; ``row_ha`` (length times right of way, so that crossings count
        twice) and ``length_m_ha`` (length for each hectare of the zones). If the settings state
        a cost, also ``cost_mln_kzt`` and the same for each hectare of the zones
        (``cost_gross_mln_kzt_ha``) and of plots (``cost_plots_mln_kzt_ha``), null for a class
        whose cost is not stated.
    """
    streets = plan.streets[["class", "length_m"]].assign(
        row_ha=plan.streets["length_m"] * plan.streets["row_m"] / M2_PER_HA
    )
    sums = streets.groupby("class")[["length_m", "row_ha"]].sum()
    known = [name for name in STREET_CLASSES if name in sums.index]
    sums = sums.loc[[*known, *sorted(set(sums.index) - set(known))]]
    gross_ha = plan.zones.area.sum() / M2_PER_HA
    table = pd.DataFrame(
        {
            "class": sums.index,
            "length_km": sums["length_m"].to_numpy() / 1000,
            "row_ha": sums["row_ha"].to_numpy(),
            "length_m_ha": sums["length_m"].to_numpy() / gross_ha,
        }
    )
    stated = plan.manifest.get("settings", {}).get("subdivide", {})
    costs = [stated.get(f"street_{name}_cost_mln_kzt_km") for name in table["class"]]
    if any(cost is not None for cost in costs):
        cost = pd.Series(costs, dtype=float) * table["length_km"]
        plots_ha = plan.plots["area_ha"].sum()
        table["cost_mln_kzt"] = cost
        table["cost_gross_mln_kzt_ha"] = cost / gross_ha
        table["cost_plots_mln_kzt_ha"] = cost / plots_ha if plots_ha else float("nan")
    return table


def layout_figures(plan: PlanLayers) -> list[Figure]:
    """How good the layout is: shapes of plots, ways to a gate, streets for each hectare."""
    if not len(plan.plots):
        return []
    plots = plan.plots
    shape, way = plots["rectangularity"], plots["gate_distance_m"].astype("Float64").dropna()
    gross_ha = plan.zones.area.sum() / M2_PER_HA
    search = plan.manifest.get("layout_search", {})
    figures = [
        Figure("Rectangularity of plots, median", "", number(shape.median(), 3)),
        Figure("Rectangularity of plots, 5th percentile", "", number(shape.quantile(0.05), 3)),
        Figure("Depth of plots, median", "m", number(plots["depth_m"].median(), 1)),
        Figure("Frontage of plots, median", "m", number(plots["frontage_m"].median(), 1)),
        _part("Corner plots, number", "", int(plots["corner"].sum()), len(plots), 0),
        Figure("Streets for each hectare", "m", number(plan.streets.length.sum() / gross_ha, 1)),
    ]
    if len(way):
        figures.append(Figure("Way to a gate, median", "m", number(way.median(), 0)))
        figures.append(Figure("Way to a gate, longest", "m", number(way.max(), 0)))
    if search:
        figures.append(Figure("Layouts tried", "", number(search["layouts_tried"])))
        gain = search["score_best_ha"] - search["score_median_ha"]
        figures.append(Figure("Gained over the median layout", "weighted ha", number(gain, 1)))
    return figures


def project_figures(plan: PlanLayers) -> list[Figure]:
    """Projects, area, investment and jobs: placed, and asked for by who has not withdrawn."""
    placed_ids = plan.allocation.loc[plan.allocation["status"] == "placed", "project_id"]
    if "project_id" not in plan.projects:
        return []
    asked = plan.projects[~plan.projects["project_id"].isin(plan.gone)]
    placed = asked[asked["project_id"].isin(placed_ids)]
    figures = [_part("Projects placed", "", len(placed), len(asked), 0)]
    for title, unit, column, decimals in (
        ("Area wanted by the projects placed", "ha", "area_ha", 2),
        ("Investment placed", "bn KZT", "invest_bn_kzt", 1),
        ("Jobs placed", "", "jobs", 0),
    ):
        if column in plan.projects:
            total = asked[column].sum()
            figures.append(_part(title, unit, placed[column].sum(), total, decimals))
    given_ha = plan.allocation["area_ha"].sum()
    figures.append(Figure("Area given to projects", "ha", number(given_ha, 2)))
    return figures


def utility_figures(plan: PlanLayers) -> list[Figure]:
    """Use of all utilities of a kind against their capacity."""
    sums = plan.capacities.groupby("kind", sort=False)[["used", "capacity"]].sum()
    known = [kind for kind in UTILITIES if kind in sums.index]
    others = sorted(set(sums.index) - set(known))
    figures = []
    for kind in (*known, *others):
        title, unit = UTILITIES.get(kind, (str(kind), ""))
        used, capacity = sums.loc[kind]
        figures.append(_part(f"{title} used", unit, used, capacity, 1))
    return figures


def solver_figures(manifest: Mapping[str, Any]) -> list[Figure]:
    """How good the allocation is proved to be; one set for each aim that was solved."""
    solved = manifest.get("solver", ())
    runs: Sequence[Any] = [solved] if isinstance(solved, Mapping) else list(solved)
    figures = []
    for run in runs:
        title, unit = objective_titled(str(run["aim"])) if run.get("aim") else ("", "")
        aim = f", {title[:1].lower()}{title[1:]}" if title else ""
        figures += [
            Figure(f"Allocation{aim}", "", str(run.get("status", "unknown"))),
            Figure(f"Objective and its bound{aim}", unit, _solved(run, "objective"),
                   _solved(run, "bound"), f"gap {percent(run.get('gap'), 2)}"),
        ]  # fmt: skip
    return figures


def headline(plan: PlanLayers) -> list[Figure]:
    """Return the figures that a reader wants first, for the tiles above the tables."""
    land = {(figure.title, figure.unit): figure for figure in land_figures(plan)}
    chosen = [
        land["Gross area of the zones", "ha"],
        land["Plots", "ha"],
        land["Streets", "ha"],
        land["Residual land", "ha"],
    ]
    wanted = {"Projects placed", "Investment placed", "Jobs placed"}
    chosen += [figure for figure in project_figures(plan) if figure.title in wanted]
    return chosen + solver_figures(plan.manifest)[:1]  # the aim that matters most


def _area(title: str, area_ha: float, gross_ha: float) -> Figure:
    share = percent(area_ha / gross_ha) if gross_ha else ""
    return Figure(title, "ha", number(area_ha, 2), number(gross_ha, 2), share)


def _count(title: str, count: int) -> Figure:
    return Figure(f"{title}, number", "", number(count))


def _part(title: str, unit: str, part: Any, whole: Any, decimals: int) -> Figure:
    share = percent(part / whole) if whole else ""
    return Figure(title, unit, number(part, decimals), number(whole, decimals), share)


def _solved(run: Mapping[str, Any], key: str) -> str:
    return number(run.get(key), 3)
