"""``plan.dxf``: the plan for those who draw on in CAD, in metres of the working CRS."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ezdxf
import numpy as np
import shapely
from ezdxf import units
from ezdxf.enums import TextEntityAlignment

from geoplan.publish.cells import writable
from geoplan.publish.exports.labels import labels_in

if TYPE_CHECKING:
    import geopandas as gpd
    from ezdxf.document import Drawing
    from ezdxf.layouts import Modelspace

    from geoplan.plan import PlanLayers

DXF_NAME = "plan.dxf"
APP_ID = "GEOPLAN"
"""Under which entities carry their record: its id, and the number of the contour."""

# AutoCAD Color Index: 7 is black or white, whichever is not the background.
_COLOURS = {
    "ZONES": 5, "ZONES_TEXT": 5, "STREETS_AXES": 1, "STREETS_LAND": 8, "PLOTS": 7,
    "PLOTS_TEXT": 7, "PLOTS_AREAS": 8, "EXCLUSIONS": 6, "GATES": 2, "UTILITIES": 4,
    "RECEPTORS": 30, "LAND_GREEN": 3, "SIDINGS": 2, "NOTES": 7,
}  # fmt: skip
_TEXT_STYLE = "GEOPLAN"
_PLOT_TEXT_MAX_M = 8.0
_CHARACTER = 1.05  # widths of Arial's widest common letters, in heights of a capital
_NOTE_SHARE = 0.008  # height of a note, of the drawing's width
_ID_PIECE = 80  # characters; extended data hold 255 bytes a string
_PERCENTS = re.compile("%{2,}")
_CODED = re.compile(r"\\(?=U\+[0-9A-Fa-f]{4}|M\+[1-5][0-9A-Fa-f]{4})")


def write_dxf(plan: PlanLayers, path: Path) -> None:
    """Write the plan as a DXF drawing (AutoCAD 2010, UTF-8).

    Polygons are closed ``LWPOLYLINE``; a hole is a further one on the same layer. Each entity
    carries, as extended data under :data:`APP_ID`, the id of its record and the number of its
    contour (1 is the outline, further ones are holes or parts). The same plan gives the same
    bytes.

    Parameters
    ----------
    plan : PlanLayers
    path : Path
    """
    with _fixed_stamps():
        drawing = ezdxf.new("R2010", units=units.M)
        drawing.appids.add(APP_ID)
        drawing.styles.add(_TEXT_STYLE, font="arial.ttf")
        drawing.header.custom_vars.append("CRS", _line(_crs_text(plan)))
        space = drawing.modelspace()
        _draw_layers(plan, drawing, space)
        _draw_texts(plan, drawing, space)
        stream = io.StringIO()
        drawing.write(stream)
    comment = f"999\n{_line(_crs_text(plan))}\n"
    path.write_text(comment + stream.getvalue(), encoding="utf-8", newline="\n")


def _draw_layers(plan: PlanLayers, drawing: Drawing, space: Modelspace) -> None:
    street = plan.land["kind"] == "street"
    _draw(drawing, space, "ZONES", plan.zones, "zone_id")
    _draw(drawing, space, "STREETS_AXES", plan.streets, "street_id")
    _draw(drawing, space, "STREETS_LAND", plan.land[street], "land_id")
    _draw(drawing, space, "PLOTS", plan.plots, "plot_id")
    rest = plan.land[~street & (plan.land["kind"] != "plot")]
    for kind, pieces in rest.groupby("kind", sort=True):
        _draw(drawing, space, f"LAND_{_layer_name(str(kind))}", pieces, "land_id")
    _draw(drawing, space, "EXCLUSIONS", plan.exclusions, "exclusion_id")
    _draw(drawing, space, "GATES", plan.gates, "gate_id")
    if len(plan.sidings):
        _draw(drawing, space, "SIDINGS", plan.sidings, "siding_id")
    _draw(drawing, space, "UTILITIES", plan.utilities, "utility_id")
    _draw(drawing, space, "RECEPTORS", plan.receptors, "receptor_id")


def _draw(
    drawing: Drawing, space: Modelspace, layer: str, frame: gpd.GeoDataFrame, key: str
) -> None:
    """Draw a layer's records; one that is empty still has its name in the drawing."""
    _add_layer(drawing, layer)
    ids = frame.get(key, frame.index)
    for name, shape in zip(ids, frame.geometry, strict=True):
        if shape is None or shape.is_empty:
            continue
        for number, (corners, closed) in enumerate(_contours(shape), start=1):
            if len(corners) == 1:
                entity: Any = space.add_point(corners[0], {"layer": layer})
            else:
                entity = space.add_lwpolyline(corners, close=closed, dxfattribs={"layer": layer})
            entity.set_xdata(APP_ID, _record(str(name), number))


