"""Any one layer on a map of its own: coloured by any column, over the plan it belongs to."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geoplan.errors import GeoplanError, Problem, nearest_name
from geoplan.plan import PlanLayers
from geoplan.publish.map.colours import NOT_STATED
from geoplan.publish.map.content import Bounds, page_content, park_bounds
from geoplan.publish.map.layers import add_layers
from geoplan.publish.map.page import PlanMap
from geoplan.publish.map.palettes import (
    OTHER_COLOUR,
    PALE_TO_BLUE,
    SECTOR_COLOURS,
    UNKNOWN_COLOUR,
)
from geoplan.publish.map.payload import LARGEST, MAP_CRS, coded_points, coded_shapes, packed
from geoplan.publish.map.tables import Field, coded_fields
from geoplan.publish.map.words import LANGUAGES, N_, catalogue, catalogues
from geoplan.units import M2_PER_HA

LAYER_TITLES = {
    "plots": N_("Plots"),
    "zones": N_("Zones"),
    "streets": N_("Streets"),
    "strips": N_("Strips"),
    "land": N_("Land"),
    "exclusions": N_("Exclusions"),
    "gates": N_("Gates"),
    "utilities": N_("Utilities"),
    "receptors": N_("Receptors"),
    "findings": N_("Findings"),
    "proposals": N_("Proposals"),
}
OTHER_TITLE = N_("Features")
ALL, OTHERS = N_("all"), N_("others")
ID = "plot_id"
"""What the page calls the column that names a row."""
SAID = {"Plot {id}": "{id}", "Passport of plot {id}": "{id}"}
"""What the page of a plan says, and this one says instead."""
CALLED_PLOTS = ("Plots", "Plot", "Plot or project")
DIGITS = 4


def explored_map(
    plan: PlanLayers, layer: str | gpd.GeoDataFrame, *, colour: str | None = None
) -> PlanMap:
    """Draw one layer on a map of its own.

    Parameters
    ----------
    plan : PlanLayers
        What lies below it.
    layer : str or GeoDataFrame
        The name of one of the plan's layers, or a frame in any CRS; rows without a shape are
        left out.
    colour : str, optional
        The column that colours it at first; by default the first that says something. Numbers
        have classes of equal counts, all else has a colour for each value, the most frequent
        first.

    Returns
    -------
    PlanMap
        A page like a plan's: with a legend, a table and whatever the columns say.

    Raises
    ------
    GeoplanError
        If there is no such layer or column, or the frame has no CRS.
    """
    name, title = _called(layer)
    frame = _rows(getattr(plan, name) if isinstance(layer, str) else layer)
    columns = [each for each in frame.columns if frame[each].dtype != "geometry"]
    if colour is not None and colour not in columns:
        raise GeoplanError([_unknown("column", colour, [str(each) for each in columns])])
    table = pd.DataFrame({each: _plain(frame[each]) for each in columns}, index=frame.index)
    bounds = _bounds(frame) or park_bounds(plan)
    content = _content(plan, frame, table, title, colour) | {"bounds": bounds}
    drawn = PlanMap(f"{plan.name}: {title}", packed(content), bounds)
    # The plan's own drawing of the layer would cover it.
    add_layers(drawn, titles={"plots": title}, without={name} - {"plots"})
    return drawn


def _called(layer: str | gpd.GeoDataFrame) -> tuple[str, str]:
    """Return a layer's name, empty for a frame, and its title."""
    if not isinstance(layer, str):
        return "", OTHER_TITLE
    if layer not in LAYER_TITLES:
        raise GeoplanError([_unknown("layer", layer, list(LAYER_TITLES))])
    return layer, LAYER_TITLES[layer]


