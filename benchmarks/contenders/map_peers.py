"""Folium and GeoPandas drawing a map: a layer of plots in, one HTML file out.

It runs in a virtual environment that has no geoplan. Each map has what its makers' guides show:
plots coloured by sector, a tooltip, and a popup of ten attributes.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import mapclassify  # noqa: F401 - explore() would import these two while it is timed
import matplotlib.pyplot as plt  # noqa: F401

NAMED = ["plot_id", "name", "area_ha"]
FREE = "#fdfcf8"


def colours(plots: gpd.GeoDataFrame) -> dict[str | None, str]:
    """Give each sector a colour."""
    names = sorted(plots["sector"].dropna().unique())
    return {name: f"#{(0x77AADD + 0x1F3A5 * i) % 0xFFFFFF:06x}" for i, name in enumerate(names)}


def base(plots: gpd.GeoDataFrame, **options: Any) -> folium.Map:
    """Make a map that shows all plots at first."""
    west, south, east, north = plots.total_bounds
    drawn = folium.Map([(south + north) / 2, (west + east) / 2], zoom_start=14, **options)
    drawn.fit_bounds([[south, west], [north, east]])
    return drawn


def geojson(plots: gpd.GeoDataFrame, **options: Any) -> folium.Map:
    """One GeoJson layer with a style function."""
    drawn = base(plots, **options)
    colour = colours(plots)
    shown = [name for name in plots.columns if name != "geometry"]
    folium.GeoJson(
        plots.to_json(),
        style_function=lambda feature: {
            "fillColor": colour.get(feature["properties"]["sector"], FREE),
            "color": "#6f675b",
            "weight": 1,
            "fillOpacity": 1,
        },
        tooltip=folium.GeoJsonTooltip(NAMED),
        popup=folium.GeoJsonPopup(shown),
    ).add_to(drawn)
    return drawn


def polygons(plots: gpd.GeoDataFrame) -> folium.Map:
    """One Polygon for each plot."""
    drawn = base(plots)
    colour = colours(plots)
    for row in plots.to_dict("records"):
        shape = row.pop("geometry")
        text = "<br>".join(f"{name}: {value}" for name, value in row.items())
        folium.Polygon(
            [(y, x) for x, y in shape.exterior.coords],
            color="#6f675b",
            weight=1,
            fill_color=colour.get(row["sector"], FREE),
            fill_opacity=1,
            tooltip=", ".join(str(row[name]) for name in NAMED),
            popup=folium.Popup(text, max_width=300),
        ).add_to(drawn)
    return drawn


def explore(plots: gpd.GeoDataFrame) -> folium.Map:
    """Draw what GeoPandas draws when it is asked to explore a layer by sector."""
    return plots.explore("sector", tooltip=NAMED, popup=True)


HOW = {
    "svg": geojson,
    "canvas": lambda plots: geojson(plots, prefer_canvas=True),
    "polygons": polygons,
    "explore": explore,
}


def main(job_file: str, result_file: str) -> None:
    """Run one job; reading the layer is not timed, bringing it to degrees is."""
    job = json.loads(Path(job_file).read_text())
    layer = gpd.read_file(job["layer"])
    draw = HOW[job["how"]]
    begun, begun_cpu = time.perf_counter(), time.process_time()
    draw(layer.to_crs("EPSG:4326")).save(job["page"])
    seconds, cpu_s = time.perf_counter() - begun, time.process_time() - begun_cpu
    result: dict[str, Any] = {
        "plots": len(layer),
        "build_cpu_s": cpu_s,
        "seconds": {"build and save": seconds},
    }
    if job["twice"]:
        pages = [draw(layer.to_crs("EPSG:4326")).get_root().render() for _ in range(2)]
        digests = {hashlib.sha256(page.encode()).hexdigest() for page in pages}
        result["same_bytes"] = len(digests) == 1
    Path(result_file).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
