"""How plots are coloured, and the legends that say so.

Sector colours are light enough for dark text on them. The first seven are Paul Tol's "light"
scheme (SRON technical note on colour schemes), made for areas with labels and safe for
colour-blind readers; the others were searched for so that the twelve stay apart for such eyes
too. Whoever still mistakes two of them presses a legend's entry, which sets its plots off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

SECTOR_COLOURS = (
    "#77aadd",
    "#ee8866",
    "#eedd88",
    "#44bb99",
    "#ffaabb",
    "#bbcc33",
    "#99ddff",
    "#b666a6",
    "#b6eeae",
    "#468e7e",
    "#767ece",
    "#be9ebe",
)
OTHER_COLOUR = "#b9b9b9"
UNKNOWN_COLOUR = "#d5d0c6"
FREE_COLOUR = "#fdfcf8"

# From light to dark as land goes from free to gone: legible without hue as well.
MARKET_COLOURS = {
    "for sale": "#f7f0d4",
    "optioned": "#f2c879",
    "reserved": "#9cc3dc",
    "sold": "#4f82ad",
    "not marketable": "#c9c5be",
}


@dataclass(frozen=True)
class Colouring:
    """One way to colour plots.

    Attributes
    ----------
    key, title : str
        Its name in the page, and what the legend says over the entries.
    entries : tuple of dict
        ``label``, ``colour``, ``count`` of plots and ``area_ha``, in the legend's order.
    entry_of_plot : tuple of int
        Per plot the number of its entry.
    """

    key: str
    title: str
    entries: tuple[dict[str, Any], ...]
    entry_of_plot: tuple[int, ...]


def colour_by_sector(plots: pd.DataFrame, projects: pd.DataFrame) -> Colouring:
    """Colour plots by their project's sector, largest sector first; free plots stay light.

    Parameters
    ----------
    plots, projects : DataFrame
        With ``project_id`` and ``area_ha``; with ``project_id`` and ``sector``.

    Notes
    -----
    There are as many colours as :data:`SECTOR_COLOURS`; if sectors are more, the smallest
    share the last entry.
    """
    sector = plots["project_id"].map(projects.set_index("project_id")["sector"])
    sector = sector.astype(object).where(sector.notna(), "sector not stated")
    sector = sector.astype(str).str.replace("_", " ").astype(object)
    sector = sector.where(plots["project_id"].notna(), "free")
    special = {"sector not stated": UNKNOWN_COLOUR, "free": FREE_COLOUR}
    by_area = (
        plots["area_ha"]
        .groupby(sector)
        .sum()
        .sort_index()
        .sort_values(ascending=False, kind="stable")
    )
    named = [name for name in by_area.index if name not in special]
    if len(named) > len(SECTOR_COLOURS):
        named = named[: len(SECTOR_COLOURS) - 1]
        known = {*named, *special}
        sector = sector.where(sector.isin(known), "other sectors")
    colours = dict(zip(named, SECTOR_COLOURS, strict=False))
    colours |= {"other sectors": OTHER_COLOUR, **special}
    return _colouring("sector", "Plots by sector", sector, plots["area_ha"], colours)


def colour_by_state(plots: pd.DataFrame) -> Colouring:
    """Colour plots by how far their land is given away (column ``market``)."""
    state = plots["market"].astype(object).where(plots["market"].notna(), "not stated")
    further = sorted(set(state) - set(MARKET_COLOURS) - {"not stated"})
    colours = MARKET_COLOURS | dict.fromkeys(further, OTHER_COLOUR) | {"not stated": UNKNOWN_COLOUR}
    return _colouring("state", "Plots by state", state, plots["area_ha"], colours)


def _colouring(
    key: str,
    title: str,
    label_of_plot: pd.Series[Any],
    area_ha: pd.Series[Any],
    colours: dict[str, str],
) -> Colouring:
    """Count plots and hectares per label, in the order of `colours`; empty labels are left out."""
    labels = [label for label in colours if (label_of_plot == label).any()]
    entries = tuple(
        {
            "label": label,
            "colour": colours[label],
            "count": int((label_of_plot == label).sum()),
            "area_ha": round(float(area_ha[label_of_plot == label].sum()), 4),
        }
        for label in labels
    )
    entry_of_label = {label: number for number, label in enumerate(labels)}
    return Colouring(key, title, entries, tuple(entry_of_label[label] for label in label_of_plot))
