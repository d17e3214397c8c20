"""``plan.kml``: zones, streets and plots on the globe, plots in the colours of their state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pandas as pd
import shapely

from geoplan.publish.cells import writable
from geoplan.publish.geopackage import MORE_LAYERS
from geoplan.publish.map.palettes import MARKET_COLOURS, OTHER_COLOUR

if TYPE_CHECKING:
    import geopandas as gpd

    from geoplan.plan import PlanLayers

KML_NAME = "plan.kml"
_DECIMALS = 9  # of a degree: a tenth of a millimetre
_LAYERS = {
    "zones": ("Zones", "zone_id"),
    "exclusions": ("Exclusions", "exclusion_id"),
    "streets": ("Streets", "street_id"),
    "plots": ("Plots", "plot_id"),
    "gates": ("Gates", "gate_id"),
    "sidings": ("Sidings", "siding_id"),
    "utilities": ("Utilities", "utility_id"),
    "receptors": ("Receptors", "receptor_id"),
}
_STYLES = {  # line colour and width, fill; KML writes alpha, blue, green, red
    "zones": ("ff7a3c1e", 3, None),
    "exclusions": ("ff5a5a5a", 1, "80808080"),
    "streets": ("ff404040", 2, None),
    "gates": ("ff1e1ec8", 4, None),
    "sidings": ("ff1e1ec8", 3, None),
    "utilities": ("ffc87800", 2, None),
    "receptors": ("ff008cff", 2, "4000a5ff"),
}


def write_kml(plan: PlanLayers, path: Path) -> None:
    """Write the plan as KML 2.2 in WGS 84, one folder a layer, every column as extended data.

    Parameters
    ----------
    plan : PlanLayers
    path : Path
    """
    path.write_text("\n".join(_lines(plan)) + "\n", encoding="utf-8", newline="\n")


def _lines(plan: PlanLayers) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    yield f"<name>{_text(plan.name)}</name><description>{_text(plan.notice)}</description>"
    states = _states(plan)
    for number, colour in enumerate((*MARKET_COLOURS.values(), OTHER_COLOUR)):
        yield _style(f"state{number}", "ff404040", 1, f"d0{_abgr(colour)}")
    for name, (line, width, fill) in _STYLES.items():
        yield _style(name, line, width, fill)
    for name, (title, key) in _LAYERS.items():
        frame = getattr(plan, name)
        if name in MORE_LAYERS and frame.empty:
            continue
        styles = states if name == "plots" else [name] * len(frame)
        yield f"<Folder><name>{title}</name>"
        yield from _placemarks(frame, key, styles)
        yield "</Folder>"
    yield "</Document></kml>"


def _states(plan: PlanLayers) -> list[str]:
    place = {word: number for number, word in enumerate(MARKET_COLOURS)}
    return [f"state{place.get(word, len(place))}" for word in plan.plots["market"].astype(object)]


def _placemarks(frame: gpd.GeoDataFrame, key: str, styles: list[str]) -> Iterator[str]:
    if not len(frame):
        return
    shapes = frame.geometry.to_crs("EPSG:4326")
    columns = [name for name in frame.columns if name != frame.geometry.name]
    ids = frame[key] if key in frame else pd.Series(frame.index.astype(str), index=frame.index)
    cells = [frame[name].astype(object).tolist() for name in columns]
    for name, style, shape, *values in zip(ids, styles, shapes, *cells, strict=True):
        yield f"<Placemark><name>{_text(name)}</name><styleUrl>#{style}</styleUrl><ExtendedData>"
        for column, value in zip(columns, values, strict=True):
            if not _is_null(value):
                named = quoteattr(_clean(column))
                yield f"<Data name={named}><value>{_text(value)}</value></Data>"
        yield "</ExtendedData>"
        if shape is not None and not shape.is_empty:
            yield _geometry(shape)
        yield "</Placemark>"


def _geometry(shape: Any) -> str:
    if hasattr(shape, "geoms"):
        parts = "".join(_geometry(part) for part in shape.geoms)
        return f"<MultiGeometry>{parts}</MultiGeometry>"
    if shape.geom_type == "Point":
        return f"<Point>{_coordinates(shape)}</Point>"
    if shape.geom_type != "Polygon":
        return f"<LineString>{_coordinates(shape)}</LineString>"
    turned = shapely.orient_polygons(shape)
    inner = "".join(
        f"<innerBoundaryIs><LinearRing>{_coordinates(ring)}</LinearRing></innerBoundaryIs>"
        for ring in turned.interiors
    )
    outer = f"<LinearRing>{_coordinates(turned.exterior)}</LinearRing>"
    return f"<Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>{inner}</Polygon>"


def _coordinates(shape: Any) -> str:
    pairs = np.round(shapely.get_coordinates(shape), _DECIMALS)
    text = " ".join(f"{east:.{_DECIMALS}f},{north:.{_DECIMALS}f}" for east, north in pairs)
    return f"<coordinates>{text}</coordinates>"


def _style(name: str, line: str, width: int, fill: str | None) -> str:
    body = f"<color>{fill}</color>" if fill else "<fill>0</fill>"
    return (
        f'<Style id="{name}"><LineStyle><color>{line}</color><width>{width}</width></LineStyle>'
        f"<PolyStyle>{body}</PolyStyle></Style>"
    )


def _abgr(colour: str) -> str:
    return colour[5:7] + colour[3:5] + colour[1:3]


def _is_null(value: Any) -> bool:
    return not isinstance(value, list | tuple) and bool(pd.isna(value))


def _text(value: Any) -> str:
    return escape(_clean(value))


def _clean(value: Any) -> str:
    joined = ";".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return writable(joined)
