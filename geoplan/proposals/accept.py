"""Accepting proposals: their lines, and the settings that follow from them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable

from geoplan.config import SubdivideSettings, toml_value


def accepting(settings: SubdivideSettings, lines: Iterable[str]) -> SubdivideSettings:
    """Return settings that accept proposals, each by its ``setting``, beside what they had.

    Examples
    --------
    >>> lines = ['merge_plots = [["A", "B"]]', 'split_plots = { "C" = [1.5] }']
    >>> accepted = accepting(SubdivideSettings(mode="given"), lines)
    >>> accepted.merge_plots, accepted.split_plots
    ((('A', 'B'),), {'C': (1.5,)})
    """
    merges, splits = list(settings.merge_plots), dict(settings.split_plots)
    for line in lines:
        content = tomllib.loads(line)
        merges += [tuple(ids) for ids in content.get("merge_plots", [])]
        splits |= {plot: tuple(areas) for plot, areas in content.get("split_plots", {}).items()}
    once = tuple(dict.fromkeys(merges))
    return settings.model_copy(update={"merge_plots": once, "split_plots": splits})


def setting_lines(settings: SubdivideSettings) -> list[str]:
    """Write the lines of ``[subdivide]`` that say which plots are merged and split.

    >>> setting_lines(SubdivideSettings(mode="given", split_plots={"C": (1.5,)}))
    ['split_plots = { "C" = [1.5] }']
    """
    named = {"merge_plots": settings.merge_plots, "split_plots": settings.split_plots}
    return [f"{name} = {toml_value(value)}" for name, value in named.items() if value]
