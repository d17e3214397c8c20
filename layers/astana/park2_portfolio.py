"""Make the bundled park's 150 applicants; every one of them is generated from a seed.

The totals are the ones that the press reports for the park. How they spread is assumed:
lognormal plot sizes by sector (sigma 0.85), intensities per hectare of each sector.
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

SEED = 20_260_400
AREA_HA = {"production": 211.5, "logistics": 36.5}
INVEST_BN_KZT = 500.0
JOBS = 8_000
SIGMA = 0.85
SMALLEST_HA, LARGEST_HA = 0.30, 10.9
RAIL_HA = {"production": 26.0, "logistics": 13.0}
CLASS_3_PROJECTS = 24
CLASS_3_HA = 46.0
SENSITIVE = ("food", "pharma_medical")
DEMANDS = ("power_mw", "water_m3d", "wastewater_m3d", "gas_m3h")
# Cumulative share of the area that has started by the end of each year.
PACE = {2026: 0.22, 2027: 0.42, 2028: 0.60, 2029: 0.765, 2030: 1.0}
# Share of a zone that becomes plots, and the part of it that early starters may ask for.
NET_SHARE, EARLY_SHARE = 0.8, 0.75
STATUS = {"operation": 4, "construction": 11, "contract": 19, "reservation": 30, "review": 33}


class Sector(NamedTuple):
    """What is typical of a sector; ``*_ha`` columns after the median are per hectare.

    ``heavy`` weighs the draw of hazard class 3, ``rail`` the draw of a siding.
    """

    projects: int
    use: str
    median_ha: float
    invest_bn_kzt: float
    jobs: float
    power_mw: float
    water_m3d: float
    gas_m3h: float
    class_4_share: float
    heavy: float
    rail: float


SECTORS = {
    "construction_materials": Sector(28, "production", 1.5, 1.3, 25, 0.25, 15, 60, 0.65, 3, 3),
    "food": Sector(22, "production", 1.2, 2.0, 40, 0.20, 50, 40, 0.40, 0, 0),
    "machine_building": Sector(20, "production", 1.6, 2.2, 40, 0.30, 12, 20, 0.55, 1, 3),
    "metal_products": Sector(14, "production", 1.3, 2.0, 35, 0.50, 15, 45, 0.75, 3, 2),
    "chemicals_plastics": Sector(13, "production", 1.1, 2.5, 25, 0.30, 25, 50, 0.75, 4, 2),
    "wood_furniture": Sector(8, "production", 0.8, 1.2, 35, 0.15, 8, 12, 0.50, 0, 0),
    "light_industry": Sector(8, "production", 0.6, 1.5, 90, 0.12, 15, 8, 0.30, 0, 0),
    "electronics_electrical": Sector(8, "production", 0.8, 3.5, 70, 0.25, 10, 5, 0.20, 0, 0),
    "pharma_medical": Sector(7, "production", 0.9, 4.5, 50, 0.25, 25, 15, 0.40, 0, 0),
    "warehouse": Sector(10, "logistics", 1.2, 1.6, 15, 0.08, 3, 4, 0.20, 0, 2),
    "cold_store": Sector(5, "logistics", 1.0, 2.4, 20, 0.30, 10, 4, 0.30, 0, 1),
    "materials_depot": Sector(4, "logistics", 0.9, 0.8, 10, 0.05, 2, 2, 0.60, 0, 2),
    "container_terminal": Sector(3, "logistics", 1.6, 1.0, 8, 0.10, 3, 2, 0.60, 0, 4),
}  # fmt: skip

# Every name is followed by a number and the word "generated".
NAMES = {
    "construction_materials": ("Demo Building Materials", "Сарыарқа Құрылыс"),
    "food": ("Demo Foods", "Дала Тағам"),
    "machine_building": ("Demo Machines", "Есіл Машина"),
    "metal_products": ("Demo Metalworks", "Темір Бұйым"),
    "chemicals_plastics": ("Demo Polymers", "Көкше Химия"),
    "wood_furniture": ("Demo Timber", "Қайың Жиһаз"),
    "light_industry": ("Demo Textiles", "Мақта Тоқыма"),
    "electronics_electrical": ("Demo Electrics", "Жарық Электроника"),
    "pharma_medical": ("Demo Pharma", "Шипа Фарм"),
    "warehouse": ("Demo Warehouses", "Астана Қойма"),
    "cold_store": ("Demo Cold Stores", "Аяз Қойма"),
    "materials_depot": ("Demo Depots", "Құрылыс Базасы"),
    "container_terminal": ("Demo Containers", "Құрлық Контейнер"),
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
    drawn = pd.DataFrame({"sector": shuffled(SECTORS, rng)})
    drawn["use"] = typical(drawn, SECTORS, "use")
    drawn["area_ha"] = draw_areas(drawn, rng)
    drawn["hazard_class"] = draw_hazard_classes(drawn, rng)
    drawn["rail"] = draw_rail(drawn, rng)
    drawn["start_year"] = draw_start_years(drawn, zones, rng)
    drawn["status"] = draw_status(drawn, STATUS, rng)
    drawn["priority"] = rng.choice(4, size=len(drawn), p=PRIORITY_SHARES)
    intensities = draw_intensities(
        drawn,
        SECTORS,
        rng,
        order=("invest_bn_kzt", "jobs", "water_m3d", "power_mw", "gas_m3h"),
        invest_bn_kzt=INVEST_BN_KZT,
        jobs=JOBS,
    )
    return portfolio(
        drawn,
        intensities,
        prefix="IP2",
        names=NAMES,
        smallest_ha=SMALLEST_HA,
        tail=["rail", "hazard_class", "start_year", "priority", "status"],
    )


def draw_areas(drawn: pd.DataFrame, rng: np.random.Generator) -> Floats:
    """Draw lognormal areas in hectares that sum to each use's total."""
    area = typical(drawn, SECTORS, "median_ha") * np.exp(SIGMA * rng.standard_normal(len(drawn)))
    for use, total_ha in AREA_HA.items():
        rows = (drawn["use"] == use).to_numpy()
        # Clipping moves the sum and scaling moves the bounds, so both are repeated.
        for _ in range(200):
            area[rows] = np.clip(area[rows] * total_ha / area[rows].sum(), SMALLEST_HA, LARGEST_HA)
        area[rows] = apportion(area[rows], total=total_ha, decimals=2)
    return area


