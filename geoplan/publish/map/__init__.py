"""The plan as a Folium map: one file, light, legible, and it works without a network."""

from __future__ import annotations

from geoplan.plan import PlanLayers
from geoplan.publish.map.audience import NOT_FOR, PLANNER
from geoplan.publish.map.content import FLOWS, page_content, park_bounds
from geoplan.publish.map.explored import explored_map
from geoplan.publish.map.layers import add_layers
from geoplan.publish.map.page import PlanMap
from geoplan.publish.map.payload import packed
from geoplan.publish.map.words import LANGUAGES, check_language

__all__ = ["PlanMap", "explored_map", "map_html", "plan_map"]


def plan_map(
    plan: PlanLayers,
    *,
    against: PlanLayers | None = None,
    audience: str = PLANNER,
    language: str = LANGUAGES[0],
) -> PlanMap:
    """Draw a plan on a Folium map.

    Parameters
    ----------
    plan : PlanLayers
    against : PlanLayers, optional
        An earlier plan, which the page lays beside this one, parted by a handle to drag.
    audience : str
        ``planner``, who is told all of the plan, or ``investor``, who is told what is on offer;
        what is not theirs is not in the page.
    language : str
        In which the page opens: ``en``, ``ru`` or ``kk``. Its reader may choose another.

    Returns
    -------
    PlanMap
        A :class:`folium.Map`: a notebook shows it, ``save`` writes one self-contained file.

    Raises
    ------
    GeoplanError
        If there is no such audience or language, or if the audience may not compare plans.
    """
    check_language(language)
    content = page_content(plan, against=against, audience=audience, language=language)
    drawn = PlanMap(plan.name, packed(content), park_bounds(plan), language=language)
    add_layers(drawn, without=NOT_FOR[audience], flows=FLOWS in content["layers"])
    return drawn


def map_html(
    plan: PlanLayers,
    *,
    against: PlanLayers | None = None,
    audience: str = PLANNER,
    language: str = LANGUAGES[0],
) -> str:
    """Return the page of :func:`plan_map`; the same plan gives the same text."""
    drawn = plan_map(plan, against=against, audience=audience, language=language)
    return str(drawn.get_root().render())
