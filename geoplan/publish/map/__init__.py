"""The plan as a Folium map: one file, light, legible, and it works without a network."""

from __future__ import annotations

from folium.map import LayerControl
from folium.utilities import JsCode

from geoplan.plan import PlanLayers
from geoplan.publish.map.content import page_content, park_bounds
from geoplan.publish.map.layers import LAYERS
from geoplan.publish.map.page import PlanMap
from geoplan.publish.map.payload import packed

__all__ = ["PlanMap", "map_html", "plan_map"]


def plan_map(plan: PlanLayers) -> PlanMap:
    """Draw a plan on a Folium map.

    Parameters
    ----------
    plan : PlanLayers

    Returns
    -------
    PlanMap
        A :class:`folium.Map`: a notebook shows it, ``save`` writes one self-contained file.
    """
    drawn = PlanMap(plan.name, packed(page_content(plan)), park_bounds(plan))
    for layer in LAYERS:
        drawn.add_child(layer(drawn.page_id))
    control = LayerControl()
    control.options["collapsed"] = JsCode("geoplan.narrow()")  # type: ignore[assignment]
    control._id = drawn.page_id
    drawn.add_child(control)
    return drawn


def map_html(plan: PlanLayers) -> str:
    """Return the page of a plan's map; the same plan gives the same text."""
    return str(plan_map(plan).get_root().render())
