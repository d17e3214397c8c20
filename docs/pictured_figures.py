"""What can be told below a picture, each figure from the plan itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from pictured_land import Case

import geoplan


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


def _placed_ids(plan: geoplan.Plan) -> list[str]:
    return plan.allocation.loc[plan.allocation["status"] == "placed", "project_id"].tolist()


def _total(plan: geoplan.Plan, column: str) -> float:
    return float(plan.projects.set_index("project_id").loc[_placed_ids(plan), column].sum())


def _fit(plan: geoplan.Plan) -> str:
    asked = plan.projects.set_index("project_id")["area_ha"]
    given = plan.plots.dropna(subset="project_id").set_index("project_id")["area_ha"]
    wanted = asked[given.index]
    return f"{(wanted - (wanted - given).abs()).sum():.1f} of {wanted.sum():.1f} ha as asked"


def _pairs(plan: geoplan.Plan, column: str) -> list[tuple[str, str, float]]:
    """Pairs that a column of the portfolio names, with the metres between their plots."""
    held = plan.plots.dropna(subset="project_id").set_index("project_id").geometry
    return [
        (one, other, held[one].distance(held[other]))
        for one, named in zip(plan.projects["project_id"], plan.projects[column], strict=True)
        for other in (named.split(";") if isinstance(named, str) else ())
        if {one, other} <= set(held.index)
    ]


def near_of(plan: geoplan.Plan) -> list[tuple[str, str, bool]]:
    """Return wishes to stand near, each with whether it is kept."""
    near_m = plan.manifest["settings"]["allocate"]["near_m"]
    return [(one, other, far <= near_m) for one, other, far in _pairs(plan, "near")]


def _wishes(plan: geoplan.Plan) -> str:
    kept = [kept for *_, kept in near_of(plan)]
    return f"{sum(kept)} of {len(kept)} wishes kept"


def apart_of(plan: geoplan.Plan) -> list[tuple[str, str, float]]:
    """Return those to stand apart who are placed, each with the metres between their plots."""
    return _pairs(plan, "apart")


def _between(plan: geoplan.Plan) -> str:
    told = [f"{one} to {other} {far:.0f} m" for one, other, far in apart_of(plan)]
    return "; ".join(told) or "no two of them have a plot"


def work_of(plan: geoplan.Plan) -> float:
    """Return the transport work of a plan, t km a year."""
    return float((plan.flows["t_year"] * plan.flows["km"]).sum())


def bound_of(plan: geoplan.Plan, aim: str) -> float:
    """Return what is proven of an objective."""
    (bound,) = (stage["bound"] for stage in plan.manifest["solver"] if stage["aim"] == aim)
    return float(bound)


def _work(plan: geoplan.Plan) -> str:
    tonnes = plan.flows["t_year"].sum()
    return f"{work_of(plan):,.0f} t km a year, {1000 * work_of(plan) / tonnes:.0f} m a tonne"


def _moved(plan: geoplan.Plan) -> str:
    told = plan.changes
    count = ((told["subject"] == "project") & (told["change"] == "moved")).sum()
    return f"{count} moved" if count else "nobody moved"


def _power(plan: geoplan.Plan) -> str:
    (row,) = plan.capacities.to_dict("records")
    return f"{row['used']:g} of {row['capacity']:g} MW"


def _inflow(plan: geoplan.Plan) -> str:
    told = plan.phases[plan.phases["inflow_bn_usd"] > 0]
    each = [f"{row.year} {row.inflow_bn_usd:.2f}" for row in told.itertuples()]
    return f"bn USD: {', '.join(each)}"


def _short(plan: geoplan.Plan) -> str:
    missing = plan.phases["missing_bn_usd"].dropna()
    return f"short of its target in {(missing > 0).sum()} of {len(missing)} years"


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
    "investment": lambda plan: f"{_total(plan, 'invest_bn_kzt'):g} bn KZT placed",
    "jobs": lambda plan: f"{_total(plan, 'jobs'):g} jobs",
    "points": lambda plan: f"{_total(plan, 'priority'):g} points of priority",
    "fit": _fit,
    "wishes": _wishes,
    "between": _between,
    "work": _work,
    "moved": _moved,
    "power": _power,
    "inflow": _inflow,
    "short": _short,
    "proposed": _proposed,
}
"""What can be told below a picture, each from the plan itself."""


def figures_of(case: Case, plan: geoplan.Plan) -> list[str]:
    """Return the lines printed below a picture."""
    return [FIGURES[name](plan) for name in case.told]
