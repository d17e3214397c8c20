"""The tables beside plots and projects: balance, capacities, findings and streets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geoplan.plan import BALANCE_COLUMNS, PlanLayers
from geoplan.publish.map.features import SEVERITY_WORDS, STREET_WORDS
from geoplan.publish.map.known import UTILITY_NAMES, UTILITY_UNITS
from geoplan.publish.map.payload import Integers
from geoplan.publish.map.tables import Field, coded_fields
from geoplan.publish.map.words import N_

BALANCE_FIELDS = (
    Field("zone_id", N_("Zone")),
    Field("kind", N_("Kind")),
    Field("area_ha", N_("Area"), N_("ha"), 4),
    Field("share", N_("Share"), digits=6),
    Field("norm_min", N_("Norm, at least"), digits=6),
    Field("norm_max", N_("Norm, at most"), digits=6),
    Field("ok", N_("Within the norm")),
)
CAPACITY_FIELDS = (
    Field("utility_id", N_("Utility")),
    Field("kind", N_("Kind"), worded=True),
    Field("unit", N_("Unit"), worded=True),
    Field("capacity", N_("Capacity"), digits=3),
    Field("used", N_("Used"), digits=3),
)
FINDING_FIELDS = (
    Field("severity", N_("Severity"), worded=True),
    Field("rule", N_("Rule"), worded=True),
    Field("layer", N_("Layer"), worded=True),
    Field("subject", N_("Subject")),
    Field("message", N_("What was found")),
    Field("remedy", N_("Remedy")),
)
STREET_FIELDS = (
    Field("street_id", N_("Street")),
    Field("class", N_("Class"), worded=True),
    Field("row_m", N_("Right of way"), N_("m"), 1),
    Field("length_m", N_("Length"), N_("m")),
)


def ledgers(plan: PlanLayers) -> dict[str, dict[str, Any]]:
    """Code the tables that the page shows besides plots and projects.

    Returns
    -------
    dict
        ``balance``, ``capacities``, ``findings`` and ``streets``, each with ``count`` of rows
        and coded ``fields``; findings and streets have ``places`` too: per row its shape in the
        layer of that name, or -1 where it has none.
    """
    return {
        "balance": _coded(plan.balance.reindex(columns=list(BALANCE_COLUMNS)), BALANCE_FIELDS),
        "capacities": _coded(_capacities(plan), CAPACITY_FIELDS),
        "findings": _findings(plan),
        "streets": _streets(plan),
    }


def _coded(table: pd.DataFrame, fields: tuple[Field, ...]) -> dict[str, Any]:
    return {"count": len(table), "fields": coded_fields(table, fields)}


def _capacities(plan: PlanLayers) -> pd.DataFrame:
    """Return the capacities with kinds and units in words; none where it is not told how great."""
    if "capacity" not in plan.capacities:
        return pd.DataFrame()
    kind = plan.capacities["kind"]
    return plan.capacities.assign(kind=kind.replace(UTILITY_NAMES), unit=kind.map(UTILITY_UNITS))


def _findings(plan: PlanLayers) -> dict[str, Any]:
    findings = plan.findings
    located = (findings.geometry.notna() & ~findings.geometry.is_empty).to_numpy()
    table = pd.DataFrame(findings.drop(columns=findings.geometry.name)).assign(
        severity=findings["severity"].replace(SEVERITY_WORDS),
        remedy=findings["remedy"].replace("", None),
    )
    places = np.where(located, np.cumsum(located) - 1, -1)
    return _coded(table, FINDING_FIELDS) | {"places": places}


def _streets(plan: PlanLayers) -> dict[str, Any]:
    """Return the centrelines; in their layer they come after the streets' land."""
    table = plan.streets.assign(**{"class": plan.streets["class"].replace(STREET_WORDS)})
    first = int((plan.land["kind"] == "street").sum())
    places: Integers = first + np.arange(len(table), dtype=np.int64)
    return _coded(table, STREET_FIELDS) | {"places": places}
