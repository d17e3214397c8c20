"""The map's layers as Folium knows them; what they draw is in the page's one payload."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from folium.elements import ElementAddToElement
from folium.map import Layer, LayerControl
from folium.template import Template
from folium.utilities import JsCode

from geoplan.publish.map.words import N_

if TYPE_CHECKING:
    from geoplan.publish.map.page import PlanMap


class PlanLayer(Layer):
    """A layer that draws one part of the plan on a canvas in a pane of its own.

    Panes are stacked in a fixed order, so that layers switched off and on again do not cover
    what lies over them.

    Parameters
    ----------
    page_id : str
        Hexadecimal digits that the page's content determines; makes names in the page unique
        and yet the same in every run.
    title : str, optional
        What it is called instead of its usual title.
    """

    part: ClassVar[str]
    title: ClassVar[str]
    shown: ClassVar[bool] = True

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            const {{ this.get_name() }} =
                geoplan.layer(
                    {{ this._parent.get_name() }}, {{ this.part|tojson }},
                    {{ this.layer_name|tojson }}
                );
        {% endmacro %}
        """
    )

    def __init__(self, page_id: str, title: str | None = None) -> None:
        super().__init__(title or self.title, overlay=True, show=self.shown)
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

    part, title = "gates", N_("Gates and siding")


class LabelLayer(PlanLayer):
    """Zone edges, and names of what the other layers show."""

    part, title = "labels", N_("Names and zone edges")


class FindingLayer(PlanLayer):
    """Findings where they are; off until asked for."""

    part, title, shown = "findings", N_("Findings"), False


class UtilityLayer(PlanLayer):
    """Sources of utilities and the land that they serve."""

    part, title, shown = "utilities", N_("Utilities"), False


class SpzLayer(PlanLayer):
    """Sanitary distances around receptors."""

    part, title = "spz", N_("Sanitary distances")


class PlotLayer(PlanLayer):
    """Plots, coloured as the legend says, with their passports."""

    part, title = "plots", N_("Plots")


class StreetLayer(PlanLayer):
    """Street land and centrelines."""

    part, title = "streets", N_("Streets")


class ExclusionLayer(PlanLayer):
    """Land that cannot be plotted."""

    part, title = "exclusions", N_("Exclusions")


class LandLayer(PlanLayer):
    """Green, utilities, services, reserve and residual land."""

    part, title = "land", N_("Other land")


class ReceptorLayer(PlanLayer):
    """Housing and other receptors."""

    part, title = "receptors", N_("Receptors")


class ZoneLayer(PlanLayer):
    """Zones by use."""

    part, title = "zones", N_("Zones")


class FlowLayer(PlanLayer):
    """What flows between plots and gates; off until asked for, and only where anything does."""

    part, title, shown = "flows", N_("Flows of goods"), False


LAYERS: tuple[type[PlanLayer], ...] = (
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
NO_TITLES: Mapping[str, str] = {}


def add_layers(
    drawn: PlanMap,
    *,
    titles: Mapping[str, str] = NO_TITLES,
    without: Container[str] = (),
    flows: bool = False,
) -> None:
    """Add all layers to a map, and the control that switches them.

    Parameters
    ----------
    drawn : PlanMap
    titles : mapping of str to str
        What layers are called that have not their usual titles, by part.
    without : container of str
        Parts that the map has no layer for.
    flows : bool
        Whether the page carries any.
    """
    kinds: tuple[type[PlanLayer], ...] = (FlowLayer, *LAYERS) if flows else LAYERS
    for kind in kinds:
        if kind.part not in without:
            drawn.add_child(kind(drawn.page_id, titles.get(kind.part)))
    control = LayerControl()
    control.options["collapsed"] = JsCode("geoplan.narrow()")  # type: ignore[assignment]
    control._id = drawn.page_id
    drawn.add_child(control)
