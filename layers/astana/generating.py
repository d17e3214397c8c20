"""What the scripts of all bundled parks share: draws that add up, and files to be read in diffs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]


def apportion(values: Floats, *, total: float, decimals: int) -> Floats:
    """Scale and round `values` so that they sum to `total` (largest remainders round up)."""
    units = values * (total / values.sum()) * 10**decimals
    whole = np.floor(units + 1e-9)
    missing = round(total * 10**decimals - whole.sum())
    whole[np.argsort(whole - units, kind="stable")[:missing]] += 1
    return np.asarray(np.round(whole / 10**decimals, decimals))


def weighted_order(weight: Floats, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Return the rows of positive weight in a random order, the heavier the likelier first."""
    waiting = rng.exponential(size=len(weight)) / np.where(weight > 0, weight, np.nan)
    return np.argsort(waiting, kind="stable")[: int((weight > 0).sum())]


def up_to(
    area_ha: Floats, order: npt.NDArray[np.intp], *, total_ha: float, count: int
) -> list[int]:
    """Take rows in `order` while they fit under `total_ha` and there are fewer than `count`."""
    taken: list[int] = []
    left_ha = total_ha
    for row in order:
        if len(taken) < count and area_ha[row] <= left_ha:
            taken.append(int(row))
            left_ha -= area_ha[row]
    return taken


def feature(shape: BaseGeometry, **properties: object) -> dict[str, object]:
    """Return a GeoJSON feature; polygons run counter-clockwise, as RFC 7946 asks."""
    geometry = shapely.geometry.mapping(shapely.orient_polygons(shape))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def write_layer(path: Path, features: Sequence[Mapping[str, object]]) -> None:
    """Write GeoJSON with one feature a line, so that a diff can be read."""
    lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in features)
    text = f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")


def write_projects(path: Path, projects: pd.DataFrame) -> None:
    """Write the portfolio as CSV."""
    flags = projects.select_dtypes("bool").replace({True: "true", False: "false"})
    text = projects.assign(**flags).to_csv(index=False, lineterminator="\n")
    path.write_text(text, encoding="utf-8", newline="\n")
