"""What the scripts of all bundled parks share: draws that add up, zones, files to read in diffs."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Points: TypeAlias = list[tuple[float, float]]
Zones: TypeAlias = Mapping[str, tuple[str, str, str, int, int]]
"""Zone id: names of its corners, use, name, hazard_max, available_year."""

STATUS_ELSE = "application"
PRIORITY_SHARES = (0.5, 0.28, 0.16, 0.06)
SPREADS = {
    "invest_bn_kzt": 0.55,
    "jobs": 0.35,
    "power_mw": 0.5,
    "water_m3d": 0.5,
    "gas_m3h": 0.4,
}
"""Of the lognormal chance in what a hectare of a sector invests, employs and draws."""


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


def typical(drawn: pd.DataFrame, sectors: Mapping[str, Any], field: str) -> npt.NDArray[Any]:
    """Return the value of `field` that each project's sector has."""
    return np.array([getattr(sectors[sector], field) for sector in drawn["sector"]])


def shuffled(sectors: Mapping[str, Any], rng: np.random.Generator) -> npt.NDArray[Any]:
    """Name each project's sector, in a random order of the projects."""
    return rng.permutation(np.repeat(list(sectors), [each.projects for each in sectors.values()]))


def draw_status(
    drawn: pd.DataFrame, status: Mapping[str, int], rng: np.random.Generator
) -> npt.NDArray[Any]:
    """Give the most advanced status to those who start first, with some chance in it."""
    first = np.argsort(drawn["start_year"] + 2.5 * rng.random(len(drawn)), kind="stable")
    given = np.full(len(drawn), STATUS_ELSE, dtype=object)
    ranked = np.repeat(list(status), list(status.values()))
    given[first[: len(ranked)]] = ranked
    return given


def draw_intensities(
    drawn: pd.DataFrame,
    sectors: Mapping[str, Any],
    rng: np.random.Generator,
    *,
    order: Sequence[str],
    invest_bn_kzt: float,
    jobs: int | None = None,
) -> pd.DataFrame:
    """Draw investment, jobs and demands from each sector's intensity per hectare.

    Parameters
    ----------
    drawn : DataFrame
        ``sector, area_ha``.
    sectors : mapping
        What is typical of each, by the names of :data:`SPREADS`.
    rng : Generator
    order : sequence of str
        Names of :data:`SPREADS` in the order in which chance is drawn.
    invest_bn_kzt : float
        The whole portfolio's investment.
    jobs : int, optional
        The whole portfolio's jobs; what comes, where nothing is said.
    """
    area = drawn["area_ha"].to_numpy()
    drew: dict[str, Floats] = {}
    for field in order:
        chance = np.exp(SPREADS[field] * rng.standard_normal(len(drawn)))
        drew[field] = typical(drawn, sectors, field).astype(float) * area * chance
    # Investment grows less than land does: large plots hold more yards and fewer buildings.
    invest = drew["invest_bn_kzt"] * area**-0.1
    posts = np.maximum(drew["jobs"], 3.0)
    posts = posts.round() if jobs is None else apportion(posts, total=jobs, decimals=0)
    water = drew["water_m3d"].round(1)
    return pd.DataFrame(
        {
            "invest_bn_kzt": apportion(invest, total=invest_bn_kzt, decimals=3),
            "jobs": posts.astype(int),
            "power_mw": drew["power_mw"].round(3),
            "water_m3d": water,
            "wastewater_m3d": (0.8 * water).round(1),
            "gas_m3h": drew["gas_m3h"].round(1),
        }
    )


def portfolio(
    drawn: pd.DataFrame,
    intensities: pd.DataFrame,
    *,
    prefix: str,
    names: Mapping[str, tuple[str, str]],
    smallest_ha: float,
    tail: Sequence[str],
) -> pd.DataFrame:
    """Put a portfolio together: ids, names, areas with their limits, intensities, the rest."""
    number = drawn.groupby("sector").cumcount()
    area_ha = drawn["area_ha"]
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "project_id": [f"{prefix}-{row:03d}" for row in range(1, len(drawn) + 1)],
                    "name": [
                        f"{names[sector][n % 2]} {n + 1:02d} (generated)"
                        for sector, n in zip(drawn["sector"], number, strict=True)
                    ],
                }
            ),
            drawn[["sector", "use", "area_ha"]],
            pd.DataFrame(
                {
                    "area_min_ha": np.maximum(smallest_ha, (area_ha * 0.85).round(2)),
                    "area_max_ha": (area_ha * 1.2).round(2),
                }
            ),
            intensities,
            drawn[[*tail]],
        ],
        axis="columns",
    )


def local_rings(zones: Zones, corners: Mapping[str, tuple[float, float]]) -> dict[str, Points]:
    """Return the corners of each zone in the local frame, in metres."""
    return {
        zone: [corners[corner] for corner in names.split()] for zone, (names, *_) in zones.items()
    }


def zone_features(zones: Zones, placed: Mapping[str, Points]) -> list[dict[str, object]]:
    """Make zones whose rings are given in longitude and latitude."""
    return [
        feature(
            shapely.Polygon(placed[zone]),
            zone_id=zone,
            use=use,
            name=name,
            hazard_max=hazard_max,
            available_year=year,
        )
        for zone, (_, use, name, hazard_max, year) in zones.items()
    ]


def zone_table(
    zones: Zones,
    rings: Mapping[str, Points],
    reach: BaseGeometry,
    *,
    uses: Collection[str],
    ha_per_m2: float,
) -> pd.DataFrame:
    """Describe the plotted zones for a portfolio.

    Parameters
    ----------
    zones : mapping
    rings : mapping
        Of each zone, in the local frame.
    reach : Polygon
        What lies near enough to the siding, in the same frame.
    uses : collection of str
        Uses that are plotted.
    ha_per_m2 : float
        Hectares that a square metre of the local frame stands for.

    Returns
    -------
    DataFrame
        Index ``zone_id``; ``use, hazard_max, year, area_ha`` and ``siding_ha``, the part of the
        area that lies within reach of the siding.
    """
    rows = {
        zone: {
            "use": use,
            "hazard_max": hazard_max,
            "year": year,
            "area_ha": shapely.Polygon(rings[zone]).area * ha_per_m2,
            "siding_ha": shapely.Polygon(rings[zone]).intersection(reach).area * ha_per_m2,
        }
        for zone, (_, use, _, hazard_max, year) in zones.items()
        if use in uses
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def served(zones: Sequence[str], placed: Mapping[str, Points]) -> BaseGeometry:
    """Join the zones that a utility serves."""
    polygons = [shapely.Polygon(placed[zone]) for zone in zones]
    return shapely.normalize(shapely.coverage_union_all(polygons))


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
