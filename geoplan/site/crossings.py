"""Roads that end at what no street may cross: a bridge has to be said, it is not guessed."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from geoplan.site.findings import Finding

CUT_M = 1.0
"""A road that only grazes a bank is not cut."""


def cut_roads(roads: gpd.GeoDataFrame, exclusions: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Tell which existing roads are taken over in pieces.

    Parameters
    ----------
    roads : GeoDataFrame
        Centrelines in the working CRS.
    exclusions : GeoDataFrame
        ``exclusion_id, kind, crossable`` and polygons, buffers applied.

    Yields
    ------
    Finding
        One for each road and each exclusion across it.
    """
    barriers = exclusions[~exclusions["crossable"].astype(bool)]
    lines = np.asarray(roads.geometry.array, dtype=object)
    shapes = np.asarray(barriers.geometry.array, dtype=object)
    road, barrier = shapely.STRtree(shapes).query(lines, predicate="intersects")
    across = shapely.intersection(lines[road], shapes[barrier])
    cut = shapely.length(across) > CUT_M
    names, ids = barriers["exclusion_id"].to_numpy(), roads.iloc[:, 0].to_numpy()
    for line, shape, piece in zip(road[cut], barrier[cut], across[cut], strict=True):
        yield Finding(
            "warning",
            "road across exclusion",
            "roads",
            str(ids[line]),
            f"it crosses exclusion {names[shape]} over {piece.length:.0f} m, where no street may"
            " run: it is taken over without that piece, and what lies behind has no road.",
            "Where there is a bridge, give that part of the exclusion a record of its own with"
            " crossable = true; otherwise end the road at the bank.",
            piece,
        )
