"""Several files of one layer or table: each read on its own, then one after another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

import geopandas as gpd
import pandas as pd

from geoplan.errors import shown
from geoplan.site.columns import CONSTANT
from geoplan.site.findings import Remarks
from geoplan.site.schema import CONTRACTS

Frame = TypeVar("Frame", gpd.GeoDataFrame, pd.DataFrame)


def own_mapping(
    mapping: Mapping[str, str], columns: Iterable[object], remarks: Remarks
) -> Mapping[str, str]:
    """Leave out what ``[columns]`` maps for other files, where this one has our own name for it.

    Parameters
    ----------
    mapping : mapping of str to str
        ``[columns.<layer>]`` of the scenario, meant for all files of the layer.
    columns : iterable
        The columns of this file.
    remarks : Remarks
        Takes down which columns are read under their own names.
    """
    names = {str(name).strip() for name in columns}
    own = [
        ours
        for ours, theirs in mapping.items()
        if theirs.strip() not in names and ours in names and not theirs.startswith(CONSTANT)
    ]
    if own:
        told = f"{shown(own)}: read under their own names, for the mapped ones are not here."
        remarks.info("own-columns", told)
    return {ours: theirs for ours, theirs in mapping.items() if ours not in own}


def joined(frames: Sequence[Frame], files: Sequence[str], remarks: Remarks) -> Frame:
    """Put the records of several files one after another.

    Parameters
    ----------
    frames : sequence of DataFrame or GeoDataFrame
        With all columns of their contract, and in one CRS; at least one.
    files : sequence of str
        Their files, as the scenario names them.
    remarks : Remarks
        Of the layer as a whole: takes down ids that stand in more than one file.

    Returns
    -------
    DataFrame or GeoDataFrame
        RangeIndex, unless there is only one file: that is returned as it is.
    """
    if len(frames) == 1:
        return frames[0]
    key = CONTRACTS[remarks.layer].key
    of_file = [dict.fromkeys(frame[key].dropna()) for frame in frames]
    for (first, ids), (second, others) in combinations(zip(files, of_file, strict=True), 2):
        both = [name for name in ids if name in others]
        if both:
            remarks.problem(
                f"{key} is not unique over its files: the same ids stand in {first} and in"
                f" {second}.",
                "Rename the records in one of the two.",
                both,
            )
    return pd.concat(frames, ignore_index=True)


def ids_of_files(frames: Sequence[pd.DataFrame], layer: str) -> list[list[str]]:
    """List the ids that each file of a layer has."""
    key = CONTRACTS[layer].key
    return [frame[key].dropna().astype(str).tolist() for frame in frames]


def site_of_ids(ids: Mapping[str, list[list[str]]]) -> dict[str, dict[str, int]]:
    """Tell which site each zone and project is of, where several sites make one plan.

    Parameters
    ----------
    ids : mapping of str to list of list of str
        Ids of each file, by layer.

    Returns
    -------
    dict of str to dict of str to int
        For ``zones`` and ``projects``, the place of its file in the list; empty where the two
        are not of the same number of files, and of more than one.

    Examples
    --------
    >>> site_of_ids({"zones": [["A"], ["B"]], "projects": [["1", "2"], ["3"]]})
    {'zones': {'A': 0, 'B': 1}, 'projects': {'1': 0, '2': 0, '3': 1}}
    >>> site_of_ids({"zones": [["A"], ["B"]], "projects": [["1", "2"]]})
    {}
    """
    pair = ("zones", "projects")
    if len({len(ids.get(layer, [])) for layer in pair}) > 1 or len(ids.get(pair[0], [])) < 2:
        return {}
    return {
        layer: {name: place for place, names in enumerate(ids[layer]) for name in names}
        for layer in pair
    }
