"""Folium and GeoPandas drawing hostile texts: a page for each text and place.

It runs in a virtual environment that has no geoplan. Texts are handed over as the makers' guides
show it, by arguments that are meant for texts; none is escaped, and no HTML is added by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import folium
import geopandas as gpd
import shapely
from branca.element import Figure

from benchmarks.contenders.hostile_pages import PLAIN, Draw, draw_all

FIELDS = ["plot_id", "name", "sector", "status"]
MIDDLE = shapely.Point(71.5, 51.1)
SIDE_DEGREES = 0.01
PLACES = {
    "geojson": ("tooltip", "popup", "layer name", "title"),
    "polygons": ("tooltip", "popup", "layer name", "title"),
    "explore": ("tooltip", "popup", "layer name", "legend"),
}


def told(text: str, place: str, places: Sequence[str]) -> str:
    """Return the text where it is to stand, else a plain one."""
    return text if place in places else PLAIN


def park(text: str, places: Sequence[str]) -> gpd.GeoDataFrame:
    """Return one plot in the middle of its map; what captions show of it is the text."""
    shown = text if {"tooltip", "popup"} & set(places) else PLAIN
    columns = {name: [shown] for name in FIELDS} | {"use": [told(text, "legend", places)]}
    plot = MIDDLE.buffer(SIDE_DEGREES, cap_style="square")
    return gpd.GeoDataFrame(columns, geometry=[plot], crs="EPSG:4326")


def base(plots: gpd.GeoDataFrame, text: str, places: Sequence[str]) -> folium.Map:
    """Make a map that shows all plots at first, on a page that may have a title."""
    west, south, east, north = plots.total_bounds
    drawn = folium.Map([(south + north) / 2, (west + east) / 2])
    drawn.fit_bounds([[south, west], [north, east]])
    if "title" in places:
        Figure(title=text).add_child(drawn)
    return drawn


def geojson(text: str, places: Sequence[str]) -> folium.Map:
    """One GeoJson layer that shows its attributes."""
    plots = park(text, places)
    drawn = base(plots, text, places)
    folium.GeoJson(
        plots.to_json(),
        name=told(text, "layer name", places),
        tooltip=folium.GeoJsonTooltip(FIELDS) if "tooltip" in places else None,
        popup=folium.GeoJsonPopup(FIELDS) if "popup" in places else None,
    ).add_to(drawn)
    folium.LayerControl().add_to(drawn)
    return drawn


def polygons(text: str, places: Sequence[str]) -> folium.Map:
    """One Polygon for each plot, in a layer."""
    plots = park(text, places)
    drawn = base(plots, text, places)
    layer = folium.FeatureGroup(name=told(text, "layer name", places)).add_to(drawn)
    for row in plots.to_dict("records"):
        folium.Polygon(
            [(y, x) for x, y in row["geometry"].exterior.coords],
            fill=True,
            tooltip=row["name"] if "tooltip" in places else None,
            popup=row["name"] if "popup" in places else None,
        ).add_to(layer)
    folium.LayerControl().add_to(drawn)
    return drawn


def explore(text: str, places: Sequence[str]) -> folium.Map:
    """Draw what GeoPandas draws when it is asked to explore a layer by use."""
    drawn: folium.Map = park(text, places).explore(
        "use",
        name=told(text, "layer name", places),
        tooltip=FIELDS if "tooltip" in places else False,
        popup=FIELDS if "popup" in places else False,
    )
    folium.LayerControl().add_to(drawn)
    return drawn


HOW: dict[str, Draw] = {"geojson": geojson, "polygons": polygons, "explore": explore}


def drawing(job: dict[str, Any]) -> tuple[Draw, list[list[str]]]:
    """Return how the job asks for pages, and the places, each of which has pages of its own."""
    return HOW[job["how"]], [[place] for place in PLACES[job["how"]]]


if __name__ == "__main__":
    draw_all(*sys.argv[1:], drawing=drawing)
