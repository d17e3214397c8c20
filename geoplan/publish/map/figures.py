"""The few numbers that stand under the map's title."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geoplan.plan import PlanLayers
from geoplan.publish.map.audience import INVESTOR, NOT_ON_OFFER, ON_OFFER
from geoplan.publish.map.words import N_


def figures_of(plan: PlanLayers, audience: str) -> list[dict[str, Any]]:
    """Return key figures, each a text with the numbers in it.

    Parameters
    ----------
    plan : PlanLayers
        As the audience may know it.
    audience : str

    Returns
    -------
    list of dict
        ``label`` and ``text`` to translate; ``numbers`` by their name in the text, each with
        the decimals that are shown.
    """
    zones = _figure(N_("Zones"), N_("{area} ha"), area=(plan.land["area_ha"].sum(), 1))
    if audience == INVESTOR:
        market = plan.plots["market"]
        return [
            zones,
            _plots(N_("Plots on offer"), plan.plots[market == ON_OFFER]),
            _plots(N_("Plots taken"), plan.plots[~market.isin([ON_OFFER, NOT_ON_OFFER])]),
        ]
    status = plan.allocation.get("status", pd.Series(dtype=object))
    severity = plan.findings["severity"].value_counts()
    errors, warnings = (int(severity.get(name, 0)) for name in ("error", "warning"))
    return [
        zones,
        _plots(N_("Plots"), plan.plots),
        _figure(
            N_("Projects placed"),
            N_("{placed} of {all}"),
            placed=((status == "placed").sum(), 0),
            all=(len(plan.projects) - len(plan.gone), 0),
        ),
        _figure(
            N_("Errors, warnings"),
            N_("{errors}, {warnings}"),
            errors=(errors, 0),
            warnings=(warnings, 0),
        ),
    ]


def _plots(label: str, plots: pd.DataFrame) -> dict[str, Any]:
    area_ha = plots["area_ha"].sum()
    return _figure(label, N_("{count} on {area} ha"), count=(len(plots), 0), area=(area_ha, 1))


def _figure(label: str, text: str, **numbers: tuple[float, int]) -> dict[str, Any]:
    told = {
        name: [round(float(value), digits), digits] for name, (value, digits) in numbers.items()
    }
    return {"label": label, "text": text, "numbers": told}