def _contours(shape: Any) -> Iterator[tuple[Any, bool]]:
    """Yield corners, shape (n, 2), and whether they close, of each contour of a geometry."""
    for part in shapely.get_parts(shape):
        if part.geom_type == "GeometryCollection":
            yield from _contours(part)
        elif part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                yield shapely.get_coordinates(ring)[:-1], True
        else:
            yield shapely.get_coordinates(part), False


def _record(name: str, number: int) -> list[tuple[int, Any]]:
    text = writable(name).replace("\r", " ").replace("\n", " ")
    pieces = [text[start : start + _ID_PIECE] for start in range(0, len(text), _ID_PIECE)]
    return [*((1000, _whole(piece)) for piece in pieces or [""]), (1070, number)]


def _draw_texts(plan: PlanLayers, drawing: Drawing, space: Modelspace) -> None:
    for layer in ("PLOTS_TEXT", "PLOTS_AREAS", "ZONES_TEXT", "NOTES"):
        _add_layer(drawing, layer)
    _draw_plot_texts(plan, space)
    if not len(plan.zones):
        return
    for name, spot in zip(plan.zones["zone_id"], plan.zones.representative_point(), strict=True):
        _write(space, "ZONES_TEXT", str(name), (spot.x, spot.y), 2 * _PLOT_TEXT_MAX_M)
    west, south, east, _ = plan.zones.total_bounds
    height = max(_NOTE_SHARE * (east - west), 1.0)
    for number, text in enumerate((plan.name, plan.notice, _crs_text(plan)), start=2):
        spot = (west, south - 2 * number * height)
        _write(space, "NOTES", text, spot, height, align=TextEntityAlignment.LEFT)


def _draw_plot_texts(plan: PlanLayers, space: Modelspace) -> None:
    if not len(plan.plots):
        return
    ids = [_line(str(name)) for name in plan.plots["plot_id"]]
    areas = [f"{area_ha:.4f} ha" for area_ha in plan.plots["area_ha"]]
    longest = [max(len(one), len(other)) for one, other in zip(ids, areas, strict=True)]
    labels = labels_in(
        plan.plots.geometry.to_numpy(),
        _CHARACTER * np.array(longest, dtype=float),
        height_max_m=_PLOT_TEXT_MAX_M,
    )
    degrees = np.degrees(labels.angle_rad)
    names = plan.plots["plot_id"].astype(str)
    for layer, texts, places in (
        ("PLOTS_TEXT", names, labels.line_places(0)),
        ("PLOTS_AREAS", areas, labels.line_places(1)),
    ):
        for text, place, height, turn in zip(texts, places, labels.height_m, degrees, strict=True):
            _write(space, layer, text, tuple(place), height, turn_deg=turn)


def _write(
    space: Modelspace,
    layer: str,
    text: str,
    place: tuple[float, float],
    height_m: float,
    *,
    turn_deg: float = 0.0,
    align: TextEntityAlignment = TextEntityAlignment.MIDDLE_CENTER,
) -> None:
    look = {"layer": layer, "style": _TEXT_STYLE, "rotation": float(turn_deg)}
    entity = space.add_text(_line(text), height=float(height_m), dxfattribs=look)
    entity.set_placement(place, align=align)


def _add_layer(drawing: Drawing, name: str) -> None:
    if name not in drawing.layers:
        drawing.layers.add(name, color=_COLOURS.get(name, 9))


def _layer_name(text: str) -> str:
    """Return a name that CAD takes for a layer.

    >>> _layer_name("green / park")
    'GREEN___PARK'
    """
    return re.sub(r"[^A-Z0-9_-]", "_", text.upper()) or "_"


def _line(text: str) -> str:
    r"""Write text so that CAD shows it as it is: no line ends, no control codes.

    >>> _line("100 %%c ^J")
    '100 %%%%%%c ^ J'
    """
    flat = " ".join(writable(text).splitlines()).replace("^", "^ ")
    return _whole(_PERCENTS.sub(lambda run: "%%%" * len(run[0]), flat))


def _whole(text: str) -> str:
    r"""Keep ``\U+0041`` and the like as they are; some readers take them for a character.

    >>> print(_whole(r"C:\new \U+0041"))
    C:\new ＼U+0041
    """
    return _CODED.sub("\N{FULLWIDTH REVERSE SOLIDUS}", text)


def _crs_text(plan: PlanLayers) -> str:
    crs = plan.zones.crs
    authority = crs.to_authority() if crs is not None else None
    code = f" ({':'.join(authority)})" if authority else ""
    return f"CRS: {crs.name if crs is not None else 'not known'}{code}; X = east, Y = north, metres"


@contextmanager
def _fixed_stamps() -> Iterator[None]:
    """Have ezdxf write no times and no random ids; the setting is as it was afterwards."""
    before = ezdxf.options.write_fixed_meta_data_for_testing
    ezdxf.options.write_fixed_meta_data_for_testing = True
    try:
        yield
    finally:
        ezdxf.options.write_fixed_meta_data_for_testing = before
