"""The plain method, our own few lines: bisect a polygon by area, again and again.

QGIS plugins that divide polygons work like this: a straight cut is moved by root finding until
the area on one side is right. No streets, and a cut through concave land leaves several parts.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy.optimize import brentq

TOLERANCE_M = 1e-6


def divided(land: Any, areas_m2: Sequence[float]) -> list[Any]:
    """Cut land into parts of the given areas, which add up to its own.

    Examples
    --------
    >>> [part.area for part in divided(shapely.box(0, 0, 4, 1), [1.0, 3.0])]
    [1.0, 3.0]
    """
    if len(areas_m2) == 1:
        return [land]
    half = _balanced(areas_m2)
    one, other = _bisected(land, sum(areas_m2[:half]))
    return divided(one, areas_m2[:half]) + divided(other, areas_m2[half:])


def _balanced(areas_m2: Sequence[float]) -> int:
    """Where a list divides most evenly."""
    left = np.cumsum(areas_m2)[:-1]
    return int(np.argmin(np.abs(left - sum(areas_m2) / 2))) + 1


def _bisected(land: Any, area_m2: float) -> tuple[Any, Any]:
    """Cut across the longer side of land's box where `area_m2` lies left of the cut, or below."""
    x_min, y_min, x_max, y_max = shapely.bounds(land)
    wide = x_max - x_min >= y_max - y_min

    def side(at: float) -> Any:
        return (
            shapely.box(x_min, y_min, at, y_max) if wide else shapely.box(x_min, y_min, x_max, at)
        )

    low, high = (x_min, x_max) if wide else (y_min, y_max)
    at = brentq(lambda a: (land & side(a)).area - area_m2, low, high, xtol=TOLERANCE_M)
    return land & side(at), land - side(at)


def main(job_file: str, result_file: str) -> None:
    """Run one job and write what came out."""
    job = json.loads(Path(job_file).read_text())
    begun = time.perf_counter()
    land = shapely.from_wkt(job["zone"])
    if job["case"] == "equal":
        count = round(land.area / (job["plot_ha"] * 1e4))
        parts, asked = divided(land, [land.area / count] * count), [-1] * count
        rest: list[Any] = []
    else:
        areas_m2 = [area * 1e4 for area in job["areas_ha"]]
        *parts, left = divided(land, [*areas_m2, land.area - sum(areas_m2)])
        rest, asked = [left], list(range(len(areas_m2)))
    seconds = {"divide": time.perf_counter() - begun}
    result = {
        "plots": [shapely.to_wkb(part, hex=True) for part in parts],
        "asked": asked,
        "streets": [],
        "rest": [shapely.to_wkb(part, hex=True) for part in rest],
        "seconds": seconds,
    }
    Path(result_file).write_text(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
