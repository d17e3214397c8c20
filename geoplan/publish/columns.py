"""How the plan's columns are titled and formatted where people read them."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from geoplan.config import unit_of


class Column(NamedTuple):
    """A column as shown: its title with the unit, and what it holds.

    ``kind`` is one of ``text, long, ha, m, share, money, number, year, flag, count``.
    """

    title: str
    kind: str


COLUMNS = {
    "area_ha": Column("Area, ha", "ha"),
    "area_max_ha": Column("Most area, ha", "ha"),
    "area_min_ha": Column("Least area, ha", "ha"),
    "asked_ha": Column("Cut for a need of, ha", "ha"),
    "area_wanted_ha": Column("Area wanted, ha", "ha"),
    "area_given_ha": Column("Area given, ha", "ha"),
    "apart": Column("Apart from", "text"),
    "available_year": Column("Available from", "year"),
    "block_id": Column("Block", "text"),
    "cadastral_number": Column("Cadastral number", "text"),
    "capacity": Column("Capacity", "number"),
    "class": Column("Class", "text"),
    "corner": Column("Corner plot", "flag"),
    "cost_gross_mln_kzt_ha": Column("Cost, mln KZT/ha gross", "number"),
    "cost_mln_kzt": Column("Cost, mln KZT", "number"),
    "cost_plots_mln_kzt_ha": Column("Cost, mln KZT/ha of plots", "number"),
    "decision": Column("Decision", "text"),
    "depth_m": Column("Depth, m", "m"),
    "free": Column("Free", "number"),
    "frontage_m": Column("Frontage, m", "m"),
    "frontage_min_m": Column("Least frontage, m", "m"),
    "gas_m3h": Column("Gas, m³/h", "number"),
    "gate_distance_m": Column("Way to a gate, m", "m"),
    "hazard_class": Column("Hazard class", "count"),
    "heat_gcalh": Column("Heat, Gcal/h", "number"),
    "invest_bn_kzt": Column("Investment, bn KZT", "money"),
    "investor": Column("Investor", "text"),
    "jobs": Column("Jobs", "count"),
    "kind": Column("Kind", "text"),
    "layer": Column("Layer", "text"),
    "length_km": Column("Length, km", "number"),
    "length_m_ha": Column("Length, m/ha gross", "m"),
    "market": Column("Market", "text"),
    "message": Column("What was found", "long"),
    "name": Column("Name", "text"),
    "near": Column("Near", "text"),
    "norm_max": Column("Norm, at most", "share"),
    "norm_min": Column("Norm, at least", "share"),
    "occupation": Column("Occupation", "text"),
    "ok": Column("Within the norm", "flag"),
    "plot_id": Column("Plot", "text"),
    "plot_ids": Column("Plots", "text"),
    "power_mw": Column("Power, MW", "number"),
    "price_mln_kzt": Column("Price, mln KZT", "number"),
    "priority": Column("Priority", "number"),
    "project_id": Column("Project", "text"),
    "project_name": Column("Project name", "text"),
    "rail": Column("Rail", "flag"),
    "heavy": Column("Heavy goods vehicles", "flag"),
    "reason": Column("Reason", "long"),
    "rectangularity": Column("Rectangularity", "share"),
    "remedy": Column("Remedy", "long"),
    "row_ha": Column("Right of way, ha", "ha"),
    "rule": Column("Rule", "text"),
    "sector": Column("Sector", "text"),
    "sensitive": Column("Sensitive", "flag"),
    "servicing": Column("Servicing", "text"),
    "severity": Column("Severity", "text"),
    "share": Column("Share", "share"),
    "start_year": Column("Start", "year"),
    "status": Column("Status", "text"),
    "strip_id": Column("Strip", "text"),
    "subject": Column("Subject", "text"),
    "build_years": Column("Years of building", "count"),
    "barred_by": Column("Barred by", "text"),
    "confidence": Column("Confidence", "text"),
    "days_left": Column("Days left", "count"),
    "deadline": Column("Deadline", "text"),
    "fits": Column("Fits", "flag"),
    "freed_by": Column("Freed by", "text"),
    "months_max": Column("Months at most", "count"),
    "offered_to": Column("Offered to", "text"),
    "outcome": Column("Outcome", "text"),
    "rank": Column("Place", "count"),
    "source": Column("Source", "long"),
    "state": Column("State", "text"),
    "then": Column("Then", "text"),
    "why": Column("Why", "text"),
    "area_total_ha": Column("Plots by then, ha", "ha"),
    "at_most_bn_kzt": Column("At most, bn KZT", "money"),
    "cost_bn_kzt": Column("Cost, bn KZT", "money"),
    "depends_on": Column("Depends on", "text"),
    "commodity": Column("Commodity", "text"),
    "from_id": Column("From", "text"),
    "km": Column("Way, km", "number"),
    "project_ids": Column("Placed besides", "text"),
    "proven": Column("Proven", "flag"),
    "t_year": Column("Goods, t a year", "count"),
    "text": Column("In words", "long"),
    "to_id": Column("To", "text"),
    "work_tkm": Column("Transport work, t km a year", "count"),
    "earlier_ids": Column("Start earlier", "text"),
    "effective_year": Column("Counts from", "year"),
    "from_year": Column("From year", "year"),
    "gain_bn_kzt": Column("Placed besides, bn KZT", "money"),
    "gain_bn_kzt_years": Column("Earlier, bn KZT x years", "money"),
    "inflow_bn_kzt": Column("Capital, bn KZT", "money"),
    "inflow_bn_usd": Column("Capital, bn USD", "money"),
    "infrastructure": Column("Infrastructure", "text"),
    "infrastructure_bn_kzt": Column("Its cost, bn KZT", "money"),
    "infrastructure_id": Column("Infrastructure", "text"),
    "invest_total_bn_kzt": Column("Investment by then, bn KZT", "money"),
    "jobs_total": Column("Jobs by then", "count"),
    "missing_bn_usd": Column("Missing to the target, bn USD", "money"),
    "moved_with": Column("With it", "text"),
    "projects": Column("Projects", "count"),
    "projects_total": Column("Projects by then", "count"),
    "serves": Column("Serves", "text"),
    "served_ha": Column("Served, ha", "ha"),
    "target_bn_usd": Column("Target, bn USD", "money"),
    "to_year": Column("To year", "year"),
    "waiting_bn_kzt": Column("Waiting, bn KZT", "money"),
    "waiting_ids": Column("Who waits", "text"),
    "year": Column("Year", "year"),
    "start_year_max": Column("Last start", "year"),
    "starts": Column("Starts", "year"),
    "status_since": Column("Status since", "text"),
    "waits_for": Column("Waits for", "text"),
    "use": Column("Use", "text"),
    "used": Column("Used", "number"),
    "utility_id": Column("Utility", "text"),
    "wastewater_m3d": Column("Waste water, m³/day", "number"),
    "waiting": Column("Waiting list, place", "count"),
    "waiting_number": Column("Projects that wait for it", "count"),
    "water_m3d": Column("Water, m³/day", "number"),
    "zone_id": Column("Zone", "text"),
}
"""Every column of the plan's tables that has a title of its own."""

