"""The bundled programme's portfolio: applicants by sector, all of them generated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

HA = (0.4, 12.0)
SIGMA = 0.7
NOWHERE_NAMED = 0.03
REGIONS_NAMED = ((1, 0.55), (2, 0.30), (3, 0.15))
YEARS = ((2026, 0.28), (2027, 0.34), (2028, 0.24), (2029, 0.14))


@dataclass(frozen=True)
class Sector:
    """How a sector's applicants are: medians per application or hectare, all assumed."""

    name: str
    label: str
    use: str
    share: float
    median_ha: float
    bn_kzt_ha: float
    jobs_ha: float
    mw_ha: float
    water_m3d_ha: float
    gas_m3h_ha: float
    rail: float
    classes: tuple[tuple[int, float], ...]


SECTORS = (
    Sector("food", "Food", "production", 0.17, 1.5, 12, 45, 0.22, 28, 30, 0.0,
           ((5, 0.6), (4, 0.4))),
    Sector("light_industry", "Textiles", "production", 0.10, 1.1, 9, 60, 0.14, 9, 6, 0.0,
           ((5, 1),)),
    Sector("machinery", "Machinery", "production", 0.15, 2.2, 22, 40, 0.30, 7, 14, 0.12, ((4, 1),)),
    Sector("metalworking", "Metalworking", "production", 0.11, 2.4, 26, 30, 0.42, 9, 32, 0.20,
           ((3, 0.2), (4, 0.8))),
    Sector("construction_materials", "Building Materials", "production", 0.12, 2.6, 13, 25, 0.36,
           14, 70, 0.20, ((3, 0.2), (4, 0.8))),
    Sector("chemistry", "Chemistry", "production", 0.07, 2.4, 30, 20, 0.45, 24, 60, 0.25,
           ((2, 0.05), (3, 0.35), (4, 0.6))),
    Sector("pharma", "Pharma", "production", 0.05, 1.2, 30, 50, 0.28, 18, 10, 0.0, ((5, 1),)),
    Sector("electronics", "Electronics", "production", 0.06, 1.0, 32, 70, 0.32, 6, 3, 0.0,
           ((5, 1),)),
    Sector("warehouse", "Warehouses", "logistics", 0.10, 2.2, 7, 10, 0.07, 2, 2, 0.25, ((5, 1),)),
    Sector("cold_store", "Cold Stores", "logistics", 0.07, 1.6, 11, 16, 0.28, 5, 2, 0.10,
           ((4, 1),)),
)  # fmt: skip


def make_projects(
    count: int, regions: dict[str, float], total_bn_kzt: float, random: np.random.Generator
) -> pd.DataFrame:
    """Draw a portfolio.

    Parameters
    ----------
    count : int
    regions : dict of str to float
        How much each region draws.
    total_bn_kzt : float
        What all invest together, to the last million.
    random : numpy.random.Generator
    """
    shares = np.array([sector.share for sector in SECTORS])
    sector = random.choice(len(SECTORS), size=count, p=shares / shares.sum())
    rows = [_project(n, SECTORS[s], regions, random) for n, s in enumerate(sector, start=1)]
    table = pd.DataFrame(rows)
    weight = table["invest_bn_kzt"].to_numpy()
    exact = weight / weight.sum() * total_bn_kzt * 1_000
    millions = np.floor(exact).astype(int)
    short = round(total_bn_kzt * 1_000) - int(millions.sum())
    millions[np.argsort(millions - exact, kind="stable")[:short]] += 1
    return table.assign(invest_bn_kzt=millions / 1_000)


def _project(
    number: int, sector: Sector, regions: dict[str, float], random: np.random.Generator
) -> dict[str, object]:
    area_ha = round(float(np.clip(random.lognormal(np.log(sector.median_ha), SIGMA), *HA)), 2)
    scatter = random.lognormal(0, 0.35, size=4)
    water = area_ha * sector.water_m3d_ha * scatter[2]
    year = int(_drawn(YEARS, random))
    return {
        "project_id": f"KZP-{number:05d}",
        "name": f"Demo {sector.label} {number:05d} (generated)",
        "sector": sector.name,
        "use": sector.use,
        "area_ha": area_ha,
        "area_min_ha": round(area_ha * 0.88, 2),
        "area_max_ha": round(area_ha * 1.18, 2),
        "invest_bn_kzt": area_ha * sector.bn_kzt_ha * random.lognormal(0, 0.4),
        "jobs": int(np.ceil(area_ha * sector.jobs_ha * scatter[0])),
        "power_mw": round(area_ha * sector.mw_ha * scatter[1], 3),
        "water_m3d": round(water, 1),
        "wastewater_m3d": round(water * 0.8, 1),
        "gas_m3h": round(area_ha * sector.gas_m3h_ha * scatter[3], 1),
        "rail": bool(random.uniform() < sector.rail),
        "hazard_class": int(_drawn(sector.classes, random)),
        "start_year": year,
        "priority": int(random.integers(1, 4)),
        "status": str(random.choice(["application", "review", "reservation"], p=[0.6, 0.25, 0.15])),
        "regions": _regions(regions, random),
    }


def _drawn(shares: tuple[tuple[int, float], ...], random: np.random.Generator) -> int:
    values, weights = zip(*shares, strict=True)
    return int(random.choice(values, p=np.array(weights) / sum(weights)))


def _regions(regions: dict[str, float], random: np.random.Generator) -> str:
    if random.uniform() < NOWHERE_NAMED:
        return ""
    weight = np.array(list(regions.values()))
    many = min(_drawn(REGIONS_NAMED, random), len(regions))
    chosen = random.choice(len(regions), size=many, replace=False, p=weight / weight.sum())
    return ";".join(list(regions)[each] for each in chosen)