def draw_hazard_classes(drawn: pd.DataFrame, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw two chemical plants of class 2, a quota of class 3, and classes 4 and 5."""
    milder = rng.random(len(drawn)) >= typical(drawn, SECTORS, "class_4_share")
    hazard = np.where(milder, 5, 4)
    heavy = typical(drawn, SECTORS, "heavy").astype(float)
    third = up_to(
        drawn["area_ha"].to_numpy(),
        weighted_order(heavy, rng),
        total_ha=CLASS_3_HA,
        count=CLASS_3_PROJECTS,
    )
    hazard[third] = 3
    chemical = np.flatnonzero((drawn["sector"] == "chemicals_plastics").to_numpy() & (hazard == 3))
    hazard[chemical[:2]] = 2
    return hazard


def draw_rail(drawn: pd.DataFrame, rng: np.random.Generator) -> Flags:
    """Draw who needs the siding, up to a total area for each use."""
    rail = np.zeros(len(drawn), dtype=bool)
    weight = typical(drawn, SECTORS, "rail").astype(float)
    for use, total_ha in RAIL_HA.items():
        order = weighted_order(np.where(drawn["use"] == use, weight, 0.0), rng)
        rail[up_to(drawn["area_ha"].to_numpy(), order, total_ha=total_ha, count=len(drawn))] = True
    return rail


def eligible(projects: pd.DataFrame, zones: pd.DataFrame) -> Flags:
    """Say which project may stand in which zone, by use, hazard and siding (rows x zones)."""
    use = projects["use"].to_numpy()[:, None] == zones["use"].to_numpy()
    hazard = projects["hazard_class"].to_numpy()[:, None] >= zones["hazard_max"].to_numpy()
    rail = ~projects["rail"].to_numpy()[:, None] | (zones["siding_ha"].to_numpy() > 0)
    # Food and pharma plants go where plants of classes 1 to 3 do not.
    sensitive = projects["sector"].isin(SENSITIVE).to_numpy()[:, None]
    apart = ~sensitive | (zones["hazard_max"].to_numpy() > 3)
    return np.asarray(use & hazard & rail & apart)


def draw_start_years(
    drawn: pd.DataFrame, zones: pd.DataFrame, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw years so that what starts by a year fits the zones open by then.

    Projects that may stand in the same zones form a group; a group, and all those whose zones
    lie within its zones, ask for at most :data:`EARLY_SHARE` of the net land in them.
    """
    may = eligible(drawn, zones)
    area = drawn["area_ha"].to_numpy()
    groups = np.unique(may, axis=0)
    inside = np.array([~(may & ~group).any(axis=1) for group in groups])
    everyone = np.ones((1, len(drawn)), dtype=bool)
    members = np.vstack([inside, inside & drawn["rail"].to_numpy(), everyone])
    *early, last = sorted(PACE)
    years = np.full(len(drawn), last)
    for year in early:
        share = NET_SHARE * EARLY_SHARE * (zones["year"] <= year).to_numpy()
        open_ha = zones[["area_ha", "siding_ha"]].to_numpy() * share[:, None]
        pace_ha = min(PACE[year] * area.sum(), open_ha[:, 0].sum())
        limits = np.array([*(groups @ open_ha).T.ravel(), pace_ha])
        used = members @ np.where(years <= year, area, 0.0)
        for row in rng.permutation(len(drawn)):
            wanted = used + members[:, row] * area[row]
            if years[row] == last and (wanted <= limits)[members[:, row]].all():
                years[row], used = year, wanted
    return years


def expected_demand(projects: pd.DataFrame, zones: pd.DataFrame) -> pd.DataFrame:
    """Spread the projects over the zones they may stand in, filling all zones alike.

    Returns
    -------
    DataFrame
        Index ``zone_id``, one column for each of :data:`DEMANDS`, in its own unit.
    """
    may = eligible(projects, zones)
    area = projects["area_ha"].to_numpy()
    weight = zones["area_ha"].to_numpy()
    for _ in range(100):
        shares = may * weight / (may @ weight)[:, None]
        weight = weight * zones["area_ha"].to_numpy() / (area @ shares)
    demand = shares.T @ projects[list(DEMANDS)].to_numpy()
    return pd.DataFrame(demand, index=zones.index, columns=pd.Index(DEMANDS))