def _rows(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows that have a shape."""
    if frame.crs is None:
        raise GeoplanError(
            [Problem("map", "the layer does not say its CRS.", "Give it one with set_crs.")]
        )
    known = frame.geometry.notna() & ~frame.geometry.is_empty
    return frame[known].reset_index(drop=True)


def _unknown(kind: str, name: str, known: list[str]) -> Problem:
    return Problem("map", f"there is no {kind} '{name}'.", nearest_name(name, known))


def _content(
    plan: PlanLayers, frame: gpd.GeoDataFrame, table: pd.DataFrame, title: str, colour: str | None
) -> dict[str, Any]:
    """Return the page's content: the plan's land below, and the layer in the place of plots."""
    bare = ("plots", "projects", "allocation", "findings", "proposals", "capacities", "balance")
    below = replace(plan, **{name: getattr(plan, name).iloc[:0] for name in bare})
    area_ha = frame.to_crs(plan.zones.crs).area.to_numpy() / M2_PER_HA
    names = [*table.columns]
    key = next((name for name in names if str(name).endswith("_id")), names[0] if names else None)
    renamed = table if ID in table or key is None else table.rename(columns={key: ID})
    if ID not in renamed:
        renamed = renamed.assign(**{ID: range(1, len(frame) + 1)})
    labels = {ID: str(key or N_("Number"))}
    order = sorted(renamed.columns, key=lambda name: name != ID)
    fields = [
        Field(name, labels.get(name, str(name)), digits=_digits(renamed[name]), grouped=False)
        for name in order
    ]
    return page_content(below) | {
        "words": _words(title),
        "explored": True,
        "edit": None,
        "plots": {
            "shapes": coded_shapes(frame.geometry),
            "points": coded_points(frame.geometry.representative_point()),
            "fields": coded_fields(renamed, fields),
            "project": np.full(len(frame), -1, dtype=np.int64),
        },
        "supply": [],
        "colourings": _colourings(table, colour, area_ha),
        "figures": [
            {"label": title, "text": "{count}", "numbers": {"count": [len(frame), 0]}},
        ],
    }


def _words(title: str) -> dict[str, Any]:
    """Return the page's words, and what it says instead, in which plots are what they are."""
    said = {**SAID, **dict.fromkeys(CALLED_PLOTS, title)}
    own = {
        language: {text: catalogue(language).get(other) or other for text, other in said.items()}
        for language in LANGUAGES
    }
    return {**catalogues(), "own": own}


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as numbers, truths or texts."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return values
    if pd.api.types.is_numeric_dtype(values.dtype):
        largest = values.abs().max() if len(values) else 0
        whole = pd.api.types.is_integer_dtype(values.dtype)
        if not (whole and largest > LARGEST):  # long numbers are names
            return values
    return values.map(str, na_action="ignore").astype(object)


def _digits(values: pd.Series[Any]) -> int:
    return DIGITS if pd.api.types.is_float_dtype(values.dtype) else 0


def _colourings(
    table: pd.DataFrame, asked: str | None, area_ha: np.ndarray[Any, Any]
) -> list[dict[str, Any]]:
    """Return the ways to colour the layer, the one that was asked for first."""
    names = [name for name in table.columns if name == asked or _tells(table[name])]
    names.sort(key=lambda name: name != asked)
    ways = [_colour_by(table[name]) for name in names] or [([ALL], [SECTOR_COLOURS[0]], None)]
    told = []
    for name, (labels, colours, codes) in zip(names or [ALL], ways, strict=True):
        code = np.zeros(len(table), dtype=np.int64) if codes is None else codes
        count = np.bincount(code, minlength=len(labels))
        area = np.bincount(code, weights=area_ha, minlength=len(labels))
        entries = [
            {
                "label": label,
                "colour": shade,
                "count": int(n),
                "area_ha": round(float(ha), 4) if area_ha.any() else None,
            }
            for label, shade, n, ha in zip(labels, colours, count, area, strict=True)
        ]
        told.append({"key": str(name), "title": str(name), "entries": entries, "codes": code})
    return told


def _tells(values: pd.Series[Any]) -> bool:
    """Whether a column tells rows apart and yet does not name each."""
    kinds = values.nunique()
    if kinds < 2:
        return False
    is_number = pd.api.types.is_numeric_dtype(values.dtype)
    return is_number or kinds <= len(SECTOR_COLOURS)


_Way = tuple[list[str], list[str], Any]


def _colour_by(values: pd.Series[Any]) -> _Way:
    """Return labels and colours of a column's legend, and the entry of each row."""
    is_number = pd.api.types.is_numeric_dtype(values.dtype)
    is_truth = pd.api.types.is_bool_dtype(values.dtype)
    if is_number and not is_truth and values.nunique() > len(PALE_TO_BLUE):
        labels, colours, codes = _classes(pd.to_numeric(values).to_numpy(float, na_value=np.nan))
    else:
        labels, colours, codes = _values(values)
    if (codes < 0).any():
        codes = np.where(codes < 0, len(labels), codes)
        labels, colours = [*labels, NOT_STATED], [*colours, UNKNOWN_COLOUR]
    return labels, colours, codes.astype(np.int64)


def _classes(numbers: np.ndarray[Any, Any]) -> _Way:
    """Part numbers into classes of about equal counts, from pale to deep."""
    numbers = np.round(numbers, DIGITS)  # sums of rounded numbers are not quite alike
    known = np.isfinite(numbers)
    shares = np.linspace(0, 1, len(PALE_TO_BLUE) + 1)
    bounds = np.unique(np.quantile(numbers[known], shares))
    codes = np.clip(np.searchsorted(bounds, numbers, side="right") - 1, 0, len(bounds) - 2)
    labels = [f"{low:.4g} – {high:.4g}" for low, high in pairwise(bounds)]
    steps = np.linspace(0, len(PALE_TO_BLUE) - 1, len(labels)).round().astype(int)
    return labels, [PALE_TO_BLUE[step] for step in steps], np.where(known, codes, -1)


def _values(values: pd.Series[Any]) -> _Way:
    """Give each value a colour, the most frequent first; too many share the last."""
    texts = values.map(lambda value: f"{value:g}" if isinstance(value, float) else str(value))
    texts = texts.astype(object).where(values.notna(), None)
    found = texts.value_counts()
    names = sorted(found.index, key=lambda name: (-found[name], name))
    most = len(SECTOR_COLOURS)
    colours = list(SECTOR_COLOURS[: len(names)])
    if len(names) > most:
        names = [*names[: most - 1], OTHERS]
        colours = [*SECTOR_COLOURS[: most - 1], OTHER_COLOUR]
    place = {name: row for row, name in enumerate(names)}
    codes = [-1 if text is None else place.get(text, len(names) - 1) for text in texts]
    return names, colours, np.array(codes, dtype=np.int64)


def _bounds(frame: gpd.GeoDataFrame) -> Bounds | None:
    """Return the layer's corners, or none if it has no extent to show."""
    west, south, east, north = (float(side) for side in frame.to_crs(MAP_CRS).total_bounds)
    return ((south, west), (north, east)) if west < east and south < north else None
