"""Names of land across plans: what is the same is called the same, and no name is used anew."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoplan.plan import PlanLayers
from geoplan.rerun import Rerun
from geoplan.subdivide.coverage import holder
from geoplan.subdivide.keep import Recut
from geoplan.subdivide.plots import Subdivision
from geoplan.units import M2_PER_HA

SAME_HA = 1e-6
BENT_M = 1e-3
"""Outlines that are off by less along their whole length differ by rounding alone."""


def named_as_before(
    land: Subdivision, again: Rerun, cutting: Recut, *, precision_m: float
) -> Subdivision:
    """Give land the names that it had; what is new gets names that nothing has had before.

    Corners are written as the earlier plan writes them: noding leaves some of them a bit off.

    Parameters
    ----------
    land : Subdivision
        As cut.
    again : Rerun
    cutting : Recut
        What was to be cut.
    precision_m : float
        Cell of the grid that all corners lie on.
    """
    earlier, plots = again.earlier, again.standing.plots
    kind = land.land["kind"].to_numpy(dtype=object)
    row_of = pd.Index(land.land["land_id"]).get_indexer(land.plots["plot_id"])
    names = np.full(len(kind), "", dtype=object)
    whole = cutting.plot[land.plots["piece"].to_numpy()]
    names[row_of[whole >= 0]] = plots["plot_id"].to_numpy(dtype=object)[whole[whole >= 0]]
    for one in sorted(set(kind)):
        mine = np.flatnonzero((kind == one) & (names == ""))
        then = earlier.land[(earlier.land["kind"] == one) & ~earlier.land["land_id"].isin(names)]
        names[mine] = _same_land(land.land.iloc[mine], then)
    used = _names_ever(earlier)
    for row in np.flatnonzero(names == ""):
        names[row] = _unused(str(land.land["land_id"].iloc[row]), used)
        used.add(names[row])
    order = np.lexsort((names.astype(str), kind.astype(str)))
    place = np.argsort(np.argsort(order)[row_of], kind="stable")

    written = _Written(shapely.get_coordinates(earlier.land.geometry.array), precision_m)
    return replace(
        land,
        zones=written.frame(land.zones),
        land=land.land.assign(land_id=names).pipe(written.frame).iloc[order].reset_index(drop=True),
        plots=land.plots.assign(plot_id=names[row_of])
        .pipe(written.frame)
        .iloc[place]
        .reset_index(drop=True),
    )


class _Written:
    """Corners as an earlier plan writes them, by the cell of the grid that they lie on."""

    def __init__(self, xy_m: NDArray[np.float64], precision_m: float) -> None:
        self._precision_m = precision_m
        self._cells, first = np.unique(self._cells_of(xy_m), return_index=True)
        self._xy_m = xy_m[first]

    def frame(self, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Write the corners of a layer in the same way."""
        shapes = shapely.transform(layer.geometry.array, self._written)
        return layer.set_geometry(list(shapes), crs=layer.crs)

    def _written(self, xy_m: NDArray[np.float64]) -> NDArray[np.float64]:
        cells = self._cells_of(xy_m)
        place = np.minimum(np.searchsorted(self._cells, cells), len(self._cells) - 1)
        return np.where((self._cells[place] == cells)[:, None], self._xy_m[place], xy_m)

    def _cells_of(self, xy_m: NDArray[np.float64]) -> NDArray[np.complex128]:
        cells: NDArray[np.complex128] = np.rint(xy_m / self._precision_m) @ np.array([1, 1j])
        return cells


def retired_ids(again: Rerun, land: Subdivision) -> list[str]:
    """Names that land has had and has no more: nothing else is ever called by them."""
    return sorted(_names_ever(again.earlier) - set(land.land["land_id"]))


def _names_ever(plan: PlanLayers) -> set[str]:
    return set(plan.manifest.get("retired_ids", ())) | set(plan.land["land_id"])


def _same_land(now: gpd.GeoDataFrame, then: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Find the earlier name of each piece of land that is what it was, empty for others.

    The same land is the same within a millionth of a hectare, or within what corners that are
    put on a grid bend of its outline.
    """
    shapes, others = (np.asarray(f.geometry.array, dtype=object) for f in (now, then))
    names = np.full(len(shapes), "", dtype=object)
    row = holder(shapely.point_on_surface(shapes), others)
    found = np.flatnonzero(row >= 0)
    one, other = shapes[found], others[row[found]]
    off_m2 = shapely.area(shapely.symmetric_difference(one, other))
    same = off_m2 <= np.maximum(SAME_HA * M2_PER_HA, BENT_M * shapely.length(one))
    names[found[same]] = then["land_id"].to_numpy(dtype=object)[row[found[same]]]
    names[pd.Series(names).duplicated().to_numpy()] = ""
    return names


def _unused(name: str, used: set[str]) -> str:
    """Return a name, with a number behind it where it was used already.

    >>> _unused("P1-7212-7894", {"P1-7212-7894", "P1-7212-7894-2"})
    'P1-7212-7894-3'
    """
    number, candidate = 1, name
    while candidate in used:
        number += 1
        candidate = f"{name}-{number}"
    return candidate
