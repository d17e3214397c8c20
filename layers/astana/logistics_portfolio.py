"""Make the logistics park's 100 applicants; every one of them is generated from a seed.

The totals lie within what the press reports (100 projects and more, 150 to 200 bn KZT). How
they spread is assumed: lognormal plot sizes by sector, intensities per hectare of each sector.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from generating import Flags, Floats, apportion, up_to, weighted_order
from park2_portfolio import draw_start_years

SEED = 20_261_200
AREA_HA = 120.0
INVEST_BN_KZT = 175.0
SIGMA = 0.80
SMALLEST_HA, LARGEST_HA = 0.35, 7.5
RAIL_HA, RAIL_PROJECTS = 24.0, 18
HEAVY_HA, HEAVY_PROJECTS, HEAVY_LEAST_HA = 30.0, 22, 1.0
CLASS_3_HA = 6.0
STATUS = {"operation": 2, "construction": 6, "contract": 12, "reservation": 20, "review": 25}
STATUS_ELSE = "application"
DEMANDS = ("power_mw", "water_m3d", "wastewater_m3d", "gas_m3h")


class Sector(NamedTuple):
    """What is typical of a sector; ``*_ha`` columns after the median are per hectare.

    ``rail``, ``heavy`` and ``class_3`` weigh the draws of a siding, of heavy goods vehicles at
    the door and of hazard class 3 (fuel and batteries).
    """

    projects: int
    median_ha: float
    invest_bn_kzt: float
    jobs: float
    power_mw: float
    water_m3d: float
    gas_m3h: float
    class_4_share: float
    rail: float
    heavy: float
    class_3: float


SECTORS = {
    "warehouse_a_b": Sector(34, 1.2, 1.6, 15, 0.08, 3, 4, 0.20, 2, 1, 0),
    "3pl_fulfilment": Sector(16, 1.4, 1.9, 30, 0.10, 4, 4, 0.10, 1, 0, 0),
    "cold_store": Sector(12, 1.0, 2.4, 20, 0.30, 10, 4, 0.30, 1, 1, 0),
    "container_yard": Sector(7, 2.2, 1.0, 8, 0.10, 3, 1, 0.60, 6, 6, 0),
    "truck_service": Sector(12, 1.1, 0.7, 12, 0.05, 5, 2, 0.60, 0, 5, 1),
    "customs": Sector(5, 0.6, 2.0, 40, 0.10, 4, 2, 0.0, 0, 2, 0),
    "vehicle_storage": Sector(14, 1.1, 0.5, 6, 0.04, 2, 1, 0.50, 2, 2, 0),
}

# Every name is followed by a number and the word "generated".
NAMES = {
    "warehouse_a_b": ("Demo Warehouses South", "Сарыарқа Қойма"),
    "3pl_fulfilment": ("Demo Fulfilment", "Жеткізу Орталығы"),
    "cold_store": ("Demo Cold Chain", "Қыс Қойма"),
    "container_yard": ("Demo Container Yard", "Дала Контейнер"),
    "truck_service": ("Demo Truck Service", "Жол Сервис"),
    "customs": ("Demo Customs Broker", "Кеден Қызметі"),
    "vehicle_storage": ("Demo Vehicle Park", "Көлік Тұрағы"),
}


def make_projects(zones: pd.DataFrame) -> pd.DataFrame:
    """Draw the portfolio.

    Parameters
    ----------
    zones : DataFrame
        The plotted zones: index ``zone_id``; ``use, hazard_max, year, area_ha, siding_ha``.

    Returns
    -------
    DataFrame
        One row a project, the contract's columns in the order of the file.
    """
    rng = np.random.default_rng(SEED)
    names = np.repeat(list(SECTORS), [sector.projects for sector in SECTORS.values()])
    drawn = pd.DataFrame({"sector": rng.permutation(names), "use": "logistics"})
    drawn["area_ha"] = draw_areas(drawn, rng)
    drawn["rail"] = drawn_flags(drawn, "rail", rng, total_ha=RAIL_HA, count=RAIL_PROJECTS)
    # Whom heavy goods vehicles come to has a yard for them to turn on.
    yards = drawn["area_ha"].to_numpy() >= HEAVY_LEAST_HA
    drawn["heavy"] = drawn_flags(
        drawn, "heavy", rng, total_ha=HEAVY_HA, count=HEAVY_PROJECTS, among=yards
    )
    drawn["hazard_class"] = draw_hazard_classes(drawn, rng)
    drawn["start_year"] = draw_start_years(drawn, zones, rng)
    drawn["status"] = draw_status(drawn, rng)
    drawn["priority"] = rng.choice(4, size=len(drawn), p=[0.5, 0.28, 0.16, 0.06])
    intensities = draw_intensities(drawn, rng)
    number = drawn.groupby("sector").cumcount()
    named = {
        "project_id": [f"LP-{row:03d}" for row in range(1, len(drawn) + 1)],
        "name": [
            f"{NAMES[sector][n % 2]} {n + 1:02d} (generated)"
            for sector, n in zip(drawn["sector"], number, strict=True)
        ],
    }
    limits = {
        "area_min_ha": np.maximum(SMALLEST_HA, (drawn["area_ha"] * 0.85).round(2)),
        "area_max_ha": (drawn["area_ha"] * 1.2).round(2),
    }
    tail = ["rail", "heavy", "hazard_class", "start_year", "priority", "status"]
    return pd.concat(
        [
            pd.DataFrame(named),
            drawn[["sector", "use", "area_ha"]],
            pd.DataFrame(limits),
            intensities,
            drawn[tail],
        ],
        axis="columns",
    )


def typical(drawn: pd.DataFrame, field: str) -> npt.NDArray[Any]:
    """Return each project's sector value of `field`."""
    return np.array([getattr(SECTORS[sector], field) for sector in drawn["sector"]])


