"""How plots are coloured, and the legends that say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoplan.publish.map.audience import TAKEN
from geoplan.publish.map.palettes import (
    FIT_COLOURS,
    FREE_COLOUR,
    HAZARD_COLOURS,
    MARKET_COLOURS,
    OTHER_COLOUR,
    PALE_TO_BLUE,
    PHASE_COLOURS,
    SECTOR_COLOURS,
    SERVICING_COLOURS,
    TAKEN_COLOUR,
    UNKNOWN_COLOUR,
    USE_COLOURS,
)
from geoplan.publish.map.tables import HAZARD_CLASSES
from geoplan.publish.map.words import N_

FREE = N_("free")
NOT_STATED = N_("not stated")
NO_CLASS = N_("no class")
LATER = N_("later")
FIT_SHARES = (0.0002, 0.05, 0.15)
"""Largest deviations of the classes of area fit but the last, as shares of the area asked for."""


Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Colouring:
    """One way to colour plots.

    Attributes
    ----------
    key, title : str
        Its name in the page, and what the legend says over the entries.
    entries : tuple of dict
        ``label`` (which the page translates where it is a word of ours), ``colour``, ``count``
        of plots and ``area_ha``, in the legend's order.
    entry_of_plot : array of int64 (plots,)
        The number of its entry.
    """

    key: str
    title: str
    entries: tuple[dict[str, Any], ...]
    entry_of_plot: Numbers


@dataclass(frozen=True)
class _Words:
    """One word for each plot: the words, which may repeat, and the number of each plot's."""

    labels: list[str]
    codes: Numbers


def colourings_of(plots: pd.DataFrame, projects: pd.DataFrame) -> tuple[Colouring, ...]:
    """Return every way in which the page can colour its plots, the usual one first.

    What would paint all plots alike is left out, unless nothing tells them apart.
    """
    colourings = (
        colour_by_sector(plots, projects),
        colour_by_state(plots),
        colour_by_phase(plots, projects),
        colour_by_hazard(plots, projects),
        colour_by_use(plots),
        colour_by_fit(plots, projects),
        colour_by_servicing(plots),
        colour_by_year(plots),
    )
    return tuple(each for each in colourings if len(each.entries) > 1) or colourings[:1]


def colour_by_sector(plots: pd.DataFrame, projects: pd.DataFrame) -> Colouring:
    """Colour plots by their project's sector, largest sector first; free plots stay light.

    Parameters
    ----------
    plots, projects : DataFrame
        With ``project_id`` and ``area_ha``; with ``project_id`` and ``sector``.

    Notes
    -----
    There are as many colours as :data:`~geoplan.publish.map.palettes.SECTOR_COLOURS`; if
    sectors are more, the smallest share the last entry.
    """
    unknown, other = N_("sector not stated"), N_("other sectors")
    special = {unknown: UNKNOWN_COLOUR, FREE: FREE_COLOUR}
    words = _of_project(
        plots, projects, "sector", missing=unknown, label=lambda name: str(name).replace("_", " ")
    )
    area_ha = dict.fromkeys(words.labels, 0.0)
    sums = np.bincount(words.codes, weights=plots["area_ha"], minlength=len(words.labels))
    for name, hectares in zip(words.labels, sums, strict=True):
        area_ha[name] += round(float(hectares), 6)
    named = sorted(area_ha.keys() - special.keys(), key=lambda name: (-area_ha[name], name))
    most = len(SECTOR_COLOURS)
    if len(named) > most:
        named = named[: most - 1]
        known = {*named, *special}
        words = _Words([name if name in known else other for name in words.labels], words.codes)
    colours = dict(zip(named, SECTOR_COLOURS, strict=False)) | {other: OTHER_COLOUR, **special}
    return _colouring("sector", N_("Plots by sector"), plots, words, colours)


def colour_by_state(plots: pd.DataFrame) -> Colouring:
    """Colour plots by how far their land is given away (column ``market``)."""
    return _by_word("state", N_("Plots by state"), plots, _stated(plots, "market"), MARKET_COLOURS)


def colour_by_phase(plots: pd.DataFrame, projects: pd.DataFrame) -> Colouring:
    """Colour plots by how far their project has come, from application to operation."""
    phase = _of_project(plots, projects, "status")
    return _by_word("phase", N_("Plots by project phase"), plots, phase, PHASE_COLOURS)


def colour_by_hazard(plots: pd.DataFrame, projects: pd.DataFrame) -> Colouring:
    """Colour plots by their project's sanitary hazard class, I the most dangerous."""
    hazard = _of_project(
        plots,
        projects,
        "hazard_class",
        missing=NO_CLASS,
        label=lambda number: HAZARD_CLASSES.get(number, str(number)),
    )
    colours = HAZARD_COLOURS | {NO_CLASS: UNKNOWN_COLOUR}
    return _by_word("hazard", N_("Plots by hazard class"), plots, hazard, colours)


def colour_by_use(plots: pd.DataFrame) -> Colouring:
    """Colour plots by the use that their zone permits."""
    return _by_word("use", N_("Plots by use"), plots, _stated(plots, "use"), USE_COLOURS)


