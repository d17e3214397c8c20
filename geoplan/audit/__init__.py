"""What must hold of every plan, checked on the plan itself and on nothing else.

The audit trusts no stage: it measures the geometry and adds up the tables that were written.
Each check is a function that returns findings; `CHECKS` names them all. A broken invariant is
an error; a norm or a wish that is missed is a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from geoplan.audit.audited import Audited
from geoplan.audit.distances import sanitary, separations
from geoplan.audit.entrances import entrances
from geoplan.audit.land import access, balance, coverage, usable_plots
from geoplan.audit.projects import allotment, capacities, places, promises, proof, ways
from geoplan.audit.years import windows, years
from geoplan.plan import PlanLayers
from geoplan.site.findings import Finding

__all__ = ["CHECKS", "audit"]

NEEDS = {
    "chosen area", "use", "hazard", "year", "rail", "main street", "sanitary distance", "apart",
}  # fmt: skip
"""Rules about what a project needs, which may change while its contract holds."""

CHECKS: tuple[Callable[[Audited], Iterable[Finding]], ...] = (
    coverage,
    usable_plots,
    allotment,
    promises,
    capacities,
    places,
    sanitary,
    separations,
    entrances,
    balance,
    access,
    ways,
    proof,
    windows,
    years,
)


def audit(plan: PlanLayers) -> list[Finding]:
    """Check a plan.

    Parameters
    ----------
    plan : PlanLayers
        As made, or as read back from its folder.

    Returns
    -------
    list of Finding
        Errors where an invariant is broken, warnings where a norm or a wish is missed.
    """
    audited = Audited(plan)
    found = [finding for check in CHECKS for finding in check(audited)]
    return [_excused(finding, audited) for finding in found]


def _excused(finding: Finding, audited: Audited) -> Finding:
    """Turn into a warning what a project has broken that stays, whatever it needs."""
    by_contract = finding.subject in audited.kept_by_contract
    if finding.rule not in NEEDS or not (by_contract or finding.subject in audited.locked):
        return finding
    if finding.subject in audited.off_choice:
        return finding
    told = f"{finding.message} It stays {'by contract' if by_contract else 'as it is locked'}."
    remedy = "Amend the contract or the application, or free the plot."
    return replace(finding, severity="warning", message=told, remedy=remedy)