def draw_areas(drawn: pd.DataFrame, rng: np.random.Generator) -> Floats:
    """Draw lognormal areas in hectares that sum to the park's."""
    area = typical(drawn, "median_ha") * np.exp(SIGMA * rng.standard_normal(len(drawn)))
    # Clipping moves the sum and scaling moves the bounds, so both are repeated.
    for _ in range(200):
        area = np.clip(area * AREA_HA / area.sum(), SMALLEST_HA, LARGEST_HA)
    return apportion(area, total=AREA_HA, decimals=2)


def drawn_flags(
    drawn: pd.DataFrame,
    field: str,
    rng: np.random.Generator,
    *,
    total_ha: float,
    count: int,
    among: Flags | bool = True,
) -> Flags:
    """Draw who needs something, by the sectors' weights, up to a total area and a number."""
    flags = np.zeros(len(drawn), dtype=bool)
    order = weighted_order(np.where(among, typical(drawn, field).astype(float), 0.0), rng)
    flags[up_to(drawn["area_ha"].to_numpy(), order, total_ha=total_ha, count=count)] = True
    return flags


def draw_hazard_classes(drawn: pd.DataFrame, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw a few of class 3 among those who handle fuel, and classes 4 and 5."""
    milder = rng.random(len(drawn)) >= typical(drawn, "class_4_share")
    third = drawn_flags(drawn, "class_3", rng, total_ha=CLASS_3_HA, count=4)
    return np.where(third, 3, np.where(milder, 5, 4))


def draw_status(drawn: pd.DataFrame, rng: np.random.Generator) -> npt.NDArray[Any]:
    """Give the most advanced status to those who start first, with some chance in it."""
    first = np.argsort(drawn["start_year"] + 2.5 * rng.random(len(drawn)), kind="stable")
    status = np.full(len(drawn), STATUS_ELSE, dtype=object)
    ranked = np.repeat(list(STATUS), list(STATUS.values()))
    status[first[: len(ranked)]] = ranked
    return status


def draw_intensities(drawn: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draw investment, jobs and demands from each sector's intensity per hectare."""
    area = drawn["area_ha"].to_numpy()

    def draw(field: str, spread: float) -> Floats:
        chance = np.exp(spread * rng.standard_normal(len(drawn)))
        return np.asarray(typical(drawn, field).astype(float) * area * chance)

    # Investment grows less than land does: large plots hold more yards and fewer halls.
    invest = draw("invest_bn_kzt", 0.55) * area**-0.1
    water = draw("water_m3d", 0.5).round(1)
    return pd.DataFrame(
        {
            "invest_bn_kzt": apportion(invest, total=INVEST_BN_KZT, decimals=3),
            "jobs": np.maximum(draw("jobs", 0.35), 3.0).round().astype(int),
            "power_mw": draw("power_mw", 0.5).round(3),
            "water_m3d": water,
            "wastewater_m3d": (0.8 * water).round(1),
            "gas_m3h": draw("gas_m3h", 0.4).round(1),
        }
    )