OBJECTIVE_TITLES = {
    "investment": "Investment",
    "jobs": "Jobs",
    "priority": "Priority",
    "projects": "Projects",
    "near": "Wishes kept",
    "transport": "Transport work",
    "area_fit": "Area that fits",
}
"""Objective -> its title."""

LAND_TITLES = {
    "plot": "Plots",
    "street": "Streets",
    "green": "Green",
    "utilities": "Utilities",
    "services": "Services",
    "reserve": "Reserve",
    "excluded": "Excluded",
    "residual": "Residual",
}
"""Kind of land -> its title, in the order of the balance."""


def column(name: str, values: pd.Series) -> Column:
    """Return how a column is shown; one without a title of its own is shown by its type.

    >>> column("area_ha", pd.Series([1.0])).title
    'Area, ha'
    >>> column("remarks", pd.Series(["none"]))
    Column(title='remarks', kind='text')
    """
    known = COLUMNS.get(name)
    if known is not None:
        return known
    if pd.api.types.is_bool_dtype(values):
        return Column(name, "flag")
    return Column(name, "number" if pd.api.types.is_numeric_dtype(values) else "text")


def objective_titled(aim: str) -> tuple[str, str]:
    """Return an objective's title and unit; a weighted sum is called as it is written.

    >>> objective_titled("area_fit"), objective_titled("investment + 0.002 jobs")
    (('Area that fits', 'ha'), ('investment + 0.002 jobs', 'bn KZT'))
    >>> objective_titled("beauty")
    ('beauty', '')
    """
    try:
        unit = unit_of(aim)
    except ValueError:  # a plan of another geoplan may have had objectives of its own
        unit = ""
    return OBJECTIVE_TITLES.get(aim, aim), unit


def placed_projects(projects: pd.DataFrame, allocation: pd.DataFrame) -> pd.DataFrame:
    """Join each project with what the allocation decided for it.

    Parameters
    ----------
    projects, allocation : DataFrame
        As in :class:`geoplan.plan.PlanLayers`.

    Returns
    -------
    DataFrame
        One row a project, in the portfolio's order: its columns, with ``area_ha`` as
        ``area_wanted_ha``, then ``decision`` (placed, unplaced), ``plot_ids``, ``zone_id``,
        ``area_given_ha``, ``reason`` and ``waiting`` (place on the waiting list).
    """
    if "project_id" not in projects:
        projects = pd.DataFrame(columns=["project_id", "area_ha"])  # a plan without a portfolio
    names = {"status": "decision", "area_ha": "area_given_ha", "start_year": "starts"}
    decided = allocation.rename(columns=names)
    # A locked plot is the input's word; where the project stands is the allocation's.
    wanted = projects.drop(columns="plot_id", errors="ignore")
    wanted = wanted.rename(columns={"area_ha": "area_wanted_ha"})
    results = ["project_id", "decision", "plot_ids", "zone_id", "area_given_ha", "reason"]
    # Older plans have no waiting list, and many no years.
    results += [name for name in ("waiting", "starts", "waits_for") if name in decided]
    return wanted.merge(decided[results], on="project_id", how="left", validate="1:1")


def waiting_first(unplaced: pd.DataFrame) -> pd.DataFrame:
    """Order projects without a plot as they are offered land; those who do not wait come last."""
    if "waiting" not in unplaced:
        return unplaced
    return unplaced.sort_values("waiting", kind="stable", na_position="last")
