"""Make the logistics park's 100 applicants; every one of them is generated from a seed.

The totals lie within what the press reports (100 projects and more, 150 to 200 bn KZT). How
they spread is assumed: lognormal plot sizes by sector, intensities per hectare of each sector.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from generating import (
    PRIORITY_SHARES,
    Flags,
    Floats,
    apportion,
    draw_intensities,
    draw_status,
    portfolio,
    shuffled,
    typical,
    up_to,
    weighted_order,
)
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
    drawn = pd.DataFrame({"sector": shuffled(SECTORS, rng), "use": "logistics"})
    drawn["area_ha"] = draw_areas(drawn, rng)
    drawn["rail"] = drawn_flags(drawn, "rail", rng, total_ha=RAIL_HA, count=RAIL_PROJECTS)
    # Whom heavy goods vehicles come to has a yard for them to turn on.
    yards = drawn["area_ha"].to_numpy() >= HEAVY_LEAST_HA
    drawn["heavy"] = drawn_flags(
        drawn, "heavy", rng, total_ha=HEAVY_HA, count=HEAVY_PROJECTS, among=yards
    )
    drawn["hazard_class"] = draw_hazard_classes(drawn, rng)
    drawn["start_year"] = draw_start_years(drawn, zones, rng)
    drawn["status"] = draw_status(drawn, STATUS, rng)
    drawn["priority"] = rng.choice(4, size=len(drawn), p=PRIORITY_SHARES)
    intensities = draw_intensities(
        drawn,
        SECTORS,
        rng,
        order=("invest_bn_kzt", "water_m3d", "jobs", "power_mw", "gas_m3h"),
        invest_bn_kzt=INVEST_BN_KZT,
    )
    return portfolio(
        drawn,
        intensities,
        prefix="LP",
        names=NAMES,
        smallest_ha=SMALLEST_HA,
        tail=["rail", "heavy", "hazard_class", "start_year", "priority", "status"],
    )


def draw_areas(drawn: pd.DataFrame, rng: np.random.Generator) -> Floats:
    """Draw lognormal areas in hectares that sum to the park's."""
    area = typical(drawn, SECTORS, "median_ha") * np.exp(SIGMA * rng.standard_normal(len(drawn)))
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
    order = weighted_order(np.where(among, typical(drawn, SECTORS, field).astype(float), 0.0), rng)
    flags[up_to(drawn["area_ha"].to_numpy(), order, total_ha=total_ha, count=count)] = True
    return flags


def draw_hazard_classes(drawn: pd.DataFrame, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw a few of class 3 among those who handle fuel, and classes 4 and 5."""
    milder = rng.random(len(drawn)) >= typical(drawn, SECTORS, "class_4_share")
    third = drawn_flags(drawn, "class_3", rng, total_ha=CLASS_3_HA, count=4)
    return np.where(third, 3, np.where(milder, 5, 4))