def colour_by_fit(plots: pd.DataFrame, projects: pd.DataFrame) -> Colouring:
    """Colour plots by how far the land of a project is from the area that it asked for.

    Notes
    -----
    The plots of one project count together, and all have its class. Deviations are shares of
    the area asked for, up or down; their bounds are :data:`FIT_SHARES`.
    """
    asked_ha = np.append(_numbers(projects, "area_ha"), np.nan)
    project = _row_of_project(plots, projects)  # -1, none, is the number added at the end
    held_ha = np.bincount(project + 1, weights=plots["area_ha"], minlength=len(asked_ha))
    held_ha = np.append(held_ha[1:], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(held_ha / asked_ha - 1)
    # Areas may be sums of rounded ones; a bound itself still belongs to its class.
    classes = np.searchsorted(FIT_SHARES, off - 1e-9)
    classes[~np.isfinite(off)] = len(FIT_COLOURS)
    held = plots["project_id"].notna().to_numpy()
    codes = np.where(held, classes[project], len(FIT_COLOURS) + 1)
    words = _Words([*FIT_COLOURS, NOT_STATED, FREE], codes)
    return _by_word("fit", N_("Plots by area fit"), plots, words, FIT_COLOURS)


def colour_by_servicing(plots: pd.DataFrame) -> Colouring:
    """Colour plots by how far they are serviced."""
    servicing = _stated(plots, "servicing")
    title = N_("Plots by servicing")
    return _by_word("servicing", title, plots, servicing, SERVICING_COLOURS)


def colour_by_year(plots: pd.DataFrame) -> Colouring:
    """Colour plots by the year from which they can be built on, the first the deepest.

    There are as many years as colours of
    :data:`~geoplan.publish.map.palettes.PALE_TO_BLUE`; later ones share the last entry.
    """
    words = _stated(plots, "available_year", label=lambda year: str(int(year)))
    years = sorted(words.labels[:-1], key=int)
    most = len(PALE_TO_BLUE)
    if len(years) > most:
        years = [*years[: most - 1], LATER]
        known = {*years, NOT_STATED}
        words = _Words([name if name in known else LATER for name in words.labels], words.codes)
    steps = np.linspace(most - 1, 0, max(2, len(years))).round().astype(int)
    colours = {name: PALE_TO_BLUE[step] for name, step in zip(years, steps, strict=False)}
    title = N_("Plots by year of availability")
    return _by_word("year", title, plots, words, colours)


def _numbers(table: pd.DataFrame, column: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    if column not in table.columns:
        return np.full(len(table), np.nan)
    return pd.to_numeric(table[column]).to_numpy(dtype=float, na_value=np.nan)


def _row_of_project(plots: pd.DataFrame, projects: pd.DataFrame) -> Numbers:
    """Return the row of each plot's project, or -1."""
    rows: Numbers = pd.Index(projects["project_id"]).get_indexer(plots["project_id"])
    return rows


def _stated(plots: pd.DataFrame, column: str, *, label: Callable[[Any], str] = str) -> _Words:
    """Return what a column says of each plot; the last word is for those that it leaves out."""
    if column not in plots.columns:
        return _Words([NOT_STATED], np.zeros(len(plots), dtype=np.int64))
    codes, found = pd.factorize(plots[column])
    return _Words([*map(label, found), NOT_STATED], np.where(codes < 0, len(found), codes))


def _of_project(
    plots: pd.DataFrame,
    projects: pd.DataFrame,
    column: str,
    *,
    missing: str = NOT_STATED,
    label: Callable[[Any], str] = str,
) -> _Words:
    """Return what the portfolio says of each plot's project, with words where it says nothing."""
    words = _stated(projects, column, label=label)
    none, free = len(words.labels) - 1, len(words.labels)
    codes = np.append(words.codes, none)[_row_of_project(plots, projects)]
    codes = np.where(plots["project_id"].notna(), codes, free)
    return _Words([*words.labels[:none], missing, FREE], codes)


def _by_word(
    key: str, title: str, plots: pd.DataFrame, words: _Words, colours: Mapping[str, str]
) -> Colouring:
    """Colour plots by one word each; words without a colour of their own share a grey.

    Of plots that are no more than taken to the reader, nothing else is said.
    """
    special = {NOT_STATED: UNKNOWN_COLOUR, FREE: FREE_COLOUR, TAKEN: TAKEN_COLOUR}
    if "market" in plots.columns:
        taken = (plots["market"] == TAKEN).to_numpy()
        words = _Words([*words.labels, TAKEN], np.where(taken, len(words.labels), words.codes))
    further = sorted(set(words.labels) - set(colours) - set(special))
    colours = {**colours, **dict.fromkeys(further, OTHER_COLOUR), **special}
    return _colouring(key, title, plots, words, colours)


def _colouring(
    key: str, title: str, plots: pd.DataFrame, words: _Words, colours: Mapping[str, str]
) -> Colouring:
    """Count plots and hectares per label, in the order of `colours`; empty labels are left out."""
    place = {label: number for number, label in enumerate(colours)}
    codes = np.array([place[label] for label in words.labels])[words.codes]
    count = np.bincount(codes, minlength=len(colours))
    hectares = np.bincount(codes, weights=plots["area_ha"], minlength=len(colours))
    kept = np.flatnonzero(count)
    labels = list(colours)
    entries = tuple(
        {
            "label": labels[row],
            "colour": colours[labels[row]],
            "count": int(count[row]),
            "area_ha": round(float(hectares[row]), 4),
        }
        for row in kept
    )
    number = np.zeros(len(colours), dtype=np.int64)
    number[kept] = np.arange(len(kept))
    return Colouring(key, title, entries, number[codes])
