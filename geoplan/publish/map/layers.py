"""The map's layers as Folium knows them; what they draw is in the page's one payload."""

from __future__ import annotations

from typing import Any, ClassVar

from folium.elements import ElementAddToElement
from folium.map import Layer
from folium.template import Template


class PlanLayer(Layer):
    """A layer that draws one part of the plan on a canvas in a pane of its own.

    Panes are stacked in a fixed order, so that layers switched off and on again do not cover
    what lies over them.

    Parameters
    ----------
    page_id : str
        Hexadecimal digits that the page's content determines; makes names in the page unique
        and yet the same in every run.
    """

    part: ClassVar[str]
    title: ClassVar[str]
    shown: ClassVar[bool] = True
    radio: ClassVar[bool] = False

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            const {{ this.get_name() }} =
                geoplan.layer({{ this._parent.get_name() }}, {{ this.part|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, page_id: str) -> None:
        super().__init__(self.title, overlay=not self.radio, show=self.shown)
        self._name = self.part
        self._id = page_id

    # Folium's map elements return nothing, whatever the base class of all elements declares.
    def render(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Render as Folium does, but so that a second rendering replaces the first."""
        parent = self._parent
        if self.show and parent is not None:
            adding = ElementAddToElement(
                element_name=self.get_name(), element_parent_name=parent.get_name()
            )
            adding._id = f"{self.part}_{self._id}"
            self.add_child(adding, name=f"{self.get_name()}_add")
        super(Layer, self).render(**kwargs)  # type: ignore[no-untyped-call]


class GateLayer(PlanLayer):
    """Gates as triangles, squares and circles by kind; the siding as a railway line."""

    part, title = "gates", "Gates and siding"


class LabelLayer(PlanLayer):
    """Zone edges, and names of what the other layers show."""

    part, title = "labels", "Names and zone edges"


class FindingLayer(PlanLayer):
    """Findings where they are; off until asked for."""

    part, title, shown = "findings", "Findings", False


class UtilityLayer(PlanLayer):
    """Sources of utilities and the land that they serve."""

    part, title, shown = "utilities", "Utilities", False


class SpzLayer(PlanLayer):
    """Sanitary distances around receptors."""

    part, title = "spz", "Sanitary distances"


class PlotLayer(PlanLayer):
    """Plots, coloured by sector or by state, with their passports."""

    part, title = "plots", "Plots"


class StreetLayer(PlanLayer):
    """Street land and centrelines."""

    part, title = "streets", "Streets"


class ExclusionLayer(PlanLayer):
    """Land that cannot be plotted."""

    part, title = "exclusions", "Exclusions"


class LandLayer(PlanLayer):
    """Green, utilities, services, reserve and residual land."""

    part, title = "land", "Other land"


class ReceptorLayer(PlanLayer):
    """Housing and other receptors."""

    part, title = "receptors", "Receptors"


class ZoneLayer(PlanLayer):
    """Zones by use."""

    part, title = "zones", "Zones"


class SectorColours(PlanLayer):
    """Switch: plots in the colours of their sectors."""

    part, title, radio = "sector", "Plots by sector", True


class StateColours(PlanLayer):
    """Switch: plots in the colours of their market state."""

    part, title, radio, shown = "state", "Plots by state", True, False


LAYERS: tuple[type[PlanLayer], ...] = (
    SectorColours,
    StateColours,
    GateLayer,
    LabelLayer,
    FindingLayer,
    UtilityLayer,
    SpzLayer,
    PlotLayer,
    StreetLayer,
    ExclusionLayer,
    LandLayer,
    ReceptorLayer,
    ZoneLayer,
)
"""All layers in the order the control lists them: the highest first."""
