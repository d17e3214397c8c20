"""A plan told year by year, where infrastructure, windows or targets ask for it."""

from __future__ import annotations

from dataclasses import replace

from geoplan.config import Scenario, TargetSettings
from geoplan.forward import forward_table
from geoplan.phases import (
    chosen_matter,
    chosen_years,
    infrastructure_table,
    phase_capacity_table,
    phase_table,
    with_years,
    years_matter,
)
from geoplan.pipeline.land import CutLand
from geoplan.pipeline.plan import Plan


def in_years(plan: Plan, scenario: Scenario, done: CutLand) -> Plan:
    """Choose the years in which projects start, and tell the plan by them.

    Parameters
    ----------
    plan : Plan
        With its allocation.
    scenario : Scenario
    done : CutLand
        What it was assembled of.

    Returns
    -------
    Plan
        The same one where no year is asked for.
    """
    site, posed, assignment = done.site, done.allotted.posed, done.allotted.assignment
    if posed is None or not years_matter(site, scenario):
        return replace(plan, infrastructure=infrastructure_table(site, None, None))
    years = chosen_years(site, posed, assignment)
    targets = scenario.targets or TargetSettings()
    phases = phase_table(site, posed, years, plan.plots, targets)
    told = chosen_matter(site)
    return replace(
        plan,
        allocation=with_years(plan.allocation, years) if told else plan.allocation,
        phases=phases,
        phase_capacities=phase_capacity_table(site, posed, assignment, years, phases),
        infrastructure=infrastructure_table(site, posed, years),
    )


def valued_forward(plan: Plan, done: CutLand) -> Plan:
    """Tell what infrastructure is worth a year earlier."""
    site, posed, assignment = done.site, done.allotted.posed, done.allotted.assignment
    if posed is None or site.infrastructure is None:
        return plan
    years = chosen_years(site, posed, assignment)
    return replace(plan, forward=forward_table(site, posed, assignment, years))
